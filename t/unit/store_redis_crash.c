/* The outbox in Redis and death: kill -9 of a worker after every single system call of a put and of
 * a delivery, kill -9 of Redis at each of the same moments, and many writers and workers at once.
 * Nothing is lost, and nothing is done twice. */
#include "redis_outbox.h"
#include "base/chunk.h"
#include "crash.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <apr_thread_proc.h>

enum { LEN = EB_CHUNK_LEN + 1000 }; /* two pieces */

static test_redis_t server;
static const eb_keyring_t *keys;
static eb_outbox_t *box; /* the survivor's */
static apr_pool_t *pool;
static apr_time_t now;
static int lost, twice; /* over all tests */

static apr_uint64_t seed_of(const eb_job_t *job)
{
    return strtoull(job->uuid, NULL, 16);
}

/* A node that begins its life: no socket crosses a fork. */
static eb_outbox_t *node(apr_pool_t **own)
{
    apr_pool_create(own, NULL);
    return redis_outbox_node(&server, 0, EB_LEASE, keys, *own);
}

static apr_status_t put(eb_outbox_t *to, eb_job_t *job, apr_pool_t *p)
{
    eb_problem_t *problem = NULL;
    bytes_t package = bytes_made(seed_of(job), LEN);
    return to->engine->put(to, job, &package.source, &problem, p);
}

static int put_one(void *baton)
{
    eb_job_t job = *(eb_job_t *)baton;
    apr_pool_t *own;
    eb_outbox_t *to = node(&own);
    return put(to, &job, own) != APR_SUCCESS;
}

static bool is_whole(eb_outbox_t *from, const eb_job_t *job, apr_pool_t *p)
{
    char *got = apr_palloc(p, LEN);
    eb_problem_t *problem = NULL;
    eb_reader_t *reader;

    return !from->engine->read(&reader, from, job, &problem, p) && reader->len == LEN &&
           !reader->at(reader, 0, got, LEN, &problem, p) && bytes_same(got, seed_of(job), 0, LEN);
}

/* A worker's whole way with one job; each effect outside is a line in a list, as a receiver's. */
static apr_status_t deliver(eb_outbox_t *from, apr_pool_t *p)
{
    static const eb_job_state_t way[] = {EB_JOB_ANNOUNCED, EB_JOB_SUBMITTED, EB_JOB_CONFIRMED};
    eb_problem_t *problem = NULL;
    eb_job_t *job;

    apr_status_t rv = from->engine->take(&job, from, AUTHORITY, now, &problem, p);
    if (rv)
        return rv;
    if (!is_whole(from, job, p))
        return APR_EGENERAL;
    for (int i = 0; i < 3 && !rv; i++) {
        if (job->state >= way[i])
            continue;
        job->state = way[i];
        rv = from->engine->save(from, job, &problem, p);
    }
    if (!rv)
        rv = from->engine->purge(from, job, &problem, p);
    from->engine->release(from, job);
    return rv;
}

static int deliver_one(void *baton)
{
    apr_pool_t *own;
    eb_outbox_t *from = node(&own);
    (void)baton;
    return deliver(from, own) != APR_SUCCESS;
}

static int count(const char *kind)
{
    return redis_outbox_keys(&server, kind, pool);
}

/* The leases of the dead run out: as if a minute had passed. */
static void let_lapse(const eb_job_t *job)
{
    test_redis_ask(&server, pool, "DEL " STOCK "lease:%s", job->uuid);
}

/* After whatever happened to the first put: the second one and one delivery settle it. */
static bool settled(const eb_job_t *job, apr_pool_t *p)
{
    eb_job_t again = *job, *got;
    eb_problem_t *problem = NULL;
    apr_status_t found = box->engine->find(&got, box, AUTHORITY, job->uuid, &problem, p);

    again.accepted = now + 1;
    apr_status_t rv = put(box, &again, p);
    if (found == APR_NOTFOUND ? rv != APR_SUCCESS : found || rv != APR_EEXIST)
        return false;
    if (again.accepted != (rv ? now : now + 1))
        return false;
    now += 2;
    let_lapse(job);
    bool once = deliver(box, p) == APR_SUCCESS;
    lost += !once;
    twice += deliver(box, p) != APR_EOF;
    return once && count("job:*") == 0 && count("package:*") == 0 && count("lease:*") == 0;
}

/* Tells how the child's end, or what befell Redis, left things each time. */
typedef crash_t (*blow_t)(int n, int (*body)(void *), void *baton);

