/* A partner's HTTPS server, asked one question after another: libcurl with everything switched off
 * that a sender of applications must never do. Only https, TLS 1.2 or later with a certificate that
 * is checked, no redirects, no proxy from the environment, answers of bounded size, waiting that
 * can be ended. Connections stay open between questions, one for each thread that asks. */
#ifndef EB_HTTP_H
#define EB_HTTP_H

#include "transport.h"
#include "base/flow.h"

#define EB_HTTP_ANSWER_MAX (1024 * 1024)

typedef struct eb_http_settings_t {
    const char *user_agent;
    const char *ca_file;              /* PEM; NULL: what the system trusts */
    const char *cert_file, *key_file; /* of our own, PEM; NULL: none */
    const char *proxy;                /* NULL: none */
    apr_interval_time_t connect_timeout;
    apr_interval_time_t timeout; /* of a whole exchange; for a stream: of (near) silence */
} eb_http_settings_t;

typedef struct eb_http_t eb_http_t; /* shared by all threads */
/* Reads the files, which may be root's alone; connects nowhere. To be used after the fork only, if
 * there is one. */
apr_status_t eb_http_create(eb_http_t **http, const eb_http_settings_t *settings,
                            eb_problem_t **problem, apr_pool_t *pool);

typedef struct eb_http_request_t {
    const char *method;     /* "GET", "POST", "PUT" */
    const char *url;        /* https only */
    const char *type;       /* Content-Type of the body; NULL: there is none */
    const char *accept;     /* NULL: anything */
    const char *bearer;     /* a token; NULL: none */
    const char *headers[4]; /* further ones, "Name: value", up to a NULL */
    const void *body;       /* in memory, `len` bytes, or: */
    eb_source_t *source;    /* poured, exactly `len` bytes */
    apr_uint64_t len;
    /* Never sent a second time; others are, once, when the connection dies. A source may go by a
     * connection that is open; what is in memory gets a new one, since libcurl would repeat it. */
    bool once;
    apr_size_t answer_max; /* 0: EB_HTTP_ANSWER_MAX */
    eb_sink_t *into;       /* where the body of an answer goes; NULL: into memory */
} eb_http_request_t;

typedef struct eb_http_answer_t {
    int status;       /* 0: there was none */
    const char *type; /* Content-Type, or "" */
    const char *body; /* NUL terminated; "" when it went into a sink */
    apr_size_t len;
    apr_interval_time_t retry_after; /* 0: nothing was said; at most an hour */
    bool sent; /* the request may have had its effect, even if no answer came or it failed */
} eb_http_answer_t;

/* Success is an answer, whatever its status. APR_EINTR: `stop` said so, without a problem; all
 * other failures have theirs (EB_P_HTTP_…), or that of the source or sink. Nothing of the contents,
 * and no header, gets into a problem. `stop` may be NULL. */
apr_status_t eb_http_ask(eb_http_answer_t *answer, eb_http_t *http,
                         const eb_http_request_t *request, const eb_stop_t *stop,
                         eb_problem_t **problem, apr_pool_t *pool);

/* "https://host:port" of an address, for problems: never its path or a user. */
const char *eb_http_host(const char *url, apr_pool_t *pool);

#endif
