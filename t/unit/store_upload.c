/* Uploaded files: what was stored comes back whole and unchanged, or not at all. */
#include "store/upload.h"
#include "store/draft_codec.h"
#include "tap.h"
#include "scratch.h"
#include "redis.h"

#include <apr_errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { BIG = 10 * 1000 * 1000 };

static test_redis_t server;
static eb_problem_t *problem;
static eb_drafts_t drafts;
static eb_draft_t *draft;
static unsigned char *text;

/* A sink that compares, so that one wrong byte, or one too many, is seen. */
typedef struct compare_t {
    eb_sink_t sink;
    apr_uint64_t got;
    bool same;
    apr_uint64_t stop_at;
} compare_t;

static apr_status_t compare(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **p,
                            apr_pool_t *pool)
{
    compare_t *c = (compare_t *)sink;
    (void)p, (void)pool;
    c->same = c->same && c->got + len <= BIG && memcmp(text + c->got, data, len) == 0;
    c->got += len;
    return c->stop_at && c->got >= c->stop_at ? APR_EOF : APR_SUCCESS;
}

static compare_t seen;

static apr_status_t pour_of(const eb_draft_t *d, const char *id, apr_uint64_t size,
                            apr_pool_t *pool)
{
    seen = (compare_t){{compare}, 0, true, seen.stop_at};
    problem = NULL;
    eb_source_t *source = eb_upload_source(&drafts, d, id, size, pool);
    return source->pour(source, &seen.sink, &problem, pool);
}

static apr_status_t pour(const char *id, apr_uint64_t size, apr_pool_t *pool)
{
    return pour_of(draft, id, size, pool);
}

static bool says(eb_problem_id_t number)
{
    return problem && problem->number == number;
}

static eb_upload_t *begin(apr_pool_t *pool)
{
    eb_upload_t *upload = NULL;
    problem = NULL;
    if (eb_upload_begin(&upload, &drafts, draft, &problem, pool)) {
        printf("Bail out! no upload\n");
        exit(1);
    }
    return upload;
}

/* In blows of `step` bytes. */
static apr_status_t feed(eb_upload_t *upload, apr_size_t len, apr_size_t step, apr_pool_t *pool)
{
    apr_status_t rv = APR_SUCCESS;
    for (apr_size_t at = upload->size, end = at + len; at < end && !rv; at += step)
        rv = upload->sink.take(&upload->sink, text + at, step < end - at ? step : end - at,
                               &problem, pool);
    return rv;
}

static const char *store(apr_size_t len, apr_size_t step, apr_pool_t *pool)
{
    eb_upload_t *upload = begin(pool);
    if (feed(upload, len, step, pool) || eb_upload_finish(upload, &problem) || upload->size != len)
        return NULL;
    return upload->id;
}

static const char *key_of(const char *id, apr_pool_t *pool)
{
    return eb_draft_file_name(draft, id, pool);
}

#define ask(pool, ...) test_redis_ask(&server, pool, __VA_ARGS__)

static void test_sizes(apr_pool_t *pool)
{
    static const apr_size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 200000, BIG};
    static const apr_size_t steps[] = {8000, 65536, BIG, 65537, 100000};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bool good = true;
        for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
            const char *id = store(sizes[i], steps[j], pool);
            good = good && id && strlen(id) == EB_UPLOAD_ID_LEN;
            good = good && !pour(id, sizes[i], pool) && seen.same && seen.got == sizes[i];
            good = good && !problem;
            const char *pieces =
                apr_psprintf(pool, "%u", sizes[i] ? (unsigned)((sizes[i] + 65535) / 65536) : 1);
            good = good && !strcmp(ask(pool, "HLEN %s", key_of(id, pool)), pieces);
            ask(pool, "DEL %s", key_of(id, pool));
        }
        ok(good, apr_psprintf(pool, "%" APR_SIZE_T_FMT " bytes come back, however they come in",
                              sizes[i]));
    }
    const char *id = store(1000, 1, pool);
    is_int(pour(id, 1000, pool), APR_SUCCESS, "byte by byte");
    ok(seen.same && seen.got == 1000, "too");
    is_str(ask(pool, "DEL %s", key_of(id, pool)), "1", "under its name");
    is_str(ask(pool, "DBSIZE"), "0", "nothing else is there");
}

