/* XPath 1.0 over an instance, with the XForms function library, compiled when httpd starts. Paths
 * are resolved against the form definition at compile time: a path to a field becomes a slot, and a
 * path to nothing is an error with its line, not an empty set on the day it matters. Subset: child,
 * parent, self and absolute paths, predicates on repeats, all operators, the core function library
 * without id(), lang(), local-name() and the like; see conf/forms.md. Node sets are in document
 * order; every field of the definition exists, unanswered ones have the string value "". */
#ifndef EB_XPATH_H
#define EB_XPATH_H

#include "instance.h"

#include <apr_time.h>

typedef struct eb_context_t {
    const eb_instance_t *in;
    int entry; /* the entry that expressions of an entry's scope are about; EB_ROOT otherwise */
    apr_time_t now; /* the clock of local-date(), now() … in Europe/Berlin */
    apr_pool_t *pool;
} eb_context_t;

/* Compiles `text` with `context` as context node (XForms: relative paths start at the bound node).
 * `where` is "file:line". APR_EINVAL and a problem that quotes the expression, points at the place,
 * and says what was expected. Limits: 4000 bytes, depth 64. */
apr_status_t eb_expr_compile(eb_expr_t **expr, const char *text, const eb_form_t *form,
                             const eb_node_t *context, const char *where, eb_problem_t **problem,
                             apr_pool_t *pool);
bool eb_expr_true(const eb_expr_t *expr, const eb_context_t *c);
double eb_expr_number(const eb_expr_t *expr, const eb_context_t *c);
const char *eb_expr_string(const eb_expr_t *expr,
                           const eb_context_t *c); /* never NULL; in c->pool or longer-lived */
/* Calls `visit` for each node the expression names: who depends on whom (eb_form_load's same-page
 * check, cycle check). */
void eb_expr_nodes(const eb_expr_t *expr, void (*visit)(void *baton, const eb_node_t *node),
                   void *baton);
const char *eb_expr_text(const eb_expr_t *expr); /* as written */

#endif
