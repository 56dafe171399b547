/* A small producer of TAP for the C unit tests: ok(), is_str(), is_int(), then done(). `prove` does the rest; a crash is a failed
 * test, since the plan is printed last. */
#ifndef TAP_H
#define TAP_H

#include <apr_general.h>
#include <apr_pools.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_run, tap_failed;

static inline bool tap_line(bool good, const char *name, const char *file, int line)
{
    tap_run++;
    printf("%sok %d - %s\n", good ? "" : "not ", tap_run, name);
    if (!good) {
        tap_failed++;
        printf("#   failed at %s:%d\n", file, line);
    }
    return good;
}

static inline bool tap_str(const char *got, const char *want, const char *name, const char *file, int line)
{
    bool good = got && want ? strcmp(got, want) == 0 : got == want;
    if (!tap_line(good, name, file, line))
        printf("#   got:      %s\n#   expected: %s\n", got ? got : "(NULL)", want ? want : "(NULL)");
    return good;
}

static inline bool tap_int(long long got, long long want, const char *name, const char *file, int line)
{
    if (!tap_line(got == want, name, file, line))
        printf("#   got:      %lld\n#   expected: %lld\n", got, want);
    return got == want;
}

#define ok(good, name)           tap_line((good), (name), __FILE__, __LINE__)
#define is_str(got, want, name)  tap_str((got), (want), (name), __FILE__, __LINE__)
#define is_int(got, want, name)  tap_int((got), (want), (name), __FILE__, __LINE__)

/* The rest of this file cannot run here: said aloud, in TAP. */
static inline void skip(int count, const char *why)
{
    for (int i = 0; i < count; i++)
        printf("ok %d # SKIP %s\n", ++tap_run, why);
}

static inline apr_pool_t *tap_begin(void)
{
    apr_pool_t *pool;
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    return pool;
}

static inline int done(void)
{
    printf("1..%d\n", tap_run);
    return tap_failed ? 1 : 0;
}

#endif
