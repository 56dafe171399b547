/* Interrupting, and going on elsewhere. The code is the draft's secret, so no page, no log and no
 * address ever carries it but the two that people ask for: the one that shows it and the one on
 * which it is typed, both answers to a POST.
 *
 * A browser that had the draft open keeps it: people go back and forth between telephone and
 * computer, and two windows are two windows wherever they are. Whoever sits at a computer that is
 * not theirs closes the draft there, once they have noted the code. */
#include "visit.h"

#include "base/cookie.h"
#include "page/texts.h"
#include "store/tries.h"

const char *eb_url(const eb_visit_t *v, const char *path)
{
    return ap_construct_url(v->pool, apr_pstrcat(v->pool, v->base, path, NULL), v->r);
}

static int open_draft(eb_visit_t *v)
{
    int rc = eb_visit_load(v);

    if (rc == EB_GO_ON && v->draft == NULL)
        return eb_reply_notice(v, EB_NOTICE_NO_DRAFT);
    return rc;
}

static int draw(eb_visit_t *v, int status, bool code)
{
    char *shown = apr_palloc(v->pool, EB_CODE_SHOWN(EB_DRAFT_CODE) + 1);
    eb_pause_t pause = {code ? shown : NULL, eb_url(v, "/fortsetzen")};
    eb_view_t view;
    eb_buf_t page;

    eb_code_show(shown, v->draft->secret, EB_DRAFT_CODE);
    eb_view_fill(&view, v);
    eb_buf_init(&page, 16 * 1024, v->pool);
    eb_page_pause(&page, &view, &pause);
    return eb_reply_page(v, status, &page);
}

int eb_get_pause(eb_visit_t *v)
{
    int rc = open_draft(v);

    return rc != EB_GO_ON ? rc : draw(v, HTTP_OK, false);
}

static eb_errors_t *one_error(const eb_visit_t *v, unsigned place, const char *text)
{
    eb_errors_t *errors = eb_errors_new(v->pool);

    eb_errors_add(errors, NULL, EB_ROOT, place, text);
    return errors;
}

/* Only when it is certain that the code is somewhere else: here it ends. */
static int leave(eb_visit_t *v)
{
    const char *noted = eb_params_get(&v->params, EB_FIELD_CONFIRM, NULL);

    if (noted == NULL || strcmp(noted, "ja") != 0) {
        v->errors = one_error(v, 0, eb_visit_text(v, EB_T_LEAVE_MISSING));
        return draw(v, HTTP_UNPROCESSABLE_ENTITY, true);
    }
    eb_visit_forget_cookie(v);
    v->draft = NULL;
    return eb_reply_notice(v, EB_NOTICE_CLOSED);
}

int eb_post_pause(eb_visit_t *v)
{
    int rc = eb_post_read(v);

    if (rc == EB_GO_ON)
        rc = open_draft(v);
    if (rc != EB_GO_ON)
        return rc;
    switch (eb_post_ticket(v)) {
    case EB_TICKET_FOREIGN: return eb_reply_notice(v, EB_NOTICE_FOREIGN);
    case EB_TICKET_STALE: v->stale = true; return draw(v, HTTP_UNPROCESSABLE_ENTITY, false);
    case EB_TICKET_GOOD: break;
    }
    return eb_post_pressed(v, EB_BUTTON_LEAVE) ? leave(v) : draw(v, HTTP_OK, true);
}

/* ---- going on ---- */

static int ask(eb_visit_t *v, int status, const char *typed)
{
    eb_view_t view;
    eb_buf_t page;

    eb_view_fill(&view, v);
    eb_buf_init(&page, 8 * 1024, v->pool);
    eb_page_resume(&page, &view, typed);
    return eb_reply_page(v, status, &page);
}

int eb_get_resume(eb_visit_t *v)
{
    return ask(v, HTTP_OK, NULL);
}

/* A network as one customer has it: 24 bits of IPv4, 48 of IPv6. */
static apr_size_t network(const unsigned char **bytes, const request_rec *r)
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    const apr_sockaddr_t *address = r->useragent_addr;

    *bytes = address->ipaddr_ptr;
    if (address->ipaddr_len == 4)
        return 3;
    if (memcmp(*bytes, mapped, sizeof(mapped)) != 0)
        return 6;
    *bytes += sizeof(mapped);
    return 3;
}

