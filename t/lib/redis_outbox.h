/* An outbox in a Redis of the test's own, which is honest: an append-only file, synced always. */
#ifndef TEST_REDIS_OUTBOX_H
#define TEST_REDIS_OUTBOX_H

#include "redis.h"
#include "store/outbox.h"

#define STOCK "eb:{o:05711000}:"

static inline void redis_outbox_honest(const test_redis_t *server, apr_pool_t *pool)
{
    test_redis_ask(server, pool, "CONFIG SET appendonly yes");
    test_redis_ask(server, pool, "CONFIG SET appendfsync always");
    test_redis_ask(server, pool, "CONFIG SET maxmemory-policy noeviction");
    while (strstr(test_redis_ask(server, pool, "INFO persistence"), "aof_rewrite_in_progress:1") ||
           strstr(test_redis_ask(server, pool, "INFO persistence"), "aof_rewrite_scheduled:1"))
        usleep(5000);
}

/* False: there is no redis-server. */
static inline bool redis_outbox_start(test_redis_t *server, const char *dir, apr_pool_t *pool)
{
    if (!test_redis_start(server, dir, pool))
        return false;
    redis_outbox_honest(server, pool);
    return true;
}

/* A node: connections and an outbox of its own. */
static inline eb_outbox_t *redis_outbox_node(const test_redis_t *server, int replicas,
                                             apr_interval_time_t lease, const eb_keyring_t *keys,
                                             apr_pool_t *pool)
{
    eb_redis_address_t address = {
        .path = server->socket, .connect_ms = 5000, .command_ms = 2000, .replicas = replicas};
    eb_redis_t *redis;
    eb_outbox_t *box;

    eb_redis_create(&redis, &address, 4, pool);
    eb_redis_outbox_open(&box, redis, lease, keys, pool);
    return box;
}

static inline int redis_outbox_keys(const test_redis_t *server, const char *pattern,
                                    apr_pool_t *pool)
{
    return atoi(test_redis_ask(server, pool, "KEYS " STOCK "%s", pattern) + 1);
}

#endif
