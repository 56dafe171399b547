/* What an operator is told about a spool: counts that add up, the oldest, what went wrong last, and
 * all of it quickly when a hundred thousand wait. */
#include "store/outbox.h"
#include "tap.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <time.h>

#define MANY 100000

static const char *dir;
static eb_outbox_t *box;
static eb_problem_t *problem;
static apr_time_t now;
static const apr_time_t second = APR_USEC_PER_SEC;

/* A look that is not a remembered one. */
static eb_outbox_summary_t look(apr_pool_t *pool)
{
    eb_outbox_summary_t s = {0};

    now += 3600 * second;
    if (box->engine->summary(&s, box, AUTHORITY, now, &problem, pool))
        printf("# %s\n", problem ? eb_problem_text(problem, pool) : "no summary");
    return s;
}

static bool counts(const eb_outbox_summary_t *s, int accepted, int delivered, int pending, int held)
{
    bool same = (int)s->accepted == accepted && (int)s->delivered == delivered &&
                s->pending == pending && s->held == held;
    if (!same)
        printf("# accepted %d, delivered %d, pending %d, held %d\n", (int)s->accepted,
               (int)s->delivered, s->pending, s->held);
    return same && s->accepted == s->delivered + (apr_uint64_t)(s->pending + s->held);
}

static eb_job_t accept_one(apr_time_t at, apr_pool_t *pool)
{
    eb_job_t job = spool_job(at);

    is_int(spool_put(box, &job, &problem, pool), APR_SUCCESS, "accepted");
    eb_journal_write(box, &job, "accepted", NULL, &problem, pool);
    return job;
}

static eb_job_t *take_one(apr_pool_t *pool)
{
    eb_job_t *job = NULL;
    ok(!box->engine->take(&job, box, AUTHORITY, now, &problem, pool), "taken");
    return job;
}

static void store_job(eb_job_t *job, eb_job_state_t state, const char *problem_id, apr_pool_t *pool)
{
    if (state == EB_JOB_HELD)
        job->before = job->state;
    job->state = state;
    job->changed = now;
    job->problem_id = problem_id;
    job->problem = problem_id ? "The folder is closed" : NULL;
    job->remedy = problem_id ? "Open it." : NULL;
    is_int(box->engine->save(box, job, &problem, pool), APR_SUCCESS, "stored");
}

static void deliver(eb_job_t *job, apr_pool_t *pool)
{
    store_job(job, EB_JOB_CONFIRMED, NULL, pool);
    eb_journal_write(box, job, "confirmed", NULL, &problem, pool);
    box->engine->purge(box, job, &problem, pool);
    eb_journal_write(box, job, "purged", NULL, &problem, pool);
    box->engine->release(box, job);
}

static void test_life(apr_pool_t *pool)
{
    eb_outbox_summary_t s = look(pool);
    apr_time_t first = now;

    ok(counts(&s, 0, 0, 0, 0) && !s.oldest && !s.last_success && !s.problem_id, "nothing yet");
    accept_one(first + second, pool);
    accept_one(first, pool);
    accept_one(first + 2 * second, pool);
    s = look(pool);
    ok(counts(&s, 3, 0, 3, 0), "three wait");
    is_int(s.oldest, first, "since the first was accepted, whichever came first into the queue");

    eb_job_t *job = take_one(pool);
    store_job(job, EB_JOB_QUEUED, "EB0602", pool);
    box->engine->release(box, job);
    s = look(pool);
    ok(counts(&s, 3, 0, 3, 0) && s.problem_id && !strcmp(s.problem_id, "EB0602") &&
           !strcmp(s.remedy, "Open it."),
       "a failure is told, with its remedy");
    is_int(s.problem_at, job->changed, "and when it was");

    job = take_one(pool);
    store_job(job, EB_JOB_HELD, "EB0601", pool);
    box->engine->release(box, job);
    s = look(pool);
    ok(counts(&s, 3, 0, 2, 1) && !strcmp(s.problem_id, "EB0601"), "a held one is counted as held");

    for (int i = 0; i < 3; i++)
        deliver(take_one(pool), pool);
    apr_time_t success = now;
    s = look(pool);
    ok(counts(&s, 3, 3, 0, 0), "all are delivered");
    ok(!s.problem_id && !s.oldest, "nothing stands any more");
    is_int(s.last_success, success / 1000 * 1000, "the last success");
    ok(scratch_count(apr_pstrcat(pool, dir, "/spool/" AUTHORITY "/held", NULL)) == 0,
       "no sign is left");
}

