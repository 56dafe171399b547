/* Drafts: what is stored comes back, to nobody else, until the day it was promised to go. */
#include "store/draft_codec.h"
#include "store/claim.h"
#include "store/tries.h"
#include "tap.h"
#include "scratch.h"
#include "redis.h"

#include <apr_errno.h>
#include <time.h>

static test_redis_t server;
static eb_problem_t *problem;
static eb_drafts_t drafts;
static apr_time_t now;

static eb_draft_t *fresh(const char *answers, apr_pool_t *pool)
{
    eb_draft_t *d = NULL;
    problem = NULL;
    if (eb_draft_new(&d, &drafts, now, &problem, pool)) {
        printf("Bail out! %s\n", eb_problem_text(problem, pool));
        exit(1);
    }
    d->answers = answers;
    d->answers_len = strlen(answers);
    return d;
}

static const char *ask(const char *verb, const eb_draft_t *d, apr_pool_t *pool)
{
    return test_redis_ask(&server, pool, "%s %s", verb, d->name);
}

static void test_codec(apr_pool_t *pool)
{
    eb_draft_t *d = fresh("familienname=Çelik", pool), got;
    const unsigned char *record;
    apr_size_t len;

    d->state = EB_DRAFT_SUBMITTING;
    d->accepted = now + 5;
    memset(d->form_hash, 0xA5, sizeof d->form_hash);
    d->birth = 0x0102030405060708;
    d->writer = ~(apr_uint64_t)0;
    strcpy(d->node, "node-1.example");
    d->sent = "<nachricht/>";
    d->sent_len = 12;
    is_int(eb_draft_wrap(d, &drafts, pool), APR_SUCCESS, "wrapped");
    is_int(eb_draft_encode(&record, &len, d, 7, &drafts, pool), APR_SUCCESS, "encoded");

    memset(&got, 0, sizeof got);
    strcpy(got.secret, d->secret);
    strcpy(got.name, d->name);
    got.version = 7;
    is_int(eb_draft_decode(&got, record, len, &drafts, pool), APR_SUCCESS, "decoded");
    ok(got.state == d->state && got.created == d->created && got.edited == d->edited &&
           got.accepted == d->accepted && got.expires == d->expires && got.birth == d->birth &&
           got.writer == d->writer && memcmp(got.form_hash, d->form_hash, 16) == 0,
       "every fact");
    is_str(got.uuid, d->uuid, "uuid");
    is_str(got.number, d->number, "number");
    is_str(got.node, d->node, "node");
    ok(got.answers_len == d->answers_len && !memcmp(got.answers, d->answers, got.answers_len),
       "answers");
    ok(got.sent_len == 12 && !memcmp(got.sent, "<nachricht/>", 12), "and what was sent");

    bool refused = true;
    unsigned char *copy = apr_pmemdup(pool, record, len);
    for (apr_size_t i = 0; i < len * 8; i++) {
        copy[i / 8] ^= (unsigned char)(1 << i % 8);
        refused = refused && eb_draft_decode(&got, copy, len, &drafts, pool) != APR_SUCCESS;
        copy[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    ok(refused, "no bit of it can be changed");
    for (apr_size_t i = 0; i < len; i++)
        refused = refused && eb_draft_decode(&got, copy, i, &drafts, pool) != APR_SUCCESS;
    ok(refused, "nor can it be cut");
    got.version = 8;
    is_int(eb_draft_decode(&got, record, len, &drafts, pool), APR_EGENERAL,
           "nor pass for another version");
    got.version = 7;
    got.name[10] ^= 1;
    is_int(eb_draft_decode(&got, record, len, &drafts, pool), APR_EGENERAL,
           "nor stand under another name");
    strcpy(got.name, d->name);
    eb_drafts_t other = drafts;
    other.tenant = "b.example";
    is_int(eb_draft_decode(&got, record, len, &other, pool), APR_EGENERAL,
           "nor belong to another tenant");
    ok(memmem(record, len, "familienname", 12) == NULL, "nothing of it can be read");
}

static void test_names(apr_pool_t *pool)
{
    eb_draft_t *d = fresh("", pool), other = *d;
    eb_drafts_t b = drafts;

    ok(strlen(d->name) == EB_DRAFT_NAME_LEN && !strncmp(d->name, "eb:{", 4) &&
           !strcmp(d->name + 47, "}:draft"),
       "eb:{…}:draft");
    ok(!strstr(d->name, d->secret), "the secret is not in the name");
    b.tenant = "b.example";
    is_int(eb_draft_name(&other, &b), APR_SUCCESS, "another tenant");
    ok(strcmp(other.name, d->name) != 0, "has another name for it");
    b.tenant = drafts.tenant;
    b.keys = scratch_keys(server.dir, "z", pool);
    is_int(eb_draft_name(&other, &b), APR_SUCCESS, "other keys");
    is_str(other.name, d->name, "have the same");
}

/* Number and code name the submission, and nothing else does. */
static void test_claim(apr_pool_t *pool)
{
    eb_draft_t *d = fresh("", pool), *e = fresh("", pool);
    char code[EB_CLAIM_LEN + 1], other[EB_CLAIM_LEN + 1], uuid[EB_UUID_LEN + 1];
    eb_drafts_t rotated = drafts;

    rotated.keys = scratch_keys(server.dir, "z", pool);
    is_int(eb_claim_code(code, d, &rotated), APR_SUCCESS, "a code");
    ok(eb_code_valid(code, EB_CLAIM_CODE) && !strstr(d->secret, code), "of its own");
    is_int(eb_claim_uuid(uuid, rotated.keys, d->number, code), APR_SUCCESS, "a UUID");
    is_str(uuid, d->uuid, "number and code lead to the submission, whatever the key file has");
    ok(eb_uuid_valid(uuid), "which is a UUID");
    eb_claim_uuid(uuid, drafts.keys, e->number, code);
    ok(strcmp(uuid, d->uuid) && strcmp(uuid, e->uuid), "another number leads nowhere");
    eb_claim_code(other, e, &drafts);
    eb_claim_uuid(uuid, drafts.keys, d->number, other);
    ok(strcmp(code, other) && strcmp(uuid, d->uuid), "nor does another code");
}

static void test_life(apr_pool_t *pool)
{
    eb_draft_t *d = fresh("eins", pool), *a, *b;
    char secret[EB_DRAFT_SECRET_LEN + 1];

    strcpy(secret, d->secret);
    is_int(eb_draft_load(&a, &drafts, secret, &problem, pool), APR_NOTFOUND,
           "nothing before the first save");
    is_str(test_redis_ask(&server, pool, "DBSIZE"), "0", "Redis is empty");
    is_int(eb_draft_save(d, &drafts, now, true, &problem, pool), APR_SUCCESS, "saved");
    is_int(d->version, 1, "as version 1");
    is_str(ask("EXPIRETIME", d, pool),
           apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_sec(d->expires)), "with its expiry");
    is_int(eb_draft_load(&a, &drafts, secret, &problem, pool), APR_SUCCESS, "loaded");
    ok(a->answers_len == 4 && !memcmp(a->answers, "eins", 4), "the answers");
    is_int(a->version, 1, "the version");
    is_str(a->uuid, d->uuid, "the UUID");

    is_int(eb_draft_load(&b, &drafts, secret, &problem, pool), APR_SUCCESS, "a second tab");
    a->answers = "zwei", b->answers = "drei";
    is_int(eb_draft_save(a, &drafts, now + 1, true, &problem, pool), APR_SUCCESS,
           "the first tab saves");
    is_int(eb_draft_save(b, &drafts, now + 2, true, &problem, pool), APR_EEXIST,
           "the second is told");
    is_int(b->version, 1, "and stays as it was");
    is_int(eb_draft_load(&b, &drafts, secret, &problem, pool), APR_SUCCESS, "it loads again");
    ok(!memcmp(b->answers, "zwei", 4) && b->version == 2, "what the first wrote");
    is_str(ask("XLEN", d, pool), "1", "one record at a time");

    is_int(eb_draft_delete(b, &drafts, &problem, pool), APR_SUCCESS, "discarded");
    is_int(eb_draft_load(&b, &drafts, secret, &problem, pool), APR_NOTFOUND, "gone");
    a->answers = "vier";
    is_int(eb_draft_save(a, &drafts, now + 86400 * (apr_time_t)1000000, true, &problem, pool),
           APR_NOTFOUND, "a tab that did not know cannot bring it back");
    is_int(eb_draft_save(a, &drafts, now, false, &problem, pool), APR_NOTFOUND,
           "nor without an edit");
    is_str(test_redis_ask(&server, pool, "DBSIZE"), "0", "Redis is empty again");

    is_int(eb_draft_load(&b, &drafts, "zu-kurz", &problem, pool), APR_EINVAL, "a short secret");
    memset(secret, '!', EB_DRAFT_SECRET_LEN);
    is_int(eb_draft_load(&b, &drafts, secret, &problem, pool), APR_EINVAL, "a wrong one");
    ok(!problem, "none of which is a problem");
}

/* The same record saved twice: as after a lost reply, and as a first save under an existing name.
 */
static void test_twice(apr_pool_t *pool)
{
    eb_draft_t *d = fresh("x", pool), again = *d;

    is_int(eb_draft_save(d, &drafts, now, true, &problem, pool), APR_SUCCESS, "first");
    is_int(eb_draft_save(&again, &drafts, now, true, &problem, pool), APR_EEXIST, "first again");
    again = *d;
    is_int(eb_draft_save(d, &drafts, now, false, &problem, pool), APR_SUCCESS, "second");
    is_int(eb_draft_save(&again, &drafts, now, false, &problem, pool), APR_EEXIST, "second again");
    eb_draft_delete(d, &drafts, &problem, pool);
}

static void test_expiry(apr_pool_t *pool)
{
    const apr_time_t day = apr_time_from_sec(86400);
    eb_date_t edit = eb_local_date(now);
    eb_draft_t *d = fresh("x", pool);

    eb_draft_save(d, &drafts, now, true, &problem, pool);
    is_int(eb_date_days(eb_draft_last_day(d)), eb_date_days(edit) + 30, "the last day is the 30th");
    is_int(d->expires, eb_local_midnight(eb_date_from_days(eb_date_days(edit) + 31)), "to its end");

    apr_time_t first = d->expires;
    eb_draft_save(d, &drafts, now + 2 * day, false, &problem, pool);
    is_int(d->expires, first, "what the applicant did not do prolongs nothing");
    eb_draft_save(d, &drafts, now + 2 * day, true, &problem, pool);
    ok(d->expires > first, "an edit does");
    is_str(ask("EXPIRETIME", d, pool),
           apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_sec(d->expires)), "in Redis too");
    first = d->expires;
    is_int(eb_draft_save(d, &drafts, now - 700 * day, true, &problem, pool), APR_SUCCESS,
           "a clock set back");
    is_int(d->expires, first, "deletes nothing");
    is_str(ask("XLEN", d, pool), "1", "it is there");
    eb_draft_delete(d, &drafts, &problem, pool);

    /* 30 days from 1 October cross the end of summer time: the night is an hour longer */
    apr_time_t october = eb_local_midnight((eb_date_t){2026, 10, 1}) + apr_time_from_sec(3600);
    eb_draft_new(&d, &drafts, october, &problem, pool);
    is_int(d->expires, eb_local_midnight((eb_date_t){2026, 11, 1}),
           "across the end of summer time");
    is_str(eb_date_iso(eb_draft_last_day(d), pool), "2026-10-31", "the last day shown");
}

