/* An answer as people read it: the label of a choice, a date with dots, yes and no. Whatever an
 * applicant has typed stands in <bdi>, so that a name in another script does not turn the sentence
 * around it. */
#include "pages.h"

static void bdi(eb_buf_t *out, const char *text)
{
    eb_buf_puts(out, "<bdi>");
    eb_buf_html(out, text);
    eb_buf_puts(out, "</bdi>");
}

static void no_answer(eb_buf_t *out, const eb_job_t *job, eb_text_id_t text)
{
    eb_buf_puts(out, "<span class='ez-none'>");
    eb_buf_html(out, eb_job_text(job, text));
    eb_buf_puts(out, "</span>");
}

static void draw_choices(eb_buf_t *out, const eb_job_t *job)
{
    const eb_control_t *control = job->control;
    bool first = true;
    for (int i = 0; i < control->items_count; i++) {
        if (!eb_choices_contain(job->value, control->items[i].value))
            continue;
        if (!first)
            eb_buf_puts(out, "<br/>");
        first = false;
        eb_say_html(out, job, control->items[i].label);
    }
}

static void draw_field(eb_buf_t *out, const eb_job_t *job)
{
    const eb_node_t *node = job->control->node;
    const eb_type_t *type = node->type;
    const char *label = eb_control_item_label(job->control, job->value);
    if (label)
        eb_say_html(out, job, label);
    else
        bdi(out, type->show(type, &node->facets, job->value, job->c.pool));
}

void eb_answer_draw(eb_buf_t *out, eb_job_t *job)
{
    const eb_control_t *control = job->control;
    if (control->kind == EB_CONTROL_OUTPUT)
        bdi(out, eb_expr_string(control->value, &job->c));
    else if (control->kind == EB_CONTROL_CHECKBOX)
        eb_buf_html(
            out, eb_job_text(job, job->value && !strcmp(job->value, "true") ? EB_T_YES : EB_T_NO));
    else if (!job->value)
        no_answer(out, job, job->required ? EB_T_NOT_YET_ANSWERED : EB_T_NO_ANSWER);
    else if (control->kind == EB_CONTROL_UPLOAD)
        eb_files_read(out, job);
    else if (control->kind == EB_CONTROL_CHECKBOXES)
        draw_choices(out, job);
    else
        draw_field(out, job);
}
