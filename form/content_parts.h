/* What the checkers of the kinds of files share: content.c looks at the first bytes, chooses one of
 * them and feeds it everything, the first bytes included. */
#ifndef EB_CONTENT_PARTS_H
#define EB_CONTENT_PARTS_H

#include "base/words.h"
#include <apr_errno.h>
#include <apr_pools.h>
#include <stdbool.h>

typedef struct eb_check_t eb_check_t;
struct eb_check_t {
    /* *keep comes in as `len`. Not called again after a refusal. */
    apr_status_t (*feed)(eb_check_t *check, const unsigned char *data, apr_size_t len,
                         apr_size_t *keep);
    apr_status_t (*finish)(eb_check_t *check);
    const char *why;
};

eb_check_t *eb_check_pdf(apr_pool_t *pool);
eb_check_t *eb_check_jpeg(apr_pool_t *pool);
eb_check_t *eb_check_png(apr_pool_t *pool);

static inline apr_status_t eb_check_refuse(eb_check_t *check, const char *why)
{
    check->why = why;
    return APR_EINVAL;
}

#endif
