/* The inside of the connection pool, for redis*.c and sentinel.c only. */
#ifndef EB_REDIS_POOL_H
#define EB_REDIS_POOL_H

#include "redis.h"

/* A place for a connection. Whoever turns `taken` from 0 to 1 owns all of it until giving back. */
typedef struct eb_redis_conn_t {
    volatile apr_uint32_t taken;
    redisContext *context;   /* NULL = not connected */
    apr_uint32_t generation; /* of the pool when this was connected */
    bool fresh;              /* connected by the present borrower */
} eb_redis_conn_t;

struct eb_redis_t {
    eb_redis_address_t address;
    const char *name; /* the address, for problems */
    volatile apr_uint32_t generation;
    volatile apr_uint32_t sentinel; /* which is asked first: the one that answered last */
    volatile apr_uint32_t last;     /* 1 + the number of the last problem; 0 = none */
    int max;
    eb_redis_conn_t *conns;
};

/* A place with a connection, to be given back. `careful`: what will be sent must not be sent twice,
 * so an idle connection that the server has closed meanwhile is noticed before. */
apr_status_t eb_redis_borrow(eb_redis_conn_t **conn, eb_redis_t *redis, bool careful,
                             eb_problem_t **problem, apr_pool_t *pool);
void eb_redis_give_back(eb_redis_conn_t *conn);
apr_status_t eb_redis_connect(eb_redis_conn_t *conn, eb_redis_t *redis, eb_problem_t **problem,
                              apr_pool_t *pool);
void eb_redis_drop(eb_redis_conn_t *conn);
/* Retires every connection that is not younger than this one. */
void eb_redis_retire(eb_redis_t *redis, const eb_redis_conn_t *conn);

/* The answer says that the server will not serve: "READONLY You can't write …", or one of its
 * kind. */
bool eb_redis_refusal(const redisReply *reply);
/* … and that it is the wrong server, or the connection lost its rights: a new one may do better. */
bool eb_redis_refusal_final(const redisReply *reply);
/* As eb_redis_send() of what may be sent again, but leaves refusals to the caller. */
apr_status_t eb_redis_ask(redisReply **replies, eb_redis_t *redis,
                          const eb_redis_command_t *commands, int count, eb_problem_t **problem,
                          apr_pool_t *pool);

/* redis_connect.c: connects to the one server at to->path or to->host, whatever else stands in
 * `to`, and sends AUTH, SELECT and the question in one round trip; the question may be NULL. Its
 * answer lives in `pool`. NULL: *reason says why not, naming the server. */
redisContext *eb_redis_open(redisReply **answer, const eb_redis_address_t *to,
                            const eb_redis_command_t *question, const char **reason,
                            apr_pool_t *pool);
/* "host:port", "[::1]:6379" */
const char *eb_redis_host_text(const char *host, int port, apr_pool_t *pool);
/* unix:/path, host:port, or sentinel://… */
const char *eb_redis_address_text(const eb_redis_address_t *address, apr_pool_t *pool);

/* redis_tls.c: the handshake, which proves the server's certificate and name. */
bool eb_redis_tls_begin(redisContext *context, const eb_redis_address_t *to, const char **reason,
                        apr_pool_t *pool);

#endif
