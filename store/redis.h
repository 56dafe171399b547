/* Redis connections: a pool per child, made in child_init (no socket crosses a fork), opened when
 * first used. A broken connection retires all that are older than the failure (a generation
 * counter), because after a restart of Redis every idle socket is dead. Never redisReconnect():
 * hiredis 0.14 forgets the command timeout there. */
#ifndef EB_REDIS_H
#define EB_REDIS_H

#include "base/problem.h"

#include <stdbool.h>
#include <hiredis/hiredis.h>

#define EB_SENTINELS_MAX 8

typedef struct eb_redis_host_t {
    const char *host;
    int port;
} eb_redis_host_t;

typedef struct eb_redis_address_t {
    const char *path; /* unix socket, or NULL */
    const char *host; /* NULL: a unix socket, or known by the Sentinels only */
    int port;
    const char *master; /* the name under which the Sentinels know it, or NULL */
    int sentinels_count;
    eb_redis_host_t sentinels[EB_SENTINELS_MAX];
    const char *sentinel_user, *sentinel_password;
    int database;
    const char *user, *password;     /* password read from a file by the glue; NULL = none */
    int replicas;                    /* that eb_redis_honest() demands */
    int connect_ms, command_ms;      /* defaults 500 and 1000 */
    bool secure;                     /* TLS, also to the Sentinels */
    struct ssl_ctx_st *tls;          /* made by eb_redis_tls_load() when secure … */
    const char *ca_file, *cert_file; /* … from these; each may be NULL */
} eb_redis_address_t;

/* "unix:/path", "host:port", "[::1]:6379", "rediss://host:port" (TLS),
 * "sentinel://h1:26379,h2,[::1]/name"; `why` is an English sentence for configtest when
 * APR_EINVAL. */
apr_status_t eb_redis_address_parse(eb_redis_address_t *address, const char *text, const char **why,
                                    apr_pool_t *pool);

/* Whether this build can speak TLS: a NULL, or the sentence why not and what to do instead. */
const char *eb_redis_tls_missing(void);
/* Reads the files, so that they may belong to root: certificates to trust (NULL: the system's),
 * and, both or none, a certificate of our own and its key. APR_EINVAL with `why`. */
apr_status_t eb_redis_tls_load(eb_redis_address_t *address, const char *ca_file,
                               const char *cert_file, const char *key_file, const char **why,
                               apr_pool_t *pool);

typedef struct eb_redis_t eb_redis_t;
/* `max` connections at most: one for each thread that may call at the same time (threads + 1); a
 * caller beyond them is refused at once. Never connects. */
apr_status_t eb_redis_create(eb_redis_t **redis, const eb_redis_address_t *address, int max,
                             apr_pool_t *pchild);

#define EB_REDIS_ARGS_MAX 20

/* Arguments are borrowed until the command is sent. */
typedef struct eb_redis_command_t {
    int argc;
    const char *argv[EB_REDIS_ARGS_MAX];
    size_t argvlen[EB_REDIS_ARGS_MAX];
} eb_redis_command_t;
void eb_redis_command_add(eb_redis_command_t *command, const void *data, apr_size_t len);
void eb_redis_command_word(eb_redis_command_t *command, const char *text);

/* One command, or several in one round trip (count > 1), as argument vectors. The replies, one per
 * command, live in `pool`. A reply of type error is returned as such, not as a failure. A dead idle
 * connection is replaced once, silently, when `again` says that repeating does no harm. Problems:
 * EB_P_REDIS_CONNECT, EB_P_REDIS_MASTER, EB_P_REDIS_IO, EB_P_REDIS_REFUSED (LOADING, READONLY,
 * NOAUTH, OOM, MISCONF …: APR_EGENERAL); then the replies are there as well. */
apr_status_t eb_redis_send(redisReply **replies, eb_redis_t *redis,
                           const eb_redis_command_t *commands, int count, bool again,
                           eb_problem_t **problem, apr_pool_t *pool);
/* The refusal, if it is one, is for want of room: in memory (OOM) or on disk (MISCONF). */
bool eb_redis_lacks_room(const redisReply *reply);
/* For a reply that makes no sense: EB_P_REDIS_ANSWER. */
apr_status_t eb_redis_misfit(const redisReply *reply, const char *command, eb_problem_t **problem,
                             apr_pool_t *pool);

/* --- how it stands: redis_health.c --- */

typedef struct eb_redis_state_t {
    bool connected;
    const char *address;       /* as in problems */
    const char *version;       /* "7.0.15"; this and all below only when connected */
    const char *role;          /* "master", "slave" */
    const char *eviction;      /* "noeviction" */
    apr_uint64_t used, limit;  /* bytes of memory; limit 0 = none */
    bool aof, aof_written;     /* it is on; the last write to it went well */
    int replicas;              /* connected and in step */
    const eb_problem_t *fault; /* why it is not connected */
    const char *last_problem;  /* id of the last failure that this child met, or NULL */
} eb_redis_state_t;

/* For the status page; one round trip. Not being connected is a state, no failure. */
void eb_redis_state(eb_redis_state_t *state, eb_redis_t *redis, apr_pool_t *pool);

/* Whether an OK of this Redis can be believed: it is a master with `replicas` replicas, writes its
 * append-only file before each answer, can do so, and deletes nothing. One round trip. APR_EGENERAL
 * with a problem of its own for each fault; the first counts. */
apr_status_t eb_redis_honest(eb_redis_t *redis, int replicas, eb_problem_t **problem,
                             apr_pool_t *pool);

#endif