/* The first piece, opened with nothing but OpenSSL and the draft's key. */
static void test_oracle(apr_pool_t *pool)
{
    const char *id = store(70000, 8000, pool);
    const char *label = apr_pstrcat(pool, "mod_einbuergerung file key\n", id, NULL);
    unsigned char key[32], aad[EB_UPLOAD_ID_LEN + 8] = "", plain[70000], tag[16];
    int n;

    HMAC(EVP_sha256(), draft->dek, 32, (const unsigned char *)label, strlen(label), key, NULL);
    memcpy(aad, id, EB_UPLOAD_ID_LEN);
    aad[EB_UPLOAD_ID_LEN] = 1;
    aad[EB_UPLOAD_ID_LEN + 4] = 2;
    unsigned char *piece = (unsigned char *)ask(pool, "HGET %s 1", key_of(id, pool));
    apr_size_t len = 70000 - 65536;
    memcpy(tag, piece + 12 + len, sizeof tag);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    ok(EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, piece) == 1 &&
           EVP_DecryptUpdate(ctx, NULL, &n, aad, sizeof aad) == 1 &&
           EVP_DecryptUpdate(ctx, plain, &n, piece + 12, (int)len) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, 16, tag) == 1 &&
           EVP_DecryptFinal_ex(ctx, plain + len, &n) == 1 && !memcmp(plain, text + 65536, len),
       "the second of two pieces is what the comments say");
    EVP_CIPHER_CTX_free(ctx);
    ask(pool, "DEL %s", key_of(id, pool));
}

static void test_secrecy(apr_pool_t *pool)
{
    unsigned char *random = text;
    text = apr_palloc(pool, 200000);
    for (int i = 0; i < 200000; i += 8)
        memcpy(text + i, "Klartext", 8);
    const char *id = store(200000, 8000, pool);
    text = random;
    redisContext *c = test_redis_raw(&server);
    redisReply *dump = redisCommand(c, "DUMP %s", key_of(id, pool));
    ok(dump && dump->type == REDIS_REPLY_STRING && dump->len > 200000, "what Redis would write");
    ok(!memmem(dump->str, dump->len, "Klart", 5) && !memmem(dump->str, dump->len, "artext", 6),
       "has no plain text in it");
    ok(!memmem(dump->str, dump->len, draft->dek, 8), "and no key");
    freeReplyObject(dump);
    redisFree(c);
    ask(pool, "DEL %s", key_of(id, pool));
}

/* A piece taken from one place and put at another. */
static void copy_piece(const char *from, int at, const char *to, int there, apr_pool_t *pool)
{
    redisContext *c = test_redis_raw(&server);
    redisReply *piece = redisCommand(c, "HGET %s %d", key_of(from, pool), at);
    redisReply *done_it =
        redisCommand(c, "HSET %s %d %b", key_of(to, pool), there, piece->str, (size_t)piece->len);
    freeReplyObject(piece);
    freeReplyObject(done_it);
    redisFree(c);
}

static bool refuses(const char *id, apr_uint64_t size, apr_status_t status, eb_problem_id_t number,
                    apr_uint64_t given, apr_pool_t *pool)
{
    apr_status_t rv = pour(id, size, pool);
    bool good = rv == status && says(number) && seen.same && seen.got == given;
    if (!good)
        printf("# status %d, %s, %d bytes, %s\n", rv, problem ? problem->id : "no problem",
               (int)seen.got, seen.same ? "all true" : "not true");
    return good;
}