apr_status_t eb_visit_try(bool *left, eb_visit_t *v)
{
    const unsigned char *bytes;
    eb_problem_t *problem = NULL;
    apr_size_t len = network(&bytes, v->r);
    apr_status_t rv = eb_tries_count(left, v->drafts.redis, v->drafts.keys, bytes, len, v->now,
                                     &problem, v->pool);

    if (rv != APR_SUCCESS)
        eb_log_request(v->r, APLOG_WARNING, problem);
    return rv;
}

const char *eb_code_wrong(const eb_visit_t *v, char *code, int groups, const char *typed)
{
    int signs, wrong;

    if (eb_code_read(code, groups, typed, &signs, &wrong) == APR_SUCCESS)
        return NULL;
    if (signs == 0)
        return eb_visit_text(v, EB_T_CODE_EMPTY);
    if (wrong == 0)
        return eb_words_fill(eb_visit_text(v, EB_T_CODE_COUNT), v->pool, "count",
                             apr_itoa(v->pool, EB_CODE_LEN(groups)), "typed",
                             apr_itoa(v->pool, signs), NULL);
    return eb_words_fill(eb_visit_text(v, EB_T_CODE_GROUP), v->pool, "group",
                         apr_itoa(v->pool, wrong), NULL);
}

static int refuse(eb_visit_t *v, int status, const char *typed, const char *why)
{
    v->errors = one_error(v, 0, why);
    return ask(v, status, typed);
}

/* The cookie leads to a draft that would be lost with it. */
static bool another_open(const eb_visit_t *v)
{
    const char *secret;
    eb_problem_t *problem = NULL;
    eb_draft_t *draft;

    return eb_cookie_get(&secret, apr_table_get(v->r->headers_in, "Cookie"), v->cookie, v->pool) ==
               APR_SUCCESS &&
           strcmp(secret, v->draft->secret) != 0 &&
           eb_draft_load(&draft, &v->drafts, secret, &problem, v->pool) == APR_SUCCESS;
}

static int open_here(eb_visit_t *v)
{
    bool sent = v->draft->state == EB_DRAFT_SUBMITTED;

    if (another_open(v)) {
        v->draft = NULL;
        return eb_reply_notice(v, EB_NOTICE_OPEN_HERE);
    }
    eb_visit_set_cookie(v);
    return eb_reply_see_other(v, sent ? "/quittung" : "/aufgaben");
}

/* What the check signs find is told without asking anybody. */
static int look_up(eb_visit_t *v, const char *typed)
{
    char code[EB_DRAFT_SECRET_LEN + 1];
    const char *why = eb_code_wrong(v, code, EB_DRAFT_CODE, typed);
    eb_problem_t *problem = NULL;
    eb_draft_t *draft;
    bool left;
    apr_status_t rv;

    if (why != NULL)
        return refuse(v, HTTP_UNPROCESSABLE_ENTITY, typed, why);
    if (eb_visit_try(&left, v) != APR_SUCCESS)
        return eb_reply_notice(v, EB_NOTICE_UNAVAILABLE);
    if (!left)
        return refuse(v, HTTP_TOO_MANY_REQUESTS, typed, eb_visit_text(v, EB_T_TRIES));
    rv = eb_draft_load(&draft, &v->drafts, code, &problem, v->pool);
    eb_wipe(code, sizeof(code));
    if (rv == APR_NOTFOUND)
        return refuse(v, HTTP_UNPROCESSABLE_ENTITY, typed, eb_visit_text(v, EB_T_CODE_UNKNOWN));
    if (rv != APR_SUCCESS) {
        eb_log_request(v->r, APLOG_ERR, problem);
        return eb_reply_notice(v, EB_NOTICE_UNAVAILABLE);
    }
    v->draft = draft;
    return open_here(v);
}

int eb_post_resume(eb_visit_t *v)
{
    const char *typed;
    int rc = eb_post_read(v);

    if (rc != EB_GO_ON)
        return rc;
    typed = eb_params_get(&v->params, EB_FIELD_CODE, NULL);
    switch (eb_post_ticket(v)) {
    case EB_TICKET_FOREIGN: return eb_reply_notice(v, EB_NOTICE_FOREIGN);
    case EB_TICKET_STALE: v->stale = true; return ask(v, HTTP_UNPROCESSABLE_ENTITY, typed);
    case EB_TICKET_GOOD: break;
    }
    return look_up(v, typed != NULL ? typed : "");
}
