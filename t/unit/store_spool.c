/* What only the spool must prove, beside t/unit/store_outbox.c: its files, what may be wrong with
 * them, and with the file system. */
#include "store/outbox.h"
#include "tap.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static const char *dir;
static const eb_keyring_t *keys;
static eb_outbox_t *box;
static eb_problem_t *problem;
static apr_time_t now;
static const apr_time_t second = APR_USEC_PER_SEC;

static const char *file_of(const eb_job_t *job, const char *folder, const char *suffix,
                           apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s/spool/%s/%s/%s%s", dir, AUTHORITY, folder, job->uuid, suffix);
}

static apr_status_t take(eb_job_t **job, apr_time_t at, apr_pool_t *pool)
{
    problem = NULL;
    return box->engine->take(job, box, AUTHORITY, at, &problem, pool);
}

/* The due job is `want`, and stays held. */
static eb_job_t *take_it(const eb_job_t *want, apr_time_t at, const char *name, apr_pool_t *pool)
{
    eb_job_t *job = NULL;
    if (take(&job, at, pool) != APR_SUCCESS) {
        ok(false, name);
        printf("# %s\n", problem ? eb_problem_text(problem, pool) : "nothing due");
        return NULL;
    }
    is_str(job->uuid, want->uuid, name);
    return job;
}

static void finish(eb_job_t *job, apr_pool_t *pool)
{
    job->state = EB_JOB_CONFIRMED;
    box->engine->save(box, job, &problem, pool);
    is_int(box->engine->purge(box, job, &problem, pool), APR_SUCCESS, "purged");
    box->engine->release(box, job);
}

static void test_open(apr_pool_t *pool)
{
    eb_outbox_t *none;
    const char *file = apr_pstrcat(pool, dir, "/file", NULL);

    scratch_write(file, "");
    ok(eb_spool_open(&none, apr_pstrcat(pool, dir, "/none", NULL), keys, &problem, pool) &&
           problem->number == EB_P_SPOOL_FOLDER,
       "a missing spool folder");
    ok(eb_spool_open(&none, file, keys, &problem, pool) && problem->number == EB_P_SPOOL_FOLDER,
       "a file in its place");
    eb_job_t job = spool_job(now), *got;
    is_int(box->engine->find(&got, box, AUTHORITY, job.uuid, &problem, pool), APR_NOTFOUND,
           "nothing in an empty spool");
    is_int(take(&got, now, pool), APR_EOF, "and nothing due");
    is_int(scratch_count(apr_pstrcat(pool, dir, "/spool", NULL)), 0, "looking makes no folders");
    job.authority = "../x";
    ok(spool_put(box, &job, &problem, pool) == APR_EINVAL, "an authority that is a path");
    job.authority = AUTHORITY;
    strcpy(job.uuid, "../../x");
    ok(spool_put(box, &job, &problem, pool) == APR_EINVAL, "a UUID that is none");
}

static void test_files(apr_pool_t *pool)
{
    eb_job_t job = spool_job(now), *got;
    struct stat info;

    is_int(spool_put(box, &job, &problem, pool), APR_SUCCESS, "accepted");
    stat(file_of(&job, "queue", ".package", pool), &info);
    is_int(info.st_mode & 0777, 0600, "for nobody else to read");
    is_int(spool_files(dir, "tmp", pool), 0, "tmp is empty");
    got = take_it(&job, now, "taken", pool);
    finish(got, pool);
    is_int(spool_files(dir, "queue", pool), 0, "the queue is empty");
    is_int(spool_files(dir, "done", pool), 1, "the record stays");
}

/* States that crashes and power failures leave, built by hand. */
static void test_leftovers(apr_pool_t *pool)
{
    eb_job_t job = spool_job(now), *got;
    const char *package = file_of(&job, "queue", ".package", pool);
    const char *litter = apr_psprintf(pool, "%s/spool/%s/tmp/x", dir, AUTHORITY);

    /* between link and unlink: two names */
    spool_put(box, &job, &problem, pool);
    ok(link(package, litter) == 0, "a package with its name in tmp");
    got = take_it(&job, now, "is taken", pool);
    finish(got, pool);
    is_int(spool_files(dir, "tmp", pool), 1, "the litter is young");
    take(&got, apr_time_now() + 3500 * second, pool);
    is_int(spool_files(dir, "tmp", pool), 1, "still young");
    take(&got, apr_time_now() + 3700 * second, pool);
    is_int(spool_files(dir, "tmp", pool), 0, "and goes after an hour");

    /* purge: the record is written, the rest is still there */
    job = spool_job(now);
    spool_put(box, &job, &problem, pool);
    package = file_of(&job, "queue", ".package", pool);
    const char *kept = apr_pstrcat(pool, dir, "/kept", NULL),
               *kept_job = apr_pstrcat(pool, dir, "/kept.job", NULL);
    got = take_it(&job, now, "taken", pool);
    got->state = EB_JOB_CONFIRMED;
    box->engine->save(box, got, &problem, pool);
    link(package, kept);
    link(file_of(&job, "queue", ".job", pool), kept_job);
    finish(got, pool);
    rename(kept, package);
    is_int(box->engine->find(&got, box, AUTHORITY, job.uuid, &problem, pool), APR_SUCCESS,
           "a half purged job is found");
    is_int(take(&got, now + 100 * second, pool), APR_EOF, "and not taken");
    is_int(spool_files(dir, "queue", pool), 0, "but cleared away");
    rename(kept_job, file_of(&job, "queue", ".job", pool));
    is_int(take(&got, now + 100 * second, pool), APR_EOF, "a job file alone, with its record");
    is_int(spool_files(dir, "queue", pool), 0, "is cleared away too");
}

