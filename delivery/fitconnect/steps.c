/* Which step comes next, by the state of the job alone:
 *
 *   queued      destination, keys, announcement        announced: ids, wrapped keys and tags are
 *                                                      remembered before the first part is sent
 *   announced   one attachment each                    attached: its tag is remembered
 *   attached    … after the last one, the submission   submitted
 *   submitted   the event log                          confirmed, when the destination has signed
 *
 * A job that was refused, rejected or deleted is held. The dispatcher looks at held jobs again by
 * itself, and then hears the same; when a person has let it go, a new submission is made, with
 * everything asked for and encrypted anew. */
#include "steps.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

void eb_fit_remember(const eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    const char *text = eb_fit_memory_text(memory, call->pool);

    if (text)
        call->job->remote = text;
    call->job->detail = eb_fit_memory_detail(memory, call->pool);
}

eb_step_result_t eb_fit_restart(const eb_fit_memory_t *memory, int restarts,
                                const eb_fit_call_t *call)
{
    call->job->remote = eb_fit_start_text(restarts, NULL, call->pool);
    call->job->detail =
        apr_pstrcat(call->pool, "instead of ", eb_fit_memory_detail(memory, call->pool), NULL);
    call->job->attached = 0;
    call->job->state = EB_JOB_QUEUED;
    return EB_STEP_FORWARD;
}

eb_step_result_t eb_fit_end(eb_fit_memory_t *memory, const char *ended, const eb_fit_call_t *call)
{
    memory->ended = ended;
    eb_fit_remember(memory, call);
    return EB_STEP_HOLD;
}

bool eb_fit_released(const eb_fit_call_t *call)
{
    return call->job->problem_id == NULL;
}

eb_step_result_t eb_fit_remain(const eb_fit_call_t *call)
{
    const eb_job_t *job = call->job;
    eb_problem_t *problem = apr_palloc(call->pool, sizeof *problem);

    *problem = (eb_problem_t){.number = EB_P_FIT_REFUSED,
                              .id = job->problem_id,
                              .status = APR_EGENERAL,
                              .what = job->problem ? job->problem : "",
                              .remedy = job->remedy ? job->remedy : ""};
    *call->problem = problem;
    return EB_STEP_HOLD;
}

static eb_step_result_t forgotten(const eb_fit_call_t *call)
{
    eb_problem_set(call->problem, EB_P_FIT_MEMORY, APR_EINVAL, NULL, call->pool,
                   "What is remembered of the submission of case %s cannot be understood",
                   call->package->number);
    return EB_STEP_HOLD;
}

static eb_step_result_t go_on(eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    const eb_job_t *job = call->job;

    if (memory->ended && strcmp(memory->ended, "refused") == 0)
        return eb_fit_refused(memory, call);
    if (memory->ended)
        return eb_fit_released(call) ? eb_fit_restart(memory, 0, call) : eb_fit_remain(call);
    if (job->state == EB_JOB_SUBMITTED)
        return eb_fit_follow(memory, call);
    return job->attached < call->package->attachments_count ? eb_fit_attach(memory, call)
                                                            : eb_fit_submit(memory, call);
}

eb_step_result_t eb_fit_step(const eb_transport_t *self, eb_job_t *job, const eb_package_t *package,
                             apr_time_t now, const eb_stop_t *stop, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    const eb_fit_call_t call = {self->data, job, package, now, stop, problem, pool};
    eb_fit_memory_t *memory;

    if (job->state == EB_JOB_QUEUED)
        return eb_fit_announce(&call);
    if (job->attached < 0 || job->attached > package->attachments_count ||
        eb_fit_memory_read(&memory, job->remote, package->attachments_count, pool))
        return forgotten(&call);
    return go_on(memory, &call);
}
