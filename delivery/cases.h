/* Which application a message from outside is about. */
#ifndef EB_CASES_H
#define EB_CASES_H

#include "store/outbox.h"

typedef struct eb_case_t {
    char uuid[EB_UUID_LEN + 1];
    char number[EB_NUMBER_LEN + 1];
} eb_case_t;

/* By the number ("" or as a stranger writes it), and by ids that XTA messages of ours had (up to a
 * NULL): whatever is given must lead to the same application of this authority, and it must be in
 * the outbox, or have been. APR_NOTFOUND, without a problem: it does not. */
apr_status_t eb_case_find(eb_case_t *found, eb_outbox_t *box, const char *authority,
                          const char *number, const char *const *messages, eb_problem_t **problem,
                          apr_pool_t *pool);

#endif
