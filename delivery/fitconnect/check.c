/* The way of an application up to where it would be announced: what an operator wants to know
 * before there is one. */
#include "destination.h"

#include <apr_errno.h>
#include <apr_strings.h>

static void found(apr_array_header_t *findings, const char *step, const char *text)
{
    eb_fitconnect_finding_t *finding = apr_array_push(findings);
    *finding = (eb_fitconnect_finding_t){step, text};
}

static apr_status_t failure(eb_step_result_t result, eb_problem_t *const *problem)
{
    if (result == EB_STEP_STOPPED)
        return APR_EINTR;
    return *problem ? (*problem)->status : APR_EGENERAL;
}

apr_status_t eb_fitconnect_check(apr_array_header_t *findings, const eb_transport_t *transport,
                                 const char *schema, apr_time_t now, const eb_stop_t *stop,
                                 eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_fit_call_t call = {
        .fit = transport->data, .now = now, .stop = stop, .problem = problem, .pool = pool};
    eb_fit_destination_t destination;
    eb_jwk_t *key;
    const char *token;
    eb_step_result_t result = eb_fit_token(&token, &call);

    if (result != EB_STEP_FORWARD)
        return failure(result, problem);
    found(findings, "token",
          apr_psprintf(pool, "%s knows client %s", eb_http_host(call.fit->s.token_url, pool),
                       call.fit->s.client_id));
    result = eb_fit_destination(&destination, schema, &call);
    if (result != EB_STEP_FORWARD)
        return failure(result, problem);
    found(findings, "destination",
          apr_psprintf(pool, "%s is active and takes %s", call.fit->s.destination,
                       call.fit->s.service));
    found(findings, "schema", apr_psprintf(pool, "metadata %s", destination.schema->version));
    result = eb_fit_destination_key(&key, call.fit->s.destination, destination.kid, EB_JWK_ENCRYPT,
                                    NULL, &call);
    if (result != EB_STEP_FORWARD)
        return failure(result, problem);
    found(findings, "key", eb_fit_key_text(key, pool));
    return eb_fit_key_ends(key, apr_pstrcat(pool, "destination ", call.fit->s.destination, NULL),
                           now, problem, pool);
}
