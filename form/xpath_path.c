/* Location paths, resolved against the definition while they are read: each step turns the nodes
 * that the path may have reached into those that it may reach next. A step that reaches nothing is
 * a mistake in the form, and is answered with the name that was probably meant. A path that always
 * reaches exactly one field becomes an index into a row. */
#include "xpath_parse.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

typedef struct route_t {
    eb_path_start_t start;
    const eb_ast_t *set;
    eb_nodes_t nodes; /* where it has come to */
    apr_array_header_t *steps;
    bool single; /* so far exactly one node, whatever the instance holds */
} route_t;

static bool is_node_type(const eb_token_t *token)
{
    return eb_token_is(token + 1, "(") &&
           (eb_token_is(token, "node") || eb_token_is(token, "text") ||
            eb_token_is(token, "comment") || eb_token_is(token, "processing-instruction"));
}

bool eb_parser_at_path(const eb_parser_t *p)
{
    static const char *const first[] = {"/", "//", ".", "..", "@", "*"};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (eb_token_is(p->token, first[i]))
            return true;
    if (p->token->kind != EB_TOKEN_NAME)
        return false;
    return !eb_token_is(p->token + 1, "(") || is_node_type(p->token);
}

/* Levenshtein's distance, given up above `most`. */
static int distance(const char *a, const char *b, int most)
{
    int row[64], a_len = (int)strlen(a), b_len = (int)strlen(b);
    if (b_len >= 64 || abs(a_len - b_len) > most)
        return most + 1;
    for (int j = 0; j <= b_len; j++)
        row[j] = j;
    for (int i = 1; i <= a_len; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= b_len; j++) {
            int best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b_len];
}

static const char *closest(const eb_nodes_t *parents, const char *name)
{
    const char *found = NULL;
    int best = 1 + (int)strlen(name) / 3;
    for (int i = 0; i < parents->count; i++)
        for (const eb_node_t *n = parents->list[i]->first; n; n = n->next) {
            int d = distance(name, n->name, best);
            if (d <= best && (!found || d < best)) {
                found = n->name;
                best = d;
            }
        }
    return found;
}

static const char *child_names(eb_parser_t *p, const eb_node_t *parent)
{
    const char *names = "";
    int room = 12;
    for (const eb_node_t *n = parent->first; n; n = n->next) {
        if (room-- == 0)
            return apr_pstrcat(p->pool, names, " …", NULL);
        names = apr_pstrcat(p->pool, names, *names ? " " : "", n->name, NULL);
    }
    return names;
}

static bool has_child(const eb_node_t *parent, const char *name)
{
    for (const eb_node_t *n = parent->first; n; n = n->next)
        if (strcmp(n->name, name) == 0)
            return true;
    return false;
}

/* No child `name`: says what there is instead. */
static bool fail_child(eb_parser_t *p, const eb_token_t *at, const eb_nodes_t *from,
                       const char *name)
{
    const eb_node_t *parent = from->list[0];
    const char *meant = closest(from, name);
    if (parent->kind == EB_NODE_FIELD && parent->parent && has_child(parent->parent, name))
        return eb_parser_fail(p, at,
                              "\"%s\" is a field and has nothing below it; paths begin at the "
                              "bound element: did you mean \"../%s\"?",
                              parent->name, name);
    if (meant)
        return eb_parser_fail(p, at, "there is no \"%s\" below \"%s\"; did you mean \"%s\"?", name,
                              parent->name, meant);
    if (parent->kind == EB_NODE_FIELD)
        return eb_parser_fail(p, at, "\"%s\" is a field and has nothing below it", parent->name);
    return eb_parser_fail(p, at, "there is no \"%s\" below \"%s\", only: %s", name, parent->name,
                          child_names(p, parent));
}

/* XPath's document node, above the root element, is nothing that a form could speak about. */
static bool has_root(const eb_nodes_t *nodes)
{
    for (int i = 0; i < nodes->count; i++)
        if (!nodes->list[i]->parent)
            return true;
    return false;
}

static bool fail_step(eb_parser_t *p, const eb_token_t *at, eb_axis_t axis, const eb_nodes_t *from,
                      const char *name)
{
    const eb_node_t *node = from->list[0];
    if (axis == EB_AXIS_CHILD)
        return fail_child(p, at, from, name ? name : "*");
    if (axis == EB_AXIS_PARENT && has_root(from))
        return eb_parser_fail(p, at, "the root element \"%s\" has no parent", p->form->root->name);
    if (axis == EB_AXIS_SELF)
        return eb_parser_fail(p, at, "this is \"%s\", never \"%s\"", node->name, name);
    return eb_parser_fail(p, at, "the parent of \"%s\" is \"%s\", never \"%s\"", node->name,
                          node->parent->name, name);
}

