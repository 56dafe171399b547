/* A page with questions: of a step, or of an entry of a step that keeps several. */
#include "visit.h"

int eb_step_draw(eb_visit_t *v, int status)
{
    eb_view_t view;
    eb_buf_t page;

    eb_view_fill(&view, v);
    eb_buf_init(&page, 1024, v->pool);
    eb_page_step(&page, &view, v->page);
    return eb_reply_page(v, status, &page);
}

/* An entry behind the last one is being added: it is there while the request lasts, and stored with
 * its first answers. */
static int open_entry(eb_visit_t *v)
{
    const eb_step_t *step = v->step;
    int count = step->repeat != NULL ? v->in->lists[step->repeat->slot].count : 0;

    if (v->entry == EB_ROOT || v->entry < count)
        return EB_GO_ON;
    if (v->entry > count || v->page != step->pages || step->fixed)
        return eb_reply_notice(v, EB_NOTICE_NOT_FOUND);
    if (eb_instance_add(v->in, step->repeat, step->max, &v->entry) != APR_SUCCESS)
        return eb_reply_notice(v, EB_NOTICE_FULL);
    v->fresh = true;
    return EB_GO_ON;
}

/* The page exists and belongs to this application; its stored answers are remembered. */
int eb_step_open(eb_visit_t *v)
{
    eb_context_t root = v->c;
    int rc;

    root.entry = EB_ROOT;
    if (!eb_rules_step_relevant(v->step, &root))
        return eb_reply_notice(v, EB_NOTICE_NOT_ASKED);
    rc = open_entry(v);
    if (rc != EB_GO_ON)
        return rc;
    v->c.entry = v->entry;
    if (v->entry != EB_ROOT && !eb_rules_page_relevant(v->page, &v->c))
        return eb_reply_notice(v, EB_NOTICE_NOT_ASKED);
    v->digest = eb_answers_digest(v->in, v->page, v->entry);
    return EB_GO_ON;
}

int eb_get_step(eb_visit_t *v)
{
    int rc = eb_visit_editing(v);

    if (rc == EB_GO_ON)
        rc = eb_step_open(v);
    return rc != EB_GO_ON ? rc : eb_step_draw(v, HTTP_OK);
}

/* What is stored beside what was typed: two sets of answers. */
static int conflict(eb_visit_t *v)
{
    eb_instance_t *typed = v->in;
    eb_view_t view;
    eb_buf_t page;

    if (eb_visit_decode(&v->in, v) != APR_SUCCESS)
        return eb_reply_notice(v, EB_NOTICE_RACE);
    v->c.in = v->in;
    eb_view_fill(&view, v);
    eb_buf_init(&page, 16 * 1024, v->pool);
    eb_page_conflict(&page, &view, v->page, typed);
    return eb_reply_page(v, HTTP_CONFLICT, &page);
}

static int take_answers(eb_visit_t *v)
{
    eb_ticket_verdict_t verdict = eb_post_ticket(v);
    const char *culprit;

    if (verdict == EB_TICKET_FOREIGN && !v->ended)
        return eb_reply_notice(v, EB_NOTICE_FOREIGN);
    if (eb_answers_take(v->in, v->page, &v->params, &v->c, &culprit) != EB_ANSWERS_OK)
        return eb_reply_notice(v, EB_NOTICE_BAD_FIELD);
    v->stale = verdict == EB_TICKET_STALE;
    if (v->stale || v->ended)
        return eb_step_draw(v, HTTP_UNPROCESSABLE_ENTITY);
    if (v->sending)
        return eb_reply_notice(v, EB_NOTICE_RACE);
    return eb_post_conflict(v) ? conflict(v) : EB_GO_ON;
}

/* Going back, pausing or changing the language keeps what was typed, unchecked; where nothing
 * changed there is nothing to keep. */
static int leave(eb_visit_t *v, const char *path)
{
    int rc = EB_GO_ON;

    if (eb_answers_digest(v->in, v->page, v->entry) != v->digest ||
        (v->draft != NULL && !v->fresh && !eb_tongue_noted(v))) {
        eb_rules_calculate(v->in, &v->c);
        rc = eb_visit_save(v);
    }
    return rc != EB_GO_ON ? rc : eb_reply_see_other(v, path);
}

/* The page warns of something that it did not show when it was sent. */
static bool warns_anew(const eb_visit_t *v)
{
    eb_errors_t *warnings = eb_errors_new(v->pool);
    const char *seen = eb_params_get(&v->params, EB_FIELD_WARNED, NULL);
    apr_uint32_t mark;

    eb_rules_warn_page(warnings, v->page, &v->c);
    mark = eb_rules_warn_mark(warnings);
    return mark != 0 && (seen == NULL || strtoul(seen, NULL, 16) != mark);
}

/* Stored and finished either way; with a warning that is new the page is shown once more. */
static int go_on(eb_visit_t *v)
{
    eb_errors_t *errors = eb_errors_new(v->pool);
    int rc;

    eb_rules_check_page(errors, v->page, &v->c);
    if (errors->list->nelts > 0) {
        v->errors = errors;
        return eb_step_draw(v, HTTP_UNPROCESSABLE_ENTITY);
    }
    eb_rules_calculate(v->in, &v->c);
    if (v->entry == EB_ROOT)
        eb_instance_set_seen(v->in, v->step, true);
    rc = eb_visit_save(v);
    if (rc != EB_GO_ON)
        return rc;
    return eb_reply_see_other(v, warns_anew(v) ? eb_way_here(v) : eb_way_next(v));
}

/* The page makes sense without any other answer. */
static bool stands_alone(const eb_visit_t *v)
{
    eb_context_t root = v->c;

    root.entry = EB_ROOT;
    return eb_rules_step_relevant(v->step, &root) &&
           (v->entry == EB_ROOT || (v->entry == 0 && v->page == v->step->pages && !v->step->fixed));
}

/* Where the draft has gone, or this browser has closed it, nothing of what was typed is stored, and
 * nothing of it is lost: the page is shown again. */
static int open_typed(eb_visit_t *v)
{
    int rc = eb_visit_typing(v);

    if (rc != EB_GO_ON)
        return rc;
    if (v->draft == NULL && eb_params_get(&v->params, EB_FIELD_TICKET, NULL) != NULL &&
        eb_post_ticket(v) == EB_TICKET_FOREIGN)
        v->ended = true;
    return v->ended && !stands_alone(v) ? eb_reply_notice(v, EB_NOTICE_DRAFT_GONE) : EB_GO_ON;
}

int eb_post_step(eb_visit_t *v)
{
    int rc;

    if (eb_post_multipart(v))
        return eb_post_files(v);
    rc = eb_post_read(v);

    if (rc == EB_GO_ON)
        rc = open_typed(v);
    if (rc == EB_GO_ON)
        rc = eb_step_open(v);
    if (rc == EB_GO_ON)
        rc = take_answers(v);
    if (rc != EB_GO_ON)
        return rc;
    if (eb_post_pressed(v, EB_BUTTON_LANGUAGE))
        return leave(v, eb_way_here(v));
    if (eb_post_pressed(v, EB_BUTTON_BACK))
        return leave(v, eb_way_back(v));
    if (eb_post_pressed(v, EB_BUTTON_PAUSE))
        return leave(v, v->draft != NULL ? "/unterbrechen" : "/aufgaben");
    return go_on(v);
}
