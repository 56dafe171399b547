/* Taking. `due` is read without any right to what it names; the right is the lease, which the
 * script `take` gives, and which Redis takes away again when its time is over: after the death of
 * a node, or while it is cut off. Jobs that others hold stay in `due` meanwhile, at most one for
 * each worker there is; they are passed over. */
#include "redis_outbox.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

/* A delay is a quarter of an hour at most, so a job that is due an hour from now was stored before
 * the clock was set back. */
#define FAR apr_time_from_sec(3600)

enum { PAGE = 16 };

static apr_status_t give_up(void *data)
{
    const eb_lease_t *lease = data;
    eb_redis_command_t call = eb_stock_call(lease->box, EB_SCRIPT_RELEASE, "1");
    redisReply *reply;

    if (lease->over)
        return APR_SUCCESS;
    eb_redis_command_word(&call, lease->key);
    eb_redis_command_word(&call, lease->value);
    return eb_stock_run(&reply, lease->box, EB_SCRIPT_RELEASE, &call, EB_RUN_AGAIN, NULL,
                        lease->pool);
}

void eb_stock_release(eb_outbox_t *box, eb_job_t *job)
{
    eb_lease_t *lease = job->engine;

    (void)box;
    job->engine = NULL;
    if (lease)
        apr_pool_destroy(lease->pool);
}

static eb_redis_command_t call_take(const eb_stock_search_t *s, const char *uuid, const char *lease,
                                    const char *random, apr_pool_t *pool)
{
    const eb_stock_t *stock = s->box->data;
    eb_redis_command_t call = eb_stock_call(s->box, EB_SCRIPT_TAKE, "4");

    eb_redis_command_word(&call, s->due);
    eb_redis_command_word(&call, eb_stock_key(s->authority, "job", uuid, pool));
    eb_redis_command_word(&call, lease);
    eb_redis_command_word(&call, eb_stock_key(s->authority, "token", NULL, pool));
    eb_redis_command_word(&call, uuid);
    eb_redis_command_word(&call, s->now);
    eb_redis_command_word(&call, s->far);
    eb_redis_command_word(&call, stock->lease_ms);
    eb_redis_command_word(&call, random);
    return call;
}

/* ["taken", lease, [job, head, since]] */
static bool taken(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 &&
           eb_stock_says(reply->element[0], "taken") &&
           reply->element[1]->type == REDIS_REPLY_STRING &&
           reply->element[2]->type == REDIS_REPLY_ARRAY && reply->element[2]->elements == 3;
}

apr_status_t eb_stock_lease(eb_lease_t **lease, const redisReply **fields,
                            const eb_stock_search_t *s, const char *uuid, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    const char *key = eb_stock_key(s->authority, "lease", uuid, pool);
    apr_uint64_t random;
    redisReply *reply;

    if (eb_random(&random, sizeof random))
        return eb_problem_set(problem, EB_P_CRYPTO, APR_EGENERAL, NULL, pool,
                              "No random number for a lease");
    eb_redis_command_t call =
        call_take(s, uuid, key, apr_psprintf(pool, "%016" APR_UINT64_T_HEX_FMT, random), pool);
    apr_status_t rv = eb_stock_run(&reply, s->box, EB_SCRIPT_TAKE, &call,
                                   EB_RUN_ONCE | EB_RUN_LASTING, problem, pool);
    if (taken(reply)) {
        *lease = apr_pcalloc(pool, sizeof **lease);
        **lease =
            (eb_lease_t){.pool = pool, .box = s->box, .key = key, .value = reply->element[1]->str};
        *fields = reply->element[2];
        apr_pool_cleanup_register(pool, *lease, give_up, apr_pool_cleanup_null);
        return rv;
    }
    return rv ? rv : APR_EBUSY;
}

static void blame(eb_job_t *job, const char *what, eb_problem_id_t id)
{
    job->problem_id = eb_problem_id(id);
    job->problem = what;
    job->remedy = eb_problem_remedy(id);
}

/* The state of the leased job; poison comes out as a held job with its problem. */
static apr_status_t look_into(eb_job_t **job, eb_lease_t *lease, const redisReply *fields,
                              const eb_stock_search_t *s, const char *uuid, eb_problem_t **problem,
                              apr_pool_t *pool)
{
    apr_status_t rv_text;
    apr_status_t rv = eb_stock_state(job, &rv_text, fields, s->authority, uuid, pool);

    if (rv == APR_NOTFOUND) /* a hash without anything that we put there */
        rv = eb_problem_set(problem, EB_P_JOB_UNREADABLE, APR_EGENERAL, NULL, pool,
                            "Job %s in Redis is empty", uuid);
    if (rv)
        return rv;
    (*job)->engine = lease;
    if (!rv_text)
        return APR_SUCCESS;
    (*job)->due = (*job)->changed = s->at;
    lease->frozen = rv_text == APR_ENOTIMPL;
    if (lease->frozen) {
        blame(*job, apr_pstrcat(pool, "Job ", uuid, " in Redis is of a newer format", NULL),
              EB_P_JOB_NEWER);
        return APR_SUCCESS;
    }
    blame(*job, apr_pstrcat(pool, "What Redis has of job ", uuid, " is not a job", NULL),
          EB_P_JOB_UNREADABLE);
    return eb_stock_set_aside(s->box, *job, problem, pool);
}

