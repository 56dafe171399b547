/* The first step: the destination is looked at, keys are wrapped and what is in memory is encrypted
 * before anything is announced, so that nothing that fails here leaves an orphan behind.
 *
 * An announcement has no key by which a repetition could be recognised; so it is sent once. If its
 * answer is lost, it is made again with another attempt, which shares neither ids nor keys with the
 * lost one; that one never gets its parts, and the Zustelldienst drops it after a day. */
#include "api.h"
#include "destination.h"
#include "json.h"
#include "parts.h"
#include "steps.h"
#include "base/seal.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

static eb_step_result_t failed(eb_problem_id_t id, const char *what, eb_step_result_t result,
                               const eb_fit_call_t *call)
{
    eb_problem_set(call->problem, id, APR_EGENERAL, NULL, call->pool, "Case %s %s",
                   call->package->number, what);
    return result;
}

static const char *draw_attempt(apr_pool_t *pool)
{
    unsigned char random[EB_FIT_ATTEMPT_LEN / 2];
    char *attempt = apr_palloc(pool, EB_FIT_ATTEMPT_LEN + 1);

    if (eb_random(random, sizeof random))
        return NULL;
    for (size_t i = 0; i < sizeof random; i++)
        apr_snprintf(attempt + 2 * i, 3, "%02x", random[i]);
    return attempt;
}

static eb_fit_memory_t *begin(const eb_fit_destination_t *destination, int restarts,
                              const eb_fit_call_t *call)
{
    const eb_fitconnect_settings_t *s = &call->fit->s;
    eb_fit_memory_t *memory = eb_fit_memory_new(call->package->attachments_count, call->pool);

    memory->attempt = draw_attempt(call->pool);
    memory->restarts = restarts;
    memory->destination = s->destination;
    memory->kid = destination->kid;
    memory->version = destination->schema->version;
    memory->schema = s->schema ? s->schema : call->package->schema;
    memory->mime_type = s->mime_type;
    memory->service = s->service;
    memory->service_name = s->service_name;
    memory->author = s->author;
    memory->product = s->product;
    memory->product_version = s->version;
    memory->manufacturer = s->manufacturer;
    return memory;
}

/* All that can go wrong on this side goes wrong here. */
static eb_step_result_t encrypt(eb_fit_memory_t *memory, const eb_jwk_t *key,
                                const eb_fit_call_t *call)
{
    const eb_package_t *package = call->package;
    const char *metadata, *jwe;
    eb_step_result_t result = eb_fit_parts_wrap(memory, key, call);

    if (result != EB_STEP_FORWARD)
        return result;
    if (eb_fit_metadata(&metadata, memory, package, call->job->accepted, call->problem, call->pool))
        return EB_STEP_HOLD;
    result = eb_fit_part_text(&jwe, EB_FIT_METADATA, memory, metadata, strlen(metadata), call);
    if (result != EB_STEP_FORWARD)
        return result;
    return eb_fit_part_text(&jwe, EB_FIT_DATA, memory, package->message, package->message_len,
                            call);
}

static json_t *ids_of(const eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    json_t *list = json_array();
    char uuid[EB_UUID_LEN + 1];

    for (int i = 0; i < call->package->attachments_count; i++)
        if (eb_fit_attachment_id(uuid, memory, call->package, i) ||
            json_array_append_new(list, json_string(uuid))) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static const char *announcement(const eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    const eb_fit_t *fit = call->fit;
    json_t *json = json_pack("{s:s, s:o, s:{s:s, s:s}}", "destinationId", memory->destination,
                             "announcedAttachments", ids_of(memory, call), fit->profile->service,
                             "name", memory->service_name, "identifier", memory->service);

    if (json && fit->profile->region && fit->s.region)
        json_object_set_new(json, "region", json_string(fit->s.region));
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    const char *kept = text ? apr_pstrdup(call->pool, text) : NULL;
    free(text);
    json_decref(json);
    return kept;
}

static eb_step_result_t refused(const eb_http_answer_t *answer, int restarts,
                                const eb_fit_call_t *call)
{
    eb_step_result_t result = eb_fit_refusal(answer, "an announcement", call);

    if (result == EB_STEP_HOLD && answer->status != 401)
        call->job->remote = eb_fit_start_text(restarts, "refused", call->pool);
    return result;
}

static eb_step_result_t announce(eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    const eb_fit_t *fit = call->fit;
    const char *body = announcement(memory, call);
    eb_http_answer_t answer;
    json_t *json;

    if (!body)
        return failed(EB_P_CRYPTO, "cannot be announced", EB_STEP_WAIT, call);
    eb_http_request_t request = {
        .method = "POST",
        .url = apr_pstrcat(call->pool, fit->s.submission_url, fit->profile->announce, NULL),
        .type = "application/json",
        .accept = "application/json",
        .source = eb_memory_source(body, strlen(body), call->pool),
        .len = strlen(body),
        .once = true};
    eb_step_result_t result = eb_fit_ask(&answer, call, &request);
    if (result != EB_STEP_FORWARD)
        return result;
    if (answer.status != fit->profile->announced)
        return refused(&answer, memory->restarts, call);
    result = eb_fit_object(&json, &answer, "an announcement", call);
    if (result != EB_STEP_FORWARD)
        return result;
    memory->submission = eb_json_member(json, "submissionId");
    memory->case_id = eb_json_member(json, "caseId");
    if (!eb_fit_name_good(memory->submission) || !eb_fit_name_good(memory->case_id))
        return failed(EB_P_FIT_ANSWER, "was announced, and got no id", EB_STEP_WAIT, call);
    memory->announced = call->now;
    eb_fit_remember(memory, call);
    call->job->attached = 0;
    call->job->state = EB_JOB_ANNOUNCED;
    return EB_STEP_FORWARD;
}

eb_step_result_t eb_fit_announce(const eb_fit_call_t *call)
{
    eb_fit_destination_t destination;
    eb_fit_memory_t *memory;
    eb_jwk_t *key;
    const char *ended;
    int restarts;

    eb_fit_start_read(&restarts, &ended, call->job->remote, call->pool);
    if (ended && !eb_fit_released(call))
        return eb_fit_remain(call);
    if (call->package->attachments_count > EB_FIT_ATTACHMENTS_MAX)
        return failed(EB_P_FIT_MANY, "has more documents than can be sent", EB_STEP_HOLD, call);
    eb_step_result_t result = eb_fit_destination(&destination, call->package->schema, call);
    if (result == EB_STEP_FORWARD)
        result = eb_fit_destination_key(&key, call->fit->s.destination, destination.kid,
                                        EB_JWK_ENCRYPT, NULL, call);
    if (result != EB_STEP_FORWARD)
        return result;
    memory = begin(&destination, ended ? 0 : restarts, call);
    if (!memory->attempt)
        return failed(EB_P_CRYPTO, "gets no random number", EB_STEP_WAIT, call);
    result = encrypt(memory, key, call);
    if (result == EB_STEP_FORWARD)
        result = announce(memory, call);
    if (result == EB_STEP_FORWARD)
        call->job->detail = apr_pstrcat(call->pool, call->job->detail,
                                        " key=", eb_fit_key_text(key, call->pool), NULL);
    return result;
}
