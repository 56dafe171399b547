/* What a status means is decided here, once: a busy service is asked again, a refusal needs a
 * person, and an answer that nobody understands may be anybody's, so it is asked again, too. */
#include "api.h"
#include "json.h"
#include "base/utf8.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

enum { NAME_MAX_LEN = 64, PROBLEM_LEN_MAX = 64 * 1024, SHOWN_MAX = 400 };

bool eb_fit_name_good(const char *name)
{
    apr_size_t len = name ? strlen(name) : 0;

    for (apr_size_t i = 0; i < len; i++)
        if (!apr_isalnum(name[i]) && !strchr("-._~", name[i]))
            return false;
    return len >= 1 && len <= NAME_MAX_LEN && *name != '.';
}

const char *eb_fit_clean(const char *text, apr_size_t max, apr_pool_t *pool)
{
    char *copy = apr_palloc(pool, max + 1), *out = copy;
    const char *end = text + strlen(text);

    while (text < end) {
        const char *from = text;
        apr_uint32_t c = eb_utf8_next(&text, end);
        if (c == EB_UTF8_BAD)
            break;
        if (out + (text - from) > copy + max)
            break;
        if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
            *out++ = ' ';
        } else {
            memcpy(out, from, (apr_size_t)(text - from));
            out += text - from;
        }
    }
    *out = '\0';
    return copy;
}

eb_step_result_t eb_fit_failed(apr_status_t rv, const eb_fit_call_t *call)
{
    (void)call;
    return APR_STATUS_IS_EINTR(rv) ? EB_STEP_STOPPED : EB_STEP_WAIT;
}

eb_step_result_t eb_fit_ask(eb_http_answer_t *answer, const eb_fit_call_t *call,
                            eb_http_request_t *request)
{
    for (int attempt = 1;; attempt++) {
        eb_step_result_t result = eb_fit_token(&request->bearer, call);
        if (result != EB_STEP_FORWARD)
            return result;
        apr_status_t rv =
            eb_http_ask(answer, call->fit->http, request, call->stop, call->problem, call->pool);
        if (rv)
            return eb_fit_failed(rv, call);
        if (answer->status != 401)
            return EB_STEP_FORWARD;
        eb_fit_token_drop(call, request->bearer);
        if (attempt == 2)
            return EB_STEP_FORWARD;
    }
}

/* What the API says about its refusal (RFC 7807), or "". */
static const char *reason_of(const eb_http_answer_t *answer, apr_pool_t *pool)
{
    json_t *json;

    if (eb_json_read(&json, answer->body, answer->len, PROBLEM_LEN_MAX, pool))
        return "";
    const char *title = eb_json_member(json, "title"), *detail = eb_json_member(json, "detail");
    return apr_pstrcat(pool, title ? ": " : "", title ? eb_fit_clean(title, SHOWN_MAX, pool) : "",
                       detail ? ": " : "", detail ? eb_fit_clean(detail, SHOWN_MAX, pool) : "",
                       NULL);
}

static bool busy(int status)
{
    return status == 408 || status == 429 || status >= 500;
}

static eb_problem_id_t kind_of(int status)
{
    if (busy(status))
        return EB_P_FIT_BUSY;
    if (status < 400)
        return EB_P_FIT_ANSWER;
    return status == 401 || status == 403 ? EB_P_FIT_RIGHTS : EB_P_FIT_REFUSED;
}

eb_step_result_t eb_fit_refusal(const eb_http_answer_t *answer, const char *what,
                                const eb_fit_call_t *call)
{
    const eb_problem_id_t kind = kind_of(answer->status);

    eb_problem_set(call->problem, kind, APR_EGENERAL, NULL, call->pool,
                   "%s answers status %d to %s%s",
                   eb_http_host(call->fit->s.submission_url, call->pool), answer->status, what,
                   reason_of(answer, call->pool));
    if (call->job && answer->retry_after)
        call->job->due = call->now + answer->retry_after;
    return kind == EB_P_FIT_BUSY || kind == EB_P_FIT_ANSWER ? EB_STEP_WAIT : EB_STEP_HOLD;
}

eb_step_result_t eb_fit_object(json_t **json, const eb_http_answer_t *answer, const char *what,
                               const eb_fit_call_t *call)
{
    if (!eb_json_read(json, answer->body, answer->len, EB_HTTP_ANSWER_MAX, call->pool) &&
        json_is_object(*json))
        return EB_STEP_FORWARD;
    eb_problem_set(call->problem, EB_P_FIT_ANSWER, APR_EINVAL, NULL, call->pool,
                   "%s answers to %s with something that is no JSON object (%s)",
                   eb_http_host(call->fit->s.submission_url, call->pool), what,
                   *answer->type ? eb_fit_clean(answer->type, 60, call->pool) : "of no type");
    return EB_STEP_WAIT;
}

eb_step_result_t eb_fit_get(json_t **json, const char *url, const char *what, bool public,
                            const eb_fit_call_t *call)
{
    eb_http_request_t request = {.method = "GET", .url = url, .accept = "application/json"};
    eb_http_answer_t answer;
    eb_step_result_t result = EB_STEP_FORWARD;

    if (public) {
        apr_status_t rv =
            eb_http_ask(&answer, call->fit->http, &request, call->stop, call->problem, call->pool);
        if (rv)
            return eb_fit_failed(rv, call);
    } else {
        result = eb_fit_ask(&answer, call, &request);
    }
    if (result != EB_STEP_FORWARD)
        return result;
    if (answer.status != 200)
        return eb_fit_refusal(&answer, what, call);
    return eb_fit_object(json, &answer, what, call);
}
