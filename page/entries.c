/* A step about several persons, stays or papers: the list of its entries, and the question before
 * one is removed. A fixed list asks more about the entries of another step: one link for each that
 * it asks something about. */
#include "pages.h"

static bool answered(const eb_page_t *page, const eb_context_t *c)
{
    const eb_control_t *control = NULL;
    while ((control = eb_control_next(page, control)) != NULL) {
        if (control->node && control->node->kind == EB_NODE_FIELD &&
            eb_instance_get(c->in, control->node, c->entry))
            return true;
    }
    return false;
}

/* As a step's state, for one entry of a fixed list. */
static eb_step_state_t entry_state(const eb_step_t *step, const eb_context_t *c)
{
    eb_errors_t *errors = eb_errors_new(c->pool);
    bool begun = false;
    for (const eb_page_t *p = step->pages; p; p = p->next) {
        eb_rules_check_page(errors, p, c);
        begun = begun || answered(p, c);
    }
    if (errors->list->nelts)
        return begun ? EB_STEP_STARTED : EB_STEP_OPEN;
    return begun || eb_instance_seen(c->in, step) ? EB_STEP_DONE : EB_STEP_OPEN;
}

static void fill_state(eb_buf_t *out, eb_job_t *job)
{
    eb_badge(out, job, entry_state(job->step, &job->c));
}

static void draw_entry(eb_buf_t *out, eb_job_t *row)
{
    if (!row->step->fixed) {
        eb_draw(out, row, EB_L_entry);
        return;
    }
    row->page = eb_entry_page(row->step, &row->c);
    if (row->page)
        eb_draw(out, row, EB_L_fixed_entry);
}

static void fill_list(eb_buf_t *out, eb_job_t *job)
{
    int count = eb_entries_count(job, job->step);
    if (!count) {
        eb_buf_puts(out, "<p class='kern-body'>");
        eb_say_html(out, job, job->step->empty_text);
        eb_buf_puts(out, "</p>");
        return;
    }
    eb_job_t row = *job;
    eb_buf_puts(out, "<ul class='ez-entries'>");
    for (row.c.entry = 0; row.c.entry < count; row.c.entry++)
        draw_entry(out, &row);
    eb_buf_puts(out, "</ul>");
}

static void fill_add(eb_buf_t *out, eb_job_t *job)
{
    if (job->step->fixed)
        return;
    int count = eb_entries_count(job, job->step);
    if (count >= job->step->max) {
        eb_buf_puts(out, "<p class='kern-body'>");
        eb_buf_html(out, eb_job_text(job, EB_T_ENTRIES_FULL));
        eb_buf_puts(out, "</p>");
        return;
    }
    eb_job_t new = *job;
    new.c.entry = count;
    eb_buf_puts(out, "<p><a class='kern-btn kern-btn--secondary' id='" EB_ID_ADD "' href='");
    eb_fill_action(out, &new);
    eb_buf_puts(out, "'><span class='kern-icon kern-icon--add' aria-hidden='true'></span>"
                     "<span class='kern-label'>");
    eb_say_html(out, job, job->step->add_label);
    eb_buf_puts(out, "</span></a></p>");
}

static const eb_name_t names[] = {{"list", .fill = fill_list},
                                  {"add", .fill = fill_add},
                                  {"state", .fill = fill_state},
                                  {"step_warnings", .fill = eb_fill_step_warnings},
                                  {.name = NULL}};

const eb_layout_t eb_layout_entries = {
    "{shell_top}{progress}{stale}{errors}{step_warnings}<h1 "
    "class='kern-heading-large'>{title}</h1>{intro}"
    "{list}{add}"
    "<form method='post' action='{action}' novalidate='novalidate' accept-charset='utf-8'>"
    "{ticket}{buttons}</form>"
    "{deletion}<p class='kern-body'><a class='kern-link' href='{base}/aufgaben'>{TO_TASKS}</a></p>"
    "{shell_end}",
    names};

const eb_layout_t eb_layout_entry = {
    "<li class='ez-entry'><span class='kern-body kern-body--bold'>{entry}</span>"
    "<span class='ez-entry-links'>"
    "<a class='kern-link' href='{action}'>{CHANGE}<span class='kern-sr-only'>: {entry}</span></a>"
    "<a class='kern-link' href='{action}/entfernen'>{REMOVE}"
    "<span class='kern-sr-only'>: {entry}</span></a></span></li>",
    names};

const eb_layout_t eb_layout_fixed_entry = {
    "<li class='ez-entry'><a class='kern-link' href='{action}'"
    " aria-describedby='ez-stand-{entry_number}'>{entry}</a>"
    "<span id='ez-stand-{entry_number}'>{state}</span></li>",
    names};

const eb_layout_t eb_layout_remove = {
    "{shell_top}{stale}<h1 class='kern-heading-large'>{title}</h1>"
    "<p class='kern-body kern-body--bold'>{entry}</p><p class='kern-body'>{REMOVE_TEXT}</p>"
    "<form method='post' action='{base}/{step}/{entry_number}/entfernen' novalidate='novalidate'"
    " accept-charset='utf-8'>{ticket}<div class='ez-buttons'>"
    "<button class='kern-btn kern-btn--primary' type='submit' name='" EB_BUTTON_NEXT "' value='1'>"
    "<span class='kern-label'>{REMOVE_YES}</span></button>"
    "<a class='kern-btn kern-btn--secondary' href='{base}/{step}'>"
    "<span class='kern-label'>{REMOVE_NO}</span></a></div></form>{shell_end}",
    names};

void eb_page_entries(eb_buf_t *out, const eb_view_t *v, const eb_step_t *step)
{
    eb_job_t job = eb_job(v, step->title);
    job.step = step;
    job.c.entry = EB_ROOT;
    eb_draw(out, &job, EB_L_entries);
}

void eb_page_remove(eb_buf_t *out, const eb_view_t *v, const eb_step_t *step)
{
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_REMOVE_TITLE));
    job.step = step;
    eb_draw(out, &job, EB_L_remove);
}
