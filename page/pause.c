/* Interrupting an application, and going on with it elsewhere: the code that opens it, and the page
 * that asks for it. The code is shown only when a person asks for it, so that it does not stand on
 * a screen unasked. */
#include "pages.h"

#include "base/code.h"

static const eb_pause_t *pause_of(const eb_job_t *job)
{
    return job->more;
}

/* A line may break behind each hyphen. */
static void fill_code(eb_buf_t *out, eb_job_t *job)
{
    for (const char *c = pause_of(job)->code; *c; c++) {
        eb_buf_putc(out, *c);
        if (*c == '-')
            eb_buf_puts(out, "<wbr/>");
    }
}

static void fill_url(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, pause_of(job)->url);
}

static void fill_noted_box(eb_buf_t *out, eb_job_t *job)
{
    if (job->errors)
        eb_buf_puts(out, " kern-form-check--error");
}

static void fill_noted_invalid(eb_buf_t *out, eb_job_t *job)
{
    if (job->errors)
        eb_buf_puts(out, " aria-invalid='true' aria-describedby='" EB_FIELD_CONFIRM "-fehler'");
}

static void fill_noted_message(eb_buf_t *out, eb_job_t *job)
{
    if (!job->errors)
        return;
    eb_buf_puts(out, "<p class='kern-error' id='" EB_FIELD_CONFIRM "-fehler'>"
                     "<span class='kern-icon kern-icon--danger' aria-hidden='true'></span>"
                     "<span class='kern-body'>");
    eb_buf_html(out, eb_job_text(job, EB_T_LEAVE_MISSING));
    eb_buf_puts(out, "</span></p>");
}

static const eb_name_t names[] = {{"code", .fill = fill_code},
                                  {"url", .fill = fill_url},
                                  {"noted_box", .fill = fill_noted_box},
                                  {"noted_invalid", .fill = fill_noted_invalid},
                                  {"noted_message", .fill = fill_noted_message},
                                  {.name = NULL}};

const eb_layout_t eb_layout_pause = {
    "{shell_top}{stale}<h1 class='kern-heading-large'>{title}</h1>"
    "<p class='kern-body'>{PAUSE_SAVED}</p>{deletion}"
    "<h2 class='kern-heading-medium'>{PAUSE_HERE_TITLE}</h2><p class='kern-body'>{PAUSE_HERE}</p>"
    "<h2 class='kern-heading-medium'>{PAUSE_ELSEWHERE_TITLE}</h2>"
    "<p class='kern-body'>{PAUSE_ELSEWHERE}</p><p class='kern-body'>{PAUSE_ONCE}</p>"
    "<form method='post' action='{base}/unterbrechen' novalidate='novalidate'"
    " accept-charset='utf-8'>{ticket}<div class='ez-buttons'>"
    "<button class='kern-btn kern-btn--primary' type='submit' name='" EB_BUTTON_SHOW "' value='1'>"
    "<span class='kern-label'>{PAUSE_SHOW}</span></button>"
    "<a class='kern-btn kern-btn--secondary' href='{base}/aufgaben'>"
    "<span class='kern-label'>{PAUSE_GO_ON}</span></a></div></form>{shell_end}",
    names};

const eb_layout_t eb_layout_pause_code = {
    "{shell_top}{stale}{errors}<h1 class='kern-heading-large'>{title}</h1>"
    "<p class='kern-body'>{CODE_NOTE}</p>"
    "<p class='ez-code' translate='no' dir='ltr'>{code}</p>"
    "<p class='kern-body'>{CODE_SIGNS}</p>"
    "<p class='kern-body'>{CODE_WHERE}<br/><strong translate='no'><bdi>{url}</bdi></strong></p>"
    "<div class='kern-alert kern-alert--warning'><div class='kern-alert__header'>"
    "<span class='kern-icon kern-icon--warning' aria-hidden='true'></span>"
    "<h2 class='kern-title'>{CODE_SECRET_TITLE}</h2></div><div class='kern-alert__body'>"
    "<p class='kern-body'>{CODE_SECRET}</p></div></div>{deletion}"
    "<h2 class='kern-heading-medium ez-screen'>{LEAVE_TITLE}</h2>"
    "<p class='kern-body ez-screen'>{LEAVE_TEXT}</p>"
    "<form method='post' action='{base}/unterbrechen' novalidate='novalidate'"
    " accept-charset='utf-8'>{ticket}<div class='ez-fields'>"
    "<div class='kern-form-check{noted_box}'>"
    "<input class='kern-form-check__checkbox' type='checkbox' id='" EB_FIELD_CONFIRM
    "' name='" EB_FIELD_CONFIRM "' value='ja' aria-required='true'{noted_invalid}/>"
    "<label class='kern-label' for='" EB_FIELD_CONFIRM
    "'>{LEAVE_NOTED}</label>{noted_message}</div>"
    "</div><div class='ez-buttons'>"
    "<button class='kern-btn kern-btn--secondary' type='submit' name='" EB_BUTTON_LEAVE
    "' value='1'><span class='kern-label'>{LEAVE_YES}</span></button>"
    "<a class='kern-btn kern-btn--primary' href='{base}/aufgaben'>"
    "<span class='kern-label'>{PAUSE_GO_ON}</span></a></div></form>{shell_end}",
    names};

const eb_layout_t eb_layout_resume = {
    "{shell_top}{stale}{errors}<h1 class='kern-heading-large'>{title}</h1>"
    "<p class='kern-body'>{RESUME_TEXT}</p>"
    "<form method='post' action='{base}/fortsetzen' novalidate='novalidate'"
    " accept-charset='utf-8'>{ticket}<div class='ez-fields'>{fields}</div>"
    "<div class='ez-buttons'>"
    "<button class='kern-btn kern-btn--primary' type='submit' name='" EB_BUTTON_NEXT "' value='1'>"
    "<span class='kern-label'>{RESUME_GO}</span></button></div></form>"
    "<p class='kern-body'>{RESUME_LOST}</p>"
    "<p class='kern-body'><a class='kern-link' href='{base}/'>{TO_START}</a></p>{shell_end}",
    eb_field_names};

void eb_page_pause(eb_buf_t *out, const eb_view_t *v, const eb_pause_t *pause)
{
    eb_pause_t shown = *pause;
    eb_job_t job = eb_job(v, eb_view_text(v, pause->code ? EB_T_CODE_TITLE : EB_T_PAUSE_TITLE));
    job.more = &shown;
    eb_draw(out, &job, pause->code ? EB_L_pause_code : EB_L_pause);
}

void eb_page_resume(eb_buf_t *out, const eb_view_t *v, const char *typed)
{
    const eb_field_t field = {EB_FIELD_CODE, EB_T_RESUME_CODE, EB_T_RESUME_HINT, typed, false};
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_RESUME_TITLE));
    job.fields = &field;
    job.fields_count = 1;
    eb_draw(out, &job, EB_L_resume);
}
