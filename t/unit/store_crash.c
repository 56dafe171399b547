/* The spool and death: kill -9 after every single system call of a put and of a delivery, then at
 * random; and many writers and workers at once. */
#include "store/outbox.h"
#include "base/chunk.h"
#include "tap.h"
#include "bytes.h"
#include "crash.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <apr_thread_proc.h>

static const char *dir;
static eb_outbox_t *box;
static apr_time_t now;
static apr_pool_t *pool;
static int confirmed; /* deliveries, as far as this process made them */

enum { LEN = EB_CHUNK_LEN + 1000 }; /* two pieces */

static apr_uint64_t seed_of(const eb_job_t *job)
{
    return strtoull(job->uuid, NULL, 16);
}

static apr_status_t put(eb_outbox_t *to, eb_job_t *job, eb_problem_t **problem, apr_pool_t *p)
{
    bytes_t package = bytes_made(seed_of(job), LEN);
    return to->engine->put(to, job, &package.source, problem, p);
}

static bool is_whole(const eb_job_t *job)
{
    static char got[LEN];
    eb_problem_t *problem = NULL;
    eb_reader_t *reader;

    return !box->engine->read(&reader, box, job, &problem, pool) && reader->len == LEN &&
           !reader->at(reader, 0, got, LEN, &problem, pool) &&
           bytes_same(got, seed_of(job), 0, LEN);
}

static int put_one(void *baton)
{
    eb_job_t job = *(eb_job_t *)baton;
    eb_problem_t *problem = NULL;
    return put(box, &job, &problem, pool) != APR_SUCCESS;
}

/* A worker's whole way with one job. */
static int deliver_one(void *baton)
{
    static const eb_job_state_t way[] = {EB_JOB_ANNOUNCED, EB_JOB_SUBMITTED, EB_JOB_CONFIRMED};
    eb_problem_t *problem = NULL;
    eb_job_t *job;

    (void)baton;
    apr_status_t rv = box->engine->take(&job, box, AUTHORITY, now, &problem, pool);
    if (rv)
        return rv == APR_EOF ? 0 : 1;
    if (!is_whole(job))
        return 1;
    for (int i = 0; i < 3; i++) {
        if (job->state >= way[i])
            continue;
        job->state = way[i];
        if (box->engine->save(box, job, &problem, pool))
            return 1;
    }
    rv = box->engine->purge(box, job, &problem, pool);
    box->engine->release(box, job);
    confirmed += rv == APR_SUCCESS;
    return rv != APR_SUCCESS;
}

/* After whatever happened to the first put: the second one and one delivery settle it. */
static bool settled(const eb_job_t *job, apr_pool_t *p)
{
    eb_job_t again = *job, *got;
    eb_problem_t *problem = NULL;
    apr_status_t found = box->engine->find(&got, box, AUTHORITY, job->uuid, &problem, p);

    again.accepted = now + 1;
    apr_status_t rv = put(box, &again, &problem, p);
    if (found == APR_NOTFOUND ? rv != APR_SUCCESS : found || rv != APR_EEXIST)
        return false;
    if (again.accepted != (rv ? now : now + 1))
        return false;
    now += 2;
    bool good = deliver_one(NULL) == 0;
    return good && spool_files(dir, "queue", p) == 0;
}

static void test_put(void)
{
    apr_pool_t *sub;
    crash_t end;
    int n = 0, done_before = 0;
    bool good = true;

    apr_pool_create(&sub, pool);
    do {
        eb_job_t job = spool_job(now);
        end = crash_after(n, put_one, &job);
        good = good && settled(&job, sub) && spool_files(dir, "done", sub) == done_before + n + 1;
        apr_pool_clear(sub);
    } while (good && end == CRASH_KILLED && ++n < 2000);
    if (end == CRASH_UNABLE) {
        skip(2, "ptrace is not allowed here");
        return;
    }
    is_int(end, CRASH_FINISHED, "put was killed after each of its system calls");
    ok(good, "each time it was accepted once or not at all, and delivered once after a second put");
    printf("# %d system calls\n", n);

    eb_job_t *none;
    eb_problem_t *problem;
    ok(spool_files(dir, "tmp", sub) > 0, "litter was left");
    box->engine->take(&none, box, AUTHORITY, apr_time_now() + apr_time_from_sec(7200), &problem,
                      sub);
    is_int(spool_files(dir, "tmp", sub), 0, "and is removed in time");
}

