/* Evaluation: three functions, one per type that an expression can be wanted as. Where the wanted
 * type is not the expression's own, the conversions of XPath 1.0 (section 4) stand in between. */
#include "xpath_ast.h"

#include <math.h>
#include <string.h>

const eb_ast_t *eb_ast_settle(const eb_ast_t *ast, const eb_focus_t *f)
{
    while (ast->op == EB_AST_CHOOSE)
        ast = ast->args[eb_ast_true(ast->args[0], f) ? 1 : 2];
    return ast;
}

static bool compare_numbers(eb_ast_op_t op, double a, double b)
{
    switch (op) {
    case EB_AST_EQUAL: return a == b;
    case EB_AST_UNEQUAL: return a != b;
    case EB_AST_LESS: return a < b;
    case EB_AST_LESS_EQUAL: return a <= b;
    case EB_AST_GREATER: return a > b;
    default: return a >= b;
    }
}

static bool is_equality(eb_ast_op_t op)
{
    return op == EB_AST_EQUAL || op == EB_AST_UNEQUAL;
}

/* Equality compares texts, order compares numbers. */
static bool compare_strings(eb_ast_op_t op, const char *a, const char *b)
{
    if (is_equality(op))
        return (strcmp(a, b) == 0) == (op == EB_AST_EQUAL);
    return compare_numbers(op, eb_xpath_number(a), eb_xpath_number(b));
}

static eb_ast_op_t mirrored(eb_ast_op_t op)
{
    switch (op) {
    case EB_AST_LESS: return EB_AST_GREATER;
    case EB_AST_LESS_EQUAL: return EB_AST_GREATER_EQUAL;
    case EB_AST_GREATER: return EB_AST_LESS;
    case EB_AST_GREATER_EQUAL: return EB_AST_LESS_EQUAL;
    default: return op;
    }
}

static bool any_string(eb_ast_op_t op, const eb_places_t *set, const char *other,
                       const eb_context_t *c)
{
    for (int i = 0; i < set->count; i++)
        if (compare_strings(op, eb_place_string(set->list[i], c), other))
            return true;
    return false;
}

static bool any_number(eb_ast_op_t op, const eb_places_t *set, double other, const eb_context_t *c)
{
    for (int i = 0; i < set->count; i++)
        if (compare_numbers(op, eb_xpath_number(eb_place_string(set->list[i], c)), other))
            return true;
    return false;
}

/* Two node-sets: some node of one and some node of the other. */
static bool any_pair(eb_ast_op_t op, const eb_places_t *left, const eb_ast_t *right,
                     const eb_focus_t *f)
{
    eb_places_t others;
    eb_places_init(&others, f->c->pool);
    eb_ast_set(&others, right, f);
    for (int i = 0; i < others.count; i++)
        if (any_string(op, left, eb_place_string(others.list[i], f->c), f->c))
            return true;
    return false;
}

static bool compare_set(eb_ast_op_t op, const eb_ast_t *left, const eb_ast_t *right,
                        const eb_focus_t *f)
{
    if (right->type == EB_XPATH_BOOLEAN)
        return compare_numbers(op, eb_ast_true(left, f), eb_ast_true(right, f));
    eb_places_t set;
    eb_places_init(&set, f->c->pool);
    eb_ast_set(&set, left, f);
    switch (right->type) {
    case EB_XPATH_SET: return any_pair(op, &set, right, f);
    case EB_XPATH_NUMBER: return any_number(op, &set, eb_ast_number(right, f), f->c);
    default: return any_string(op, &set, eb_ast_string(right, f), f->c);
    }
}

/* Section 3.4. A single field needs no set: that is what forms ask most. */
static bool compare(eb_ast_op_t op, const eb_ast_t *left, const eb_ast_t *right,
                    const eb_focus_t *f)
{
    left = eb_ast_settle(left, f);
    right = eb_ast_settle(right, f);
    if (left->op == EB_AST_FIELD && (right->op == EB_AST_FIELD || right->type == EB_XPATH_STRING))
        return compare_strings(op, eb_field_string(left, f), eb_ast_string(right, f));
    if (left->type == EB_XPATH_SET)
        return compare_set(op, left, right, f);
    if (right->type == EB_XPATH_SET)
        return compare_set(mirrored(op), right, left, f);
    bool boolean = left->type == EB_XPATH_BOOLEAN || right->type == EB_XPATH_BOOLEAN;
    if (boolean && is_equality(op))
        return (eb_ast_true(left, f) == eb_ast_true(right, f)) == (op == EB_AST_EQUAL);
    if (left->type == EB_XPATH_STRING && right->type == EB_XPATH_STRING)
        return compare_strings(op, eb_ast_string(left, f), eb_ast_string(right, f));
    return compare_numbers(op, eb_ast_number(left, f), eb_ast_number(right, f));
}

