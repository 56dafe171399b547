/* What only the outbox in Redis must prove: two nodes and their leases, an honest Redis or none, a
 * full one, replicas that are there or not, and a caller that has given up. */
#include "redis_outbox.h"
#include "crash.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <sys/mman.h>

#define LEASE apr_time_from_sec(60) /* no machine is so slow; a test ends them itself */

static test_redis_t server;
static const eb_keyring_t *keys;
static const char *dir;
static eb_outbox_t *a, *b; /* two nodes */
static eb_problem_t *problem;
static apr_time_t now;

static apr_status_t put(eb_outbox_t *box, eb_job_t *job, apr_pool_t *pool)
{
    problem = NULL;
    return spool_put(box, job, &problem, pool);
}

static apr_status_t take(eb_outbox_t *box, eb_job_t **job, apr_pool_t *pool)
{
    problem = NULL;
    return box->engine->take(job, box, AUTHORITY, now, &problem, pool);
}

static apr_status_t save(eb_outbox_t *box, eb_job_t *job, apr_pool_t *pool)
{
    problem = NULL;
    return box->engine->save(box, job, &problem, pool);
}

static apr_status_t purge(eb_outbox_t *box, eb_job_t *job, apr_pool_t *pool)
{
    problem = NULL;
    return box->engine->purge(box, job, &problem, pool);
}

static apr_status_t find(eb_outbox_t *box, const eb_job_t *job, apr_pool_t *pool)
{
    eb_job_t *got;
    problem = NULL;
    return box->engine->find(&got, box, AUTHORITY, job->uuid, &problem, pool);
}

static void is_problem(eb_problem_id_t id, const char *name)
{
    is_str(problem ? problem->id : "none", eb_problem_id(id), name);
    if (problem && problem->number != id)
        printf("# %s\n", problem->what);
}

static const char *command(const char *text, apr_pool_t *pool)
{
    return test_redis_ask(&server, pool, text);
}

/* What one node accepted the other delivers. */
static void deliver(eb_outbox_t *box, apr_pool_t *pool)
{
    eb_job_t *job = NULL;
    is_int(take(box, &job, pool), APR_SUCCESS, "taken");
    if (!job)
        return;
    ok(spool_same(box, job, &problem, pool), "and read");
    job->state = EB_JOB_CONFIRMED;
    is_int(save(box, job, pool), APR_SUCCESS, "confirmed");
    is_int(purge(box, job, pool), APR_SUCCESS, "purged");
    box->engine->release(box, job);
}

/* What is left of the lease on a job, in milliseconds. */
static int lease_left(const eb_job_t *job, apr_pool_t *pool)
{
    return atoi(test_redis_ask(&server, pool, "PTTL " STOCK "lease:%s", job->uuid));
}

/* As if the time had passed: at 0 the lease has run out. */
static void lease_leave(const eb_job_t *job, int ms, apr_pool_t *pool)
{
    test_redis_ask(&server, pool, "PEXPIRE " STOCK "lease:%s %d", job->uuid, ms);
}

