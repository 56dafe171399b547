/* The outbox in Redis: several nodes accept into it, and each delivers what any of them accepted.
 *
 * An OK of Redis means as much as Redis is set up to mean, so nothing is accepted before it has
 * been found honest (redis_health.c): when the outbox is opened, once a minute, and whenever
 * connections broke, since another server may be behind the address then. And where replicas are
 * asked for, WAIT goes out behind each command that must last, on the same connection: it counts
 * those that have all that this server had written by then. So a job that is found, or taken, is
 * where a fail-over will find it; a job that is not is known to nobody.
 *
 * The scripts are sent by their digest, and whole to a server that does not know them yet. */
#include "redis_outbox.h"

#include <apr_atomic.h>
#include <apr_escape.h>
#include <apr_lib.h>
#include <apr_sha1.h>
#include <apr_strings.h>
#include <string.h>

#define PREFIX     "eb:{o:"
#define HONEST_FOR 60 /* seconds */
#define ACK_SHARE  2  /* of the time a command may take, WAIT takes one part in so many */

static const eb_outbox_engine_t engine = {
    .name = "redis",
    .put = eb_stock_put,
    .find = eb_stock_find,
    .list = eb_stock_list,
    .take = eb_stock_take,
    .read = eb_stock_read,
    .save = eb_stock_save,
    .purge = eb_stock_purge,
    .release = eb_stock_release,
    .summary = eb_stock_summary,
    .journal = eb_stock_journal,
    .by_hand = &eb_stock_by_hand,
};

static const char *digest(const char *text, apr_pool_t *pool)
{
    unsigned char sha[APR_SHA1_DIGESTSIZE];
    apr_sha1_ctx_t context;

    apr_sha1_init(&context);
    apr_sha1_update(&context, text, (unsigned)strlen(text));
    apr_sha1_final(sha, &context);
    return apr_pescape_hex(pool, sha, sizeof sha, 0);
}

void eb_redis_outbox_open(eb_outbox_t **box, eb_redis_t *redis, apr_interval_time_t lease,
                          const eb_keyring_t *keys, apr_pool_t *pool)
{
    eb_stock_t *stock = apr_pcalloc(pool, sizeof *stock);

    stock->redis = redis;
    stock->replicas = redis->address.replicas;
    stock->lease_ms = apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_as_msec(lease));
    stock->ack_ms = apr_itoa(pool, redis->address.command_ms / ACK_SHARE);
    for (int i = 0; i < EB_SCRIPT_COUNT; i++)
        stock->sha[i] = digest(eb_scripts[i], pool);
    *box = apr_palloc(pool, sizeof **box);
    **box = (eb_outbox_t){.engine = &engine, .keys = keys, .pool = pool, .data = stock};
}

apr_status_t eb_redis_outbox_check(eb_outbox_t *box, apr_time_t now, eb_problem_t **problem,
                                   apr_pool_t *pool)
{
    eb_stock_t *stock = box->data;
    const apr_uint32_t generation = apr_atomic_read32(&stock->redis->generation);
    const apr_uint32_t seconds = (apr_uint32_t)apr_time_sec(now);
    const apr_uint64_t honest = apr_atomic_read64(&stock->honest);

    if (honest && (apr_uint32_t)(honest >> 32) == generation &&
        seconds - (apr_uint32_t)honest < HONEST_FOR)
        return APR_SUCCESS;
    apr_status_t rv = eb_redis_honest(stock->redis, stock->replicas, problem, pool);
    apr_atomic_set64(&stock->honest, rv ? 0 : (apr_uint64_t)generation << 32 | seconds);
    return rv;
}

const char *eb_stock_key(const char *authority, const char *kind, const char *uuid,
                         apr_pool_t *pool)
{
    return apr_pstrcat(pool, PREFIX, authority, "}:", kind, uuid ? ":" : NULL, uuid, NULL);
}

bool eb_stock_known(const char *authority)
{
    apr_size_t len = 0;

    while (apr_isalnum(authority[len]) || authority[len] == '-' || authority[len] == '_')
        len++;
    return len >= 1 && len <= 64 && !authority[len];
}

