/* A small HTTPS server for the tests, in a process of its own, and certificates made for it. What
 * it does is the path's word: it answers, or misbehaves. */
#ifndef HTTPS_H
#define HTTPS_H

#include "tap.h"
#include "scratch.h"

#include <apr_time.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

typedef struct https_t {
    const char *dir; /* ca.pem, other.pem, server.pem, server.key, client.pem, client.key */
    int port;
    pid_t pid;
    unsigned *tokens; /* how often a token was asked for, or "/vanish", in memory that is shared */
} https_t;

static inline bool https_certificates(const char *dir, apr_pool_t *pool)
{
    const char *ec = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    const char *script = apr_psprintf(
        pool,
        "cd '%s' && { openssl req -x509 %s -days 2 -subj /CN=Test-CA -keyout ca.key -out ca.pem && "
        "openssl req -x509 %s -days 2 -subj /CN=Andere -keyout other.key -out other.pem && "
        "openssl req %s -subj /CN=server -keyout server.key -out server.csr && "
        "echo subjectAltName=IP:127.0.0.1 > server.ext && "
        "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
        "-extfile server.ext -out server.pem && "
        "openssl req %s -subj /CN=absender -keyout client.key -out client.csr && "
        "openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
        "-out client.pem; } >/dev/null 2>&1",
        dir, ec, ec, ec, ec);
    return system(script) == 0;
}

static inline void https_say(SSL *ssl, const char *status, const char *headers, const char *body)
{
    char text[4096];
    int n = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status,
                     strlen(body), headers, body);
    SSL_write(ssl, text, n);
}

/* Reads a head into `head`; what follows it of the body is left behind it. */
static inline int https_head(SSL *ssl, char *head, int size, int *rest)
{
    int len = 0;

    while (len < size - 1) {
        int n = SSL_read(ssl, head + len, size - 1 - len);
        if (n <= 0)
            return 0;
        len += n;
        head[len] = '\0';
        char *end = strstr(head, "\r\n\r\n");
        if (end) {
            *rest = len - (int)(end + 4 - head);
            return (int)(end + 4 - head);
        }
    }
    return 0;
}

static inline const char *https_field(const char *head, const char *name, char *out, size_t size)
{
    const char *at = strcasestr(head, name);

    snprintf(out, size, "%.*s", at ? (int)strcspn(at + strlen(name), "\r\n") : 0,
             at ? at + strlen(name) : "");
    return out;
}

static inline void https_wait(SSL *ssl)
{
    char byte[256];
    while (SSL_read(ssl, byte, sizeof byte) > 0)
        ;
}

/* The whole body; false: it broke off. */
static inline bool https_body(SSL *ssl, const char *head, int head_len, int rest,
                              unsigned long long *len, unsigned long long *sum)
{
    char length[40], body[65536];
    unsigned long long want =
        strtoull(https_field(head, "\r\nContent-Length: ", length, 40), 0, 10);

    *sum = 0;
    for (int i = 0; i < rest; i++)
        *sum = *sum * 31 + (unsigned char)head[head_len + i];
    for (*len = (unsigned long long)rest; *len < want;) {
        int n = SSL_read(ssl, body, sizeof body);
        if (n <= 0)
            return false;
        for (int i = 0; i < n; i++)
            *sum = *sum * 31 + (unsigned char)body[i];
        *len += (unsigned long long)n;
    }
    return true;
}

/* "METHOD USER-AGENT LENGTH SUM CLIENT" of what has arrived. */
static inline bool https_echo(SSL *ssl, const char *head, int head_len, int rest)
{
    char agent[200], peer[80] = "-", answer[600];
    unsigned long long len, sum;
    X509 *client = SSL_get1_peer_certificate(ssl);

    if (client)
        X509_NAME_get_text_by_NID(X509_get_subject_name(client), NID_commonName, peer, sizeof peer);
    X509_free(client);
    if (!https_body(ssl, head, head_len, rest, &len, &sum))
        return false;
    snprintf(answer, sizeof answer, "%.*s %s %llu %llx %s", (int)strcspn(head, " "), head,
             https_field(head, "\r\nUser-Agent: ", agent, sizeof agent), len, sum, peer);
    https_say(ssl, "200 OK", "Content-Type: text/plain\r\n", answer);
    return true;
}

/* Takes it, and hangs up without a word. */
static inline bool https_vanish(SSL *ssl, const char *head, int head_len, int rest)
{
    unsigned *taken = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    unsigned long long len, sum;

    if (https_body(ssl, head, head_len, rest, &len, &sum))
        __atomic_add_fetch(taken, 1, __ATOMIC_SEQ_CST);
    return false;
}

/* A byte of the answer now and then, for half a minute. */
static inline bool https_drip(SSL *ssl, const char *head, int head_len, int rest)
{
    static const char beginning[] = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    unsigned long long len, sum;

    if (!https_body(ssl, head, head_len, rest, &len, &sum))
        return false;
    SSL_write(ssl, beginning, sizeof beginning - 1);
    for (int i = 0; i < 300 && SSL_write(ssl, "x", 1) > 0; i++)
        apr_sleep(100000);
    return false;
}

