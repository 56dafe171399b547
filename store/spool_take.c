/* Taking: the package is the lock. flock belongs to the open file, not to the process, so it keeps
 * apart threads as well as processes, and the kernel drops it with the last descriptor, whatever
 * ends the holder.
 *
 * Locking comes after opening, and the world may change in between; so what the lock was meant for
 * is looked at again once it is held. */
#include "spool.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static apr_status_t cleanup_hold(void *data)
{
    const eb_hold_t *hold = data;
    return close(hold->package) ? errno : APR_SUCCESS;
}

/* Whether the name still leads to the locked file. */
static bool in_place(int fd, int dir, const char *name)
{
    struct stat held, named;
    return fstat(fd, &held) == 0 && fstatat(dir, name, &named, 0) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

apr_status_t eb_spool_hold(eb_hold_t **hold, eb_place_t *place, const char *uuid, apr_pool_t *pool)
{
    eb_spool_name_t name = eb_spool_name(uuid, ".package");
    int fd = openat(place->queue, name.text, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT ? APR_NOTFOUND : errno;
    *hold = apr_palloc(pool, sizeof **hold);
    **hold = (eb_hold_t){.pool = pool, .place = place, .package = fd};
    apr_pool_cleanup_register(pool, *hold, cleanup_hold, apr_pool_cleanup_null);
    if (flock(fd, LOCK_EX | LOCK_NB))
        return errno == EWOULDBLOCK ? APR_EBUSY : errno;
    return in_place(fd, place->queue, name.text) ? APR_SUCCESS : APR_EBUSY;
}

/* What has a record in done/ is finished; its purge, or a late second put, left the rest. */
static bool finished(const eb_place_t *place, const char *uuid)
{
    eb_spool_name_t job = eb_spool_name(uuid, ".job"), package = eb_spool_name(uuid, ".package");

    if (faccessat(place->done, job.text, F_OK, 0))
        return false;
    unlinkat(place->queue, job.text, 0);
    unlinkat(place->queue, package.text, 0);
    return true;
}

static void blame(eb_job_t *job, const char *what, eb_problem_id_t id)
{
    job->problem_id = eb_problem_id(id);
    job->problem = what;
    job->remedy = eb_problem_remedy(id);
}

/* A job file that cannot be understood is kept beside the new one, as <uuid>.job.bad. The new one
 * replaces it in one step: for a moment without a job file, the case would count as never begun. */
static apr_status_t set_aside(eb_job_t *job, const eb_place_t *place, apr_pool_t *pool)
{
    eb_spool_name_t name = eb_spool_name(job->uuid, ".job"),
                    bad = eb_spool_name(job->uuid, ".job.bad");

    unlinkat(place->queue, bad.text, 0);
    if (linkat(place->queue, name.text, place->queue, bad.text, 0) && errno != ENOENT)
        return errno;
    return eb_spool_put_job(place, place->queue, job, pool);
}

/* The state of the locked job; poison comes out as a held job with its problem. */
static apr_status_t look_into(eb_job_t **job, eb_hold_t *hold, const char *authority,
                              const char *uuid, apr_time_t now, apr_pool_t *pool)
{
    apr_status_t rv_file;
    apr_status_t rv =
        eb_spool_state(job, &rv_file, hold->place, authority, uuid, hold->package, pool);
    if (rv || !rv_file || APR_STATUS_IS_ENOENT(rv_file))
        return rv;
    (*job)->due = (*job)->changed = now;
    hold->frozen = rv_file == APR_ENOTIMPL;
    if (hold->frozen) {
        blame(*job, apr_pstrcat(pool, "The file of job ", uuid, " is of a newer format", NULL),
              EB_P_JOB_NEWER);
        return APR_SUCCESS;
    }
    blame(*job, apr_pstrcat(pool, "The file of job ", uuid, " is not a job's", NULL),
          EB_P_JOB_UNREADABLE);
    return set_aside(*job, hold->place, pool);
}

/* APR_EBUSY: not this one, not now. */
static apr_status_t try_one(eb_job_t **job, eb_place_t *place, eb_queue_t *queue,
                            const char *authority, const char *uuid, apr_time_t now,
                            apr_pool_t *pool, apr_pool_t *hold_pool)
{
    eb_hold_t *hold = NULL;
    apr_status_t rv = eb_spool_hold(&hold, place, uuid, hold_pool);

    if (rv)
        return rv == APR_NOTFOUND ? APR_EBUSY : rv;
    if (finished(place, uuid))
        return APR_EBUSY;
    rv = look_into(job, hold, authority, uuid, now, pool);
    if (rv)
        return rv;
    if (!eb_spool_due((*job)->due, now)) {
        eb_queue_note(queue, uuid, (*job)->due);
        return APR_EBUSY;
    }
    hold->queue = queue;
    (*job)->engine = hold;
    return APR_SUCCESS;
}

/* The first of the candidates that can be had. APR_EOF: none; *worst keeps other failures, which
 * are told when nothing else is left to do, so that one bad entry delays nobody. */
static apr_status_t first_of(eb_job_t **job, eb_queue_t *queue, eb_place_t *place,
                             const char *authority, apr_time_t now, apr_status_t *worst,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    eb_candidate_t candidate;
    apr_pool_t *hold_pool;

    while (eb_queue_next(&candidate, queue, now)) {
        apr_pool_create(&hold_pool, pool);
        apr_status_t rv =
            try_one(job, place, queue, authority, candidate.uuid, now, pool, hold_pool);
        if (!rv)
            return APR_SUCCESS;
        apr_pool_destroy(hold_pool);
        if (!APR_STATUS_IS_EBUSY(rv))
            *worst = eb_spool_unread(problem, rv, place, candidate.uuid, pool);
    }
    return APR_EOF;
}

apr_status_t eb_spool_take(eb_job_t **job, eb_outbox_t *box, const char *authority, apr_time_t now,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    eb_place_t *place;
    apr_status_t worst = APR_EOF, rv = eb_place_enter(&place, box, authority, false, problem, pool);

    if (rv)
        return APR_STATUS_IS_ENOENT(rv) ? APR_EOF : rv;
    eb_queue_t *queue = eb_queue_of(((const eb_spool_t *)box->data)->queues, authority);
    if (!queue)
        return eb_spool_unread(problem, APR_ENOMEM, place, "the queue", pool);
    if (!first_of(job, queue, place, authority, now, &worst, problem, pool))
        return APR_SUCCESS;
    rv = eb_queue_look(queue, place, now);
    if (rv)
        return eb_spool_unread(problem, rv, place, "the queue", pool);
    if (!first_of(job, queue, place, authority, now, &worst, problem, pool))
        return APR_SUCCESS;
    if (eb_queue_sweeps(queue, now))
        eb_spool_sweep(place, now);
    return worst;
}

/* The queue learns from what was stored when the job is due again, and is told once it is free. */
void eb_spool_release(eb_outbox_t *box, eb_job_t *job)
{
    const eb_hold_t *hold = job->engine;
    eb_candidate_t candidate;

    (void)box;
    job->engine = NULL;
    if (!hold)
        return;
    eb_queue_t *queue = hold->queue;
    apr_cpystrn(candidate.uuid, job->uuid, sizeof candidate.uuid);
    bool waits = queue && eb_spool_due_of(&candidate, hold->place);
    apr_pool_destroy(hold->pool);
    if (waits)
        eb_queue_note(queue, candidate.uuid, candidate.due);
}
