/* Checking answers: a field is checked for being there, then for its type, then for its
 * constraints, and gets the first text that applies. Constraints of a field that is not answered
 * are not asked (XForms would): whether it may stay empty is the business of `required`; those of
 * groups and repeats always are.
 *
 * With a list every failure is collected; without one the first failure ends the check, which is
 * all that the state of a step needs. Warnings are looked for on their own, in answers that are
 * there and well-formed. */
#include "rules.h"

#include <apr_strings.h>
#include <string.h>

typedef struct check_t {
    eb_errors_t *errors; /* or NULL */
    eb_context_t c;
    bool good;
    bool warnings; /* looks for these, and for nothing else */
} check_t;

static check_t begin(eb_errors_t *errors, const eb_context_t *c)
{
    return (check_t){errors, *c, true, false};
}

static bool ended(const check_t *k)
{
    return !k->good && !k->errors;
}

static int entry_of(const check_t *k, const eb_node_t *node)
{
    bool in_entry = node->kind == EB_NODE_REPEAT || node->scope->top->kind == EB_NODE_REPEAT;
    return in_entry ? k->c.entry : EB_ROOT;
}

static void fail(check_t *k, const eb_node_t *node, unsigned parts, const char *text)
{
    k->good = false;
    if (k->errors)
        eb_errors_add(k->errors, node, entry_of(k, node), parts, text);
}

/* "Bitte …: Familienname." The label's own full stop or question mark is enough, also in Arabic. */
static const char *sentence(const char *start, const eb_node_t *node, apr_pool_t *pool)
{
    const char *label = node->control && node->control->label ? node->control->label : node->name;
    apr_size_t len = strlen(label);
    bool stopped = len && strchr(".?!:", label[len - 1]);
    const char *stop = stopped || (len > 2 && !strcmp(label + len - 2, "\u061F")) ? "" : ".";
    return apr_pstrcat(pool, eb_say(node->facets.words, start), ": ", label, stop, NULL);
}

static const char *request_for(const eb_node_t *field)
{
    switch (field->control ? field->control->kind : EB_CONTROL_TEXT) {
    case EB_CONTROL_INPUT:
    case EB_CONTROL_TEXTAREA: return EB_SAY("Bitte geben Sie Folgendes an");
    case EB_CONTROL_DATE: return EB_SAY("Bitte geben Sie das Datum an");
    case EB_CONTROL_RADIO:
    case EB_CONTROL_SELECT: return EB_SAY("Bitte wählen Sie eine Antwort aus");
    case EB_CONTROL_CHECKBOXES: return EB_SAY("Bitte wählen Sie mindestens eine Antwort aus");
    case EB_CONTROL_CHECKBOX: return EB_SAY("Bitte bestätigen Sie Folgendes");
    case EB_CONTROL_UPLOAD:
        return EB_SAY(
            "Bitte laden Sie dieses Dokument hoch, oder kreuzen Sie an, dass Sie es nachreichen");
    default: return EB_SAY("Diese Angabe fehlt");
    }
}

static const char *alert_of(const eb_node_t *node)
{
    return node->control ? node->control->alert : NULL;
}

static void fail_missing(check_t *k, const eb_node_t *field)
{
    const char *text = alert_of(field);
    if (!text && k->errors)
        text = sentence(request_for(field), field, k->c.pool);
    fail(k, field, 0, text);
}

static void fail_rule(check_t *k, const eb_node_t *node, int rule)
{
    const char *text = node->constraints[rule].alert;
    k->good = false;
    if (!k->errors)
        return;
    if (!text)
        text = alert_of(node);
    if (!text)
        text = sentence(EB_SAY("Bitte prüfen Sie diese Angabe"), node, k->c.pool);
    eb_errors_add(k->errors, node, entry_of(k, node), 0, text)->rule = rule + 1;
}

static bool check_constraints(check_t *k, const eb_node_t *node)
{
    for (int i = 0; i < node->constraints_count; i++) {
        const eb_constraint_t *constraint = &node->constraints[i];
        if (constraint->warning != k->warnings || eb_expr_true(constraint->expr, &k->c))
            continue;
        fail_rule(k, node, i);
        return false;
    }
    return true;
}

/* Canonical answers pass through parse() as they are; what was typed wrongly is refused again. */
static void check_answer(check_t *k, const eb_node_t *field, const char *value)
{
    const char *canonical, *why = NULL;
    if (k->warnings && field->constraints_count == 0)
        return;
    if (field->type->parse(&canonical, &why, field->type, &field->facets, value, k->c.pool)) {
        if (k->warnings)
            return;
        unsigned parts = 0;
        if (field->type->date && k->errors)
            parts = eb_type_date_faults(field->type, &field->facets, value, k->c.pool);
        fail(k, field, parts, why ? why : alert_of(field));
        return;
    }
    check_constraints(k, field);
}

static void check_field(check_t *k, const eb_node_t *field)
{
    if (!eb_rules_relevant(field, &k->c))
        return;
    const char *value = eb_instance_get(k->c.in, field, k->c.entry);
    if (value)
        check_answer(k, field, value);
    else if (!k->warnings && eb_rules_required(field, &k->c))
        fail_missing(k, field);
}

/* A group, or one entry of a repeat. */
static void check_group(check_t *k, const eb_node_t *group)
{
    if (group->constraints_count == 0 || eb_errors_find(k->errors, group, entry_of(k, group)))
        return;
    if (eb_rules_relevant(group, &k->c))
        check_constraints(k, group);
}

