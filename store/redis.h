/* Redis connections: a pool per child, made in child_init (no socket crosses a fork), opened when
 * first used. A broken connection retires all that are older than the failure (a generation
 * counter), because after a restart of Redis every idle socket is dead. Never redisReconnect():
 * hiredis 0.14 forgets the command timeout there. */
#ifndef EB_REDIS_H
#define EB_REDIS_H

#include "base/problem.h"

#include <stdbool.h>
#include <hiredis/hiredis.h>

typedef struct eb_redis_address_t {
    const char *path; /* unix socket, or NULL */
    const char *host;
    int port;
    int database;
    const char *user, *password; /* password read from a file by the glue; NULL = none */
    int connect_ms, command_ms;  /* defaults 500 and 1000 */
} eb_redis_address_t;

/* "unix:/path", "host:port", "[::1]:6379"; `why` is an English sentence for configtest when
 * APR_EINVAL. */
apr_status_t eb_redis_address_parse(eb_redis_address_t *address, const char *text, const char **why,
                                    apr_pool_t *pool);

typedef struct eb_redis_t eb_redis_t;
/* `max` connections at most: one for each thread that may call at the same time (threads + 1); a
 * caller beyond them is refused at once. Never connects. */
apr_status_t eb_redis_create(eb_redis_t **redis, const eb_redis_address_t *address, int max,
                             apr_pool_t *pchild);

/* Arguments are borrowed until the command is sent. */
typedef struct eb_redis_command_t {
    int argc;
    const char *argv[12];
    size_t argvlen[12];
} eb_redis_command_t;
void eb_redis_command_add(eb_redis_command_t *command, const void *data, apr_size_t len);
void eb_redis_command_word(eb_redis_command_t *command, const char *text);

/* One command, or several in one round trip (count > 1), as argument vectors. The replies, one per
 * command, live in `pool`. A reply of type error is returned as such, not as a failure. A dead idle
 * connection is replaced once, silently, when `again` says that repeating does no harm. Problems:
 * EB_P_REDIS_CONNECT, EB_P_REDIS_IO, EB_P_REDIS_REFUSED (LOADING, READONLY, NOAUTH, OOM, MISCONF …:
 * APR_EGENERAL); then the replies are there as well. */
apr_status_t eb_redis_send(redisReply **replies, eb_redis_t *redis,
                           const eb_redis_command_t *commands, int count, bool again,
                           eb_problem_t **problem, apr_pool_t *pool);
/* The refusal, if it is one, is for want of room: in memory (OOM) or on disk (MISCONF). */
bool eb_redis_lacks_room(const redisReply *reply);
/* For a reply that makes no sense: EB_P_REDIS_ANSWER. */
apr_status_t eb_redis_misfit(const redisReply *reply, const char *command, eb_problem_t **problem,
                             apr_pool_t *pool);

#endif
