/* Node-sets: walking the steps of a path through an instance. Steps carry their targets, so walking
 * is a matter of pointers and entry numbers; a set of a few nodes stays on the stack. */
#include "xpath_ast.h"

#include <stdlib.h>
#include <string.h>

void eb_places_init(eb_places_t *set, apr_pool_t *pool)
{
    set->list = set->few;
    set->count = 0;
    set->room = sizeof set->few / sizeof *set->few;
    set->pool = pool;
}

void eb_places_add(eb_places_t *set, const eb_node_t *node, int entry)
{
    if (set->count == set->room) {
        eb_place_t *list = apr_palloc(set->pool, 2 * set->room * sizeof *list);
        memcpy(list, set->list, set->count * sizeof *list);
        set->list = list;
        set->room *= 2;
    }
    set->list[set->count++] = (eb_place_t){node, entry};
}

static const eb_node_t *repeat_of(const eb_node_t *node)
{
    if (node->kind == EB_NODE_REPEAT)
        return node;
    return node->scope->top->kind == EB_NODE_REPEAT ? node->scope->top : NULL;
}

static int depth_of(const eb_node_t *node)
{
    int depth = 0;
    while ((node = node->parent))
        depth++;
    return depth;
}

/* Which of two different nodes of the definition comes first: a parent before its children. */
static int compare_nodes(const eb_node_t *a, const eb_node_t *b)
{
    int a_depth = depth_of(a), b_depth = depth_of(b);
    int deeper = a_depth - b_depth;
    for (; a_depth > b_depth; a_depth--)
        a = a->parent;
    for (; b_depth > a_depth; b_depth--)
        b = b->parent;
    if (a == b)
        return deeper;
    for (; a->parent != b->parent; b = b->parent)
        a = a->parent;
    while ((a = a->next))
        if (a == b)
            return -1;
    return 1;
}

static int compare_places(const void *left, const void *right)
{
    const eb_place_t *a = left, *b = right;
    if (a->node == b->node)
        return a->entry - b->entry;
    const eb_node_t *repeat = repeat_of(a->node);
    if (repeat && a->entry != b->entry && repeat == repeat_of(b->node))
        return a->entry - b->entry;
    return compare_nodes(a->node, b->node);
}

/* Into document order, without doubles. Most sets are so already. */
static void arrange(eb_places_t *set)
{
    int i = 1;
    while (i < set->count && compare_places(&set->list[i - 1], &set->list[i]) < 0)
        i++;
    if (i >= set->count)
        return;
    qsort(set->list, set->count, sizeof *set->list, compare_places);
    int n = 1;
    for (i = 1; i < set->count; i++)
        if (compare_places(&set->list[n - 1], &set->list[i]) != 0)
            set->list[n++] = set->list[i];
    set->count = n;
}

static int entries_count(const eb_node_t *repeat, const eb_context_t *c)
{
    return c->in->lists[repeat->slot].count;
}

static void walk_children(eb_places_t *to, const eb_path_step_t *step, eb_place_t from,
                          const eb_context_t *c)
{
    for (int i = 0; i < step->targets.count; i++) {
        const eb_node_t *node = step->targets.list[i];
        if (node->parent != from.node)
            continue;
        if (node->kind != EB_NODE_REPEAT)
            eb_places_add(to, node, from.entry);
        else
            for (int entry = 0; entry < entries_count(node, c); entry++)
                eb_places_add(to, node, entry);
    }
}

static bool is_target(const eb_path_step_t *step, const eb_node_t *node)
{
    for (int i = 0; i < step->targets.count; i++)
        if (step->targets.list[i] == node)
            return true;
    return false;
}

static void walk_step(eb_places_t *to, const eb_path_step_t *step, eb_place_t from,
                      const eb_context_t *c)
{
    if (step->axis == EB_AXIS_CHILD) {
        walk_children(to, step, from, c);
        return;
    }
    if (step->axis == EB_AXIS_PARENT) {
        if (from.node->kind == EB_NODE_REPEAT)
            from.entry = EB_ROOT;
        from.node = from.node->parent;
    }
    if (from.node && is_target(step, from.node))
        eb_places_add(to, from.node, from.entry);
}

/* Keeps those of the places from `first` on for which the predicate holds; a number is short for
 * position() = number. */
static void filter(eb_places_t *set, int first, const eb_ast_t *predicate, const eb_focus_t *f)
{
    eb_focus_t inner = *f;
    int kept = first;
    inner.size = set->count - first;
    for (int i = first; i < set->count; i++) {
        inner.here = set->list[i];
        inner.position = i - first + 1;
        const eb_ast_t *settled = eb_ast_settle(predicate, &inner);
        bool keep = settled->type == EB_XPATH_NUMBER
                        ? eb_ast_number(settled, &inner) == inner.position
                        : eb_ast_true(settled, &inner);
        if (keep)
            set->list[kept++] = set->list[i];
    }
    set->count = kept;
}

