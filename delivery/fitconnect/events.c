/* Each token is proved on its own: a false one is passed over, and hides nothing that comes before
 * or after it. The key is looked for where the issuer that we know keeps it, the destination of the
 * submission or the configured Zustelldienst, and nowhere that a token names.
 *
 * A token that has been believed, and decides nothing, is not proved again. One that is an alarm is
 * evidence, too, and stays an alarm: its mark is another. */
#include "events.h"
#include "api.h"
#include "destination.h"
#include "parts.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <string.h>

enum { PAGE = 100, TOKENS_MAX = 5000, MARK_LEN = 16 };

apr_status_t eb_fit_page_read(eb_fit_page_t *page, const json_t *json, apr_pool_t *pool)
{
    const json_t *list = json_object_get(json, "eventLog"), *total;
    size_t i;
    const json_t *item;

    total = json_object_get(json, "totalCount");
    if (!json_is_array(list) || !json_is_integer(total))
        return APR_EINVAL;
    page->total = json_integer_value(total);
    if (page->total < 0 || page->total > TOKENS_MAX)
        return APR_EINVAL;
    page->tokens = apr_array_make(pool, (int)json_array_size(list) + 1, sizeof(const char *));
    json_array_foreach((json_t *)list, i, item)
    {
        if (!json_is_string(item))
            return APR_EINVAL;
        APR_ARRAY_PUSH(page->tokens, const char *) = json_string_value(item);
    }
    return APR_SUCCESS;
}

static eb_step_result_t no_log(const eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    eb_problem_set(call->problem, EB_P_FIT_ANSWER, APR_EINVAL, NULL, call->pool,
                   "The event log of submission %s is not one", memory->submission);
    return EB_STEP_WAIT;
}

/* One page. *missing may be NULL. */
static eb_step_result_t read_page(eb_fit_page_t *page, int offset, bool *missing,
                                  const eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    const char *path =
        apr_psprintf(call->pool, call->fit->profile->events, memory->case_id, (int)PAGE, offset);
    eb_http_request_t request = {
        .method = "GET",
        .url = apr_pstrcat(call->pool, call->fit->s.submission_url, path, NULL),
        .accept = "application/json"};
    eb_http_answer_t answer;
    json_t *json;
    eb_step_result_t result = eb_fit_ask(&answer, call, &request);

    if (result != EB_STEP_FORWARD)
        return result;
    if (answer.status == 404 && missing) {
        *missing = true;
        page->total = 0;
        page->tokens = apr_array_make(call->pool, 1, sizeof(const char *));
        return EB_STEP_FORWARD;
    }
    if (answer.status != 200)
        return eb_fit_refusal(&answer, "the question for events", call);
    result = eb_fit_object(&json, &answer, "the question for events", call);
    if (result == EB_STEP_FORWARD && eb_fit_page_read(page, json, call->pool))
        return no_log(memory, call);
    return result;
}

eb_step_result_t eb_fit_log(apr_array_header_t **tokens, bool *missing,
                            const eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    apr_array_header_t *all = apr_array_make(call->pool, 16, sizeof(const char *));
    eb_fit_page_t page;

    if (missing)
        *missing = false;
    do {
        eb_step_result_t result = read_page(&page, all->nelts, missing, memory, call);
        if (result != EB_STEP_FORWARD)
            return result;
        apr_array_cat(all, page.tokens);
    } while (page.tokens->nelts && all->nelts < page.total);
    *tokens = all;
    return EB_STEP_FORWARD;
}

bool eb_fit_log_claims(const apr_array_header_t *tokens, eb_event_t event, apr_pool_t *pool)
{
    eb_set_claim_t claim;
    eb_problem_t *problem = NULL;

    for (int i = 0; i < tokens->nelts; i++)
        if (!eb_set_claim(&claim, APR_ARRAY_IDX(tokens, i, const char *), &problem, pool) &&
            claim.event == event)
            return true;
    return false;
}

/* A key that was asked for in this story. */
typedef struct known_key_t {
    const char *kid;
    bool destination; /* its, or the Zustelldienst's */
    eb_jwk_t *key;    /* NULL: it is not fit */
    const eb_problem_t *problem;
} known_key_t;

typedef struct reader_t {
    eb_fit_story_t *story;
    eb_fit_memory_t *memory;
    const eb_fit_call_t *call;
    const json_t *tags;
    apr_array_header_t *keys; /* of known_key_t */
    json_t *jwks;             /* the Zustelldienst's keys; NULL: not asked yet */
} reader_t;

