/* Finds one cookie in a Cookie header (RFC 6265, section 5.4), strictly: it is untrusted bytes like
 * everything else. */
#ifndef EB_COOKIE_H
#define EB_COOKIE_H

#include <apr_pools.h>

#define EB_COOKIE_HEADER_MAX 8190 /* bytes looked at; a longer header is APR_EINVAL */

/* *value, in the pool, is the value of the cookie `name` (case counts), without blanks around it.
 * APR_NOTFOUND: there is none. APR_EINVAL: the header cannot be a browser's (control characters
 * other than the tab), or the cookie not one we set (given twice with different values, or with
 * signs that section 4.1.1 does not allow); *value is then NULL. `header` may be NULL. */
apr_status_t eb_cookie_get(const char **value, const char *header, const char *name,
                           apr_pool_t *pool);

#endif
