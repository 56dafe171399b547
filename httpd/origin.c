/* Where a POST comes from, as the browser itself says. Old browsers say nothing; the ticket guards
 * them as well. */
#include "visit.h"

static bool same_site(const request_rec *r)
{
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");

    return site == NULL || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
}

static bool same_origin(const eb_visit_t *v)
{
    const char *origin = apr_table_get(v->r->headers_in, "Origin");
    const char *host = apr_table_get(v->r->headers_in, "Host");
    const char *scheme = v->tls ? "https://" : "http://";
    apr_size_t len = strlen(scheme);

    if (origin == NULL)
        return true;
    return host != NULL && strncasecmp(origin, scheme, len) == 0 &&
           strcasecmp(origin + len, host) == 0;
}

bool eb_origin_ours(const eb_visit_t *v)
{
    const char *origin = apr_table_get(v->r->headers_in, "Origin");
    const char *host = apr_table_get(v->r->headers_in, "Host");
    eb_problem_t *problem = NULL;

    if (same_site(v->r) && same_origin(v))
        return true;
    eb_problem_set(&problem, EB_P_FOREIGN_REQUEST, APR_EACCES, NULL, v->pool,
                   "Origin is \"%.200s\", this is %s://%.200s", origin != NULL ? origin : "",
                   v->tls ? "https" : "http", host != NULL ? host : "");
    eb_log_request(v->r, APLOG_INFO, problem);
    return false;
}