static bool is_empty(const eb_ast_t *ast, const eb_focus_t *f)
{
    eb_places_t set;
    eb_places_init(&set, f->c->pool);
    eb_ast_set(&set, ast, f);
    return set.count == 0;
}

static bool true_number(double n)
{
    return n != 0 && !isnan(n);
}

static bool converted_to_boolean(const eb_ast_t *ast, const eb_focus_t *f)
{
    switch (ast->type) {
    case EB_XPATH_SET: return ast->op == EB_AST_FIELD || !is_empty(ast, f);
    case EB_XPATH_NUMBER: return true_number(eb_ast_number(ast, f));
    default: return *eb_ast_string(ast, f) != '\0';
    }
}

bool eb_ast_true(const eb_ast_t *ast, const eb_focus_t *f)
{
    switch (ast->op) {
    case EB_AST_OR:
        for (int i = 0; i < ast->count; i++)
            if (eb_ast_true(ast->args[i], f))
                return true;
        return false;
    case EB_AST_AND:
        for (int i = 0; i < ast->count; i++)
            if (!eb_ast_true(ast->args[i], f))
                return false;
        return true;
    case EB_AST_EQUAL:
    case EB_AST_UNEQUAL:
    case EB_AST_LESS:
    case EB_AST_LESS_EQUAL:
    case EB_AST_GREATER:
    case EB_AST_GREATER_EQUAL: return compare(ast->op, ast->args[0], ast->args[1], f);
    case EB_AST_CHOOSE: return eb_ast_true(eb_ast_settle(ast, f), f);
    case EB_AST_CALL:
        if (ast->type == EB_XPATH_BOOLEAN)
            return ast->u.function->boolean(ast, f);
        break;
    default: break;
    }
    return converted_to_boolean(ast, f);
}

static double arithmetic(const eb_ast_t *ast, const eb_focus_t *f)
{
    double a = eb_ast_number(ast->args[0], f), b = eb_ast_number(ast->args[1], f);
    switch (ast->op) {
    case EB_AST_ADD: return a + b;
    case EB_AST_SUBTRACT: return a - b;
    case EB_AST_MULTIPLY: return a * b;
    case EB_AST_DIVIDE: return a / b;
    default: return fmod(a, b);
    }
}

double eb_ast_number(const eb_ast_t *ast, const eb_focus_t *f)
{
    switch (ast->op) {
    case EB_AST_NUMBER: return ast->u.number;
    case EB_AST_NEGATE: return -eb_ast_number(ast->args[0], f);
    case EB_AST_ADD:
    case EB_AST_SUBTRACT:
    case EB_AST_MULTIPLY:
    case EB_AST_DIVIDE:
    case EB_AST_MODULO: return arithmetic(ast, f);
    case EB_AST_CHOOSE: return eb_ast_number(eb_ast_settle(ast, f), f);
    case EB_AST_CALL:
        if (ast->type == EB_XPATH_NUMBER)
            return ast->u.function->number(ast, f);
        break;
    default: break;
    }
    if (ast->type == EB_XPATH_BOOLEAN)
        return eb_ast_true(ast, f);
    return eb_xpath_number(eb_ast_string(ast, f));
}

/* Of a node-set the first node in document order. */
static const char *set_string(const eb_ast_t *ast, const eb_focus_t *f)
{
    if (ast->op == EB_AST_FIELD)
        return eb_field_string(ast, f);
    eb_places_t set;
    eb_places_init(&set, f->c->pool);
    eb_ast_set(&set, ast, f);
    return set.count ? eb_place_string(set.list[0], f->c) : "";
}

const char *eb_ast_string(const eb_ast_t *ast, const eb_focus_t *f)
{
    ast = eb_ast_settle(ast, f);
    switch (ast->type) {
    case EB_XPATH_SET: return set_string(ast, f);
    case EB_XPATH_BOOLEAN: return eb_ast_true(ast, f) ? "true" : "false";
    case EB_XPATH_NUMBER: return eb_xpath_number_text(eb_ast_number(ast, f), f->c->pool);
    default: break;
    }
    return ast->op == EB_AST_LITERAL ? ast->u.literal : ast->u.function->string(ast, f);
}
