/* From queued to confirmed in three questions, each of which may be put again:
 *
 *   queued     createMessageId. An answer that is lost costs an id that nobody uses.
 *   announced  sendMessage with the id that is stored with the job. When the answer is lost the
 *              same message goes again under the same id, and a server that has it already says
 *              9024: so nothing is sent twice, whoever dies when.
 *   submitted  getTransportReport. Green is delivered; red is a person's. Open and yellow are asked
 *              again, less and less often; a yellow that stays yellow is shown to a person, since
 *              for XTA it is the end of the matter, and not for us.
 *
 * A message is large and a held job is looked at every minute, so what a server has refused is not
 * sent again at once: the memory says when to, and a person may say so sooner (which takes the
 * problem off the job). */
#include "parts.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

#define POLL_MAX apr_time_from_sec(3600)
#define REST     apr_time_from_sec(15 * 60)
#define YELLOW   apr_time_from_sec(24 * 3600)

static const char *const lights[] = {"open", "green", "yellow", "red"};

typedef struct step_t {
    const eb_xta_t *xta;
    eb_job_t *job;
    const eb_package_t *package;
    apr_time_t now;
    const eb_stop_t *stop;
    eb_problem_t **problem;
    apr_pool_t *pool;
    eb_xta_memory_t memory;
} step_t;

static eb_step_result_t forward(step_t *s, eb_job_state_t state)
{
    s->memory.rest = 0;
    s->job->remote = eb_xta_memory_write(&s->memory, s->pool);
    s->job->detail = apr_pstrcat(s->pool, "message=", s->memory.message, NULL);
    s->job->state = state;
    return EB_STEP_FORWARD;
}

/* Retry-After is kept; a fault that only a person or a change of settings cures rests. */
static eb_step_result_t stay(step_t *s, eb_step_result_t result, const eb_xta_asked_t *asked)
{
    const eb_xta_cure_t cure = asked->fault ? asked->fault->cure : EB_CURE_CARE;

    if (result == EB_STEP_WAIT && asked->retry_after)
        s->job->due = s->now + asked->retry_after;
    if (result == EB_STEP_HOLD && s->memory.message) {
        s->memory.rest = cure == EB_CURE_PERSON ? EB_XTA_FOR_GOOD : s->now + REST;
        s->job->remote = eb_xta_memory_write(&s->memory, s->pool);
    }
    return result;
}

/* Held as before, by what is known already. */
static eb_step_result_t rest(step_t *s)
{
    eb_problem_t *problem = apr_palloc(s->pool, sizeof *problem);
    int number = EB_P_COUNT - 1;

    while (number > 0 && strcmp(eb_problem_id(number), s->job->problem_id) != 0)
        number--;
    *problem = (eb_problem_t){.number = number,
                              .id = s->job->problem_id,
                              .status = APR_EGENERAL,
                              .what = s->job->problem ? s->job->problem : "",
                              .remedy = s->job->remedy ? s->job->remedy : ""};
    *s->problem = problem;
    return EB_STEP_HOLD;
}

static eb_step_result_t announce(step_t *s)
{
    eb_xta_letter_t letter;
    eb_xta_asked_t asked;
    eb_soap_t soap;

    if (eb_xta_letter(&letter, s->xta, s->package, s->now, s->problem, s->pool))
        return EB_STEP_HOLD;
    if (eb_soap_new_id(&soap, &s->xta->settings, s->problem, s->pool))
        return EB_STEP_WAIT;
    eb_step_result_t result =
        eb_xta_ask(&asked, s->xta, &soap, NULL, 0, s->stop, s->problem, s->pool);
    if (result != EB_STEP_FORWARD)
        return stay(s, result, &asked);
    if (eb_xta_answer_id(&s->memory.message, &asked.answer, s->pool))
        return eb_xta_odd(&soap, "no message id", s->problem, s->pool);
    return forward(s, EB_JOB_ANNOUNCED);
}

/* For the journal: the answer to an earlier sending was lost. */
static void note_repetition(step_t *s)
{
    s->job->notes = apr_array_make(s->pool, 1, sizeof(eb_note_t));
    APR_ARRAY_PUSH(s->job->notes, eb_note_t) =
        (eb_note_t){"sent before", apr_pstrcat(s->pool, "message=", s->memory.message, NULL)};
}

static eb_step_result_t submit(step_t *s)
{
    const eb_certificate_t *own = eb_certificate_at(s->xta->own, s->now, s->problem, s->pool);
    eb_xta_letter_t letter;
    eb_xta_asked_t asked;
    eb_soap_t soap;

    if (!own || eb_xta_letter(&letter, s->xta, s->package, s->now, s->problem, s->pool))
        return EB_STEP_HOLD;
    const eb_soap_message_t message = {.id = s->memory.message,
                                       .number = s->package->number,
                                       .schema = s->package->schema,
                                       .made = s->job->accepted,
                                       .own = own->base64,
                                       .contents = letter.contents,
                                       .count = letter.count,
                                       .sealed = letter.sealed,
                                       .sealed_id = letter.sealed ? letter.parts->id : NULL};
    if (eb_soap_send(&soap, &s->xta->settings, &message, s->problem, s->pool))
        return EB_STEP_WAIT;
    eb_step_result_t result = eb_xta_ask(&asked, s->xta, &soap, letter.parts, letter.parts_count,
                                         s->stop, s->problem, s->pool);
    if (result != EB_STEP_STOPPED && *letter.unread)
        return EB_STEP_HOLD;
    if (asked.fault && asked.fault->cure == EB_CURE_NONE) {
        note_repetition(s);
        *s->problem = NULL;
        return forward(s, EB_JOB_SUBMITTED);
    }
    return result == EB_STEP_FORWARD ? forward(s, EB_JOB_SUBMITTED) : stay(s, result, &asked);
}

