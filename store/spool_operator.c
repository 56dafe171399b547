/* An operator's hand in the spool. The lock is the workers' own, so that neither side needs to know
 * whether the other runs. */
#include "spool.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The state of the locked job, if an operator may change it. */
static apr_status_t look_into(eb_job_t **job, const eb_hold_t *hold, const char *authority,
                              const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_spool_name_t done = eb_spool_name(uuid, ".job");
    apr_status_t rv_file;

    if (!faccessat(hold->place->done, done.text, F_OK, 0))
        return APR_NOTFOUND;
    apr_status_t rv =
        eb_spool_state(job, &rv_file, hold->place, authority, uuid, hold->package, pool);
    if (rv)
        return eb_spool_unread(problem, rv, hold->place, uuid, pool);
    if (rv_file == APR_ENOTIMPL)
        return eb_problem_set(problem, EB_P_JOB_NEWER, rv_file, NULL, pool,
                              "The file of job %s is of a newer format", uuid);
    if (rv_file == APR_EINVAL)
        return eb_problem_set(problem, EB_P_JOB_UNREADABLE, rv_file, NULL, pool,
                              "The file of job %s is not a job's", uuid);
    return APR_SUCCESS;
}

static apr_status_t take(eb_job_t **job, eb_outbox_t *box, const char *authority, const char *uuid,
                         eb_problem_t **problem, apr_pool_t *pool)
{
    eb_hold_t *hold = NULL;
    apr_pool_t *hold_pool;
    eb_place_t *place;
    apr_status_t rv = eb_place_enter(&place, box, authority, false, problem, pool);

    if (rv)
        return APR_STATUS_IS_ENOENT(rv) ? APR_NOTFOUND : rv;
    apr_pool_create(&hold_pool, pool);
    rv = eb_spool_hold(&hold, place, uuid, hold_pool);
    if (rv && rv != APR_NOTFOUND && rv != APR_EBUSY)
        rv = eb_spool_unread(problem, rv, place, uuid, pool);
    if (!rv)
        rv = look_into(job, hold, authority, uuid, problem, pool);
    if (rv) {
        apr_pool_destroy(hold_pool);
        return rv;
    }
    (*job)->engine = hold;
    return APR_SUCCESS;
}

static apr_status_t key(apr_uint32_t *key_id, eb_outbox_t *box, const char *authority,
                        const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_spool_name_t name = eb_spool_name(uuid, ".package");
    eb_place_t *place;
    apr_status_t rv = eb_place_enter(&place, box, authority, false, problem, pool);

    if (rv)
        return APR_STATUS_IS_ENOENT(rv) ? APR_NOTFOUND : rv;
    int fd = openat(place->queue, name.text, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? APR_NOTFOUND : eb_spool_unread(problem, errno, place, uuid, pool);
    rv = eb_spool_key(key_id, fd);
    close(fd);
    return rv;
}

const eb_operator_t eb_spool_by_hand = {
    .take = take,
    .rewrap = eb_spool_rewrap,
    .key = key,
    .journal = eb_spool_journal_read,
};
