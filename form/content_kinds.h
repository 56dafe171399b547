/* The kinds of files that are not accepted, known by their first bytes. */
#ifndef EB_CONTENT_KINDS_H
#define EB_CONTENT_KINDS_H

#include "base/words.h"
#include <apr_pools.h>
#include <stdbool.h>

#define EB_KIND_HEAD 64 /* bytes that are enough to tell */

/* What to say about a file that begins so; never NULL. */
const char *eb_kind_why(const unsigned char *head, apr_size_t len);

#endif
