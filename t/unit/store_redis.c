/* The connection pool against a real Redis: replies, refusals, restarts, silence, many threads. */
#include "store/redis_pool.h"
#include "tap.h"
#include "scratch.h"
#include "redis.h"

#include <apr_errno.h>
#include <apr_thread_proc.h>
#include <time.h>

static test_redis_t server;
static eb_redis_t *redis;
static eb_problem_t *problem;

static eb_redis_command_t command(int argc, const char *a, const char *b, const char *c)
{
    eb_redis_command_t made = {.argc = argc, .argv = {a, b, c}};
    for (int i = 0; i < argc; i++)
        made.argvlen[i] = strlen(made.argv[i]);
    return made;
}

static apr_status_t send_one(redisReply **reply, eb_redis_command_t c, bool again, apr_pool_t *pool)
{
    problem = NULL;
    return eb_redis_send(reply, redis, &c, 1, again, &problem, pool);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_exchange(apr_pool_t *pool)
{
    redisReply *replies[3];
    eb_redis_command_t three[] = {command(3, "SET", "k", "a"), command(2, "GET", "k", NULL),
                                  command(2, "HGET", "k", NULL)};
    three[0].argv[2] = "a\0b\r\n";
    three[0].argvlen[2] = 5;

    is_int(eb_redis_send(replies, redis, three, 3, false, &problem, pool), APR_SUCCESS,
           "three commands in one go");
    is_str(replies[0]->str, "OK", "the first reply");
    ok(replies[1]->len == 5 && memcmp(replies[1]->str, "a\0b\r\n", 5) == 0, "bytes, not text");
    ok(replies[2]->type == REDIS_REPLY_ERROR, "an error reply is a reply");
    ok(!problem, "and no problem");
}

static void test_restart(apr_pool_t *pool)
{
    redisReply *reply;

    is_int(send_one(&reply, command(1, "PING", NULL, NULL), true, pool), APR_SUCCESS, "connected");
    test_redis_stop(&server, SIGKILL);
    is_int(send_one(&reply, command(1, "PING", NULL, NULL), true, pool), APR_ECONNREFUSED,
           "without a server");
    ok(problem && problem->number == EB_P_REDIS_CONNECT, "the problem says no connection");
    ok(problem && strstr(problem->what, server.socket), "and names the address");
    ok(!reply, "and no reply is left");

    test_redis_start(&server, server.dir, pool);
    is_int(send_one(&reply, command(1, "PING", NULL, NULL), false, pool), APR_SUCCESS,
           "connected anew");
    test_redis_stop(&server, SIGKILL);
    test_redis_start(&server, server.dir, pool);
    is_int(send_one(&reply, command(1, "PING", NULL, NULL), true, pool), APR_SUCCESS,
           "a dead idle connection is replaced for what may be repeated");
    test_redis_stop(&server, SIGKILL);
    test_redis_start(&server, server.dir, pool);
    is_int(send_one(&reply, command(3, "SET", "k", "v"), false, pool), APR_SUCCESS,
           "and noticed before what may not");
}

/* Several idle connections; the first failure retires all of them. */
static void test_retire(apr_pool_t *pool)
{
    eb_redis_conn_t *conns[4];
    redisReply *reply;
    apr_uint32_t before = redis->generation;

    for (int i = 0; i < 3; i++)
        eb_redis_borrow(&conns[i], redis, false, &problem, pool);
    for (int i = 0; i < 3; i++)
        eb_redis_give_back(conns[i]);
    test_redis_stop(&server, SIGKILL);
    test_redis_start(&server, server.dir, pool);
    is_int(send_one(&reply, command(1, "PING", NULL, NULL), true, pool), APR_SUCCESS, "replaced");
    is_int(redis->generation, before + 1, "one failure, one generation");
    for (int i = 0; i < 3; i++) {
        is_int(eb_redis_borrow(&conns[i], redis, false, &problem, pool), APR_SUCCESS, "borrowed");
        is_int(conns[i]->generation, before + 1, "of the new generation");
    }
    is_int(eb_redis_borrow(&conns[3], redis, false, &problem, pool), APR_SUCCESS, "the fourth");
    eb_redis_conn_t *fifth;
    is_int(eb_redis_borrow(&fifth, redis, false, &problem, pool), APR_ENOSPC,
           "a fifth of four is refused");
    for (int i = 0; i < 4; i++)
        eb_redis_give_back(conns[i]);
}

static void test_silence(apr_pool_t *pool)
{
    redisReply *reply;

    send_one(&reply, command(1, "PING", NULL, NULL), true, pool);
    apr_uint32_t before = redis->generation;
    kill(server.pid, SIGSTOP);
    double start = seconds();
    is_int(send_one(&reply, command(1, "PING", NULL, NULL), true, pool), APR_TIMEUP,
           "a silent server");
    double took = seconds() - start;
    kill(server.pid, SIGCONT);
    ok(took > 1.9 && took < 3.9, "is waited for once");
    ok(problem && problem->number == EB_P_REDIS_IO, "the problem says so");
    is_int(redis->generation, before, "slowness retires nobody else");
    is_int(send_one(&reply, command(2, "ECHO", "x", NULL), true, pool), APR_SUCCESS, "goes on");
    is_str(reply->str, "x", "with its own reply, not the late one");
}

static void test_refusal(apr_pool_t *pool)
{
    redisReply *reply;

    test_redis_ask(&server, pool, "CONFIG SET maxmemory 1");
    is_int(send_one(&reply, command(3, "SET", "k", "v"), false, pool), APR_EGENERAL,
           "out of memory");
    ok(problem && problem->number == EB_P_REDIS_REFUSED && strstr(problem->what, "OOM"),
       "the problem quotes OOM");
    test_redis_ask(&server, pool, "CONFIG SET maxmemory 0");
    is_int(send_one(&reply, command(3, "SET", "k", "v"), false, pool), APR_SUCCESS,
           "with memory again");
    test_redis_ask(&server, pool, "REPLICAOF 127.0.0.1 1");
    is_int(send_one(&reply, command(3, "SET", "k", "v"), false, pool), APR_EGENERAL, "a replica");
    ok(problem && strstr(problem->what, "READONLY"), "the problem quotes READONLY");
    test_redis_ask(&server, pool, "REPLICAOF NO ONE");
}

/* A refusal inside a transaction. */
static void test_refusal_in_exec(apr_pool_t *pool)
{
    redisReply *replies[3];
    eb_redis_command_t three[] = {command(1, "MULTI", NULL, NULL), command(3, "SET", "k", "v"),
                                  command(1, "EXEC", NULL, NULL)};

    test_redis_ask(&server, pool, "CONFIG SET maxmemory 1");
    is_int(eb_redis_send(replies, redis, three, 3, false, &problem, pool), APR_EGENERAL,
           "a transaction out of memory");
    test_redis_ask(&server, pool, "CONFIG SET maxmemory 0");
}

/* Memory that runs out between the commands and EXEC. */
static void test_refusal_by_exec(void)
{
    redisContext *c = test_redis_raw(&server), *other = test_redis_raw(&server);

    freeReplyObject(redisCommand(c, "MULTI"));
    freeReplyObject(redisCommand(c, "SET k v"));
    freeReplyObject(redisCommand(other, "CONFIG SET maxmemory 1"));
    redisReply *reply = redisCommand(c, "EXEC");
    freeReplyObject(redisCommand(other, "CONFIG SET maxmemory 0"));
    ok(!strncmp(reply->str, "EXECABORT", 9), "told in EXEC's own words");
    ok(eb_redis_refusal(reply) && eb_redis_lacks_room(reply), "is a refusal for want of room");
    ok(!eb_redis_refusal_final(reply), "which passes");
    freeReplyObject(reply);
    redisFree(c);
    redisFree(other);
}

static void test_password(const eb_redis_address_t *address, apr_pool_t *pool)
{
    eb_redis_address_t with = *address;
    redisReply *reply;
    eb_redis_command_t get = command(2, "GET", "k", NULL);
    eb_redis_t *other;

    send_one(&reply, command(3, "SET", "k", "in database 0"), false, pool);
    with.database = 3;
    eb_redis_create(&other, &with, 1, pool);
    is_int(eb_redis_send(&reply, other, &get, 1, true, &problem, pool), APR_SUCCESS,
           "another database");
    is_int(reply->type, REDIS_REPLY_NIL, "has other keys");

    test_redis_ask(&server, pool, "ACL SETUSER antrag on >geheim ~* +@all");
    test_redis_ask(&server, pool, "CONFIG SET requirepass secret");
    eb_redis_create(&other, address, 1, pool);
    is_int(eb_redis_send(&reply, other, &get, 1, true, &problem, pool), APR_EGENERAL,
           "without the password");
    ok(problem && strstr(problem->what, "NOAUTH"), "NOAUTH");
    with = *address;
    with.password = "falsch";
    eb_redis_create(&other, &with, 1, pool);
    is_int(eb_redis_send(&reply, other, &get, 1, true, &problem, pool), APR_ECONNREFUSED,
           "with a wrong one");
    ok(problem && strstr(problem->what, "WRONGPASS"), "WRONGPASS");
    ok(problem && !strstr(problem->what, "falsch"), "which is not repeated");
    with.password = "secret";
    eb_redis_create(&other, &with, 1, pool);
    is_int(eb_redis_send(&reply, other, &get, 1, true, &problem, pool), APR_SUCCESS,
           "with the right one");
    with.user = "antrag";
    with.password = "geheim";
    eb_redis_create(&other, &with, 1, pool);
    is_int(eb_redis_send(&reply, other, &get, 1, true, &problem, pool), APR_SUCCESS, "as a user");
}

enum { THREADS = 4, ROUNDS = 500 };

static void *APR_THREAD_FUNC worker(apr_thread_t *thread, void *baton)
{
    int *wrong = baton;
    char text[32];
    apr_pool_t *pool;

    (void)thread;
    apr_pool_create(&pool, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        redisReply *reply = NULL;
        eb_problem_t *p = NULL;
        apr_snprintf(text, sizeof text, "%p-%d", baton, i);
        eb_redis_command_t echo = command(2, "ECHO", text, NULL);
        *wrong += eb_redis_send(&reply, redis, &echo, 1, true, &p, pool) != APR_SUCCESS ||
                  strcmp(reply->str, text) != 0;
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    return NULL;
}

static void test_threads(apr_pool_t *pool)
{
    apr_thread_t *threads[THREADS];
    int wrong[THREADS] = {0}, sum = 0;
    apr_status_t rv;

    for (int i = 0; i < THREADS; i++)
        apr_thread_create(&threads[i], NULL, worker, &wrong[i], pool);
    for (int i = 0; i < THREADS; i++) {
        apr_thread_join(&rv, threads[i]);
        sum += wrong[i];
    }
    is_int(sum, 0, "four threads, each gets its own replies");
    const char *clients = test_redis_ask(&server, pool, "INFO clients");
    int connected = 0;
    sscanf(strstr(clients, "connected_clients:"), "connected_clients:%d", &connected);
    ok(connected <= 5, "four at most are open (and the one that asked)");
}

static bool refused_as(eb_problem_id_t number, int replicas, apr_pool_t *pool)
{
    problem = NULL;
    return eb_redis_honest(redis, replicas, &problem, pool) == APR_EGENERAL && problem &&
           problem->number == number;
}

/* Each lie is told alone, and then taken back. */
static void test_honest(apr_pool_t *pool)
{
    static const struct {
        const char *lie, *truth;
        eb_problem_id_t number;
    } lies[] = {
        {"CONFIG SET appendfsync everysec", "CONFIG SET appendfsync always", EB_P_REDIS_FSYNC},
        {"CONFIG SET appendfsync no", "CONFIG SET appendfsync always", EB_P_REDIS_FSYNC},
        {"CONFIG SET maxmemory-policy allkeys-lru", "CONFIG SET maxmemory-policy noeviction",
         EB_P_REDIS_EVICTS},
        {"REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", EB_P_REDIS_ROLE}};

    ok(refused_as(EB_P_REDIS_AOF_OFF, 0, pool), "no append-only file: not believed");
    test_redis_ask(&server, pool, "CONFIG SET appendonly yes");
    test_redis_ask(&server, pool, "CONFIG SET appendfsync always");
    is_int(eb_redis_honest(redis, 0, &problem, pool), APR_SUCCESS, "all in order: believed");
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        test_redis_ask(&server, pool, lies[i].lie);
        ok(refused_as(lies[i].number, 0, pool), lies[i].lie);
        test_redis_ask(&server, pool, lies[i].truth);
        is_int(eb_redis_honest(redis, 0, &problem, pool), APR_SUCCESS, "and mended");
    }
    ok(refused_as(EB_P_REDIS_REPLICAS, 1, pool), "a replica is asked for that is not there");
    ok(problem && strstr(problem->what, "0 of 1"), "the problem counts them");
}

/* A replica of the real kind. */
static void test_honest_replica(apr_pool_t *pool)
{
    const char *dir = scratch_in(server.dir, pool);
    test_redis_t replica;

    test_redis_start(&replica, dir, pool);
    const char *port = test_redis_open_port(&server, pool);
    test_redis_ask(&replica, pool, "REPLICAOF 127.0.0.1 %s", port);
    apr_status_t rv = APR_EGENERAL;
    for (int i = 0; i < 300 && rv; i++) {
        rv = eb_redis_honest(redis, 1, &problem, pool);
        if (rv)
            usleep(20000);
    }
    is_int(rv, APR_SUCCESS, "with one it is believed");
    ok(refused_as(EB_P_REDIS_REPLICAS, 2, pool), "but two are not one");
    test_redis_stop(&replica, SIGKILL);
}

/* Who may not read the settings is told so, keeps the connection, and can still work. */
static void test_honest_rights(const eb_redis_address_t *address, apr_pool_t *pool)
{
    eb_redis_address_t with = *address;
    eb_redis_t *other, *saved = redis;
    redisReply *reply;

    test_redis_ask(&server, pool, "ACL SETUSER ohne on >x ~eb:* +info +echo");
    with.user = "ohne";
    with.password = "x";
    eb_redis_create(&other, &with, 1, pool);
    redis = other;
    ok(refused_as(EB_P_REDIS_SECRETIVE, 0, pool), "CONFIG GET is refused: not believed");
    ok(problem && strstr(problem->what, "NOPERM"), "the problem quotes NOPERM");
    const redisContext *before = other->conns[0].context;
    is_int(send_one(&reply, command(2, "ECHO", "x", NULL), true, pool), APR_SUCCESS,
           "work goes on");
    ok(before && before == other->conns[0].context, "on the same connection");
    redis = saved;
}

/* The rights that conf/redis-users.acl gives are enough. */
static void test_honest_shipped(const eb_redis_address_t *address, apr_pool_t *pool)
{
    static const char user[] = "user einbuergerung on ";
    eb_redis_address_t with = *address;
    eb_redis_t *other;
    char line[1000];

    FILE *file = fopen("conf/redis-users.acl", "r");
    while (file && fgets(line, sizeof line, file) && strncmp(line, user, sizeof user - 1) != 0)
        ;
    ok(file && strncmp(line, user, sizeof user - 1) == 0, "the shipped user");
    if (file)
        fclose(file);
    char *rights =
        apr_pstrcat(pool, "ACL SETUSER einbuergerung on >x ", line + sizeof user - 1, NULL);
    rights[strcspn(rights, "\n")] = '\0';
    is_str(test_redis_ask(&server, pool, rights), "OK", "is one that Redis knows");
    with.user = "einbuergerung";
    with.password = "x";
    eb_redis_create(&other, &with, 1, pool);
    problem = NULL;
    is_int(eb_redis_honest(other, 0, &problem, pool), APR_SUCCESS,
           "and may ask how Redis is set up");
}

static void test_state(apr_pool_t *pool)
{
    eb_redis_state_t state;

    eb_redis_state(&state, redis, pool);
    ok(state.connected && !state.fault, "the state of a running server");
    ok(state.version && strchr(state.version, '.'), "its version");
    is_str(state.role, "master", "its role");
    is_str(state.eviction, "noeviction", "its policy");
    ok(state.used > 100000 && state.limit == 0, "its memory");
    ok(state.aof && state.aof_written, "its append-only file");
    is_str(state.last_problem, eb_problem_id(EB_P_REDIS_REFUSED), "the last failure here");
    test_redis_stop(&server, SIGKILL);
    eb_redis_state(&state, redis, pool);
    ok(!state.connected && state.fault && state.fault->number == EB_P_REDIS_CONNECT,
       "of one that is gone");
    ok(!state.version && strstr(state.address, "unix:"), "only the address is known");
    test_redis_start(&server, server.dir, pool);
}

int main(void)
{
    apr_pool_t *pool = tap_begin(), *child;
    const char *dir = scratch_make(pool);

    if (!test_redis_start(&server, dir, pool)) {
        skip(1, "redis-server is not installed");
        scratch_remove(dir);
        return done();
    }
    eb_redis_address_t address = {.path = server.socket, .connect_ms = 2000, .command_ms = 2000};
    apr_pool_create(&child, pool);
    eb_redis_create(&redis, &address, 4, child);
    test_exchange(pool);
    test_threads(pool);
    test_restart(pool);
    test_silence(pool);
    test_refusal(pool);
    test_refusal_in_exec(pool);
    test_refusal_by_exec();
    test_honest(pool);
    test_honest_replica(pool);
    test_honest_rights(&address, pool);
    test_honest_shipped(&address, pool);
    test_state(pool);
    test_password(&address, pool);
    test_redis_stop(&server, SIGKILL);
    test_redis_start(&server, dir, pool);
    test_retire(pool);
    test_redis_stop(&server, SIGKILL);
    scratch_remove(dir);
    return done();
}
