/* What the start makes of the configuration, shared by all vhosts: one pool of Redis connections
 * per address, one depot per outbox. The main server's configuration owns it; each child fills in
 * what must not cross a fork. */
#ifndef EB_STARTUP_H
#define EB_STARTUP_H

#include "load.h"
#include "delivery/dispatcher.h"

typedef struct eb_redis_slot_t {
    const eb_redis_address_t *address;
    eb_redis_t *redis; /* of this child */
} eb_redis_slot_t;

/* An outbox with its keys, and where the applications in it go. */
typedef struct eb_depot_t {
    const char *folder;          /* of a spool; of an outbox in Redis "redis" and the address */
    const eb_redis_slot_t *slot; /* of the Redis that it is in; NULL: it is a spool */
    int lease;                   /* seconds, in Redis */
    const eb_keys_t *keys;
    const char *node;         /* who can find it, as drafts name them: this host, or all */
    const ap_directive_t *at; /* NULL: the default folder */
    server_rec *server;
    apr_hash_t *authorities;    /* id -> eb_authority_t */
    apr_array_header_t *routes; /* of eb_route_t */
    eb_outbox_t *box;           /* of this child; NULL: it could not be opened */
} eb_depot_t;

/* A part of a spool with applications that nobody delivers. */
typedef struct eb_former_t {
    const char *folder, *authority;
} eb_former_t;

typedef struct eb_ticker_t eb_ticker_t;             /* ticker.c */
typedef struct eb_mailbox_use_t eb_mailbox_use_t;   /* answers.h */
typedef struct eb_certificates_t eb_certificates_t; /* certificates.h */

typedef struct eb_start_t {
    apr_pool_t *pool;
    char node[64]; /* this host's name */
    eb_loader_t *loader;
    apr_hash_t *by_address, *by_folder,
        *by_socket;                     /* -> eb_redis_slot_t, eb_depot_t, eb_scanner_t */
    apr_array_header_t *slots, *depots; /* of pointers */
    apr_array_header_t *former;         /* of eb_former_t, as it was at the start */
    apr_array_header_t *mailboxes;      /* of eb_mailbox_use_t * */
    eb_certificates_t *certificates;    /* and until when they are valid */
    eb_ticker_t *ticker;                /* of this child */
    int problems;
} eb_start_t;

/* NULL when the module is loaded and not configured. */
eb_start_t *eb_start_of(const server_rec *any);

/* folders.c */
apr_status_t eb_folder_check_spool(const eb_depot_t *depot, eb_problem_t **problem, apr_pool_t *p);
/* Makes <spool>/<authority> for httpd's user. */
apr_status_t eb_folder_make(const eb_depot_t *depot, const char *authority, eb_problem_t **problem,
                            apr_pool_t *p);
/* APR_ENOENT: missing; APR_EACCES: httpd's user may not write there. */
apr_status_t eb_folder_check_output(const eb_authority_t *authority, eb_problem_t **problem,
                                    apr_pool_t *p);

/* former.c: fills start->former, with a warning for each. */
void eb_former_find(eb_start_t *start, server_rec *main_server);

/* check.c: loads and checks all; false when a problem was logged. */
bool eb_check_all(eb_start_t *start, server_rec *main_server);

/* probe.c: asks receivers, when configtest is run with -D PROBE_EINBUERGERUNG_<authority>. */
void eb_probe(const eb_start_t *start, apr_pool_t *p);

/* dump.c: prints the configuration that counts, when configtest is run with
 * -D DUMP_EINBUERGERUNG. */
void eb_dump(const eb_start_t *start, const server_rec *main_server, apr_pool_t *p);

#endif