static eb_step_result_t service_key(known_key_t *known, reader_t *r)
{
    const eb_fit_call_t *call = r->call;
    eb_problem_t *problem = NULL;

    if (!r->jwks) {
        const char *url =
            apr_pstrcat(call->pool, call->fit->s.submission_url, call->fit->profile->jwks, NULL);
        eb_step_result_t result =
            eb_fit_get(&r->jwks, url, "the question for the service's keys", true, call);
        if (result != EB_STEP_FORWARD) {
            r->jwks = NULL;
            return result;
        }
    }
    if (eb_jwk_from_set(&known->key, r->jwks, known->kid, &problem, call->pool))
        known->key = NULL;
    known->problem = problem;
    return EB_STEP_FORWARD;
}

static const eb_problem_t *unknown(const reader_t *r)
{
    eb_problem_t *problem;

    eb_problem_set(&problem, EB_P_FIT_SET_FORGED, APR_EACCES, NULL, r->call->pool,
                   "An event of submission %s names an issuer or a key that nobody knows",
                   r->memory->submission);
    return problem;
}

/* A key that the destination does not know, or whose certificate is wrong, proves nothing; whether
 * that is so is found out again at the next look. */
static eb_step_result_t destination_key(known_key_t *known, const reader_t *r)
{
    eb_fit_call_t call = *r->call;
    eb_problem_t *problem = NULL;
    bool unfit;

    call.problem = &problem;
    eb_step_result_t result = eb_fit_destination_key(&known->key, r->memory->destination,
                                                     known->kid, EB_JWK_VERIFY, &unfit, &call);
    known->problem = problem;
    if (result == EB_STEP_FORWARD)
        return result;
    known->key = NULL;
    if (unfit)
        return EB_STEP_FORWARD;
    if (result == EB_STEP_HOLD && problem && problem->number == EB_P_FIT_REFUSED) {
        known->problem = unknown(r);
        return EB_STEP_FORWARD;
    }
    *r->call->problem = problem;
    return result;
}

static eb_step_result_t find_key(const known_key_t **found, const eb_set_claim_t *claim,
                                 reader_t *r)
{
    known_key_t known = {.kid = claim->kid,
                         .destination = strcmp(claim->issuer, r->memory->destination) == 0};

    for (int i = 0; i < r->keys->nelts; i++) {
        const known_key_t *k = &APR_ARRAY_IDX(r->keys, i, known_key_t);
        *found = k;
        if (k->destination == known.destination && strcmp(k->kid, known.kid) == 0)
            return EB_STEP_FORWARD;
    }
    eb_step_result_t result =
        known.destination ? destination_key(&known, r) : service_key(&known, r);
    if (result != EB_STEP_FORWARD)
        return result;
    known_key_t *place = apr_array_push(r->keys);
    *place = known;
    *found = place;
    return result;
}

static void note(const reader_t *r, const char *step, const char *detail)
{
    eb_job_t *job = r->call->job;
    eb_note_t *line;

    if (!job->notes)
        job->notes = apr_array_make(r->call->pool, 8, sizeof(eb_note_t));
    line = apr_array_push(job->notes);
    *line = (eb_note_t){step, detail};
}

static const char *step_name(eb_event_t event)
{
    static const char *const names[] = {
        [EB_EVENT_CREATED] = "set:create-submission",
        [EB_EVENT_SUBMITTED] = "set:submit-submission",
        [EB_EVENT_NOTIFIED] = "set:notify-submission",
        [EB_EVENT_FORWARDED] = "set:forward-submission",
        [EB_EVENT_ACCEPTED] = "set:accept-submission",
        [EB_EVENT_REJECTED] = "set:reject-submission",
        [EB_EVENT_DELETED] = "set:delete-submission",
        [EB_EVENT_OTHER] = "set:other",
    };
    return names[event];
}

/* A short name of a token, by its hash. */
static const char *mark_of(const char *token, apr_pool_t *pool)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    size_t len = 0;
    char *mark = apr_palloc(pool, MARK_LEN + 1);

    if (!EVP_Q_digest(NULL, "SHA256", NULL, token, strlen(token), hash, &len))
        return NULL;
    for (int i = 0; i < MARK_LEN / 2; i++)
        apr_snprintf(mark + 2 * i, 3, "%02x", hash[i]);
    return mark;
}

