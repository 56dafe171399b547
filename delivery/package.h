/* A package is what one submission freezes: facts for the transport, the message, and later its
 * documents. One flat, versioned byte form, so that the outbox seals and keeps it without knowing
 * what it is. */
#ifndef EB_PACKAGE_H
#define EB_PACKAGE_H

#include "base/buf.h"
#include "base/ids.h"
#include "base/problem.h"

typedef struct eb_attachment_t {
    const char *name, *type, *purpose;
    const void *data;
    apr_size_t len;
} eb_attachment_t;

typedef struct eb_package_t {
    const char *uuid, *number;
    const char *authority;
    const char *schema; /* namespace of the message */
    const char *message;
    apr_size_t message_len;
    const eb_attachment_t *attachments;
    int attachments_count;
} eb_package_t;

void eb_package_write(eb_buf_t *out, const eb_package_t *package);
/* Points into `data`. APR_EINVAL for anything that eb_package_write() does not write. */
apr_status_t eb_package_read(eb_package_t *package, const void *data, apr_size_t len,
                             apr_pool_t *pool);

#endif
