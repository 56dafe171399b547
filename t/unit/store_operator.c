/* An operator's hand in an outbox, whichever engine keeps it: one job by its name, packages that
 * are sealed anew, the journal. A rig says how a hand from outside gets at what is stored. */
#include "store/operator.h"
#include "base/chunk.h"
#include "tap.h"
#include "bytes.h"
#include "redis_outbox.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define LEASE apr_time_from_sec(60)

static test_redis_t server;
static const char *dir;
static eb_problem_t *problem;
static apr_time_t now;
static const eb_keyring_t *old, *both, *fresh; /* keys a; b and a; b */

static const char *told(void)
{
    return problem ? problem->id : "nothing";
}

typedef struct rig_t {
    eb_outbox_t *(*open)(const eb_keyring_t *keys, apr_pool_t *pool); /* as a process of its own */
    int (*litter)(apr_pool_t *pool);                                  /* unfinished packages */
    const char *(*looks)(const eb_job_t *job, apr_pool_t *pool);      /* what a rewrap must keep */
    void (*damage)(const eb_job_t *job, apr_pool_t *pool);
    void (*spoil)(const eb_job_t *job, const char *text, apr_pool_t *pool); /* its state */
    void (*fill)(bool full, apr_pool_t *pool); /* no room from now on, or again */
    eb_problem_id_t no_room;
} rig_t;

static rig_t rig;

/* --- a hand in the spool --- */

static const char *file_of(const eb_job_t *job, const char *suffix, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s/spool/%s/queue/%s%s", dir, AUTHORITY, job->uuid, suffix);
}

static eb_outbox_t *in_spool(const eb_keyring_t *keys, apr_pool_t *pool)
{
    return spool_box(dir, keys, pool);
}

static int spool_litter(apr_pool_t *pool)
{
    return spool_files(dir, "tmp", pool);
}

static const char *spool_looks(const eb_job_t *job, apr_pool_t *pool)
{
    struct stat info;

    stat(file_of(job, ".package", pool), &info);
    return apr_psprintf(pool, "%ld bytes of %ld", (long)info.st_size, (long)info.st_mtime);
}

static void spool_damage(const eb_job_t *job, apr_pool_t *pool)
{
    int fd = open(file_of(job, ".package", pool), O_RDWR);
    char byte;

    bool done = pread(fd, &byte, 1, 90000) == 1;
    byte ^= 1;
    ok(done && pwrite(fd, &byte, 1, 90000) == 1, "a changed package");
    close(fd);
}

static void spool_spoil(const eb_job_t *job, const char *text, apr_pool_t *pool)
{
    scratch_write(file_of(job, ".job", pool), text);
}

