/* A page with controls. */
#include "pages.h"

void eb_fill_preline(eb_buf_t *out, eb_job_t *job)
{
    if (!job->step->repeat)
        return;
    eb_buf_puts(out, "<p class='kern-preline'>");
    eb_fill_entry(out, job);
    eb_buf_puts(out, "</p>");
}

void eb_fill_optional_note(eb_buf_t *out, eb_job_t *job)
{
    if (!job->v->pages->plans[job->page->number].optional)
        return;
    eb_buf_puts(out, "<p class='kern-body'>");
    eb_buf_html(out, eb_job_text(job, EB_T_OPTIONAL_NOTE));
    eb_buf_puts(out, "</p>");
}

static const eb_name_t names[] = {
    {"preline", .fill = eb_fill_preline},        {"optional_note", .fill = eb_fill_optional_note},
    {"page_controls", .fill = eb_controls_draw}, {"page_warnings", .fill = eb_fill_page_warnings},
    {"warned", .fill = eb_fill_warned},          {.name = NULL}};

const eb_layout_t eb_layout_step = {
    "{shell_top}{progress}{stale}{errors}{page_warnings}"
    "<div class='kern-hgroup'>{preline}<h1 class='kern-heading-large'>{title}</h1></div>"
    "{optional_note}"
    "<form method='post' action='{action}' id='{form_id}' novalidate='novalidate'"
    " accept-charset='utf-8'>"
    "{ticket}{warned}<div class='ez-fields'>{page_controls}</div>{buttons}</form>"
    "{deletion}<p class='kern-body'><a class='kern-link' href='{base}/aufgaben'>{TO_TASKS}</a></p>"
    "{shell_end}",
    names};

void eb_page_step(eb_buf_t *out, const eb_view_t *v, const eb_page_t *page)
{
    eb_job_t job = eb_job(v, page->title);
    job.step = page->step;
    job.page = page;
    job.sends = page->uploads ? EB_ID_UPLOAD : EB_ID_FORM;
    eb_buf_reserve(out, v->pages->plans[page->number].size +
                            eb_template_size(v->pages->layouts[EB_L_step]) + 2048);
    eb_draw(out, &job, page->uploads ? EB_L_uploads : EB_L_step);
}
