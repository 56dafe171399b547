/* How the result of a Quick-Check looks: laid out when httpd starts, as controls are. */
#ifndef EB_PAGE_OUTCOME_H
#define EB_PAGE_OUTCOME_H

#include "pages.h"
#include "form/outcome.h"

typedef struct eb_outcome_plan_t eb_outcome_plan_t;

eb_outcome_plan_t *eb_outcome_plan(const eb_form_t *form, const eb_texts_t *texts,
                                   apr_pool_t *pool);

void eb_fill_carried(eb_buf_t *out, eb_job_t *job); /* quickcheck.c: answers as hidden fields */
void eb_fill_law(eb_buf_t *out, eb_job_t *job);
void eb_fill_law_from(eb_buf_t *out, eb_job_t *job);
void eb_fill_law_version(eb_buf_t *out, eb_job_t *job);

#endif
