/* What an operator wants to know before the first application: are we let in, and does the
 * authority take what we would send. Nothing is sent. */
#include "parts.h"

#include <apr_errno.h>
#include <apr_strings.h>

static void found(apr_array_header_t *findings, const char *step, const char *text)
{
    APR_ARRAY_PUSH(findings, eb_xta_finding_t) = (eb_xta_finding_t){step, text};
}

static apr_status_t check_account(apr_array_header_t *findings, const eb_xta_t *xta,
                                  const eb_stop_t *stop, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_xta_asked_t asked;
    eb_soap_t soap;
    apr_status_t rv = eb_soap_account(&soap, &xta->settings, problem, pool);

    if (rv)
        return rv;
    if (eb_xta_ask(&asked, xta, &soap, NULL, 0, stop, problem, pool) != EB_STEP_FORWARD)
        return *problem ? (*problem)->status : APR_EINTR;
    found(findings, "account",
          apr_psprintf(pool, "%s is active at %s", xta->settings.author.id,
                       eb_http_host(soap.url, pool)));
    return APR_SUCCESS;
}

static apr_status_t check_service(apr_array_header_t *findings, const eb_xta_t *xta,
                                  const eb_stop_t *stop, eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_xta_settings_t *s = &xta->settings;
    eb_xta_service_t service;
    eb_xta_asked_t asked;
    eb_soap_t soap;
    apr_status_t rv = eb_soap_lookup(&soap, s, problem, pool);

    if (rv)
        return rv;
    if (eb_xta_ask(&asked, xta, &soap, NULL, 0, stop, problem, pool) != EB_STEP_FORWARD)
        return *problem ? (*problem)->status : APR_EINTR;
    if (eb_xta_answer_service(&service, &asked.answer, pool)) {
        eb_xta_odd(&soap, "no result", problem, pool);
        return APR_EINVAL;
    }
    if (service == EB_XTA_NOT_OFFERED)
        return eb_problem_set(problem, EB_P_XTA_SERVICE, APR_NOTFOUND, NULL, pool,
                              "%s does not offer %s", s->reader.id, s->service);
    found(findings, "service",
          apr_psprintf(pool,
                       service == EB_XTA_OFFERED ? "%s offers %s"
                                                 : "whether %s offers %s is not known there",
                       s->reader.id, s->service));
    return APR_SUCCESS;
}

static const char *date(apr_time_t time, apr_pool_t *pool)
{
    apr_time_exp_t t;

    apr_time_exp_gmt(&t, time);
    return apr_psprintf(pool, "%04d-%02d-%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
}

static apr_status_t check_certificate(apr_array_header_t *findings, const char *whose,
                                      const apr_array_header_t *certificates, apr_time_t now,
                                      eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_certificate_t *c = eb_certificate_at(certificates, now, problem, pool);

    if (!c)
        return APR_EINVAL;
    found(findings, "certificate",
          apr_psprintf(pool, "%s is valid until %s", whose, date(c->until, pool)));
    return APR_SUCCESS;
}

apr_status_t eb_xta_check(apr_array_header_t *findings, const eb_transport_t *transport,
                          apr_time_t now, const eb_stop_t *stop, eb_problem_t **problem,
                          apr_pool_t *pool)
{
    const eb_xta_t *xta = transport->data;
    apr_status_t rv = check_certificate(findings, "ours", xta->own, now, problem, pool);

    if (!rv && xta->reader)
        rv = check_certificate(findings, "the reader's", xta->reader, now, problem, pool);
    if (!rv)
        rv = check_account(findings, xta, stop, problem, pool);
    if (!rv)
        rv = check_service(findings, xta, stop, problem, pool);
    return rv;
}
