/* Putting a file in place as a whole: complete and on disk before it has its name. */
#ifndef EB_CTL_PUT_H
#define EB_CTL_PUT_H

#include "base/buf.h"

#include <sys/types.h>

typedef struct eb_owner_t {
    uid_t uid;
    gid_t gid;
    mode_t mode;
} eb_owner_t;

/* Replaces what was there. Owner and group are given by root only; NULL: its own, mode 0600. */
apr_status_t eb_ctl_put(const char *file, const eb_buf_t *text, const eb_owner_t *owner,
                        apr_pool_t *pool);

#endif