static void test_damage(apr_pool_t *pool)
{
    enum { PIECE = EB_CHUNK_LEN, SIZE = 6 * PIECE + 10 };
    const char *id = store(SIZE, PIECE, pool), *other = store(SIZE, PIECE, pool);
    const char *key = key_of(id, pool);

    ok(refuses(id, SIZE - 1, APR_EGENERAL, EB_P_UPLOAD_RECORD, 6 * PIECE, pool), "a smaller size");
    ok(refuses(id, SIZE + 1, APR_EGENERAL, EB_P_UPLOAD_RECORD, 6 * PIECE, pool), "a larger size");
    ok(refuses(id, 6 * PIECE, APR_EGENERAL, EB_P_UPLOAD_RECORD, 5 * PIECE, pool),
       "a size that ends with the piece before the last");
    ok(refuses(id, 7 * PIECE + 1, APR_EGENERAL, EB_P_UPLOAD_RECORD, 6 * PIECE, pool),
       "a size with a piece more");
    ok(refuses(id, 0, APR_EGENERAL, EB_P_UPLOAD_RECORD, 0, pool), "no size");

    ask(pool, "HDEL %s 2", key);
    ok(refuses(id, SIZE, APR_NOTFOUND, EB_P_UPLOAD_GONE, 2 * PIECE, pool), "a lost piece");
    copy_piece(other, 2, id, 2, pool);
    ok(refuses(id, SIZE, APR_EGENERAL, EB_P_UPLOAD_RECORD, 2 * PIECE, pool),
       "the same piece of another file with the same bytes");
    copy_piece(id, 1, id, 2, pool);
    ok(refuses(id, SIZE, APR_EGENERAL, EB_P_UPLOAD_RECORD, 2 * PIECE, pool), "a doubled piece");

    id = store(SIZE, PIECE, pool);
    copy_piece(id, 5, other, 0, pool);
    copy_piece(id, 4, id, 5, pool);
    ok(refuses(id, SIZE, APR_EGENERAL, EB_P_UPLOAD_RECORD, 5 * PIECE, pool), "a moved piece");

    id = store(SIZE, PIECE, pool);
    ask(pool, "HSET %s 4 rubbish", key_of(id, pool));
    ok(refuses(id, SIZE, APR_EGENERAL, EB_P_UPLOAD_RECORD, 4 * PIECE, pool), "a changed piece");
    ask(pool, "HDEL %s 6", key_of(id, pool));
    ask(pool, "HSET %s 4 rubbish", key_of(id, pool));
    ok(refuses(id, 4 * PIECE + 7, APR_EGENERAL, EB_P_UPLOAD_RECORD, 4 * PIECE, pool),
       "not even with the size to match");

    id = store(SIZE, PIECE, pool);
    ask(pool, "HSET %s 7 rubbish", key_of(id, pool));
    is_int(pour(id, SIZE, pool), APR_SUCCESS, "a piece too many");
    ok(seen.same && seen.got == SIZE, "is not read");
    ask(pool, "DEL %s", key_of(id, pool));
    ok(refuses(id, SIZE, APR_NOTFOUND, EB_P_UPLOAD_GONE, 0, pool), "all of it is gone");
    ok(refuses(id, 0, APR_NOTFOUND, EB_P_UPLOAD_GONE, 0, pool), "an empty file can be gone too");
    ask(pool, "SET %s x", key_of(id, pool));
    ok(refuses(id, SIZE, APR_EGENERAL, EB_P_REDIS_ANSWER, 0, pool), "a key of another type");
    ask(pool, "FLUSHALL");
}

static void test_other_draft(apr_pool_t *pool)
{
    const char *id = store(100, 100, pool);
    eb_draft_t *other;

    eb_draft_new(&other, &drafts, apr_time_now(), &problem, pool);
    is_int(pour_of(other, id, 100, pool), APR_NOTFOUND, "another draft has no such file");
    ask(pool, "COPY %s %s", key_of(id, pool), eb_draft_file_name(other, id, pool));
    is_int(pour_of(other, id, 100, pool), APR_EGENERAL, "and could not read it");
    is_int(seen.got, 0, "not a byte");
    is_int(pour(id, 100, pool), APR_SUCCESS, "its own can");
    seen.stop_at = 50;
    is_int(pour(id, 100, pool), APR_EOF, "a failure of the sink is handed through");
    seen.stop_at = 0;
    ask(pool, "FLUSHALL");
}

static int ttl(const char *id, apr_pool_t *pool)
{
    return atoi(ask(pool, "TTL %s", key_of(id, pool)));
}

static long long commands_seen(apr_pool_t *pool)
{
    const char *info = ask(pool, "INFO stats");
    long long n = 0;
    sscanf(strstr(info, "total_commands_processed:"), "total_commands_processed:%lld", &n);
    return n;
}

