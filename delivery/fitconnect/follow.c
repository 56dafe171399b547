/* What becomes of a submission: its event log is read until the destination has signed for it, or
 * somebody has signed that it is over. A token that is not believed keeps the case where it is, and
 * is told to the operator. Tags that are not ours, rightly signed, are an alarm: whatever else has
 * been signed, nothing is deleted before a person has compared what was sent with what arrived. */
#include "api.h"
#include "events.h"
#include "steps.h"
#include "base/buf.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

enum { REASONS_MAX = 1000 };
#define POLL_MAX apr_time_from_sec(15 * 60)

/* A tenth of the age: what has waited a day is in no hurry. */
apr_interval_time_t eb_fit_poll_interval(apr_interval_time_t first, apr_interval_time_t age)
{
    apr_interval_time_t wait = age / 10;

    if (wait > POLL_MAX)
        wait = POLL_MAX;
    return wait < first ? first : wait;
}

/* The receiver's reasons in one line; they are shown escaped. */
static const char *reasons(const eb_set_t *set, apr_pool_t *pool)
{
    eb_buf_t out;

    eb_buf_init(&out, 256, pool);
    for (int i = 0; set->problems && i < set->problems->nelts; i++) {
        const eb_set_problem_t *p = &APR_ARRAY_IDX(set->problems, i, eb_set_problem_t);
        eb_buf_puts(&out, out.len ? "; " : ": ");
        eb_buf_puts(&out, p->title ? p->title : p->type);
        if (p->detail)
            eb_buf_printf(&out, ": %s", p->detail);
    }
    return eb_fit_clean(eb_buf_cstr(&out), REASONS_MAX, pool);
}

static eb_step_result_t rejected(const eb_set_t *set, eb_fit_memory_t *memory,
                                 const eb_fit_call_t *call)
{
    const bool destination = strcmp(set->issuer, memory->destination) == 0;

    eb_problem_set(call->problem, EB_P_FIT_REJECTED, APR_EGENERAL, NULL, call->pool,
                   "%s rejected submission %s of case %s%s",
                   destination ? "The destination" : "The Zustelldienst", memory->submission,
                   call->package->number, reasons(set, call->pool));
    return eb_fit_end(memory, "rejected", call);
}

static eb_step_result_t deleted(eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    eb_problem_set(call->problem, EB_P_FIT_DELETED, APR_EGENERAL, NULL, call->pool,
                   "The Zustelldienst deleted submission %s of case %s before it was accepted",
                   memory->submission, call->package->number);
    return eb_fit_end(memory, "deleted", call);
}

static eb_step_result_t judge(const eb_fit_story_t *story, eb_fit_memory_t *memory,
                              const eb_fit_call_t *call)
{
    eb_job_t *job = call->job;

    if (story->alarm) {
        *call->problem = (eb_problem_t *)story->alarm;
        return EB_STEP_HOLD;
    }
    if (story->accepted) {
        job->state = EB_JOB_CONFIRMED;
        return EB_STEP_FORWARD;
    }
    if (story->rejected)
        return rejected(story->rejected, memory, call);
    if (story->deleted)
        return deleted(memory, call);
    if (story->doubt) {
        *call->problem = (eb_problem_t *)story->doubt;
        return EB_STEP_WAIT;
    }
    job->due = call->now + eb_fit_poll_interval(call->fit->s.poll, call->now - memory->submitted);
    return EB_STEP_LATER;
}

eb_step_result_t eb_fit_follow(eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    apr_array_header_t *tokens;
    eb_fit_story_t story;
    eb_step_result_t result = eb_fit_log(&tokens, NULL, memory, call);

    if (result != EB_STEP_FORWARD)
        return result;
    result = eb_fit_story(&story, tokens, memory, call);
    eb_fit_remember(memory, call);
    return result == EB_STEP_FORWARD ? judge(&story, memory, call) : result;
}