static void test_put(const char *name, blow_t blow, int step)
{
    int n = 0, before = count("done:*"), puts = 0;
    bool good = true;
    apr_pool_t *sub;
    crash_t end;

    apr_pool_create(&sub, pool);
    do {
        eb_job_t job = spool_job(now);
        end = blow(n, put_one, &job);
        good = good && settled(&job, sub) && count("done:*") == before + ++puts;
        apr_pool_clear(sub);
    } while (good && end != CRASH_FINISHED && end != CRASH_UNABLE && (n += step) < 2000);
    if (end == CRASH_UNABLE) {
        skip(1, "ptrace is not allowed here");
        return;
    }
    ok(good, name);
    printf("# %d system calls\n", n);
}

static void test_delivery(const char *name, blow_t blow, int step)
{
    int n = 0, before = count("done:*"), puts = 0;
    bool good = true;
    apr_pool_t *sub;
    crash_t end;

    apr_pool_create(&sub, pool);
    do {
        eb_job_t job = spool_job(now), *got;
        eb_problem_t *problem = NULL;
        good = good && !put(box, &job, sub);
        end = blow(n, deliver_one, NULL);
        good = good && !box->engine->find(&got, box, AUTHORITY, job.uuid, &problem, sub) &&
               got->state != EB_JOB_HELD && got->accepted == now;
        let_lapse(&job);
        if (good && got->state != EB_JOB_PURGED) {
            apr_status_t rv = deliver(box, sub);
            lost += rv != APR_SUCCESS;
            good = good && !rv;
        }
        twice += deliver(box, sub) != APR_EOF;
        good = good && count("job:*") == 0 && count("done:*") == before + ++puts;
        apr_pool_clear(sub);
    } while (good && end != CRASH_FINISHED && end != CRASH_UNABLE && (n += step) < 2000);
    if (end == CRASH_UNABLE) {
        skip(1, "ptrace is not allowed here");
        return;
    }
    ok(good, name);
    printf("# %d system calls\n", n);
}

/* Redis dies and comes back while the child stands still. */
static void restart_redis(void *baton)
{
    (void)baton;
    test_redis_stop(&server, SIGKILL);
    test_redis_launch(&server, "--appendonly", "yes");
    while (strcmp(test_redis_ask(&server, pool, "PING"), "PONG") != 0)
        usleep(1000);
    test_redis_ask(&server, pool, "CONFIG SET appendfsync always");
}

/* What the child makes of it does not matter, as long as it lives; that nothing is lost does. */
static crash_t blow_redis(int n, int (*body)(void *), void *baton)
{
    crash_t end = crash_meanwhile(n, body, baton, restart_redis);
    return end == CRASH_FAILED ? CRASH_KILLED : end;
}

/* Takes what is due, which must be due when it is taken. */
static int take_due(void *baton)
{
    apr_pool_t *own;
    eb_outbox_t *from = node(&own);
    eb_problem_t *problem = NULL;
    eb_job_t *job;

    (void)baton;
    apr_status_t rv = from->engine->take(&job, from, AUTHORITY, now, &problem, own);
    if (rv)
        return rv != APR_EOF;
    bool due = job->due <= now;
    from->engine->release(from, job);
    return !due;
}

static void postpone(void *baton)
{
    eb_problem_t *problem = NULL;
    eb_job_t *job;

    (void)baton;
    if (box->engine->take(&job, box, AUTHORITY, now, &problem, pool))
        return;
    job->due = now + apr_time_from_sec(60);
    box->engine->save(box, job, &problem, pool);
    box->engine->release(box, job);
}

/* Between a worker's look into `due` and its lease another one may have had the job. */
static void test_overtaken(void)
{
    bool good = true;
    crash_t end;
    int n = 0;

    do {
        eb_job_t job = spool_job(now);
        put(box, &job, pool);
        end = crash_meanwhile(n, take_due, NULL, postpone);
        good = good && end != CRASH_FAILED;
        now += apr_time_from_sec(61);
        let_lapse(&job);
        good = good && deliver(box, pool) == APR_SUCCESS;
    } while (good && end == CRASH_KILLED && ++n < 2000);
    if (end == CRASH_UNABLE) {
        skip(1, "ptrace is not allowed here");
        return;
    }
    ok(good, "a job that is postponed while somebody takes it is not taken too early");
}

static void test_litter(void)
{
    static const char script[] = "local n = 0 "
                                 "for _, k in ipairs(redis.call('KEYS', ARGV[1])) do "
                                 "if redis.call('TTL', k) < 0 then n = n + 1 end end return n";

    ok(count("new:*") > 0, "packages that never came in are left");
    is_str(test_redis_ask(&server, pool, "EVAL %s 0 %s", script, STOCK "new:*"), "0",
           "and all of them expire");
}

/* --- many at once --- */

