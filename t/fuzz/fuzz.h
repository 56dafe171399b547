/* What every fuzz target needs: a pool for each input, and must(), which turns a broken promise
 * into a crash, the only thing a fuzzer notices. A target is one function; libFuzzer or replay.c
 * calls it. */
#ifndef FUZZ_H
#define FUZZ_H

#include <apr_general.h>
#include <apr_pools.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(truth)                                                                                \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #truth);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The pool of one input; destroy it at the end of the target. */
static inline apr_pool_t *fuzz_begin(void)
{
    static bool started;
    apr_pool_t *pool;
    if (!started)
        apr_initialize();
    started = true;
    apr_pool_create(&pool, NULL);
    return pool;
}

/* The input as a text that ends where it ends, in memory of exactly that size, so that a sanitizer
 * sees a byte read beyond. Cut at the first NUL. The caller frees it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t len = nul ? (size_t)(nul - data) : size;
    char *text = malloc(len + 1);
    if (len)
        memcpy(text, data, len);
    text[len] = '\0';
    return text;
}

#endif
