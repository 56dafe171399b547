/* The pages around the questions: start, task list, and the end of a draft by its owner's wish. */
#include "visit.h"

#include "base/cookie.h"

/* The start page is for everybody, also when Redis is away or the draft is gone. */
int eb_get_start(eb_visit_t *v)
{
    const char *secret;
    eb_problem_t *problem = NULL;
    apr_status_t rv;
    int rc;

    rv = eb_cookie_get(&secret, apr_table_get(v->r->headers_in, "Cookie"), v->cookie, v->pool);
    if (rv == APR_SUCCESS)
        rv = eb_draft_load(&v->draft, &v->drafts, secret, &problem, v->pool);
    if (rv != APR_SUCCESS)
        v->draft = NULL;
    if (rv != APR_SUCCESS && secret != NULL && problem == NULL)
        eb_visit_forget_cookie(v);
    eb_log_request(v->r, APLOG_WARNING, problem);
    rc = eb_tongue_lead(v);
    return rc != EB_GO_ON ? rc : eb_reply_drawn(v, HTTP_OK, eb_page_start);
}

int eb_get_tasks(eb_visit_t *v)
{
    int rc = eb_visit_editing(v);

    return rc != EB_GO_ON ? rc : eb_reply_drawn(v, HTTP_OK, eb_page_tasks);
}

static int open_draft(eb_visit_t *v)
{
    int rc = eb_visit_load(v);

    if (rc == EB_GO_ON && v->draft == NULL)
        return eb_reply_notice(v, EB_NOTICE_NO_DRAFT);
    return rc;
}

int eb_get_discard(eb_visit_t *v)
{
    int rc = open_draft(v);

    return rc != EB_GO_ON ? rc : eb_reply_drawn(v, HTTP_OK, eb_page_discard);
}

/* Also after it was sent: then only the receipt goes, for whoever shares a computer or wants to
 * begin another application. */
int eb_post_discard(eb_visit_t *v)
{
    eb_problem_t *problem = NULL;
    int rc = eb_post_read(v);

    if (rc == EB_GO_ON)
        rc = open_draft(v);
    if (rc != EB_GO_ON)
        return rc;
    switch (eb_post_ticket(v)) {
    case EB_TICKET_FOREIGN: return eb_reply_notice(v, EB_NOTICE_FOREIGN);
    case EB_TICKET_STALE:
        v->stale = true;
        return eb_reply_drawn(v, HTTP_UNPROCESSABLE_ENTITY, eb_page_discard);
    case EB_TICKET_GOOD: break;
    }
    if (v->sending)
        return eb_reply_notice(v, EB_NOTICE_RACE);
    eb_files_name(v);
    if (eb_draft_delete(v->draft, &v->drafts, &problem, v->pool) != APR_SUCCESS) {
        eb_log_request(v->r, APLOG_ERR, problem);
        return eb_reply_notice(v, EB_NOTICE_UNAVAILABLE);
    }
    eb_visit_forget_cookie(v);
    v->draft = NULL;
    return eb_reply_notice(v, EB_NOTICE_DISCARDED);
}
