/* XPath 1.0's grammar by recursive descent (section 3). Binary operators come from one table by
 * precedence; types are settled here, so that a call with a wrong argument is an error at
 * configtest and not an empty result later. */
#include "xpath_parse.h"
#include "base/utf8.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

static const struct {
    const char *sign;
    eb_ast_op_t op;
    eb_xpath_type_t type;
    int level; /* binds tighter when higher */
} operators[] = {
    {"or", EB_AST_OR, EB_XPATH_BOOLEAN, 1},     {"and", EB_AST_AND, EB_XPATH_BOOLEAN, 2},
    {"=", EB_AST_EQUAL, EB_XPATH_BOOLEAN, 3},   {"!=", EB_AST_UNEQUAL, EB_XPATH_BOOLEAN, 3},
    {"<", EB_AST_LESS, EB_XPATH_BOOLEAN, 4},    {"<=", EB_AST_LESS_EQUAL, EB_XPATH_BOOLEAN, 4},
    {">", EB_AST_GREATER, EB_XPATH_BOOLEAN, 4}, {">=", EB_AST_GREATER_EQUAL, EB_XPATH_BOOLEAN, 4},
    {"+", EB_AST_ADD, EB_XPATH_NUMBER, 5},      {"-", EB_AST_SUBTRACT, EB_XPATH_NUMBER, 5},
    {"*", EB_AST_MULTIPLY, EB_XPATH_NUMBER, 6}, {"div", EB_AST_DIVIDE, EB_XPATH_NUMBER, 6},
    {"mod", EB_AST_MODULO, EB_XPATH_NUMBER, 6},
};

#define LEVEL_LOWEST 1
#define LEVEL_UNARY  7

/* Characters, not bytes, in front of the place at fault. */
static int column(const eb_parser_t *p, const char *at)
{
    const char *s = p->text;
    int n = 1;
    while (s < at && eb_utf8_next(&s, at) != EB_UTF8_BAD)
        n++;
    return n;
}

void *eb_parser_fail(eb_parser_t *p, const eb_token_t *at, const char *format, ...)
{
    if (p->failed)
        return NULL;
    p->failed = true;
    va_list args;
    va_start(args, format);
    const char *what = apr_pvsprintf(p->pool, format, args);
    va_end(args);
    eb_problem_set(p->problem, EB_P_FORM_EXPRESSION, APR_EINVAL, p->where, p->pool,
                   "in the expression \"%s\", at character %d: %s", p->text, column(p, at->start),
                   what);
    return NULL;
}

static const char *token_text(eb_parser_t *p, const eb_token_t *token)
{
    if (token->kind == EB_TOKEN_END)
        return "its end";
    return apr_psprintf(p->pool, "\"%.*s\"", token->len, token->start);
}

bool eb_parser_accept(eb_parser_t *p, const char *text)
{
    if (!eb_token_is(p->token, text))
        return false;
    p->token++;
    return true;
}

bool eb_parser_expect(eb_parser_t *p, const char *text)
{
    if (p->failed || eb_parser_accept(p, text))
        return !p->failed;
    eb_parser_fail(p, p->token, "expected \"%s\" instead of %s", text, token_text(p, p->token));
    return false;
}

void *eb_parser_keep(eb_parser_t *p, const apr_array_header_t *list)
{
    return apr_pmemdup(p->pool, list->elts, (apr_size_t)list->nelts * (apr_size_t)list->elt_size);
}

eb_ast_t *eb_parser_node(eb_parser_t *p, eb_ast_op_t op, eb_xpath_type_t type,
                         const apr_array_header_t *args)
{
    eb_ast_t *ast = apr_pcalloc(p->pool, sizeof *ast);
    ast->op = op;
    ast->type = type;
    ast->depth = 1;
    if (args) {
        ast->args = eb_parser_keep(p, args);
        ast->count = args->nelts;
    }
    for (int i = 0; i < ast->count; i++)
        if (ast->args[i]->depth >= ast->depth)
            ast->depth = ast->args[i]->depth + 1;
    if (ast->depth > EB_EXPR_DEPTH)
        return eb_parser_fail(p, p->token, "it is nested too deeply (more than %d levels)",
                              EB_EXPR_DEPTH);
    return ast;
}

