/* An operator's hand in the spool: one job by its name, and packages that are sealed anew. */
#include "store/operator.h"
#include "base/chunk.h"
#include "tap.h"
#include "bytes.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const char *dir;
static eb_problem_t *problem;
static apr_time_t now;
static const eb_keyring_t *old, *both, *fresh; /* keys a; b and a; b */

static const char *file_of(const eb_job_t *job, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s/spool/%s/queue/%s.package", dir, AUTHORITY, job->uuid);
}

static eb_job_t put_made(apr_uint64_t seed, apr_uint64_t len, apr_pool_t *pool)
{
    eb_outbox_t *box = spool_box(dir, old, pool);
    bytes_t package = bytes_made(seed, len);
    eb_job_t job = spool_job(now);

    is_int(box->engine->put(box, &job, &package.source, &problem, pool), APR_SUCCESS, "put");
    return job;
}

static bool readable(const eb_keyring_t *keys, const eb_job_t *job, apr_uint64_t seed,
                     apr_uint64_t len, apr_pool_t *pool)
{
    eb_outbox_t *box = spool_box(dir, keys, pool);
    char *got = apr_palloc(pool, len + 1);
    eb_job_t free_job = *job;
    eb_reader_t *reader;

    free_job.engine = NULL;
    problem = NULL;
    return !box->engine->read(&reader, box, &free_job, &problem, pool) && reader->len == len &&
           !reader->at(reader, 0, got, len, &problem, pool) && bytes_same(got, seed, 0, len);
}

static apr_status_t rewrap(bool *changed, const eb_keyring_t *keys, const eb_job_t *job,
                           apr_pool_t *pool)
{
    eb_outbox_t *box = spool_box(dir, keys, pool);
    eb_job_t *taken;

    problem = NULL;
    apr_status_t rv = eb_operator_take(&taken, box, AUTHORITY, job->uuid, &problem, pool);
    if (rv)
        return rv;
    rv = eb_operator_rewrap(changed, box, taken, &problem, pool);
    box->engine->release(box, taken);
    return rv;
}

static void test_rewrap(apr_pool_t *pool)
{
    static const apr_uint64_t lengths[] = {0, 1, EB_CHUNK_LEN, 3 * EB_CHUNK_LEN + 7};

    for (int i = 0; i < 4; i++) {
        eb_outbox_t *box = spool_box(dir, both, pool);
        eb_job_t job = put_made(i, lengths[i], pool), *found;
        apr_uint32_t key_id;
        struct stat before, after;
        bool changed;

        stat(file_of(&job, pool), &before);
        is_int(rewrap(&changed, both, &job, pool), APR_SUCCESS, "rewrapped");
        ok(changed, "is sealed anew");
        eb_operator_key(&key_id, box, AUTHORITY, job.uuid, &problem, pool);
        ok(key_id == eb_keyring_current(fresh), "under the first key");
        ok(readable(fresh, &job, i, lengths[i], pool), "and are the same, without the old key");
        ok(!readable(old, &job, i, lengths[i], pool), "which opens nothing any more");
        stat(file_of(&job, pool), &after);
        ok(before.st_mtime == after.st_mtime && before.st_size == after.st_size,
           "as old and as long as before");
        is_int(box->engine->find(&found, box, AUTHORITY, job.uuid, &problem, pool), APR_SUCCESS,
               "the job is found");
        is_str(found->number, job.number, "by its number");
        is_int(rewrap(&changed, both, &job, pool), APR_SUCCESS, "a second time");
        ok(!changed, "there is nothing to do");
    }
    is_int(spool_files(dir, "tmp", pool), 0, "nothing is left behind");
}

static void test_not_rewrapped(apr_pool_t *pool)
{
    eb_job_t job = put_made(9, 100000, pool);
    bool changed;

    is_int(rewrap(&changed, fresh, &job, pool), APR_NOTFOUND, "without its key there is no way");
    is_str(problem->id, eb_problem_id(EB_P_PACKAGE_KEY), "and that is said");
    ok(readable(old, &job, 9, 100000, pool), "the package is as it was");

    int fd = open(file_of(&job, pool), O_WRONLY);
    ok(pwrite(fd, "?", 1, 90000) == 1, "a changed package");
    close(fd);
    ok(rewrap(&changed, both, &job, pool) != APR_SUCCESS, "is not sealed anew");
    is_str(problem->id, eb_problem_id(EB_P_PACKAGE_BROKEN), "but told");
    is_int(spool_files(dir, "tmp", pool), 0, "nothing is left behind");
}