static void test_life(apr_pool_t *pool)
{
    eb_upload_t *upload = begin(pool);
    const char *id = upload->id, *lost = "AAAAAAAAAAAAAAAAAAAAAA";

    is_str(ask(pool, "DBSIZE"), "0", "nothing is written at the beginning");
    feed(upload, EB_CHUNK_LEN + 1, EB_CHUNK_LEN + 1, pool);
    ok(ttl(id, pool) > 3500 && ttl(id, pool) <= 3600, "the first piece lives for an hour");
    ask(pool, "EXPIRE %s 100", key_of(id, pool));
    feed(upload, EB_CHUNK_LEN, EB_CHUNK_LEN, pool);
    ok(ttl(id, pool) > 3500, "from the latest piece");
    eb_upload_finish(upload, &problem);
    ok(ttl(id, pool) > 3500 && ttl(id, pool) <= 3600, "and so does the whole file");

    const char *second = store(5, 5, pool);
    const char *both[] = {id, second}, *three[] = {id, lost, second};
    long long before = commands_seen(pool);
    is_int(eb_uploads_keep(&drafts, draft, both, 2, &problem, pool), APR_SUCCESS, "kept");
    is_int(commands_seen(pool) - before - 1, 2, "by a command each");
    const char *when = apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_sec(draft->expires));
    is_str(ask(pool, "EXPIRETIME %s", key_of(id, pool)), when, "as long as the draft");
    is_str(ask(pool, "EXPIRETIME %s", key_of(second, pool)), when, "both of them");
    is_int(pour(id, 2 * EB_CHUNK_LEN + 1, pool), APR_SUCCESS, "and it can be read");
    is_int(eb_uploads_keep(&drafts, draft, three, 3, &problem, pool), APR_NOTFOUND,
           "one that is not there");
    ok(says(EB_P_UPLOAD_GONE), "is noticed");
    is_int(eb_uploads_keep(&drafts, draft, NULL, 0, &problem, pool), APR_SUCCESS, "none at all");
    is_int(eb_uploads_delete(&drafts, draft, three, 2, &problem, pool), APR_SUCCESS, "deleted");
    is_str(ask(pool, "DBSIZE"), "1", "only what was named");
    is_int(eb_uploads_delete(&drafts, draft, three, 3, &problem, pool), APR_SUCCESS, "again");
    is_int(eb_uploads_delete(&drafts, draft, NULL, 0, &problem, pool), APR_SUCCESS, "nothing");
    is_str(ask(pool, "DBSIZE"), "0", "all are gone");
}

static void test_abandoned(apr_pool_t *pool)
{
    apr_pool_t *request;

    apr_pool_create(&request, pool);
    feed(begin(request), 200000, 8000, request);
    is_str(ask(pool, "DBSIZE"), "1", "half a file");
    apr_pool_destroy(request);
    is_str(ask(pool, "DBSIZE"), "0", "goes with its request");

    apr_pool_create(&request, pool);
    long long before = commands_seen(pool);
    feed(begin(request), 100, 100, request);
    apr_pool_destroy(request);
    is_int(commands_seen(pool) - before - 1, 0, "what never reached Redis costs nothing");

    apr_pool_create(&request, pool);
    store(100, 100, request);
    apr_pool_destroy(request);
    is_str(ask(pool, "DBSIZE"), "1", "a finished one stays");
    ask(pool, "FLUSHALL");

    eb_upload_t *upload = begin(pool);
    feed(upload, 200000, 8000, pool);
    ask(pool, "FLUSHALL");
    is_int(feed(upload, 200000, 8000, pool), APR_NOTFOUND, "pieces that vanish meanwhile");
    ok(says(EB_P_UPLOAD_GONE), "are noticed");
    is_int(eb_upload_finish(upload, &problem), APR_NOTFOUND, "to the end");
    ok(ttl(upload->id, pool) > 0, "and nothing stays for ever");
    ask(pool, "FLUSHALL");
}

static void test_full(apr_pool_t *pool)
{
    apr_pool_t *request;

    apr_pool_create(&request, pool);
    const char *used = strstr(ask(pool, "INFO memory"), "used_memory:") + 12;
    ask(pool, "CONFIG SET maxmemory %s", apr_psprintf(pool, "%d", atoi(used) + 1000000));
    eb_upload_t *upload = begin(request);
    is_int(feed(upload, BIG, 8000, request), APR_ENOSPC, "Redis is full in the middle");
    ok(says(EB_P_UPLOAD_ROOM), "and the problem says so");
    ok(upload->size > 65536 && upload->size < 3000000, "after some pieces");
    is_int(upload->sink.take(&upload->sink, "x", 1, &problem, request), APR_ENOSPC, "it stays so");
    is_int(eb_upload_finish(upload, &problem), APR_ENOSPC, "to the end");
    apr_pool_destroy(request);
    is_str(ask(pool, "DBSIZE"), "0", "even then the pieces are removed");

    /* the limit falls now before the transaction, now into it */
    apr_pool_create(&request, pool);
    bool always = true;
    for (int i = 0; i < 40; i++) {
        ask(pool, "CONFIG SET maxmemory 0");
        used = strstr(ask(pool, "INFO memory"), "used_memory:") + 12;
        ask(pool, "CONFIG SET maxmemory %s",
            apr_psprintf(pool, "%d", atoi(used) + 200000 + i * 7000));
        apr_status_t rv = feed(begin(request), 3000000, 65536, request);
        always = always && rv == APR_ENOSPC && says(EB_P_UPLOAD_ROOM);
        apr_pool_clear(request);
    }
    ok(always, "wherever the limit is met");
    ask(pool, "CONFIG SET maxmemory 1");
    is_int(eb_upload_finish(begin(request), &problem), APR_ENOSPC, "at the only piece");
    apr_pool_destroy(request);
    ask(pool, "CONFIG SET maxmemory 0");
    is_str(ask(pool, "DBSIZE"), "0", "nothing is left");
}

