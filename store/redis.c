/* One exchange with Redis: borrow, write all commands, read all replies, give back. The connection
 * is back in the pool before the caller looks at the replies, so a request never holds one while it
 * works.
 *
 * A command whose reply was lost may have been carried out. Only the caller knows whether repeating
 * it does harm, so only `again` allows it, and only on a connection that had been idle: a fresh one
 * that fails, or a server that is silent for a whole timeout, would fail again. */
#include "redis_pool.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <errno.h>
#include <string.h>

void eb_redis_command_add(eb_redis_command_t *command, const void *data, apr_size_t len)
{
    command->argv[command->argc] = data;
    command->argvlen[command->argc++] = len;
}

void eb_redis_command_word(eb_redis_command_t *command, const char *text)
{
    eb_redis_command_add(command, text, strlen(text));
}

typedef struct replies_t {
    redisReply **replies;
    int count;
} replies_t;

static void free_replies(redisReply **replies, int count)
{
    for (int i = 0; i < count; i++)
        if (replies[i])
            freeReplyObject(replies[i]);
    memset(replies, 0, count * sizeof *replies);
}

static apr_status_t cleanup_replies(void *data)
{
    replies_t *r = data;
    free_replies(r->replies, r->count);
    return APR_SUCCESS;
}

/* The array itself is the caller's and may be gone first: the cleanup keeps its own. */
static void keep_replies(redisReply **replies, int count, apr_pool_t *pool)
{
    replies_t *r = apr_palloc(pool, sizeof *r);
    r->replies = apr_pmemdup(pool, replies, count * sizeof *replies);
    r->count = count;
    apr_pool_cleanup_register(pool, r, cleanup_replies, apr_pool_cleanup_null);
}

/* All commands, then all replies: one round trip. On failure no reply is left. */
static bool exchange(redisReply **replies, redisContext *context,
                     const eb_redis_command_t *commands, int count)
{
    for (int i = 0; i < count; i++)
        if (redisAppendCommandArgv(context, commands[i].argc, (const char **)commands[i].argv,
                                   commands[i].argvlen) != REDIS_OK)
            return false;
    for (int i = 0; i < count; i++) {
        void *reply = NULL;
        errno = 0;
        if (redisGetReply(context, &reply) != REDIS_OK) {
            free_replies(replies, i);
            return false;
        }
        replies[i] = reply;
    }
    return true;
}

/* hiredis tells a timeout as an I/O error with the errno of a non-blocking read. */
static bool timed_out(const redisContext *context)
{
#ifdef REDIS_ERR_TIMEOUT
    if (context->err == REDIS_ERR_TIMEOUT)
        return true;
#endif
    return context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/* A server that is slow for one is not dead for all; but where Sentinels watch, silence may be the
 * beginning of a fail-over, after which nobody must go on talking to the old master. */
static apr_status_t broken(eb_redis_t *redis, eb_redis_conn_t *conn, bool silent,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    apr_status_t rv = silent ? eb_problem_set(problem, EB_P_REDIS_IO, APR_TIMEUP, NULL, pool,
                                              "Redis at %s did not answer within %d ms",
                                              redis->name, redis->address.command_ms)
                             : eb_problem_set(problem, EB_P_REDIS_IO, APR_ECONNRESET, NULL, pool,
                                              "The connection to Redis at %s broke: %s",
                                              redis->name, conn->context->errstr);
    if (!silent || redis->address.master)
        eb_redis_retire(redis, conn);
    eb_redis_drop(conn);
    return rv;
}

static apr_status_t exchange_or_replace(redisReply **replies, eb_redis_t *redis,
                                        eb_redis_conn_t *conn, const eb_redis_command_t *commands,
                                        int count, bool again, eb_problem_t **problem,
                                        apr_pool_t *pool)
{
    if (exchange(replies, conn->context, commands, count))
        return APR_SUCCESS;
    bool silent = timed_out(conn->context);
    if (!again || conn->fresh || silent)
        return broken(redis, conn, silent, problem, pool);

    eb_redis_retire(redis, conn);
    apr_status_t rv = eb_redis_connect(conn, redis, problem, pool);
    if (rv)
        return rv;
    if (exchange(replies, conn->context, commands, count))
        return APR_SUCCESS;
    return broken(redis, conn, timed_out(conn->context), problem, pool);
}

/* EXEC repeats the refusal that it met behind words of its own. */
static bool begins_with_one_of(const redisReply *reply, const char *const *codes)
{
    static const char aborted[] = "EXECABORT Transaction discarded because of: ";

    if (reply->type != REDIS_REPLY_ERROR)
        return false;
    const char *text = reply->str;
    if (strncmp(text, aborted, sizeof aborted - 1) == 0)
        text += sizeof aborted - 1;
    for (; *codes; codes++)
        if (strncmp(text, *codes, strlen(*codes)) == 0)
            return true;
    return false;
}

bool eb_redis_lacks_room(const redisReply *reply)
{
    static const char *const codes[] = {"OOM", "MISCONF", NULL};
    return begins_with_one_of(reply, codes);
}

apr_status_t eb_redis_misfit(const redisReply *reply, const char *command, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_REDIS_ANSWER, APR_EGENERAL, NULL, pool,
                          "%s was answered with type %d: %.120s", command, reply->type,
                          reply->type == REDIS_REPLY_ERROR ? reply->str : "");
}

