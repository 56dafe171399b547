/* A clock that a test can set: preloaded, it adds the seconds in the file EB_CLOCK to the time of
 * day, at once in all processes. What only measures (CLOCK_MONOTONIC) is left alone, as it is when
 * somebody sets the real one. The file is replaced as a whole, so it is looked at each time. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int64_t offset(void)
{
    const char *file = getenv("EB_CLOCK");
    int64_t seconds = 0;
    int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;

    if (fd < 0)
        return 0;
    if (read(fd, &seconds, sizeof seconds) != sizeof seconds)
        seconds = 0;
    close(fd);
    return seconds;
}

int clock_gettime(clockid_t id, struct timespec *out)
{
    int rv = (int)syscall(SYS_clock_gettime, id, out);

    if (rv == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        out->tv_sec += offset();
    return rv;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;

    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
