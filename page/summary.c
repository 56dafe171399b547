/* All answers of an application, step by step, for the review before and the copy after it is sent.
 * Prose is left out: what was asked and what was answered is what counts. */
#include "pages.h"

typedef struct summary_t {
    bool edit;
    bool open; /* a <dl> is open */
} summary_t;

static void list(eb_buf_t *out, summary_t *summary, bool open)
{
    if (summary->open != open)
        eb_buf_puts(out, open ? "<dl class='kern-description-list'>" : "</dl>");
    summary->open = open;
}

/* What an answer beside it has made pointless ("until when" below "for ever") was not left out by
 * the applicant: without JavaScript it stands on the page all the same, and is empty. */
static bool is_pointless(const eb_node_t *node, const eb_context_t *context)
{
    return node->required && !eb_instance_get(context->in, node, context->entry) &&
           !eb_rules_required(node, context);
}

/* Whether the control, or for a group something in it, has a row of its own. */
static bool has_row(const eb_control_t *c, const eb_context_t *context)
{
    if (c->node && (!eb_rules_relevant(c->node, context) || is_pointless(c->node, context)))
        return false;
    for (const eb_control_t *inner = c->first; inner; inner = inner->next) {
        if (has_row(inner, context))
            return true;
    }
    return c->label && c->kind != EB_CONTROL_TEXT && c->kind != EB_CONTROL_GROUP;
}

static void draw_row(eb_buf_t *out, eb_job_t *job, const eb_control_t *c)
{
    job->control = c;
    job->value = c->node ? eb_instance_get(job->c.in, c->node, job->c.entry) : NULL;
    job->required = c->node && !job->value && eb_rules_required(c->node, &job->c);
    list(out, job->more, true);
    eb_draw(out, job, EB_L_row);
}

static void draw_heading(eb_buf_t *out, eb_job_t *job, const char *label)
{
    list(out, job->more, false);
    if (!label)
        return;
    char level = job->c.entry == EB_ROOT ? '3' : '4';
    eb_buf_printf(out, "<h%c class='kern-title kern-title--small'>", level);
    eb_say_html(out, job, label);
    eb_buf_printf(out, "</h%c>", level);
}

static void draw_rows(eb_buf_t *out, eb_job_t *job, const eb_control_t *controls)
{
    for (const eb_control_t *c = controls; c; c = c->next) {
        if (!has_row(c, &job->c))
            continue;
        if (c->kind != EB_CONTROL_GROUP) {
            draw_row(out, job, c);
            continue;
        }
        draw_heading(out, job, c->label);
        draw_rows(out, job, c->first);
        list(out, job->more, false);
    }
}

static void draw_pages(eb_buf_t *out, eb_job_t *job)
{
    for (job->page = job->step->pages; job->page; job->page = job->page->next)
        draw_rows(out, job, job->page->controls);
    list(out, job->more, false);
}

static void fill_body(eb_buf_t *out, eb_job_t *job)
{
    if (!job->step->repeat) {
        draw_pages(out, job);
        return;
    }
    int count = eb_entries_count(job, job->step);
    if (!count) {
        eb_buf_puts(out, "<p class='kern-body'>");
        eb_say_html(out, job, job->step->empty_text);
        eb_buf_puts(out, "</p>");
    }
    for (job->c.entry = 0; job->c.entry < count; job->c.entry++) {
        if (job->step->fixed && !eb_entry_page(job->step, &job->c))
            continue;
        eb_draw(out, job, EB_L_summary_entry);
        draw_pages(out, job);
    }
    job->c.entry = EB_ROOT;
}

/* ---- links ---- */

static void fill_row_edit(eb_buf_t *out, eb_job_t *job)
{
    const summary_t *summary = job->more;
    const eb_node_t *node = job->control->node;
    if (summary->edit && node && !eb_rules_readonly(node, &job->c))
        eb_draw(out, job, EB_L_row_edit);
}

static void fill_list_edit(eb_buf_t *out, eb_job_t *job)
{
    const summary_t *summary = job->more;
    if (!summary->edit || !job->step->repeat || job->step->fixed)
        return;
    job->page = NULL;
    eb_draw(out, job, EB_L_list_edit);
}

static const eb_name_t names[] = {{"body", .fill = fill_body},
                                  {"row_edit", .fill = fill_row_edit},
                                  {"list_edit", .fill = fill_list_edit},
                                  {"anchor", .fill = eb_fill_anchor},
                                  {.name = NULL}};

const eb_layout_t eb_layout_summary = {
    "<div class='kern-summary'><div class='kern-summary__header'>"
    "<h2 class='kern-title kern-title--small kern-summary__title-wrapper'>"
    "<span class='kern-number'>{number}</span><span>{step_title}</span></h2></div>"
    "<div class='kern-summary__body ez-summary'>{body}{list_edit}</div></div>",
    names};

const eb_layout_t eb_layout_summary_entry = {
    "<h3 class='kern-title kern-title--small'>{entry}</h3>", names};

const eb_layout_t eb_layout_row = {
    "<div class='kern-description-list-item ez-row'>"
    "<dt class='kern-description-list-item__key'>{label}</dt>"
    "<dd class='kern-description-list-item__value'>{answer}</dd>{row_edit}</div>",
    names};

const eb_layout_t eb_layout_row_edit = {
    "<dd class='ez-row-edit'><a class='kern-link' href='{action}#{anchor}'>{CHANGE}"
    "<span class='kern-sr-only'>: {label}</span></a></dd>",
    names};

const eb_layout_t eb_layout_list_edit = {
    "<p class='ez-row-edit'><a class='kern-link' href='{action}'>{CHANGE_LIST}"
    "<span class='kern-sr-only'>: {step_title}</span></a></p>",
    names};

static bool has_answers(const eb_step_t *step, const eb_job_t *job)
{
    if (step->repeat)
        return true;
    for (const eb_control_t *c = step->pages->controls; c; c = c->next) {
        if (has_row(c, &job->c))
            return true;
    }
    return false;
}

void eb_summary_draw(eb_buf_t *out, eb_job_t *job, bool edit)
{
    summary_t summary = {.edit = edit};
    const eb_form_t *form = job->v->pages->form;
    eb_job_t row = *job;
    row.more = &summary;
    row.number = 0;
    row.c.entry = EB_ROOT;
    for (row.step = job->v->pages->first_step; row.step; row.step = eb_step_after(form, row.step)) {
        if (!eb_step_applies(&row, row.step))
            continue;
        row.number++;
        if (has_answers(row.step, &row))
            eb_draw(out, &row, EB_L_summary);
    }
}
