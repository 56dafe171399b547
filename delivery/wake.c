/* A job is taken under the workers' own lock and made due, as an operator would do it: so it does
 * not matter which process, or which node, hears of the event and which one delivers. */
#include "wake.h"
#include "store/operator.h"

#include <apr_errno.h>
#include <stdbool.h>
#include <string.h>

static bool names_one(const eb_job_t *job, const apr_array_header_t *ids)
{
    for (int i = 0; job->remote && i < ids->nelts; i++)
        if (strstr(job->remote, APR_ARRAY_IDX(ids, i, const char *)))
            return true;
    return false;
}

static apr_status_t wake(bool *woken, eb_outbox_t *box, const eb_job_t *seen, apr_time_t now,
                         eb_problem_t **problem, apr_pool_t *pool)
{
    eb_job_t *job;
    apr_status_t rv =
        box->engine->by_hand->take(&job, box, seen->authority, seen->uuid, problem, pool);

    if (rv)
        return rv == APR_EBUSY || rv == APR_NOTFOUND ? APR_SUCCESS : rv;
    if (job->state == EB_JOB_SUBMITTED && job->due > now) {
        job->due = now;
        rv = box->engine->save(box, job, problem, pool);
        *woken = !rv;
    }
    box->engine->release(box, job);
    return rv;
}

apr_status_t eb_outbox_wake(int *woken, eb_outbox_t *box, const char *authority,
                            const apr_array_header_t *ids, apr_time_t now, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    apr_array_header_t *jobs;
    apr_status_t rv = box->engine->list(&jobs, box, authority, problem, pool);

    *woken = 0;
    for (int i = 0; !rv && i < jobs->nelts; i++) {
        const eb_job_t *job = APR_ARRAY_IDX(jobs, i, eb_job_t *);
        bool one = false;
        if (job->state != EB_JOB_SUBMITTED || !names_one(job, ids))
            continue;
        rv = wake(&one, box, job, now, problem, pool);
        *woken += one;
    }
    return rv;
}
