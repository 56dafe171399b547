/* application/x-www-form-urlencoded (WHATWG URL standard, section 5.1), the one decoder for request
 * bodies and queries. Strict where browsers are: bad percent signs, invalid UTF-8 and NUL are
 * refused, with limits on everything. */
#ifndef EB_URLENCODED_H
#define EB_URLENCODED_H

#include <apr_pools.h>
#include <apr_tables.h>

#define EB_PARAMS_MAX      1000         /* pairs */
#define EB_PARAM_NAME_MAX  200          /* bytes, decoded */
#define EB_PARAM_VALUE_MAX (16 * 1024)  /* bytes, decoded */
#define EB_BODY_MAX        (256 * 1024) /* bytes of a whole body */

typedef struct eb_param_t {
    const char *name, *value; /* decoded, NUL terminated, valid UTF-8 without NUL; value "" when
                                 there is no '=' */
} eb_param_t;

typedef struct eb_params_t {
    const eb_param_t *list;
    int count;
} eb_params_t;

/* Decodes in place: `body` (len bytes, and room for a NUL at body[len]) is overwritten and must
 * outlive the result. APR_EINVAL: not this
 * encoding (bad percent sign, invalid UTF-8, control characters other than TAB CR LF); APR_ENOSPC:
 * one of the limits. */
apr_status_t eb_urlencoded_decode(eb_params_t *params, char *body, apr_size_t len,
                                  apr_pool_t *pool);
/* The value of a parameter that occurs exactly once; NULL when absent; *twice (may be NULL) tells a
 * repeated one. */
const char *eb_params_get(const eb_params_t *params, const char *name, int *twice);

#endif
