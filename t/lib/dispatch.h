/* The dispatcher in one thread, for tests: works until nothing is due or stop() says so, one job of
 * each route after another. A route whose receiver is away is left alone until the next run.
 * *delivered counts confirmed jobs. The crew does the same with several workers. */
#ifndef DISPATCH_H
#define DISPATCH_H

#include "delivery/dispatcher.h"

static inline apr_status_t dispatch_all(const eb_dispatcher_t *d, apr_time_t now, int *delivered,
                                        apr_pool_t *pool)
{
    bool *left = apr_pcalloc(pool, d->routes_count * sizeof *left + 1);
    int open = d->routes_count;
    apr_pool_t *scratch;

    *delivered = 0;
    apr_pool_create(&scratch, pool);
    while (open && !(d->stop && d->stop(d->baton))) {
        for (int i = 0; i < d->routes_count && !(d->stop && d->stop(d->baton)); i++) {
            if (left[i])
                continue;
            left[i] = eb_dispatcher_serve(d, &d->routes[i], now, delivered, scratch) != EB_SERVED;
            open -= left[i];
            apr_pool_clear(scratch);
        }
    }
    apr_pool_destroy(scratch);
    return APR_SUCCESS;
}

#endif