/* Problems outlive the lease. */
static apr_status_t try_one(eb_job_t **job, const eb_stock_search_t *s, const char *uuid,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    const redisReply *fields = NULL;
    eb_lease_t *lease = NULL;
    eb_problem_t *met = NULL;
    apr_pool_t *lease_pool;

    apr_pool_create(&lease_pool, pool);
    apr_status_t rv = eb_stock_lease(&lease, &fields, s, uuid, &met, lease_pool);
    if (!rv)
        rv = look_into(job, lease, fields, s, uuid, &met, pool);
    if (!rv)
        return APR_SUCCESS;
    if (met)
        eb_problem_set(problem, met->number, rv, NULL, pool, "%s", met->what);
    apr_pool_destroy(lease_pool);
    return rv;
}

/* ZRANGEBYSCORE due from to LIMIT skip PAGE */
static void range(eb_redis_command_t *command, const eb_stock_search_t *s, const char *from,
                  const char *to, const char *skip, apr_pool_t *pool)
{
    eb_redis_command_word(command, "ZRANGEBYSCORE");
    eb_redis_command_word(command, s->due);
    eb_redis_command_word(command, from);
    eb_redis_command_word(command, to);
    eb_redis_command_word(command, "LIMIT");
    eb_redis_command_word(command, skip);
    eb_redis_command_word(command, apr_itoa(pool, PAGE));
}

/* The next candidates: what is due, and what can only be due too late. */
static apr_status_t next_page(redisReply **pages, const eb_stock_search_t *s, int skip,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t commands[2] = {0};
    const char *from = apr_itoa(pool, skip);

    range(&commands[0], s, "-inf", s->now, from, pool);
    range(&commands[1], s, apr_pstrcat(pool, "(", s->far, NULL), "+inf", from, pool);
    apr_status_t rv = eb_stock_ask(pages, s->box, commands, 2, EB_RUN_AGAIN, problem, pool);
    for (int i = 0; !rv && i < 2; i++)
        if (pages[i]->type != REDIS_REPLY_ARRAY)
            rv = eb_redis_misfit(pages[i], "ZRANGEBYSCORE", problem, pool);
    return rv;
}

/* The first of a page that can be had. APR_EBUSY: none. Other failures are told when nothing else
 * is left to do, so that one bad entry delays nobody. */
static apr_status_t first_of(eb_job_t **job, apr_status_t *worst, const redisReply *page,
                             const eb_stock_search_t *s, eb_problem_t **problem, apr_pool_t *pool)
{
    for (size_t i = 0; i < page->elements; i++) {
        const redisReply *uuid = page->element[i];
        if (uuid->type != REDIS_REPLY_STRING || !eb_uuid_valid(uuid->str))
            continue;
        apr_status_t rv = try_one(job, s, uuid->str, problem, pool);
        if (!rv)
            return APR_SUCCESS;
        if (!APR_STATUS_IS_EBUSY(rv))
            *worst = rv;
    }
    return APR_EBUSY;
}

apr_status_t eb_stock_take(eb_job_t **job, eb_outbox_t *box, const char *authority, apr_time_t now,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    eb_stock_search_t s = {.box = box, .authority = authority, .at = now};
    apr_status_t worst = APR_EOF;
    redisReply *pages[2];
    bool more = true;

    if (!eb_stock_known(authority))
        return APR_EOF;
    s.due = eb_stock_key(authority, "due", NULL, pool);
    s.now = apr_psprintf(pool, "%" APR_TIME_T_FMT, now);
    s.far = apr_psprintf(pool, "%" APR_TIME_T_FMT, now + FAR);
    for (int skip = 0; more; skip += PAGE) {
        apr_status_t rv = next_page(pages, &s, skip, problem, pool);
        if (rv)
            return rv;
        more = false;
        for (int i = 0; i < 2; i++) {
            if (!first_of(job, &worst, pages[i], &s, problem, pool))
                return APR_SUCCESS;
            more = more || pages[i]->elements == PAGE;
        }
    }
    return worst;
}