static void test_lease(apr_pool_t *pool)
{
    const int half = (int)apr_time_as_msec(LEASE) / 2;
    eb_job_t job = spool_job(now), *late, *mine, *none;
    eb_reader_t *package;
    char byte;

    is_int(put(a, &job, pool), APR_SUCCESS, "accepted by one node");
    is_int(take(a, &late, pool), APR_SUCCESS, "and taken");
    is_int(a->engine->read(&package, a, late, &problem, pool), APR_SUCCESS, "and opened");
    is_int(take(b, &none, pool), APR_EOF, "the other node has to wait");
    lease_leave(late, half / 2, pool);
    late->state = EB_JOB_ANNOUNCED;
    is_int(save(a, late, pool), APR_SUCCESS, "each step");
    ok(lease_left(late, pool) > half, "renews the lease");
    lease_leave(late, half / 2, pool);
    is_int(a->engine->read(&package, a, late, &problem, pool), APR_SUCCESS, "reading");
    ok(lease_left(late, pool) > half, "does, too");
    is_int(save(a, late, pool), APR_SUCCESS, "and the next step is saved");
    is_int(take(b, &none, pool), APR_EOF, "so the other node still has to wait");
    lease_leave(late, 0, pool);
    is_int(take(b, &mine, pool), APR_SUCCESS, "until the first is silent for too long");
    is_int(mine->state, EB_JOB_ANNOUNCED, "it goes on where the first had got");

    late->state = EB_JOB_CONFIRMED;
    is_int(save(a, late, pool), APR_EGENERAL, "the late one saves nothing");
    is_problem(EB_P_LEASE_LOST, "and is told why");
    is_int(purge(a, late, pool), APR_EGENERAL, "purges nothing");
    is_problem(EB_P_LEASE_LOST, "and is told why");
    is_int(late->state, EB_JOB_CONFIRMED, "its job stays as it was");
    problem = NULL;
    apr_status_t rv = a->engine->read(&package, a, late, &problem, pool);
    ok((rv || package->at(package, 0, &byte, 1, &problem, pool)) && problem, "reads nothing");
    is_problem(EB_P_LEASE_LOST, "and is told why");
    a->engine->release(a, late);
    is_int(take(a, &none, pool), APR_EOF, "and gives nothing free that is not its own");
    is_int(save(b, mine, pool), APR_SUCCESS, "the other one saves");
    mine->state = EB_JOB_CONFIRMED;
    is_int(purge(b, mine, pool), APR_SUCCESS, "and purges");
    b->engine->release(b, mine);
    is_int(put(a, &job, pool), APR_EEXIST, "which both know then");
}

/* Nobody else came, and yet it was too late: the job might have been anybody's meanwhile. */
static void test_lapsed(apr_pool_t *pool)
{
    eb_job_t job = spool_job(now), *late;

    put(a, &job, pool);
    take(a, &late, pool);
    lease_leave(late, 0, pool);
    is_int(save(a, late, pool), APR_EGENERAL, "a lease that has run out is over");
    is_problem(EB_P_LEASE_LOST, "whether or not somebody else has it");
    a->engine->release(a, late);
    deliver(b, pool);
}

/* A fail-over may set the counter back; two leases are different all the same. */
static void test_counter(apr_pool_t *pool)
{
    eb_job_t job = spool_job(now), *late, *mine;

    put(a, &job, pool);
    take(a, &late, pool);
    command("DECR " STOCK "token", pool);
    lease_leave(late, 0, pool);
    take(b, &mine, pool);
    is_int(save(a, late, pool), APR_EGENERAL, "no two leases are alike");
    a->engine->release(a, late);
    b->engine->release(b, mine);
    deliver(a, pool);
}

static void test_litter(apr_pool_t *pool)
{
    eb_job_t job = spool_job(now), *got;

    test_redis_ask(&server, pool, "ZADD " STOCK "due 1 %s", job.uuid);
    is_int(take(a, &got, pool), APR_EOF, "an entry without a job is not taken");
    is_str(command("ZCARD " STOCK "due", pool), "0", "but cleared away");
    test_redis_ask(&server, pool, "ZADD " STOCK "due 1 %s", job.uuid);
    put(a, &job, pool);
    deliver(b, pool);
    job = spool_job(now);
    test_redis_ask(&server, pool, "SET " STOCK "job:%s x", job.uuid);
    test_redis_ask(&server, pool, "ZADD " STOCK "due 1 %s", job.uuid);
    eb_job_t good = spool_job(now);
    put(a, &good, pool);
    deliver(b, pool);
    is_int(take(a, &got, pool), APR_EGENERAL, "what is no hash is a problem, and delays nobody");
    is_problem(EB_P_REDIS_ANSWER, "of its own");
    test_redis_ask(&server, pool, "UNLINK " STOCK "job:%s", job.uuid);
    is_int(take(a, &got, pool), APR_EOF, "until it has gone");
}

/* Accepts once Redis is made honest again, and not before. */
static void refuses(const char *dishonest, const char *honest, eb_problem_id_t id, apr_pool_t *pool)
{
    now += apr_time_from_sec(61);
    eb_job_t job = spool_job(now);

    command(dishonest, pool);
    ok(put(a, &job, pool) != APR_SUCCESS, dishonest);
    is_problem(id, "is told");
    is_int(find(a, &job, pool), APR_NOTFOUND, "nothing was accepted");
    is_int(redis_outbox_keys(&server, "new:*", pool), 0, "and nothing is left");
    command(honest, pool);
    redis_outbox_honest(&server, pool);
    is_int(put(a, &job, pool), APR_SUCCESS, "it is accepted at once when that is mended");
    deliver(b, pool);
}

