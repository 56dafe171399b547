/* A job on its way: what is stored of it, its progress, its end, and its lines in the journal. */
#include "job_file.h"
#include "redis_outbox.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

#define RECORD_FOR  "34560000" /* seconds: 400 days; a draft, which could ask, lives for 30 */
#define JOURNAL_MAX "1000000"  /* lines, roughly */

static apr_status_t decode(eb_job_t **job, const char *text, apr_size_t len, const char *authority,
                           const char *uuid, apr_pool_t *pool)
{
    apr_status_t rv = eb_job_decode(job, text, len, pool);

    if (!rv && (strcmp((*job)->uuid, uuid) != 0 || strcmp((*job)->authority, authority) != 0))
        rv = APR_EINVAL;
    return rv;
}

/* When even the head of the package is broken. */
static eb_job_t *from_nothing(const redisReply *since, const char *authority, const char *uuid,
                              apr_pool_t *pool)
{
    eb_job_t *job = apr_pcalloc(pool, sizeof *job);

    apr_cpystrn(job->uuid, uuid, sizeof job->uuid);
    job->authority = apr_pstrdup(pool, authority);
    job->transport = "";
    job->accepted = since->type == REDIS_REPLY_STRING ? apr_atoi64(since->str) : 0;
    return job;
}

apr_status_t eb_stock_state(eb_job_t **job, apr_status_t *rv_text, const redisReply *fields,
                            const char *authority, const char *uuid, apr_pool_t *pool)
{
    const redisReply *text = fields->element[0], *head = fields->element[1],
                     *since = fields->element[2];
    apr_uint32_t key_id;
    const char *facts;

    if (text->type == REDIS_REPLY_NIL && head->type == REDIS_REPLY_NIL &&
        since->type == REDIS_REPLY_NIL)
        return APR_NOTFOUND;
    *rv_text = text->type == REDIS_REPLY_STRING
                   ? decode(job, text->str, text->len, authority, uuid, pool)
                   : APR_EINVAL;
    if (!*rv_text)
        return APR_SUCCESS;
    if (eb_stock_head_parse(&key_id, &facts, head) ||
        decode(job, facts, strlen(facts), authority, uuid, pool))
        *job = from_nothing(since, authority, uuid, pool);
    (*job)->state = (*job)->before = EB_JOB_HELD;
    return APR_SUCCESS;
}

static const char *time_text(apr_time_t time, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_TIME_T_FMT, time);
}

static apr_status_t unwritten(const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_REDIS_ANSWER, APR_EINVAL, NULL, pool,
                          "Job %s cannot be stored in this state", uuid);
}

static apr_status_t store(eb_outbox_t *box, const eb_job_t *job, const char *text,
                          const char *aside, eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_stock_t *stock = box->data;
    const eb_lease_t *lease = job->engine;
    eb_redis_command_t call = eb_stock_call(box, EB_SCRIPT_SAVE, "5");
    redisReply *reply;

    eb_redis_command_word(&call, eb_stock_key(job->authority, "due", NULL, pool));
    eb_redis_command_word(&call, eb_stock_key(job->authority, "job", job->uuid, pool));
    eb_redis_command_word(&call, lease->key);
    eb_redis_command_word(&call, eb_stock_key(job->authority, "held", NULL, pool));
    eb_redis_command_word(&call, eb_stock_key(job->authority, "failed", NULL, pool));
    eb_redis_command_word(&call, job->uuid);
    eb_redis_command_word(&call, lease->value);
    eb_redis_command_word(&call, stock->lease_ms);
    eb_redis_command_word(&call, time_text(job->due, pool));
    eb_redis_command_word(&call, text);
    eb_redis_command_word(&call, aside);
    eb_redis_command_word(&call, job->state == EB_JOB_HELD ? "1" : "0");
    eb_redis_command_word(&call, job->problem_id ? time_text(job->changed, pool) : "");
    apr_status_t rv = eb_stock_run(&reply, box, EB_SCRIPT_SAVE, &call,
                                   EB_RUN_AGAIN | EB_RUN_LASTING, problem, pool);
    if (rv)
        return rv;
    return eb_stock_says(reply, "saved") ? APR_SUCCESS : eb_stock_late(job->uuid, problem, pool);
}

