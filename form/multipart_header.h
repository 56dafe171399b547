/* The header block of one part. */
#ifndef EB_MULTIPART_HEADER_H
#define EB_MULTIPART_HEADER_H

#include "multipart.h"

/* Reads `block`: lines that end in CRLF each and in no other LF, the empty one at the end included.
 * It is decoded in place; *part points into it. APR_EINVAL or APR_ENOSPC with *fault. */
apr_status_t eb_multipart_header(eb_part_t *part, char *block, apr_size_t len, const char **fault);

#endif