static void test_honest(apr_pool_t *pool)
{
    refuses("CONFIG SET appendonly no", "CONFIG SET appendonly yes", EB_P_REDIS_AOF_OFF, pool);
    refuses("CONFIG SET appendfsync everysec", "CONFIG SET appendfsync always", EB_P_REDIS_FSYNC,
            pool);
    refuses("CONFIG SET appendfsync no", "CONFIG SET appendfsync always", EB_P_REDIS_FSYNC, pool);
    refuses("CONFIG SET maxmemory-policy allkeys-lru", "CONFIG SET maxmemory-policy noeviction",
            EB_P_REDIS_EVICTS, pool);
    refuses("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", EB_P_REDIS_ROLE, pool);
}

static int infos(apr_pool_t *pool)
{
    const char *stats = command("INFO commandstats", pool);
    const char *line = strstr(stats, "cmdstat_info:calls=");
    return line ? atoi(line + strlen("cmdstat_info:calls=")) : 0;
}

static void test_asked(apr_pool_t *pool)
{
    eb_job_t job;

    now += apr_time_from_sec(61);
    for (int i = 0; i < 3; i++) {
        job = spool_job(now);
        put(a, &job, pool);
        if (i == 0)
            command("CONFIG RESETSTAT", pool);
    }
    is_int(infos(pool), 0, "Redis is not asked again within a minute");
    now += apr_time_from_sec(59);
    job = spool_job(now);
    put(a, &job, pool);
    is_int(infos(pool), 1, "to the second");
    now += apr_time_from_sec(1);
    job = spool_job(now);
    put(a, &job, pool);
    ok(infos(pool) > 4, "but then");
    for (int i = 0; i < 5; i++)
        deliver(b, pool);
}

static void restart_everysec(apr_pool_t *pool)
{
    test_redis_stop(&server, SIGKILL);
    test_redis_launch(&server, "--appendonly", "yes");
    while (strcmp(command("PING", pool), "PONG") != 0)
        usleep(1000);
}

/* Another Redis behind the same address: what was known of the first is not believed of it, whoever
 * notices it by which command. */
static void test_reconnect(apr_pool_t *pool)
{
    eb_job_t job = spool_job(now);

    put(a, &job, pool);
    deliver(a, pool);
    restart_everysec(pool);
    job = spool_job(now);
    ok(put(a, &job, pool) != APR_SUCCESS, "a Redis that was restarted with everysec");
    is_problem(EB_P_REDIS_FSYNC, "is told at once");
    redis_outbox_honest(&server, pool);
    is_int(put(a, &job, pool), APR_SUCCESS, "and accepts when that is mended");
    is_int(eb_redis_outbox_check(a, now, &problem, pool), APR_SUCCESS, "as the check says");
    deliver(a, pool);
    restart_everysec(pool);
    is_int(eb_journal_write(a, &job, "x", NULL, &problem, pool), APR_SUCCESS,
           "restarted once more, and noticed by something else");
    job = spool_job(now);
    ok(put(a, &job, pool) != APR_SUCCESS, "it is still not believed");
    is_problem(EB_P_REDIS_FSYNC, "for that reason");
    redis_outbox_honest(&server, pool);
}

