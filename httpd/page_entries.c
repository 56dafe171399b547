/* The list of a repeat's entries, and the removal of one. */
#include "visit.h"

static int draw_list(eb_visit_t *v, int status)
{
    eb_view_t view;
    eb_buf_t page;

    v->c.entry = EB_ROOT;
    eb_view_fill(&view, v);
    eb_buf_init(&page, 16 * 1024, v->pool);
    eb_page_entries(&page, &view, v->step);
    return eb_reply_page(v, status, &page);
}

static int open_list(eb_visit_t *v)
{
    int rc = eb_visit_editing(v);

    if (rc != EB_GO_ON)
        return rc;
    v->c.entry = EB_ROOT;
    if (!eb_rules_step_relevant(v->step, &v->c))
        return eb_reply_notice(v, EB_NOTICE_NOT_ASKED);
    return EB_GO_ON;
}

int eb_get_entries(eb_visit_t *v)
{
    int rc = open_list(v);

    return rc != EB_GO_ON ? rc : draw_list(v, HTTP_OK);
}

/* The parameters of a page that has buttons only. */
static bool only_buttons(const eb_visit_t *v)
{
    for (int i = 0; i < v->params.count; i++)
        if (v->params.list[i].name[0] != '_')
            return false;
    return true;
}

static int finish_list(eb_visit_t *v)
{
    eb_errors_t *errors = eb_errors_new(v->pool);
    int rc;

    eb_rules_check_step(errors, v->step, &v->c);
    if (errors->list->nelts > 0) {
        v->errors = errors;
        return draw_list(v, HTTP_UNPROCESSABLE_ENTITY);
    }
    eb_rules_calculate(v->in, &v->c);
    eb_instance_set_seen(v->in, v->step, true);
    rc = eb_visit_save(v);
    return rc != EB_GO_ON ? rc : eb_reply_see_other(v, eb_way_next(v));
}

/* Whether the ticket lets the request change something; otherwise the page is shown once more. */
static int may_change(eb_visit_t *v, int (*again)(eb_visit_t *, int))
{
    eb_ticket_verdict_t verdict = eb_post_ticket(v);

    if (verdict == EB_TICKET_FOREIGN)
        return eb_reply_notice(v, EB_NOTICE_FOREIGN);
    if (!only_buttons(v))
        return eb_reply_notice(v, EB_NOTICE_BAD_FIELD);
    v->stale = verdict == EB_TICKET_STALE;
    if (v->stale)
        return again(v, HTTP_UNPROCESSABLE_ENTITY);
    return v->sending ? eb_reply_notice(v, EB_NOTICE_RACE) : EB_GO_ON;
}

int eb_post_entries(eb_visit_t *v)
{
    int rc = eb_post_read(v);

    if (rc == EB_GO_ON)
        rc = open_list(v);
    if (rc == EB_GO_ON)
        rc = may_change(v, draw_list);
    if (rc != EB_GO_ON)
        return rc;
    if (eb_post_pressed(v, EB_BUTTON_BACK))
        return eb_reply_see_other(v, eb_way_back(v));
    if (eb_post_pressed(v, EB_BUTTON_PAUSE))
        return eb_reply_see_other(v, v->draft != NULL ? "/unterbrechen" : "/aufgaben");
    return finish_list(v);
}

/* --- removing an entry --- */

static int draw_remove(eb_visit_t *v, int status)
{
    eb_view_t view;
    eb_buf_t page;

    eb_view_fill(&view, v);
    eb_buf_init(&page, 8 * 1024, v->pool);
    eb_page_remove(&page, &view, v->step);
    return eb_reply_page(v, status, &page);
}

/* All pages of the entry count: the one that is removed must be the one that was shown. */
static apr_uint64_t entry_digest(const eb_visit_t *v)
{
    apr_uint64_t digest = 0;

    for (const eb_page_t *page = v->step->pages; page != NULL; page = page->next)
        digest = digest * 1099511628211u + eb_answers_digest(v->in, page, v->entry);
    return digest;
}

static int open_removal(eb_visit_t *v)
{
    int rc = open_list(v);

    if (rc != EB_GO_ON)
        return rc;
    if (v->step->fixed || v->entry >= v->in->lists[v->step->repeat->slot].count)
        return eb_reply_notice(v, EB_NOTICE_NOT_FOUND);
    v->c.entry = v->entry;
    v->digest = entry_digest(v);
    return EB_GO_ON;
}

int eb_get_remove(eb_visit_t *v)
{
    int rc = open_removal(v);

    return rc != EB_GO_ON ? rc : draw_remove(v, HTTP_OK);
}

int eb_post_remove(eb_visit_t *v)
{
    apr_array_header_t *before, *gone;
    int rc = eb_post_read(v);

    if (rc == EB_GO_ON)
        rc = open_removal(v);
    if (rc == EB_GO_ON)
        rc = may_change(v, draw_remove);
    if (rc != EB_GO_ON)
        return rc;
    if (v->digest != v->ticket.digest)
        return eb_reply_notice(v, EB_NOTICE_RACE);
    before = eb_documents_list(&v->c, false);
    if (eb_instance_remove(v->in, v->step->repeat, v->entry) != APR_SUCCESS)
        return eb_reply_notice(v, EB_NOTICE_NOT_FOUND);
    v->c.entry = EB_ROOT;
    eb_rules_calculate(v->in, &v->c);
    rc = eb_visit_save(v);
    if (rc != EB_GO_ON)
        return rc;
    gone = eb_documents_gone(before, eb_documents_list(&v->c, false), v->pool);
    eb_files_forget(v, eb_files_ids(gone, v->pool), gone->nelts);
    return eb_reply_see_other(v, apr_pstrcat(v->pool, "/", v->step->id, NULL));
}
