/* A job as text: a small JSON object that an operator can read, and must not need to. */
#ifndef EB_JOB_FILE_H
#define EB_JOB_FILE_H

#include "outbox.h"

char *eb_job_encode(const eb_job_t *job, apr_pool_t *pool);
/* APR_EINVAL: not a job; APR_ENOTIMPL: of a newer format. */
apr_status_t eb_job_decode(eb_job_t **job, const char *text, apr_size_t len, apr_pool_t *pool);

#endif
