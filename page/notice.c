/* What went wrong, as a page of its own: what happened, whether anything is lost, what to do now,
 * and a way on. One row per notice. */
#include "pages.h"

typedef enum { TO_START, TO_TASKS, TO_REVIEW, TO_RESUME, TO_PAUSE } way_t;

typedef struct row_t {
    int status;
    eb_text_id_t title, what, kept, advice;
    way_t way;
} row_t;

#define ROW(name, status, way)                                                                     \
    [EB_NOTICE_##name] = {                                                                         \
        status, EB_T_##name##_TITLE, EB_T_##name##_WHAT, EB_T_##name##_KEPT, EB_T_##name##_ADVICE, \
        way}

/* clang-format off */
static const row_t rows[EB_NOTICE_COUNT] = {
    ROW(CLOSED, 200, TO_START),
    ROW(DISCARDED, 200, TO_START),
    ROW(BAD_REQUEST, 400, TO_TASKS),
    ROW(BAD_FIELD, 400, TO_TASKS),
    ROW(FOREIGN, 403, TO_TASKS),
    ROW(NOT_FOUND, 404, TO_START),
    ROW(DRAFT_GONE, 404, TO_START),
    ROW(NO_DRAFT, 403, TO_RESUME),
    ROW(METHOD, 405, TO_TASKS),
    ROW(NOT_ASKED, 409, TO_TASKS),
    ROW(INCOMPLETE, 409, TO_TASKS),
    ROW(SUBMITTED, 409, TO_START),
    ROW(OPEN_HERE, 409, TO_PAUSE),
    ROW(RACE, 409, TO_TASKS),
    ROW(TOO_LARGE, 413, TO_TASKS),
    ROW(FILES_TOO_LARGE, 413, TO_TASKS),
    ROW(NO_ROOM, 507, TO_TASKS),
    ROW(SCANNING, 503, TO_TASKS),
    ROW(MEDIA_TYPE, 415, TO_TASKS),
    ROW(FULL, 409, TO_TASKS),
    ROW(UNAVAILABLE, 503, TO_TASKS),
    ROW(NOT_ACCEPTED, 503, TO_REVIEW),
    ROW(OTHER_NODE, 503, TO_TASKS),
    ROW(NOT_SENDABLE, 500, TO_TASKS),
    ROW(FORM_GONE, 503, TO_START),
};
/* clang-format on */

static const struct {
    const char *path;
    eb_text_id_t label;
} ways[] = {[TO_START] = {"", EB_T_TO_START},
            [TO_TASKS] = {"aufgaben", EB_T_TO_TASKS},
            [TO_REVIEW] = {"pruefen", EB_T_TO_REVIEW},
            [TO_RESUME] = {"fortsetzen", EB_T_TO_RESUME},
            [TO_PAUSE] = {"unterbrechen", EB_T_TO_PAUSE}};

int eb_notice_status(eb_notice_t notice)
{
    return rows[notice].status;
}

typedef struct notice_t {
    const row_t *row;
    bool list_open;
} notice_t;

static const row_t *row_of(const eb_job_t *job)
{
    const notice_t *notice = job->more;
    return notice->row;
}

static void fill_what(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_job_text(job, row_of(job)->what));
}

/* A Quick-Check keeps nothing, and begins on its first page. */
static bool keeps_nothing(const eb_job_t *job)
{
    return job->v->pages->form->outcome != NULL;
}

static void fill_kept(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_job_text(job, keeps_nothing(job) ? EB_T_CHECK_KEPT : row_of(job)->kept));
}

static void fill_advice(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out,
                eb_job_text(job, keeps_nothing(job) ? EB_T_CHECK_ADVICE : row_of(job)->advice));
}

static way_t way_of(const eb_job_t *job)
{
    return keeps_nothing(job) ? TO_START : row_of(job)->way;
}

static void fill_way(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, ways[way_of(job)].path);
}

static void fill_way_label(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_job_text(job, ways[way_of(job)].label));
}

static void fill_help(eb_buf_t *out, eb_job_t *job)
{
    if (row_of(job)->status >= 500)
        eb_fill_receiver(out, job);
}

/* What is still open, for those who came to the review too early. */
static void fill_open(eb_buf_t *out, eb_job_t *job)
{
    const notice_t *notice = job->more;
    if (!notice->list_open)
        return;
    eb_context_t root = job->c;
    root.entry = EB_ROOT;
    eb_buf_puts(out, "<ul class='kern-list kern-list--bullet'>");
    for (const eb_step_t *s = job->v->pages->first_step; s;
         s = eb_step_after(job->v->pages->form, s)) {
        job->step = s;
        if (eb_step_applies(job, s) && eb_rules_step_state(s, &root) != EB_STEP_DONE)
            eb_draw(out, job, EB_L_open_step);
    }
    eb_buf_puts(out, "</ul>");
}

static const eb_name_t names[] = {
    {"what", .fill = fill_what},           {"kept", .fill = fill_kept},
    {"advice", .fill = fill_advice},       {"way", .fill = fill_way},
    {"way_label", .fill = fill_way_label}, {"open", .fill = fill_open},
    {"help", .fill = fill_help},           {.name = NULL}};

const eb_layout_t eb_layout_notice = {
    "{shell_top}<h1 class='kern-heading-large'>{title}</h1><p class='kern-body'>{what}</p>"
    "<p class='kern-body kern-body--bold'>{kept}</p><p class='kern-body'>{advice}</p>{open}"
    "<p><a class='kern-btn kern-btn--primary' href='{base}/{way}'>"
    "<span class='kern-label'>{way_label}</span></a></p>{help}{shell_end}",
    names};

const eb_layout_t eb_layout_open_step = {
    "<li><a class='kern-link' href='{base}/{step}'>{step_title}</a></li>", names};

void eb_page_notice(eb_buf_t *out, const eb_view_t *v, eb_notice_t notice)
{
    notice_t shown = {&rows[notice], notice == EB_NOTICE_INCOMPLETE};
    eb_job_t job = eb_job(v, eb_view_text(v, shown.row->title));
    job.more = &shown;
    eb_draw(out, &job, EB_L_notice);
}
