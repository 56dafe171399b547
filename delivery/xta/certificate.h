/* Certificates from PEM files: who we are, and for whom contents are encrypted. */
#ifndef EB_CERTIFICATE_H
#define EB_CERTIFICATE_H

#include "base/problem.h"

#include <apr_tables.h>
#include <apr_time.h>
#include <openssl/evp.h>

typedef struct eb_certificate_t {
    const char *file;
    const char *base64; /* of its DER form */
    EVP_PKEY *key;
    apr_time_t from, until;
} eb_certificate_t;

/* All certificates of a file, at least one; other things in it are passed over.
 * EB_P_XTA_CERTIFICATE. */
apr_status_t eb_certificates_read(apr_array_header_t **certificates, const char *file,
                                  eb_problem_t **problem, apr_pool_t *pool);
/* Whether a file holds the private key of a certificate, in the clear: at start there is nobody to
 * ask for a passphrase. EB_P_XTA_CERTIFICATE. */
apr_status_t eb_certificate_key(const eb_certificate_t *certificate, const char *file,
                                eb_problem_t **problem, apr_pool_t *pool);
/* The one that is valid at a time, of several the newest: so the next one can be put into the file
 * before its time. NULL with EB_P_XTA_CERTIFICATE_DATE. */
const eb_certificate_t *eb_certificate_at(const apr_array_header_t *certificates, apr_time_t at,
                                          eb_problem_t **problem, apr_pool_t *pool);

#endif
