/* Writing: a piece is stored when it is full and more follows, so that the last one, which must be
 * known when it is sealed, waits for the end. Each piece is one round trip on a connection borrowed
 * for it, since a telephone may take minutes for a file. It is a transaction, and brings the hour's
 * expiry with it each time: neither a child that is killed in the middle nor a hash that expired
 * meanwhile, and is made anew by the next piece, leaves a key that stays for ever. HLEN in it
 * tells whether all pieces before are still there.
 *
 * Reading: two pieces by one HMGET, each opened before its bytes go on. */
#include "upload.h"
#include "draft_codec.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>

#define LIFE "3600" /* seconds until the draft that names the file is saved */

/* Pieces that are read in one round trip. Beyond 128 KiB malloc gives the reply's memory back to
 * the kernel each time, which costs ten times as much as the reply. */
enum { BATCH = 2 };

typedef struct eb_upload_private_t {
    const eb_drafts_t *drafts;
    apr_pool_t *pool;
    const char *name; /* of the Redis key */
    eb_chunks_t chunks;
    apr_uint32_t stored; /* pieces */
    bool kept;           /* finished: no longer removed with the pool */
    apr_status_t failed; /* once it has, it stays so */
    apr_size_t len;      /* of what waits in `plain` */
    unsigned char plain[EB_CHUNK_LEN];
    unsigned char sealed[EB_CHUNK_SEALED_LEN];
} eb_upload_private_t;

typedef struct upload_source_t {
    eb_source_t source;
    const eb_drafts_t *drafts;
    const eb_draft_t *draft;
    const char *id, *name;
    apr_uint64_t size;
} upload_source_t;

/* A key for each file: random nonces are then drawn for a few thousand pieces at most. */
static apr_status_t derive(eb_chunks_t *chunks, const eb_drafts_t *drafts, const eb_draft_t *draft,
                           const char *id, apr_pool_t *pool)
{
    const char *text = apr_pstrcat(pool, "mod_einbuergerung file key\n", id, NULL);

    chunks->ring = drafts->keys;
    chunks->bound = id;
    chunks->bound_len = strlen(id);
    return eb_mac(chunks->key, EB_KEY_LEN, drafts->keys, draft->dek, text, strlen(text));
}

static apr_status_t crypto_failed(apr_status_t rv, eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_CRYPTO, rv, NULL, pool, "A file cannot be sealed");
}

static apr_status_t gone(const char *name, eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_UPLOAD_GONE, APR_NOTFOUND, NULL, pool,
                          "The file %s is gone, or a piece of it", name);
}

/* Of several refusals in a row the first says why. */
static apr_status_t refused(apr_status_t rv, redisReply *const *replies, int count,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    for (int i = 0; i < count && replies[i]; i++)
        if (eb_redis_lacks_room(replies[i]))
            return eb_problem_set(problem, EB_P_UPLOAD_ROOM, APR_ENOSPC, NULL, pool,
                                  "Redis takes no more pieces of files: %.120s", replies[i]->str);
    return rv;
}

/* MULTI, HSET name index sealed, EXPIRE, HLEN, EXEC */
static apr_status_t send_piece(const eb_upload_private_t *up, apr_size_t sealed_len,
                               eb_problem_t **problem, apr_pool_t *pool)
{
    enum { COUNT = 5 };
    const char *index = apr_psprintf(pool, "%u", up->stored);
    eb_redis_command_t commands[COUNT] = {
        {.argc = 1, .argv = {"MULTI"}, .argvlen = {5}},
        {.argc = 3,
         .argv = {"HSET", up->name, index},
         .argvlen = {4, strlen(up->name), strlen(index)}},
        {.argc = 3,
         .argv = {"EXPIRE", up->name, LIFE},
         .argvlen = {6, strlen(up->name), strlen(LIFE)}},
        {.argc = 2, .argv = {"HLEN", up->name}, .argvlen = {4, strlen(up->name)}},
        {.argc = 1, .argv = {"EXEC"}, .argvlen = {4}},
    };
    redisReply *replies[COUNT];

    eb_redis_command_add(&commands[1], up->sealed, sealed_len);
    apr_status_t rv =
        eb_redis_send(replies, up->drafts->redis, commands, COUNT, true, problem, pool);
    if (rv)
        return refused(rv, replies, COUNT, problem, pool);
    const redisReply *results = replies[COUNT - 1];
    if (results->type != REDIS_REPLY_ARRAY || results->elements != 3 ||
        results->element[2]->type != REDIS_REPLY_INTEGER)
        return eb_redis_misfit(results, "EXEC", problem, pool);
    return results->element[2]->integer == (long long)up->stored + 1
               ? APR_SUCCESS
               : gone(up->name, problem, pool);
}

