/* How often codes were tried from one place lately. The codes are far too long to be guessed; this
 * keeps the attempt from being a load. A count is a key of its own that goes by itself, and whose
 * name (HMAC) neither tells the place nor is the same in the next span of time: no address is ever
 * stored. Every try counts, good or bad, so that it takes one round trip, and no lock. */
#ifndef EB_TRIES_H
#define EB_TRIES_H

#include "redis.h"
#include "base/seal.h"

#include <apr_time.h>

#define EB_TRIES_SPAN apr_time_from_sec(600)
#define EB_TRIES_MAX  60 /* within it */

/* Counts one try from `place` (any bytes: of a network's address). *left: it is not one too many.
 */
apr_status_t eb_tries_count(bool *left, eb_redis_t *redis, const eb_keyring_t *keys,
                            const void *place, apr_size_t len, apr_time_t now,
                            eb_problem_t **problem, apr_pool_t *pool);

#endif
