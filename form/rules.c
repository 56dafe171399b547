/* The model item properties of XForms (relevant, required, readonly, calculate), and the list in
 * which failed checks are collected. */
#include "rules.h"

#include <string.h>

bool eb_rules_relevant(const eb_node_t *node, const eb_context_t *c)
{
    for (; node; node = node->parent)
        if (node->relevant && !eb_expr_true(node->relevant, c))
            return false;
    return true;
}

bool eb_rules_required(const eb_node_t *field, const eb_context_t *c)
{
    return field->required && eb_expr_true(field->required, c);
}

/* Handed down like relevance: below what is read-only nothing can be changed (XForms 1.1, 6.1.2).
 */
bool eb_rules_readonly(const eb_node_t *field, const eb_context_t *c)
{
    if (field->calculate && !field->readonly)
        return true;
    for (const eb_node_t *node = field; node; node = node->parent)
        if (node->readonly && eb_expr_true(node->readonly, c))
            return true;
    return false;
}

bool eb_rules_page_relevant(const eb_page_t *page, const eb_context_t *c)
{
    bool asks = false;
    for (const eb_control_t *control = NULL; (control = eb_control_next(page, control));) {
        if (!control->node || control->kind == EB_CONTROL_GROUP)
            continue;
        if (eb_rules_relevant(control->node, c))
            return true;
        asks = true;
    }
    return !asks;
}

static bool some_page_relevant(const eb_step_t *step, const eb_context_t *c)
{
    for (const eb_page_t *page = step->pages; page; page = page->next)
        if (eb_rules_page_relevant(page, c))
            return true;
    return false;
}

/* Where entries are fixed, there is something to do only if an entry has a page that applies. */
static bool some_entry_relevant(const eb_step_t *step, const eb_context_t *c)
{
    eb_context_t inside = *c;
    int count = c->in->lists[step->repeat->slot].count;
    for (inside.entry = 0; inside.entry < count; inside.entry++)
        if (some_page_relevant(step, &inside))
            return true;
    return false;
}

bool eb_rules_step_relevant(const eb_step_t *step, const eb_context_t *c)
{
    if (!step->repeat)
        return some_page_relevant(step, c);
    eb_context_t outside = *c;
    outside.entry = EB_ROOT;
    return eb_rules_relevant(step->repeat, &outside) &&
           (!step->fixed || some_entry_relevant(step, c));
}

eb_errors_t *eb_errors_new(apr_pool_t *pool)
{
    eb_errors_t *e = apr_palloc(pool, sizeof *e);
    e->list = apr_array_make(pool, 8, sizeof(eb_error_t));
    return e;
}

eb_error_t *eb_errors_add(eb_errors_t *e, const eb_node_t *node, int entry, unsigned parts,
                          const char *text)
{
    eb_error_t *error = apr_array_push(e->list);
    *error = (eb_error_t){node, entry, text, parts, 0};
    return error;
}

const eb_error_t *eb_errors_find(const eb_errors_t *e, const eb_node_t *node, int entry)
{
    for (int i = 0; e && i < e->list->nelts; i++) {
        const eb_error_t *error = &APR_ARRAY_IDX(e->list, i, eb_error_t);
        if (error->node == node && error->entry == entry)
            return error;
    }
    return NULL;
}

/* What has not changed keeps its old text: most calculations give the same again. */
static void calculate(eb_instance_t *in, const eb_node_t *field, const eb_context_t *c)
{
    const char *old = eb_instance_get(in, field, c->entry);
    const char *value = eb_expr_string(field->calculate, c);
    if (!old || strcmp(old, value) != 0)
        eb_instance_set(in, field, c->entry, value);
}

void eb_rules_calculate(eb_instance_t *in, const eb_context_t *c)
{
    eb_context_t each = *c;
    each.in = in;
    each.pool = in->pool;
    for (int i = 0; i < in->form->calculated_count; i++) {
        const eb_node_t *field = in->form->calculated[i], *top = field->scope->top;
        bool in_entry = top->kind == EB_NODE_REPEAT;
        int count = in_entry ? in->lists[top->slot].count : 1;
        for (int entry = 0; entry < count; entry++) {
            each.entry = in_entry ? entry : EB_ROOT;
            calculate(in, field, &each);
        }
    }
}
