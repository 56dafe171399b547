/* The receipt: shown when the application is on stable storage, and the same at every reload. The
 * number is what an applicant needs later; the copy of all answers is what § 9a (4) OZG asks for.
 */
#include "pages.h"

static const eb_receipt_t *receipt_of(const eb_job_t *job)
{
    return job->more;
}

static void fill_receipt_number(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, receipt_of(job)->number);
}

void eb_time_draw(eb_buf_t *out, const eb_job_t *job, apr_time_t time)
{
    eb_local_t t = eb_local_time(time);
    eb_buf_html(out, eb_say_date(job->v->pages->form->words, t.date, job->c.pool));
    eb_buf_printf(out, ", %02d:%02d:%02d %s", t.hour, t.minute, t.second,
                  eb_job_text(job, t.offset == 120 ? EB_T_MESZ : EB_T_MEZ));
}

static void fill_accepted(eb_buf_t *out, eb_job_t *job)
{
    eb_time_draw(out, job, receipt_of(job)->accepted);
}

static void fill_status_code(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, receipt_of(job)->code);
}

static void fill_status_url(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, receipt_of(job)->url);
}

/* Once the draft is deleted there is nothing left to copy. */
static void fill_copy(eb_buf_t *out, eb_job_t *job)
{
    const eb_instance_t *in = job->v->in;
    for (apr_size_t i = 0; i < sizeof(in->seen); i++) {
        if (!in->seen[i])
            continue;
        eb_draw(out, job, EB_L_copy);
        return;
    }
}

static void fill_summary(eb_buf_t *out, eb_job_t *job)
{
    eb_summary_draw(out, job, false);
}

static bool promises(const eb_job_t *job, const eb_control_t *control, int entry)
{
    eb_files_t files;
    eb_context_t c = job->c;
    c.entry = entry;
    return eb_rules_relevant(control->node, &c) &&
           eb_files_parse(&files, eb_instance_get(c.in, control->node, entry), c.pool) ==
               APR_SUCCESS &&
           files.later;
}

static bool page_promises(const eb_job_t *job, const eb_page_t *page)
{
    int count = page->step->repeat ? eb_entries_count(job, page->step) : 0;
    const eb_control_t *c = NULL;
    while ((c = eb_control_next(page, c)) != NULL) {
        if (c->kind != EB_CONTROL_UPLOAD)
            continue;
        for (int entry = page->step->repeat ? 0 : EB_ROOT; entry < count; entry++) {
            if (promises(job, c, entry))
                return true;
        }
    }
    return false;
}

/* Only for those who have promised something. */
static void fill_later(eb_buf_t *out, eb_job_t *job)
{
    const eb_form_t *form = job->v->pages->form;
    for (int i = 0; i < form->pages_count; i++) {
        if (!form->pages[i]->uploads || !page_promises(job, form->pages[i]))
            continue;
        eb_buf_puts(out, "<li>");
        eb_buf_html(out, eb_job_text(job, EB_T_RECEIPT_NEXT_LATER));
        eb_buf_puts(out, "</li>");
        return;
    }
}

static const eb_name_t names[] = {{"receipt_number", .fill = fill_receipt_number},
                                  {"accepted", .fill = fill_accepted},
                                  {"status_code", .fill = fill_status_code},
                                  {"status_url", .fill = fill_status_url},
                                  {"copy_xml", .fill = eb_fill_copy_xml},
                                  {"copy", .fill = fill_copy},
                                  {"next_later", .fill = fill_later},
                                  {"summary", .fill = fill_summary},
                                  {.name = NULL}};

const eb_layout_t eb_layout_receipt = {
    "{shell_top}<div class='kern-alert kern-alert--success'><div class='kern-alert__header'>"
    "<span class='kern-icon kern-icon--success' aria-hidden='true'></span>"
    "<h1 class='kern-title'>{title}</h1></div><div class='kern-alert__body'>"
    "<p class='kern-body'>{RECEIPT_NUMBER}</p>"
    "<p class='kern-heading-large ez-number' translate='no'><bdi>{receipt_number}</bdi></p>"
    "<p class='kern-body'>{RECEIPT_TIME}</p>"
    "<p class='kern-body'>{RECEIPT_CODE}</p>"
    "<p class='kern-title ez-number' translate='no'><bdi>{status_code}</bdi></p></div></div>"
    "<p class='kern-body'>{RECEIPT_KEEP}</p>"
    "<p class='kern-body'>{RECEIPT_STATUS}<br/><strong "
    "translate='no'><bdi>{status_url}</bdi></strong></p>"
    "<form method='post' action='{base}/status' accept-charset='utf-8'>"
    "<input type='hidden' name='" EB_FIELD_NUMBER "' value='{receipt_number}'/>"
    "<input type='hidden' name='" EB_FIELD_CODE "' value='{status_code}'/>"
    "<button class='kern-btn kern-btn--secondary' type='submit' name='" EB_BUTTON_NEXT
    "' value='1'><span class='kern-label'>{RECEIPT_STATUS_GO}</span></button></form>{receiver}"
    "<h2 class='kern-heading-medium'>{RECEIPT_NEXT}</h2>"
    "<ol class='kern-list kern-list--number'><li>{RECEIPT_NEXT_CHECK}</li>"
    "<li>{RECEIPT_NEXT_ORIGINALS}</li>{next_later}<li>{RECEIPT_NEXT_APPEAR}</"
    "li><li>{RECEIPT_NEXT_CHANGES}</li>"
    "<li>{RECEIPT_NEXT_WAIT}</li></ol>"
    "<p class='kern-body ez-screen'>{RECEIPT_PRINT}</p>"
    "<p class='kern-body ez-screen'><a class='kern-link' href='{base}/kopie'>{COPY_LINK}</a></p>"
    "{copy_xml}{copy}{shell_end}",
    names};

const eb_layout_t eb_layout_copy = {"<h2 class='kern-heading-medium'>{RECEIPT_COPY}</h2>{summary}",
                                    names};

void eb_page_receipt(eb_buf_t *out, const eb_view_t *v, const eb_receipt_t *receipt)
{
    eb_receipt_t shown = *receipt;
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_RECEIPT_TITLE));
    job.more = &shown;
    eb_draw(out, &job, EB_L_receipt);
}
