/* Until when what lies in a PEM file is valid: certificates, and lists of those that were revoked.
 */
#ifndef EB_EXPIRY_H
#define EB_EXPIRY_H

#include "problem.h"

#include <apr_tables.h>
#include <apr_time.h>
#include <openssl/asn1.h>
#include <stdbool.h>

typedef struct eb_expiry_t {
    const char *name; /* whose certificate it is; who has issued the list */
    bool revocations; /* it is such a list */
    apr_time_t from, until;
} eb_expiry_t;

/* In the order of the file, which may hold other things as well. APR_ENOENT: none of either. */
apr_status_t eb_expiry_read(apr_array_header_t **expiries, const char *file, apr_pool_t *pool);
/* APR_EINVAL: not valid `now`; APR_INCOMPLETE: not any more in so many days. Both with
 * EB_P_EXPIRY. */
apr_status_t eb_expiry_check(const eb_expiry_t *expiry, const char *file, int days, apr_time_t now,
                             eb_problem_t **problem, apr_pool_t *pool);
/* Whole days that are left; below 0 since it has expired. */
int eb_expiry_days(const eb_expiry_t *expiry, apr_time_t now);

apr_time_t eb_expiry_time(const ASN1_TIME *time);

#endif