/* Commands that Redis has seen since it was last asked. */
static long long commands_seen(apr_pool_t *pool)
{
    const char *info = test_redis_ask(&server, pool, "INFO stats");
    long long n = 0;
    sscanf(strstr(info, "total_commands_processed:"), "total_commands_processed:%lld", &n);
    return n;
}

static void test_commands(apr_pool_t *pool)
{
    eb_draft_t *d = fresh("x", pool);
    char secret[EB_DRAFT_SECRET_LEN + 1];
    strcpy(secret, d->secret);

    long long before = commands_seen(pool);
    eb_draft_save(d, &drafts, now, true, &problem, pool);
    is_int(commands_seen(pool) - before - 1, 4, "the first save: a transaction of two commands");
    before = commands_seen(pool);
    eb_draft_load(&d, &drafts, secret, &problem, pool);
    is_int(commands_seen(pool) - before - 1, 1, "a load: one command");
    before = commands_seen(pool);
    eb_draft_save(d, &drafts, now + 1, true, &problem, pool);
    is_int(commands_seen(pool) - before - 1, 1, "a save on the same day: one command");
    eb_draft_delete(d, &drafts, &problem, pool);
}

/* The keys of two files, and of one that is not there. */
static void test_files(apr_pool_t *pool)
{
    static const char *const ids[] = {"AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB",
                                      "CCCCCCCCCCCCCCCCCCCCCC"};
    const char *keys[3];
    eb_draft_t *d = fresh("x", pool);

    for (int i = 0; i < 3; i++)
        keys[i] = eb_draft_file_name(d, ids[i], pool);
    is_int(strlen(keys[0]), 73, "eb:{…}:f:<id>");
    ok(!strncmp(keys[0], d->name, 48) && !strcmp(keys[0] + 48, ":f:AAAAAAAAAAAAAAAAAAAAAA"),
       "with the draft's tag");
    for (int i = 0; i < 2; i++)
        test_redis_ask(&server, pool, "HSET %s 0 x", keys[i]);
    d->files = ids;
    d->files_count = 3;
    long long before = commands_seen(pool);
    is_int(eb_draft_save(d, &drafts, now, true, &problem, pool), APR_SUCCESS,
           "a missing file is no failure");
    is_int(commands_seen(pool) - before - 1, 7, "one more command for each");
    const char *when = apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_sec(d->expires));
    is_str(test_redis_ask(&server, pool, "EXPIRETIME %s", keys[0]), when, "the file lives as long");
    is_str(test_redis_ask(&server, pool, "EXPIRETIME %s", keys[1]), when, "the other too");
    is_str(test_redis_ask(&server, pool, "EXISTS %s", keys[2]), "0", "the third is not made");

    before = commands_seen(pool);
    eb_draft_save(d, &drafts, now + 1, true, &problem, pool);
    is_int(commands_seen(pool) - before - 1, 1, "on the same day: one command, files or not");
    eb_draft_t stale = *d;
    eb_draft_save(d, &drafts, now + apr_time_from_sec(2 * 86400), true, &problem, pool);
    when = apr_psprintf(pool, "%" APR_TIME_T_FMT, apr_time_sec(d->expires));
    is_str(test_redis_ask(&server, pool, "EXPIRETIME %s", keys[1]), when, "moved with the draft");
    is_int(eb_draft_save(&stale, &drafts, now + apr_time_from_sec(3 * 86400), true, &problem, pool),
           APR_EEXIST, "the second of two tabs is told");

    d->files_count = 2;
    before = commands_seen(pool);
    is_int(eb_draft_delete(d, &drafts, &problem, pool), APR_SUCCESS, "deleted");
    is_int(commands_seen(pool) - before - 1, 3, "a command for each");
    is_str(test_redis_ask(&server, pool, "DBSIZE"), "0", "the files went with it");
}

