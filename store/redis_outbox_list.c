/* How an authority's jobs stand: the list of what waits, and the summary, whose figures are kept by
 * the scripts that change them, so that it costs the same however many jobs wait. */
#include "redis_outbox.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdlib.h>

enum { BATCH = 100 };

void eb_stock_fields(eb_redis_command_t *command, const char *authority, const char *uuid,
                     apr_pool_t *pool)
{
    eb_redis_command_word(command, "HMGET");
    eb_redis_command_word(command, eb_stock_key(authority, "job", uuid, pool));
    eb_redis_command_word(command, "job");
    eb_redis_command_word(command, "head");
    eb_redis_command_word(command, "since");
}

/* The jobs of up to BATCH entries of `due`; what was purged meanwhile is left out. */
static apr_status_t list_some(apr_array_header_t *jobs, eb_outbox_t *box, const char *authority,
                              redisReply *const *uuids, int count, eb_problem_t **problem,
                              apr_pool_t *pool)
{
    const eb_stock_t *stock = box->data;
    eb_redis_command_t *commands = apr_pcalloc(pool, count * sizeof *commands);
    redisReply **replies = apr_pcalloc(pool, count * sizeof *replies);
    apr_status_t rv_text;
    eb_job_t *job;

    for (int i = 0; i < count; i++)
        eb_stock_fields(&commands[i], authority, uuids[i]->str, pool);
    apr_status_t rv = eb_redis_send(replies, stock->redis, commands, count, true, problem, pool);
    for (int i = 0; !rv && i < count; i++)
        if (replies[i]->type == REDIS_REPLY_ARRAY && replies[i]->elements == 3 &&
            eb_uuid_valid(uuids[i]->str) &&
            !eb_stock_state(&job, &rv_text, replies[i], authority, uuids[i]->str, pool))
            APR_ARRAY_PUSH(jobs, eb_job_t *) = job;
    return rv;
}

apr_status_t eb_stock_list(apr_array_header_t **jobs, eb_outbox_t *box, const char *authority,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};
    redisReply *reply;

    *jobs = apr_array_make(pool, 16, sizeof(eb_job_t *));
    if (!eb_stock_known(authority))
        return APR_SUCCESS;
    eb_redis_command_word(&command, "ZRANGE");
    eb_redis_command_word(&command, eb_stock_key(authority, "due", NULL, pool));
    eb_redis_command_word(&command, "0");
    eb_redis_command_word(&command, "-1");
    apr_status_t rv = eb_stock_ask(&reply, box, &command, 1, EB_RUN_AGAIN, problem, pool);
    if (!rv && reply->type != REDIS_REPLY_ARRAY)
        return eb_redis_misfit(reply, "ZRANGE", problem, pool);
    for (size_t i = 0; !rv && i < reply->elements; i += BATCH) {
        size_t rest = reply->elements - i;
        rv = list_some(*jobs, box, authority, reply->element + i, rest < BATCH ? (int)rest : BATCH,
                       problem, pool);
    }
    return rv;
}

/* What the script `summary` returns, in its order. */
enum { ACCEPTED, DELIVERED, LAST, DUE, HELD, OLDEST, FAILED_AT, FAILED, FIGURES };

static apr_status_t ask_summary(redisReply **reply, eb_outbox_t *box, const char *authority,
                                eb_problem_t **problem, apr_pool_t *pool)
{
    static const char *const kinds[] = {"count", "due", "held", "since", "failed"};
    eb_redis_command_t call = eb_stock_call(box, EB_SCRIPT_SUMMARY, "5");

    for (int i = 0; i < 5; i++)
        eb_redis_command_word(&call, eb_stock_key(authority, kinds[i], NULL, pool));
    apr_status_t rv =
        eb_stock_run(reply, box, EB_SCRIPT_SUMMARY, &call, EB_RUN_AGAIN, problem, pool);
    if (rv)
        return rv;
    bool good = (*reply)->type == REDIS_REPLY_ARRAY && (*reply)->elements == FIGURES;
    for (int i = 0; good && i < FIGURES; i++)
        good = (*reply)->element[i]->type == REDIS_REPLY_STRING;
    return good ? APR_SUCCESS : eb_redis_misfit(*reply, "A script of the outbox", problem, pool);
}

/* The last failure that still stands, in the words of its job. */
static apr_status_t add_failure(eb_outbox_summary_t *s, eb_outbox_t *box, const char *authority,
                                const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};
    apr_status_t rv_text;
    redisReply *reply;
    eb_job_t *job;

    eb_stock_fields(&command, authority, uuid, pool);
    apr_status_t rv = eb_stock_ask(&reply, box, &command, 1, EB_RUN_AGAIN, problem, pool);
    if (rv || reply->type != REDIS_REPLY_ARRAY || reply->elements != 3 ||
        eb_stock_state(&job, &rv_text, reply, authority, uuid, pool))
        return rv;
    s->problem_id = job->problem_id;
    s->problem = job->problem;
    s->remedy = job->remedy;
    return APR_SUCCESS;
}

apr_status_t eb_stock_summary(eb_outbox_summary_t *s, eb_outbox_t *box, const char *authority,
                              apr_time_t now, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_int64_t figures[FAILED];
    redisReply *reply;

    (void)now;
    *s = (eb_outbox_summary_t){0};
    if (!eb_stock_known(authority))
        return APR_SUCCESS;
    apr_status_t rv = ask_summary(&reply, box, authority, problem, pool);
    if (rv)
        return rv;
    for (int i = 0; i < FAILED; i++)
        figures[i] = (apr_int64_t)strtod(reply->element[i]->str, NULL);
    s->accepted = (apr_uint64_t)figures[ACCEPTED];
    s->delivered = (apr_uint64_t)figures[DELIVERED];
    s->held = (int)figures[HELD];
    s->pending = (int)(figures[DUE] - figures[HELD]);
    s->oldest = figures[OLDEST];
    s->last_success = figures[LAST];
    s->problem_at = figures[FAILED_AT];
    if (figures[ACCEPTED] > figures[DELIVERED] + figures[DUE])
        s->missing = (apr_uint64_t)(figures[ACCEPTED] - figures[DELIVERED] - figures[DUE]);
    if (!reply->element[FAILED]->len)
        return APR_SUCCESS;
    return add_failure(s, box, authority, reply->element[FAILED]->str, problem, pool);
}
