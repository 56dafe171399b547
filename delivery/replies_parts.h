/* The inside of the answers, for replies*.c only. */
#ifndef EB_REPLIES_PARTS_H
#define EB_REPLIES_PARTS_H

#include "replies.h"

#define EB_REPLIES_TRANSPORT "replies"

/* replies_pack.c: a message as a package under the name of `job`: its XML is the package's message,
 * everything else a document, and what the metadata said is one, too. */
apr_status_t eb_replies_pack(eb_package_t *package, const eb_job_t *job, const char *authority,
                             const eb_mail_t *mail, eb_problem_t **problem, apr_pool_t *pool);

/* replies_memory.c: what a job remembers: the message's id, and once it is known what it is. */
const char *eb_replies_memory(const char *message, const char *kind, apr_pool_t *pool);
bool eb_replies_is(const char *memory, const char *message, apr_pool_t *pool);
bool eb_replies_kind(eb_reply_kind_t *kind, const char *memory, apr_pool_t *pool);
const char *eb_replies_message(const char *memory, apr_pool_t *pool); /* "" when it is none */

#endif