static void test_full(apr_pool_t *pool)
{
    eb_draft_t *d = fresh("x", pool);

    test_redis_ask(&server, pool, "CONFIG SET maxmemory 1");
    is_int(eb_draft_save(d, &drafts, now, true, &problem, pool), APR_EGENERAL, "Redis is full");
    ok(problem && problem->number == EB_P_REDIS_REFUSED, "and says so");
    test_redis_ask(&server, pool, "CONFIG SET maxmemory 0");
}

static void test_keys(apr_pool_t *pool)
{
    eb_draft_t *d = fresh("alt", pool);
    char secret[EB_DRAFT_SECRET_LEN + 1];
    eb_drafts_t rotated = drafts, foreign = drafts;

    strcpy(secret, d->secret);
    eb_draft_save(d, &drafts, now, true, &problem, pool);
    rotated.keys = scratch_keys(server.dir, "na", pool); /* a new key in front of the old one */
    foreign.keys = scratch_keys(server.dir, "n", pool);
    is_int(eb_draft_load(&d, &foreign, secret, &problem, pool), APR_EGENERAL,
           "without the old key");
    ok(problem && problem->number == EB_P_DRAFT_KEY, "the problem says which is missing");
    is_int(eb_draft_load(&d, &rotated, secret, &problem, pool), APR_SUCCESS, "with both");
    is_int(eb_draft_save(d, &rotated, now + 1, true, &problem, pool), APR_SUCCESS, "saved");
    is_int(eb_draft_load(&d, &foreign, secret, &problem, pool), APR_SUCCESS,
           "then the new one is enough");
    is_int(eb_draft_load(&d, &drafts, secret, &problem, pool), APR_EGENERAL,
           "and the old one is not");
    eb_draft_delete(d, &rotated, &problem, pool);
}

