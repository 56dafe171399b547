/* Several workers for many routes. A route is in one worker's hands at most, and takes turns with
 * the others, one job each. One whose receiver is away rests for a while, longer each time; those
 * that were away when last tried get half of the workers at most, so that their time-outs delay
 * nobody else. */
#ifndef EB_CREW_H
#define EB_CREW_H

#include "dispatcher.h"

typedef struct eb_crew_t eb_crew_t;

/* Something that is to be done now and then, as routes are: what run() returns counts likewise. It
 * runs in one thread at a time. */
typedef struct eb_errand_t {
    eb_served_t (*run)(void *baton, apr_time_t now, apr_pool_t *pool);
    void *baton;
} eb_errand_t;

/* Threads for every route of the dispatchers, and for the errands (of eb_errand_t, or NULL), all of
 * which must last as long as the crew; report(), stop() and run() are called from any of these
 * threads. The threads block all signals. */
apr_status_t eb_crew_create(eb_crew_t **crew, const eb_dispatcher_t *dispatchers, int count,
                            const apr_array_header_t *errands, int workers, apr_pool_t *pool);
/* Gives out the routes that are neither at work nor resting, and never waits. Workers go by the
 * time that they were told last. */
void eb_crew_tick(eb_crew_t *crew, apr_time_t now);
/* Ends each worker after the step in hand, which stop() should make short. False: after `patience`
 * a worker is still busy, so that nothing it works with may go away, this crew's pool included. */
bool eb_crew_end(eb_crew_t *crew, apr_interval_time_t patience);

#endif
