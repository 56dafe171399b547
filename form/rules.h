/* The binds at work: which questions apply, which answers are missing or wrong, whether a step is
 * done. The same functions guard the HTML form, the submission, and later doors. Everything is
 * evaluated on the server; `now` comes in with the context. */
#ifndef EB_RULES_H
#define EB_RULES_H

#include "xpath.h"

#include <apr_tables.h>

/* A node applies when its own `relevant` and those of all its ancestors are true
 * (XForms 1.1, 6.1.4); default true. */
bool eb_rules_relevant(const eb_node_t *node, const eb_context_t *c);
bool eb_rules_required(const eb_node_t *field, const eb_context_t *c); /* default false */
bool eb_rules_readonly(const eb_node_t *field,
                       const eb_context_t *c); /* default: true where calculated */

/* A step applies when one of its bound controls (or its repeat) does; pages of prose only always
 * apply. One with fixed entries needs an entry with a page that applies. */
bool eb_rules_step_relevant(const eb_step_t *step, const eb_context_t *c);
bool eb_rules_page_relevant(const eb_page_t *page,
                            const eb_context_t *c); /* c->entry: the entry, for pages of a repeat */

typedef struct eb_error_t {
    const eb_node_t *node; /* a field; or a group or repeat whose constraint failed */
    int entry;             /* EB_ROOT or the entry */
    const char *text;      /* German sentence, ready to be shown */
    unsigned parts;        /* dates: 1 day, 2 month, 4 year are at fault; 0 = whole */
    int rule;              /* which of the node's constraints failed, from 1; 0 = none of them */
} eb_error_t;

typedef struct eb_errors_t {
    apr_array_header_t *list; /* of eb_error_t, in the order of the page */
} eb_errors_t;

eb_errors_t *eb_errors_new(apr_pool_t *pool);
eb_error_t *eb_errors_add(eb_errors_t *e, const eb_node_t *node, int entry, unsigned parts,
                          const char *text);
/* The first error about `node` in `entry`, or NULL. `e` may be NULL. */
const eb_error_t *eb_errors_find(const eb_errors_t *e, const eb_node_t *node, int entry);

/* Checks the relevant controls of one page: required, type, constraints (every failing field gets
 * its first failing text). A field that is not answered is not asked for its constraints; a group
 * or an entry always is. */
void eb_rules_check_page(eb_errors_t *errors, const eb_page_t *page, const eb_context_t *c);
/* A whole step: its page, or for repeats every page of every entry, the constraints on the repeat's
 * parent group, and `max`. These two are the business of the step that keeps the entries. */
void eb_rules_check_step(eb_errors_t *errors, const eb_step_t *step, const eb_context_t *c);
/* The whole application: every relevant step, every bound node whether it has a control or not. */
void eb_rules_check_all(eb_errors_t *errors, const eb_form_t *form, const eb_context_t *c);

/* What the form only warns of (eb:level="warning") in answers that are there and well-formed:
 * shown, and never in the way. Like the checks above, of one page or a whole step. */
void eb_rules_warn_page(eb_errors_t *warnings, const eb_page_t *page, const eb_context_t *c);
void eb_rules_warn_step(eb_errors_t *warnings, const eb_step_t *step, const eb_context_t *c);
/* Tells one set of warnings from another, in whatever language they speak; 0: there are none. */
apr_uint32_t eb_rules_warn_mark(const eb_errors_t *warnings);

typedef enum { EB_STEP_OPEN, EB_STEP_STARTED, EB_STEP_DONE } eb_step_state_t;
/* DONE: the applicant has finished the step (eb_instance_seen) and it checks out. OPEN: not seen
 * and nothing answered. A step with fixed entries is DONE as well while no page of any entry
 * applies. An application may be sent when every relevant step is DONE, so that nobody
 * skips a question by never opening its page. */
eb_step_state_t eb_rules_step_state(const eb_step_t *step, const eb_context_t *c);

/* Runs every `calculate`, in document order, for the root and all entries; values go to the pool of
 * the instance. */
void eb_rules_calculate(eb_instance_t *in, const eb_context_t *c);

#endif