static void test_remembered(apr_pool_t *pool)
{
    eb_outbox_summary_t s = look(pool);
    apr_uint64_t before = s.accepted;

    accept_one(now, pool);
    box->engine->summary(&s, box, AUTHORITY, now + 2 * second, &problem, pool);
    is_int(s.accepted, before, "for three seconds the last look serves");
    box->engine->summary(&s, box, AUTHORITY, now + 4 * second, &problem, pool);
    is_int(s.accepted, before + 1, "then another is taken");
    box->engine->summary(&s, box, AUTHORITY, now - 7200 * second, &problem, pool);
    is_int(s.accepted, before + 1, "also when the clock was set back");
    deliver(take_one(pool), pool);
}

/* A purge that has written its record, and not yet removed the rest. */
static void test_both(apr_pool_t *pool)
{
    const char *folder = apr_pstrcat(pool, dir, "/spool/" AUTHORITY "/", NULL);
    eb_outbox_summary_t s = look(pool);
    int accepted = (int)s.accepted;
    eb_job_t job = accept_one(now, pool);
    const char *record = apr_pstrcat(pool, folder, "done/", job.uuid, ".job", NULL);

    scratch_write(record, "");
    s = look(pool);
    ok(counts(&s, accepted + 1, accepted + 1, 0, 0) && !s.oldest, "in both: delivered, once");
    unlink(record);
    s = look(pool);
    ok(counts(&s, accepted + 1, accepted, 1, 0), "as before");
    deliver(take_one(pool), pool);
}

/* Signs are hints. */
static void test_signs(apr_pool_t *pool)
{
    eb_outbox_summary_t s = look(pool);
    int accepted = (int)s.accepted;
    eb_job_t one = accept_one(now, pool);
    const char *sign = apr_pstrcat(pool, dir, "/spool/" AUTHORITY "/held/", one.uuid, NULL);
    const char *stray = apr_pstrcat(
        pool, dir, "/spool/" AUTHORITY "/held/00000000-0000-4000-8000-000000000000", NULL);

    scratch_write(sign, "");
    scratch_write(stray, "");
    s = look(pool);
    ok(counts(&s, accepted + 1, accepted, 1, 0), "a sign does not make a job held");
    eb_job_t *job = take_one(pool);
    store_job(job, EB_JOB_HELD, "EB0601", pool);
    unlink(sign);
    s = look(pool);
    is_int(s.held, 0, "a job whose sign was lost");
    store_job(job, EB_JOB_HELD, "EB0601", pool);
    s = look(pool);
    is_int(s.held, 1, "is seen again after the next try");
    deliver(job, pool);
    unlink(stray);
}

/* The journal as a witness: whole, half a line, rotated, cut off. */
static void test_journal(apr_pool_t *pool)
{
    const char *folder = apr_pstrcat(pool, dir, "/spool/" AUTHORITY "/", NULL);
    const char *log = apr_pstrcat(pool, folder, "journal.log", NULL);
    eb_job_t job = accept_one(now, pool), lost = spool_job(now);
    eb_outbox_summary_t s = look(pool);

    is_int(s.missing, 0, "folders and journal agree");
    eb_journal_write(box, &lost, "accepted", NULL, &problem, pool);
    s = look(pool);
    is_int(s.missing, 1, "one that only the journal knows is missed");
    int fd = open(log, O_WRONLY | O_APPEND);
    const char *half = "2026-11-25T19:30:00.123+01:00\t" AUTHORITY "\tEB-2026-XXXX-XXXX-X\t";
    ok(write(fd, half, strlen(half)) > 0, "half a line");
    s = look(pool);
    is_int(s.missing, 1, "is not counted");
    half = "00000000-0000-4000-8000-000000000000\taccepted\tdirectory\t\n";
    ok(write(fd, half, strlen(half)) > 0, "its end");
    close(fd);
    s = look(pool);
    is_int(s.missing, 2, "counts, once");
    s = look(pool);
    is_int(s.missing, 2, "and once only");

    rename(log, apr_pstrcat(pool, folder, "journal.log.1", NULL));
    s = look(pool);
    is_int(s.missing, 0, "rotated: nothing is known, nothing is missed");
    int accepted = (int)s.accepted;
    eb_journal_write(box, &job, "accepted", NULL, &problem, pool);
    s = look(pool);
    ok(counts(&s, accepted, accepted - 1, 1, 0) && s.missing == 0, "counts are the folders'");
    for (int i = 0; i < accepted; i++)
        eb_journal_write(box, &job, "accepted", NULL, &problem, pool);
    s = look(pool);
    is_int(s.missing, 1, "the new file is followed");
    for (int i = 0; i < 2; i++)
        eb_journal_write(box, &job, "held", NULL, &problem, pool);
    s = look(pool);
    is_int(s.missing, 1, "other steps are not counted");
    ok(truncate(log, 0) == 0, "cut off");
    for (int i = 0; i < accepted + 4; i++) /* already longer than what was read */
        eb_journal_write(box, &lost, "accepted", NULL, &problem, pool);
    s = look(pool);
    is_int(s.missing, 4, "and grown beyond the place that was read: counted from its beginning");
    unlink(log);
    deliver(take_one(pool), pool);
}