bool eb_redis_refusal_final(const redisReply *reply)
{
    static const char *const codes[] = {"READONLY", "MASTERDOWN", "NOAUTH", "WRONGPASS",
                                        "NOPERM",   "MOVED",      NULL};
    return begins_with_one_of(reply, codes);
}

bool eb_redis_refusal(const redisReply *reply)
{
    static const char *const codes[] = {"LOADING",    "OOM",         "MISCONF", "BUSY",
                                        "NOREPLICAS", "CLUSTERDOWN", NULL};
    return eb_redis_refusal_final(reply) || begins_with_one_of(reply, codes);
}

/* The first refusal among the replies; NULL when the server serves. */
static const redisReply *find_refusal(redisReply *const *replies, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const redisReply *inner = replies[i]->type == REDIS_REPLY_ARRAY && replies[i]->elements
                                      ? find_refusal(replies[i]->element, replies[i]->elements)
                                      : NULL;
        if (inner || eb_redis_refusal(replies[i]))
            return inner ? inner : replies[i];
    }
    return NULL;
}

/* For the status page. */
static apr_status_t remember(eb_redis_t *redis, apr_status_t rv, eb_problem_t *const *problem)
{
    if (rv && problem && *problem)
        apr_atomic_set32(&redis->last, 1 + (apr_uint32_t)(*problem)->number);
    return rv;
}

/* Borrowed, used, given back: a connection of the wrong server, or without rights, is not kept. */
static apr_status_t converse(redisReply **replies, const redisReply **refusal, eb_redis_t *redis,
                             const eb_redis_command_t *commands, int count, bool again,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_conn_t *conn;

    memset(replies, 0, count * sizeof *replies);
    apr_status_t rv = eb_redis_borrow(&conn, redis, !again, problem, pool);
    if (rv)
        return rv;
    rv = exchange_or_replace(replies, redis, conn, commands, count, again, problem, pool);
    if (refusal)
        *refusal = rv ? NULL : find_refusal(replies, count);
    if (refusal && *refusal && eb_redis_refusal_final(*refusal)) {
        eb_redis_retire(redis, conn);
        eb_redis_drop(conn);
    }
    eb_redis_give_back(conn);
    if (!rv)
        keep_replies(replies, count, pool);
    return rv;
}

apr_status_t eb_redis_send(redisReply **replies, eb_redis_t *redis,
                           const eb_redis_command_t *commands, int count, bool again,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    const redisReply *refusal;
    apr_status_t rv = converse(replies, &refusal, redis, commands, count, again, problem, pool);

    if (!rv && refusal)
        rv = eb_problem_set(problem, EB_P_REDIS_REFUSED, APR_EGENERAL, NULL, pool,
                            "Redis at %s refuses: %.120s", redis->name, refusal->str);
    return remember(redis, rv, problem);
}

apr_status_t eb_redis_ask(redisReply **replies, eb_redis_t *redis,
                          const eb_redis_command_t *commands, int count, eb_problem_t **problem,
                          apr_pool_t *pool)
{
    return remember(redis, converse(replies, NULL, redis, commands, count, true, problem, pool),
                    problem);
}
