/* A conversation with clamd: one command, the file in pieces with their lengths before them, one
 * answer. clamd may answer at any time, when the file is too large or it has to go, and then does
 * not read on: so whoever sends listens too, and no call waits longer than its limit.
 *
 * Only "stream: OK" after the whole file was sent makes it clean. An answer that came before the
 * end speaks of something else. */
#include "scanner.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    SENT_AT_ONCE = 1024 * 1024,
    SHOWN = 100,    /* characters of an answer in a problem */
    BACKLOG_MS = 10 /* until the next attempt when clamd's queue is full */
};

typedef struct talk_t {
    int fd;              /* -1: over, or it never began */
    apr_status_t failed; /* why it ended without an answer */
    bool connected;
    apr_size_t len;
    char answer[512]; /* up to its NUL, which belongs to it */
} talk_t;

typedef struct clamd_scan_t {
    eb_scan_t scan;
    const eb_clamd_t *clamd;
    talk_t talk;
    bool complete; /* the end of the file was sent */
} clamd_scan_t;

static apr_int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (apr_int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void hang_up(talk_t *talk, apr_status_t why)
{
    if (talk->fd >= 0)
        close(talk->fd);
    talk->fd = -1;
    talk->failed = why;
}

/* Connecting to a unix socket succeeds or fails at once, but for a full queue of those who wait to
 * be accepted: there is nothing to poll for, so it is tried again. */
static void dial(talk_t *talk, const eb_clamd_t *clamd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const apr_int64_t deadline = now_ms() + clamd->connect_ms;

    *talk = (talk_t){.fd = -1};
    if (strlen(clamd->path) >= sizeof address.sun_path) {
        talk->failed = APR_FROM_OS_ERROR(ENAMETOOLONG);
        return;
    }
    strcpy(address.sun_path, clamd->path);
    talk->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (talk->fd < 0) {
        talk->failed = APR_FROM_OS_ERROR(errno);
        return;
    }
    while (connect(talk->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        if (errno != EINTR && (errno != EAGAIN || now_ms() >= deadline)) {
            hang_up(talk, errno == EAGAIN ? APR_TIMEUP : APR_FROM_OS_ERROR(errno));
            return;
        }
        poll(NULL, 0, BACKLOG_MS);
    }
    talk->connected = true;
}

/* Takes what has arrived; the conversation is over with the answer's NUL, or with nothing more to
 * come. */
static void hear(talk_t *talk)
{
    ssize_t n = recv(talk->fd, talk->answer + talk->len, sizeof talk->answer - talk->len, 0);

    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (n <= 0) {
        hang_up(talk, n < 0 ? APR_FROM_OS_ERROR(errno) : APR_EOF);
        return;
    }
    talk->len += n;
    if (memchr(talk->answer, '\0', talk->len) || talk->len == sizeof talk->answer)
        hang_up(talk, APR_SUCCESS);
}

/* Until something of `events` is possible. False: not before the deadline. */
static bool wait_for(talk_t *talk, short events, apr_int64_t deadline)
{
    struct pollfd p = {.fd = talk->fd, .events = events};

    for (;;) {
        apr_int64_t left = deadline - now_ms();
        int n = poll(&p, 1, left > 0 ? (int)left : 0);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            hang_up(talk, APR_FROM_OS_ERROR(errno));
        else if (n == 0 || left <= 0)
            hang_up(talk, APR_TIMEUP);
        else
            continue;
        return false;
    }
}

static void advance(struct iovec *parts, int count, size_t sent)
{
    for (int i = 0; i < count; i++) {
        size_t n = sent < parts[i].iov_len ? sent : parts[i].iov_len;
        parts[i].iov_base = (char *)parts[i].iov_base + n;
        parts[i].iov_len -= n;
        sent -= n;
    }
}

/* Sends all parts, listening meanwhile. When clamd takes no more, it has said why, or will. */
static void say(talk_t *talk, struct iovec *parts, int count, size_t len, int limit_ms)
{
    const apr_int64_t deadline = now_ms() + limit_ms;
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};

    while (len) {
        hear(talk);
        if (talk->fd < 0)
            return;
        ssize_t n = sendmsg(talk->fd, &message, MSG_NOSIGNAL);
        if (n > 0) {
            advance(parts, count, n);
            len -= n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_for(talk, POLLIN | POLLOUT, deadline))
                return;
        } else if (errno != EINTR) {
            apr_status_t why = APR_FROM_OS_ERROR(errno);
            while (talk->fd >= 0 && wait_for(talk, POLLIN, deadline))
                hear(talk);
            if (talk->failed)
                talk->failed = why;
            return;
        }
    }
}

static void say_word(talk_t *talk, const void *word, size_t len, int limit_ms)
{
    struct iovec part = {(void *)word, len};
    say(talk, &part, 1, len, limit_ms);
}

static void listen_until(talk_t *talk, int limit_ms)
{
    const apr_int64_t deadline = now_ms() + limit_ms;

    while (talk->fd >= 0 && wait_for(talk, POLLIN, deadline))
        hear(talk);
}