static inline void https_long(SSL *ssl, int blocks, int sent)
{
    char block[1024], head[80];

    memset(block, 'x', sizeof block);
    int n =
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", blocks * 1024);
    SSL_write(ssl, head, n);
    for (int i = 0; i < sent && SSL_write(ssl, block, sizeof block) > 0; i++)
        ;
}

/* Each token is another one. */
static inline void https_token(SSL *ssl)
{
    unsigned *tokens = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    char answer[120];

    snprintf(answer, sizeof answer,
             "{\"access_token\":\"t%u\",\"token_type\":\"Bearer\",\"expires_in\":1800}",
             __atomic_add_fetch(tokens, 1, __ATOMIC_SEQ_CST));
    https_say(ssl, "200 OK", "Content-Type: application/json\r\n", answer);
}

static inline void https_no_token(SSL *ssl)
{
    unsigned *tokens = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    __atomic_add_fetch(tokens, 1, __ATOMIC_SEQ_CST);
    https_say(ssl, "401 No", "Content-Type: application/json\r\n",
              "{\"error\":\"invalid_client\"}");
}

/* One request; false: the connection is over. */
static inline bool https_serve(SSL *ssl)
{
    char head[16384], path[40] = "", date[APR_RFC822_DATE_LEN], field[80];
    int rest, len = https_head(ssl, head, sizeof head, &rest);

    if (!len || sscanf(head, "%*s %39s", path) != 1)
        return false;
    if (strcmp(path, "/ok") == 0)
        return https_echo(ssl, head, len, rest);
    if (strcmp(path, "/last") == 0)
        return https_echo(ssl, head, len, rest) && false;
    if (strcmp(path, "/vanish") == 0)
        return https_vanish(ssl, head, len, rest);
    if (strcmp(path, "/drip") == 0)
        return https_drip(ssl, head, len, rest);
    if (strcmp(path, "/redirect") == 0)
        https_say(ssl, "302 Found", "Location: /ok\r\n", "dort");
    else if (strcmp(path, "/token") == 0)
        https_token(ssl);
    else if (strcmp(path, "/no-token") == 0)
        https_no_token(ssl);
    else if (strcmp(path, "/later") == 0)
        https_say(ssl, "503 Busy", "Retry-After: 7\r\n", "");
    else if (strcmp(path, "/never") == 0)
        https_say(ssl, "503 Busy", "Retry-After: 9999999\r\n", "");
    else if (strcmp(path, "/date") == 0) {
        apr_rfc822_date(date, apr_time_now() + apr_time_from_sec(1800));
        snprintf(field, sizeof field, "Retry-After: %s\r\n", date);
        https_say(ssl, "429 Too many", field, "");
    } else if (strcmp(path, "/big") == 0)
        https_long(ssl, 2048, 2048);
    else if (strcmp(path, "/cut") == 0) {
        https_long(ssl, 100, 10);
        return false;
    } else if (strcmp(path, "/early") == 0) {
        https_say(ssl, "413 Too large", "Connection: close\r\n", "zu viel");
        https_wait(ssl);
        return false;
    } else {
        https_wait(ssl); /* "/slow": no answer at all */
        return false;
    }
    return true;
}

static inline void https_talk(SSL_CTX *tls, int fd)
{
    SSL *ssl = SSL_new(tls);

    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1)
        while (https_serve(ssl))
            ;
    SSL_free(ssl);
    close(fd);
}

static inline int https_accept_any(int preverified, X509_STORE_CTX *store)
{
    (void)preverified, (void)store;
    return 1;
}

static inline void https_run(const https_t *server, int listener, apr_pool_t *pool)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX_use_certificate_chain_file(tls, apr_pstrcat(pool, server->dir, "/server.pem", NULL));
    SSL_CTX_use_PrivateKey_file(tls, apr_pstrcat(pool, server->dir, "/server.key", NULL),
                                SSL_FILETYPE_PEM);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, https_accept_any);
    SSL_CTX_set_app_data(tls, server->tokens);
    SSL_CTX_set_session_id_context(tls, (const unsigned char *)"test", 4);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            close(listener);
            https_talk(tls, fd);
            _exit(0);
        }
        close(fd);
    }
}

static inline bool https_start(https_t *server, const char *dir, apr_pool_t *pool)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    server->dir = dir;
    server->tokens = mmap(NULL, sizeof *server->tokens, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (server->tokens == MAP_FAILED || !https_certificates(dir, pool) ||
        bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 64) ||
        getsockname(listener, (struct sockaddr *)&at, &len))
        return false;
    server->port = ntohs(at.sin_port);
    fflush(stdout);
    server->pid = fork();
    if (server->pid == 0) {
        https_run(server, listener, pool);
        _exit(0);
    }
    close(listener);
    return true;
}

static inline void https_stop(https_t *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}

#endif