static void add_target(apr_array_header_t *targets, const eb_node_t *node, const char *name)
{
    if (!node || (name && strcmp(node->name, name) != 0))
        return;
    for (int i = 0; i < targets->nelts; i++)
        if (APR_ARRAY_IDX(targets, i, const eb_node_t *) == node)
            return;
    APR_ARRAY_PUSH(targets, const eb_node_t *) = node;
}

static eb_nodes_t targets_of(eb_parser_t *p, eb_axis_t axis, const eb_nodes_t *from,
                             const char *name)
{
    apr_array_header_t *targets = apr_array_make(p->scratch, 4, sizeof(const eb_node_t *));
    for (int i = 0; i < from->count; i++) {
        const eb_node_t *node = from->list[i];
        if (axis == EB_AXIS_SELF)
            add_target(targets, node, name);
        else if (axis == EB_AXIS_PARENT)
            add_target(targets, node->parent, name);
        else
            for (const eb_node_t *child = node->first; child; child = child->next)
                add_target(targets, child, name);
    }
    return (eb_nodes_t){eb_parser_keep(p, targets), targets->nelts};
}

/* The axis in front of a node test, and the token behind it. */
static bool parse_axis(eb_parser_t *p, eb_axis_t *axis)
{
    const eb_token_t *name = p->token;
    *axis = EB_AXIS_CHILD;
    if (!eb_token_is(name + 1, "::") || name->kind != EB_TOKEN_NAME)
        return true;
    if (eb_token_is(name, "parent"))
        *axis = EB_AXIS_PARENT;
    else if (eb_token_is(name, "self"))
        *axis = EB_AXIS_SELF;
    else if (eb_token_is(name, "attribute"))
        return eb_parser_fail(p, name, "the elements of an application have no attributes");
    else if (!eb_token_is(name, "child"))
        return eb_parser_fail(p, name,
                              "the axis \"%.*s\" is not available, only child, parent and self",
                              name->len, name->start);
    p->token += 2;
    return true;
}

/* NameTest, "*" or "node()": the latter two leave *name NULL. */
static bool parse_test(eb_parser_t *p, eb_axis_t axis, const char **name)
{
    const eb_token_t *test = p->token;
    *name = NULL;
    if (is_node_type(test)) {
        if (axis == EB_AXIS_CHILD || !eb_token_is(test, "node"))
            return eb_parser_fail(p, test, "%.*s() is not available here; elements are named or *",
                                  test->len, test->start);
        p->token += 2;
        return eb_parser_expect(p, ")");
    }
    if (eb_parser_accept(p, "*"))
        return true;
    if (eb_token_is(test, "@"))
        return eb_parser_fail(p, test, "the elements of an application have no attributes");
    if (test->kind != EB_TOKEN_NAME)
        return eb_parser_fail(p, test, "expected the name of an element");
    if (eb_token_is(test + 1, ":"))
        return eb_parser_fail(p, test, "elements of an application have no prefix");
    *name = apr_pstrmemdup(p->scratch, test->start, test->len);
    p->token++;
    return true;
}

static bool add_step(eb_parser_t *p, route_t *r, eb_axis_t axis, const eb_nodes_t *targets)
{
    apr_array_header_t *predicates = apr_array_make(p->scratch, 1, sizeof(eb_ast_t *));
    if (!eb_parser_predicates(p, targets, predicates))
        return false;
    r->single = r->single && targets->count == 1 && predicates->nelts == 0 &&
                (axis != EB_AXIS_CHILD || targets->list[0]->kind != EB_NODE_REPEAT);
    r->nodes = *targets;
    APR_ARRAY_PUSH(r->steps, eb_path_step_t) =
        (eb_path_step_t){axis, *targets, eb_parser_keep(p, predicates), predicates->nelts};
    return true;
}

static bool parse_step(eb_parser_t *p, route_t *r)
{
    const eb_token_t *at = p->token;
    eb_axis_t axis = EB_AXIS_SELF;
    const char *name = NULL;
    if (eb_parser_accept(p, ".."))
        axis = EB_AXIS_PARENT;
    else if (!eb_parser_accept(p, "."))
        if (!parse_axis(p, &axis) || !parse_test(p, axis, &name))
            return false;
    eb_nodes_t targets = targets_of(p, axis, &r->nodes, name);
    if (targets.count == 0 || (axis == EB_AXIS_PARENT && has_root(&r->nodes)))
        return fail_step(p, at, axis, &r->nodes, name);
    return add_step(p, r, axis, &targets);
}