/* Full: nothing comes in any more, but what is in gets out. */
static void test_full(apr_pool_t *pool)
{
    eb_job_t first = spool_job(now), job, *got;
    apr_status_t rv;
    int accepted = 0;

    put(a, &first, pool);
    is_int(take(a, &got, pool), APR_SUCCESS, "one job is being worked on");
    const char *used = strstr(command("INFO memory", pool), "used_memory:") + 12;
    test_redis_ask(&server, pool, "CONFIG SET maxmemory %d", atoi(used) + 2000000);
    do {
        bytes_t package = bytes_made(3, 100000);
        job = spool_job(now);
        problem = NULL;
        rv = a->engine->put(a, &job, &package.source, &problem, pool);
        accepted += !rv;
    } while (!rv && accepted < 100);
    is_int(rv, APR_ENOSPC, "a full Redis");
    is_problem(EB_P_OUTBOX_ROOM, "is told");
    ok(accepted > 0 && accepted < 100, "after some were accepted");
    is_int(find(a, &job, pool), APR_NOTFOUND, "the refused one is not there");
    is_int(redis_outbox_keys(&server, "new:*", pool), 0, "nor what had come of it");
    command("CONFIG SET maxmemory 1", pool);
    eb_job_t small = spool_job(now);
    is_int(put(a, &small, pool), APR_ENOSPC, "fuller than full");
    got->state = EB_JOB_SUBMITTED;
    got->remote = "{\"file\":\"some more bytes than before\"}";
    is_int(save(a, got, pool), APR_SUCCESS, "work goes on");
    got->state = EB_JOB_CONFIRMED;
    is_int(purge(a, got, pool), APR_SUCCESS, "to its end");
    a->engine->release(a, got);
    for (; accepted; accepted--) {
        if (take(b, &got, pool))
            break;
        got->state = EB_JOB_CONFIRMED;
        purge(b, got, pool);
        b->engine->release(b, got);
    }
    is_int(accepted, 0, "all others, too");
    is_int(redis_outbox_keys(&server, "package:*", pool), 0, "and that makes room again");
    command("CONFIG SET maxmemory 0", pool);
    is_int(put(a, &small, pool), APR_SUCCESS, "which is used");
    deliver(a, pool);
}

/* A server that needs Redis to be told nothing by us does not know the scripts. */
static void test_scripts(apr_pool_t *pool)
{
    eb_job_t job = spool_job(now), *got;

    command("SCRIPT FLUSH", pool);
    is_int(put(a, &job, pool), APR_SUCCESS, "put without its script");
    command("SCRIPT FLUSH", pool);
    is_int(take(a, &got, pool), APR_SUCCESS, "take without its script");
    command("SCRIPT FLUSH", pool);
    is_int(save(a, got, pool), APR_SUCCESS, "save without its script");
    command("SCRIPT FLUSH", pool);
    a->engine->release(a, got);
    deliver(b, pool);
    is_str(command("ZCARD " STOCK "due", pool), "0", "everything went its way");
}

/* --- a replica --- */

static void test_replica(apr_pool_t *pool)
{
    const char *folder = apr_pstrcat(pool, dir, "/replica", NULL);
    const char *port = test_redis_open_port(&server, pool);
    eb_job_t job = spool_job(now), *got;
    test_redis_t replica;

    mkdir(folder, 0700);
    test_redis_start(&replica, folder, pool);
    eb_outbox_t *safe = redis_outbox_node(&server, 1, EB_LEASE, keys, pool);
    ok(put(safe, &job, pool) != APR_SUCCESS, "without the replica that is asked for");
    is_problem(EB_P_REDIS_REPLICAS, "nothing is accepted");
    is_int(find(safe, &job, pool), APR_NOTFOUND, "nothing is there");

    test_redis_ask(&replica, pool, "REPLICAOF 127.0.0.1 %s", port);
    for (int i = 0; i < 500 && !strstr(command("INFO replication", pool), "state=online"); i++)
        usleep(10000);
    is_int(put(safe, &job, pool), APR_SUCCESS, "with it, it is");
    ok(atoi(test_redis_ask(&replica, pool, "ZCARD " STOCK "due")) == 1, "and is there, too");
    eb_job_t second = spool_job(now), third = spool_job(now);
    is_int(take(safe, &got, pool), APR_SUCCESS, "taken");

    kill(replica.pid, SIGSTOP);
    is_int(put(safe, &second, pool), APR_EGENERAL, "one that has stopped answering");
    is_problem(EB_P_REDIS_REPLICAS, "is noticed by WAIT");
    is_int(find(safe, &second, pool), APR_EGENERAL, "what it lacks is not said to be there");
    is_problem(EB_P_REDIS_REPLICAS, "nor not to be");
    is_int(find(safe, &third, pool), APR_NOTFOUND, "unlike what nobody has");
    got->state = EB_JOB_ANNOUNCED;
    is_int(save(safe, got, pool), APR_EGENERAL, "no progress is believed");
    safe->engine->release(safe, got);
    is_int(take(safe, &got, pool), APR_EGENERAL, "and no work begun");
    is_problem(EB_P_REDIS_REPLICAS, "for that reason");
    kill(replica.pid, SIGCONT);

    is_int(find(safe, &second, pool), APR_SUCCESS, "when it is back, it has everything");
    is_int(put(safe, &second, pool), APR_EEXIST, "a second put says so");
    deliver(safe, pool);
    deliver(safe, pool);
    is_int(take(safe, &got, pool), APR_EOF, "each once");
    test_redis_stop(&replica, SIGTERM);
    command("CONFIG SET port 0", pool);
}

