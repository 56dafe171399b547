/* A text field of a page that is no form's: for codes and numbers. Errors find it by its place in
 * the page's list of fields, which they carry as `parts`. */
#include "pages.h"

static const eb_error_t *error_of(const eb_job_t *job)
{
    const eb_errors_t *errors = job->errors;
    unsigned place = (unsigned)(job->field - job->fields);

    for (int i = 0; errors && i < errors->list->nelts; i++)
        if (APR_ARRAY_IDX(errors->list, i, eb_error_t).parts == place)
            return &APR_ARRAY_IDX(errors->list, i, eb_error_t);
    return NULL;
}

static void fill_id(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, job->field->id);
}

static void fill_field_label(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_job_text(job, job->field->label));
}

static void fill_field_hint(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_job_text(job, job->field->hint));
}

static void fill_field_value(eb_buf_t *out, eb_job_t *job)
{
    if (job->field->value)
        eb_buf_html(out, job->field->value);
}

static void fill_box(eb_buf_t *out, eb_job_t *job)
{
    if (error_of(job))
        eb_buf_puts(out, " kern-form-input--error");
}

static void fill_mark(eb_buf_t *out, eb_job_t *job)
{
    if (error_of(job))
        eb_buf_puts(out, " kern-form-input__input--error");
}

static void fill_described(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, job->field->id);
    eb_buf_puts(out, "-hint");
    if (!error_of(job))
        return;
    eb_buf_putc(out, ' ');
    eb_buf_puts(out, job->field->id);
    eb_buf_puts(out, "-fehler' aria-invalid='true");
}

static void fill_field_message(eb_buf_t *out, eb_job_t *job)
{
    const eb_error_t *error = error_of(job);
    if (!error)
        return;
    eb_buf_puts(out, "<p class='kern-error' id='");
    eb_buf_puts(out, job->field->id);
    eb_buf_puts(out, "-fehler'><span class='kern-icon kern-icon--danger' aria-hidden='true'></span>"
                     "<span class='kern-body'>");
    eb_buf_html(out, error->text);
    eb_buf_puts(out, "</span></p>");
}

static const eb_name_t names[] = {{"id", .fill = fill_id},
                                  {"field_label", .fill = fill_field_label},
                                  {"field_hint", .fill = fill_field_hint},
                                  {"value", .fill = fill_field_value},
                                  {"box", .fill = fill_box},
                                  {"mark", .fill = fill_mark},
                                  {"described", .fill = fill_described},
                                  {"field_message", .fill = fill_field_message},
                                  {.name = NULL}};

#define FIELD(control)                                                                             \
    "<div class='kern-form-input{box}'><label class='kern-label' for='{id}'>{field_label}</label>" \
    "<div class='kern-hint' id='{id}-hint'>{field_hint}</div>" control "{field_message}</div>"

#define ATTRIBUTES                                                                                 \
    "class='kern-form-input__input ez-code-input{mark}' id='{id}' name='{id}'"                     \
    " autocomplete='off' autocapitalize='characters' autocorrect='off' dir='ltr'"                  \
    " spellcheck='false' translate='no' aria-required='true' aria-describedby='{described}'"

/* Several lines, so that a long code stays in sight on a small screen. */
const eb_layout_t eb_layout_field = {FIELD("<textarea " ATTRIBUTES " rows='2'>{value}</textarea>"),
                                     names};

const eb_layout_t eb_layout_field_line = {
    FIELD("<input type='text' " ATTRIBUTES " value='{value}'/>"), names};

static void fill_fields(eb_buf_t *out, eb_job_t *job)
{
    for (int i = 0; i < job->fields_count; i++) {
        job->field = &job->fields[i];
        eb_draw(out, job, job->field->line ? EB_L_field_line : EB_L_field);
    }
}

const eb_name_t eb_field_names[] = {{"fields", .fill = fill_fields}, {.name = NULL}};
