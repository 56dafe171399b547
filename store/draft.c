/* What is asked of Redis, and what its answers mean.
 *
 * A stream's ids only grow, so XADD with the next version as its id is compare-and-set: of two
 * tabs that loaded version 7, one writes 8-0, the other is told that the id is too small. A key
 * that has gone (expired, discarded in another tab) must not come back without an expiry, so only
 * the first save may create it (NOMKSTREAM for all others), and it does so in a transaction with
 * its EXPIREAT. That transaction runs to its end even when the XADD in it is refused; then it can
 * at most lengthen the life of what is there, as if the refused edit, made by the same person on
 * the same day, had been theirs. */
#include "draft_codec.h"
#include "claim.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

static apr_status_t wipe(void *data)
{
    eb_draft_t *draft = data;
    eb_wipe(draft->secret, sizeof draft->secret);
    eb_wipe(draft->dek, sizeof draft->dek);
    return APR_SUCCESS;
}

static eb_draft_t *draft_make(apr_pool_t *pool)
{
    eb_draft_t *draft = apr_pcalloc(pool, sizeof *draft);
    apr_pool_cleanup_register(pool, draft, wipe, apr_pool_cleanup_null);
    return draft;
}

/* The end of the 30th day after the edit, which is the beginning of the 31st, as people in Germany
 * count days. */
static apr_time_t expiry(apr_time_t edited, int days)
{
    return eb_local_midnight(eb_date_from_days(eb_date_days(eb_local_date(edited)) + days + 1));
}

/* Secret, key, number, and what follows from them. */
static apr_status_t draw(eb_draft_t *draft, const eb_drafts_t *drafts, apr_time_t now)
{
    char code[EB_CLAIM_LEN + 1];
    apr_status_t rv = eb_code_new(draft->secret, EB_DRAFT_CODE);

    if (!rv)
        rv = eb_random(draft->dek, sizeof draft->dek);
    if (!rv)
        rv = eb_number_new(draft->number, eb_local_date(now).year);
    if (!rv)
        rv = eb_draft_name(draft, drafts);
    if (!rv)
        rv = eb_claim_code(code, draft, drafts);
    if (!rv)
        rv = eb_claim_uuid(draft->uuid, drafts->keys, draft->number, code);
    return rv;
}

apr_status_t eb_draft_new(eb_draft_t **draft, const eb_drafts_t *drafts, apr_time_t now,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    eb_draft_t *made = draft_make(pool);
    apr_status_t rv = draw(made, drafts, now);

    if (rv)
        return eb_problem_set(problem, EB_P_CRYPTO, rv, NULL, pool,
                              "No random numbers for a new draft");
    made->created = made->edited = now;
    made->expires = expiry(now, drafts->days);
    *draft = made;
    return APR_SUCCESS;
}

/* The entry in [[id, [field, record]]]; NULL when the reply is of another shape. */
static const redisReply *find_record(const redisReply *reply, apr_uint64_t *version)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1)
        return NULL;
    const redisReply *entry = reply->element[0];
    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2)
        return NULL;
    const redisReply *id = entry->element[0], *fields = entry->element[1];
    if (id->type != REDIS_REPLY_STRING || fields->type != REDIS_REPLY_ARRAY ||
        fields->elements != 2 || fields->element[1]->type != REDIS_REPLY_STRING)
        return NULL;
    char *end;
    *version = strtoull(id->str, &end, 10);
    return *version && strcmp(end, "-0") == 0 ? fields->element[1] : NULL;
}

static apr_status_t cannot_open(apr_status_t rv, const eb_draft_t *draft, eb_problem_t **problem,
                                apr_pool_t *pool)
{
    if (APR_STATUS_IS_NOTFOUND(rv))
        return eb_problem_set(problem, EB_P_DRAFT_KEY, APR_EGENERAL, NULL, pool,
                              "The draft %s needs the key with the fingerprint %08x", draft->name,
                              draft->key_id);
    return eb_problem_set(problem, EB_P_DRAFT_RECORD, APR_EGENERAL, NULL, pool,
                          rv == APR_EINVAL ? "The draft %s has an unknown form"
                                           : "The draft %s was changed after it was sealed",
                          draft->name);
}