/* Never an empty piece: that would be the end. */
static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    clamd_scan_t *scan = (clamd_scan_t *)sink;
    const char *from = data;

    (void)problem, (void)pool;
    while (len && scan->talk.fd >= 0) {
        apr_size_t n = len < SENT_AT_ONCE ? len : SENT_AT_ONCE;
        unsigned char length[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16),
                                   (unsigned char)(n >> 8), (unsigned char)n};
        struct iovec parts[2] = {{length, sizeof length}, {(void *)from, n}};
        say(&scan->talk, parts, 2, sizeof length + n, scan->clamd->send_ms);
        from += n;
        len -= n;
    }
    return APR_SUCCESS;
}

static apr_status_t cleanup_scan(void *data)
{
    clamd_scan_t *scan = data;
    hang_up(&scan->talk, APR_SUCCESS);
    return APR_SUCCESS;
}

static eb_scan_t *begin(const eb_scanner_t *self, apr_pool_t *pool)
{
    clamd_scan_t *scan = apr_pcalloc(pool, sizeof *scan);

    scan->scan.sink.take = take;
    scan->scan.scanner = self;
    scan->clamd = self->data;
    dial(&scan->talk, scan->clamd);
    apr_pool_cleanup_register(pool, scan, cleanup_scan, apr_pool_cleanup_null);
    if (scan->talk.fd >= 0)
        say_word(&scan->talk, "zINSTREAM", sizeof "zINSTREAM", scan->clamd->send_ms);
    return &scan->scan;
}

/* An answer is a stranger's text: printable ASCII of it, and not too much. */
static const char *shown(const char *text, apr_size_t len, apr_pool_t *pool)
{
    char *copy = apr_pstrmemdup(pool, text, len < SHOWN ? len : SHOWN);

    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7E)
            *c = '?';
    return copy;
}

/* Why there is no answer, or none that means anything. */
static apr_status_t explain(const talk_t *talk, const eb_clamd_t *clamd, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    char reason[120] = "it hung up without an answer";
    const apr_status_t rv = talk->failed ? talk->failed : APR_EGENERAL;

    if (talk->len)
        return eb_problem_set(problem, EB_P_SCANNER_ANSWER, APR_EGENERAL, NULL, pool,
                              "clamd at %s answered \"%s\"", clamd->path,
                              shown(talk->answer, strnlen(talk->answer, talk->len), pool));
    if (rv == APR_TIMEUP)
        strcpy(reason, "it did not answer in time");
    else if (rv != APR_EOF)
        apr_strerror(rv, reason, sizeof reason);
    return eb_problem_set(problem, talk->connected ? EB_P_SCANNER_IO : EB_P_SCANNER_CONNECT, rv,
                          NULL, pool, "clamd at %s: %s", clamd->path, reason);
}

static bool answered(const talk_t *talk, const char *words)
{
    return talk->len == strlen(words) + 1 && memcmp(talk->answer, words, talk->len) == 0;
}

/* "stream: <name> FOUND", the whole answer. */
static bool find_name(const talk_t *talk, const char **name, apr_size_t *len)
{
    static const char before[] = "stream: ", after[] = " FOUND"; /* with its NUL */
    const apr_size_t around = sizeof before - 1 + sizeof after;

    if (talk->len <= around || strnlen(talk->answer, talk->len) != talk->len - 1 ||
        memcmp(talk->answer, before, sizeof before - 1) != 0 ||
        memcmp(talk->answer + talk->len - sizeof after, after, sizeof after) != 0)
        return false;
    *name = talk->answer + sizeof before - 1;
    *len = talk->len - around;
    return true;
}

static eb_verdict_t finish(eb_scan_t *self, eb_problem_t **problem, apr_pool_t *pool)
{
    clamd_scan_t *scan = (clamd_scan_t *)self;
    talk_t *talk = &scan->talk;
    const char *name;
    apr_size_t len;

    if (talk->fd >= 0) {
        say_word(talk, "\0\0\0", 4, scan->clamd->send_ms);
        scan->complete = talk->fd >= 0;
        listen_until(talk, scan->clamd->verdict_ms);
    }
    if (find_name(talk, &name, &len)) {
        eb_problem_set(problem, EB_P_SCANNER_FOUND, APR_EGENERAL, NULL, pool, "clamd found %s",
                       shown(name, len, pool));
        return EB_VERDICT_FOUND;
    }
    if (scan->complete && answered(talk, "stream: OK"))
        return EB_VERDICT_CLEAN;
    explain(talk, scan->clamd, problem, pool);
    return EB_VERDICT_UNKNOWN;
}

static apr_status_t ping(const eb_scanner_t *self, eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_clamd_t *clamd = self->data;
    talk_t talk;

    dial(&talk, clamd);
    if (talk.fd >= 0)
        say_word(&talk, "zPING", sizeof "zPING", clamd->send_ms);
    listen_until(&talk, clamd->send_ms);
    return answered(&talk, "PONG") ? APR_SUCCESS : explain(&talk, clamd, problem, pool);
}

eb_scanner_t *eb_clamd_scanner(const char *path, apr_pool_t *pool)
{
    eb_clamd_t *clamd = apr_palloc(pool, sizeof *clamd);
    eb_scanner_t *scanner = apr_palloc(pool, sizeof *scanner);

    *clamd = (eb_clamd_t){
        .path = apr_pstrdup(pool, path), .connect_ms = 1000, .send_ms = 5000, .verdict_ms = 120000};
    *scanner = (eb_scanner_t){
        .name = "clamd", .begin = begin, .finish = finish, .ping = ping, .data = clamd};
    return scanner;
}
