/* Which server is used when Sentinels are asked: scripted Sentinels and servers that are behind, of
 * another mind, silent, or gone. */
#include "store/sentinel.h"
#include "respond.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <signal.h>
#include <time.h>

#define MASTER  "*3\r\n$6\r\nmaster\r\n:7\r\n*0\r\n"
#define REPLICA "*5\r\n$5\r\nslave\r\n$1\r\nh\r\n:1\r\n$9\r\nconnected\r\n:7\r\n"
#define UNKNOWN "*-1\r\n"

static apr_pool_t *pool;
static respond_t sentinel[3], server[2];
static eb_problem_t *problem;

/* What a Sentinel says when it takes this server for the master. */
static const char *names(const respond_t *r)
{
    const char *port = apr_itoa(pool, r->port);
    return apr_psprintf(pool, "*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%s\r\n", (int)strlen(port), port);
}

static void setup(void)
{
    respond_start(&server[0], "ROLE", MASTER);
    respond_start(&server[1], "ROLE", REPLICA);
    for (int i = 0; i < 3; i++)
        respond_start(&sentinel[i], "SENTINEL", names(&server[0]));
}

static void teardown(void)
{
    for (int i = 0; i < 3; i++)
        respond_stop(&sentinel[i]);
    for (int i = 0; i < 2; i++)
        respond_stop(&server[i]);
}

static eb_redis_t *redis_new(const eb_redis_address_t *more)
{
    eb_redis_address_t address = more ? *more : (eb_redis_address_t){0};
    eb_redis_t *redis;

    address.master = "antrag";
    address.connect_ms = address.command_ms = 1500;
    for (int i = 0; i < 3; i++)
        address.sentinels[address.sentinels_count++] =
            (eb_redis_host_t){"127.0.0.1", sentinel[i].port};
    eb_redis_create(&redis, &address, 4, pool);
    return redis;
}

static apr_status_t ping(eb_redis_t *redis)
{
    eb_redis_command_t command = {0};
    redisReply *reply;

    problem = NULL;
    eb_redis_command_word(&command, "PING");
    return eb_redis_send(&reply, redis, &command, 1, false, &problem, pool);
}

static bool says(const char *text)
{
    return problem && problem->number == EB_P_REDIS_MASTER && strstr(problem->what, text);
}

static void test_plain(void)
{
    setup();
    eb_redis_t *redis = redis_new(NULL);
    is_int(ping(redis), APR_SUCCESS, "the master is found");
    is_int(sentinel[0].asked, 1, "by one question");
    is_int(sentinel[0].reads, 1, "in one round trip");
    is_int(server[0].asked, 1, "and one to the master itself");
    for (int i = 0; i < 5; i++)
        ping(redis);
    is_int(sentinel[0].asked + sentinel[1].asked + sentinel[2].asked + server[0].asked, 2,
           "a connection that stands asks nobody");
    is_int(server[0].reads, 7, "and needs no additional round trip");
    teardown();
}

/* AUTH, SELECT and ROLE go together; each side is greeted with its own name. */
static void test_greeting(void)
{
    eb_redis_address_t with = {.database = 3,
                               .user = "antrag",
                               .password = "geheim",
                               .sentinel_user = "wache",
                               .sentinel_password = "anders"};
    setup();
    eb_redis_t *redis = redis_new(&with);
    is_int(ping(redis), APR_SUCCESS, "with passwords and a database");
    is_int(sentinel[0].reads, 1, "the Sentinel is asked in one round trip");
    is_int(server[0].reads, 2, "the greeting is one round trip, the command another");
    sentinel[0].question = server[0].question = "AUTH";
    sentinel[0].answer = "-WRONGPASS of the Sentinel\r\n";
    sentinel[1].answer = sentinel[2].answer = UNKNOWN;
    is_int(ping(redis_new(&with)), APR_ECONNREFUSED, "a wrong password for the Sentinel");
    ok(says("WRONGPASS of the Sentinel") && says("knows no master \"antrag\""),
       "the problem says what each of them said");
    ok(problem && !strstr(problem->what, "anders"), "but no password");
    teardown();
}

