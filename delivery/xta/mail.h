/* A message out of the mailbox, read: metadata, and contents wherever they lie. */
#ifndef EB_XTA_MAIL_H
#define EB_XTA_MAIL_H

#include "answer.h"
#include "mailbox.h"

/* The message id of a list's item, whichever form it has; "" when it is none. */
const char *eb_mail_id(const xmlNode *item, apr_pool_t *pool);
/* APR_EINVAL, with *why it cannot be read. The contents lie in the answer's body, or in the pool.
 */
apr_status_t eb_mail_read(eb_mail_t *mail, const eb_xta_answer_t *answer, const char **why,
                          apr_pool_t *pool);

#endif
