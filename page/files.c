/* Uploaded files, as a control lists them, as people read them among their answers, and the
 * question before one is removed. */
#include "pages.h"

#include <apr_lib.h>
#include <apr_strings.h>

#define KIBIBYTE 1024
#define MEBIBYTE (1024 * 1024)

/* Half a tenth up. */
const char *eb_megabytes(const eb_pages_t *pages, apr_uint64_t bytes, apr_pool_t *pool)
{
    apr_uint64_t tenths = (bytes * 10 + MEBIBYTE / 2) / MEBIBYTE;
    const char *figure =
        apr_psprintf(pool, "%" APR_UINT64_T_FMT ".%d", tenths / 10, (int)(tenths % 10));
    if (tenths % 10 == 0)
        figure = apr_pstrndup(pool, figure, strcspn(figure, "."));
    return eb_say_figure(pages->form->words, figure, pool);
}

static const char *sized(const eb_pages_t *pages, eb_text_id_t unit, const char *size,
                         apr_pool_t *pool)
{
    return eb_words_fill(pages->texts->text[unit], pool, "size", size, NULL);
}

const char *eb_size(const eb_pages_t *pages, apr_uint64_t bytes, apr_pool_t *pool)
{
    if (bytes < KIBIBYTE)
        return sized(pages, EB_T_SIZE_BYTES, apr_itoa(pool, (int)bytes), pool);
    if (bytes <= 999 * KIBIBYTE)
        return sized(pages, EB_T_SIZE_KILOBYTES,
                     apr_itoa(pool, (int)((bytes + KIBIBYTE / 2) / KIBIBYTE)), pool);
    return sized(pages, EB_T_SIZE_MEGABYTES, eb_megabytes(pages, bytes, pool), pool);
}

static eb_files_t files_of(const eb_job_t *job)
{
    eb_files_t files = {.count = 0};
    if (eb_files_parse(&files, job->value, job->c.pool) != APR_SUCCESS)
        files = (eb_files_t){.count = 0};
    return files;
}

/* ---- one file ---- */

static void fill_name(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->file->name);
}

static void fill_id(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->file->id);
}

static void fill_bytes(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_printf(out, "%" APR_UINT64_T_FMT, job->file->size);
}

static void fill_kind(eb_buf_t *out, eb_job_t *job)
{
    const char *slash = strchr(job->file->type, '/');
    for (const char *s = slash ? slash + 1 : job->file->type; *s; s++)
        eb_buf_putc(out, (char)apr_toupper(*s));
}

static void fill_size(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, eb_size(job->v->pages, job->file->size, job->c.pool));
}

static void add_state(eb_buf_t *out, const eb_job_t *job, eb_text_id_t state)
{
    eb_buf_puts(out, ", ");
    eb_buf_html(out, eb_job_text(job, state));
}

static void fill_pending(eb_buf_t *out, eb_job_t *job)
{
    if (job->file->scan == EB_FILE_PENDING)
        add_state(out, job, EB_T_FILE_PENDING);
}

static void fill_state(eb_buf_t *out, eb_job_t *job)
{
    if (job->file->scan == EB_FILE_CLEAN)
        add_state(out, job, EB_T_FILE_CLEAN);
    fill_pending(out, job);
}

static void fill_up(eb_buf_t *out, eb_job_t *job)
{
    if (job->number)
        eb_draw(out, job, EB_L_file_up);
}

static void draw_each(eb_buf_t *out, const eb_job_t *job, const eb_files_t *files, int layout)
{
    eb_job_t row = *job;
    for (row.number = 0; row.number < files->count; row.number++) {
        row.file = &files->list[row.number];
        eb_draw(out, &row, layout);
    }
}

static const eb_name_t names[] = {{"file_name", .fill = fill_name},
                                  {"file_id", .fill = fill_id},
                                  {"file_bytes", .fill = fill_bytes},
                                  {"file_kind", .fill = fill_kind},
                                  {"file_size", .fill = fill_size},
                                  {"file_state", .fill = fill_state},
                                  {"pending", .fill = fill_pending},
                                  {"up", .fill = fill_up},
                                  {"up_button", .text = EB_BUTTON_UP},
                                  {"anchor", .fill = eb_fill_anchor},
                                  {.name = NULL}};

