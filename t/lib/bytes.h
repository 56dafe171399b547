/* Sources for tests: bytes in memory, or any number of them made up on the way (every byte depends
 * on seed and place, and no file of them lies in memory), which may end or fail before their time.
 */
#ifndef BYTES_H
#define BYTES_H

#include "base/flow.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdbool.h>
#include <string.h>

typedef struct bytes_t {
    eb_source_t source;
    const char *data; /* NULL: made up */
    apr_uint64_t len;
    apr_uint64_t seed;
    apr_status_t failure; /* after all of `len` */
    apr_uint64_t lacks;   /* so much at the end */
    int good;             /* how often it is poured without either */
    int poured;           /* how often it was begun */
} bytes_t;

/* The byte at a place of what a seed makes up (splitmix64, a byte of each word). */
static inline unsigned char bytes_at(apr_uint64_t seed, apr_uint64_t place)
{
    apr_uint64_t z = (seed + (place >> 3) + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (unsigned char)((z ^ (z >> 31)) >> (8 * (place & 7)));
}

static inline void bytes_make(void *out, apr_uint64_t seed, apr_uint64_t from, apr_size_t len)
{
    for (apr_size_t i = 0; i < len; i++)
        ((unsigned char *)out)[i] = bytes_at(seed, from + i);
}

/* Whether `got` is what stands there. */
static inline bool bytes_same(const void *got, apr_uint64_t seed, apr_uint64_t from, apr_size_t len)
{
    for (apr_size_t i = 0; i < len; i++)
        if (((const unsigned char *)got)[i] != bytes_at(seed, from + i))
            return false;
    return true;
}

static inline apr_status_t bytes_pour(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                                      apr_pool_t *pool)
{
    bytes_t *b = (bytes_t *)source;
    char block[7001]; /* in no proportion to anything */

    bool good = ++b->poured <= b->good;
    apr_uint64_t len = b->len - (good ? 0 : b->lacks);
    for (apr_uint64_t from = 0; from < len;) {
        apr_size_t n = len - from < sizeof block ? (apr_size_t)(len - from) : sizeof block;
        if (b->data)
            memcpy(block, b->data + from, n);
        else
            bytes_make(block, b->seed, from, n);
        apr_status_t rv = sink->take(sink, block, n, problem, pool);
        if (rv)
            return rv;
        from += n;
    }
    return good ? APR_SUCCESS : b->failure;
}

static inline bytes_t bytes_of(const void *data, apr_size_t len)
{
    return (bytes_t){.source.pour = bytes_pour, .data = data, .len = len};
}

static inline bytes_t bytes_made(apr_uint64_t seed, apr_uint64_t len)
{
    return (bytes_t){.source.pour = bytes_pour, .len = len, .seed = seed};
}

#endif