static void test_delivery(void)
{
    apr_pool_t *sub;
    crash_t end;
    int n = 0, before = spool_files(dir, "done", pool);
    bool good = true;

    apr_pool_create(&sub, pool);
    do {
        eb_job_t job = spool_job(now), *got;
        eb_problem_t *problem = NULL;
        put(box, &job, &problem, sub);
        end = crash_after(n, deliver_one, NULL);
        good = good &&
               box->engine->find(&got, box, AUTHORITY, job.uuid, &problem, sub) == APR_SUCCESS &&
               got->state != EB_JOB_HELD && got->accepted == now;
        good = good && deliver_one(NULL) == 0 && deliver_one(NULL) == 0 &&
               spool_files(dir, "queue", sub) == 0 &&
               spool_files(dir, "done", sub) == before + n + 1;
        apr_pool_clear(sub);
    } while (good && end == CRASH_KILLED && ++n < 2000);
    if (end == CRASH_UNABLE) {
        skip(2, "ptrace is not allowed here");
        return;
    }
    is_int(end, CRASH_FINISHED, "a delivery was killed after each of its system calls");
    ok(good, "each time the next worker finished it");
    printf("# %d system calls\n", n);
}

static int put_or_find(void *baton)
{
    eb_job_t job = *(eb_job_t *)baton;
    eb_problem_t *problem = NULL;
    apr_status_t rv = put(box, &job, &problem, pool);
    return rv != APR_SUCCESS && rv != APR_EEXIST;
}

static void put_and_deliver(void *baton)
{
    put_or_find(baton);
    deliver_one(NULL);
}

/* The same UUID is put, delivered and purged by somebody else while a put stands still. */
static void test_overtaken(void)
{
    crash_t end;
    int n = 0;
    bool good = true;

    do {
        eb_job_t job = spool_job(now);
        confirmed = 0;
        end = crash_meanwhile(n, put_or_find, &job, put_and_deliver);
        good = good && deliver_one(NULL) == 0 && (confirmed == 1 || end == CRASH_UNABLE) &&
               spool_files(dir, "queue", pool) == 0;
    } while (good && end == CRASH_KILLED && ++n < 2000);
    if (end == CRASH_UNABLE) {
        skip(2, "ptrace is not allowed here");
        return;
    }
    is_int(end, CRASH_FINISHED, "a put was overtaken after each of its system calls");
    ok(good, "each time there was one delivery");
}

/* Acknowledges by writing the UUID to a pipe, as a receipt goes to a browser. */
static void put_for_ever(int receipts)
{
    for (;;) {
        eb_job_t job = spool_job(now);
        eb_problem_t *problem = NULL;
        if (put(box, &job, &problem, pool) || write(receipts, job.uuid, EB_UUID_LEN) != EB_UUID_LEN)
            _exit(1);
    }
}

/* The next acknowledged UUID is in the spool. */
static bool there(int receipts, bool *all)
{
    char uuid[EB_UUID_LEN + 1] = "";
    eb_job_t *got;
    eb_problem_t *problem;

    if (read(receipts, uuid, EB_UUID_LEN) != EB_UUID_LEN)
        return false;
    *all = *all && !box->engine->find(&got, box, AUTHORITY, uuid, &problem, pool);
    return true;
}

