/* Changing jobs: retry, hold, confirm. Each takes the job under the workers' own lock, changes it,
 * stores it, and writes into the journal who it was: "by hand". */
#include "jobs.h"
#include "store/operator.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

/* A change to a job that is held. APR_EINVAL with its problem: not to this one. */
typedef apr_status_t (*change_t)(eb_job_t *job, const eb_ctl_t *ctl, eb_problem_t **problem);

static apr_status_t take(eb_job_t **job, const eb_ctl_job_t *found, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    const char *number = found->job->number[0] ? found->job->number : found->job->uuid;
    apr_status_t rv = found->box->engine->by_hand->take(job, found->box, found->authority->id,
                                                        found->job->uuid, problem, pool);

    if (rv == APR_EBUSY)
        return eb_problem_set(problem, EB_P_JOB_BUSY, rv, NULL, pool, "Case %s is being worked on",
                              number);
    if (rv == APR_NOTFOUND)
        return eb_problem_set(problem, EB_P_JOB_UNFOUND, rv, NULL, pool,
                              "Case %s has been delivered and confirmed", number);
    return rv;
}

/* Changes one job, durably, with a line in the journal. */
static apr_status_t change_one(const eb_ctl_job_t *found, const eb_ctl_t *ctl, change_t change,
                               const char *step, const char *detail, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    eb_job_t *job;
    apr_status_t rv = take(&job, found, problem, pool);

    if (rv)
        return rv;
    rv = change(job, ctl, problem);
    job->changed = ctl->now;
    if (!rv)
        rv = found->box->engine->save(found->box, job, problem, pool);
    if (!rv)
        rv = eb_journal_write(found->box, job, step, detail, problem, pool);
    found->box->engine->release(found->box, job);
    return rv;
}

static apr_status_t change_named(const eb_ctl_t *ctl, change_t change, const char *step,
                                 const char *detail, eb_problem_t **problem)
{
    eb_ctl_job_t found;
    apr_status_t rv = eb_ctl_find(&found, ctl, ctl->words[0], problem);

    return rv ? rv : change_one(&found, ctl, change, step, detail, problem, ctl->pool);
}

/* Due now, where it was; with --again from the beginning, whatever the transport remembers. */
static apr_status_t release(eb_job_t *job, const eb_ctl_t *ctl, eb_problem_t **problem)
{
    if (ctl->again) {
        job->before = EB_JOB_QUEUED;
        job->remote = NULL;
        job->attached = 0;
    }
    if (job->state == EB_JOB_HELD && job->before == EB_JOB_HELD)
        return eb_problem_set(problem, EB_P_JOB_UNKNOWN, APR_EINVAL, NULL, ctl->pool,
                              "Nobody knows where case %s was; --again delivers it once more, jobs "
                              "confirm ends it",
                              job->number);
    if (job->state == EB_JOB_HELD || ctl->again)
        job->state = job->before;
    job->due = ctl->now;
    job->tries = 0;
    job->problem_id = job->problem = job->remedy = NULL;
    return APR_SUCCESS;
}

typedef struct count_t {
    int done, failed;
} count_t;

static int retry_held(const eb_ctl_t *ctl, eb_ctl_authority_t *authority, void *baton,
                      apr_pool_t *pool)
{
    count_t *count = baton;
    eb_problem_t *problem = NULL;
    apr_array_header_t *jobs;
    eb_outbox_t *box;
    apr_pool_t *one;

    if (eb_ctl_open(&box, authority, false, &problem, pool) ||
        box->engine->list(&jobs, box, authority->id, &problem, pool))
        return eb_ctl_complain(ctl, problem);
    apr_pool_create(&one, pool);
    for (int i = 0; i < jobs->nelts; i++) {
        eb_ctl_job_t found = {authority, box, APR_ARRAY_IDX(jobs, i, eb_job_t *)};
        if (found.job->state != EB_JOB_HELD)
            continue;
        if (change_one(&found, ctl, release, "released", "by hand", &problem, one)) {
            count->failed++;
            eb_ctl_complain(ctl, problem);
        } else {
            count->done++;
        }
        apr_pool_clear(one);
    }
    return count->failed ? EB_EXIT_WRONG : EB_EXIT_GOOD;
}

int eb_ctl_jobs_retry(eb_ctl_t *ctl)
{
    eb_problem_t *problem = NULL;
    count_t count = {0, 0};

    if (ctl->all_held) {
        int code = eb_ctl_each(ctl, retry_held, &count);
        if (!code || count.done)
            eb_ctl_done(ctl, "%d held jobs of authority %s are due now.", count.done,
                        ctl->words[0]);
        return code;
    }
    if (change_named(ctl, release, "released", "by hand", &problem))
        return eb_ctl_complain(ctl, problem);
    return eb_ctl_done(ctl, "Case %s is due now.", ctl->words[0]);
}

static apr_status_t hold(eb_job_t *job, const eb_ctl_t *ctl, eb_problem_t **problem)
{
    eb_problem_t *reason = NULL;

    if (job->state == EB_JOB_CONFIRMED)
        return eb_problem_set(problem, EB_P_JOB_UNFOUND, APR_EINVAL, NULL, ctl->pool,
                              "Case %s has been delivered already", job->number);
    eb_problem_set(&reason, EB_P_HELD_BY_HAND, APR_EGENERAL, NULL, ctl->pool, "%s",
                   ctl->words_count > 1 ? ctl->words[1] : "An operator holds this case");
    if (job->state != EB_JOB_HELD)
        job->before = job->state;
    job->state = EB_JOB_HELD;
    job->due = ctl->now;
    job->problem_id = reason->id;
    job->problem = reason->what;
    job->remedy = reason->remedy;
    return APR_SUCCESS;
}

int eb_ctl_jobs_hold(eb_ctl_t *ctl)
{
    eb_problem_t *problem = NULL;

    if (change_named(ctl, hold, "held", "by hand", &problem))
        return eb_ctl_complain(ctl, problem);
    return eb_ctl_done(ctl, "Case %s is held; einbuergerungctl jobs retry %s lets it go.",
                       ctl->words[0], ctl->words[0]);
}

/* A worker does the rest: the record stays, the content goes. */
static apr_status_t confirm(eb_job_t *job, const eb_ctl_t *ctl, eb_problem_t **problem)
{
    (void)problem;
    job->state = job->before = EB_JOB_CONFIRMED;
    job->due = ctl->now;
    job->problem_id = job->problem = job->remedy = NULL;
    return APR_SUCCESS;
}

int eb_ctl_jobs_confirm(eb_ctl_t *ctl)
{
    eb_problem_t *problem = NULL;

    if (!ctl->yes)
        return eb_ctl_usage("the content of the application will be deleted: say --yes if the "
                            "receiver has it");
    if (change_named(ctl, confirm, "confirmed", "by hand", &problem))
        return eb_ctl_complain(ctl, problem);
    return eb_ctl_done(ctl, "Case %s counts as delivered.", ctl->words[0]);
}
