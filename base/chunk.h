/* Long texts, sealed in pieces: each on its own (seal.h), bound to what the text is, to its place,
 * and the last one to their number. So a piece that is missing, doubled, moved, or of another text
 * is noticed, and so is an end that came too early. Compare RFC 8188 and the STREAM construction
 * (Hoang, Reyhanitabar, Rogaway, Vizár 2015). */
#ifndef EB_CHUNK_H
#define EB_CHUNK_H

#include "seal.h"

#define EB_CHUNK_LEN        (64 * 1024) /* plain bytes of every piece but the last */
#define EB_CHUNK_SEALED_LEN (EB_CHUNK_LEN + EB_SEAL_OVERHEAD)
#define EB_CHUNK_BOUND_MAX  1024

typedef struct eb_chunks_t {
    const eb_keyring_t *ring; /* for its algorithms */
    unsigned char key[EB_KEY_LEN];
    const void *bound; /* what the text is: goes into the associated data */
    apr_size_t bound_len;
} eb_chunks_t;

/* The pieces of a text of `len` bytes; at least one, which may be empty. */
apr_uint32_t eb_chunk_count(apr_uint64_t len);
/* out has len + EB_SEAL_OVERHEAD bytes. `last` is said of exactly one piece, the one with the
 * highest index; only it may be shorter than EB_CHUNK_LEN. APR_EINVAL: a length that cannot be. */
apr_status_t eb_chunk_seal(unsigned char *out, const eb_chunks_t *chunks, apr_uint32_t index,
                           bool last, const void *in, apr_size_t len);
/* out has len - EB_SEAL_OVERHEAD bytes. APR_EGENERAL: not this piece. */
apr_status_t eb_chunk_open(unsigned char *out, const eb_chunks_t *chunks, apr_uint32_t index,
                           bool last, const void *in, apr_size_t len);

#endif
