/* The visitor's cookie and the draft behind it. A visit without a cookie leaves nothing: the first
 * answers that are stored make the draft, and set the cookie. */
#include "visit.h"

#include "base/cookie.h"

static void set_cookie(eb_visit_t *v, const char *value, apr_int64_t seconds)
{
    apr_table_setn(v->r->err_headers_out, "Set-Cookie",
                   apr_psprintf(v->pool,
                                "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%" APR_INT64_T_FMT
                                "%s",
                                v->cookie, value, seconds, v->tls ? "; Secure" : ""));
}

void eb_visit_forget_cookie(eb_visit_t *v)
{
    set_cookie(v, "", 0);
}

void eb_visit_set_cookie(eb_visit_t *v)
{
    set_cookie(v, v->draft->secret, apr_time_sec(v->draft->expires - v->now));
}

static void renew_cookie(eb_visit_t *v)
{
    if (v->draft->expires == v->expires)
        return;
    v->expires = v->draft->expires;
    eb_visit_set_cookie(v);
}

static int unavailable(eb_visit_t *v, const eb_problem_t *problem)
{
    eb_log_request(v->r, APLOG_ERR, problem);
    return eb_reply_notice(v, EB_NOTICE_UNAVAILABLE);
}

/* The draft's answers belong to another edition of the form. */
static int form_gone(eb_visit_t *v)
{
    eb_problem_t *problem = NULL;

    eb_problem_set(&problem, EB_P_FORM_GONE, APR_NOTFOUND, v->use->edition->form->file, v->pool,
                   "A draft of %s was begun with another version than %s",
                   v->use->edition->form->id, v->use->edition->form->version);
    eb_log_request(v->r, APLOG_ERR, problem);
    return eb_reply_notice(v, EB_NOTICE_FORM_GONE);
}

apr_status_t eb_visit_decode(eb_instance_t **in, const eb_visit_t *v)
{
    if (v->draft == NULL || v->draft->answers_len == 0) {
        *in = eb_instance_new(v->edition->form, v->pool);
        return APR_SUCCESS;
    }
    return eb_instance_decode(in, v->edition->form, v->draft->answers, v->draft->answers_len,
                              v->pool);
}

static const eb_edition_t *edition_of(const eb_visit_t *v)
{
    const eb_edition_t *e = eb_visit_current(v);

    while (e != NULL && memcmp(v->draft->form_hash, e->form->hash, sizeof(e->form->hash)) != 0)
        e = e->earlier;
    return e;
}

/* The path was read before the draft was: what it named is looked up again in the draft's edition.
 */
static int adopt(eb_visit_t *v, const eb_edition_t *edition)
{
    const eb_step_t *step = v->step;
    const eb_page_t *page = v->page;

    if (v->edition == edition || step == NULL) {
        v->edition = edition;
        return EB_GO_ON;
    }
    v->edition = edition;
    v->step = eb_form_step(edition->form, step->id);
    if (v->step == NULL || (v->step->repeat == NULL) != (step->repeat == NULL))
        return eb_reply_notice(v, EB_NOTICE_NOT_FOUND);
    v->page = page != NULL ? eb_step_page(v->step, page->id) : NULL;
    if (v->page == NULL && page != NULL)
        return eb_reply_notice(v, EB_NOTICE_NOT_FOUND);
    return EB_GO_ON;
}

static int open_draft(eb_visit_t *v)
{
    const eb_edition_t *edition = edition_of(v);
    eb_instance_t *in;

    v->expires = v->draft->expires;
    if (edition == NULL)
        return form_gone(v);
    int rc = eb_tongue_lead(v);
    if (rc == EB_GO_ON)
        rc = adopt(v, edition);
    if (rc != EB_GO_ON)
        return rc;
    if (eb_visit_decode(&in, v) != APR_SUCCESS)
        return form_gone(v);
    v->in = in;
    v->c.in = in;
    if (v->draft->state == EB_DRAFT_SUBMITTING)
        return eb_submit_resolve(v);
    return EB_GO_ON;
}

/* The cookie leads nowhere: it goes, so that the next visit can begin anew. */
static int gone(eb_visit_t *v, eb_notice_t notice)
{
    eb_visit_forget_cookie(v);
    return eb_reply_notice(v, notice);
}

/* Answers are on their way that only this request has. */
static int left_over(eb_visit_t *v)
{
    eb_visit_forget_cookie(v);
    v->ended = true;
    return adopt(v, eb_visit_current(v));
}

/* A value that is none of our secrets, such as an earlier version's, leads nowhere, too. */
static apr_status_t no_secret(apr_status_t rv)
{
    return rv == APR_EINVAL ? APR_NOTFOUND : rv;
}

