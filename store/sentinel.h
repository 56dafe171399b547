/* Which Redis is the master now: the Sentinels are asked each time a connection is made, and the
 * server they name is asked whether it agrees, since a Sentinel may be behind, and a master that
 * comes back after a fail-over takes itself for one until it is told. */
#ifndef EB_SENTINEL_H
#define EB_SENTINEL_H

#include "redis_pool.h"

/* A connection to the master; NULL when no Sentinel names a server that is one: *reason lists what
 * each of them said. */
redisContext *eb_sentinel_open(eb_redis_t *redis, const char **reason, apr_pool_t *pool);

#endif
