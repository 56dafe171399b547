/* An operator's hand in the outbox in Redis: one job by its name, under a lease as a worker has it,
 * so that neither side needs to know whether the other runs. */
#include "redis_outbox.h"

#include <apr_errno.h>
#include <apr_strings.h>

/* Later than any job is due, and still exact in the scripts' numbers. */
#define WHENEVER "9007199254740991"

enum { PAGE = 1000 };

/* What could not be leased: another has it, or it has gone. */
static apr_status_t busy_or_gone(eb_outbox_t *box, const char *authority, const char *uuid,
                                 eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};
    redisReply *reply;

    eb_redis_command_word(&command, "EXISTS");
    eb_redis_command_word(&command, eb_stock_key(authority, "job", uuid, pool));
    apr_status_t rv = eb_stock_ask(&reply, box, &command, 1, EB_RUN_AGAIN, problem, pool);
    if (rv)
        return rv;
    return reply->type == REDIS_REPLY_INTEGER && reply->integer ? APR_EBUSY : APR_NOTFOUND;
}

/* The state of the leased job, if an operator may change it. */
static apr_status_t look_into(eb_job_t **job, const redisReply *fields, const char *authority,
                              const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_status_t rv_text;
    apr_status_t rv = eb_stock_state(job, &rv_text, fields, authority, uuid, pool);

    if (rv == APR_NOTFOUND)
        rv_text = APR_EINVAL;
    if (rv_text == APR_ENOTIMPL)
        return eb_problem_set(problem, EB_P_JOB_NEWER, rv_text, NULL, pool,
                              "Job %s in Redis is of a newer format", uuid);
    if (rv_text)
        return eb_problem_set(problem, EB_P_JOB_UNREADABLE, rv_text, NULL, pool,
                              "What Redis has of job %s is not a job", uuid);
    return APR_SUCCESS;
}

static apr_status_t take(eb_job_t **job, eb_outbox_t *box, const char *authority, const char *uuid,
                         eb_problem_t **problem, apr_pool_t *pool)
{
    eb_stock_search_t s = {.box = box, .authority = authority, .now = WHENEVER, .far = WHENEVER};
    const redisReply *fields = NULL;
    eb_problem_t *met = NULL;
    eb_lease_t *lease = NULL;
    apr_pool_t *lease_pool;

    if (!eb_stock_known(authority) || !eb_uuid_valid(uuid))
        return APR_NOTFOUND;
    s.due = eb_stock_key(authority, "due", NULL, pool);
    apr_pool_create(&lease_pool, pool);
    apr_status_t rv = eb_stock_lease(&lease, &fields, &s, uuid, &met, lease_pool);
    if (!rv)
        rv = look_into(job, fields, authority, uuid, &met, pool);
    if (!rv) {
        (*job)->engine = lease;
        return APR_SUCCESS;
    }
    if (met) /* a problem outlives the lease */
        eb_problem_set(problem, met->number, rv, NULL, pool, "%s", met->what);
    apr_pool_destroy(lease_pool);
    return rv == APR_EBUSY ? busy_or_gone(box, authority, uuid, problem, pool) : rv;
}

static apr_status_t key(apr_uint32_t *key_id, eb_outbox_t *box, const char *authority,
                        const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};
    redisReply *reply;
    const char *facts;

    if (!eb_stock_known(authority) || !eb_uuid_valid(uuid))
        return APR_NOTFOUND;
    eb_redis_command_word(&command, "HGET");
    eb_redis_command_word(&command, eb_stock_key(authority, "job", uuid, pool));
    eb_redis_command_word(&command, "head");
    apr_status_t rv = eb_stock_ask(&reply, box, &command, 1, EB_RUN_AGAIN, problem, pool);
    if (rv)
        return rv;
    return reply->type == REDIS_REPLY_NIL ? APR_NOTFOUND
                                          : eb_stock_head_parse(key_id, &facts, reply);
}

/* XRANGE journal <from> + COUNT <PAGE> */
static apr_status_t ask_lines(redisReply **reply, eb_outbox_t *box, const char *authority,
                              const char *from, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};

    eb_redis_command_word(&command, "XRANGE");
    eb_redis_command_word(&command, eb_stock_key(authority, "journal", NULL, pool));
    eb_redis_command_word(&command, from);
    eb_redis_command_word(&command, "+");
    eb_redis_command_word(&command, "COUNT");
    eb_redis_command_word(&command, apr_itoa(pool, PAGE));
    apr_status_t rv = eb_stock_ask(reply, box, &command, 1, EB_RUN_AGAIN, problem, pool);
    if (!rv && (*reply)->type != REDIS_REPLY_ARRAY)
        rv = eb_redis_misfit(*reply, "XRANGE", problem, pool);
    return rv;
}

/* [id, ["line", text]]; NULL: it is none of ours. */
static char *line_of(const redisReply *entry)
{
    const redisReply *fields = entry->element[1];

    return fields->type == REDIS_REPLY_ARRAY && fields->elements == 2 ? fields->element[1]->str
                                                                      : NULL;
}

static apr_status_t journal(eb_outbox_t *box, const char *authority, eb_line_t each, void *baton,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    char from[64] = "-";
    apr_pool_t *page;
    redisReply *reply;

    if (!eb_stock_known(authority))
        return APR_SUCCESS;
    for (bool more = true; more;) {
        apr_pool_create(&page, pool);
        apr_status_t rv = ask_lines(&reply, box, authority, from, problem, page);
        if (rv)
            return rv;
        more = reply->elements == PAGE;
        for (size_t i = 0; i < reply->elements; i++) {
            char *line = line_of(reply->element[i]);
            if (line && !each(line, baton))
                return APR_SUCCESS;
        }
        if (more)
            apr_snprintf(from, sizeof from, "(%s", reply->element[PAGE - 1]->element[0]->str);
        apr_pool_destroy(page);
    }
    return APR_SUCCESS;
}

const eb_operator_t eb_stock_by_hand = {
    .take = take,
    .rewrap = eb_stock_rewrap,
    .key = key,
    .journal = journal,
};
