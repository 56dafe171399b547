/* A waiting package under the current key. The old one is read piece by piece, each proven by its
 * seal and by the lease, into a new one under a name of its own, which is read back and compared
 * with the old one to the last byte; only then one script puts it in place, with its head. Dying at
 * any moment leaves the one or the other, and perhaps litter that expires. */
#include "reader.h"
#include "redis_outbox.h"
#include "sealed.h"

#include <apr_errno.h>
#include <apr_strings.h>

/* HGET job head */
static apr_status_t ask_head(redisReply **head, eb_outbox_t *box, const eb_job_t *job,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};

    eb_redis_command_word(&command, "HGET");
    eb_redis_command_word(&command, eb_stock_key(job->authority, "job", job->uuid, pool));
    eb_redis_command_word(&command, "head");
    return eb_stock_ask(head, box, &command, 1, EB_RUN_AGAIN, problem, pool);
}

static apr_status_t replace(const eb_stock_new_t *new, const eb_job_t *job, const char *head,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_lease_t *lease = job->engine;
    eb_redis_command_t call = eb_stock_call(new->box, EB_SCRIPT_REWRAP, "4");
    redisReply *reply;

    eb_redis_command_word(&call, eb_stock_key(job->authority, "job", job->uuid, pool));
    eb_redis_command_word(&call, eb_stock_key(job->authority, "package", job->uuid, pool));
    eb_redis_command_word(&call, new->name);
    eb_redis_command_word(&call, lease->key);
    eb_redis_command_word(&call, lease->value);
    eb_redis_command_word(&call, head);
    eb_redis_command_word(&call, apr_psprintf(pool, "%u", new->pieces));
    apr_status_t rv = eb_stock_run(&reply, new->box, EB_SCRIPT_REWRAP, &call,
                                   EB_RUN_ONCE | EB_RUN_LASTING, problem, pool);
    if (rv)
        return rv;
    if (eb_stock_says(reply, "rewrapped"))
        return APR_SUCCESS;
    if (eb_stock_says(reply, "lost"))
        return eb_problem_set(problem, EB_P_OUTBOX_SLOW, APR_EGENERAL, NULL, pool,
                              "Package %s had lost pieces before it was complete", job->uuid);
    return eb_stock_late(job->uuid, problem, pool);
}

/* Reads the new one as a worker will. */
static apr_status_t read_back(const eb_stock_new_t *new, const eb_chunks_t *key, eb_reader_t *old,
                              const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_problem_t *met = NULL;
    eb_reader_t *fresh;
    apr_status_t rv = eb_stock_read_back(&fresh, new, key, uuid, old->len, &met, pool);

    if (!rv)
        rv = eb_reader_same(old, fresh, &met, pool);
    if (rv && !met)
        eb_problem_set(&met, EB_P_PACKAGE_BROKEN, rv, NULL, pool,
                       "Package %s was not the same when it had been sealed anew", uuid);
    if (rv && problem)
        *problem = met;
    return rv;
}

static apr_status_t seal_anew(eb_outbox_t *box, const eb_job_t *job, const char *facts,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_chunks_t *key;
    eb_reader_t *old;
    eb_stock_new_t new;
    const char *head;
    apr_status_t rv = eb_stock_read(&old, box, job, problem, pool);

    if (!rv)
        rv = eb_stock_new(&new, &key, &head, box, job, facts, problem, pool);
    if (rv)
        return rv;
    eb_reader_source_t source = eb_reader_source(old);
    rv = eb_sealed_pour(&source.source, key, eb_stock_new_piece, &new, problem, pool);
    if (!rv)
        rv = read_back(&new, key, old, job->uuid, problem, pool);
    if (!rv)
        rv = replace(&new, job, head, problem, pool);
    if (rv)
        eb_stock_new_abandon(&new, pool);
    return rv;
}

apr_status_t eb_stock_rewrap(bool *changed, eb_outbox_t *box, const eb_job_t *job,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    apr_uint32_t key_id;
    redisReply *head;
    const char *facts;
    apr_status_t rv = ask_head(&head, box, job, problem, pool);

    *changed = false;
    if (rv)
        return rv;
    if (eb_stock_head_parse(&key_id, &facts, head))
        return eb_problem_set(problem, EB_P_PACKAGE_BROKEN, APR_EGENERAL, NULL, pool,
                              "Package %s has no head", job->uuid);
    if (key_id == eb_keyring_current(box->keys))
        return APR_SUCCESS;
    rv = seal_anew(box, job, facts, problem, pool);
    *changed = !rv;
    return rv;
}