const eb_layout_t eb_layout_file = {
    "<li class='ez-file' data-size='{file_bytes}'><div class='ez-file-text'>"
    "<bdi class='kern-body kern-body--bold'>{file_name}</bdi>"
    "<span class='kern-body kern-body--small ez-note'><span dir='ltr'>{file_kind}</span>, "
    "{file_size}{file_state}</span>"
    "</div><span class='ez-entry-links'>{up}"
    "<a class='kern-link' href='{action}/datei/{file_id}'>{REMOVE}"
    "<span class='kern-sr-only'>: {file_name}</span></a></span></li>",
    names};

const eb_layout_t eb_layout_file_up = {
    "<button class='kern-btn kern-btn--tertiary kern-btn--x-small' type='submit'"
    " name='{up_button}{file_id}' value='1'><span class='kern-icon kern-icon--arrow-up'"
    " aria-hidden='true'></span><span class='kern-label'>{UPLOAD_UP}"
    "<span class='kern-sr-only'>: {file_name}</span></span></button>",
    names};

const eb_layout_t eb_layout_file_read = {
    "<li><bdi>{file_name}</bdi> <span class='ez-note'>(<span dir='ltr'>{file_kind}</span>, "
    "{file_size}{pending})</span></li>",
    names};

/* ---- the control ---- */

void eb_fill_files(eb_buf_t *out, eb_job_t *job)
{
    eb_files_t files = files_of(job);
    if (!files.count)
        return;
    eb_buf_puts(out, "<ol class='ez-files' aria-label='");
    eb_buf_html(out, eb_job_text(job, EB_T_UPLOAD_LIST));
    eb_buf_puts(out, ": ");
    eb_say_html(out, job, job->control->label);
    eb_buf_puts(out, "'>");
    draw_each(out, job, &files, EB_L_file);
    eb_buf_puts(out, "</ol>");
}

const eb_layout_t eb_layout_message = {
    "<p class='kern-error'><span class='kern-icon kern-icon--danger' aria-hidden='true'></span>"
    "<span class='kern-body'>{error}</span></p>",
    eb_control_holes};

void eb_fill_later(eb_buf_t *out, eb_job_t *job)
{
    if (files_of(job).later)
        eb_buf_puts(out, " checked='checked'");
}

/* All of them: each refused file has its own. */
void eb_fill_messages(eb_buf_t *out, eb_job_t *job)
{
    if (!job->error)
        return;
    const eb_error_t *errors = (const eb_error_t *)job->errors->list->elts;
    eb_job_t one = *job;
    for (int i = 0; i < job->errors->list->nelts; i++) {
        one.error = &errors[i];
        if (one.error->node == job->control->node && one.error->entry == job->error->entry)
            eb_draw(out, &one, EB_L_message);
    }
}

/* ---- for reading ---- */

void eb_files_read(eb_buf_t *out, eb_job_t *job)
{
    eb_files_t files = files_of(job);
    if (files.count) {
        eb_buf_puts(out, "<ol class='ez-files-read'>");
        draw_each(out, job, &files, EB_L_file_read);
        eb_buf_puts(out, "</ol>");
    }
    if (files.later)
        eb_buf_html(out, eb_job_text(job, files.count ? EB_T_FILE_MORE_LATER : EB_T_FILE_LATER));
}

/* ---- removal ---- */

const eb_layout_t eb_layout_remove_file = {
    "{shell_top}{stale}<h1 class='kern-heading-large'>{title}</h1>"
    "<p class='kern-body'>{label}:<br/><bdi class='kern-body--bold'>{file_name}</bdi>"
    " (<span dir='ltr'>{file_kind}</span>, {file_size})</p><p "
    "class='kern-body'>{FILE_REMOVE_TEXT}</p>"
    "<form method='post' action='{action}/datei/{file_id}' novalidate='novalidate'"
    " accept-charset='utf-8'>{ticket}<div class='ez-buttons'>"
    "<button class='kern-btn kern-btn--primary' type='submit' name='" EB_BUTTON_NEXT "' value='1'>"
    "<span class='kern-label'>{FILE_REMOVE_YES}</span></button>"
    "<a class='kern-btn kern-btn--secondary' href='{action}#{anchor}'>"
    "<span class='kern-label'>{FILE_REMOVE_NO}</span></a></div></form>{deletion}{shell_end}",
    names};

void eb_page_file(eb_buf_t *out, const eb_view_t *v, const eb_page_t *page,
                  const eb_control_t *control, const eb_file_t *file)
{
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_FILE_REMOVE_TITLE));
    job.step = page->step;
    job.page = page;
    job.control = control;
    job.file = file;
    eb_draw(out, &job, EB_L_remove_file);
}
