/* The state of compiling one expression, shared by xpath_parse.c (operators, calls) and
 * xpath_path.c (location paths). Whatever fails says so with eb_parser_fail() and returns NULL or
 * false; the first failure wins. */
#ifndef EB_XPATH_PARSE_H
#define EB_XPATH_PARSE_H

#include "xpath_ast.h"
#include "xpath_lex.h"

typedef struct eb_parser_t {
    const char *text, *where;
    const eb_token_t *token; /* the next one */
    const eb_form_t *form;
    eb_nodes_t context; /* what the context node may be: changes within predicates */
    eb_nodes_t current; /* what current() is */
    int depth;          /* of brackets */
    bool failed;
    eb_problem_t **problem;
    apr_pool_t *pool;    /* the tree's */
    apr_pool_t *scratch; /* tokens, and lists while they grow */
} eb_parser_t;

/* Always NULL. `at` is the token at fault. */
void *eb_parser_fail(eb_parser_t *p, const eb_token_t *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool eb_parser_accept(eb_parser_t *p, const char *text); /* goes past the token if it is `text` */
bool eb_parser_expect(eb_parser_t *p, const char *text);

eb_ast_t *eb_parser_expression(eb_parser_t *p);
/* The list's elements, for the tree. */
void *eb_parser_keep(eb_parser_t *p, const apr_array_header_t *list);
/* A new node of the tree; `args` holds eb_ast_t *, or is NULL. NULL when the tree gets too deep. */
eb_ast_t *eb_parser_node(eb_parser_t *p, eb_ast_op_t op, eb_xpath_type_t type,
                         const apr_array_header_t *args);
/* '[' Expr ']' as often as it comes, with `context` as context node. */
bool eb_parser_predicates(eb_parser_t *p, const eb_nodes_t *context, apr_array_header_t *list);
eb_nodes_t eb_parser_nodes(eb_parser_t *p, const eb_node_t *node); /* just the one */

/* xpath_path.c: a location path; `set` is what it starts from, or NULL. */
bool eb_parser_at_path(const eb_parser_t *p);
eb_ast_t *eb_parser_path(eb_parser_t *p, const eb_ast_t *set);
eb_ast_t *eb_parser_here(eb_parser_t *p, eb_path_start_t start); /* ".", or current() */

#endif
