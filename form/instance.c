/* Answers in rows: an array per scope, one row for the root and one per entry of a repeat. */
#include "instance.h"

#include <apr_errno.h>
#include <string.h>

static eb_row_t new_row(const eb_scope_t *scope, apr_pool_t *pool)
{
    return (eb_row_t){apr_pcalloc(pool, (scope->fields_count + 1) * sizeof(const char *))};
}

static const eb_node_t *repeat_of(const eb_scope_t *scope)
{
    return scope->top->kind == EB_NODE_REPEAT ? scope->top : NULL;
}

eb_instance_t *eb_instance_new(const eb_form_t *form, apr_pool_t *pool)
{
    eb_instance_t *in = apr_pcalloc(pool, sizeof *in);
    in->form = form;
    in->root = new_row(form->scope, pool);
    in->lists = apr_pcalloc(pool, (form->repeats_count + 1) * sizeof *in->lists);
    in->pool = pool;
    return in;
}

eb_row_t *eb_instance_row(const eb_instance_t *in, const eb_scope_t *scope, int entry)
{
    const eb_node_t *repeat = repeat_of(scope);
    if (!repeat)
        return (eb_row_t *)&in->root;
    const eb_list_t *list = &in->lists[repeat->slot];
    return entry >= 0 && entry < list->count ? &list->rows[entry] : NULL;
}

const char *eb_instance_get(const eb_instance_t *in, const eb_node_t *field, int entry)
{
    const eb_row_t *row = eb_instance_row(in, field->scope, entry);
    return row ? row->values[field->slot] : NULL;
}

void eb_instance_set(eb_instance_t *in, const eb_node_t *field, int entry, const char *value)
{
    eb_row_t *row = eb_instance_row(in, field->scope, entry);
    if (row)
        row->values[field->slot] = value && *value ? value : NULL;
}

/* Who adds an entry has not answered what later steps ask about each: they count as finished only
 * when they have been gone through again. */
static void unsee_fixed(eb_instance_t *in, const eb_node_t *repeat)
{
    for (const eb_section_t *section = in->form->sections; section; section = section->next)
        for (const eb_step_t *step = section->steps; step; step = step->next)
            if (step->fixed && step->repeat == repeat)
                eb_instance_set_seen(in, step, false);
}

/* Lists are short and grow seldom, so each addition makes a new one: no spare room to keep. */
apr_status_t eb_instance_add(eb_instance_t *in, const eb_node_t *repeat, int max, int *entry)
{
    eb_list_t *list = &in->lists[repeat->slot];
    if (list->count >= max || list->count >= EB_ENTRIES_MAX)
        return APR_ENOSPC;
    eb_row_t *rows = apr_palloc(in->pool, (list->count + 1) * sizeof *rows);
    if (list->count)
        memcpy(rows, list->rows, list->count * sizeof *rows);
    rows[list->count] = new_row(repeat->entries, in->pool);
    list->rows = rows;
    *entry = list->count++;
    unsee_fixed(in, repeat);
    return APR_SUCCESS;
}

apr_status_t eb_instance_remove(eb_instance_t *in, const eb_node_t *repeat, int entry)
{
    eb_list_t *list = &in->lists[repeat->slot];
    if (entry < 0 || entry >= list->count)
        return APR_NOTFOUND;
    list->count--;
    memmove(list->rows + entry, list->rows + entry + 1, (list->count - entry) * sizeof *list->rows);
    return APR_SUCCESS;
}

bool eb_instance_seen(const eb_instance_t *in, const eb_step_t *step)
{
    return in->seen[step->number / 8] >> step->number % 8 & 1;
}

void eb_instance_set_seen(eb_instance_t *in, const eb_step_t *step, bool seen)
{
    unsigned char bit = (unsigned char)(1u << step->number % 8);
    if (seen)
        in->seen[step->number / 8] |= bit;
    else
        in->seen[step->number / 8] &= (unsigned char)~bit;
}