/* A disk that is full after so many bytes, by way of the limit for files. */
static void spool_fill(bool full, apr_pool_t *pool)
{
    struct rlimit limit = {full ? 100000 : RLIM_INFINITY, RLIM_INFINITY};

    (void)pool;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* --- a hand in Redis --- */

static eb_outbox_t *in_redis(const eb_keyring_t *keys, apr_pool_t *pool)
{
    return redis_outbox_node(&server, 0, LEASE, keys, pool);
}

static int redis_litter(apr_pool_t *pool)
{
    return redis_outbox_keys(&server, "new:*", pool);
}

static const char *redis_looks(const eb_job_t *job, apr_pool_t *pool)
{
    return apr_pstrcat(
        pool, test_redis_ask(&server, pool, "HLEN " STOCK "package:%s", job->uuid), " pieces, ",
        test_redis_ask(&server, pool, "TTL " STOCK "package:%s", job->uuid), " to live, since ",
        test_redis_ask(&server, pool, "HGET " STOCK "job:%s since", job->uuid), NULL);
}

static void redis_damage(const eb_job_t *job, apr_pool_t *pool)
{
    char sealed[EB_CHUNK_SEALED_LEN];
    const char *piece = test_redis_ask(&server, pool, "HGET " STOCK "package:%s 0", job->uuid);

    memcpy(sealed, piece, sizeof sealed);
    sealed[100] ^= 1;
    test_redis_ask(&server, pool, "HSET " STOCK "package:%s 0 %b", job->uuid, sealed,
                   sizeof sealed);
}

static void redis_spoil(const eb_job_t *job, const char *text, apr_pool_t *pool)
{
    test_redis_ask(&server, pool, "HSET " STOCK "job:%s job %b", job->uuid, text, strlen(text));
}

static void redis_fill(bool full, apr_pool_t *pool)
{
    test_redis_ask(&server, pool, "CONFIG SET maxmemory %s", full ? "1" : "0");
}

/* --- the same for both --- */

static eb_job_t put_made(apr_uint64_t seed, apr_uint64_t len, apr_pool_t *pool)
{
    eb_outbox_t *box = rig.open(old, pool);
    bytes_t package = bytes_made(seed, len);
    eb_job_t job = spool_job(now);

    is_int(box->engine->put(box, &job, &package.source, &problem, pool), APR_SUCCESS, "put");
    return job;
}

static bool readable(const eb_keyring_t *keys, const eb_job_t *job, apr_uint64_t seed,
                     apr_uint64_t len, apr_pool_t *pool)
{
    eb_outbox_t *box = rig.open(keys, pool);
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
    eb_outbox_t *box = rig.open(keys, pool);
    eb_job_t *taken;

    problem = NULL;
    apr_status_t rv = box->engine->by_hand->take(&taken, box, AUTHORITY, job->uuid, &problem, pool);
    if (rv)
        return rv;
    rv = box->engine->by_hand->rewrap(changed, box, taken, &problem, pool);
    box->engine->release(box, taken);
    return rv;
}

static void test_rewrap(apr_pool_t *pool)
{
    static const apr_uint64_t lengths[] = {0, 1, EB_CHUNK_LEN, 3 * EB_CHUNK_LEN + 7};

    for (int i = 0; i < 4; i++) {
        eb_outbox_t *box = rig.open(both, pool);
        eb_job_t job = put_made(i, lengths[i], pool), *found;
        apr_uint32_t key_id;
        const char *before = rig.looks(&job, pool);
        bool changed;

        is_int(rewrap(&changed, both, &job, pool), APR_SUCCESS, "rewrapped");
        ok(changed, "is sealed anew");
        box->engine->by_hand->key(&key_id, box, AUTHORITY, job.uuid, &problem, pool);
        ok(key_id == eb_keyring_current(fresh), "under the first key");
        ok(readable(fresh, &job, i, lengths[i], pool), "and are the same, without the old key");
        ok(!readable(old, &job, i, lengths[i], pool), "which opens nothing any more");
        is_str(rig.looks(&job, pool), before, "as old and as long as before");
        is_int(box->engine->find(&found, box, AUTHORITY, job.uuid, &problem, pool), APR_SUCCESS,
               "the job is found");
        is_str(found->number, job.number, "by its number");
        is_int(rewrap(&changed, both, &job, pool), APR_SUCCESS, "a second time");
        ok(!changed, "there is nothing to do");
    }
    is_int(rig.litter(pool), 0, "nothing is left behind");
}

static void test_not_rewrapped(apr_pool_t *pool)
{
    eb_job_t job = put_made(9, 100000, pool);
    bool changed;

    is_int(rewrap(&changed, fresh, &job, pool), APR_NOTFOUND, "without its key there is no way");
    is_str(told(), eb_problem_id(EB_P_PACKAGE_KEY), "and that is said");
    ok(readable(old, &job, 9, 100000, pool), "the package is as it was");

    rig.damage(&job, pool);
    ok(rewrap(&changed, both, &job, pool) != APR_SUCCESS, "is not sealed anew");
    is_str(told(), eb_problem_id(EB_P_PACKAGE_BROKEN), "but told");
    is_int(rig.litter(pool), 0, "nothing is left behind");
}

static void test_full(apr_pool_t *pool)
{
    eb_job_t job = put_made(10, 300000, pool);
    bool changed;

    rig.fill(true, pool);
    ok(rewrap(&changed, both, &job, pool) != APR_SUCCESS && !changed, "no room: not sealed anew");
    rig.fill(false, pool);
    is_str(told(), eb_problem_id(rig.no_room), "but told");
    ok(readable(old, &job, 10, 300000, pool), "the package is as it was");
    is_int(rig.litter(pool), 0, "nothing is left behind");
}

static apr_time_t how_long(apr_uint64_t len, apr_pool_t *pool)
{
    eb_job_t job = put_made(1, len, pool);
    apr_time_t begun = apr_time_now();
    bool changed;

    rewrap(&changed, both, &job, pool);
    return apr_time_now() - begun;
}

/* kill -9 at any moment: the package is always whole, under one key or the other. */
static void test_killed(apr_pool_t *pool)
{
    const apr_uint64_t len = 1000000;
    const apr_time_t step = how_long(len, pool) / 20;
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
        usleep((useconds_t)(i * step));
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
    eb_outbox_t *box = rig.open(old, pool);
    eb_job_t job = put_made(12, 10, pool), *first, *second;

    is_int(box->engine->by_hand->take(&first, box, AUTHORITY, job.uuid, &problem, pool),
           APR_SUCCESS, "taken");
    is_int(box->engine->by_hand->take(&second, box, AUTHORITY, job.uuid, &problem, pool), APR_EBUSY,
           "not by two");
    first->due = now + apr_time_from_sec(600);
    is_int(box->engine->save(box, first, &problem, pool), APR_SUCCESS, "saved");
    box->engine->release(box, first);
    is_int(box->engine->by_hand->take(&first, box, AUTHORITY, job.uuid, &problem, pool),
           APR_SUCCESS, "due or not");
    is_int((int)(first->due > now), 1, "as it was saved");
    first->state = EB_JOB_CONFIRMED;
    box->engine->purge(box, first, &problem, pool);
    box->engine->release(box, first);
    is_int(box->engine->by_hand->take(&first, box, AUTHORITY, job.uuid, &problem, pool),
           APR_NOTFOUND, "gone when it is finished");
    is_int(box->engine->by_hand->take(&first, box, "nobody", job.uuid, &problem, pool),
           APR_NOTFOUND, "no such authority");
}

static void test_strange(apr_pool_t *pool)
{
    eb_outbox_t *box = rig.open(old, pool);
    eb_job_t job = put_made(13, 10, pool), *taken;

    rig.spoil(&job, "{\"format\": 99}", pool);
    is_int(box->engine->by_hand->take(&taken, box, AUTHORITY, job.uuid, &problem, pool),
           APR_ENOTIMPL, "a newer version's job is left alone");
    is_str(told(), eb_problem_id(EB_P_JOB_NEWER), "which is said");
    rig.spoil(&job, "nothing", pool);
    is_int(box->engine->by_hand->take(&taken, box, AUTHORITY, job.uuid, &problem, pool), APR_EINVAL,
           "and what is no job's");
    is_str(told(), eb_problem_id(EB_P_JOB_UNREADABLE), "which is said");
}

/* Another operator, who comes when the first one is done with it. */
static void test_let_go(apr_pool_t *pool)
{
    eb_outbox_t *a = rig.open(old, pool), *b = rig.open(old, pool);
    eb_job_t job = put_made(14, 10, pool), *first, *second;

    a->engine->by_hand->take(&first, a, AUTHORITY, job.uuid, &problem, pool);
    problem = NULL;
    is_int(b->engine->by_hand->take(&second, b, AUTHORITY, job.uuid, &problem, pool), APR_EBUSY,
           "another process has to wait");
    ok(!problem, "which is no problem");
    a->engine->release(a, first);
    is_int(b->engine->by_hand->take(&second, b, AUTHORITY, job.uuid, &problem, pool), APR_SUCCESS,
           "until the first lets go");
    b->engine->release(b, second);
}

typedef struct lines_t {
    int count, most;
    const char *last;
    apr_pool_t *pool;
} lines_t;

static bool count_line(char *line, void *baton)
{
    lines_t *lines = baton;

    lines->last = apr_pstrdup(lines->pool, line);
    return ++lines->count < lines->most;
}

static void test_journal(apr_pool_t *pool)
{
    enum { MANY = 2100 }; /* more than Redis is asked for at once */
    lines_t all = {0, MANY + 1, NULL, pool}, some = {0, 1500, NULL, pool}, none = all;
    eb_outbox_t *box = rig.open(old, pool);
    eb_job_t job = spool_job(now);

    job.changed = now;
    for (int i = 0; i < MANY; i++)
        eb_journal_write(box, &job, "step", apr_itoa(pool, i), &problem, pool);
    is_int(box->engine->by_hand->journal(box, AUTHORITY, count_line, &all, &problem, pool),
           APR_SUCCESS, "the journal");
    is_int(all.count, MANY, "has every line");
    ok(all.last && strstr(all.last, "\t2099") && !strchr(all.last, '\n'), "the last one last");
    box->engine->by_hand->journal(box, AUTHORITY, count_line, &some, &problem, pool);
    is_int(some.count, 1500, "up to the one that is enough");
    ok(some.last && strstr(some.last, "\t1499"), "in their order");
    is_int(box->engine->by_hand->journal(box, "nobody", count_line, &none, &problem, pool),
           APR_SUCCESS, "one that was never written");
    is_int(none.count, 0, "has none");
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

static void test_all(const char *name, apr_pool_t *pool)
{
    static void (*const tests[])(apr_pool_t *) = {test_rewrap,  test_not_rewrapped, test_full,
                                                  test_killed,  test_take,          test_let_go,
                                                  test_strange, test_journal};

    printf("# engine %s\n", name);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tests[i](pool);
}

/* An operator who is too slow, and a worker who has the job by then. */
static void test_redis_lease(apr_pool_t *pool)
{
    eb_outbox_t *slow = redis_outbox_node(&server, 0, apr_time_from_msec(100), both, pool);
    eb_outbox_t *worker = rig.open(old, pool);
    eb_job_t job = put_made(15, 100000, pool), *late, *mine;
    bool changed = true;

    slow->engine->by_hand->take(&late, slow, AUTHORITY, job.uuid, &problem, pool);
    usleep(150000);
    is_int(worker->engine->by_hand->take(&mine, worker, AUTHORITY, job.uuid, &problem, pool),
           APR_SUCCESS, "a lease runs out");
    ok(slow->engine->by_hand->rewrap(&changed, slow, late, &problem, pool) && !changed,
       "who is late seals nothing anew");
    is_str(told(), eb_problem_id(EB_P_LEASE_LOST), "and is told why");
    ok(readable(old, &job, 15, 100000, pool), "the package is as it was");
    slow->engine->release(slow, late);
    worker->engine->release(worker, mine);
}

int main(void)
{
    static const char a[] = "a AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    static const char b[] = "b BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    apr_pool_t *pool = tap_begin();
    apr_uint32_t id;

    dir = scratch_make_fast(pool);
    now = apr_time_now();
    old = ring("old", a, pool);
    both = ring("both", apr_pstrcat(pool, b, a, NULL), pool);
    fresh = ring("fresh", b, pool);
    is_str(eb_keyring_name(both, 0, &id), "b", "keys have names");
    is_str(eb_keyring_name(both, 1, &id), "a", "in the order of the file");
    ok(id == eb_keyring_current(old), "and fingerprints");
    ok(!eb_keyring_name(both, 2, &id), "and an end");
    rig = (rig_t){in_spool,    spool_litter, spool_looks,     spool_damage,
                  spool_spoil, spool_fill,   EB_P_SPOOL_WRITE};
    test_all("spool", pool);
    if (redis_outbox_start(&server, dir, pool)) {
        rig = (rig_t){in_redis,    redis_litter, redis_looks,     redis_damage,
                      redis_spoil, redis_fill,   EB_P_OUTBOX_ROOM};
        test_all("redis", pool);
        test_redis_lease(pool);
        test_redis_stop(&server, SIGTERM);
    } else {
        skip(1, "no redis-server");
    }
    scratch_remove(dir);
    return done();
}
