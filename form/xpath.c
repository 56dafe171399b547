/* The outside of an expression: a compiled tree with its context node, and the three ways to ask
 * it.
 */
#include "xpath_ast.h"

#include <apr_strings.h>
#include <string.h>

struct eb_expr_t {
    const char *text;
    const eb_ast_t *ast;
    const eb_node_t *context;
    bool in_entry; /* the context node belongs to an entry of a repeat */
};

apr_status_t eb_expr_compile(eb_expr_t **expr, const char *text, const eb_form_t *form,
                             const eb_node_t *context, const char *where, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    if (strlen(text) > EB_EXPR_MAX)
        return eb_problem_set(problem, EB_P_FORM_EXPRESSION, APR_EINVAL, where, pool,
                              "the expression is longer than %d bytes", EB_EXPR_MAX);
    text = apr_pstrdup(pool, text);
    const eb_ast_t *ast = eb_ast_parse(text, form, context, where, problem, pool);
    if (!ast)
        return APR_EINVAL;
    eb_expr_t *made = apr_palloc(pool, sizeof *made);
    made->text = text;
    made->ast = ast;
    made->context = context;
    made->in_entry = context->kind == EB_NODE_REPEAT || context->scope->top->kind == EB_NODE_REPEAT;
    *expr = made;
    return APR_SUCCESS;
}

static eb_focus_t focus(const eb_expr_t *expr, const eb_context_t *c)
{
    eb_place_t here = {expr->context, expr->in_entry ? c->entry : EB_ROOT};
    return (eb_focus_t){.c = c, .here = here, .current = here, .position = 1, .size = 1};
}

bool eb_expr_true(const eb_expr_t *expr, const eb_context_t *c)
{
    eb_focus_t f = focus(expr, c);
    return eb_ast_true(expr->ast, &f);
}

double eb_expr_number(const eb_expr_t *expr, const eb_context_t *c)
{
    eb_focus_t f = focus(expr, c);
    return eb_ast_number(expr->ast, &f);
}

const char *eb_expr_string(const eb_expr_t *expr, const eb_context_t *c)
{
    eb_focus_t f = focus(expr, c);
    return eb_ast_string(expr->ast, &f);
}

static void visit_nodes(const eb_ast_t *ast, void (*visit)(void *baton, const eb_node_t *node),
                        void *baton)
{
    for (int i = 0; i < ast->count; i++)
        visit_nodes(ast->args[i], visit, baton);
    if (ast->op == EB_AST_FIELD || ast->op == EB_AST_PATH)
        for (int i = 0; i < ast->nodes.count; i++)
            visit(baton, ast->nodes.list[i]);
}

void eb_expr_nodes(const eb_expr_t *expr, void (*visit)(void *baton, const eb_node_t *node),
                   void *baton)
{
    visit_nodes(expr->ast, visit, baton);
}

const char *eb_expr_text(const eb_expr_t *expr)
{
    return expr->text;
}
