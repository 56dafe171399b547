/* A package is what one submission freezes: facts for the transport, the message, and its
 * documents. One flat, versioned byte form, so that the outbox seals and keeps it without knowing
 * what it is. The message is held in memory, documents never are. */
#ifndef EB_PACKAGE_H
#define EB_PACKAGE_H

#include "base/flow.h"
#include "base/ids.h"
#include "base/problem.h"
#include "store/outbox.h"

#include <stdbool.h>

#define EB_ATTACHMENT_NAME_MAX 100
#define EB_ATTACHMENTS_MAX     1000
#define EB_SHA512_HEX_LEN      128
#define EB_PACKAGE_SECRET_LEN  32

typedef struct eb_attachment_t {
    const char *name; /* safe for file systems: eb_attachments_safe() */
    const char *type, *purpose;
    const char *sha512; /* EB_SHA512_HEX_LEN lower-case digits */
    apr_uint64_t size;
    eb_source_t *source; /* may be poured again and again */
} eb_attachment_t;

typedef struct eb_package_t {
    const char *uuid, *number; /* number "": a message from outside that is about no case */
    const char *authority;
    const char *schema; /* namespace of the message */
    /* Drawn once; a transport derives from it what must be random, and the same again when a step
     * is repeated. Known to nobody without the outbox's key. */
    unsigned char secret[EB_PACKAGE_SECRET_LEN];
    const char *message;
    apr_size_t message_len;
    const eb_attachment_t *attachments;
    int attachments_count;
} eb_package_t;

/* Whether all names consist of letters, digits, '-', '_' and '.' (ASCII, at most
 * EB_ATTACHMENT_NAME_MAX, none in front), and no two are alike when case is ignored. APR_EINVAL
 * with its problem, which names none of them. */
apr_status_t eb_attachments_safe(const eb_attachment_t *list, int count, eb_problem_t **problem,
                                 apr_pool_t *pool);

/* All of an attachment into the sink. *own: the failure is the attachment's (its source failed, or
 * is not of its size: APR_EGENERAL) and not the sink's; it has its problem then. */
apr_status_t eb_attachment_pour(const eb_attachment_t *attachment, eb_sink_t *sink, bool *own,
                                eb_problem_t **problem, apr_pool_t *pool);
/* The same as a source. *failed is set when a failure is the attachment's, and left else. */
eb_source_t *eb_attachment_source(const eb_attachment_t *attachment, bool *failed,
                                  apr_pool_t *pool);

/* A package as bytes, for an outbox. */
typedef struct eb_package_flow_t {
    eb_source_t source;
    const eb_package_t *package;
    int failed; /* after a failure of an attachment: which; else -1 */
} eb_package_flow_t;
void eb_package_flow(eb_package_flow_t *flow, const eb_package_t *package);

/* The reverse. Attachments are read as they are poured, so the reader must live as long. APR_EINVAL
 * (without a problem) for anything that a flow does not write; failures of the reader. */
apr_status_t eb_package_read(eb_package_t *package, eb_reader_t *reader, eb_problem_t **problem,
                             apr_pool_t *pool);

#endif
