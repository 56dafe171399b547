/* The first page of a Quick-Check and those with its questions. */
#include "pages.h"
#include "quickcheck.h"
#include "outcome.h"

static void hidden(eb_buf_t *out, const char *name, const char *part, const char *value)
{
    eb_buf_puts(out, "<input type='hidden' name='");
    eb_buf_puts(out, name);
    eb_buf_puts(out, part);
    eb_buf_puts(out, "' value='");
    eb_buf_html(out, value);
    eb_buf_puts(out, "'/>");
}

/* As a browser would send it, so that it comes back through the same door. */
static void carry(eb_buf_t *out, const eb_job_t *job, const eb_control_t *c)
{
    const char *day, *month, *year;
    const char *value = eb_instance_get(job->c.in, c->node, EB_ROOT);
    if (!value)
        return;
    if (c->kind != EB_CONTROL_DATE) {
        hidden(out, c->node->param, "", value);
        return;
    }
    eb_answers_date_parts(value, &day, &month, &year, job->c.pool);
    hidden(out, c->node->param, ".tag", day);
    hidden(out, c->node->param, ".monat", month);
    hidden(out, c->node->param, ".jahr", year);
}

void eb_fill_carried(eb_buf_t *out, eb_job_t *job)
{
    const eb_form_t *form = job->v->pages->form;
    for (int i = 0; i < form->pages_count; i++) {
        const eb_control_t *c = NULL;
        while (form->pages[i] != job->page && (c = eb_control_next(form->pages[i], c)) != NULL) {
            if (c->node && c->node->kind == EB_NODE_FIELD)
                carry(out, job, c);
        }
    }
    if (job->step)
        hidden(out, EB_FIELD_STEP, "", job->step->id);
}

static void fill_back(eb_buf_t *out, eb_job_t *job)
{
    const eb_step_t *before = NULL;
    for (const eb_step_t *s = job->v->pages->first_step; s != job->step;
         s = eb_step_after(job->v->pages->form, s)) {
        if (eb_step_applies(job, s))
            before = s;
    }
    if (!before)
        return;
    eb_buf_puts(out, "<button class='kern-btn kern-btn--secondary' type='submit' "
                     "name='" EB_BUTTON_TO "' value='");
    eb_buf_puts(out, before->id);
    eb_buf_puts(out, "'><span class='kern-label'>");
    eb_buf_html(out, eb_job_text(job, EB_T_BACK));
    eb_buf_puts(out, "</span></button>");
}

static void fill_prose(eb_buf_t *out, eb_job_t *job)
{
    if (job->v->pages->form->outcome->intro)
        eb_buf_puts(out, job->v->pages->form->outcome->intro);
}

static const eb_name_t names[] = {
    {"path", .html = EB_QUICKCHECK_PATH},
    {"next", .html = EB_BUTTON_NEXT},
    {"carried", .fill = eb_fill_carried},
    {"back", .fill = fill_back},
    {"prose", .fill = fill_prose},
    {"law", .fill = eb_fill_law},
    {"law_from", .fill = eb_fill_law_from},
    {"law_version", .fill = eb_fill_law_version},
    {"optional_note", .fill = eb_fill_optional_note},
    {"page_controls", .fill = eb_controls_draw},
    {.name = NULL},
};

const eb_layout_t eb_layout_quickcheck_start = {
    "{shell_top}<h1 class='kern-heading-large'>{title}</h1><div class='ez-prose'>{prose}</div>"
    "<p><a class='kern-btn kern-btn--primary' href='{base}/{path}'>"
    "<span class='kern-label'>{CHECK_START}</span></a></p>{receiver}"
    "<p class='kern-body kern-body--small ez-note'>{CHECK_LAW}</p>{shell_end}",
    names};

const eb_layout_t eb_layout_quickcheck_step = {
    "{shell_top}{progress}{errors}<h1 class='kern-heading-large'>{title}</h1>{optional_note}"
    "<form method='post' action='{base}/{path}' id='{form_id}' novalidate='novalidate'"
    " accept-charset='utf-8'>"
    "{carried}<div class='ez-fields'>{page_controls}</div>"
    "<div class='ez-buttons'><button class='kern-btn kern-btn--primary' type='submit'"
    " name='{next}' value='1'><span class='kern-label'>{CHECK_NEXT}</span></button>{back}</div>"
    "</form><p class='kern-body kern-body--small ez-note'>{CHECK_PRIVATE}</p>{shell_end}",
    names};

void eb_page_quickcheck_start(eb_buf_t *out, const eb_view_t *v)
{
    eb_job_t job = eb_job(v, v->pages->form->title);
    job.entrance = true;
    eb_draw(out, &job, EB_L_quickcheck_start);
}

void eb_page_quickcheck_step(eb_buf_t *out, const eb_view_t *v, const eb_page_t *page)
{
    eb_job_t job = eb_job(v, page->title);
    job.step = page->step;
    job.page = page;
    job.sends = EB_ID_FORM;
    eb_buf_reserve(out, v->pages->plans[page->number].size +
                            eb_template_size(v->pages->layouts[EB_L_quickcheck_step]) + 4096);
    eb_draw(out, &job, EB_L_quickcheck_step);
}
