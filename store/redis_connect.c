/* One connection to one server, from the socket to the point where it serves. What must be said
 * before the first command (password, database, a question to the server about itself) goes out in
 * one write and costs one round trip together. */
#include "redis_pool.h"
#include "sentinel.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <fcntl.h>
#include <string.h>

const char *eb_redis_host_text(const char *host, int port, apr_pool_t *pool)
{
    return apr_psprintf(pool, strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, port);
}

const char *eb_redis_address_text(const eb_redis_address_t *address, apr_pool_t *pool)
{
    const char *text = "sentinel://";

    if (address->path)
        return apr_pstrcat(pool, "unix:", address->path, NULL);
    if (!address->master)
        return eb_redis_host_text(address->host, address->port, pool);
    for (int i = 0; i < address->sentinels_count; i++)
        text = apr_pstrcat(
            pool, text, i ? "," : "",
            eb_redis_host_text(address->sentinels[i].host, address->sentinels[i].port, pool), NULL);
    return apr_pstrcat(pool, text, "/", address->master, NULL);
}

static struct timeval timeval_of(int ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static redisContext *open_socket(const eb_redis_address_t *to)
{
    struct timeval wait = timeval_of(to->connect_ms);
    redisContext *context = to->path ? redisConnectUnixWithTimeout(to->path, wait)
                                     : redisConnectWithTimeout(to->host, to->port, wait);

    if (!context || context->err)
        return context;
    fcntl(context->fd, F_SETFD, FD_CLOEXEC); /* not for CGI programs */
    if (!to->path)
        redisEnableKeepAlive(context);
    redisSetTimeout(context, timeval_of(to->command_ms));
    return context;
}

/* How many commands the greeting has; all are sent by the first read. */
static int append_greeting(redisContext *context, const eb_redis_address_t *to,
                           const eb_redis_command_t *question, apr_pool_t *pool)
{
    eb_redis_command_t commands[3] = {0};
    int count = 0;

    if (to->password) {
        eb_redis_command_word(&commands[count], "AUTH");
        if (to->user)
            eb_redis_command_word(&commands[count], to->user);
        eb_redis_command_word(&commands[count++], to->password);
    }
    if (to->database) {
        eb_redis_command_word(&commands[count], "SELECT");
        eb_redis_command_word(&commands[count++], apr_itoa(pool, to->database));
    }
    if (question)
        commands[count++] = *question;
    for (int i = 0; i < count; i++)
        redisAppendCommandArgv(context, commands[i].argc, commands[i].argv, commands[i].argvlen);
    return count;
}

static apr_status_t free_reply(void *reply)
{
    freeReplyObject(reply);
    return APR_SUCCESS;
}

/* Of several refusals the first is the cause of the others. */
static bool greet(redisReply **answer, redisContext *context, const eb_redis_address_t *to,
                  const eb_redis_command_t *question, const char **reason, apr_pool_t *pool)
{
    const int count = append_greeting(context, to, question, pool);

    for (int i = 0; i < count; i++) {
        void *reply = NULL;
        if (redisGetReply(context, &reply) != REDIS_OK) {
            *reason = context->errstr;
            return false;
        }
        apr_pool_cleanup_register(pool, reply, free_reply, apr_pool_cleanup_null);
        *answer = reply;
        if ((*answer)->type == REDIS_REPLY_ERROR) {
            *reason = (*answer)->str;
            return false;
        }
    }
    return true;
}

redisContext *eb_redis_open(redisReply **answer, const eb_redis_address_t *to,
                            const eb_redis_command_t *question, const char **reason,
                            apr_pool_t *pool)
{
    redisContext *context = open_socket(to);
    const char *why = !context ? "no memory" : context->err ? context->errstr : NULL;

    if (!why && (!to->secure || eb_redis_tls_begin(context, to, &why, pool)) &&
        greet(answer, context, to, question, &why, pool))
        return context;
    *reason = apr_psprintf(pool, "%s: %.200s",
                           to->path ? eb_redis_address_text(to, pool)
                                    : eb_redis_host_text(to->host, to->port, pool),
                           why);
    if (context)
        redisFree(context);
    return NULL;
}

void eb_redis_drop(eb_redis_conn_t *conn)
{
    if (conn->context)
        redisFree(conn->context);
    conn->context = NULL;
}

apr_status_t eb_redis_connect(eb_redis_conn_t *conn, eb_redis_t *redis, eb_problem_t **problem,
                              apr_pool_t *pool)
{
    const bool ask = redis->address.master != NULL;
    const char *reason;
    redisReply *none;

    eb_redis_drop(conn);
    conn->generation = apr_atomic_read32(&redis->generation);
    conn->fresh = true;
    conn->context = ask ? eb_sentinel_open(redis, &reason, pool)
                        : eb_redis_open(&none, &redis->address, NULL, &reason, pool);
    if (conn->context)
        return APR_SUCCESS;
    return ask ? eb_problem_set(problem, EB_P_REDIS_MASTER, APR_ECONNREFUSED, NULL, pool,
                                "No Redis master \"%s\": %s", redis->address.master, reason)
               : eb_problem_set(problem, EB_P_REDIS_CONNECT, APR_ECONNREFUSED, NULL, pool,
                                "No connection to Redis at %s", reason);
}
