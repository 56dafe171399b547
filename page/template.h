/* Templates: HTML with {names} in it, prepared when httpd starts. A name that is known then (a
 * label, an id, a fixed text) is folded into the text, escaped; a name that only a request knows
 * stays a hole with the function that fills it. What is left for a request is a list of "copy these
 * bytes, call this function", without a search, a parse or an allocation of its own.
 *
 *   {lower_case}  looked up in the tables given to eb_template_compile(), the first match counts
 *   {UPPER_CASE}  a row of texts.def; its text may hold {lower_case} names itself
 */
#ifndef EB_TEMPLATE_H
#define EB_TEMPLATE_H

#include "base/buf.h"
#include "base/problem.h"
#include "texts.h"

typedef struct eb_job_t eb_job_t; /* what one request knows: pages.h */
typedef void eb_fill_t(eb_buf_t *out, eb_job_t *job);

typedef struct eb_name_t { /* exactly one of the four is set; a table ends with name NULL */
    const char *name;
    eb_fill_t *fill;    /* hole: called in every request */
    const char *text;   /* folded in, escaped */
    const char *html;   /* folded in as it is */
    const char *nested; /* folded in and itself searched for names */
} eb_name_t;

typedef struct eb_template_t eb_template_t;

/* `scopes` is a list of tables, ended by NULL, `texts` the rows in the language of the page. An
 * unknown name is APR_EINVAL with a problem: a fault of the program, found at start. */
apr_status_t eb_template_compile(const eb_template_t **template, const char *html,
                                 const eb_name_t *const scopes[], const eb_texts_t *texts,
                                 eb_problem_t **problem, apr_pool_t *pool);
void eb_template_write(eb_buf_t *out, const eb_template_t *template, eb_job_t *job);
apr_size_t eb_template_size(const eb_template_t *template); /* bytes of its fixed text */

#endif