/* The evidence, each piece once. */
static void keep_evidence(const reader_t *r, const char *token, const char *mark,
                          const eb_set_t *set, const eb_jwk_t *key)
{
    const char *key_step = apr_pstrcat(r->call->pool, "key:", key->kid, NULL);

    if (!eb_fit_noted(r->memory, key_step)) {
        note(r, key_step, key->text);
        eb_fit_note(r->memory, key_step, r->call->pool);
    }
    if (mark && !eb_fit_noted(r->memory, mark)) {
        note(r, step_name(set->event), token);
        eb_fit_note(r->memory, mark, r->call->pool);
    }
}

static void tell(eb_fit_story_t *story, const eb_set_t *set)
{
    switch (set->event) {
    case EB_EVENT_SUBMITTED: story->submitted = true; break;
    case EB_EVENT_ACCEPTED: story->accepted = true; break;
    case EB_EVENT_REJECTED: story->rejected = set; break;
    case EB_EVENT_DELETED: story->deleted = set; break;
    default: break;
    }
}

static eb_step_result_t doubt(const reader_t *r, const eb_problem_t *problem)
{
    if (problem && problem->number == EB_P_FIT_TAGS)
        r->story->alarm = problem;
    else if (!r->story->doubt)
        r->story->doubt = problem;
    return EB_STEP_FORWARD;
}

static eb_step_result_t prove(const char *token, const char *mark, const eb_set_claim_t *claim,
                              reader_t *r)
{
    const eb_fit_call_t *call = r->call;
    const eb_set_expect_t expect = {r->memory->submission, r->memory->case_id,
                                    r->memory->destination, call->fit->s.issuer};
    const known_key_t *known;
    eb_problem_t *problem = NULL;
    eb_set_t *set;
    eb_step_result_t result = find_key(&known, claim, r);

    if (result != EB_STEP_FORWARD)
        return result;
    if (!known->key)
        return doubt(r, known->problem);
    apr_status_t rv =
        eb_set_verify(&set, token, known->key, &expect, r->tags, call->now, &problem, call->pool);
    if (rv == APR_EMISMATCH)
        keep_evidence(r, token, mark ? apr_pstrcat(call->pool, mark, "!", NULL) : NULL, set,
                      known->key);
    if (rv)
        return doubt(r, problem);
    keep_evidence(r, token, mark, set, known->key);
    tell(r->story, set);
    return EB_STEP_FORWARD;
}

static eb_step_result_t stranger(const reader_t *r)
{
    return doubt(r, unknown(r));
}

static bool decides(eb_event_t event)
{
    return event == EB_EVENT_ACCEPTED || event == EB_EVENT_REJECTED || event == EB_EVENT_DELETED;
}

static eb_step_result_t read_token(const char *token, reader_t *r)
{
    const char *mark = mark_of(token, r->call->pool);
    eb_problem_t *problem = NULL;
    eb_set_claim_t claim;

    if (eb_set_claim(&claim, token, &problem, r->call->pool))
        return doubt(r, problem);
    if (mark && eb_fit_noted(r->memory, mark) && !decides(claim.event)) {
        tell(r->story, &(eb_set_t){.event = claim.event});
        return EB_STEP_FORWARD;
    }
    if (!eb_fit_name_good(claim.kid) || (strcmp(claim.issuer, r->memory->destination) != 0 &&
                                         strcmp(claim.issuer, r->call->fit->s.issuer) != 0))
        return stranger(r);
    return prove(token, mark, &claim, r);
}

/* Without them, nobody could tell whether what arrived is what was sent. */
static eb_step_result_t no_tags(const eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    eb_problem_set(call->problem, EB_P_FIT_MEMORY, APR_EINVAL, NULL, call->pool,
                   "The tags of submission %s are not remembered", memory->submission);
    return EB_STEP_HOLD;
}

eb_step_result_t eb_fit_story(eb_fit_story_t *story, const apr_array_header_t *tokens,
                              eb_fit_memory_t *memory, const eb_fit_call_t *call)
{
    reader_t r = {.story = story,
                  .memory = memory,
                  .call = call,
                  .tags = eb_fit_tags(memory, call->package, call->pool),
                  .keys = apr_array_make(call->pool, 4, sizeof(known_key_t))};

    *story = (eb_fit_story_t){0};
    if (!r.tags)
        return no_tags(memory, call);
    for (int i = 0; i < tokens->nelts; i++) {
        eb_step_result_t result = read_token(APR_ARRAY_IDX(tokens, i, const char *), &r);
        if (result != EB_STEP_FORWARD)
            return result;
    }
    return EB_STEP_FORWARD;
}
