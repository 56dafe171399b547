/* What a spool remembers of its queue is a hint: taking costs the same however many wait, and the
 * folder has the last word. */
#include "store/outbox.h"
#include "tap.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <time.h>

static const char *dir;
static const eb_keyring_t *keys;
static apr_pool_t *pool;
static apr_time_t now;
static const apr_time_t second = APR_USEC_PER_SEC;

static eb_job_t put(eb_outbox_t *box, apr_time_t accepted)
{
    eb_problem_t *problem = NULL;
    eb_job_t job = spool_job(accepted);
    apr_pool_t *sub;

    apr_pool_create(&sub, pool);
    spool_put(box, &job, &problem, sub);
    apr_pool_destroy(sub);
    return job;
}

static eb_job_t *take(eb_outbox_t *box, apr_time_t at)
{
    eb_problem_t *problem = NULL;
    eb_job_t *job = NULL;
    return box->engine->take(&job, box, AUTHORITY, at, &problem, pool) ? NULL : job;
}

static void finish(eb_outbox_t *box, eb_job_t *job)
{
    eb_problem_t *problem = NULL;
    job->state = EB_JOB_CONFIRMED;
    box->engine->purge(box, job, &problem, pool);
    box->engine->release(box, job);
}

static void let_go(eb_outbox_t *box, eb_job_t *job, apr_time_t due)
{
    eb_problem_t *problem = NULL;
    job->due = due;
    box->engine->save(box, job, &problem, pool);
    box->engine->release(box, job);
}

static bool is_job(const eb_job_t *got, const eb_job_t *want)
{
    return got && strcmp(got->uuid, want->uuid) == 0;
}

static int drain(eb_outbox_t *box, int most, apr_time_t at)
{
    apr_pool_t *whole = pool;
    eb_job_t *job;
    int n = 0;

    apr_pool_create(&pool, whole);
    for (; n < most && (job = take(box, at)); n++) {
        finish(box, job);
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    pool = whole;
    return n;
}

static void test_order(eb_outbox_t *box)
{
    eb_job_t a = put(box, now), b = put(box, now + 1), c = put(box, now + 2), *got = take(box, now);

    ok(is_job(got, &a), "the one that has been due longest");
    ok(!take(box, now), "nothing else is due");
    let_go(box, got, now + 10 * second);
    got = take(box, now + 5);
    ok(is_job(got, &b), "then the next");
    box->engine->release(box, got);
    got = take(box, now + 5);
    ok(is_job(got, &b), "once more, for it was only let go");
    let_go(box, got, now + 20 * second);
    eb_job_t d = put(box, now + second);
    ok(is_job(got = take(box, now + 30 * second), &c), "then the third");
    finish(box, got);
    ok(is_job(got = take(box, now + 30 * second), &a), "the first again, when it is due");
    finish(box, got);
    ok(is_job(got = take(box, now + 30 * second), &b), "and the second");
    finish(box, got);
    ok(is_job(got = take(box, now + 30 * second), &d), "one that came meanwhile");
    finish(box, got);
    ok(!take(box, now + 30 * second), "and no more");
}

/* Two boxes on one folder are two processes. */
static void test_stale(eb_outbox_t *box, eb_outbox_t *other)
{
    int n = 0;

    for (int i = 0; i < 20; i++)
        put(box, now);
    finish(box, take(box, now)); /* it has seen them all */
    eb_job_t *theirs = take(other, now);
    while (drain(other, 1, now))
        n++;
    is_int(n, 18, "another process delivers");
    ok(!take(box, now), "nothing of it is taken a second time, nor what is in other hands");
    let_go(other, theirs, now + 3 * second);
    ok(!take(box, now), "what was put off elsewhere is not due here");
    is_int(drain(box, 9, now + 3 * second), 1, "before it is");

    eb_job_t job = put(box, now), *got = take(box, now);
    let_go(box, got, now + 600 * second);
    ok(!take(box, now + second), "put off here");
    got = take(other, now + 601 * second);
    let_go(other, got, now);
    ok(is_job(got = take(box, now + second), &job), "and called back from elsewhere");
    finish(box, got);
}

static void test_clock(eb_outbox_t *box)
{
    eb_job_t job = put(box, now + 7200 * second), *got = take(box, now);

    ok(is_job(got, &job), "due in two hours: the clock was set back");
    let_go(box, got, now + 60 * second);
    ok(!take(box, now + 59 * second), "put off as everything");
    ok(is_job(got = take(box, now + 60 * second), &job), "until it is due");
    finish(box, got);
}

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Microseconds of each of 200 deliveries, the first look not counted. */
static double cost(eb_outbox_t *box, int waiting)
{
    for (int i = 0; i < waiting; i++)
        put(box, now + i);
    drain(box, 1, now + waiting);
    double start = cpu();
    drain(box, 200, now + waiting);
    return (cpu() - start) / 200 * 1e6;
}

static void test_flat(eb_outbox_t *box)
{
    double few = cost(box, 400);
    drain(box, 1000, now + 400);
    double many = cost(box, 8000);

    printf("# a delivery out of 400: %.0f us, out of 8000: %.0f us\n", few, many);
    ok(many < 4 * few, "a delivery costs the same, however many wait");
    double start = cpu();
    for (int i = 0; i < 100; i++)
        drain(box, 1, now - 1);
    ok(cpu() - start < 100 * many / 1e6 * 20, "and so does finding nothing due");
    put(box, now - 5 * second);
    is_int(drain(box, 10000, now + 60 * second), 8000 - 200, "none is missed, not even a late one");
}

int main(void)
{
    pool = tap_begin();
    dir = scratch_make_fast(pool);
    keys = scratch_keys(dir, "a", pool);
    now = apr_time_now();
    eb_outbox_t *box = spool_box(dir, keys, pool), *other = spool_box(dir, keys, pool);
    test_order(box);
    test_stale(box, other);
    test_clock(box);
    test_flat(box);
    scratch_remove(dir);
    return done();
}
