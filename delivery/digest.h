/* The SHA-512 of a document, by which a receiver knows that it has all of it. */
#ifndef EB_DIGEST_H
#define EB_DIGEST_H

#include "package.h"

/* Pours the attachment through and sets its `sha512`, in the pool. On success the source has
 * yielded all of its bytes. *own as for eb_attachment_pour(). */
apr_status_t eb_attachment_digest(eb_attachment_t *attachment, bool *own, eb_problem_t **problem,
                                  apr_pool_t *pool);

#endif
