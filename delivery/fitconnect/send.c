/* The parts on their way. An attachment may be sent again and again, since it comes out the same.
 * The submission itself must not: it is an act. From the last attachment on, what the job remembers
 * says no more than "it may have been submitted"; so before each try the event log is read, which
 * knows. A submission that is not there any more is begun anew only when it is certain that it was
 * never submitted. */
#include "api.h"
#include "events.h"
#include "json.h"
#include "parts.h"
#include "steps.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

enum { RESTARTS_MAX = 3 };

/* A refusal that only a person ends, or a submission that has to be made anew. */
static eb_step_result_t refuse(const eb_http_answer_t *answer, const char *what, bool anew,
                               eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    if (answer->status == 404 && anew && memory->restarts < RESTARTS_MAX)
        return eb_fit_restart(memory, memory->restarts + 1, call);
    eb_step_result_t result = eb_fit_refusal(answer, what, call);
    return result == EB_STEP_HOLD && answer->status != 401 ? eb_fit_end(memory, "refused", call)
                                                           : result;
}

static eb_step_result_t attached(eb_fit_memory_t *memory, int index, const eb_jwe_flow_t *flow,
                                 const eb_fit_call_t *call)
{
    memory->parts[index] = (eb_fit_part_t){.tag = apr_pstrdup(call->pool, flow->tag)};
    eb_fit_remember(memory, call);
    call->job->attached++;
    call->job->state = EB_JOB_ATTACHED;
    return EB_STEP_FORWARD;
}

eb_step_result_t eb_fit_attach(eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    const eb_fit_t *fit = call->fit;
    const int index = EB_FIT_ATTACHMENT + call->job->attached;
    const eb_attachment_t *attachment = &call->package->attachments[call->job->attached];
    bool unread = false;
    char uuid[EB_UUID_LEN + 1];
    eb_http_answer_t answer;
    eb_jwe_part_t part;
    eb_jwe_flow_t flow;
    eb_step_result_t result = eb_fit_part(&part, index, memory, call);

    if (result != EB_STEP_FORWARD)
        return result;
    eb_fit_attachment_id(uuid, memory, call->package, call->job->attached);
    eb_jwe_flow(&flow, &part, eb_attachment_source(attachment, &unread, call->pool));
    const char *path = apr_psprintf(call->pool, fit->profile->attachment, memory->submission, uuid);
    eb_http_request_t request = {.method = "PUT",
                                 .url = apr_pstrcat(call->pool, fit->s.submission_url, path, NULL),
                                 .type = "application/jose",
                                 .source = &flow.source,
                                 .len = eb_jwe_len(&part, attachment->size)};
    result = eb_fit_ask(&answer, call, &request);
    if (result != EB_STEP_FORWARD)
        return unread ? EB_STEP_HOLD : result;
    if (answer.status != fit->profile->attached)
        return refuse(&answer, "an attachment", true, memory, call);
    return attached(memory, index, &flow, call);
}

/* Whether the event log says that it has been submitted; *missing: there is no such log. */
static eb_step_result_t look(bool *submitted, bool *missing, eb_fit_memory_t *memory,
                             const eb_fit_call_t *call)
{
    apr_array_header_t *tokens;
    eb_fit_story_t story;
    eb_step_result_t result = eb_fit_log(&tokens, missing, memory, call);

    *submitted = false;
    if (result != EB_STEP_FORWARD || !eb_fit_log_claims(tokens, EB_EVENT_SUBMITTED, call->pool))
        return result;
    result = eb_fit_story(&story, tokens, memory, call);
    eb_fit_remember(memory, call);
    if (result != EB_STEP_FORWARD)
        return result;
    *submitted = story.submitted;
    if (story.submitted)
        return EB_STEP_FORWARD;
    *call->problem = (eb_problem_t *)(story.alarm ? story.alarm : story.doubt);
    return story.alarm ? EB_STEP_HOLD : EB_STEP_WAIT;
}

static eb_step_result_t submitted(eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    memory->parts[EB_FIT_METADATA].wrapped = memory->parts[EB_FIT_DATA].wrapped = NULL;
    memory->submitted = call->now;
    memory->ended = NULL;
    eb_fit_remember(memory, call);
    call->job->state = EB_JOB_SUBMITTED;
    return EB_STEP_FORWARD;
}