static void check_page(check_t *k, const eb_page_t *page)
{
    for (const eb_control_t *control = NULL; (control = eb_control_next(page, control));) {
        if (ended(k))
            return;
        if (control->node && control->node->kind == EB_NODE_FIELD)
            check_field(k, control->node);
        else if (control->node)
            check_group(k, control->node);
    }
}

static void check_pages(check_t *k, const eb_step_t *step)
{
    for (const eb_page_t *page = step->pages; page && !ended(k); page = page->next)
        check_page(k, page);
}

static void check_max(check_t *k, const eb_step_t *step, int count)
{
    if (count <= step->max || k->warnings)
        return;
    apr_pool_t *pool = k->c.pool;
    const char *text = eb_say_with(
        step->repeat->facets.words, pool,
        "Hier sind höchstens {limit} Einträge möglich. Bitte entfernen Sie {count} davon.", "limit",
        apr_itoa(pool, step->max), "count", apr_itoa(pool, count - step->max), NULL);
    fail(k, step->repeat, 0, text);
}

static void check_repeat(check_t *k, const eb_step_t *step)
{
    int count = k->c.in->lists[step->repeat->slot].count;
    k->c.entry = EB_ROOT;
    if (!eb_rules_relevant(step->repeat, &k->c))
        return;
    if (!step->fixed) {
        check_group(k, step->repeat->parent);
        check_max(k, step, count);
    }
    for (int entry = 0; entry < count && !ended(k); entry++) {
        k->c.entry = entry;
        if (!step->fixed)
            check_group(k, step->repeat);
        check_pages(k, step);
    }
    k->c.entry = EB_ROOT;
}

static void check_step(check_t *k, const eb_step_t *step)
{
    if (step->repeat)
        check_repeat(k, step);
    else
        check_pages(k, step);
}

static void check_rest(check_t *k, const eb_node_t *node);

static void check_children(check_t *k, const eb_node_t *node)
{
    check_group(k, node);
    for (const eb_node_t *child = node->first; child && !ended(k); child = child->next)
        check_rest(k, child);
}

/* What has no control: fields that are calculated or filled by others, and groups. */
static void check_rest(check_t *k, const eb_node_t *node)
{
    if (node->kind == EB_NODE_GROUP)
        check_children(k, node);
    if (node->kind == EB_NODE_FIELD && !node->control)
        check_field(k, node);
    int count = node->kind == EB_NODE_REPEAT ? k->c.in->lists[node->slot].count : 0;
    for (int entry = 0; entry < count && !ended(k); entry++) {
        k->c.entry = entry;
        check_children(k, node);
        k->c.entry = EB_ROOT;
    }
}

void eb_rules_check_page(eb_errors_t *errors, const eb_page_t *page, const eb_context_t *c)
{
    check_t k = begin(errors, c);
    check_page(&k, page);
}

void eb_rules_check_step(eb_errors_t *errors, const eb_step_t *step, const eb_context_t *c)
{
    check_t k = begin(errors, c);
    check_step(&k, step);
}

void eb_rules_check_all(eb_errors_t *errors, const eb_form_t *form, const eb_context_t *c)
{
    check_t k = begin(errors, c);
    k.c.entry = EB_ROOT;
    for (const eb_section_t *section = form->sections; section; section = section->next)
        for (const eb_step_t *step = section->steps; step; step = step->next)
            check_step(&k, step);
    check_rest(&k, form->root);
}

void eb_rules_warn_page(eb_errors_t *warnings, const eb_page_t *page, const eb_context_t *c)
{
    check_t k = begin(warnings, c);
    k.warnings = true;
    check_page(&k, page);
}

void eb_rules_warn_step(eb_errors_t *warnings, const eb_step_t *step, const eb_context_t *c)
{
    check_t k = begin(warnings, c);
    k.warnings = true;
    check_step(&k, step);
}

/* FNV-1a over what is warned of, not over what is said: whoever changes the language has seen it.
 */
apr_uint32_t eb_rules_warn_mark(const eb_errors_t *warnings)
{
    apr_uint32_t mark = 2166136261u;
    for (int i = 0; i < warnings->list->nelts; i++) {
        const eb_error_t *w = &APR_ARRAY_IDX(warnings->list, i, eb_error_t);
        for (const char *s = w->node->path; *s; s++)
            mark = (mark ^ (unsigned char)*s) * 16777619u;
        mark = (mark ^ (apr_uint32_t)w->rule) * 16777619u;
    }
    return warnings->list->nelts == 0 ? 0 : mark | 1;
}

static bool answered_in(const eb_step_t *step, const eb_instance_t *in, int entry)
{
    for (const eb_page_t *page = step->pages; page; page = page->next)
        for (const eb_control_t *control = NULL; (control = eb_control_next(page, control));)
            if (control->node && control->node->kind == EB_NODE_FIELD &&
                eb_instance_get(in, control->node, entry))
                return true;
    return false;
}

static bool answered(const eb_step_t *step, const eb_context_t *c)
{
    int count = step->repeat ? c->in->lists[step->repeat->slot].count : 0;
    if (!step->repeat)
        return answered_in(step, c->in, EB_ROOT);
    if (!step->fixed)
        return count > 0;
    for (int entry = 0; entry < count; entry++)
        if (answered_in(step, c->in, entry))
            return true;
    return false;
}

eb_step_state_t eb_rules_step_state(const eb_step_t *step, const eb_context_t *c)
{
    if (step->fixed && !eb_rules_step_relevant(step, c))
        return EB_STEP_DONE;
    if (!eb_instance_seen(c->in, step))
        return answered(step, c) ? EB_STEP_STARTED : EB_STEP_OPEN;
    check_t k = begin(NULL, c);
    check_step(&k, step);
    return k.good ? EB_STEP_DONE : EB_STEP_STARTED;
}