static void test_damage(apr_pool_t *pool)
{
    eb_draft_t *d = fresh("x", pool), *got;

    test_redis_ask(&server, pool, "SET %s x", d->name);
    is_int(eb_draft_load(&got, &drafts, d->secret, &problem, pool), APR_EGENERAL,
           "a key of another type");
    ok(problem && problem->number == EB_P_REDIS_ANSWER, "EB0404");
    is_int(eb_draft_save(d, &drafts, now, true, &problem, pool), APR_EGENERAL,
           "cannot be saved over");
    test_redis_ask(&server, pool, "DEL %s", d->name);
    test_redis_ask(&server, pool, "XADD %s 3-0 d rubbish", d->name);
    is_int(eb_draft_load(&got, &drafts, d->secret, &problem, pool), APR_EGENERAL,
           "a foreign record");
    ok(problem && problem->number == EB_P_DRAFT_RECORD, "EB0406");
    test_redis_ask(&server, pool, "XADD %s 3-1 d rubbish", d->name);
    is_int(eb_draft_load(&got, &drafts, d->secret, &problem, pool), APR_EGENERAL, "a foreign id");
    test_redis_ask(&server, pool, "DEL %s", d->name);

    char *big = apr_pcalloc(pool, EB_DRAFT_MAX + 1);
    d->answers = memset(big, 'x', EB_DRAFT_MAX);
    d->answers_len = EB_DRAFT_MAX;
    is_int(eb_draft_save(d, &drafts, now, true, &problem, pool), APR_ENOSPC, "too large");
    ok(problem && problem->number == EB_P_DRAFT_SIZE, "EB0407");
    d->answers_len = 512 * 1024;
    is_int(eb_draft_save(d, &drafts, now, true, &problem, pool), APR_SUCCESS,
           "as large as an instance may be");
    is_int(eb_draft_load(&got, &drafts, d->secret, &problem, pool), APR_SUCCESS, "and back");
    ok(got->answers_len == 512 * 1024 && !memcmp(got->answers, big, got->answers_len), "unchanged");
    eb_draft_delete(d, &drafts, &problem, pool);
    is_str(test_redis_ask(&server, pool, "DBSIZE"), "0", "nothing is left");
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_tries(apr_pool_t *pool)
{
    bool left = true, all = true;
    const char *key;

    test_redis_ask(&server, pool, "FLUSHALL");
    for (int i = 0; i < EB_TRIES_MAX; i++)
        all =
            all &&
            !eb_tries_count(&left, drafts.redis, drafts.keys, "\x0a\0\0", 3, now, &problem, pool) &&
            left;
    ok(all, "so many tries are free");
    eb_tries_count(&left, drafts.redis, drafts.keys, "\x0a\0\0", 3, now, &problem, pool);
    ok(!left, "one more is one too many");
    key = test_redis_ask(&server, pool, "RANDOMKEY");
    ok(atoi(test_redis_ask(&server, pool, "TTL %s", key)) > 600, "the count goes by itself");
    eb_tries_count(&left, drafts.redis, drafts.keys, "\x0a\0\1", 3, now, &problem, pool);
    ok(left, "another place has its own");
    eb_tries_count(&left, drafts.redis, drafts.keys, "\x0a\0\0", 3, now + EB_TRIES_SPAN, &problem,
                   pool);
    ok(left, "and later is another matter");
    is_str(test_redis_ask(&server, pool, "DBSIZE"), "3", "under three names");
    test_redis_ask(&server, pool, "FLUSHALL");
}

/* Not a test: figures for the curious. */
static void measure(apr_pool_t *pool)
{
    enum { ROUNDS = 2000 };
    char *answers = apr_pcalloc(pool, 8001);
    eb_draft_t *d = fresh(memset(answers, 'x', 8000), pool), *got;
    apr_pool_t *sub;

    eb_draft_save(d, &drafts, now, true, &problem, pool);
    apr_pool_create(&sub, pool);
    double start = seconds();
    for (int i = 0; i < ROUNDS; i++) {
        eb_draft_load(&got, &drafts, d->secret, &problem, sub);
        apr_pool_clear(sub);
    }
    double load = seconds() - start;
    start = seconds();
    for (int i = 0; i < ROUNDS; i++) {
        eb_draft_save(d, &drafts, now + i, true, &problem, sub);
        apr_pool_clear(sub);
    }
    double save = seconds() - start;
    printf("# 8 kB of answers: load %.1f us, save %.1f us, %s bytes in Redis\n",
           load / ROUNDS * 1e6, save / ROUNDS * 1e6,
           test_redis_ask(&server, pool, "MEMORY USAGE %s", d->name));
    eb_draft_delete(d, &drafts, &problem, pool);
}

int main(void)
{
    apr_pool_t *pool = tap_begin(), *child;
    const char *dir = scratch_make(pool);

    server.dir = dir;
    now = apr_time_now();
    drafts = (eb_drafts_t){
        .keys = scratch_keys(dir, "a", pool), .tenant = "a.example", .days = EB_DRAFT_DAYS};
    test_codec(pool);
    test_names(pool);
    test_claim(pool);
    if (!test_redis_start(&server, dir, pool)) {
        skip(1, "redis-server is not installed");
        scratch_remove(dir);
        return done();
    }
    eb_redis_address_t address = {.path = server.socket, .connect_ms = 5000, .command_ms = 5000};
    apr_pool_create(&child, pool);
    eb_redis_create(&drafts.redis, &address, 2, child);
    test_life(pool);
    test_twice(pool);
    test_expiry(pool);
    test_commands(pool);
    test_files(pool);
    test_full(pool);
    test_keys(pool);
    test_damage(pool);
    test_tries(pool);
    measure(pool);
    test_redis_stop(&server, SIGKILL);
    scratch_remove(dir);
    return done();
}
