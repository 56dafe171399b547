/* What the tests of the content checkers share: a verdict on bytes in memory, asked for in several
 * ways of cutting them, which must agree. */
#ifndef EB_T_CONTENT_H
#define EB_T_CONTENT_H

#include "form/content.h"

#include <apr_errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct verdict_t {
    const char *why; /* NULL: accepted */
    const char *type;
    apr_size_t kept;
} verdict_t;

/* In pieces of `step` bytes, which grow by `growth`; each in memory of its own size, so that a
 * sanitizer sees a look beyond it. */
static inline verdict_t verdict_in(const char *name, const char *declared, const void *data,
                                   apr_size_t len, apr_size_t step, apr_size_t growth)
{
    verdict_t verdict = {NULL, NULL, 0};
    apr_pool_t *pool;
    apr_pool_create(&pool, NULL);
    eb_content_t *content = eb_content_new(name, declared, pool);
    apr_status_t rv = APR_SUCCESS;
    for (apr_size_t at = 0, n; at < len && rv == APR_SUCCESS; at += n, step += growth) {
        apr_size_t keep = 0;
        n = step < len - at ? step : len - at;
        unsigned char *piece = malloc(n);
        memcpy(piece, (const unsigned char *)data + at, n);
        rv = eb_content_feed(content, piece, n, &keep);
        verdict.kept += keep;
        free(piece);
    }
    if (rv == APR_SUCCESS)
        rv = eb_content_finish(content);
    if (rv == APR_SUCCESS)
        verdict.type = eb_content_type(content);
    verdict.why = eb_content_why(content);
    if ((rv == APR_SUCCESS) != (verdict.why == NULL))
        verdict.why = "a status that does not fit the sentence";
    apr_pool_destroy(pool);
    return verdict;
}

static inline bool same_verdict(verdict_t a, verdict_t b)
{
    return a.why == b.why && a.type == b.type && (a.why || a.kept == b.kept);
}

/* At once, bytewise, and in pieces of odd sizes. */
static inline verdict_t verdict_of(const char *name, const char *declared, const void *data,
                                   apr_size_t len)
{
    static const apr_size_t steps[][2] = {{1, 0}, {7, 0}, {13, 1}, {1000, 997}};
    verdict_t first = verdict_in(name, declared, data, len, len ? len : 1, 0);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (!same_verdict(first, verdict_in(name, declared, data, len, steps[i][0], steps[i][1])))
            first.why = "pieces change the verdict";
    }
    return first;
}

#endif