static void test_turns(void)
{
    setup();
    int gone = sentinel[0].port;
    respond_stop(&sentinel[0]);
    sentinel[1].answer = UNKNOWN;
    eb_redis_t *redis = redis_new(NULL);
    is_int(ping(redis), APR_SUCCESS, "one is gone, one knows nothing: the third is asked");
    is_int(redis->sentinel, 2, "which is remembered");
    redis->generation++;
    int before = sentinel[1].asked;
    is_int(ping(redis), APR_SUCCESS, "the next connection");
    ok(sentinel[1].asked == before && sentinel[2].asked == 2, "asks the third first");
    sentinel[2].answer = UNKNOWN;
    redis->generation++;
    is_int(ping(redis), APR_ECONNREFUSED, "nobody knows the name");
    ok(says(apr_psprintf(pool, ":%d: Connection refused", gone)), "the problem names who is gone");
    respond_start(&sentinel[0], "SENTINEL", UNKNOWN);
    teardown();
}

/* A Sentinel that is behind names the server that was the master once. */
static void test_behind(void)
{
    setup();
    sentinel[0].answer = names(&server[1]);
    eb_redis_t *redis = redis_new(NULL);
    is_int(ping(redis), APR_SUCCESS, "one Sentinel is behind");
    is_int(server[1].asked, 1, "the replica it names is asked");
    is_int(server[1].reads, 1, "and is sent no command");
    sentinel[1].answer = sentinel[2].answer = names(&server[1]);
    redis->generation++;
    is_int(ping(redis), APR_ECONNREFUSED, "all name a replica, as in the middle of a fail-over");
    ok(says("is no master at present"), "the problem says so");
    is_int(server[1].asked, 2, "which is asked once, not by each name");
    server[0].answer = REPLICA;
    server[1].answer = MASTER;
    is_int(ping(redis), APR_SUCCESS, "and is the master a moment later");
    is_int(server[1].reads, 4, "that gets the command");
    teardown();
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_silence(void)
{
    setup();
    sentinel[0].answer = NULL;
    double start = seconds();
    eb_redis_t *redis = redis_new(NULL);
    is_int(ping(redis), APR_SUCCESS, "a silent Sentinel");
    ok(seconds() - start < 2.9, "costs the connect timeout once");

    server[0].question = "PING";
    server[0].answer = NULL;
    apr_uint32_t before = redis->generation;
    is_int(ping(redis), APR_TIMEUP, "a silent master");
    is_int(redis->generation, before + 1, "makes all look for the master anew");
    teardown();
}

/* The master that was: it still answers, but takes no writes. */
static void test_demoted(void)
{
    setup();
    eb_redis_t *redis = redis_new(NULL);
    is_int(ping(redis), APR_SUCCESS, "connected");
    server[0].question = "PING";
    server[0].answer = "-READONLY You can't write against a read only replica.\r\n";
    server[1].answer = MASTER;
    for (int i = 0; i < 3; i++)
        sentinel[i].answer = names(&server[1]);
    is_int(ping(redis), APR_EGENERAL, "a demoted master refuses once");
    ok(problem && problem->number == EB_P_REDIS_REFUSED, "as a refusal");
    is_int(ping(redis), APR_SUCCESS, "the next command goes to the new one");
    is_int(server[1].reads, 2, "which got it");
    teardown();
}

/* Answers that are none. */
static void test_nonsense(void)
{
    static const char *const answers[] = {"+OK\r\n",
                                          ":5\r\n",
                                          "*1\r\n$1\r\nh\r\n",
                                          "*2\r\n:1\r\n:2\r\n",
                                          "*2\r\n$0\r\n\r\n$2\r\n80\r\n",
                                          "*2\r\n$1\r\nh\r\n$1\r\n0\r\n",
                                          "*2\r\n$1\r\nh\r\n$5\r\n65536\r\n",
                                          "-ERR unknown command\r\n",
                                          "!\r\n"};
    setup();
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        for (int k = 0; k < 3; k++)
            sentinel[k].answer = answers[i];
        is_int(ping(redis_new(NULL)), APR_ECONNREFUSED, "nonsense from the Sentinels");
    }
    for (int k = 0; k < 3; k++)
        sentinel[k].answer = names(&server[0]);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        server[0].answer = answers[i];
        is_int(ping(redis_new(NULL)), APR_ECONNREFUSED, "nonsense from the master");
    }
    teardown();
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    pool = tap_begin();
    test_plain();
    test_greeting();
    test_turns();
    test_behind();
    test_silence();
    test_demoted();
    test_nonsense();
    return done();
}
