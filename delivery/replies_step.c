/* What becomes of an answer. Whatever a person must see to is held, and says what it is; to confirm
 * it (einbuergerungctl jobs confirm) is to say that it was read. */
#include "replies_parts.h"

#include <apr_strings.h>

static eb_step_result_t hold(eb_problem_id_t number, const eb_job_t *job, const char *what,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    eb_problem_set(problem, number, APR_EGENERAL, NULL, pool, "Message %s %s",
                   eb_replies_message(job->remote, pool), what);
    return EB_STEP_HOLD;
}

static eb_step_result_t judge(eb_job_t *job, const eb_reply_rules_t *rules,
                              const eb_package_t *package, eb_problem_t **problem, apr_pool_t *pool)
{
    const char *message = eb_replies_message(job->remote, pool);
    eb_reply_kind_t kind;

    if (!*job->number)
        return hold(EB_P_REPLY_UNKNOWN, job, "is about no application that is known here", problem,
                    pool);
    if (eb_reply_read(&kind, rules, package->message, package->message_len, problem, pool))
        return EB_STEP_HOLD;
    job->remote = eb_replies_memory(message, eb_reply_kind_name(kind), pool);
    job->detail = apr_pstrcat(pool, "message=", message, " kind=", eb_reply_kind_name(kind), NULL);
    job->state = EB_JOB_ANNOUNCED;
    return EB_STEP_FORWARD;
}

static eb_step_result_t file(eb_job_t *job, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_reply_kind_t kind;

    if (!eb_replies_kind(&kind, job->remote, pool)) { /* of a version to come */
        job->state = EB_JOB_QUEUED;
        return EB_STEP_FORWARD;
    }
    if (kind == EB_REPLY_REFUSAL)
        return hold(EB_P_REPLY_REFUSAL, job, apr_pstrcat(pool, "refuses case ", job->number, NULL),
                    problem, pool);
    if (kind == EB_REPLY_LETTER)
        return hold(EB_P_REPLY_LETTER, job,
                    apr_pstrcat(pool, "is a letter about case ", job->number, NULL), problem, pool);
    job->state = EB_JOB_CONFIRMED;
    return EB_STEP_FORWARD;
}

static eb_step_result_t step(const eb_transport_t *self, eb_job_t *job, const eb_package_t *package,
                             apr_time_t now, const eb_stop_t *stop, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    (void)now, (void)stop;
    return job->state == EB_JOB_QUEUED ? judge(job, self->data, package, problem, pool)
                                       : file(job, problem, pool);
}

void eb_replies_transport(eb_transport_t *transport, const eb_reply_rules_t *rules)
{
    *transport = (eb_transport_t){EB_REPLIES_TRANSPORT, step, (void *)(uintptr_t)rules};
}