enum { SAME = 20, WRITERS = 4 };
static eb_job_t same[SAME];

typedef struct count_t {
    int accepted, found, wrong;
} count_t;

static void put_same(int report, int salt)
{
    apr_pool_t *own;
    eb_outbox_t *to = node(&own);
    count_t c = {0};

    for (int i = 0; i < SAME; i++) {
        eb_job_t job = same[i];
        job.accepted = now + salt;
        apr_status_t rv = put(to, &job, own);
        c.accepted += rv == APR_SUCCESS;
        c.found += rv == APR_EEXIST;
        c.wrong += rv != APR_SUCCESS && rv != APR_EEXIST;
    }
    _exit(write(report, &c, sizeof c) != (ssize_t)sizeof c);
}

static void test_contest(void)
{
    int fds[2], litter = count("new:*");
    count_t sum = {0}, one;

    for (int i = 0; i < SAME; i++)
        same[i] = spool_job(now);
    if (pipe(fds))
        return;
    fflush(stdout);
    for (int w = 0; w < WRITERS; w++)
        if (fork() == 0)
            put_same(fds[1], w);
    close(fds[1]);
    while (read(fds[0], &one, sizeof one) == (ssize_t)sizeof one) {
        sum.accepted += one.accepted;
        sum.found += one.found;
        sum.wrong += one.wrong;
    }
    close(fds[0]);
    for (int w = 0; w < WRITERS; w++)
        wait(NULL);
    is_int(sum.accepted, SAME, "of four writers of one UUID one wins");
    is_int(sum.found, SAME * (WRITERS - 1), "and the others find it");
    is_int(sum.wrong, 0, "nothing else happens");
    is_int(count("package:*"), SAME, "one package each");
    is_int(count("new:*"), litter, "and nothing else");
}

/* Notes what it has while it holds it: twice the same name would be a double delivery. */
static void work(int notes)
{
    apr_pool_t *own;
    eb_outbox_t *from = node(&own);
    eb_problem_t *problem = NULL;
    eb_job_t *job;

    while (from->engine->take(&job, from, AUTHORITY, now, &problem, own) == APR_SUCCESS) {
        if (write(notes, job->uuid, EB_UUID_LEN) != EB_UUID_LEN)
            _exit(1);
        job->state = EB_JOB_CONFIRMED;
        if (from->engine->save(from, job, &problem, own) ||
            from->engine->purge(from, job, &problem, own))
            _exit(1);
        from->engine->release(from, job);
    }
    _exit(0);
}

static int by_text(const void *a, const void *b)
{
    return memcmp(a, b, EB_UUID_LEN);
}

static void test_workers(void)
{
    static char names[SAME * 2][EB_UUID_LEN];
    int fds[2], got = 0, doubles = 0;

    if (pipe(fds))
        return;
    now += apr_time_from_sec(10);
    fflush(stdout);
    for (int w = 0; w < WRITERS; w++)
        if (fork() == 0)
            work(fds[1]);
    close(fds[1]);
    while (got < SAME * 2 && read(fds[0], names[got], EB_UUID_LEN) == EB_UUID_LEN)
        got++;
    close(fds[0]);
    for (int w = 0; w < WRITERS; w++)
        wait(NULL);
    qsort(names, got, EB_UUID_LEN, by_text);
    for (int i = 1; i < got; i++)
        doubles += memcmp(names[i], names[i - 1], EB_UUID_LEN) == 0;
    is_int(got, SAME, "four workers deliver all of them");
    is_int(doubles, 0, "none twice");
    is_int(count("job:*"), 0, "nothing waits");
}

int main(void)
{
    pool = tap_begin();
    const char *dir = scratch_make_fast(pool);

    keys = scratch_keys(dir, "a", pool);
    now = apr_time_now();
    if (!redis_outbox_start(&server, dir, pool)) {
        skip(1, "no redis-server");
        return done();
    }
    box = redis_outbox_node(&server, 0, EB_LEASE, keys, pool);
    test_put("a writer that dies anywhere has put all of it or nothing", crash_after, 1);
    test_delivery("what a worker that dies anywhere leaves, the next one finishes", crash_after, 1);
    test_put("Redis dies anywhere in a put", blow_redis, 2);
    test_delivery("and anywhere in a delivery", blow_redis, 2);
    test_overtaken();
    test_litter();
    test_contest();
    test_workers();
    is_int(lost, 0, "nothing was lost");
    is_int(twice, 0, "nothing was there twice");
    printf(
        "# figure redis_outbox_lost %d submissions\n# figure redis_outbox_twice %d submissions\n",
        lost, twice);
    test_redis_stop(&server, SIGTERM);
    scratch_remove(dir);
    return done();
}
