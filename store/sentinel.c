/* The Sentinels are asked in turn, beginning with the one that answered last, until one names a
 * server that says itself that it is a master. Where to begin is one atomic number that any thread
 * may write: a wrong one costs a question, never an answer. Each question has the connect timeout,
 * so that a host that is gone does not take more of the applicant's patience than it must. */
#include "sentinel.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <string.h>

/* A Sentinel is a server like any other, with a user of its own and no databases. */
static eb_redis_address_t sentinel_address(const eb_redis_address_t *address, int which)
{
    return (eb_redis_address_t){.host = address->sentinels[which].host,
                                .port = address->sentinels[which].port,
                                .user = address->sentinel_user,
                                .password = address->sentinel_password,
                                .connect_ms = address->connect_ms,
                                .command_ms = address->connect_ms,
                                .secure = address->secure,
                                .tls = address->tls};
}

/* [host, port], or nil for a name that this Sentinel does not know. */
static bool parse_master(eb_redis_host_t *master, const redisReply *answer)
{
    if (answer->type != REDIS_REPLY_ARRAY || answer->elements != 2 ||
        answer->element[0]->type != REDIS_REPLY_STRING ||
        answer->element[1]->type != REDIS_REPLY_STRING)
        return false;
    master->host = answer->element[0]->str;
    master->port = (int)apr_atoi64(answer->element[1]->str);
    return *master->host && master->port > 0 && master->port <= 65535;
}

static bool ask(eb_redis_host_t *master, const eb_redis_address_t *address, int which,
                const char **reason, apr_pool_t *pool)
{
    eb_redis_address_t to = sentinel_address(address, which);
    eb_redis_command_t question = {0};
    redisReply *answer;

    eb_redis_command_word(&question, "SENTINEL");
    eb_redis_command_word(&question, "GET-MASTER-ADDR-BY-NAME");
    eb_redis_command_word(&question, address->master);
    redisContext *context = eb_redis_open(&answer, &to, &question, reason, pool);
    if (!context)
        return false;
    redisFree(context);
    if (parse_master(master, answer))
        return true;
    *reason = apr_psprintf(pool, "%s knows no master \"%s\"",
                           eb_redis_host_text(to.host, to.port, pool), address->master);
    return false;
}

/* ROLE: ["master", …] */
static redisContext *open_master(const eb_redis_address_t *address, const eb_redis_host_t *master,
                                 const char **reason, apr_pool_t *pool)
{
    eb_redis_address_t to = *address;
    eb_redis_command_t question = {0};
    redisReply *role;

    eb_redis_command_word(&question, "ROLE");
    to.host = master->host;
    to.port = master->port;
    redisContext *context = eb_redis_open(&role, &to, &question, reason, pool);
    if (!context)
        return NULL;
    if (role->type == REDIS_REPLY_ARRAY && role->elements > 0 &&
        role->element[0]->type == REDIS_REPLY_STRING &&
        strcmp(role->element[0]->str, "master") == 0)
        return context;
    redisFree(context);
    *reason = apr_psprintf(pool, "%s is no master at present",
                           eb_redis_host_text(to.host, to.port, pool));
    return NULL;
}

static bool same_host(const eb_redis_host_t *a, const eb_redis_host_t *b)
{
    return a->host && b->host && strcmp(a->host, b->host) == 0 && a->port == b->port;
}

redisContext *eb_sentinel_open(eb_redis_t *redis, const char **reason, apr_pool_t *pool)
{
    const int count = redis->address.sentinels_count;
    const apr_uint32_t first = apr_atomic_read32(&redis->sentinel);
    eb_redis_host_t master = {0}, refused = {0};
    const char *reasons = "";

    for (int i = 0; i < count; i++) {
        const int which = (int)((first + (apr_uint32_t)i) % (apr_uint32_t)count);
        const char *why = NULL;
        if (ask(&master, &redis->address, which, &why, pool)) {
            apr_atomic_set32(&redis->sentinel, (apr_uint32_t)which);
            if (same_host(&master, &refused))
                continue;
            redisContext *context = open_master(&redis->address, &master, &why, pool);
            if (context)
                return context;
            refused = master;
        }
        reasons = apr_pstrcat(pool, reasons, *reasons ? "; " : "", why, NULL);
    }
    *reason = reasons;
    return NULL;
}
