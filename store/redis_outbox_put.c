/* Accepting. Between any two of these steps anything may die:
 *
 *   each piece to new:<uuid>:<random>, with the hour's expiry   died: litter that expires
 *   the script `put`, all or nothing                            died: accepted, or not
 *   WAIT, where replicas are asked for                          only now is the applicant told
 *
 * When the answer to the script is lost, nobody knows which; find() does, a moment later. For that
 * the script has a deadline: it is over when the caller gives up waiting, so that what is not found
 * then will not appear behind the back of the applicant, who was told to try again. */
#include "job_file.h"
#include "redis_outbox.h"
#include "sealed.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

#define LIFE "3600" /* seconds that a package on its way in may take for its next piece */

/* HMGET job job head since; GET done */
static apr_status_t ask_both(redisReply **replies, eb_outbox_t *box, const char *authority,
                             const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t commands[2] = {0};

    eb_stock_fields(&commands[0], authority, uuid, pool);
    eb_redis_command_word(&commands[1], "GET");
    eb_redis_command_word(&commands[1], eb_stock_key(authority, "done", uuid, pool));
    return eb_stock_ask(replies, box, commands, 2, EB_RUN_AGAIN | EB_RUN_LASTING, problem, pool);
}

static apr_status_t find_record(eb_job_t **job, const redisReply *record, const char *uuid,
                                eb_problem_t **problem, apr_pool_t *pool)
{
    if (record->type == REDIS_REPLY_NIL)
        return APR_NOTFOUND;
    if (record->type != REDIS_REPLY_STRING)
        return eb_redis_misfit(record, "GET", problem, pool);
    apr_status_t rv = eb_job_decode(job, record->str, record->len, pool);
    if (!rv && strcmp((*job)->uuid, uuid) == 0)
        return APR_SUCCESS;
    return eb_problem_set(problem, EB_P_JOB_UNREADABLE, APR_EGENERAL, NULL, pool,
                          "The record of job %s in Redis is not a job's", uuid);
}

/* What is nowhere is nowhere, whatever the replicas say. */
static bool nowhere(redisReply *const *replies)
{
    const redisReply *fields = replies[0];

    if (!fields || fields->type != REDIS_REPLY_ARRAY || replies[1]->type != REDIS_REPLY_NIL)
        return false;
    for (size_t i = 0; i < fields->elements; i++)
        if (fields->element[i]->type != REDIS_REPLY_NIL)
            return false;
    return true;
}

apr_status_t eb_stock_find(eb_job_t **job, eb_outbox_t *box, const char *authority,
                           const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_problem_t *unasked = NULL;
    apr_status_t rv_text;
    redisReply *replies[2];

    if (!eb_uuid_valid(uuid) || !eb_stock_known(authority))
        return APR_NOTFOUND;
    apr_status_t rv = ask_both(replies, box, authority, uuid, &unasked, pool);
    if (nowhere(replies))
        return APR_NOTFOUND;
    if (rv) {
        if (problem)
            *problem = unasked;
        return rv;
    }
    if (replies[0]->type != REDIS_REPLY_ARRAY || replies[0]->elements != 3)
        return eb_redis_misfit(replies[0], "HMGET", problem, pool);
    rv = eb_stock_state(job, &rv_text, replies[0], authority, uuid, pool);
    return rv == APR_NOTFOUND ? find_record(job, replies[1], uuid, problem, pool) : rv;
}

