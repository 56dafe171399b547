/* The worker: takes due jobs, asks their transport for one step after another, makes each step
 * durable before the next, and backs off with cap and jitter. Who calls it (mod_watchdog's tick,
 * einbuergerungctl, a test) does not matter. */
#ifndef EB_DISPATCHER_H
#define EB_DISPATCHER_H

#include "transport.h"

#include <stdbool.h>

typedef struct eb_route_t { /* where an authority's applications go */
    const char *authority;
    const eb_transport_t *transport;
} eb_route_t;

typedef struct eb_dispatcher_t {
    eb_outbox_t *box;
    const eb_route_t *routes;
    int routes_count;
    bool (*stop)(void *baton); /* asked between steps: true = finish up */
    void (*report)(
        void *baton, const eb_job_t *job,
        const eb_problem_t *problem); /* each failure, and each release from one (problem NULL) */
    void *baton;
} eb_dispatcher_t;

/* Works until nothing is due or stop() says so. *delivered counts confirmed jobs. */
apr_status_t eb_dispatcher_run(const eb_dispatcher_t *d, apr_time_t now, int *delivered,
                               apr_pool_t *pool);
/* Next try after n failures: 5 s doubling to 15 min, with full jitter taken from `random`; held
 * jobs are looked at again every 15 min. */
apr_time_t eb_dispatcher_delay(int tries, apr_uint32_t random);

#endif
