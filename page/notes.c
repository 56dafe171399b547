/* Notes above or below a page's contents: that it lay open too long, that its draft is not open any
 * more, and until when a draft is kept. */
#include "pages.h"

static const eb_name_t no_names[] = {{.name = NULL}};

const eb_layout_t eb_layout_stale = {
    "<div class='kern-alert kern-alert--warning' role='alert'><div class='kern-alert__header'>"
    "<span class='kern-icon kern-icon--warning' aria-hidden='true'></span>"
    "<h2 class='kern-title'>{STALE_TITLE}</h2></div>"
    "<div class='kern-alert__body'><p class='kern-body'>{STALE_TEXT}</p></div></div>",
    no_names};

const eb_layout_t eb_layout_ended = {
    "<div class='kern-alert kern-alert--warning' role='alert'><div class='kern-alert__header'>"
    "<span class='kern-icon kern-icon--warning' aria-hidden='true'></span>"
    "<h2 class='kern-title'>{ENDED_TITLE}</h2></div>"
    "<div class='kern-alert__body'><p class='kern-body'>{ENDED_KEPT}</p>"
    "<p class='kern-body'>{ENDED_RESUME} <a class='kern-link' href='{base}/fortsetzen'"
    " target='_blank' rel='noopener'>{ENDED_LINK}</a></p>"
    "<p class='kern-body'>{ENDED_NEW}</p></div></div>",
    no_names};

static void fill_date(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_say_date(job->v->pages->form->words, job->v->deletion, job->c.pool));
}

static const eb_name_t deletion_names[] = {{"date", .fill = fill_date}, {.name = NULL}};

const eb_layout_t eb_layout_deletion = {
    "<p class='kern-body kern-body--small ez-note'>{DELETION}</p>", deletion_names};