static void test_random_kills(void)
{
    int fds[2], acknowledged = 0;
    bool all = pipe(fds) == 0;

    fflush(stdout);
    for (int i = 0; i < 12; i++) {
        pid_t pid = fork();
        if (pid == 0)
            put_for_ever(fds[1]);
        acknowledged += there(fds[0], &all);
        usleep(i * 577);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    close(fds[1]);
    while (there(fds[0], &all))
        acknowledged++;
    close(fds[0]);
    ok(acknowledged >= 12, "twelve writers killed at random acknowledged some");
    ok(all, "all of which are there");
    printf("# %d acknowledged\n", acknowledged);
    int waiting = spool_files(dir, "queue", pool), before = spool_files(dir, "done", pool);
    while (spool_files(dir, "queue", pool) > 0 && deliver_one(NULL) == 0)
        ;
    is_int(spool_files(dir, "done", pool), before + waiting, "and delivered");
}

enum { SAME = 40, WRITERS = 4 };
static eb_job_t same[SAME];

typedef struct count_t {
    int accepted, found, wrong;
} count_t;

static void put_same(count_t *count, int salt)
{
    apr_pool_t *p;
    apr_pool_create(&p, NULL);
    for (int i = 0; i < SAME; i++) {
        eb_job_t job = same[i];
        eb_problem_t *problem = NULL;
        job.accepted = now + salt;
        apr_status_t rv = put(box, &job, &problem, p);
        count->accepted += rv == APR_SUCCESS;
        count->found += rv == APR_EEXIST;
        count->wrong += rv != APR_SUCCESS && rv != APR_EEXIST;
        apr_pool_clear(p);
    }
    apr_pool_destroy(p);
}

static void *APR_THREAD_FUNC put_thread(apr_thread_t *thread, void *baton)
{
    (void)thread;
    put_same(baton, 1);
    return NULL;
}

static void put_two_threads(int report)
{
    count_t counts[2] = {{0}};
    apr_thread_t *threads[2];
    apr_status_t rv;
    for (int t = 0; t < 2; t++)
        apr_thread_create(&threads[t], NULL, put_thread, &counts[t], pool);
    for (int t = 0; t < 2; t++)
        apr_thread_join(&rv, threads[t]);
    _exit(write(report, counts, sizeof counts) != (ssize_t)sizeof counts);
}

static void test_contest(void)
{
    int fds[2], before = spool_files(dir, "queue", pool) + spool_files(dir, "done", pool);
    count_t sum = {0}, one;

    for (int i = 0; i < SAME; i++)
        same[i] = spool_job(now);
    if (pipe(fds))
        return;
    fflush(stdout);
    for (int w = 0; w < WRITERS; w++)
        if (fork() == 0)
            put_two_threads(fds[1]);
    close(fds[1]);
    while (read(fds[0], &one, sizeof one) == (ssize_t)sizeof one) {
        sum.accepted += one.accepted;
        sum.found += one.found;
        sum.wrong += one.wrong;
    }
    close(fds[0]);
    while (wait(NULL) > 0)
        ;
    is_int(sum.accepted, SAME, "of eight writers of one UUID one wins");
    is_int(sum.found, SAME * (2 * WRITERS - 1), "and the others find it");
    is_int(sum.wrong, 0, "nothing else happens");
    is_int(spool_files(dir, "queue", pool) + spool_files(dir, "done", pool), before + SAME,
           "one package each");
}

/* Notes what it has, with the lock held: twice the same name would be a double delivery. */
static void work_for_real(int notes)
{
    eb_problem_t *problem = NULL;
    eb_job_t *job;
    now += apr_time_from_sec(10);
    while (box->engine->take(&job, box, AUTHORITY, now, &problem, pool) == APR_SUCCESS) {
        if (write(notes, job->uuid, EB_UUID_LEN) != EB_UUID_LEN)
            _exit(1);
        job->state = EB_JOB_CONFIRMED;
        if (box->engine->purge(box, job, &problem, pool))
            _exit(1);
        box->engine->release(box, job);
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
    int fds[2], count = 0, twice = 0;

    if (pipe(fds))
        return;
    fflush(stdout);
    for (int w = 0; w < WRITERS; w++)
        if (fork() == 0)
            work_for_real(fds[1]);
    close(fds[1]);
    while (count < SAME * 2 && read(fds[0], names[count], EB_UUID_LEN) == EB_UUID_LEN)
        count++;
    close(fds[0]);
    while (wait(NULL) > 0)
        ;
    qsort(names, count, EB_UUID_LEN, by_text);
    for (int i = 1; i < count; i++)
        twice += memcmp(names[i], names[i - 1], EB_UUID_LEN) == 0;
    is_int(count, SAME, "four workers deliver all of them");
    is_int(twice, 0, "none twice");
    is_int(spool_files(dir, "queue", pool), 0, "the queue is empty");
}

int main(void)
{
    pool = tap_begin();
    dir = scratch_make_fast(pool);
    box = spool_box(dir, scratch_keys(dir, "a", pool), pool);
    now = apr_time_now();
    test_put();
    test_delivery();
    test_overtaken();
    test_random_kills();
    test_contest();
    test_workers();
    scratch_remove(dir);
    return done();
}
