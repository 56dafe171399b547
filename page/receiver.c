/* The authority that receives the application, with whatever it has told about itself. */
#include "pages.h"

#include <apr_strings.h>

static void german(eb_buf_t *out, const eb_job_t *job, const char *text)
{
    eb_german_write(out, text, job->v->pages->form->words);
}

static void draw_lines(eb_buf_t *out, const eb_job_t *job, const char *lines)
{
    while (lines && *lines) {
        apr_size_t len = strcspn(lines, "\n");
        eb_buf_puts(out, "<br/>");
        german(out, job, apr_pstrmemdup(out->pool, lines, len));
        lines += len + (lines[len] == '\n');
    }
}

static void draw_line(eb_buf_t *out, const eb_job_t *job, eb_text_id_t label, const char *value)
{
    if (!value)
        return;
    eb_buf_puts(out, "<br/>");
    eb_buf_html(out, eb_job_text(job, label));
    eb_buf_puts(out, ": ");
    german(out, job, value);
}

static void draw_mail(eb_buf_t *out, const eb_job_t *job, const char *mail)
{
    if (!mail)
        return;
    eb_buf_puts(out, "<br/>");
    eb_buf_html(out, eb_job_text(job, EB_T_MAIL));
    eb_buf_puts(out, ": <a class='kern-link' href='mailto:");
    eb_buf_html(out, mail);
    eb_buf_puts(out, "'>");
    german(out, job, mail);
    eb_buf_puts(out, "</a>");
}

static void fill_authority(eb_buf_t *out, eb_job_t *job)
{
    const eb_site_t *site = job->v->site;
    eb_buf_puts(out, "<strong>");
    german(out, job, site->name);
    eb_buf_puts(out, "</strong>");
    draw_lines(out, job, site->address);
    draw_line(out, job, EB_T_PHONE, site->phone);
    draw_mail(out, job, site->mail);
    draw_line(out, job, EB_T_HOURS, site->hours);
}

static const eb_name_t names[] = {{"authority", .fill = fill_authority}, {.name = NULL}};

const eb_layout_t eb_layout_receiver = {"<p class='kern-body'>{RECEIVER}</p><address "
                                        "class='kern-body ez-address'>{authority}</address>",
                                        names};

void eb_fill_receiver(eb_buf_t *out, eb_job_t *job)
{
    if (job->v->site->name)
        eb_draw(out, job, EB_L_receiver);
}
