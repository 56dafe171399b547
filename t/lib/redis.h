/* A Redis of the test's own: on a unix socket in a scratch folder, started and stopped by its
 * process id. */
#ifndef TEST_REDIS_H
#define TEST_REDIS_H

#include "store/redis.h"

#include <apr_strings.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct test_redis_t {
    pid_t pid;
    const char *dir, *socket;
} test_redis_t;

static inline redisContext *test_redis_raw(const test_redis_t *r)
{
    redisContext *c = redisConnectUnix(r->socket);
    if (c && c->err) {
        redisFree(c);
        return NULL;
    }
    return c;
}

static inline bool test_redis_launch(test_redis_t *r, const char *option, const char *value)
{
    fflush(stdout);
    r->pid = fork();
    if (r->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* when the test crashes */
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        dup2(null, 2);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", r->socket, "--dir",
               r->dir, "--save", "", "--appendonly", "no", option, value, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; r->pid > 0 && i < 300; i++) {
        redisContext *c = test_redis_raw(r);
        if (c) {
            redisReply *reply = redisCommand(c, "PING");
            bool up = reply != NULL;
            if (reply)
                freeReplyObject(reply);
            redisFree(c);
            if (up)
                return true;
        }
        if (waitpid(r->pid, NULL, WNOHANG) == r->pid)
            return false;
        usleep(10000);
    }
    return false;
}

/* False: there is no redis-server. */
static inline bool test_redis_start(test_redis_t *r, const char *dir, apr_pool_t *pool)
{
    signal(SIGPIPE, SIG_IGN); /* as httpd does */
    r->dir = dir;
    r->socket = apr_pstrcat(pool, dir, "/redis.sock", NULL);
    return test_redis_launch(r, "--loglevel", "warning");
}

static inline void test_redis_stop(test_redis_t *r, int how)
{
    if (r->pid > 0) {
        kill(r->pid, how);
        waitpid(r->pid, NULL, 0);
    }
    r->pid = 0;
}

/* An answer as one text, for comparisons: an integer, a string, "(nil)", or "[n]" for n elements.
 */
static inline const char *test_redis_ask(const test_redis_t *r, apr_pool_t *pool,
                                         const char *format, ...)
{
    va_list args;
    redisContext *c = test_redis_raw(r);
    if (!c)
        return "(no connection)";
    va_start(args, format);
    redisReply *reply = redisvCommand(c, format, args);
    va_end(args);
    const char *text = !reply                           ? "(broken)"
                       : reply->type == REDIS_REPLY_NIL ? "(nil)"
                       : reply->type == REDIS_REPLY_INTEGER
                           ? apr_psprintf(pool, "%" APR_INT64_T_FMT, (apr_int64_t)reply->integer)
                       : reply->type == REDIS_REPLY_ARRAY
                           ? apr_psprintf(pool, "[%d]", (int)reply->elements)
                           : apr_pstrmemdup(pool, reply->str, reply->len);
    if (reply)
        freeReplyObject(reply);
    redisFree(c);
    return text;
}

/* A TCP port on 127.0.0.1 that nobody has at present. */
static inline int test_free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    bind(fd, (struct sockaddr *)&at, len);
    getsockname(fd, (struct sockaddr *)&at, &len);
    close(fd);
    return ntohs(at.sin_port);
}

/* The server on a TCP port as well, from now on. */
static inline const char *test_redis_open_port(const test_redis_t *r, apr_pool_t *pool)
{
    const char *port = apr_itoa(pool, test_free_port());
    test_redis_ask(r, pool, "CONFIG SET port %s", port);
    return port;
}

#endif
