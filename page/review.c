/* The last look before an application is sent, as § 9a OZG asks for: everything that was answered,
 * what sending means, an active confirmation, and a button that says what it does. */
#include "pages.h"

static void fill_summary(eb_buf_t *out, eb_job_t *job)
{
    eb_summary_draw(out, job, true);
}

static const eb_error_t *confirm_error(const eb_job_t *job)
{
    return job->errors ? eb_errors_find(job->errors, NULL, EB_ROOT) : NULL;
}

static void fill_confirm_box(eb_buf_t *out, eb_job_t *job)
{
    if (confirm_error(job))
        eb_buf_puts(out, " kern-form-check--error");
    if (eb_is_translated(job, EB_T_REVIEW_CONFIRM))
        eb_buf_puts(out, " ez-pair");
}

static void fill_confirm_mark(eb_buf_t *out, eb_job_t *job)
{
    if (confirm_error(job))
        eb_buf_puts(out, " kern-form-check__checkbox--error");
}

static void fill_confirm_invalid(eb_buf_t *out, eb_job_t *job)
{
    if (confirm_error(job))
        eb_buf_puts(out, " aria-invalid='true' aria-describedby='" EB_FIELD_CONFIRM "-fehler'");
}

static void fill_confirm_message(eb_buf_t *out, eb_job_t *job)
{
    const eb_error_t *error = confirm_error(job);
    if (!error)
        return;
    eb_buf_puts(out, "<p class='kern-error' id='" EB_FIELD_CONFIRM "-fehler'>"
                     "<span class='kern-icon kern-icon--danger' aria-hidden='true'></span>"
                     "<span class='kern-body'>");
    eb_buf_html(out, error->text);
    eb_buf_puts(out, "</span></p>");
}

static const eb_name_t names[] = {{"german_confirm", .fill = eb_fill_german_confirm},
                                  {"summary", .fill = fill_summary},
                                  {"all_warnings", .fill = eb_fill_all_warnings},
                                  {"copy_xml", .fill = eb_fill_copy_xml},
                                  {"confirm_box", .fill = fill_confirm_box},
                                  {"confirm_mark", .fill = fill_confirm_mark},
                                  {"confirm_invalid", .fill = fill_confirm_invalid},
                                  {"confirm_message", .fill = fill_confirm_message},
                                  {.name = NULL}};

const eb_layout_t eb_layout_review = {
    "{shell_top}{stale}{errors}<h1 class='kern-heading-large'>{title}</h1>"
    "<p class='kern-body'>{REVIEW_INTRO}</p>{all_warnings}{summary}"
    "<p class='kern-body ez-screen'><a class='kern-link' href='{base}/kopie'>{COPY_LINK}</a></p>"
    "{copy_xml}"
    "<h2 class='kern-heading-medium'>{REVIEW_SEND_TITLE}</h2>{receiver}"
    "<div class='kern-alert kern-alert--warning'><div class='kern-alert__header'>"
    "<span class='kern-icon kern-icon--warning' aria-hidden='true'></span>"
    "<h3 class='kern-title'>{REVIEW_WARN_TITLE}</h3></div><div class='kern-alert__body'>"
    "<ul class='kern-list kern-list--bullet'><li>{REVIEW_WARN_FINAL}</li>"
    "<li>{REVIEW_WARN_TRUE}</li><li>{REVIEW_WARN_FEE}</li><li>{REVIEW_WARN_TIME}</li></ul>"
    "</div></div>"
    "<form method='post' action='{base}/pruefen' novalidate='novalidate' accept-charset='utf-8'>"
    "{ticket}<div class='ez-fields'><div class='kern-form-check{confirm_box}'>"
    "<input class='kern-form-check__checkbox{confirm_mark}' type='checkbox'"
    " id='" EB_FIELD_CONFIRM "' name='" EB_FIELD_CONFIRM "' value='ja' aria-required='true'"
    "{confirm_invalid}/><label class='kern-label' for='" EB_FIELD_CONFIRM "'>{REVIEW_CONFIRM}"
    "</label>{german_confirm}{confirm_message}</div></div><div class='ez-buttons'>"
    "<button class='kern-btn kern-btn--primary' type='submit' name='" EB_BUTTON_NEXT "' value='1'>"
    "<span class='kern-label'>{REVIEW_SEND}</span></button>"
    "<a class='kern-btn kern-btn--secondary' href='{base}/aufgaben'>"
    "<span class='kern-label'>{TO_TASKS}</span></a></div></form>{deletion}{shell_end}",
    names};

void eb_page_review(eb_buf_t *out, const eb_view_t *v)
{
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_REVIEW_TITLE));
    eb_buf_reserve(out, 48 * 1024);
    eb_draw(out, &job, EB_L_review);
}
