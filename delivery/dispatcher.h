/* The worker: takes due jobs, asks their transport for one step after another, makes each step
 * durable before the next, and backs off with cap and jitter. Who calls it (a worker of the crew, a
 * test) does not matter. */
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
    bool (*stop)(void *baton); /* asked between steps, and by transports: true = finish up */
    /* Each failure, and each release from one (problem NULL). `job` is NULL when the queue of a
     * route as such cannot be read. How often the same is said to a person is the caller's. */
    void (*report)(void *baton, const eb_job_t *job, const eb_problem_t *problem);
    void *baton;
} eb_dispatcher_t;

/* What came of one turn of a route. */
typedef enum {
    EB_SERVED,         /* a job was delivered, or held: there may be more */
    EB_SERVED_NOTHING, /* nothing is due, or stop() said so */
    EB_SERVED_AWAY     /* the receiver, or our own store: leave the route alone for a while */
} eb_served_t;

/* One job of a route. `delivered` may be NULL; else it is raised by what was confirmed. */
eb_served_t eb_dispatcher_serve(const eb_dispatcher_t *d, const eb_route_t *route, apr_time_t now,
                                int *delivered, apr_pool_t *pool);
/* Next try after n failures: 5 s doubling to 15 min, with full jitter taken from `random`; held
 * jobs are looked at again every minute, those that only a person lets go each quarter of an hour.
 */
apr_time_t eb_dispatcher_delay(int tries, apr_uint32_t random);

#endif