static eb_step_result_t look_again(step_t *s)
{
    apr_interval_time_t wait = s->xta->settings.poll;

    for (int i = 0; i < s->memory.looks && wait < POLL_MAX; i++)
        wait *= 2;
    s->memory.looks++;
    s->memory.rest = 0;
    s->job->remote = eb_xta_memory_write(&s->memory, s->pool);
    s->job->due = s->now + (wait < POLL_MAX ? wait : POLL_MAX);
    return EB_STEP_LATER;
}

static eb_step_result_t warned(step_t *s, const eb_xta_report_t *report)
{
    if (!s->memory.yellow)
        s->memory.yellow = s->now;
    if (s->now - s->memory.yellow < YELLOW)
        return look_again(s);
    eb_problem_set(s->problem, EB_P_XTA_YELLOW, APR_EGENERAL, NULL, s->pool,
                   "The transport report of message %s has been yellow for a day: \"%s\"",
                   s->memory.message, report->reason);
    return stay(s, EB_STEP_HOLD, &(eb_xta_asked_t){.fault = NULL});
}

static eb_step_result_t refused(step_t *s, const eb_xta_report_t *report)
{
    eb_problem_set(s->problem, EB_P_XTA_RED, APR_EGENERAL, NULL, s->pool,
                   "The transport report of message %s is red: \"%s\"", s->memory.message,
                   report->reason);
    return stay(s, EB_STEP_HOLD, &(eb_xta_asked_t){.fault = NULL});
}

/* Ours is the message that we named, about this case: an id that was given to somebody else would
 * show here, after 9024. A server need not repeat the process. */
static bool is_ours(const step_t *s, const eb_xta_report_t *report)
{
    return !strcmp(report->message, s->memory.message) &&
           (!*report->process || !strcmp(report->process, s->package->number));
}

static eb_step_result_t weigh(step_t *s, const eb_xta_report_t *report)
{
    if (!is_ours(s, report)) {
        eb_problem_set(s->problem, EB_P_XTA_ID_USED, APR_EGENERAL, NULL, s->pool,
                       "The transport report of message %s is about another one",
                       s->memory.message);
        return stay(s, EB_STEP_HOLD, &(eb_xta_asked_t){.fault = NULL});
    }
    s->memory.light = lights[report->light];
    if (report->light != EB_XTA_YELLOW)
        s->memory.yellow = 0;
    switch (report->light) {
    case EB_XTA_GREEN: return forward(s, EB_JOB_CONFIRMED);
    case EB_XTA_RED: return refused(s, report);
    case EB_XTA_YELLOW: return warned(s, report);
    default: return look_again(s);
    }
}

static eb_step_result_t look(step_t *s)
{
    eb_xta_report_t report;
    eb_xta_asked_t asked;
    eb_soap_t soap;

    if (eb_soap_report(&soap, &s->xta->settings, s->memory.message, s->problem, s->pool))
        return EB_STEP_WAIT;
    soap.answer_max = EB_XTA_ROOT_MAX; /* an OSCI process card may be attached */
    eb_step_result_t result =
        eb_xta_ask(&asked, s->xta, &soap, NULL, 0, s->stop, s->problem, s->pool);
    if (result != EB_STEP_FORWARD)
        return stay(s, result, &asked);
    if (eb_xta_answer_report(&report, &asked.answer, s->pool))
        return eb_xta_odd(&soap, "no transport report", s->problem, s->pool);
    return weigh(s, &report);
}

eb_step_result_t eb_xta_step(const eb_transport_t *self, eb_job_t *job, const eb_package_t *package,
                             apr_time_t now, const eb_stop_t *stop, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    step_t s = {.xta = self->data,
                .job = job,
                .package = package,
                .now = now,
                .stop = stop,
                .problem = problem,
                .pool = pool};

    if (job->state == EB_JOB_QUEUED)
        return announce(&s);
    if (eb_xta_memory_read(&s.memory, job->remote, pool)) {
        eb_problem_set(problem, EB_P_XTA_MEMORY, APR_EINVAL, NULL, pool,
                       "Case %s is %s, and its message id is not known", job->number,
                       eb_job_state_name(job->state));
        return EB_STEP_HOLD;
    }
    if (job->problem_id && now < s.memory.rest)
        return rest(&s);
    return job->state == EB_JOB_ANNOUNCED ? submit(&s) : look(&s);
}
