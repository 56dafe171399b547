/* The associated data of a piece is what the text is, the piece's index, and for the last piece
 * the number of all of them (0 for the others: it is not known while a text streams in). */
#include "chunk.h"

#include <apr_errno.h>
#include <string.h>

typedef struct aad_t {
    unsigned char bytes[EB_CHUNK_BOUND_MAX + 8];
    apr_size_t len;
} aad_t;

static void put_u32(unsigned char *at, apr_uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static apr_status_t associate(aad_t *aad, const eb_chunks_t *chunks, apr_uint32_t index, bool last,
                              apr_size_t plain_len)
{
    if (chunks->bound_len > EB_CHUNK_BOUND_MAX || plain_len > EB_CHUNK_LEN ||
        (!last && plain_len < EB_CHUNK_LEN) || index == APR_UINT32_MAX)
        return APR_EINVAL;
    if (chunks->bound_len)
        memcpy(aad->bytes, chunks->bound, chunks->bound_len);
    put_u32(aad->bytes + chunks->bound_len, index);
    put_u32(aad->bytes + chunks->bound_len + 4, last ? index + 1 : 0);
    aad->len = chunks->bound_len + 8;
    return APR_SUCCESS;
}

apr_uint32_t eb_chunk_count(apr_uint64_t len)
{
    return len ? (apr_uint32_t)((len + EB_CHUNK_LEN - 1) / EB_CHUNK_LEN) : 1;
}

apr_status_t eb_chunk_seal(unsigned char *out, const eb_chunks_t *chunks, apr_uint32_t index,
                           bool last, const void *in, apr_size_t len)
{
    aad_t aad;
    apr_status_t rv = associate(&aad, chunks, index, last, len);

    return rv ? rv : eb_seal(out, chunks->ring, chunks->key, aad.bytes, aad.len, in, len);
}

apr_status_t eb_chunk_open(unsigned char *out, const eb_chunks_t *chunks, apr_uint32_t index,
                           bool last, const void *in, apr_size_t len)
{
    aad_t aad;

    if (len < EB_SEAL_OVERHEAD)
        return APR_EGENERAL;
    if (associate(&aad, chunks, index, last, len - EB_SEAL_OVERHEAD))
        return APR_EGENERAL;
    return eb_unseal(out, chunks->ring, chunks->key, aad.bytes, aad.len, in, len);
}
