/* Reading a package, piece by piece. */
#include "job_file.h"
#include "redis_outbox.h"
#include "sealed.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "EBR1"

enum { HEAD_LEN = 12 };

const char *eb_stock_head(apr_uint32_t key_id, const char *facts, apr_pool_t *pool)
{
    return apr_psprintf(pool, MAGIC "%08x%s", key_id, facts);
}

apr_status_t eb_stock_head_parse(apr_uint32_t *key_id, const char **facts, const redisReply *head)
{
    char digits[9], *end;

    if (head->type != REDIS_REPLY_STRING || head->len <= HEAD_LEN ||
        strlen(head->str) != head->len || strncmp(head->str, MAGIC, 4) != 0)
        return APR_EINVAL;
    apr_cpystrn(digits, head->str + 4, sizeof digits);
    *key_id = (apr_uint32_t)strtoul(digits, &end, 16);
    *facts = head->str + HEAD_LEN;
    return *end ? APR_EINVAL : APR_SUCCESS;
}

/* Where pieces are read from. */
typedef struct reading_t {
    eb_outbox_t *box;
    const char *name, *uuid;
    const eb_lease_t *lease; /* NULL: nobody's */
} reading_t;

static apr_status_t broken(const char *uuid, eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_PACKAGE_BROKEN, APR_EGENERAL, NULL, pool,
                          "Package %s is not what was sealed", uuid);
}

static apr_status_t get_piece(redisReply **reply, const reading_t *r, const char *index,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_stock_t *stock = r->box->data;
    eb_redis_command_t call = {0};

    if (!r->lease) {
        eb_redis_command_word(&call, "HGET");
        eb_redis_command_word(&call, r->name);
        eb_redis_command_word(&call, index);
        return eb_stock_ask(reply, r->box, &call, 1, EB_RUN_AGAIN, problem, pool);
    }
    call = eb_stock_call(r->box, EB_SCRIPT_PIECE, "2");
    eb_redis_command_word(&call, r->name);
    eb_redis_command_word(&call, r->lease->key);
    eb_redis_command_word(&call, index);
    eb_redis_command_word(&call, r->lease->value);
    eb_redis_command_word(&call, stock->lease_ms);
    return eb_stock_run(reply, r->box, EB_SCRIPT_PIECE, &call, EB_RUN_AGAIN, problem, pool);
}

/* What a problem is made of must outlive this call, what a good answer is made of must not. */
static apr_status_t fetch(void *where, apr_uint32_t index, void *piece, apr_size_t len,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    const reading_t *r = where;
    redisReply *reply;
    apr_pool_t *scratch;

    apr_pool_create(&scratch, pool);
    apr_status_t rv = get_piece(&reply, r, apr_psprintf(scratch, "%u", index), problem, scratch);
    if (rv)
        return rv;
    if (reply->type == REDIS_REPLY_INTEGER)
        return eb_stock_late(r->uuid, problem, pool);
    if (reply->type != REDIS_REPLY_STRING || reply->len != len)
        return broken(r->uuid, problem, pool);
    memcpy(piece, reply->str, len);
    apr_pool_destroy(scratch);
    return APR_SUCCESS;
}

/* The head, and the length of all pieces, as far as their number and the last one tell. */
static apr_status_t look(const redisReply **head, apr_uint64_t *len, const reading_t *r,
                         const eb_job_t *job, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t ask[2] = {0}, measure = {0};
    redisReply *replies[2], *last;

    eb_redis_command_word(&ask[0], "HGET");
    eb_redis_command_word(&ask[0], eb_stock_key(job->authority, "job", job->uuid, pool));
    eb_redis_command_word(&ask[0], "head");
    eb_redis_command_word(&ask[1], "HLEN");
    eb_redis_command_word(&ask[1], r->name);
    apr_status_t rv = eb_stock_ask(replies, r->box, ask, 2, EB_RUN_AGAIN, problem, pool);
    if (rv)
        return rv;
    *head = replies[0];
    if (replies[1]->type != REDIS_REPLY_INTEGER || replies[1]->integer < 1)
        return broken(r->uuid, problem, pool);
    apr_int64_t before = replies[1]->integer - 1;
    eb_redis_command_word(&measure, "HSTRLEN");
    eb_redis_command_word(&measure, r->name);
    eb_redis_command_word(&measure, apr_psprintf(pool, "%" APR_INT64_T_FMT, before));
    rv = eb_stock_ask(&last, r->box, &measure, 1, EB_RUN_AGAIN, problem, pool);
    if (rv)
        return rv;
    if (last->type != REDIS_REPLY_INTEGER || last->integer < 1 ||
        last->integer > EB_CHUNK_SEALED_LEN)
        return broken(r->uuid, problem, pool);
    *len = (apr_uint64_t)before * EB_CHUNK_SEALED_LEN + (apr_uint64_t)last->integer;
    return APR_SUCCESS;
}

apr_status_t eb_stock_read(eb_reader_t **package, eb_outbox_t *box, const eb_job_t *job,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    reading_t *r = apr_palloc(pool, sizeof *r);
    const redisReply *head;
    const eb_chunks_t *key;
    apr_uint32_t key_id;
    const char *facts;
    apr_uint64_t len;
    eb_job_t *accepted;

    *r = (reading_t){.box = box, .uuid = apr_pstrdup(pool, job->uuid), .lease = job->engine};
    r->name = eb_stock_key(job->authority, "package", job->uuid, pool);
    apr_status_t rv = look(&head, &len, r, job, problem, pool);
    if (rv)
        return rv;
    if (eb_stock_head_parse(&key_id, &facts, head) ||
        eb_job_decode(&accepted, facts, strlen(facts), pool) ||
        strcmp(accepted->uuid, r->uuid) != 0)
        return broken(r->uuid, problem, pool);
    rv = eb_sealed_key(&key, box->keys, key_id, head->str, head->len, pool);
    if (APR_STATUS_IS_NOTFOUND(rv))
        return eb_problem_set(problem, EB_P_PACKAGE_KEY, rv, NULL, pool,
                              "The key file lacks the key of package %s", r->uuid);
    if (rv)
        return eb_problem_set(problem, EB_P_CRYPTO, rv, NULL, pool, "%s cannot be opened", r->uuid);
    return eb_sealed_open(package, r->uuid, key, len, fetch, r, problem, pool);
}

apr_status_t eb_stock_read_back(eb_reader_t **package, const eb_stock_new_t *new,
                                const eb_chunks_t *key, const char *uuid, apr_uint64_t len,
                                eb_problem_t **problem, apr_pool_t *pool)
{
    const apr_uint64_t sealed = len + (apr_uint64_t)eb_chunk_count(len) * EB_SEAL_OVERHEAD;
    reading_t *r = apr_palloc(pool, sizeof *r);

    *r = (reading_t){.box = new->box, .name = new->name, .uuid = uuid};
    return eb_sealed_open(package, uuid, key, sealed, fetch, r, problem, pool);
}