static apr_array_header_t *pair(eb_parser_t *p, eb_ast_t *left, eb_ast_t *right)
{
    apr_array_header_t *args = apr_array_make(p->scratch, 2, sizeof(eb_ast_t *));
    APR_ARRAY_PUSH(args, eb_ast_t *) = left;
    if (right)
        APR_ARRAY_PUSH(args, eb_ast_t *) = right;
    return args;
}

eb_nodes_t eb_parser_nodes(eb_parser_t *p, const eb_node_t *node)
{
    eb_nodes_t nodes = {apr_palloc(p->pool, sizeof *nodes.list), 1};
    nodes.list[0] = node;
    return nodes;
}

/* The nodes of all `sets`, in no particular order. */
static eb_nodes_t joined_nodes(eb_parser_t *p, eb_ast_t *const *sets, int count)
{
    eb_nodes_t nodes = {NULL, 0};
    for (int i = 0; i < count; i++)
        nodes.count += sets[i]->nodes.count;
    nodes.list = apr_palloc(p->pool, nodes.count * sizeof *nodes.list);
    for (int i = 0, n = 0; i < count; n += sets[i++]->nodes.count)
        memcpy(nodes.list + n, sets[i]->nodes.list, sets[i]->nodes.count * sizeof *nodes.list);
    return nodes;
}

bool eb_parser_predicates(eb_parser_t *p, const eb_nodes_t *context, apr_array_header_t *list)
{
    eb_nodes_t outer = p->context;
    p->context = *context;
    while (!p->failed && eb_parser_accept(p, "[")) {
        eb_ast_t *predicate = eb_parser_expression(p);
        if (predicate && eb_parser_expect(p, "]"))
            APR_ARRAY_PUSH(list, eb_ast_t *) = predicate;
    }
    p->context = outer;
    return !p->failed;
}

static const eb_function_t *find_function(const eb_token_t *name)
{
    const eb_function_t *const tables[] = {eb_functions_core, eb_functions_dates};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const eb_function_t *f = tables[t]; f->name; f++)
            if (eb_token_is(name, f->name))
                return f;
    return NULL;
}

/* Argument by argument along the letters of `params`: see eb_function_t. */
static bool check_args(eb_parser_t *p, const eb_token_t *name, const char *params,
                       apr_array_header_t *args)
{
    bool optional = false;
    int i = 0;
    for (; *params; params++) {
        if (*params == '?' || *params == '.') {
            optional = true;
            if (*params == '.' && args->nelts == 0)
                APR_ARRAY_PUSH(args, eb_ast_t *) = eb_parser_here(p, EB_START_CONTEXT);
            continue;
        }
        if (*params == '*') {
            i = args->nelts > i ? args->nelts : i;
            break;
        }
        if (i == args->nelts && optional)
            return true;
        if (i == args->nelts)
            return eb_parser_fail(p, name, "%.*s() needs more arguments", name->len, name->start);
        eb_xpath_type_t type = APR_ARRAY_IDX(args, i, eb_ast_t *)->type;
        if (*params == 'N' && type != EB_XPATH_SET)
            return eb_parser_fail(p, name, "argument %d of %.*s() must be a path", i + 1, name->len,
                                  name->start);
        i++;
    }
    if (i < args->nelts)
        return eb_parser_fail(p, name, "%.*s() has too many arguments (at most %d)", name->len,
                              name->start, i);
    return true;
}

/* choose(condition, a, b) is as a and b are. */
static eb_ast_t *finish_choose(eb_parser_t *p, const apr_array_header_t *args)
{
    eb_ast_t *ast = eb_parser_node(p, EB_AST_CHOOSE, EB_XPATH_OBJECT, args);
    if (!ast || ast->args[1]->type != ast->args[2]->type)
        return ast;
    ast->type = ast->args[1]->type;
    if (ast->type == EB_XPATH_SET)
        ast->nodes = joined_nodes(p, ast->args + 1, 2);
    return ast;
}