/* What a problem is made of must outlive this call, what a good answer is made of must not. */
static apr_status_t store_piece(eb_upload_private_t *up, bool last, const void *data,
                                apr_size_t len, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_pool_t *scratch;
    apr_status_t rv = eb_chunk_seal(up->sealed, &up->chunks, up->stored, last, data, len);

    if (rv)
        return crypto_failed(rv, problem, pool);
    apr_pool_create(&scratch, pool);
    rv = send_piece(up, len + EB_SEAL_OVERHEAD, problem, scratch);
    if (rv)
        return rv;
    apr_pool_destroy(scratch);
    up->stored++;
    return APR_SUCCESS;
}

/* Whole pieces are sealed from where they are; only what is left is copied. */
static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    eb_upload_t *upload = (eb_upload_t *)sink;
    eb_upload_private_t *up = upload->more;
    const unsigned char *from = data;

    while (!up->failed && up->len + len > EB_CHUNK_LEN) {
        apr_size_t n = up->len ? EB_CHUNK_LEN - up->len : EB_CHUNK_LEN;
        if (up->len)
            memcpy(up->plain + up->len, from, n);
        up->failed =
            store_piece(up, false, up->len ? up->plain : from, EB_CHUNK_LEN, problem, pool);
        up->len = 0;
        upload->size += n;
        from += n;
        len -= n;
    }
    if (up->failed)
        return up->failed;
    if (len)
        memcpy(up->plain + up->len, from, len);
    up->len += len;
    upload->size += len;
    return APR_SUCCESS;
}

static void unlink_command(eb_redis_command_t *command, const char *name)
{
    eb_redis_command_word(command, "UNLINK");
    eb_redis_command_word(command, name);
}

/* Nobody is left to be told of a failure; the hour sees to it then. */
static apr_status_t discard(void *data)
{
    eb_upload_private_t *up = data;
    eb_redis_command_t command = {0};
    redisReply *reply;
    apr_pool_t *scratch;

    eb_wipe(up->chunks.key, EB_KEY_LEN);
    eb_wipe(up->plain, EB_CHUNK_LEN);
    if (up->kept || (!up->stored && !up->failed))
        return APR_SUCCESS;
    apr_pool_create(&scratch, up->pool);
    unlink_command(&command, up->name);
    eb_redis_send(&reply, up->drafts->redis, &command, 1, true, NULL, scratch);
    apr_pool_destroy(scratch);
    return APR_SUCCESS;
}

apr_status_t eb_upload_begin(eb_upload_t **upload, const eb_drafts_t *drafts,
                             const eb_draft_t *draft, eb_problem_t **problem, apr_pool_t *pool)
{
    unsigned char random[16];
    eb_upload_t *made = apr_pcalloc(pool, sizeof *made);
    eb_upload_private_t *up = apr_palloc(pool, sizeof *up);

    memset(up, 0, offsetof(eb_upload_private_t, plain));
    apr_status_t rv = eb_random(random, sizeof random);
    if (rv)
        return crypto_failed(rv, problem, pool);
    eb_base64url(made->id, random, sizeof random);
    rv = derive(&up->chunks, drafts, draft, made->id, pool);
    if (rv)
        return crypto_failed(rv, problem, pool);
    up->drafts = drafts;
    up->pool = pool;
    up->name = eb_draft_file_name(draft, made->id, pool);
    made->sink.take = take;
    made->more = up;
    apr_pool_cleanup_register(pool, up, discard, apr_pool_cleanup_null);
    *upload = made;
    return APR_SUCCESS;
}

apr_status_t eb_upload_finish(eb_upload_t *upload, eb_problem_t **problem)
{
    eb_upload_private_t *up = upload->more;

    if (!up->failed)
        up->failed = store_piece(up, true, up->plain, up->len, problem, up->pool);
    up->kept = !up->failed;
    return up->failed;
}

static apr_status_t changed(const upload_source_t *from, apr_uint32_t index, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_UPLOAD_RECORD, APR_EGENERAL, NULL, pool,
                          "Piece %u of the file %s is not what was sealed", index, from->name);
}

/* One piece from its reply to the sink. Its length is known, so that it fits into `plain` and
 * `size` is kept. */
static apr_status_t pour_piece(const upload_source_t *from, const eb_chunks_t *chunks,
                               apr_uint32_t index, const redisReply *piece, eb_sink_t *sink,
                               unsigned char *plain, eb_problem_t **problem, apr_pool_t *pool)
{
    const bool last = index + 1 == eb_chunk_count(from->size);
    const apr_size_t len =
        last ? (apr_size_t)(from->size - (apr_uint64_t)index * EB_CHUNK_LEN) : EB_CHUNK_LEN;

    if (piece->type == REDIS_REPLY_NIL)
        return gone(from->name, problem, pool);
    if (piece->type != REDIS_REPLY_STRING)
        return eb_redis_misfit(piece, "HMGET", problem, pool);
    if (piece->len != len + EB_SEAL_OVERHEAD ||
        eb_chunk_open(plain, chunks, index, last, piece->str, piece->len))
        return changed(from, index, problem, pool);
    return len ? sink->take(sink, plain, len, problem, pool) : APR_SUCCESS;
}

