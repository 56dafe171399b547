/* What an operator may do to the jobs of a spool, beside workers that go on with theirs. */
#ifndef EB_OPERATOR_H
#define EB_OPERATOR_H

#include "outbox.h"

#include <stdbool.h>

/* One job, due or not, held exclusively as by take(), until release(). APR_EBUSY: a worker has it
 * just now; APR_NOTFOUND: it is not in the queue (any more); both without a problem. APR_ENOTIMPL,
 * APR_EINVAL: its file is of a newer version, or no job's, which is a worker's to set aside. */
apr_status_t eb_operator_take(eb_job_t **job, eb_outbox_t *box, const char *authority,
                              const char *uuid, eb_problem_t **problem, apr_pool_t *pool);
/* Seals the package of a taken job under the first key of the key file, unless it is. The new file
 * is complete, on disk and read back before it takes the place of the old one in one step. The
 * caller still holds the old one: what is left to do is release(). */
apr_status_t eb_operator_rewrap(bool *changed, eb_outbox_t *box, const eb_job_t *job,
                                eb_problem_t **problem, apr_pool_t *pool);
/* Which key a package is sealed under. APR_NOTFOUND: it has gone; APR_EINVAL: no package. */
apr_status_t eb_operator_key(apr_uint32_t *key_id, eb_outbox_t *box, const char *authority,
                             const char *uuid, eb_problem_t **problem, apr_pool_t *pool);

#endif
