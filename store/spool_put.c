/* Accepting. Between any two of these steps the process may die:
 *
 *   pour and sync tmp/<uuid>.<random>       died: litter in tmp/, nothing accepted
 *   link it to queue/<uuid>.package         died: accepted, complete, in its place
 *   remove the name in tmp/                 died: as above, with litter
 *   sync queue/                             only now is the applicant told
 *
 * From before the link until the sync the file is locked, as by a worker: nothing is delivered that
 * a power failure could still undo. */
#include "spool.h"

#include <apr_errno.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* The job under this UUID, wherever it is, durable. APR_NOTFOUND; APR_EINVAL for one in done/ that
 * cannot be read. */
static apr_status_t find_in(eb_job_t **job, const eb_place_t *place, const char *authority,
                            const char *uuid, apr_pool_t *pool)
{
    eb_spool_name_t name = eb_spool_name(uuid, ".package");
    apr_status_t rv, rv_file;
    int fd = openat(place->queue, name.text, O_RDONLY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        rv = eb_spool_get_job(job, place->done, uuid, pool);
        return APR_STATUS_IS_ENOENT(rv) ? APR_NOTFOUND : rv;
    }
    if (fd < 0)
        return errno;
    rv = fsync(place->queue) ? errno : APR_SUCCESS;
    if (!rv)
        rv = eb_spool_state(job, &rv_file, place, authority, uuid, fd, pool);
    close(fd);
    return rv;
}

apr_status_t eb_spool_find(eb_job_t **job, eb_outbox_t *box, const char *authority,
                           const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_place_t *place;

    if (!eb_uuid_valid(uuid))
        return APR_NOTFOUND;
    apr_status_t rv = eb_place_enter(&place, box, authority, false, problem, pool);
    if (APR_STATUS_IS_ENOENT(rv))
        return APR_NOTFOUND;
    if (rv)
        return rv;
    rv = find_in(job, place, authority, uuid, pool);
    if (rv && rv != APR_NOTFOUND)
        return eb_spool_unread(problem, rv, place, uuid, pool);
    return rv;
}

/* The caller's job becomes the one that was there first. */
static apr_status_t found(eb_job_t *job, const eb_place_t *place, apr_pool_t *pool)
{
    eb_job_t *first;
    apr_status_t rv = find_in(&first, place, job->authority, job->uuid, pool);

    if (rv)
        return rv;
    *job = *first;
    return APR_EEXIST;
}

/* A put that began before the first one, and links after that was delivered and purged, finds the
 * name free. The record in done/ tells, here and to workers. */
static bool late(const eb_place_t *place, const char *uuid)
{
    eb_spool_name_t name = eb_spool_name(uuid, ".job");
    return faccessat(place->done, name.text, F_OK, 0) == 0;
}

/* The locked, complete file `tmp` gets its place. */
static apr_status_t link_in(int fd, const char *tmp, eb_job_t *job, const eb_place_t *place,
                            apr_pool_t *pool)
{
    eb_spool_name_t name = eb_spool_name(job->uuid, ".package");
    apr_status_t rv = flock(fd, LOCK_EX | LOCK_NB) ? errno : APR_SUCCESS;

    if (!rv && linkat(place->tmp, tmp, place->queue, name.text, 0))
        rv = errno;
    unlinkat(place->tmp, tmp, 0);
    if (rv == EEXIST)
        return found(job, place, pool);
    if (rv)
        return rv;
    if (late(place, job->uuid)) {
        unlinkat(place->queue, name.text, 0);
        return found(job, place, pool);
    }
    return fsync(place->queue) ? errno : APR_SUCCESS;
}

/* What fill() needs, and whether the failure has been told already. */
typedef struct put_t {
    const eb_outbox_t *box;
    const eb_place_t *place;
    const eb_job_t *job;
    eb_source_t *package;
    eb_problem_t **problem;
    apr_pool_t *pool;
    bool told;
} put_t;

static apr_status_t fill(int fd, void *baton)
{
    put_t *put = baton;
    apr_status_t rv =
        eb_spool_pack(fd, put->box, put->place, put->job, put->package, put->problem, put->pool);
    put->told = rv != APR_SUCCESS;
    return rv == APR_EEXIST ? APR_EGENERAL : rv;
}

static apr_status_t put_new(eb_outbox_t *box, eb_job_t *job, eb_source_t *package,
                            const eb_place_t *place, eb_problem_t **problem, apr_pool_t *pool)
{
    put_t put = {box, place, job, package, problem, pool, false};
    eb_spool_name_t tmp;
    int fd;

    job->state = job->before = EB_JOB_QUEUED;
    job->due = job->changed = job->accepted;
    apr_status_t rv = eb_spool_write(&fd, &tmp, place, job->uuid, fill, &put, job->accepted);
    if (put.told)
        return rv;
    if (!rv) {
        rv = link_in(fd, tmp.text, job, place, pool);
        close(fd);
    }
    if (rv && rv != APR_EEXIST)
        return eb_spool_unwritten(problem, rv, place, job->uuid, pool);
    return rv;
}

apr_status_t eb_spool_put(eb_outbox_t *box, eb_job_t *job, eb_source_t *package,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    eb_place_t *place;

    apr_status_t rv = eb_place_enter(&place, box, job->authority, true, problem, pool);
    if (rv)
        return rv;
    if (!eb_uuid_valid(job->uuid))
        return eb_spool_unwritten(problem, APR_EINVAL, place, "a job without UUID", pool);
    rv = found(job, place, pool);
    if (rv == APR_NOTFOUND)
        return put_new(box, job, package, place, problem, pool);
    return rv == APR_EEXIST ? rv : eb_spool_unread(problem, rv, place, job->uuid, pool);
}