/* HMGET name first first+1 … */
static apr_status_t pour_batch(const upload_source_t *from, const eb_chunks_t *chunks,
                               apr_uint32_t first, int count, eb_sink_t *sink, unsigned char *plain,
                               eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};
    redisReply *reply;

    eb_redis_command_word(&command, "HMGET");
    eb_redis_command_word(&command, from->name);
    for (int i = 0; i < count; i++)
        eb_redis_command_word(&command, apr_psprintf(pool, "%u", first + i));
    apr_status_t rv = eb_redis_send(&reply, from->drafts->redis, &command, 1, true, problem, pool);
    if (rv)
        return rv;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != (size_t)count)
        return eb_redis_misfit(reply, "HMGET", problem, pool);
    for (int i = 0; i < count && !rv; i++)
        rv = pour_piece(from, chunks, first + i, reply->element[i], sink, plain, problem, pool);
    return rv;
}

/* The pool of a batch goes with it, unless it holds a problem. */
static apr_status_t pour_pieces(const upload_source_t *from, const eb_chunks_t *chunks,
                                eb_sink_t *sink, eb_problem_t **problem, apr_pool_t *pool)
{
    const apr_uint32_t count = eb_chunk_count(from->size);
    unsigned char *plain = apr_palloc(pool, EB_CHUNK_LEN);
    apr_status_t rv = APR_SUCCESS;

    for (apr_uint32_t i = 0; i < count && !rv; i += BATCH) {
        apr_pool_t *scratch;
        apr_pool_create(&scratch, pool);
        rv = pour_batch(from, chunks, i, count - i < BATCH ? (int)(count - i) : BATCH, sink, plain,
                        problem, scratch);
        if (!rv)
            apr_pool_destroy(scratch);
    }
    eb_wipe(plain, EB_CHUNK_LEN);
    return rv;
}

static apr_status_t pour(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    const upload_source_t *from = (const upload_source_t *)source;
    eb_chunks_t chunks;
    apr_status_t rv = derive(&chunks, from->drafts, from->draft, from->id, pool);

    rv = rv ? crypto_failed(rv, problem, pool) : pour_pieces(from, &chunks, sink, problem, pool);
    eb_wipe(chunks.key, EB_KEY_LEN);
    return rv;
}

eb_source_t *eb_upload_source(const eb_drafts_t *drafts, const eb_draft_t *draft, const char *id,
                              apr_uint64_t size, apr_pool_t *pool)
{
    upload_source_t *from = apr_palloc(pool, sizeof *from);

    *from = (upload_source_t){.source = {pour},
                              .drafts = drafts,
                              .draft = draft,
                              .id = id,
                              .name = eb_draft_file_name(draft, id, pool),
                              .size = size};
    return &from->source;
}

/* The same command for each of the files; how many of them answered 1 comes back. */
static apr_status_t for_each(int *hits, eb_redis_command_t *commands, int count,
                             const eb_drafts_t *drafts, eb_problem_t **problem, apr_pool_t *pool)
{
    redisReply **replies = apr_palloc(pool, count * sizeof *replies);
    apr_status_t rv = eb_redis_send(replies, drafts->redis, commands, count, true, problem, pool);

    *hits = 0;
    for (int i = 0; i < count && !rv; i++) {
        if (replies[i]->type != REDIS_REPLY_INTEGER)
            rv = eb_redis_misfit(replies[i], commands[i].argv[0], problem, pool);
        else
            *hits += replies[i]->integer == 1;
    }
    return rv;
}

apr_status_t eb_uploads_keep(const eb_drafts_t *drafts, const eb_draft_t *draft,
                             const char *const *ids, int count, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    const char *when = apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_sec(draft->expires));
    eb_redis_command_t *commands = apr_pcalloc(pool, (count + 1) * sizeof *commands);
    int hits;

    if (!count)
        return APR_SUCCESS;
    for (int i = 0; i < count; i++) {
        eb_redis_command_word(&commands[i], "EXPIREAT");
        eb_redis_command_word(&commands[i], eb_draft_file_name(draft, ids[i], pool));
        eb_redis_command_word(&commands[i], when);
    }
    apr_status_t rv = for_each(&hits, commands, count, drafts, problem, pool);
    if (rv || hits == count)
        return rv;
    return eb_problem_set(problem, EB_P_UPLOAD_GONE, APR_NOTFOUND, NULL, pool,
                          "%d of %d files of the draft %s are gone", count - hits, count,
                          draft->name);
}

apr_status_t eb_uploads_delete(const eb_drafts_t *drafts, const eb_draft_t *draft,
                               const char *const *ids, int count, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    eb_redis_command_t *commands = apr_pcalloc(pool, (count + 1) * sizeof *commands);
    int hits;

    if (!count)
        return APR_SUCCESS;
    for (int i = 0; i < count; i++)
        unlink_command(&commands[i], eb_draft_file_name(draft, ids[i], pool));
    return for_each(&hits, commands, count, drafts, problem, pool);
}