/* Behind the slash of an absolute path. */
static bool parse_root(eb_parser_t *p, route_t *r)
{
    const eb_node_t *root = p->form->root;
    if (!eb_token_is(p->token, root->name) && !eb_token_is(p->token, "*"))
        return eb_parser_fail(p, p->token, "an absolute path begins with \"/%s\"", root->name);
    p->token++;
    r->start = EB_START_ROOT;
    r->nodes = eb_parser_nodes(p, root);
    eb_nodes_t targets = r->nodes;
    return add_step(p, r, EB_AXIS_SELF, &targets);
}

/* current() inside of an entry keeps to that entry. */
static bool is_current(const eb_parser_t *p, const eb_ast_t *set)
{
    if (set->nodes.count != 1 || set->nodes.list[0] != p->current.list[0])
        return false;
    return set->op == EB_AST_PATH ? set->u.path->count == 0 : set->op == EB_AST_FIELD;
}

static eb_path_start_t start_of(const eb_parser_t *p, const eb_ast_t *set)
{
    if (!is_current(p, set))
        return EB_START_SET;
    if (set->op == EB_AST_PATH)
        return set->u.path->start;
    return set->u.field.current ? EB_START_CURRENT : EB_START_SET;
}

static eb_ast_t *finish_field(eb_parser_t *p, const route_t *r)
{
    eb_ast_t *ast = eb_parser_node(p, EB_AST_FIELD, EB_XPATH_SET, NULL);
    const eb_node_t *field = r->nodes.list[0], *top = field->scope->top;
    ast->nodes = r->nodes;
    ast->u.field.slot = field->slot;
    ast->u.field.list = top->kind == EB_NODE_REPEAT ? top->slot : -1;
    ast->u.field.current = r->start == EB_START_CURRENT;
    return ast;
}

static eb_ast_t *finish(eb_parser_t *p, const route_t *r)
{
    if (r->single && r->nodes.list[0]->kind == EB_NODE_FIELD)
        return finish_field(p, r);
    apr_array_header_t *inner = apr_array_make(p->scratch, 1, sizeof(eb_ast_t *));
    eb_path_t *path = apr_pcalloc(p->pool, sizeof *path);
    path->start = r->start;
    path->set = r->set;
    path->steps = eb_parser_keep(p, r->steps);
    path->count = r->steps->nelts;
    if (r->set)
        APR_ARRAY_PUSH(inner, eb_ast_t *) = (eb_ast_t *)r->set;
    for (int i = 0; i < path->count; i++)
        for (int j = 0; j < path->steps[i].predicates_count; j++)
            APR_ARRAY_PUSH(inner, eb_ast_t *) = path->steps[i].predicates[j];
    eb_ast_t *ast = eb_parser_node(p, EB_AST_PATH, EB_XPATH_SET, inner);
    if (ast) {
        ast->nodes = r->nodes;
        ast->u.path = path;
    }
    return ast;
}

static route_t route(eb_parser_t *p, eb_path_start_t start, const eb_nodes_t *nodes)
{
    return (route_t){.start = start,
                     .nodes = *nodes,
                     .steps = apr_array_make(p->scratch, 4, sizeof(eb_path_step_t)),
                     .single = nodes->count == 1 && start != EB_START_SET};
}

eb_ast_t *eb_parser_here(eb_parser_t *p, eb_path_start_t start)
{
    route_t r = route(p, start, start == EB_START_CURRENT ? &p->current : &p->context);
    return finish(p, &r);
}

eb_ast_t *eb_parser_path(eb_parser_t *p, const eb_ast_t *set)
{
    route_t r =
        set ? route(p, start_of(p, set), &set->nodes) : route(p, EB_START_CONTEXT, &p->context);
    r.set = r.start == EB_START_SET ? set : NULL;
    bool absolute = !set && eb_parser_accept(p, "/");
    if (absolute ? !parse_root(p, &r) : !eb_token_is(p->token, "//") && !parse_step(p, &r))
        return NULL;
    while (eb_parser_accept(p, "/"))
        if (!parse_step(p, &r))
            return NULL;
    if (eb_token_is(p->token, "//"))
        return eb_parser_fail(p, p->token, "\"//\" is not available: write the whole path");
    return finish(p, &r);
}