/* Both JWEs, in one object. They consist of letters, digits, '-', '_' and '.'. */
static eb_step_result_t make_body(const char **body, eb_fit_memory_t *memory,
                                  const eb_fit_call_t *call)
{
    const eb_package_t *package = call->package;
    const char *text, *metadata, *data;

    if (eb_fit_metadata(&text, memory, package, call->job->accepted, call->problem, call->pool))
        return EB_STEP_HOLD;
    eb_step_result_t result =
        eb_fit_part_text(&metadata, EB_FIT_METADATA, memory, text, strlen(text), call);
    if (result == EB_STEP_FORWARD)
        result = eb_fit_part_text(&data, EB_FIT_DATA, memory, package->message,
                                  package->message_len, call);
    if (result == EB_STEP_FORWARD)
        *body = apr_pstrcat(call->pool, "{\"encryptedMetadata\":\"", metadata,
                            "\",\"encryptedData\":\"", data, "\"}", NULL);
    return result;
}

/* Any success counts if it speaks of this submission; otherwise somebody else may have answered. */
static bool answers_for(const eb_http_answer_t *answer, const eb_fit_memory_t *memory,
                        apr_pool_t *pool)
{
    json_t *json;

    if (eb_json_read(&json, answer->body, answer->len, EB_HTTP_ANSWER_MAX, pool))
        return false;
    const char *id = eb_json_member(json, "submissionId");
    return id && strcmp(id, memory->submission) == 0;
}

static eb_step_result_t lost(eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    eb_problem_set(call->problem, EB_P_FIT_LOST, APR_EGENERAL, NULL, call->pool,
                   "Submission %s of case %s, which may have been submitted, is not there any more",
                   memory->submission, call->package->number);
    return eb_fit_end(memory, "refused", call);
}

static eb_step_result_t unclear(const eb_http_answer_t *answer, eb_fit_memory_t *memory,
                                const eb_fit_call_t *call)
{
    bool there, missing;
    eb_step_result_t result = look(&there, &missing, memory, call);

    if (result != EB_STEP_FORWARD)
        return result;
    return there ? submitted(memory, call) : eb_fit_refusal(answer, "a submission", call);
}

static eb_step_result_t act(eb_fit_memory_t *memory, bool missing, const eb_fit_call_t *call)
{
    const eb_fit_t *fit = call->fit;
    const char *path = apr_psprintf(call->pool, fit->profile->submit, memory->submission);
    eb_http_answer_t answer;
    const char *body;
    eb_step_result_t result = make_body(&body, memory, call);

    if (result != EB_STEP_FORWARD)
        return result;
    eb_http_request_t request = {.method = "PUT",
                                 .url = apr_pstrcat(call->pool, fit->s.submission_url, path, NULL),
                                 .type = "application/json",
                                 .accept = "application/json",
                                 .source = eb_memory_source(body, strlen(body), call->pool),
                                 .len = strlen(body),
                                 .once = true};
    result = eb_fit_ask(&answer, call, &request);
    if (result != EB_STEP_FORWARD)
        return result;
    if (answer.status == 404 && missing)
        return lost(memory, call);
    if (answer.status / 100 != 2)
        return refuse(&answer, "a submission", !missing, memory, call);
    return answers_for(&answer, memory, call->pool) ? submitted(memory, call)
                                                    : unclear(&answer, memory, call);
}

eb_step_result_t eb_fit_submit(eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    bool there, missing;
    eb_step_result_t result = look(&there, &missing, memory, call);

    if (result != EB_STEP_FORWARD)
        return result;
    return there ? submitted(memory, call) : act(memory, missing, call);
}

eb_step_result_t eb_fit_refused(eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    const bool released = eb_fit_released(call);
    bool there = false, missing = false;

    if (call->job->attached == call->package->attachments_count) {
        eb_step_result_t result = look(&there, &missing, memory, call);
        if (result != EB_STEP_FORWARD)
            return result;
    }
    if (there)
        return submitted(memory, call);
    if (!released)
        return eb_fit_remain(call);
    return missing ? lost(memory, call) : eb_fit_restart(memory, 0, call);
}
