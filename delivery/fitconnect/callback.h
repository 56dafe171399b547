/* Callbacks: the Zustelldienst says that something has happened to a submission. Nothing that it
 * says is believed; a callback only wakes whoever asks. So that strangers cannot wake us, it
 * carries an HMAC-SHA-512 over its time and its body, under a secret that both sides know. Source:
 * FITKO, details/callbacks. */
#ifndef EB_CALLBACK_H
#define EB_CALLBACK_H

#include "base/problem.h"

#include <apr_tables.h>
#include <apr_time.h>

#define EB_CALLBACK_LEN_MAX    (256 * 1024) /* of a body */
#define EB_CALLBACK_IDS_MAX    500
#define EB_CALLBACK_SECRET_MIN 32
#define EB_CALLBACK_SECRET_MAX 512
#define EB_CALLBACK_AGE_MAX    300 /* seconds */
#define EB_CALLBACK_AHEAD_MAX  60  /* seconds that their clock may be before ours */

typedef struct eb_callback_t {
    const char *authentication; /* header callback-authentication, or NULL */
    const char *timestamp;      /* header callback-timestamp, or NULL */
    const void *body;           /* raw, as it arrived */
    apr_size_t len;
} eb_callback_t;

/* By whoever knows the secret (bytes, as configured), and lately? APR_EACCES otherwise, with
 * EB_P_FIT_CALLBACK; APR_EINVAL for a secret of another length than above. Looks at no byte of the
 * body but to authenticate it. */
apr_status_t eb_callback_check(const eb_callback_t *callback, const void *secret,
                               apr_size_t secret_len, apr_time_t now, eb_problem_t **problem,
                               apr_pool_t *pool);
/* After the check: *ids, an array of const char *, the UUIDs of the submissions that are named,
 * each once, in lower case; empty for a kind of callback that we do not know. APR_EINVAL with
 * EB_P_FIT_CALLBACK: no such body. */
apr_status_t eb_callback_ids(apr_array_header_t **ids, const eb_callback_t *callback,
                             eb_problem_t **problem, apr_pool_t *pool);

#endif
