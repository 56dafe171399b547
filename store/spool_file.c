/* Files that are whole or absent. A failed fsync is final: the kernel may have dropped the pages it
 * could not write and report success the next time, so the file is thrown away and never synced
 * again. */
#include "job_file.h"
#include "spool.h"
#include "base/file.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOB_MAX (256 * 1024)

/* Content, time stamp, disk: in this order. */
static apr_status_t complete(int fd, eb_spool_fill_t fill, void *baton, apr_time_t stamp)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};

    apr_status_t rv = fill(fd, baton);
    if (rv)
        return rv;
    times[1].tv_sec = apr_time_sec(stamp);
    times[1].tv_nsec = (long)apr_time_usec(stamp) * 1000;
    if (futimens(fd, times))
        return errno;
    return fsync(fd) ? errno : APR_SUCCESS;
}

apr_status_t eb_spool_own(int fd, int parent)
{
    struct stat info;

    if (geteuid() != 0)
        return APR_SUCCESS;
    if (fstat(parent, &info) || fchown(fd, info.st_uid, info.st_gid))
        return errno;
    return APR_SUCCESS;
}

apr_status_t eb_spool_write(int *fd, eb_spool_name_t *name, const eb_place_t *place,
                            const char *uuid, eb_spool_fill_t fill, void *baton, apr_time_t stamp)
{
    apr_uint64_t random;
    char suffix[18];
    apr_status_t rv = eb_random(&random, sizeof random);

    if (rv)
        return rv;
    apr_snprintf(suffix, sizeof suffix, ".%016" APR_UINT64_T_HEX_FMT, random);
    *name = eb_spool_name(uuid, suffix);
    *fd = openat(place->tmp, name->text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (*fd < 0)
        return errno;
    rv = eb_spool_own(*fd, place->tmp);
    if (!rv)
        rv = complete(*fd, fill, baton, stamp);
    if (rv) {
        close(*fd);
        unlinkat(place->tmp, name->text, 0);
    }
    return rv;
}

apr_status_t eb_spool_slurp(char **data, apr_size_t *len, int fd, apr_size_t max, apr_pool_t *pool)
{
    struct stat info;

    if (fstat(fd, &info))
        return errno;
    if (info.st_size < 0 || (apr_uint64_t)info.st_size > max)
        return APR_EINVAL;
    char *read_to = apr_palloc(pool, (apr_size_t)info.st_size + 1);
    apr_size_t have = 0;
    while (have < (apr_size_t)info.st_size) {
        ssize_t n = pread(fd, read_to + have, (apr_size_t)info.st_size - have, (off_t)have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            break;
        have += (apr_size_t)n;
    }
    read_to[have] = '\0';
    *data = read_to;
    *len = have;
    return APR_SUCCESS;
}

static apr_status_t fill_text(int fd, void *text)
{
    return eb_file_write(fd, text, strlen(text));
}

apr_status_t eb_spool_put_job(const eb_place_t *place, int dir, const eb_job_t *job,
                              apr_pool_t *pool)
{
    char *text = eb_job_encode(job, pool);
    eb_spool_name_t tmp, name = eb_spool_name(job->uuid, ".job");
    int fd;

    if (!text)
        return APR_EINVAL;
    apr_status_t rv = eb_spool_write(&fd, &tmp, place, job->uuid, fill_text, text, job->due);
    if (rv)
        return rv;
    close(fd);
    if (renameat(place->tmp, tmp.text, dir, name.text)) {
        rv = errno;
        unlinkat(place->tmp, tmp.text, 0);
        return rv;
    }
    return fsync(dir) ? errno : APR_SUCCESS;
}

apr_status_t eb_spool_get_job(eb_job_t **job, int dir, const char *uuid, apr_pool_t *pool)
{
    eb_spool_name_t name = eb_spool_name(uuid, ".job");
    char *text;
    apr_size_t len;
    int fd = openat(dir, name.text, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    apr_status_t rv = eb_spool_slurp(&text, &len, fd, JOB_MAX, pool);
    close(fd);
    if (!rv)
        rv = eb_job_decode(job, text, len, pool);
    if (!rv && strcmp((*job)->uuid, uuid) != 0)
        rv = APR_EINVAL;
    return rv;
}

static const char *told(apr_status_t rv, apr_pool_t *pool)
{
    return apr_strerror(rv, apr_palloc(pool, 120), 120);
}

apr_status_t eb_spool_unwritten(eb_problem_t **problem, apr_status_t rv, const eb_place_t *place,
                                const char *what, apr_pool_t *pool)
{
    bool full = rv == ENOSPC || rv == EDQUOT;
    return eb_problem_set(problem, full ? EB_P_SPOOL_FULL : EB_P_SPOOL_WRITE,
                          full ? APR_ENOSPC : rv, NULL, pool, "Writing %s in %s failed: %s", what,
                          place->path, told(rv, pool));
}

apr_status_t eb_spool_unread(eb_problem_t **problem, apr_status_t rv, const eb_place_t *place,
                             const char *what, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_SPOOL_READ, rv, NULL, pool, "Reading %s in %s failed: %s",
                          what, place->path, told(rv, pool));
}