static void make(int folder, const char *uuid, const char *suffix, apr_time_t stamp)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = apr_time_sec(stamp)}};
    char name[64];

    apr_snprintf(name, sizeof name, "%s%s", uuid, suffix);
    int fd = openat(folder, name, O_WRONLY | O_CREAT, 0600);
    if (fd < 0 || futimens(fd, times)) {
        printf("Bail out! %s\n", name);
        exit(1);
    }
    close(fd);
}

/* The processor's time: others may be using it as well. */
static double measure(eb_outbox_summary_t *s, apr_pool_t *pool)
{
    struct timespec a, b;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    *s = look(pool);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    return (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
}

/* Packages, job files and journal lines of as many; one in the middle is the oldest. */
static void test_many(apr_pool_t *pool)
{
    const char *folder = apr_pstrcat(pool, dir, "/spool/" AUTHORITY "/", NULL);
    int queue = open(apr_pstrcat(pool, folder, "queue", NULL), O_RDONLY | O_DIRECTORY);
    FILE *log = fopen(apr_pstrcat(pool, folder, "journal.log", NULL), "a");
    apr_time_t oldest = now / second * second;
    eb_outbox_summary_t s;
    double best = 1e9;

    for (int i = 0; i < MANY; i++) {
        apr_time_t at = oldest + (i < 3000 ? 0 : (apr_time_t)i * second);
        eb_job_t job = spool_job(at);
        if (i >= 3000) {
            make(queue, job.uuid, ".package", at);
            make(queue, job.uuid, ".job", at);
        }
        fprintf(log, "%s\t%s\t%s\t%s\taccepted\tdirectory\t\n",
                i == 3000 ? "2026-01-02T03:04:05.678+01:00" : "2026-01-03T03:04:05.678+01:00",
                AUTHORITY, job.number, job.uuid);
    }
    fclose(log);
    double cold = measure(&s, pool);
    int looks = 1;
    for (; looks < 4 && s.oldest != 1767319445678000; looks++) /* the line above, in UTC */
        measure(&s, pool);
    is_int(s.pending, MANY - 3000, "all of them are counted");
    is_int(s.oldest, 1767319445678000, "the oldest is found behind thousands that have left");
    is_int(looks, 2, "in two looks");
    for (int i = 0; i < 5; i++) {
        double ms = measure(&s, pool);
        best = ms < best ? ms : best;
    }
    printf("# figure summary_cold_100000 %.1f ms\n# figure summary_100000 %.1f ms\n", cold, best);
    /* 100 ms, and as much again for sanitizers and neighbours */
    ok(best < 200, "a look is quick with 100,000 waiting jobs");
    close(queue);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();

    dir = scratch_make_fast(pool);
    now = 1767225600 * second;
    box = spool_box(dir, scratch_keys(dir, "a", pool), pool);
    test_life(pool);
    test_remembered(pool);
    test_both(pool);
    test_signs(pool);
    test_journal(pool);
    test_many(pool);
    scratch_remove(dir);
    return done();
}
