/* A part's header block, for mime.c only. */
#ifndef EB_MIME_HEADER_H
#define EB_MIME_HEADER_H

#include "mime.h"

/* `block` is changed; the part's texts lie in it. APR_EINVAL. */
apr_status_t eb_mime_header(eb_mime_part_t *part, char *block, apr_size_t len);

#endif
