/* A Redis that can be cut off at any command: a server on a unix socket that hands each command on
 * to the real one and the answer back, and counts. When its turn comes the connection ends: before
 * the command has arrived, after it has been carried out, or in the middle of its answer. */
#ifndef CUT_H
#define CUT_H

#include "redis.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/un.h>

enum { CUT_CONNECTIONS = 16 };
typedef enum { CUT_BEFORE, CUT_AFTER, CUT_WITHIN, CUT_KINDS } cut_kind_t;

typedef struct cut_line_t { /* a client, and what it is connected to */
    int client, server;
    char *buf; /* of what came from the client and is not a whole command yet */
    size_t len;
} cut_line_t;

typedef struct cut_t {
    const char *socket, *real;
    atomic_int at, times; /* from which command on, and how many of them; 0: none */
    atomic_int kind;
    atomic_int seen, met;
    int listener;
    pthread_t thread;
} cut_t;

/* The length of the command at the front, "*2\r\n$3\r\nGET\r\n…"; 0: it is not whole yet. */
static inline size_t cut_command(const char *buf, size_t len)
{
    const char *end = buf + len, *at = memchr(buf, '\n', len);
    long words = at ? strtol(buf + 1, NULL, 10) : 1;

    for (at = at ? at + 1 : end; words > 0 && at < end; words--) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        long size = eol ? strtol(at + 1, NULL, 10) : 0;
        if (!eol || end - eol - 1 < size + 2)
            return 0;
        at = eol + 1 + size + 2;
    }
    return words ? 0 : (size_t)(at - buf);
}

static inline bool cut_write(int fd, const char *data, size_t len)
{
    for (ssize_t n; len; data += n, len -= (size_t)n)
        if ((n = send(fd, data, len, MSG_NOSIGNAL)) <= 0)
            return false;
    return true;
}

/* One whole answer of the real server, as it came; to be freed. */
static inline char *cut_answer(int fd, size_t *len)
{
    redisReader *reader = redisReaderCreate();
    void *reply = NULL;
    char *all = NULL;

    for (*len = 0; !reply;) {
        all = realloc(all, *len + 65536);
        ssize_t n = read(fd, all + *len, 65536);
        if (n <= 0 || redisReaderFeed(reader, all + *len, (size_t)n) ||
            redisReaderGetReply(reader, &reply))
            break;
        *len += (size_t)n;
    }
    if (reply)
        freeReplyObject(reply);
    redisReaderFree(reader);
    return all;
}

/* False: the connection ends here. */
static inline bool cut_serve(cut_t *c, cut_line_t *l, size_t command)
{
    int n = ++c->seen - c->at;
    bool due = c->at && n >= 0 && n < c->times;
    size_t len;

    c->met += due;
    if (due && c->kind == CUT_BEFORE)
        return false;
    if (!cut_write(l->server, l->buf, command))
        return false;
    char *answer = cut_answer(l->server, &len);
    size_t give = !due ? len : c->kind == CUT_WITHIN ? len / 2 : 0;
    bool good = cut_write(l->client, answer, give) && len && !due;
    free(answer);
    return good;
}

/* What has come from a client; false: it is over. */
static inline bool cut_read(cut_t *c, cut_line_t *l)
{
    size_t command;

    l->buf = realloc(l->buf, l->len + 65536);
    ssize_t n = read(l->client, l->buf + l->len, 65536);
    if (n <= 0)
        return false;
    l->len += (size_t)n;
    while (l->len && (command = cut_command(l->buf, l->len)) > 0) {
        if (!cut_serve(c, l, command))
            return false;
        l->len -= command;
        memmove(l->buf, l->buf + command, l->len);
    }
    return true;
}

static inline void cut_close(const cut_line_t *l)
{
    close(l->client);
    close(l->server);
    free(l->buf);
}

static inline struct sockaddr_un cut_address(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    return at;
}

static inline void cut_accept(const cut_t *c, cut_line_t *l)
{
    struct sockaddr_un at = cut_address(c->real);

    *l = (cut_line_t){accept(c->listener, NULL, NULL), socket(AF_UNIX, SOCK_STREAM, 0), NULL, 0};
    (void)!connect(l->server, (struct sockaddr *)&at, sizeof at);
}

static inline void *cut_run(void *data)
{
    cut_t *c = data;
    struct pollfd fds[CUT_CONNECTIONS + 1] = {{c->listener, POLLIN, 0}};
    cut_line_t lines[CUT_CONNECTIONS + 1];
    int count = 1;

    while (poll(fds, (nfds_t)count, -1) > 0 && !(fds[0].revents & ~POLLIN)) {
        bool more = fds[0].revents != 0;
        for (int i = count - 1; i > 0; i--) {
            if (!fds[i].revents || cut_read(c, &lines[i]))
                continue;
            cut_close(&lines[i]);
            fds[i] = fds[--count];
            lines[i] = lines[count];
        }
        if (!more || count > CUT_CONNECTIONS)
            continue;
        cut_accept(c, &lines[count]);
        fds[count] = (struct pollfd){lines[count].client, POLLIN, 0};
        count++;
    }
    for (int i = 1; i < count; i++)
        cut_close(&lines[i]);
    return NULL;
}

static inline void cut_start(cut_t *c, const test_redis_t *server, apr_pool_t *pool)
{
    memset(c, 0, sizeof *c);
    c->socket = apr_pstrcat(pool, server->dir, "/cut.sock", NULL);
    c->real = server->socket;
    struct sockaddr_un at = cut_address(c->socket);
    c->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(c->listener, (struct sockaddr *)&at, sizeof at);
    listen(c->listener, 16);
    pthread_create(&c->thread, NULL, cut_run, c);
}

/* The n-th command from now on, and `times` - 1 after it; 0: none. */
static inline void cut_set(cut_t *c, int n, int times, cut_kind_t kind)
{
    c->seen = c->met = 0;
    c->times = times;
    c->kind = (int)kind;
    c->at = n;
}

static inline void cut_stop(cut_t *c)
{
    shutdown(c->listener, SHUT_RDWR);
    pthread_join(c->thread, NULL);
    close(c->listener);
}

#endif
