/* Jobs that wait for their receiver are asked about now and then. Who learns that something has
 * happened may have that done at once. */
#ifndef EB_WAKE_H
#define EB_WAKE_H

#include "store/outbox.h"

/* Makes the submitted jobs due whose transport remembers one of `ids` (texts that stand whole in a
 * job's `remote`). One that a worker has just now is left to it. *woken counts them; APR_SUCCESS
 * also for none. Costs a look at each job of the authority that waits. */
apr_status_t eb_outbox_wake(int *woken, eb_outbox_t *box, const char *authority,
                            const apr_array_header_t *ids, apr_time_t now, eb_problem_t **problem,
                            apr_pool_t *pool);

#endif