static void test_away(apr_pool_t *pool)
{
    apr_pool_t *request;

    apr_pool_create(&request, pool);
    eb_upload_t *upload = begin(request);
    feed(upload, 200000, 8000, request);
    test_redis_stop(&server, SIGKILL);
    is_int(feed(upload, 100000, 8000, request), APR_ECONNREFUSED, "Redis goes away in the middle");
    ok(says(EB_P_REDIS_CONNECT), "which is another problem");
    is_int(eb_upload_finish(upload, &problem), APR_ECONNREFUSED, "it stays so");
    apr_pool_destroy(request);
    ok(problem != NULL, "cleaning up without Redis does no harm");

    test_redis_start(&server, server.dir, pool);
    apr_pool_create(&request, pool);
    upload = begin(request);
    feed(upload, 200000, 8000, request);
    test_redis_stop(&server, SIGKILL);
    test_redis_start(&server, server.dir, pool);
    is_int(feed(upload, 100000, 8000, request), APR_NOTFOUND, "Redis comes back empty");
    ok(says(EB_P_UPLOAD_GONE), "the file is gone");
    const char *id = store(200000, 8000, request);
    test_redis_stop(&server, SIGKILL);
    is_int(pour(id, 200000, request), APR_ECONNREFUSED, "nothing to read from");
    test_redis_start(&server, server.dir, pool);
    apr_pool_destroy(request);
    ask(pool, "FLUSHALL");
}

/* What 10 MB leave behind in the request's pool: two pieces, not ten megabytes. */
static void test_memory(apr_pool_t *pool)
{
    apr_allocator_t *allocator;
    apr_pool_t *own;

    apr_allocator_create(&allocator);
    apr_pool_create_ex(&own, NULL, NULL, allocator);
    apr_allocator_owner_set(allocator, own);
    eb_upload_t *upload = begin(own);
    const char *before = apr_palloc(own, 1);
    feed(upload, BIG, 8000, own);
    const char *after = apr_palloc(own, 1);
    eb_upload_finish(upload, &problem);
    ok(after > before && after - before < 100, "pieces take nothing from the pool");
    apr_pool_destroy(own);
    ask(pool, "FLUSHALL");
}

int main(void)
{
    apr_pool_t *pool = tap_begin(), *child;
    const char *dir = scratch_make(pool);

    drafts = (eb_drafts_t){
        .keys = scratch_keys(dir, "a", pool), .tenant = "a.example", .days = EB_DRAFT_DAYS};
    if (!test_redis_start(&server, dir, pool)) {
        skip(1, "redis-server is not installed");
        scratch_remove(dir);
        return done();
    }
    eb_redis_address_t address = {.path = server.socket, .connect_ms = 5000, .command_ms = 5000};
    apr_pool_create(&child, pool);
    eb_redis_create(&drafts.redis, &address, 1, child); /* one: nobody holds it between pieces */
    eb_draft_new(&draft, &drafts, apr_time_now(), &problem, pool);
    text = apr_palloc(pool, BIG);
    eb_random(text, BIG);
    test_sizes(pool);
    test_oracle(pool);
    test_secrecy(pool);
    test_damage(pool);
    test_other_draft(pool);
    test_life(pool);
    test_abandoned(pool);
    test_full(pool);
    test_away(pool);
    test_memory(pool);
    apr_pool_destroy(child);
    test_redis_stop(&server, SIGKILL);
    scratch_remove(dir);
    return done();
}
