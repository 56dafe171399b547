/* A tree of operators, built by climbing precedences. Expressions come from translators' files, so
 * everything is bounded: depth and size while parsing, and a division by zero is zero. */
#include "plural.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 40
#define TERMS_MAX 200
#define FORMS_MAX 8

typedef struct term_t term_t;
struct term_t {
    char op[3]; /* "n", "#" for a number, "?", "!", or a binary operator */
    unsigned long number;
    const term_t *a, *b, *c;
};

struct eb_plural_t {
    const term_t *expression;
    int forms;
};

typedef struct parser_t {
    const char *s;
    int depth, terms;
    apr_pool_t *pool;
} parser_t;

/* By precedence, loosest first; longer operators before their beginnings. */
static const char *const operators[][5] = {
    {"||"}, {"&&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}};
#define LEVELS (int)(sizeof(operators) / sizeof(operators[0]))

static const term_t *choice(parser_t *p);

static bool skip(parser_t *p, const char *token)
{
    p->s += strspn(p->s, " \t");
    if (strncmp(p->s, token, strlen(token)) != 0)
        return false;
    p->s += strlen(token);
    return true;
}

static term_t *make(parser_t *p, const char *op, const term_t *a, const term_t *b)
{
    p->terms++;
    term_t *t = apr_pcalloc(p->pool, sizeof(*t));
    apr_cpystrn(t->op, op, sizeof(t->op));
    t->a = a;
    t->b = b;
    return t;
}

static const term_t *operand(parser_t *p)
{
    if (p->terms > TERMS_MAX)
        return NULL;
    if (skip(p, "(")) {
        const term_t *inner = choice(p);
        return inner && skip(p, ")") ? inner : NULL;
    }
    if (skip(p, "n"))
        return make(p, "n", NULL, NULL);
    if (skip(p, "!")) {
        const term_t *inner = ++p->depth < DEPTH_MAX ? operand(p) : NULL;
        return inner ? make(p, "!", inner, NULL) : NULL;
    }
    if (!apr_isdigit(*p->s))
        return NULL;
    term_t *t = make(p, "#", NULL, NULL);
    char *end;
    t->number = strtoul(p->s, &end, 10);
    p->s = end;
    return t;
}

static const term_t *binary(parser_t *p, int level)
{
    if (level == LEVELS)
        return operand(p);
    const term_t *left = binary(p, level + 1);
    for (int i = 0; left && i < 5 && operators[level][i]; i++) {
        if (!skip(p, operators[level][i]))
            continue;
        const term_t *right = binary(p, level + 1);
        left = right ? make(p, operators[level][i], left, right) : NULL;
        i = -1;
    }
    return left;
}

static const term_t *choice(parser_t *p)
{
    const term_t *condition = ++p->depth < DEPTH_MAX ? binary(p, 0) : NULL;
    if (!condition || !skip(p, "?"))
        return condition;
    const term_t *yes = choice(p);
    const term_t *no = yes && skip(p, ":") ? choice(p) : NULL;
    if (!no)
        return NULL;
    term_t *t = make(p, "?", condition, yes);
    t->c = no;
    return t;
}

eb_plural_t *eb_plural_parse(const char *text, apr_pool_t *pool)
{
    parser_t p = {text, 0, 0, pool};
    if (!skip(&p, "nplurals") || !skip(&p, "="))
        return NULL;
    p.s += strspn(p.s, " ");
    int forms = apr_isdigit(*p.s) ? *p.s++ - '0' : 0;
    if (forms < 1 || forms > FORMS_MAX || !skip(&p, ";") || !skip(&p, "plural") || !skip(&p, "="))
        return NULL;
    const term_t *expression = choice(&p);
    if (!expression || !skip(&p, ";"))
        return NULL;
    eb_plural_t *plural = apr_palloc(pool, sizeof(*plural));
    *plural = (eb_plural_t){expression, forms};
    return plural;
}

static unsigned long value(const term_t *t, unsigned long n)
{
    if (*t->op == 'n' || *t->op == '#')
        return *t->op == 'n' ? n : t->number;
    unsigned long a = value(t->a, n);
    if (*t->op == '?')
        return value(a ? t->b : t->c, n);
    if (!t->b)
        return !a;
    unsigned long b = value(t->b, n);
    bool equal = t->op[1] == '=';
    switch (*t->op) {
    case '|': return a || b;
    case '&': return a && b;
    case '=': return a == b;
    case '!': return a != b;
    case '<': return equal ? a <= b : a < b;
    case '>': return equal ? a >= b : a > b;
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    case '/': return b ? a / b : 0;
    default: return b ? a % b : 0;
    }
}

int eb_plural_forms(const eb_plural_t *plural)
{
    return plural->forms;
}

int eb_plural_form(const eb_plural_t *plural, unsigned long n)
{
    unsigned long form = value(plural->expression, n);
    return form < (unsigned long)plural->forms ? (int)form : 0;
}