static bool parse_args(eb_parser_t *p, apr_array_header_t *args)
{
    if (eb_parser_accept(p, ")"))
        return true;
    do {
        eb_ast_t *arg = eb_parser_expression(p);
        if (!arg)
            return false;
        APR_ARRAY_PUSH(args, eb_ast_t *) = arg;
    } while (eb_parser_accept(p, ","));
    return eb_parser_expect(p, ")");
}

static eb_ast_t *parse_call(eb_parser_t *p)
{
    const eb_token_t *name = p->token;
    bool choose = eb_token_is(name, "choose"), current = eb_token_is(name, "current");
    const eb_function_t *function = find_function(name);
    if (!function && !choose && !current)
        return eb_parser_fail(p, name, "there is no function %.*s()", name->len, name->start);
    p->token += 2;
    apr_array_header_t *args = apr_array_make(p->scratch, 3, sizeof(eb_ast_t *));
    const char *params = choose ? "boo" : current ? "" : function->params;
    if (!parse_args(p, args) || !check_args(p, name, params, args))
        return NULL;
    if (choose)
        return finish_choose(p, args);
    if (current)
        return eb_parser_here(p, EB_START_CURRENT);
    eb_ast_t *ast = eb_parser_node(p, EB_AST_CALL, function->type, args);
    if (ast)
        ast->u.function = function;
    return ast;
}

static eb_ast_t *parse_literal(eb_parser_t *p)
{
    const eb_token_t *token = p->token++;
    bool number = token->kind == EB_TOKEN_NUMBER;
    eb_ast_t *ast = eb_parser_node(p, number ? EB_AST_NUMBER : EB_AST_LITERAL,
                                   number ? EB_XPATH_NUMBER : EB_XPATH_STRING, NULL);
    const char *text = apr_pstrmemdup(p->pool, token->start, token->len);
    if (number)
        ast->u.number = eb_xpath_number(text);
    else
        ast->u.literal = text;
    return ast;
}

static eb_ast_t *parse_primary(eb_parser_t *p)
{
    if (p->token->kind == EB_TOKEN_NUMBER || p->token->kind == EB_TOKEN_LITERAL)
        return parse_literal(p);
    if (p->token->kind == EB_TOKEN_NAME && eb_token_is(p->token + 1, "("))
        return parse_call(p);
    if (eb_parser_accept(p, "(")) {
        eb_ast_t *ast = eb_parser_expression(p);
        return ast && eb_parser_expect(p, ")") ? ast : NULL;
    }
    if (eb_token_is(p->token, "$"))
        return eb_parser_fail(p, p->token, "there are no variables in a form");
    if (p->token->kind == EB_TOKEN_WRONG && strchr("'\"", *p->token->start))
        return eb_parser_fail(p, p->token, "the text in quotes does not end");
    return eb_parser_fail(p, p->token, "expected a path, a function or a value instead of %s",
                          token_text(p, p->token));
}

/* FilterExpr, and PathExpr that begins with one. */
static eb_ast_t *parse_filter(eb_parser_t *p)
{
    const eb_token_t *start = p->token;
    eb_ast_t *ast = parse_primary(p);
    bool more = eb_token_is(p->token, "[") || eb_token_is(p->token, "/");
    if (!ast || !more)
        return ast;
    if (ast->type != EB_XPATH_SET)
        return eb_parser_fail(p, start, "only a path can have predicates or further steps");
    if (eb_token_is(p->token, "[")) {
        apr_array_header_t *args = pair(p, ast, NULL);
        eb_nodes_t nodes = ast->nodes;
        if (!eb_parser_predicates(p, &nodes, args))
            return NULL;
        ast = eb_parser_node(p, EB_AST_FILTER, EB_XPATH_SET, args);
        if (ast)
            ast->nodes = nodes;
    }
    return ast && eb_parser_accept(p, "/") ? eb_parser_path(p, ast) : ast;
}