/* MULTI, HSET name index piece, EXPIRE, TIME, EXEC */
static apr_status_t send_piece(eb_stock_new_t *new, const char *index, const void *piece,
                               apr_size_t len, eb_problem_t **problem, apr_pool_t *pool)
{
    enum { COUNT = 5 };
    static const char *const words[COUNT] = {"MULTI", "HSET", "EXPIRE", "TIME", "EXEC"};
    eb_redis_command_t commands[COUNT] = {0};
    redisReply *replies[COUNT];

    for (int i = 0; i < COUNT; i++)
        eb_redis_command_word(&commands[i], words[i]);
    eb_redis_command_word(&commands[1], new->name);
    eb_redis_command_word(&commands[1], index);
    eb_redis_command_add(&commands[1], piece, len);
    eb_redis_command_word(&commands[2], new->name);
    eb_redis_command_word(&commands[2], LIFE);
    apr_status_t rv = eb_stock_ask(replies, new->box, commands, COUNT, EB_RUN_AGAIN, problem, pool);
    if (rv)
        return rv;
    const redisReply *results = replies[COUNT - 1];
    if (results->type != REDIS_REPLY_ARRAY || results->elements != 3 ||
        results->element[2]->type != REDIS_REPLY_ARRAY || results->element[2]->elements != 2)
        return eb_redis_misfit(results, "EXEC", problem, pool);
    new->time = apr_time_from_sec(apr_atoi64(results->element[2]->element[0]->str)) +
                apr_atoi64(results->element[2]->element[1]->str);
    return APR_SUCCESS;
}

/* What a problem is made of must outlive this call, what a good answer is made of must not. */
apr_status_t eb_stock_new_piece(void *where, apr_uint32_t index, const void *piece, apr_size_t len,
                                eb_problem_t **problem, apr_pool_t *pool)
{
    eb_stock_new_t *new = where;
    apr_pool_t *scratch;

    apr_pool_create(&scratch, pool);
    apr_status_t rv =
        send_piece(new, apr_psprintf(scratch, "%u", index), piece, len, problem, scratch);
    if (rv)
        return rv;
    new->pieces = index + 1;
    apr_pool_destroy(scratch);
    return APR_SUCCESS;
}

/* Best effort: it expires. */
void eb_stock_new_abandon(const eb_stock_new_t *new, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};
    redisReply *reply;

    eb_redis_command_word(&command, "UNLINK");
    eb_redis_command_word(&command, new->name);
    eb_stock_ask(&reply, new->box, &command, 1, EB_RUN_AGAIN, NULL, pool);
}

static apr_status_t not_put(const eb_job_t *job, const redisReply *reply, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    if (eb_stock_says(reply, "late"))
        return eb_problem_set(problem, EB_P_OUTBOX_SLOW, APR_TIMEUP, NULL, pool,
                              "Application %s was not accepted", job->uuid);
    if (eb_stock_says(reply, "lost"))
        return eb_problem_set(problem, EB_P_OUTBOX_SLOW, APR_EGENERAL, NULL, pool,
                              "Application %s had lost pieces before it was complete", job->uuid);
    return eb_redis_misfit(reply, "A script of the outbox", problem, pool);
}

/* APR_EEXIST: it is there already. */
static apr_status_t commit(const eb_stock_new_t *new, const eb_job_t *job, const char *head,
                           const char *facts, eb_problem_t **problem, apr_pool_t *pool)
{
    static const char *const kinds[] = {"job", "package", "done"};
    const eb_stock_t *stock = new->box->data;
    const apr_int64_t deadline = new->time + apr_time_from_msec(stock->redis->address.command_ms);
    eb_redis_command_t call = eb_stock_call(new->box, EB_SCRIPT_PUT, "7");
    redisReply *reply;

    eb_redis_command_word(&call, eb_stock_key(job->authority, "due", NULL, pool));
    for (int i = 0; i < 3; i++)
        eb_redis_command_word(&call, eb_stock_key(job->authority, kinds[i], job->uuid, pool));
    eb_redis_command_word(&call, new->name);
    eb_redis_command_word(&call, eb_stock_key(job->authority, "count", NULL, pool));
    eb_redis_command_word(&call, eb_stock_key(job->authority, "since", NULL, pool));
    eb_redis_command_word(&call, job->uuid);
    eb_redis_command_word(&call, apr_psprintf(pool, "%" APR_TIME_T_FMT, job->due));
    eb_redis_command_word(&call, facts);
    eb_redis_command_word(&call, head);
    eb_redis_command_word(&call, apr_psprintf(pool, "%u", new->pieces));
    eb_redis_command_word(&call, apr_psprintf(pool, "%" APR_INT64_T_FMT, deadline));
    apr_status_t rv = eb_stock_run(&reply, new->box, EB_SCRIPT_PUT, &call,
                                   EB_RUN_ONCE | EB_RUN_LASTING, problem, pool);
    if (rv)
        return rv;
    if (eb_stock_says(reply, "put"))
        return APR_SUCCESS;
    return eb_stock_says(reply, "there") ? APR_EEXIST : not_put(job, reply, problem, pool);
}