eb_redis_command_t eb_stock_call(const eb_outbox_t *box, eb_script_t script, const char *keys)
{
    const eb_stock_t *stock = box->data;
    eb_redis_command_t call = {0};

    eb_redis_command_word(&call, "EVALSHA");
    eb_redis_command_word(&call, stock->sha[script]);
    eb_redis_command_word(&call, keys);
    return call;
}

/* Redis before 7 puts words of its own before what a command in a script met. */
static bool lacks_room(const redisReply *reply)
{
    return eb_redis_lacks_room(reply) ||
           (reply->type == REDIS_REPLY_ERROR && strstr(reply->str, "-OOM "));
}

static apr_status_t refused(apr_status_t rv, redisReply *const *replies, int count,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    for (int i = 0; i < count && replies[i]; i++)
        if (lacks_room(replies[i]))
            return eb_problem_set(problem, EB_P_OUTBOX_ROOM, APR_ENOSPC, NULL, pool,
                                  "Redis takes no more applications: %.120s", replies[i]->str);
    return rv;
}

static apr_status_t acknowledged(const redisReply *reply, int replicas, eb_problem_t **problem,
                                 apr_pool_t *pool)
{
    if (reply->type != REDIS_REPLY_INTEGER)
        return eb_redis_misfit(reply, "WAIT", problem, pool);
    if (reply->integer >= replicas)
        return APR_SUCCESS;
    return eb_problem_set(problem, EB_P_REDIS_REPLICAS, APR_EGENERAL, NULL, pool,
                          "%d of %d replicas confirmed what was written", (int)reply->integer,
                          replicas);
}

enum { ASK_MAX = 5 };

apr_status_t eb_stock_ask(redisReply **replies, const eb_outbox_t *box,
                          const eb_redis_command_t *commands, int count, int how,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_stock_t *stock = box->data;
    const bool wait = how & EB_RUN_LASTING && stock->replicas;
    eb_redis_command_t sent[ASK_MAX + 1] = {0};
    redisReply *got[ASK_MAX + 1];

    memcpy(sent, commands, count * sizeof *commands);
    eb_redis_command_word(&sent[count], "WAIT");
    eb_redis_command_word(&sent[count], apr_itoa(pool, stock->replicas));
    eb_redis_command_word(&sent[count], stock->ack_ms);
    apr_status_t rv =
        eb_redis_send(got, stock->redis, sent, count + wait, how & EB_RUN_AGAIN, problem, pool);
    memcpy(replies, got, count * sizeof *got);
    if (rv)
        return refused(rv, got, count, problem, pool);
    return wait ? acknowledged(got[count], stock->replicas, problem, pool) : APR_SUCCESS;
}

static bool unknown_script(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOSCRIPT", 8) == 0;
}

apr_status_t eb_stock_run(redisReply **reply, const eb_outbox_t *box, eb_script_t script,
                          eb_redis_command_t *call, int how, eb_problem_t **problem,
                          apr_pool_t *pool)
{
    apr_status_t rv = eb_stock_ask(reply, box, call, 1, how, problem, pool);

    if (unknown_script(*reply)) {
        call->argv[0] = "EVAL";
        call->argvlen[0] = 4;
        call->argv[1] = eb_scripts[script];
        call->argvlen[1] = strlen(eb_scripts[script]);
        rv = eb_stock_ask(reply, box, call, 1, how, problem, pool);
    }
    if (*reply && (*reply)->type == REDIS_REPLY_ERROR && rv != APR_ENOSPC) {
        rv = rv ? rv : eb_redis_misfit(*reply, "A script of the outbox", problem, pool);
        rv = refused(rv, reply, 1, problem, pool);
    }
    return rv;
}

bool eb_stock_says(const redisReply *reply, const char *word)
{
    return reply->type == REDIS_REPLY_STRING && strcmp(reply->str, word) == 0;
}

apr_status_t eb_stock_late(const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_LEASE_LOST, APR_EGENERAL, NULL, pool,
                          "The lease on job %s has run out", uuid);
}
