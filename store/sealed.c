/* A piece goes out when the next byte comes, for only then is it known not to be the last; so the
 * last one is empty only in an empty package. On the way back one opened piece is kept: whoever
 * reads on, however little at a time, opens each once. */
#include "sealed.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

#define PURPOSE   "outbox"
#define BOUND_LEN 32 /* SHA-256 */

static apr_status_t wipe_key(void *data)
{
    eb_chunks_t *key = data;
    eb_wipe(key->key, sizeof key->key);
    return APR_SUCCESS;
}

apr_status_t eb_sealed_key(const eb_chunks_t **key, const eb_keyring_t *ring, apr_uint32_t key_id,
                           const void *head, apr_size_t head_len, apr_pool_t *pool)
{
    eb_chunks_t *made = apr_palloc(pool, sizeof *made);
    unsigned char *bound = apr_palloc(pool, BOUND_LEN);

    eb_sha256(bound, ring, head, head_len);
    made->ring = ring;
    made->bound = bound;
    made->bound_len = BOUND_LEN;
    apr_pool_cleanup_register(pool, made, wipe_key, apr_pool_cleanup_null);
    *key = made;
    return eb_key_derive(made->key, ring, key_id, PURPOSE, bound, BOUND_LEN);
}

typedef struct cutter_t {
    eb_sink_t sink;
    const eb_chunks_t *key;
    eb_piece_keep_t keep;
    void *where;
    apr_uint32_t index;
    apr_size_t len; /* in `plain` */
    unsigned char plain[EB_CHUNK_LEN], sealed[EB_CHUNK_SEALED_LEN];
} cutter_t;

static apr_status_t cut(cutter_t *c, bool last, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_size_t len = c->len;
    apr_status_t rv = eb_chunk_seal(c->sealed, c->key, c->index, last, c->plain, len);

    if (rv)
        return eb_problem_set(problem, EB_P_CRYPTO, rv, NULL, pool,
                              "Piece %u of a package cannot be sealed", c->index);
    c->len = 0;
    return c->keep(c->where, c->index++, c->sealed, len + EB_SEAL_OVERHEAD, problem, pool);
}

static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    cutter_t *c = (cutter_t *)sink;
    const char *from = data;

    while (len) {
        if (c->len == EB_CHUNK_LEN) {
            apr_status_t rv = cut(c, false, problem, pool);
            if (rv)
                return rv;
        }
        apr_size_t n = len < EB_CHUNK_LEN - c->len ? len : EB_CHUNK_LEN - c->len;
        memcpy(c->plain + c->len, from, n);
        c->len += n;
        from += n;
        len -= n;
    }
    return APR_SUCCESS;
}

apr_status_t eb_sealed_pour(eb_source_t *source, const eb_chunks_t *key, eb_piece_keep_t keep,
                            void *where, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_pool_t *temp;
    apr_status_t rv = apr_pool_create(&temp, pool);

    if (rv)
        return rv;
    cutter_t *c = apr_palloc(temp, sizeof *c);
    c->sink.take = take;
    c->key = key;
    c->keep = keep;
    c->where = where;
    c->index = 0;
    c->len = 0;
    rv = source->pour(source, &c->sink, problem, pool);
    if (!rv)
        rv = cut(c, true, problem, pool);
    apr_pool_destroy(temp);
    return rv;
}

/* `count` in `opened`: none. */
typedef struct opener_t {
    eb_reader_t reader;
    const char *uuid;
    const eb_chunks_t *key;
    eb_piece_fetch_t fetch;
    void *where;
    apr_uint32_t count, opened;
    apr_size_t last_len; /* of the last piece, sealed */
    unsigned char *plain, *sealed;
} opener_t;

static apr_status_t broken(const opener_t *o, eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_PACKAGE_BROKEN, APR_EGENERAL, NULL, pool,
                          "Package %s is not what was sealed", o->uuid);
}

static apr_status_t open_piece(opener_t *o, apr_uint32_t index, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    bool last = index == o->count - 1;
    apr_size_t len = last ? o->last_len : EB_CHUNK_SEALED_LEN;

    if (o->opened == index)
        return APR_SUCCESS;
    o->opened = o->count;
    apr_status_t rv = o->fetch(o->where, index, o->sealed, len, problem, pool);
    if (rv)
        return rv;
    if (eb_chunk_open(o->plain, o->key, index, last, o->sealed, len))
        return broken(o, problem, pool);
    o->opened = index;
    return APR_SUCCESS;
}

static apr_status_t at(eb_reader_t *reader, apr_uint64_t offset, void *out, apr_size_t len,
                       eb_problem_t **problem, apr_pool_t *pool)
{
    opener_t *o = (opener_t *)reader;
    char *to = out;

    if (offset > reader->len || len > reader->len - offset)
        return APR_EOF;
    while (len) {
        apr_size_t skip = (apr_size_t)(offset % EB_CHUNK_LEN);
        apr_size_t n = len < EB_CHUNK_LEN - skip ? len : EB_CHUNK_LEN - skip;
        apr_status_t rv = open_piece(o, (apr_uint32_t)(offset / EB_CHUNK_LEN), problem, pool);
        if (rv)
            return rv;
        memcpy(to, o->plain + skip, n);
        to += n;
        offset += n;
        len -= n;
    }
    return APR_SUCCESS;
}

apr_status_t eb_sealed_open(eb_reader_t **reader, const char *uuid, const eb_chunks_t *key,
                            apr_uint64_t sealed_len, eb_piece_fetch_t fetch, void *where,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    apr_uint64_t count = (sealed_len + EB_CHUNK_SEALED_LEN - 1) / EB_CHUNK_SEALED_LEN;
    apr_uint64_t before = count ? (count - 1) * EB_CHUNK_SEALED_LEN : 0;
    opener_t *o = apr_pcalloc(pool, sizeof *o);

    *o = (opener_t){.reader.at = at, .uuid = uuid, .key = key, .fetch = fetch, .where = where};
    if (!count || count >= APR_UINT32_MAX || sealed_len - before < EB_SEAL_OVERHEAD)
        return broken(o, problem, pool);
    o->reader.len = sealed_len - count * EB_SEAL_OVERHEAD;
    o->count = o->opened = (apr_uint32_t)count;
    o->last_len = (apr_size_t)(sealed_len - before);
    o->sealed = apr_palloc(pool, count > 1 ? EB_CHUNK_SEALED_LEN : o->last_len);
    o->plain = apr_palloc(pool, count > 1 ? EB_CHUNK_LEN : o->last_len);
    *reader = &o->reader;
    return open_piece(o, o->count - 1, problem, pool);
}