apr_status_t eb_stock_new(eb_stock_new_t *new, const eb_chunks_t **key, const char **head,
                          eb_outbox_t *box, const eb_job_t *job, const char *facts,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    apr_uint32_t key_id = eb_keyring_current(box->keys);
    apr_uint64_t random;

    *head = eb_stock_head(key_id, facts, pool);
    apr_status_t rv = eb_random(&random, sizeof random);
    if (!rv)
        rv = eb_sealed_key(key, box->keys, key_id, *head, strlen(*head), pool);
    if (rv)
        return eb_problem_set(problem, EB_P_CRYPTO, rv, NULL, pool, "%s cannot be sealed",
                              job->uuid);
    *new = (eb_stock_new_t){.box = box};
    new->name = apr_psprintf(pool, "%s:%016" APR_UINT64_T_HEX_FMT,
                             eb_stock_key(job->authority, "new", job->uuid, pool), random);
    return APR_SUCCESS;
}

static apr_status_t put_new(eb_outbox_t *box, eb_job_t *job, eb_source_t *package,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_chunks_t *key;
    const char *head;
    eb_stock_new_t p;

    job->state = job->before = EB_JOB_QUEUED;
    job->due = job->changed = job->accepted;
    const char *facts = eb_job_encode(job, pool);
    if (!facts)
        return eb_problem_set(problem, EB_P_REDIS_ANSWER, APR_EINVAL, NULL, pool,
                              "Job %s cannot be stored", job->uuid);
    apr_status_t rv = eb_stock_new(&p, &key, &head, box, job, facts, problem, pool);
    if (rv)
        return rv;
    rv = eb_sealed_pour(package, key, eb_stock_new_piece, &p, problem, pool);
    if (rv == APR_EEXIST)
        rv = APR_EGENERAL; /* the source's, not ours */
    if (!rv)
        rv = eb_redis_outbox_check(box, job->accepted, problem, pool);
    if (!rv)
        rv = commit(&p, job, head, facts, problem, pool);
    if (rv)
        eb_stock_new_abandon(&p, pool);
    return rv;
}

/* The caller's job becomes the one that was there first. */
static apr_status_t found(eb_job_t *job, eb_outbox_t *box, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_job_t *first;
    apr_status_t rv = eb_stock_find(&first, box, job->authority, job->uuid, problem, pool);

    if (rv)
        return rv;
    *job = *first;
    return APR_EEXIST;
}

apr_status_t eb_stock_put(eb_outbox_t *box, eb_job_t *job, eb_source_t *package,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    if (!eb_stock_known(job->authority) || !eb_uuid_valid(job->uuid))
        return eb_problem_set(problem, EB_P_REDIS_ANSWER, APR_EINVAL, NULL, pool,
                              "A job without authority or UUID cannot be stored");
    apr_status_t rv = found(job, box, problem, pool);
    if (rv != APR_NOTFOUND)
        return rv;
    rv = eb_redis_outbox_check(box, job->accepted, problem, pool);
    if (!rv)
        rv = put_new(box, job, package, problem, pool);
    if (rv != APR_EEXIST)
        return rv;
    rv = found(job, box, problem, pool);
    return rv == APR_NOTFOUND ? APR_EGENERAL : rv;
}
