/* A page that asks for documents. It works without JavaScript: choose files, press "Hochladen", see
 * them in the list, choose more. Where the script runs, it finds here whatever it says and draws:
 * sentences in the form's data- attributes, elements in the template. */
#include "pages.h"

#include <apr_strings.h>

static const eb_upload_limits_t *limits(const eb_job_t *job)
{
    return job->v->limits;
}

void eb_fill_max_file(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, eb_size(job->v->pages, limits(job)->file, job->c.pool));
}

static void fill_max_size(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, eb_size(job->v->pages, limits(job)->total, job->c.pool));
}

static void fill_max_count(eb_buf_t *out, eb_job_t *job)
{
    eb_fill_number(out, limits(job)->count);
}

static void fill_max_bytes(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_printf(out, "%" APR_UINT64_T_FMT, limits(job)->file);
}

static void fill_too_large(eb_buf_t *out, eb_job_t *job)
{
    const char *limit = eb_megabytes(job->v->pages, limits(job)->file, job->c.pool);
    eb_buf_html(out, eb_words_fill(eb_job_text(job, EB_T_FILE_TOO_LARGE), job->c.pool, "limit",
                                   limit, NULL));
}

static void fill_forms(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_say_forms(job->v->pages->form->words, job->c.pool, eb_text(EB_T_ERRORS),
                                  eb_text(EB_T_ERRORS_MANY)));
}

/* What the whole application has used of its room, whichever page the files are on. */
static void fill_used(eb_buf_t *out, eb_job_t *job)
{
    const apr_array_header_t *all = eb_documents_list(&job->c, false);
    apr_uint64_t size = 0;
    for (int i = 0; i < all->nelts; i++)
        size += APR_ARRAY_IDX(all, i, eb_document_t).file.size;
    eb_job_t used = *job;
    used.more = &size;
    used.number = all->nelts;
    eb_draw(out, &used, EB_L_uploads_used);
}

static void fill_used_size(eb_buf_t *out, eb_job_t *job)
{
    const apr_uint64_t *size = job->more;
    eb_buf_puts(out, eb_size(job->v->pages, *size, job->c.pool));
}

static const char texts[] =
    " data-max='{max_bytes}' data-too-large='{too_large}'"
    " data-refused='{FILE_REFUSED}' data-list='{SENDING_LIST}' data-waits='{SENDING_WAITS}'"
    " data-sending='{SENDING_NOW}' data-checked='{SENDING_CHECKED}' data-done='{SENDING_DONE}'"
    " data-cut='{SENDING_CUT}' data-failed='{SENDING_FAILED}' data-prefix='{ERROR_PREFIX}'"
    " data-errors='{errors_forms}'";

/* What the script copies and fills: a file on its way, an error, the summary of errors. */
static const char parts[] =
    "<template id='ez-teile'><li class='ez-file' data-part='file'><div class='ez-file-text'>"
    "<bdi class='kern-body kern-body--bold'></bdi>"
    "<span class='kern-body kern-body--small ez-note'></span>"
    "<progress max='100' value='0'></progress></div><span class='ez-entry-links'>"
    "<button class='kern-btn kern-btn--tertiary kern-btn--x-small' type='button' data-do='again'>"
    "<span class='kern-label'>{SENDING_AGAIN}<span class='kern-sr-only'></span></span></button>"
    "<button class='kern-btn kern-btn--tertiary kern-btn--x-small' type='button' data-do='drop'>"
    "<span class='kern-label'>{SENDING_DROP}<span class='kern-sr-only'></span></span></button>"
    "</span></li><p class='kern-error' data-part='error'>"
    "<span class='kern-icon kern-icon--danger' aria-hidden='true'></span>"
    "<span class='kern-body'></span></p>"
    "<div class='kern-alert kern-alert--danger' role='alert' tabindex='-1' data-part='summary'"
    " aria-labelledby='fehler-titel'><div class='kern-alert__header'>"
    "<span class='kern-icon kern-icon--danger' aria-hidden='true'></span>"
    "<h2 class='kern-title'></h2></div><div class='kern-alert__body'>"
    "<ul class='kern-list kern-list--bullet'></ul></div></div>"
    "<p data-part='item'><a class='kern-link' href='#ez-inhalt'><span></span></a></p></template>";

static const eb_name_t names[] = {{"max_file", .fill = eb_fill_max_file},
                                  {"max_size", .fill = fill_max_size},
                                  {"max_count", .fill = fill_max_count},
                                  {"max_bytes", .fill = fill_max_bytes},
                                  {"too_large", .fill = fill_too_large},
                                  {"errors_forms", .fill = fill_forms},
                                  {"file", .text = "{file}"},
                                  {"why", .text = "{why}"},
                                  {"used", .fill = fill_used},
                                  {"used_size", .fill = fill_used_size},
                                  {"used_count", .fill = eb_fill_position},
                                  {"texts", .nested = texts},
                                  {"parts", .nested = parts},
                                  {"preline", .fill = eb_fill_preline},
                                  {"optional_note", .fill = eb_fill_optional_note},
                                  {"page_controls", .fill = eb_controls_draw},
                                  {.name = NULL}};

const eb_layout_t eb_layout_uploads_used = {
    "<p class='kern-body ez-note' id='ez-belegt'>{UPLOAD_USED}</p>", names};

/* The ticket comes first: it is looked at before a byte of a file is taken. The unseen button is
 * the form's first, so that Enter in a field goes on and does not move a file. */
const eb_layout_t eb_layout_uploads = {
    "{shell_top}{progress}{stale}{errors}"
    "<div class='kern-hgroup'>{preline}<h1 class='kern-heading-large'>{title}</h1></div>"
    "{optional_note}<p class='kern-body ez-no-script'>{UPLOAD_HOW}</p>{used}"
    "<form method='post' action='{action}' enctype='multipart/form-data' novalidate='novalidate'"
    " accept-charset='utf-8' id='" EB_ID_UPLOAD "'{texts}>"
    "{ticket}<button class='kern-sr-only' type='submit' tabindex='-1' aria-hidden='true'></button>"
    "<div class='ez-fields'>{page_controls}</div>"
    "<div class='ez-buttons'>{button_next}"
    "<button class='kern-btn kern-btn--secondary ez-no-script' type='submit'"
    " name='" EB_BUTTON_UPLOAD "' value='1'><span class='kern-label'>{UPLOAD_GO}</span></button>"
    "{button_back}{button_pause}</div></form>{parts}"
    "{deletion}<p class='kern-body'><a class='kern-link' href='{base}/aufgaben'>{TO_TASKS}</a></p>"
    "{main_end}<div class='kern-sr-only' role='status' id='ez-stand'></div>"
    "<script src='{assets}/upload.js' defer='defer'></script>{page_end}",
    names};