static void walk_from(eb_places_t *to, const eb_path_step_t *step, eb_place_t from,
                      const eb_focus_t *f)
{
    int first = to->count;
    walk_step(to, step, from, f->c);
    for (int i = 0; i < step->predicates_count; i++)
        filter(to, first, step->predicates[i], f);
}

static void start(eb_places_t *set, const eb_path_t *path, const eb_focus_t *f)
{
    switch (path->start) {
    case EB_START_CONTEXT: eb_places_add(set, f->here.node, f->here.entry); break;
    case EB_START_CURRENT: eb_places_add(set, f->current.node, f->current.entry); break;
    case EB_START_ROOT: eb_places_add(set, f->c->in->form->root, EB_ROOT); break;
    case EB_START_SET: eb_ast_set(set, path->set, f); break;
    }
}

/* Two sets take turns: what a step has reached is where the next one starts. */
static void walk(eb_places_t *set, const eb_path_t *path, const eb_focus_t *f)
{
    eb_places_t other;
    eb_places_init(&other, f->c->pool);
    start(path->count % 2 ? &other : set, path, f);
    for (int i = 0; i < path->count; i++) {
        bool last_to_set = (path->count - i) % 2;
        eb_places_t *from = last_to_set ? &other : set, *to = last_to_set ? set : &other;
        to->count = 0;
        for (int j = 0; j < from->count; j++)
            walk_from(to, &path->steps[i], from->list[j], f);
        arrange(to);
    }
}

static void unite(eb_places_t *set, const eb_ast_t *ast, const eb_focus_t *f)
{
    for (int i = 0; i < ast->count; i++) {
        eb_places_t one;
        eb_places_init(&one, f->c->pool);
        eb_ast_set(&one, ast->args[i], f);
        for (int j = 0; j < one.count; j++)
            eb_places_add(set, one.list[j].node, one.list[j].entry);
    }
    arrange(set);
}

static int field_entry(const eb_ast_t *field, const eb_focus_t *f)
{
    if (field->u.field.list < 0)
        return EB_ROOT;
    return field->u.field.current ? f->current.entry : f->here.entry;
}

void eb_ast_set(eb_places_t *set, const eb_ast_t *ast, const eb_focus_t *f)
{
    ast = eb_ast_settle(ast, f);
    switch (ast->op) {
    case EB_AST_FIELD: eb_places_add(set, ast->nodes.list[0], field_entry(ast, f)); break;
    case EB_AST_PATH: walk(set, ast->u.path, f); break;
    case EB_AST_UNION: unite(set, ast, f); break;
    case EB_AST_FILTER:
        eb_ast_set(set, ast->args[0], f);
        for (int i = 1; i < ast->count; i++)
            filter(set, 0, ast->args[i], f);
        break;
    default: break; /* the parser lets nothing else through */
    }
}

static const char *value_at(const eb_instance_t *in, int list, int entry, int slot)
{
    const eb_row_t *row = &in->root;
    if (list >= 0) {
        if (entry < 0 || entry >= in->lists[list].count)
            return "";
        row = &in->lists[list].rows[entry];
    }
    const char *value = row->values[slot];
    return value ? value : "";
}

const char *eb_field_string(const eb_ast_t *field, const eb_focus_t *f)
{
    return value_at(f->c->in, field->u.field.list, field_entry(field, f), field->u.field.slot);
}

static void add_text(eb_buf_t *buf, const eb_node_t *node, int entry, const eb_context_t *c)
{
    if (node->kind == EB_NODE_FIELD) {
        const eb_node_t *top = node->scope->top;
        int list = top->kind == EB_NODE_REPEAT ? top->slot : -1;
        eb_buf_puts(buf, value_at(c->in, list, entry, node->slot));
        return;
    }
    for (const eb_node_t *child = node->first; child; child = child->next) {
        int entries = child->kind == EB_NODE_REPEAT ? entries_count(child, c) : 0;
        if (child->kind != EB_NODE_REPEAT)
            add_text(buf, child, entry, c);
        for (int i = 0; i < entries; i++)
            add_text(buf, child, i, c);
    }
}

/* A group is as the texts of its fields, one after another. */
const char *eb_place_string(eb_place_t place, const eb_context_t *c)
{
    const eb_node_t *top = place.node->scope->top;
    if (place.node->kind == EB_NODE_FIELD)
        return value_at(c->in, top->kind == EB_NODE_REPEAT ? top->slot : -1, place.entry,
                        place.node->slot);
    eb_buf_t buf;
    eb_buf_init(&buf, 256, c->pool);
    add_text(&buf, place.node, place.entry, c);
    return eb_buf_cstr(&buf);
}
