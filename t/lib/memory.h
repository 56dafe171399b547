/* How much memory a piece of work needs: done in a child, whose largest resident size is compared
 * with that of a child that does the same on a small scale. What both need (code, tables) is not
 * counted. */
#ifndef MEMORY_H
#define MEMORY_H

#include "tap.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define MEMORY_SANITIZED 1
#endif
#elif defined __SANITIZE_ADDRESS__
#define MEMORY_SANITIZED 1
#endif

/* KiB of a child that has done it; -1: it could not. */
static inline long memory_of(int (*body)(void *), void *baton)
{
    struct rusage usage;
    int status = -1;

    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(body(baton) ? 1 : 0);
    if (wait4(pid, &status, 0, &usage) != pid || status != 0)
        return -1;
    return usage.ru_maxrss;
}

/* Under a sanitizer the work is done all the same, and its memory not looked at. */
static inline void memory_ok(int (*body)(void *), void *small, void *large, long limit,
                             const char *name)
{
    long less = memory_of(body, small), more = memory_of(body, large);
    bool good = less >= 0 && more >= 0;

#ifdef MEMORY_SANITIZED
    (void)limit;
#else
    good = good && more - less < limit;
#endif
    ok(good, name);
    printf("# %ld KiB, and %ld KiB on a small scale\n", more, less);
}

#endif
