/* What every POST goes through before its page looks at it. The order is from cheap to dear: where
 * it comes from, what it claims to be, its body, its encoding; then the draft; then the ticket. */
#include "visit.h"

/* application/x-www-form-urlencoded, alone or with charset=utf-8. */
static bool urlencoded(const request_rec *r)
{
    static const char type[] = "application/x-www-form-urlencoded";
    const char *value = apr_table_get(r->headers_in, "Content-Type");

    if (value == NULL || strncasecmp(value, type, sizeof(type) - 1) != 0 ||
        apr_table_get(r->headers_in, "Content-Encoding") != NULL)
        return false;
    value += sizeof(type) - 1;
    value += strspn(value, " \t");
    if (*value == '\0')
        return true;
    if (*value != ';')
        return false;
    value += 1 + strspn(value + 1, " \t");
    return strcasecmp(value, "charset=utf-8") == 0 || strcasecmp(value, "charset=\"utf-8\"") == 0;
}

int eb_post_broken(eb_visit_t *v, apr_status_t rv, int status)
{
    eb_problem_t *problem = NULL;

    if (status == AP_FILTER_ERROR)
        return status;
    if (rv == APR_ENOSPC || status == HTTP_REQUEST_ENTITY_TOO_LARGE)
        return eb_reply_notice(v, EB_NOTICE_TOO_LARGE);
    eb_problem_set(&problem, EB_P_BODY_BROKEN, rv, NULL, v->pool,
                   "The body of a POST cannot be read");
    eb_log_request(v->r, APLOG_INFO, problem);
    v->r->connection->keepalive = AP_CONN_CLOSE;
    return eb_reply_notice(v, EB_NOTICE_BAD_REQUEST);
}

int eb_post_read(eb_visit_t *v)
{
    char *body;
    apr_size_t len;
    int status;
    apr_status_t rv;

    if (!eb_origin_ours(v))
        return eb_reply_notice(v, EB_NOTICE_FOREIGN);
    if (!urlencoded(v->r))
        return eb_reply_notice(v, EB_NOTICE_MEDIA_TYPE);
    rv = eb_body_read(&body, &len, &status, v->r);
    if (rv != APR_SUCCESS)
        return eb_post_broken(v, rv, status);
    rv = eb_urlencoded_decode(&v->params, body, len, v->pool);
    if (rv == APR_ENOSPC)
        return eb_reply_notice(v, EB_NOTICE_TOO_LARGE);
    if (rv != APR_SUCCESS)
        return eb_reply_notice(v, EB_NOTICE_BAD_REQUEST);
    return EB_GO_ON;
}

eb_ticket_verdict_t eb_post_ticket(eb_visit_t *v)
{
    return eb_ticket_check(&v->ticket, v->server->keys,
                           eb_params_get(&v->params, EB_FIELD_TICKET, NULL), v->now, v->address,
                           v->draft != NULL ? v->draft->secret : "",
                           v->draft != NULL ? v->draft->birth : 0, v->pool);
}

bool eb_post_pressed(const eb_visit_t *v, const char *button)
{
    return eb_params_get(&v->params, button, NULL) != NULL;
}

bool eb_post_conflict(const eb_visit_t *v)
{
    return v->digest != v->ticket.digest &&
           (v->draft == NULL || v->draft->writer != v->ticket.nonce);
}