/* A newer job keeps its content, and is only told when it will be looked at again. */
apr_status_t eb_stock_save(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    const eb_lease_t *lease = job->engine;
    const char *text = lease->frozen ? "" : eb_job_encode(job, pool);

    return text ? store(box, job, text, "0", problem, pool) : unwritten(job->uuid, problem, pool);
}

apr_status_t eb_stock_set_aside(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                                apr_pool_t *pool)
{
    const char *text = eb_job_encode(job, pool);

    return text ? store(box, job, text, "1", problem, pool) : unwritten(job->uuid, problem, pool);
}

static apr_status_t run_purge(eb_outbox_t *box, const eb_job_t *job, const char *text,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    static const char *const kinds[] = {"job", "package", "done"};
    static const char *const sets[] = {"count", "since", "held", "failed"};
    eb_lease_t *lease = job->engine;
    eb_redis_command_t call = eb_stock_call(box, EB_SCRIPT_PURGE, "9");
    redisReply *reply;

    eb_redis_command_word(&call, eb_stock_key(job->authority, "due", NULL, pool));
    for (int i = 0; i < 3; i++)
        eb_redis_command_word(&call, eb_stock_key(job->authority, kinds[i], job->uuid, pool));
    eb_redis_command_word(&call, lease->key);
    for (int i = 0; i < 4; i++)
        eb_redis_command_word(&call, eb_stock_key(job->authority, sets[i], NULL, pool));
    eb_redis_command_word(&call, job->uuid);
    eb_redis_command_word(&call, lease->value);
    eb_redis_command_word(&call, text);
    eb_redis_command_word(&call, RECORD_FOR);
    eb_redis_command_word(&call, time_text(job->changed, pool));
    apr_status_t rv = eb_stock_run(&reply, box, EB_SCRIPT_PURGE, &call,
                                   EB_RUN_ONCE | EB_RUN_LASTING, problem, pool);
    lease->over = reply && eb_stock_says(reply, "purged");
    if (rv)
        return rv;
    return lease->over ? APR_SUCCESS : eb_stock_late(job->uuid, problem, pool);
}

apr_status_t eb_stock_purge(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    if (job->state != EB_JOB_CONFIRMED)
        return unwritten(job->uuid, problem, pool);
    job->state = EB_JOB_PURGED;
    const char *text = eb_job_encode(job, pool);
    apr_status_t rv =
        text ? run_purge(box, job, text, problem, pool) : unwritten(job->uuid, problem, pool);
    if (rv)
        job->state = EB_JOB_CONFIRMED;
    return rv;
}

/* No node owns the journal, so it is where all can write: the same lines as in a file. */
apr_status_t eb_stock_journal(eb_outbox_t *box, const eb_job_t *job, const char *line,
                              apr_size_t len, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};
    redisReply *reply;

    eb_redis_command_word(&command, "XADD");
    eb_redis_command_word(&command, eb_stock_key(job->authority, "journal", NULL, pool));
    eb_redis_command_word(&command, "MAXLEN");
    eb_redis_command_word(&command, "~");
    eb_redis_command_word(&command, JOURNAL_MAX);
    eb_redis_command_word(&command, "*");
    eb_redis_command_word(&command, "line");
    eb_redis_command_add(&command, line, len - 1);
    apr_status_t rv = eb_stock_ask(&reply, box, &command, 1, EB_RUN_ONCE, problem, pool);
    if (!rv && reply->type != REDIS_REPLY_STRING)
        rv = eb_redis_misfit(reply, "XADD", problem, pool);
    return rv;
}
