/* The certificates that the configuration names, and until when they are valid. */
#ifndef EB_CERTIFICATES_H
#define EB_CERTIFICATES_H

#include "startup.h"

#include "base/expiry.h"

typedef enum {
    EB_CERTIFICATE_OWN,     /* which we show */
    EB_CERTIFICATE_READER,  /* for which contents are encrypted */
    EB_CERTIFICATE_TRUST,   /* which the other side's must lead up to */
    EB_CERTIFICATE_REVOKED, /* no certificate, but a list of those that are none any more */
    EB_CERTIFICATE_ROLES
} eb_certificate_role_t;

/* A file with certificates. Of several, the one that counts: of our own the first, which TLS shows;
 * of the reader's and of anchors the one that is valid longest, since the next may be put beside
 * the last before its time; of lists, the first to end. */
typedef struct eb_certificate_use_t {
    eb_certificate_role_t role;
    const char *file;
    const char *user; /* an authority's id, or "Redis": the first that uses it … */
    int users;        /* … of so many */
    eb_expiry_t expiry;
} eb_certificate_use_t;

struct eb_certificates_t {
    apr_pool_t *pool;
    apr_array_header_t *uses; /* of eb_certificate_use_t */
    apr_hash_t *known;        /* by role and file */
};

/* All that the start has come upon, with a warning for each that is not valid, or soon will not be.
 */
void eb_certificates_find(eb_start_t *start, server_rec *main_server);
/* For the outputs' `certificates`; file NULL: none. */
void eb_certificate_add(eb_certificates_t *certificates, eb_certificate_role_t role,
                        const char *file, const char *user);

/* As eb_expiry_check(), with a warning in time for that role. */
apr_status_t eb_certificate_check(const eb_certificate_use_t *use, apr_time_t now,
                                  eb_problem_t **problem, apr_pool_t *pool);
const char *eb_certificate_role(eb_certificate_role_t role); /* "own" …, in JSON and metrics */
int eb_certificate_notice(eb_certificate_role_t role);       /* days before the end */
const char *eb_certificate_user(const eb_certificate_use_t *use, apr_pool_t *p); /* "… (+3)" */

#endif
