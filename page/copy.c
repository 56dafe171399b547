/* A copy of the application, made for paper: what it is, from when, for whom, and every answer. The
 * number stands on it only when it is good for something, which is after sending. */
#include "pages.h"

static void fill_facts(eb_buf_t *out, eb_job_t *job)
{
    const eb_paper_t *paper = job->more;
    bool sent = job->v->sent;

    if (sent) {
        eb_buf_html(out, eb_job_text(job, EB_T_RECEIPT_NUMBER));
        eb_buf_puts(out, " <strong class='ez-number' translate='no'>");
        eb_buf_html(out, paper->number);
        eb_buf_puts(out, "</strong><br/>");
    }
    eb_buf_html(out, eb_job_text(job, sent ? EB_T_COPY_SENT : EB_T_COPY_DRAFT));
    eb_buf_putc(out, ' ');
    eb_time_draw(out, job, paper->time);
}

void eb_fill_copy_xml(eb_buf_t *out, eb_job_t *job)
{
    if (!job->v->bare)
        eb_draw(out, job, EB_L_copy_xml);
}

static void fill_summary(eb_buf_t *out, eb_job_t *job)
{
    eb_summary_draw(out, job, false);
}

static void fill_back(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, job->v->sent ? "quittung" : "aufgaben");
}

static const eb_name_t names[] = {{"facts", .fill = fill_facts},
                                  {"copy_xml", .fill = eb_fill_copy_xml},
                                  {"summary", .fill = fill_summary},
                                  {"back", .fill = fill_back},
                                  {.name = NULL}};

const eb_layout_t eb_layout_paper = {
    "{shell_top}<h1 class='kern-heading-large'>{title}</h1><p class='kern-body'>{facts}</p>"
    "{receiver}<p class='kern-body ez-screen'>{RECEIPT_PRINT}</p>{copy_xml}{summary}"
    "<p class='kern-body ez-screen'><a class='kern-link' href='{base}/{back}'>{COPY_BACK}</a></p>"
    "{shell_end}",
    names};

const eb_layout_t eb_layout_copy_xml = {
    "<p class='kern-body ez-screen'><a class='kern-link' href='{base}/kopie.xml'"
    " download='download'>{COPY_XML}</a></p>",
    names};

void eb_page_copy(eb_buf_t *out, const eb_view_t *v, const eb_paper_t *paper)
{
    eb_paper_t shown = *paper;
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_COPY_TITLE));
    job.more = &shown;
    eb_buf_reserve(out, 48 * 1024);
    eb_draw(out, &job, EB_L_paper);
}