apr_status_t eb_draft_load(eb_draft_t **draft, const eb_drafts_t *drafts, const char *secret,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};
    redisReply *reply;

    if (strlen(secret) != EB_DRAFT_SECRET_LEN)
        return APR_EINVAL;
    eb_draft_t *found = draft_make(pool);
    memcpy(found->secret, secret, EB_DRAFT_SECRET_LEN);
    apr_status_t rv = eb_draft_name(found, drafts);
    if (rv)
        return rv;
    eb_redis_command_word(&command, "XREVRANGE");
    eb_redis_command_add(&command, found->name, EB_DRAFT_NAME_LEN);
    eb_redis_command_word(&command, "+");
    eb_redis_command_word(&command, "-");
    eb_redis_command_word(&command, "COUNT");
    eb_redis_command_word(&command, "1");
    rv = eb_redis_send(&reply, drafts->redis, &command, 1, true, problem, pool);
    if (rv)
        return rv;
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 0)
        return APR_NOTFOUND;
    const redisReply *record = find_record(reply, &found->version);
    if (!record)
        return eb_redis_misfit(reply, "XREVRANGE", problem, pool);
    rv = eb_draft_decode(found, record->str, record->len, drafts, pool);
    if (rv)
        return cannot_open(rv, found, problem, pool);
    *draft = found;
    return APR_SUCCESS;
}

/* XADD name [NOMKSTREAM] MAXLEN = 1 id d record */
static void add_command(eb_redis_command_t *command, const eb_draft_t *draft, const char *id,
                        const unsigned char *record, apr_size_t len)
{
    eb_redis_command_word(command, "XADD");
    eb_redis_command_add(command, draft->name, EB_DRAFT_NAME_LEN);
    if (draft->version)
        eb_redis_command_word(command, "NOMKSTREAM");
    eb_redis_command_word(command, "MAXLEN");
    eb_redis_command_word(command, "=");
    eb_redis_command_word(command, "1");
    eb_redis_command_word(command, id);
    eb_redis_command_word(command, "d");
    eb_redis_command_add(command, record, len);
}

static apr_status_t added(const redisReply *reply, eb_problem_t **problem, apr_pool_t *pool)
{
    if (reply->type == REDIS_REPLY_STRING)
        return APR_SUCCESS;
    if (reply->type == REDIS_REPLY_NIL)
        return APR_NOTFOUND;
    if (reply->type == REDIS_REPLY_ERROR && strstr(reply->str, "equal or smaller"))
        return APR_EEXIST;
    return eb_redis_misfit(reply, "XADD", problem, pool);
}

static apr_status_t send_alone(const eb_redis_command_t *add, const eb_drafts_t *drafts,
                               eb_problem_t **problem, apr_pool_t *pool)
{
    redisReply *reply;
    apr_status_t rv = eb_redis_send(&reply, drafts->redis, add, 1, false, problem, pool);
    return rv ? rv : added(reply, problem, pool);
}

static void expire_command(eb_redis_command_t *command, const char *key, const char *when)
{
    eb_redis_command_word(command, "EXPIREAT");
    eb_redis_command_word(command, key);
    eb_redis_command_word(command, when);
}

/* MULTI, XADD, EXPIREAT, EXPIREAT for each file, EXEC. A file that has gone cannot be given a day;
 * that is for whoever reads it to find out. */
