/* What multipart bodies of all kinds share (RFC 2046, 5.1.1), as they come in: content up to a
 * delimiter, and headers behind it. Nothing of content is kept or copied. What else may stand
 * there is for its readers to judge, of whom one is strict and the other lenient. */
#ifndef EB_BOUNDARY_H
#define EB_BOUNDARY_H

#include <apr_pools.h>
#include <stdbool.h>

#define EB_BOUNDARY_MAX 70   /* bytes of a boundary */
#define EB_HEADERS_MAX  4096 /* bytes of a part's headers */

typedef struct eb_boundary_t {
    const char *delimiter; /* CRLF--boundary */
    apr_size_t length;
    apr_size_t matched; /* bytes of the delimiter that have been seen */
    apr_size_t implied; /* so many of them were not content, but the end of what stood before */
} eb_boundary_t;

/* Stands at the start of a line, as a body does. */
void eb_boundary_init(eb_boundary_t *b, const char *boundary, apr_pool_t *pool);
/* Stands at the start of a line once more: headers have ended, content begins. */
void eb_boundary_restart(eb_boundary_t *b);
/* Goes on in an input that is not empty. False: the next *len bytes of content, maybe 0, are
 * *content. True: that was a delimiter, and there was nothing before it, not even the end of a
 * line, if `implied` is not 0. */
bool eb_boundary_take(eb_boundary_t *b, const char **content, apr_size_t *len, const char **s,
                      const char *end);

typedef struct eb_headers_t {
    apr_size_t used, line; /* of the block; where its current line begins */
    char block[EB_HEADERS_MAX];
} eb_headers_t;

/* Goes on, at first with `used` and `line` 0. APR_SUCCESS: the block is whole, with the empty line
 * at its end; APR_INCOMPLETE: it is not yet; APR_ENOSPC: it is too long; APR_EINVAL: a line ends
 * without CR. */
apr_status_t eb_headers_take(eb_headers_t *h, const char **s, const char *end);

#endif
