/* What the error log has been told about deliveries: each problem of an authority once, again after
 * an hour if it lasts, and that it is over. For one thread. */
#ifndef EB_SAID_H
#define EB_SAID_H

#include "glue.h"
#include "store/outbox.h"

typedef struct eb_said_t eb_said_t;
eb_said_t *eb_said_new(server_rec *s, apr_pool_t *pool);
/* `job` may be NULL, when it is about no job. */
void eb_said_problem(eb_said_t *said, const eb_job_t *job, const eb_problem_t *problem,
                     apr_time_t now);
/* A job that had failed has gone on. */
void eb_said_over(eb_said_t *said, const eb_job_t *job, apr_time_t now);
/* Ends what has not been heard of for longer than any job waits for its next try. */
void eb_said_silence(eb_said_t *said, apr_time_t now);

#endif