static int load(eb_visit_t *v, bool typed)
{
    const char *secret;
    eb_problem_t *problem = NULL;
    eb_draft_t *draft;
    apr_status_t rv;

    rv = eb_cookie_get(&secret, apr_table_get(v->r->headers_in, "Cookie"), v->cookie, v->pool);
    if (rv == APR_NOTFOUND)
        return adopt(v, eb_visit_current(v));
    if (rv == APR_SUCCESS)
        rv = no_secret(eb_draft_load(&draft, &v->drafts, secret, &problem, v->pool));
    if (rv == APR_SUCCESS) {
        v->draft = draft;
        return open_draft(v);
    }
    if (problem != NULL)
        return unavailable(v, problem);
    if (typed && rv == APR_NOTFOUND)
        return left_over(v);
    return gone(v, rv == APR_NOTFOUND ? EB_NOTICE_DRAFT_GONE : EB_NOTICE_BAD_REQUEST);
}

int eb_visit_load(eb_visit_t *v)
{
    return load(v, false);
}

static int editing(eb_visit_t *v, bool typed)
{
    int rc = load(v, typed);

    if (rc != EB_GO_ON)
        return rc;
    if (v->draft != NULL && v->draft->state == EB_DRAFT_SUBMITTED)
        return eb_reply_notice(v, EB_NOTICE_SUBMITTED);
    return EB_GO_ON;
}

int eb_visit_editing(eb_visit_t *v)
{
    return editing(v, false);
}

int eb_visit_typing(eb_visit_t *v)
{
    return editing(v, true);
}

apr_status_t eb_visit_reload(eb_visit_t *v)
{
    eb_problem_t *problem = NULL;
    eb_draft_t *draft;
    apr_status_t rv = eb_draft_load(&draft, &v->drafts, v->draft->secret, &problem, v->pool);

    if (rv == APR_SUCCESS)
        v->draft = draft;
    else
        eb_log_request(v->r, APLOG_WARNING, problem);
    return rv;
}

static int first_draft(eb_visit_t *v)
{
    eb_problem_t *problem = NULL;

    if (eb_draft_new(&v->draft, &v->drafts, v->now, &problem, v->pool) != APR_SUCCESS)
        return unavailable(v, problem);
    v->draft->birth = v->ticket.nonce;
    memcpy(v->draft->form_hash, v->edition->form->hash, sizeof(v->draft->form_hash));
    return EB_GO_ON;
}

/* Somebody was faster. When that was the very same page with the very same answers, sent twice by a
 * double click, it is done. */
static int overtaken(eb_visit_t *v)
{
    const eb_draft_t *ours = v->draft;

    if (eb_visit_reload(v) == APR_SUCCESS && v->draft->writer == v->ticket.nonce &&
        v->draft->answers_len == ours->answers_len &&
        memcmp(v->draft->answers, ours->answers, ours->answers_len) == 0)
        return EB_GO_ON;
    return eb_reply_notice(v, EB_NOTICE_RACE);
}

apr_status_t eb_visit_store(eb_visit_t *v, eb_problem_t **problem)
{
    eb_buf_t answers;
    apr_status_t rv;

    eb_buf_init(&answers, 4096, v->pool);
    eb_instance_encode(&answers, v->in);
    v->draft->answers = answers.data;
    v->draft->answers_len = answers.len;
    eb_files_name(v);
    v->draft->state = EB_DRAFT_EDITING;
    v->draft->writer = v->ticket.nonce;
    eb_tongue_note(v);
    rv = eb_draft_save(v->draft, &v->drafts, v->now, true, problem, v->pool);
    if (rv == APR_SUCCESS)
        renew_cookie(v);
    return rv;
}

bool eb_visit_changed(const eb_visit_t *v)
{
    eb_buf_t answers;

    eb_buf_init(&answers, 4096, v->pool);
    eb_instance_encode(&answers, v->in);
    return !eb_tongue_noted(v) || answers.len != v->draft->answers_len ||
           memcmp(answers.data, v->draft->answers, answers.len) != 0;
}

int eb_visit_not_stored(eb_visit_t *v, apr_status_t rv, const eb_problem_t *problem)
{
    if (rv == APR_EEXIST)
        return overtaken(v);
    if (rv == APR_NOTFOUND)
        return gone(v, EB_NOTICE_DRAFT_GONE);
    if (rv == APR_ENOSPC)
        return eb_reply_notice(v, EB_NOTICE_TOO_LARGE);
    return unavailable(v, problem);
}

int eb_visit_save(eb_visit_t *v)
{
    eb_problem_t *problem = NULL;
    apr_status_t rv;

    if (v->draft == NULL && first_draft(v) != EB_GO_ON)
        return OK;
    rv = eb_visit_store(v, &problem);
    return rv == APR_SUCCESS ? EB_GO_ON : eb_visit_not_stored(v, rv, problem);
}
