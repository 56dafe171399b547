/* How the service stands: gathered once per question, then told in one of several forms. Numbers,
 * names from the configuration, and problems with their remedies; never anything from an
 * application. */
#ifndef EB_STATUS_H
#define EB_STATUS_H

#include "certificates.h"

#include "base/buf.h"

/* An authority's way out. */
typedef struct eb_status_output_t {
    const char *vhost;
    const eb_authority_t *authority;
    const eb_depot_t *depot;
    eb_problem_t *unread; /* why `s` is not known, or NULL */
    eb_outbox_summary_t s;
    apr_time_t age; /* of the oldest undelivered; 0 = none */
    bool overdue;   /* and that is too much: delivery/overdue.h */
} eb_status_output_t;

/* Applications in a spool from which nothing is delivered any more. */
typedef struct eb_status_left_t {
    const char *folder, *authority;
    int count;
} eb_status_left_t;

/* A folder in which applications wait; an outbox in Redis has none. */
typedef struct eb_status_spool_t {
    const char *folder;
    bool open;
    apr_uint64_t free, size, inodes_free, inodes; /* inodes 0: this file system does not count */
} eb_status_spool_t;

typedef struct eb_status_redis_t {
    eb_redis_state_t s;
    bool outbox;               /* applications wait in it */
    const eb_problem_t *doubt; /* why an OK of it may be forgotten again, or NULL */
} eb_status_redis_t;

typedef struct eb_status_scanner_t {
    const char *socket;
    bool required;
    const eb_problem_t *fault; /* why it does not answer, or NULL */
} eb_status_scanner_t;

typedef struct eb_status_keys_t {
    const char *file;
    const char *sealing; /* name of the key that seals */
    const char *others;  /* names of those that only open, by ", "; "" = none */
    int count;
    int days; /* age of the sealing key when its name is a date, else -1 */
} eb_status_keys_t;

/* What the certificates of a file are worth today. */
typedef struct eb_status_certificate_t {
    const eb_certificate_use_t *use;
    bool valid;
    int days;                  /* that are left; below 0: expired */
    const eb_problem_t *fault; /* invalid, or soon to be; else NULL */
} eb_status_certificate_t;

/* A language that is loaded: what its catalogue lacks is said in German. */
typedef struct eb_status_language_t {
    const char *share; /* the folder with the catalogue */
    const char *code, *name;
    int texts, missing;
} eb_status_language_t;

/* Why the service is not well. */
typedef enum {
    EB_REASON_HELD,
    EB_REASON_OLD,
    EB_REASON_MISSING,
    EB_REASON_LEFT,
    EB_REASON_UNREAD,
    EB_REASON_SPOOL,
    EB_REASON_ROOM,
    EB_REASON_REDIS,
    EB_REASON_DOUBT,
    EB_REASON_SCANNER,
    EB_REASON_CERTIFICATE,
    EB_REASON_COUNT
} eb_reason_kind_t;

typedef struct eb_reason_t {
    eb_reason_kind_t kind;
    const char *subject; /* an authority's id, a folder, an address */
    const char *detail;
} eb_reason_t;

typedef struct eb_status_t {
    apr_pool_t *pool;
    apr_time_t now;
    eb_outbox_summary_t total; /* counts, and the oldest of all */
    apr_time_t age;
    apr_array_header_t *outputs, *left, *spools, *redis, *scanners, *keys, *certificates,
        *languages;              /* of the structs above */
    apr_array_header_t *reasons; /* empty: all is well */
} eb_status_t;

/* status_gather.c: asks everything that is there; `now` is when. */
void eb_status_gather(eb_status_t *status, apr_time_t now, apr_pool_t *pool);

/* status_reasons.c */
void eb_status_reasons(eb_status_t *status);
const char *eb_reason_name(eb_reason_kind_t kind); /* "held" …, as in JSON and metrics */
const char *eb_reason_text(const eb_reason_t *reason, apr_pool_t *pool);
const char *eb_reason_german(const eb_reason_t *reason, apr_pool_t *pool);
const char *eb_status_duration(apr_time_t span, apr_pool_t *pool); /* "3 d 4 h", "12 min", "5 s" */
const char *eb_status_bytes(apr_uint64_t bytes, apr_pool_t *pool); /* "1.5 GB" */

/* One file each. `assets` is where style sheets are served, or NULL. */
void eb_status_html(eb_buf_t *out, const eb_status_t *status, const char *assets);
apr_status_t eb_status_json(eb_buf_t *out, const eb_status_t *status);
void eb_status_prometheus(eb_buf_t *out, const eb_status_t *status);
void eb_status_health(eb_buf_t *out, const eb_status_t *status);
apr_status_t eb_status_health_json(eb_buf_t *out, const eb_status_t *status);

#endif
