/* Whatever comes back becomes one of a few things: an answer, a fault with its row of the table, or
 * a failure of the way there. Who is to blame decides what happens next: time, or a person. */
#include "mtom.h"
#include "names.h"
#include "parts.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

static const char *operation(const eb_soap_t *soap)
{
    const char *slash = strrchr(soap->action, '/');

    return slash ? slash + 1 : soap->action;
}

eb_step_result_t eb_xta_odd(const eb_soap_t *soap, const char *what, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    eb_problem_set(problem, EB_P_XTA_ANSWER, APR_EINVAL, NULL, pool, "%s answers %s: %s",
                   eb_http_host(soap->url, pool), operation(soap), what);
    return EB_STEP_WAIT;
}

/* An HTTP status without an envelope: of a proxy, or of the server before it has looked inside. */
static eb_step_result_t without_envelope(const eb_http_answer_t *http, const eb_soap_t *soap,
                                         eb_problem_t **problem, apr_pool_t *pool)
{
    const bool passes = http->status >= 500 || http->status == 408 || http->status == 429;

    if (http->status < 400)
        return eb_xta_odd(soap, apr_psprintf(pool, "no SOAP 1.2 (status %d)", http->status),
                          problem, pool);
    eb_problem_set(problem, passes ? EB_P_XTA_TECHNICAL : EB_P_XTA_REFUSED, APR_EGENERAL, NULL,
                   pool, "%s answers %s with status %d", eb_http_host(soap->url, pool),
                   operation(soap), http->status);
    return passes ? EB_STEP_WAIT : EB_STEP_HOLD;
}

static eb_step_result_t with_fault(eb_xta_asked_t *asked, const eb_soap_t *soap,
                                   eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_xta_fault_said_t *said = &asked->answer.fault;
    const char *host = eb_http_host(soap->url, pool);
    const eb_xta_fault_t *fault = asked->fault = eb_xta_fault(said->code);

    if (!fault) {
        eb_problem_set(problem, said->sender ? EB_P_XTA_FAULT : EB_P_XTA_TECHNICAL, APR_EGENERAL,
                       NULL, pool, "%s answers %s with a fault of its own: \"%s\"", host,
                       operation(soap), said->text);
        return said->sender ? EB_STEP_HOLD : EB_STEP_WAIT;
    }
    eb_problem_set(problem, fault->problem, APR_EGENERAL, NULL, pool,
                   "%s answers %s with error %s, %s: \"%s\"", host, operation(soap), said->code,
                   fault->text, said->text);
    return fault->cure == EB_CURE_TIME ? EB_STEP_WAIT : EB_STEP_HOLD;
}

static eb_step_result_t judge(eb_xta_asked_t *asked, const eb_http_answer_t *http,
                              const eb_soap_t *soap, eb_problem_t **problem, apr_pool_t *pool)
{
    asked->retry_after = http->retry_after;
    if (eb_xta_answer_read(&asked->answer, http->type, http->body, http->len, pool))
        return without_envelope(http, soap, problem, pool);
    if (asked->answer.failed)
        return with_fault(asked, soap, problem, pool);
    if (http->status != 200 && http->status != 202)
        return without_envelope(http, soap, problem, pool);
    const char *relates = eb_xta_text(asked->answer.header, EB_NS_WSA, "RelatesTo", 100, pool);
    if (*relates && strcmp(relates, soap->id) != 0)
        return eb_xta_odd(soap, "an answer to another question", problem, pool);
    return EB_STEP_FORWARD;
}

eb_step_result_t eb_xta_ask(eb_xta_asked_t *asked, const eb_xta_t *xta, const eb_soap_t *soap,
                            const eb_content_t *contents, int count, const eb_stop_t *stop,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    eb_http_answer_t http;
    eb_mtom_t mtom;

    *asked = (eb_xta_asked_t){.fault = NULL};
    if (eb_mtom_init(&mtom, soap, contents, count, pool)) {
        eb_problem_set(problem, EB_P_CRYPTO, APR_EGENERAL, NULL, pool, "Drawing a UUID failed");
        return EB_STEP_WAIT;
    }
    const eb_http_request_t request = {.method = "POST",
                                       .url = soap->url,
                                       .type = mtom.type,
                                       .accept = "multipart/related, application/soap+xml",
                                       .source = &mtom.body.source,
                                       .len = mtom.body.len,
                                       .answer_max = soap->answer_max};
    apr_status_t rv = eb_http_ask(&http, xta->http, &request, stop, problem, pool);
    if (APR_STATUS_IS_EINTR(rv))
        return EB_STEP_STOPPED;
    if (rv)
        return EB_STEP_WAIT;
    return judge(asked, &http, soap, problem, pool);
}
