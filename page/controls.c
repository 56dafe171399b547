/* Draws the controls of one page: those that apply, each with its answer as it stands, also when
 * that is not what the form wanted. */
#include "pages.h"

#include <apr_lib.h>

static void fill_error(eb_buf_t *out, eb_job_t *job)
{
    eb_say_html(out, job, job->error->text);
}

/* The canonical 1234.56 is 1234,56 in a German field; anything else stays as it was typed. */
static bool is_decimal(const char *value)
{
    const char *s = value + (*value == '-');
    apr_size_t whole = strspn(s, "0123456789");
    return whole && s[whole] == '.' && apr_isdigit(s[whole + 1]) &&
           !s[whole + 1 + strspn(s + whole + 1, "0123456789")];
}

static void fill_value(eb_buf_t *out, eb_job_t *job)
{
    const char *value = job->value;
    if (!value || !job->control->node->type->number || !is_decimal(value)) {
        eb_buf_html(out, value);
        return;
    }
    const char *point = strchr(value, '.');
    eb_buf_add(out, value, (apr_size_t)(point - value));
    eb_buf_putc(out, ',');
    eb_buf_puts(out, point + 1);
}

/* HTML swallows a line feed right behind the tag. */
static void fill_lines(eb_buf_t *out, eb_job_t *job)
{
    if (job->value && *job->value == '\n')
        eb_buf_putc(out, '\n');
    eb_buf_html(out, job->value);
}

static void fill_checked(eb_buf_t *out, eb_job_t *job)
{
    if (job->value && !strcmp(job->value, "true"))
        eb_buf_puts(out, " checked='checked'");
}

static void fill_choices(eb_buf_t *out, eb_job_t *job)
{
    const eb_control_t *c = job->control;
    const eb_choices_t *choices = job->error ? job->plan->bad_choices : job->plan->choices;
    if (c->kind == EB_CONTROL_CHECKBOXES) {
        eb_choices_write_all(out, choices, job->value);
        return;
    }
    const char *label = job->value ? eb_control_item_label(c, job->value) : NULL;
    eb_choices_write(out, choices, job->value, label);
}

static void fill_day(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->day);
}

static void fill_month(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->month);
}

static void fill_year(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->year);
}

/* No part named means that all of them are in question. */
static void part_class(eb_buf_t *out, const eb_job_t *job, unsigned part)
{
    if (!job->error->parts || job->error->parts & part)
        eb_buf_puts(out, " kern-form-input__input--error");
}

static void part_invalid(eb_buf_t *out, const eb_job_t *job, unsigned part)
{
    if (!job->error->parts || job->error->parts & part)
        eb_buf_puts(out, " aria-invalid='true'");
}

static void fill_bad_day(eb_buf_t *out, eb_job_t *job)
{
    part_class(out, job, 1);
}

static void fill_bad_month(eb_buf_t *out, eb_job_t *job)
{
    part_class(out, job, 2);
}

static void fill_bad_year(eb_buf_t *out, eb_job_t *job)
{
    part_class(out, job, 4);
}

static void fill_invalid_day(eb_buf_t *out, eb_job_t *job)
{
    part_invalid(out, job, 1);
}

static void fill_invalid_month(eb_buf_t *out, eb_job_t *job)
{
    part_invalid(out, job, 2);
}

static void fill_invalid_year(eb_buf_t *out, eb_job_t *job)
{
    part_invalid(out, job, 4);
}

static void fill_needed(eb_buf_t *out, eb_job_t *job)
{
    if (job->required)
        eb_buf_puts(out, " aria-required='true'");
}

static void fill_optional(eb_buf_t *out, eb_job_t *job)
{
    if (job->required)
        return;
    eb_buf_puts(out, " <span class='kern-label__optional'>");
    eb_buf_html(out, eb_job_text(job, EB_T_OPTIONAL));
    eb_buf_puts(out, "</span>");
}

static void draw_list(eb_buf_t *out, eb_job_t *job, const eb_plan_t *plan);

static void fill_controls(eb_buf_t *out, eb_job_t *job)
{
    eb_job_t inner = *job; /* the group's own holes come after its controls, too */
    draw_list(out, &inner, job->plan->first);
}

const eb_name_t eb_control_holes[] = {{"value", .fill = fill_value},
                                      {"lines", .fill = fill_lines},
                                      {"checked", .fill = fill_checked},
                                      {"choices", .fill = fill_choices},
                                      {"controls", .fill = fill_controls},
                                      {"error", .fill = fill_error},
                                      {"day", .fill = fill_day},
                                      {"month", .fill = fill_month},
                                      {"year", .fill = fill_year},
                                      {"bad_day", .fill = fill_bad_day},
                                      {"bad_month", .fill = fill_bad_month},
                                      {"bad_year", .fill = fill_bad_year},
                                      {"invalid_day", .fill = fill_invalid_day},
                                      {"invalid_month", .fill = fill_invalid_month},
                                      {"invalid_year", .fill = fill_invalid_year},
                                      {"needed", .fill = fill_needed},
                                      {"needed_day", .fill = fill_needed},
                                      {"optional", .fill = fill_optional},
                                      {"files", .fill = eb_fill_files},
                                      {"later", .fill = eb_fill_later},
                                      {"messages", .fill = eb_fill_messages},
                                      {"max_file", .fill = eb_fill_max_file},
                                      {.name = NULL}};

/* ---- */

/* A group without a node of its own is there when something in it is. */
static bool applies(const eb_plan_t *plan, const eb_context_t *c)
{
    if (plan->control->node)
        return plan->always || eb_rules_relevant(plan->control->node, c);
    if (plan->control->kind != EB_CONTROL_GROUP)
        return true;
    for (const eb_plan_t *p = plan->first; p; p = p->next) {
        if (applies(p, c))
            return true;
    }
    return false;
}

static const eb_template_t *prepare(eb_job_t *job, const eb_plan_t *plan)
{
    const eb_node_t *node = plan->control->node;
    job->plan = plan;
    job->control = plan->control;
    job->error = NULL;
    job->value = NULL;
    if (!node)
        return plan->good;
    if (node->kind == EB_NODE_FIELD)
        job->value = eb_instance_get(job->c.in, node, job->c.entry);
    if (plan->control->kind == EB_CONTROL_DATE)
        eb_answers_date_parts(job->value, &job->day, &job->month, &job->year, job->c.pool);
    if (plan->readonly && eb_rules_readonly(node, &job->c))
        return plan->fixed;
    if (plan->need == EB_NEED_ASK)
        job->required = eb_rules_required(node, &job->c);
    job->error = job->errors ? eb_errors_find(job->errors, node, job->c.entry) : NULL;
    return job->error ? plan->bad : plan->good;
}

static void draw_list(eb_buf_t *out, eb_job_t *job, const eb_plan_t *plan)
{
    for (; plan; plan = plan->next) {
        if (applies(plan, &job->c))
            eb_template_write(out, prepare(job, plan), job);
    }
}

void eb_controls_draw(eb_buf_t *out, eb_job_t *job)
{
    draw_list(out, job, job->v->pages->plans[job->page->number].first);
}
