/* Jobs, as an operator names them: by UUID or by Vorgangsnummer, whoever's they are. */
#ifndef EB_CTL_JOBS_H
#define EB_CTL_JOBS_H

#include "config.h"

typedef struct eb_ctl_job_t {
    eb_ctl_authority_t *authority;
    eb_outbox_t *box;
    eb_job_t *job;
} eb_ctl_job_t;

/* jobs.c. APR_NOTFOUND with its problem. */
apr_status_t eb_ctl_find(eb_ctl_job_t *found, const eb_ctl_t *ctl, const char *name,
                         eb_problem_t **problem);
/* The authority that is named by the command's first word, or, without one, all of them: calls
 * `each` with a pool of its own for each. Returns the worst exit code. */
typedef int (*eb_ctl_each_t)(const eb_ctl_t *ctl, eb_ctl_authority_t *authority, void *baton,
                             apr_pool_t *pool);
int eb_ctl_each(const eb_ctl_t *ctl, eb_ctl_each_t each, void *baton);
json_t *eb_ctl_job_json(const eb_job_t *job, const eb_ctl_t *ctl, apr_pool_t *pool);

/* journal.c: the UUID of a Vorgangsnummer, from the journal; NULL when it is not in there. */
apr_status_t eb_ctl_journal_uuid(const char **uuid, eb_outbox_t *box,
                                 const eb_ctl_authority_t *authority, const char *number,
                                 eb_problem_t **problem, apr_pool_t *pool);

#endif
