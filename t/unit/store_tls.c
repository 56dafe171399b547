/* TLS to a real Redis, with certificates made for the test: only a server that proves to be the one
 * that was named is spoken to. Where hiredis has no TLS, only that is said. */
#include "store/redis_pool.h"
#include "tap.h"
#include "scratch.h"
#include "redis.h"

#include <apr_errno.h>

static apr_pool_t *pool;
static eb_problem_t *problem;
static const char *dir;
static int port;

static const char *in(const char *name)
{
    return apr_pstrcat(pool, dir, "/", name, NULL);
}

static bool shell(const char *script)
{
    return system(apr_psprintf(pool, "cd '%s' && { %s; } >/dev/null 2>&1", dir, script)) == 0;
}

/* A CA, a certificate for the name localhost, one for another name and the address, and a CA of
 * somebody else. */
static bool make_certificates(void)
{
    return shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                 "-subj /CN=Test-CA -keyout ca.key -out ca.pem && "
                 "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                 "-subj /CN=Andere-CA -keyout other.key -out other.pem && "
                 "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                 "-subj /CN=redis -keyout server.key -out server.csr && "
                 "echo subjectAltName=DNS:localhost > server.ext && "
                 "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
                 "-days 2 -extfile server.ext -out server.pem && "
                 "echo subjectAltName=DNS:redis.example,IP:127.0.0.1 > second.ext && "
                 "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
                 "-days 2 -extfile second.ext -out second.pem && "
                 "echo kein Zertifikat > kaputt.pem");
}

static pid_t start_server(void)
{
    const char *number = apr_itoa(pool, port = test_free_port());
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        dup2(null, 2);
        execlp("redis-server", "redis-server", "--port", "0", "--tls-port", number, "--bind",
               "127.0.0.1", "--unixsocket", in("admin.sock"), "--tls-cert-file", in("server.pem"),
               "--tls-key-file", in("server.key"), "--tls-ca-cert-file", in("ca.pem"),
               "--tls-auth-clients", "optional", "--save", "", (char *)NULL);
        _exit(127);
    }
    return pid;
}

static apr_status_t ping_with(const char *host, const char *ca, const char *cert, const char *key)
{
    eb_redis_address_t address = {
        .host = host, .port = port, .connect_ms = 500, .command_ms = 500, .secure = true};
    eb_redis_command_t command = {0};
    const char *why = NULL;
    redisReply *reply;
    eb_redis_t *redis;

    problem = NULL;
    apr_status_t rv = eb_redis_tls_load(&address, ca, cert, key, &why, pool);
    if (rv)
        return rv;
    eb_redis_create(&redis, &address, 2, pool);
    eb_redis_command_word(&command, "PING");
    for (int i = 0; i < 3 && !rv; i++)
        rv = eb_redis_send(&reply, redis, &command, 1, i == 1, &problem, pool);
    if (!rv && redis->generation)
        return APR_EGENERAL; /* a connection did not last */
    return rv;
}

static bool says(const char *text)
{
    return problem && problem->number == EB_P_REDIS_CONNECT && strstr(problem->what, text);
}

static void test_handshake(void)
{
    apr_status_t rv = APR_EGENERAL;

    for (int i = 0; i < 200 && rv; i++) {
        rv = ping_with("localhost", in("ca.pem"), NULL, NULL);
        if (rv)
            usleep(20000);
    }
    is_int(rv, APR_SUCCESS, "a certificate for the name");
    is_int(ping_with("127.0.0.1", in("ca.pem"), NULL, NULL), APR_ECONNREFUSED,
           "which is not one for the address");
    ok(says("certificate is not accepted") && says("mismatch"), "the problem says so");
    is_int(ping_with("localhost", in("other.pem"), NULL, NULL), APR_ECONNREFUSED,
           "a CA that is not trusted");
    ok(says("certificate is not accepted"), "the problem says so");
    is_int(ping_with("localhost", NULL, NULL, NULL), APR_ECONNREFUSED, "nor by this system");
    is_int(ping_with("localhost", in("ca.pem"), in("server.pem"), in("server.key")), APR_SUCCESS,
           "with a certificate of our own");
}

static void test_other_names(void)
{
    test_redis_t admin = {.socket = in("admin.sock")};

    is_str(test_redis_ask(&admin, pool, "CONFIG SET tls-cert-file %s", in("second.pem")), "OK",
           "another certificate");
    is_int(ping_with("127.0.0.1", in("ca.pem"), NULL, NULL), APR_SUCCESS, "one for the address");
    is_int(ping_with("localhost", in("ca.pem"), NULL, NULL), APR_ECONNREFUSED,
           "and for another name");
    ok(says("certificate is not accepted") && says("mismatch"), "the problem says so");
}

static void test_files(void)
{
    is_int(ping_with("localhost", in("kaputt.pem"), NULL, NULL), APR_EINVAL,
           "a CA file that is "
           "none");
    is_int(ping_with("localhost", in("nichts.pem"), NULL, NULL), APR_EINVAL, "no CA file");
    is_int(ping_with("localhost", NULL, in("kaputt.pem"), in("server.key")), APR_EINVAL,
           "a certificate that is none");
    is_int(ping_with("localhost", NULL, in("server.pem"), in("ca.key")), APR_EINVAL,
           "a key of another certificate");
}

/* A server that does not speak TLS must not hang whoever does. */
static void test_plain_server(void)
{
    test_redis_t plain;

    test_redis_start(&plain, dir, pool);
    port = (int)apr_atoi64(test_redis_open_port(&plain, pool));
    is_int(ping_with("127.0.0.1", in("ca.pem"), NULL, NULL), APR_ECONNREFUSED,
           "a server without TLS");
    ok(says("no TLS"), "the problem says so");
    test_redis_stop(&plain, SIGKILL);
}

int main(void)
{
    pool = tap_begin();
    signal(SIGPIPE, SIG_IGN);
    if (eb_redis_tls_missing()) {
        skip(1, "this hiredis has no TLS");
        return done();
    }
    dir = scratch_make(pool);
    pid_t server = make_certificates() ? start_server() : 0;
    usleep(100000);
    if (server <= 0 || waitpid(server, NULL, WNOHANG) == server) {
        skip(1, "no openssl, or no redis-server with TLS");
    } else {
        test_handshake();
        test_other_names();
        test_files();
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
        test_plain_server();
    }
    scratch_remove(dir);
    return done();
}