static eb_ast_t *parse_union(eb_parser_t *p)
{
    apr_array_header_t *sets = apr_array_make(p->scratch, 2, sizeof(eb_ast_t *));
    do {
        const eb_token_t *start = p->token;
        eb_ast_t *ast = eb_parser_at_path(p) ? eb_parser_path(p, NULL) : parse_filter(p);
        if (!ast)
            return NULL;
        APR_ARRAY_PUSH(sets, eb_ast_t *) = ast;
        bool joined = sets->nelts > 1 || eb_token_is(p->token, "|");
        if (joined && ast->type != EB_XPATH_SET)
            return eb_parser_fail(p, start, "\"|\" joins paths only");
    } while (eb_parser_accept(p, "|"));
    if (sets->nelts == 1)
        return APR_ARRAY_IDX(sets, 0, eb_ast_t *);
    eb_ast_t *ast = eb_parser_node(p, EB_AST_UNION, EB_XPATH_SET, sets);
    if (ast)
        ast->nodes = joined_nodes(p, ast->args, ast->count);
    return ast;
}

static eb_ast_t *parse_unary(eb_parser_t *p)
{
    int minus = 0;
    while (eb_parser_accept(p, "-"))
        minus++;
    eb_ast_t *ast = parse_union(p);
    int negations = minus ? 2 - minus % 2 : 0; /* two are not none: they make a number */
    for (int i = 0; ast && i < negations; i++)
        ast = eb_parser_node(p, EB_AST_NEGATE, EB_XPATH_NUMBER, pair(p, ast, NULL));
    return ast;
}

static int operator_at(const eb_token_t *token)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (eb_token_is(token, operators[i].sign))
            return (int)i;
    return -1;
}

/* `a or b or c` is one node with three arguments: long lists of alternatives stay flat. */
static eb_ast_t *join(eb_parser_t *p, int which, eb_ast_t *left, eb_ast_t *right)
{
    eb_ast_op_t op = operators[which].op;
    if (left->op != op || (op != EB_AST_OR && op != EB_AST_AND))
        return eb_parser_node(p, op, operators[which].type, pair(p, left, right));
    apr_array_header_t *args = apr_array_make(p->scratch, left->count + 1, sizeof(eb_ast_t *));
    for (int i = 0; i < left->count; i++)
        APR_ARRAY_PUSH(args, eb_ast_t *) = left->args[i];
    APR_ARRAY_PUSH(args, eb_ast_t *) = right;
    return eb_parser_node(p, op, operators[which].type, args);
}

static eb_ast_t *parse_binary(eb_parser_t *p, int level)
{
    if (level == LEVEL_UNARY)
        return parse_unary(p);
    eb_ast_t *left = parse_binary(p, level + 1);
    while (left) {
        int which = operator_at(p->token);
        if (which < 0 || operators[which].level != level)
            return left;
        p->token++;
        eb_ast_t *right = parse_binary(p, level + 1);
        left = right ? join(p, which, left, right) : NULL;
    }
    return NULL;
}

eb_ast_t *eb_parser_expression(eb_parser_t *p)
{
    if (p->depth == EB_EXPR_DEPTH)
        return eb_parser_fail(p, p->token, "it is nested too deeply (more than %d levels)",
                              EB_EXPR_DEPTH);
    p->depth++;
    eb_ast_t *ast = parse_binary(p, LEVEL_LOWEST);
    p->depth--;
    return ast;
}

static eb_ast_t *parse_whole(eb_parser_t *p)
{
    if (p->token->kind == EB_TOKEN_END)
        return eb_parser_fail(p, p->token, "it is empty");
    eb_ast_t *ast = eb_parser_expression(p);
    if (ast && p->token->kind != EB_TOKEN_END)
        return eb_parser_fail(p, p->token, "expected an operator or the end instead of %s",
                              token_text(p, p->token));
    return ast;
}

eb_ast_t *eb_ast_parse(const char *text, const eb_form_t *form, const eb_node_t *context,
                       const char *where, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_parser_t p = {.text = text, .where = where, .form = form, .problem = problem, .pool = pool};
    apr_pool_create(&p.scratch, pool);
    p.token = eb_xpath_lex(text, p.scratch);
    p.context = p.current = eb_parser_nodes(&p, context);
    eb_ast_t *ast = parse_whole(&p);
    apr_pool_destroy(p.scratch);
    return ast;
}
