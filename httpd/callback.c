/* SetHandler einbuergerung-callback: where FIT-Connect's Zustelldienst says that something has
 * happened to a submission of ours. Whose it is stands at the end of the path, or the vhost has one
 * authority only. Nothing is read, and nothing written, for who does not know its secret; and all
 * that a callback does is to have the events fetched now rather than in some minutes. */
#include "visit.h"

#include "fitconnect.h"

#include "delivery/fitconnect/callback.h"
#include "delivery/wake.h"

#define HANDLER "einbuergerung-callback"

static const eb_authority_t *authority_of(const request_rec *r)
{
    const eb_server_t *server = eb_server_of(r->server);
    const eb_location_t *location = eb_location_of(r);
    const char *last = strrchr(r->uri, '/');
    const eb_authority_t *named = last != NULL ? eb_server_authority(server, last + 1) : NULL;

    if (named == NULL && location->authority != NULL)
        named = eb_server_authority(server, location->authority);
    if (named == NULL)
        named = server->only;
    return named != NULL && named->fit != NULL && named->fit->callback_secret != NULL ? named
                                                                                      : NULL;
}

static int refuse(request_rec *r, int status, const eb_problem_t *problem)
{
    if (problem != NULL)
        eb_log_request(r, APLOG_INFO, problem);
    return status;
}

static apr_status_t wake(request_rec *r, const eb_authority_t *a, const apr_array_header_t *ids,
                         eb_problem_t **problem)
{
    eb_outbox_t *box = eb_server_of(r->server)->depot->box;
    int woken;

    if (box == NULL)
        return eb_problem_set(problem, EB_P_OUTBOX_CLOSED, APR_EGENERAL, NULL, r->pool,
                              "The events of authority %s are not fetched at once", a->id);
    return ids->nelts == 0
               ? APR_SUCCESS
               : eb_outbox_wake(&woken, box, a->id, ids, r->request_time, problem, r->pool);
}

static int take(request_rec *r, const eb_authority_t *a)
{
    eb_callback_t callback = {.authentication =
                                  apr_table_get(r->headers_in, "callback-authentication"),
                              .timestamp = apr_table_get(r->headers_in, "callback-timestamp")};
    const char *secret = a->fit->callback_secret;
    eb_problem_t *problem = NULL;
    apr_array_header_t *ids;
    int status;
    char *body;

    if (callback.authentication == NULL || callback.timestamp == NULL)
        return HTTP_FORBIDDEN;
    if (eb_body_read(&body, &callback.len, &status, r) != APR_SUCCESS)
        return status;
    callback.body = body;
    if (eb_callback_check(&callback, secret, strlen(secret), r->request_time, &problem, r->pool) !=
        APR_SUCCESS)
        return refuse(r, HTTP_FORBIDDEN, problem);
    if (eb_callback_ids(&ids, &callback, &problem, r->pool) != APR_SUCCESS)
        return refuse(r, HTTP_BAD_REQUEST, problem);
    if (wake(r, a, ids, &problem) != APR_SUCCESS)
        return refuse(r, HTTP_SERVICE_UNAVAILABLE, problem);
    return HTTP_NO_CONTENT;
}

static int handle(request_rec *r)
{
    const eb_authority_t *authority;

    if (r->handler == NULL || strcmp(r->handler, HANDLER) != 0)
        return DECLINED;
    eb_reply_headers(r, eb_request_is_tls(r));
    ap_allow_standard_methods(r, REPLACE_ALLOW, M_POST, -1);
    if (r->method_number != M_POST)
        return HTTP_METHOD_NOT_ALLOWED;
    authority = authority_of(r);
    return authority == NULL ? HTTP_NOT_FOUND : take(r, authority);
}

void eb_callback_hooks(void)
{
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}