/* A disk that is full after so many bytes, by way of the limit for files. */
static void test_full(apr_pool_t *pool)
{
    eb_job_t job = put_made(10, 300000, pool);
    struct rlimit limit = {100000, RLIM_INFINITY}, before;
    bool changed;

    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    ok(rewrap(&changed, both, &job, pool) != APR_SUCCESS && !changed, "no room: not sealed anew");
    setrlimit(RLIMIT_FSIZE, &before);
    is_str(problem->id, eb_problem_id(EB_P_SPOOL_WRITE), "but told");
    ok(readable(old, &job, 10, 300000, pool), "the package is as it was");
    is_int(spool_files(dir, "tmp", pool), 0, "nothing is left behind");
}

/* kill -9 at any moment: the package is always whole, under one key or the other. */
static void test_killed(apr_pool_t *pool)
{
    const apr_uint64_t len = 1000000;
    int good = 0, anew = 0;
    apr_pool_t *one;

    apr_pool_create(&one, pool);
    for (int i = 0; i < 30; i++) {
        eb_job_t job = put_made(i, len, one);
        bool changed;
        pid_t pid = fork();
        if (pid == 0) {
            rewrap(&changed, both, &job, one);
            _exit(0);
        }
        usleep((useconds_t)(i * 2000));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        good += readable(both, &job, i, len, one);
        anew += readable(fresh, &job, i, len, one);
        apr_pool_clear(one);
    }
    is_int(good, 30, "killed 30 times, the package was always whole");
    printf("# %d times after it was sealed anew\n", anew);
}

static void test_take(apr_pool_t *pool)
{
    eb_outbox_t *box = spool_box(dir, old, pool);
    eb_job_t job = put_made(12, 10, pool), *first, *second;

    is_int(eb_operator_take(&first, box, AUTHORITY, job.uuid, &problem, pool), APR_SUCCESS,
           "taken");
    is_int(eb_operator_take(&second, box, AUTHORITY, job.uuid, &problem, pool), APR_EBUSY,
           "not by two");
    first->due = now + apr_time_from_sec(600);
    is_int(box->engine->save(box, first, &problem, pool), APR_SUCCESS, "saved");
    box->engine->release(box, first);
    is_int(eb_operator_take(&first, box, AUTHORITY, job.uuid, &problem, pool), APR_SUCCESS,
           "due or not");
    is_int((int)(first->due > now), 1, "as it was saved");
    first->state = EB_JOB_CONFIRMED;
    box->engine->purge(box, first, &problem, pool);
    box->engine->release(box, first);
    is_int(eb_operator_take(&first, box, AUTHORITY, job.uuid, &problem, pool), APR_NOTFOUND,
           "gone when it is finished");
    is_int(eb_operator_take(&first, box, "nobody", job.uuid, &problem, pool), APR_NOTFOUND,
           "no such authority");
}

static void test_strange(apr_pool_t *pool)
{
    eb_outbox_t *box = spool_box(dir, old, pool);
    eb_job_t job = put_made(13, 10, pool), *taken;
    const char *file = apr_psprintf(pool, "%s/spool/%s/queue/%s.job", dir, AUTHORITY, job.uuid);
    FILE *out = fopen(file, "w");

    fputs("{\"format\": 99}", out);
    fclose(out);
    is_int(eb_operator_take(&taken, box, AUTHORITY, job.uuid, &problem, pool), APR_ENOTIMPL,
           "a newer version's job is left alone");
    out = fopen(file, "w");
    fputs("nothing", out);
    fclose(out);
    is_int(eb_operator_take(&taken, box, AUTHORITY, job.uuid, &problem, pool), APR_EINVAL,
           "and what is no job's");
    is_str(problem->id, eb_problem_id(EB_P_JOB_UNREADABLE), "which is said");
}

static const eb_keyring_t *ring(const char *name, const char *text, apr_pool_t *pool)
{
    const char *file = apr_pstrcat(pool, dir, "/", name, NULL);
    eb_keyring_t *made;
    int fd = open(file, O_WRONLY | O_CREAT, 0600);

    if (write(fd, text, strlen(text)) < 0 || eb_keyring_load(&made, file, &problem, pool)) {
        printf("Bail out! no keys\n");
        exit(1);
    }
    close(fd);
    return made;
}

int main(void)
{
    static const char a[] = "a AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    static const char b[] = "b BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    apr_pool_t *pool = tap_begin();
    apr_uint32_t id;

    dir = scratch_make(pool);
    now = apr_time_now();
    old = ring("old", a, pool);
    both = ring("both", apr_pstrcat(pool, b, a, NULL), pool);
    fresh = ring("fresh", b, pool);
    is_str(eb_keyring_name(both, 0, &id), "b", "keys have names");
    is_str(eb_keyring_name(both, 1, &id), "a", "in the order of the file");
    ok(id == eb_keyring_current(old), "and fingerprints");
    ok(!eb_keyring_name(both, 2, &id), "and an end");
    test_rewrap(pool);
    test_not_rewrapped(pool);
    test_full(pool);
    test_killed(pool);
    test_take(pool);
    test_strange(pool);
    scratch_remove(dir);
    return done();
}
