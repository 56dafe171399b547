/* Sources within sources: each one knows only the next, and hands its failures through. */
#include "chain.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <string.h>

enum { BLOCK = 3 * 2048 };

typedef struct piece_t {
    const void *data; /* or: */
    eb_source_t *source;
    apr_uint64_t len;
} piece_t;

static apr_status_t pour_chain(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    const eb_chain_t *chain = (const eb_chain_t *)source;
    apr_status_t rv = APR_SUCCESS;

    for (int i = 0; !rv && i < chain->pieces->nelts; i++) {
        const piece_t *piece = &APR_ARRAY_IDX(chain->pieces, i, piece_t);
        rv = piece->source ? piece->source->pour(piece->source, sink, problem, pool)
                           : sink->take(sink, piece->data, (apr_size_t)piece->len, problem, pool);
    }
    return rv;
}

void eb_chain_init(eb_chain_t *chain, apr_pool_t *pool)
{
    *chain = (eb_chain_t){{pour_chain}, 0, apr_array_make(pool, 16, sizeof(piece_t))};
}

static void append(eb_chain_t *chain, const piece_t *piece)
{
    APR_ARRAY_PUSH(chain->pieces, piece_t) = *piece;
    chain->len += piece->len;
}

void eb_chain_add(eb_chain_t *chain, const void *data, apr_size_t len)
{
    append(chain, &(piece_t){data, NULL, len});
}

void eb_chain_puts(eb_chain_t *chain, const char *text)
{
    eb_chain_add(chain, text, strlen(text));
}

void eb_chain_pour(eb_chain_t *chain, eb_source_t *source, apr_uint64_t len)
{
    append(chain, &(piece_t){NULL, source, len});
}

typedef struct base64_t {
    eb_source_t source;
    eb_source_t *in;
} base64_t;

typedef struct base64_sink_t {
    eb_sink_t sink;
    eb_sink_t *out;
    apr_size_t len;
    unsigned char block[BLOCK];
} base64_sink_t;

static apr_status_t encode(base64_sink_t *b, eb_problem_t **problem, apr_pool_t *pool)
{
    unsigned char text[BLOCK / 3 * 4 + 1];
    const int len = EVP_EncodeBlock(text, b->block, (int)b->len);

    b->len = 0;
    return len ? b->out->take(b->out, text, (apr_size_t)len, problem, pool) : APR_SUCCESS;
}

static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    base64_sink_t *b = (base64_sink_t *)sink;
    const char *from = data;
    apr_status_t rv = APR_SUCCESS;

    while (!rv && len) {
        const apr_size_t n = len < BLOCK - b->len ? len : BLOCK - b->len;
        memcpy(b->block + b->len, from, n);
        b->len += n;
        from += n;
        len -= n;
        if (b->len == BLOCK)
            rv = encode(b, problem, pool);
    }
    return rv;
}

static apr_status_t pour_base64(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                                apr_pool_t *pool)
{
    eb_source_t *in = ((base64_t *)source)->in;
    base64_sink_t b = {.sink.take = take, .out = sink};
    apr_status_t rv = in->pour(in, &b.sink, problem, pool);

    return rv ? rv : encode(&b, problem, pool);
}

eb_source_t *eb_base64_source(eb_source_t *source, apr_pool_t *pool)
{
    base64_t *b = apr_palloc(pool, sizeof *b);

    *b = (base64_t){{pour_base64}, source};
    return &b->source;
}

apr_uint64_t eb_base64_len(apr_uint64_t len)
{
    return (len + 2) / 3 * 4;
}