/* --- a caller that has given up --- */

static apr_status_t *outcome; /* shared with the children */

static int put_impatiently(void *baton)
{
    eb_job_t job = *(eb_job_t *)baton;
    apr_pool_t *pool;
    eb_problem_t *met = NULL;

    apr_pool_create(&pool, NULL);
    eb_redis_address_t address = {.path = server.socket, .connect_ms = 500, .command_ms = 40};
    eb_redis_t *redis;
    eb_outbox_t *box;
    eb_redis_create(&redis, &address, 4, pool);
    eb_redis_outbox_open(&box, redis, EB_LEASE, keys, pool);
    apr_status_t rv = *outcome = spool_put(box, &job, &met, pool);
    return rv && !(met && (met->number == EB_P_OUTBOX_SLOW || met->number == EB_P_REDIS_IO));
}

static void freeze(void *baton)
{
    int status;
    (void)baton;
    kill(server.pid, SIGSTOP);
    waitpid(server.pid, &status, WUNTRACED);
}

/* Redis stands still, after any of the caller's system calls, for longer than the caller waits.
 * What it was sent meanwhile, and finds when it goes on, must be void: the caller has given up.
 * Only the one moment between Redis' own work and its answer may leave an application that is
 * there. */
static void test_slow(apr_pool_t *pool)
{
    int n = 0, late = 0, void_ones = 0;
    bool good = true;
    crash_t end;

    outcome =
        mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    do {
        eb_job_t job = spool_job(now), again = job;
        end = crash_meanwhile(n, put_impatiently, &job, freeze);
        kill(server.pid, SIGCONT);
        usleep(5000);
        apr_status_t found = find(a, &job, pool);
        void_ones += found == APR_NOTFOUND;
        late += found == APR_SUCCESS && *outcome;
        again.accepted = now + 1;
        apr_status_t rv = put(a, &again, pool);
        good = good && end != CRASH_FAILED &&
               (found == APR_NOTFOUND ? rv == APR_SUCCESS : !found && rv == APR_EEXIST);
        test_redis_ask(&server, pool, "UNLINK " STOCK "job:%s " STOCK "package:%s", job.uuid,
                       job.uuid);
        test_redis_ask(&server, pool, "ZREM " STOCK "due %s", job.uuid);
    } while (good && end == CRASH_KILLED && ++n < 2000);
    if (end == CRASH_UNABLE) {
        skip(3, "ptrace is not allowed here");
        return;
    }
    ok(good, "a Redis that is slow at any moment has accepted, or has not, for good");
    ok(void_ones > 5, "mostly it has not");
    ok(late < 4, "and it never does after the caller has given up");
    printf("# %d system calls, %d puts were void, %d were there\n", n, void_ones, late);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();

    dir = scratch_make_fast(pool);
    keys = scratch_keys(dir, "a", pool);
    now = apr_time_now();
    if (!redis_outbox_start(&server, dir, pool)) {
        skip(1, "no redis-server");
        return done();
    }
    a = redis_outbox_node(&server, 0, LEASE, keys, pool);
    b = redis_outbox_node(&server, 0, LEASE, keys, pool);
    test_lease(pool);
    test_lapsed(pool);
    test_counter(pool);
    test_litter(pool);
    test_honest(pool);
    test_asked(pool);
    test_reconnect(pool);
    test_full(pool);
    test_scripts(pool);
    test_replica(pool);
    test_slow(pool);
    test_redis_stop(&server, SIGTERM);
    scratch_remove(dir);
    return done();
}