static apr_status_t send_with_expiry(const eb_redis_command_t *add, const eb_draft_t *draft,
                                     apr_time_t expires, const eb_drafts_t *drafts,
                                     eb_problem_t **problem, apr_pool_t *pool)
{
    const int count = 4 + draft->files_count;
    const char *when = apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_sec(expires));
    eb_redis_command_t *commands = apr_pcalloc(pool, count * sizeof *commands);
    redisReply **replies = apr_palloc(pool, count * sizeof *replies);

    eb_redis_command_word(&commands[0], "MULTI");
    commands[1] = *add;
    expire_command(&commands[2], draft->name, when);
    for (int i = 0; i < draft->files_count; i++)
        expire_command(&commands[3 + i], eb_draft_file_name(draft, draft->files[i], pool), when);
    eb_redis_command_word(&commands[count - 1], "EXEC");
    apr_status_t rv = eb_redis_send(replies, drafts->redis, commands, count, false, problem, pool);
    if (rv)
        return rv;
    const redisReply *results = replies[count - 1];
    if (results->type != REDIS_REPLY_ARRAY || results->elements != (size_t)count - 2)
        return eb_redis_misfit(results, "EXEC", problem, pool);
    return added(results->element[0], problem, pool);
}

static apr_status_t encode_failed(apr_status_t rv, const eb_draft_t *draft, eb_problem_t **problem,
                                  apr_pool_t *pool)
{
    if (rv == APR_ENOSPC)
        return eb_problem_set(problem, EB_P_DRAFT_SIZE, rv, NULL, pool,
                              "A draft has %" APR_SIZE_T_FMT " bytes of answers, the record may "
                              "have %d",
                              draft->answers_len, EB_DRAFT_MAX);
    return eb_problem_set(problem, EB_P_CRYPTO, rv, NULL, pool, "A draft cannot be sealed");
}

/* A clock that was set back must neither delete a draft nor count its edits twice: then the dates
 * stay what they are. */
apr_status_t eb_draft_save(eb_draft_t *draft, const eb_drafts_t *drafts, apr_time_t now, bool edit,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    const apr_time_t edited = draft->edited, expires = draft->expires;
    eb_redis_command_t add = {0};
    const unsigned char *record;
    apr_size_t len;

    if (edit && now > edited) {
        draft->edited = now;
        draft->expires = expiry(now, drafts->days);
    }
    apr_status_t rv = eb_draft_wrap(draft, drafts, pool);
    if (!rv)
        rv = eb_draft_encode(&record, &len, draft, draft->version + 1, drafts, pool);
    if (rv) {
        rv = encode_failed(rv, draft, problem, pool);
    } else {
        const char *id = apr_psprintf(pool, "%" APR_UINT64_T_FMT "-0", draft->version + 1);
        add_command(&add, draft, id, record, len);
        bool dated = !draft->version || draft->expires != expires;
        rv = dated ? send_with_expiry(&add, draft, draft->expires, drafts, problem, pool)
                   : send_alone(&add, drafts, problem, pool);
    }
    if (!rv) {
        draft->version++;
        return APR_SUCCESS;
    }
    draft->edited = edited;
    draft->expires = expires;
    return rv;
}

/* The draft goes first: its key goes with it, and then nothing opens the files. */
apr_status_t eb_draft_delete(const eb_draft_t *draft, const eb_drafts_t *drafts,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    const int count = 1 + draft->files_count;
    eb_redis_command_t *commands = apr_pcalloc(pool, count * sizeof *commands);
    redisReply **replies = apr_palloc(pool, count * sizeof *replies);

    for (int i = 0; i < count; i++) {
        eb_redis_command_word(&commands[i], "UNLINK");
        eb_redis_command_word(&commands[i], i ? eb_draft_file_name(draft, draft->files[i - 1], pool)
                                              : draft->name);
    }
    apr_status_t rv = eb_redis_send(replies, drafts->redis, commands, count, true, problem, pool);
    if (rv)
        return rv;
    for (int i = 0; i < count; i++)
        if (replies[i]->type != REDIS_REPLY_INTEGER)
            return eb_redis_misfit(replies[i], "UNLINK", problem, pool);
    return APR_SUCCESS;
}

eb_date_t eb_draft_last_day(const eb_draft_t *draft)
{
    return eb_local_date(draft->expires - 1);
}
