/* A job on its way: reading it, saving its progress, and the purge at the end. */
#include "spool.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* When even the head of the package is broken: a job with what the file system knows. */
static apr_status_t from_nothing(eb_job_t **job, const char *authority, const char *uuid,
                                 int package, apr_pool_t *pool)
{
    struct stat info;

    if (fstat(package, &info))
        return errno;
    *job = apr_pcalloc(pool, sizeof **job);
    apr_cpystrn((*job)->uuid, uuid, sizeof(*job)->uuid);
    (*job)->authority = apr_pstrdup(pool, authority);
    (*job)->transport = "";
    (*job)->accepted = apr_time_from_sec(info.st_mtim.tv_sec) + info.st_mtim.tv_nsec / 1000;
    return APR_SUCCESS;
}

apr_status_t eb_spool_state(eb_job_t **job, apr_status_t *rv_file, const eb_place_t *place,
                            const char *authority, const char *uuid, int package, apr_pool_t *pool)
{
    *rv_file = eb_spool_get_job(job, place->queue, uuid, pool);
    if (!*rv_file)
        return APR_SUCCESS;
    if (!APR_STATUS_IS_ENOENT(*rv_file) && *rv_file != APR_EINVAL && *rv_file != APR_ENOTIMPL)
        return *rv_file;

    apr_status_t rv = eb_spool_facts(job, package, uuid, pool);
    if (rv == APR_EINVAL) {
        *rv_file = APR_STATUS_IS_ENOENT(*rv_file) ? APR_EINVAL : *rv_file;
        rv = from_nothing(job, authority, uuid, package, pool);
    }
    if (!rv && !APR_STATUS_IS_ENOENT(*rv_file))
        (*job)->state = (*job)->before = EB_JOB_HELD;
    return rv;
}

/* What list() collects. */
typedef struct list_t {
    apr_array_header_t *jobs;
    const eb_place_t *place;
    const char *authority;
    apr_pool_t *pool;
} list_t;

/* One that goes away meanwhile, or is finished, is none. */
static apr_status_t collect(void *baton, const eb_candidate_t *candidate)
{
    const list_t *list = baton;
    eb_spool_name_t package = eb_spool_name(candidate->uuid, ".package"),
                    done = eb_spool_name(candidate->uuid, ".job");
    int fd = openat(list->place->queue, package.text, O_RDONLY | O_CLOEXEC);
    apr_status_t rv_file;
    eb_job_t *job;

    if (fd < 0)
        return APR_SUCCESS;
    apr_status_t rv = eb_spool_state(&job, &rv_file, list->place, list->authority, candidate->uuid,
                                     fd, list->pool);
    close(fd);
    if (!rv && faccessat(list->place->done, done.text, F_OK, 0))
        APR_ARRAY_PUSH(list->jobs, eb_job_t *) = job;
    return APR_SUCCESS;
}

apr_status_t eb_spool_list(apr_array_header_t **jobs, eb_outbox_t *box, const char *authority,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    eb_place_t *place;
    apr_status_t rv = eb_place_enter(&place, box, authority, false, problem, pool);

    *jobs = apr_array_make(pool, 16, sizeof(eb_job_t *));
    if (rv)
        return APR_STATUS_IS_ENOENT(rv) ? APR_SUCCESS : rv;
    rv = eb_spool_scan(place, collect, &(list_t){*jobs, place, authority, pool});
    return rv ? eb_spool_unread(problem, rv, place, "the queue", pool) : APR_SUCCESS;
}

/* A newer job's file keeps its content, and is only told when it will be looked at again. */
static apr_status_t postpone(const eb_hold_t *hold, const eb_job_t *job)
{
    eb_spool_name_t name = eb_spool_name(job->uuid, ".job");
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};

    times[1].tv_sec = apr_time_sec(job->due);
    return utimensat(hold->place->queue, name.text, times, 0) ? errno : APR_SUCCESS;
}

apr_status_t eb_spool_save(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    const eb_hold_t *hold = job->engine;
    (void)box;
    apr_status_t rv = hold->frozen ? postpone(hold, job)
                                   : eb_spool_put_job(hold->place, hold->place->queue, job, pool);
    if (rv)
        return eb_spool_unwritten(problem, rv, hold->place, job->uuid, pool);
    eb_spool_mark(hold->place, job);
    return APR_SUCCESS;
}

apr_status_t eb_spool_purge(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    const eb_hold_t *hold = job->engine;
    const eb_place_t *place = hold->place;
    eb_spool_name_t name = eb_spool_name(job->uuid, ".job"),
                    package = eb_spool_name(job->uuid, ".package");

    (void)box;
    if (job->state != EB_JOB_CONFIRMED)
        return eb_spool_unwritten(problem, APR_EINVAL, place, "an unconfirmed job's record", pool);
    job->state = EB_JOB_PURGED;
    apr_status_t rv = eb_spool_put_job(place, place->done, job, pool);
    if (rv) {
        job->state = EB_JOB_CONFIRMED;
        return eb_spool_unwritten(problem, rv, place, job->uuid, pool);
    }
    unlinkat(place->queue, name.text, 0);
    unlinkat(place->queue, package.text, 0);
    eb_spool_mark(place, job);
    return APR_SUCCESS;
}