/* In a child, so that privileges and limits end with it: `how` prepares, then put is tried. */
static int put_in_child(void (*how)(void), apr_pool_t *pool)
{
    int status = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        eb_job_t job = spool_job(now);
        how();
        problem = NULL;
        apr_status_t rv = spool_put(box, &job, &problem, pool);
        _exit(!rv ? 0 : problem ? (int)problem->number : 255);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void become_nobody(void)
{
    if (setgid(65534) || setuid(65534))
        _exit(254);
}

static void limit_files(void)
{
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, 100});
}

static void test_refused(apr_pool_t *pool)
{
    int before = spool_files(dir, "queue", pool);

    is_int(put_in_child(limit_files, pool), EB_P_SPOOL_WRITE, "a write that fails half-way");
    if (geteuid() == 0)
        is_int(put_in_child(become_nobody, pool), EB_P_SPOOL_FOLDER, "no rights");
    else
        skip(1, "needs root to give up rights");
    is_int(spool_files(dir, "queue", pool), before, "nothing was accepted");
    is_int(spool_files(dir, "tmp", pool), 0, "and nothing is left");
}

/* A file system of a few pages, filled up. */
static void test_full(apr_pool_t *pool)
{
    const char *small = apr_pstrcat(pool, dir, "/small", NULL);
    eb_outbox_t *tiny;
    eb_job_t job, *got;
    apr_status_t rv;
    int accepted = 0;

    mkdir(small, 0700);
    if (mount("tmpfs", small, "tmpfs", 0, "size=64k,nr_inodes=64")) {
        skip(1, "cannot mount a small tmpfs");
        return;
    }
    eb_spool_open(&tiny, small, keys, &problem, pool);
    do {
        job = spool_job(now);
        problem = NULL;
        rv = spool_put(tiny, &job, &problem, pool);
        accepted += !rv;
    } while (!rv && accepted < 100);
    is_int(rv, APR_ENOSPC, "a full file system");
    ok(problem && problem->number == EB_P_SPOOL_FULL, "EB0409");
    ok(accepted > 2 && accepted < 100, "after some were accepted");
    is_int(tiny->engine->find(&got, tiny, AUTHORITY, job.uuid, &problem, pool), APR_NOTFOUND,
           "the refused one is not there");
    is_int(tiny->engine->take(&got, tiny, AUTHORITY, now, &problem, pool), APR_SUCCESS, "taken");
    got->state = EB_JOB_SUBMITTED;
    is_int(tiny->engine->save(tiny, got, &problem, pool), APR_ENOSPC, "its progress finds no room");
    tiny->engine->release(tiny, got);
    umount2(small, MNT_DETACH);
    rmdir(small);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Not a test: figures for the curious. */
static void measure(apr_pool_t *pool)
{
    enum { PUTS = 500 };
    char *data = memset(apr_palloc(pool, 16384), 'x', 16384);
    eb_job_t *got;
    apr_pool_t *sub;

    apr_pool_create(&sub, pool);
    double start = seconds();
    for (int i = 0; i < PUTS; i++) {
        eb_job_t job = spool_job(now);
        bytes_t package = bytes_of(data, 16384);
        box->engine->put(box, &job, &package.source, &problem, sub);
        apr_pool_clear(sub);
    }
    double put = seconds() - start;
    start = seconds();
    for (int i = 0; i < 50; i++) {
        take(&got, now, sub);
        box->engine->release(box, got);
        apr_pool_clear(sub);
    }
    double taken = seconds() - start;
    printf("# put of 16 kB: %.0f us; take out of %d: %.0f us\n", put / PUTS * 1e6, PUTS,
           taken / 50 * 1e6);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();

    dir = scratch_make(pool);
    keys = scratch_keys(dir, "a", pool);
    box = spool_box(dir, keys, pool);
    now = apr_time_now();
    test_open(pool);
    test_files(pool);
    test_leftovers(pool);
    test_refused(pool);
    test_full(pool);
    measure(pool);
    scratch_remove(dir);
    return done();
}
