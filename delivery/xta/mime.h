/* multipart/related as it comes in (RFC 2046, RFC 2387): a push decoder that is fed a body in any
 * pieces and tells a sink what it finds. It holds the boundary and one header block, never content.
 * More lenient than form/multipart.h where MIME is: a preamble, blanks behind a delimiter and
 * folded headers are allowed; but content comes as it is (8bit, binary), never encoded once more.
 */
#ifndef EB_MIME_H
#define EB_MIME_H

#include "base/boundary.h"

#define EB_MIME_PARTS_MAX 1024

/* What a Content-Type says. */
typedef struct eb_mime_type_t {
    const char *type;                     /* "multipart/related", lower case */
    const char *boundary, *start, *inner; /* parameters boundary, start, type; NULL: absent */
} eb_mime_type_t;
/* APR_EINVAL. */
apr_status_t eb_mime_type_read(eb_mime_type_t *type, const char *text, apr_pool_t *pool);

typedef struct eb_mime_part_t {
    const char *id;   /* Content-ID without its brackets, or "" */
    const char *type; /* Content-Type, or "" */
} eb_mime_part_t;

/* Whatever a function of the sink returns but APR_SUCCESS ends the decoding and is handed through.
 */
typedef struct eb_mime_sink_t {
    apr_status_t (*begin)(void *baton, const eb_mime_part_t *part); /* `part` lives until end */
    apr_status_t (*data)(void *baton, const char *data, apr_size_t len); /* never 0 bytes */
    apr_status_t (*end)(void *baton);
    void *baton;
} eb_mime_sink_t;

typedef struct eb_mime_t eb_mime_t;
/* `boundary` has at most EB_BOUNDARY_MAX bytes, and at least one. */
eb_mime_t *eb_mime_new(const char *boundary, const eb_mime_sink_t *sink, apr_pool_t *pool);
/* APR_EINVAL: not this encoding, or one of the limits. After a failure every call returns it again.
 */
apr_status_t eb_mime_feed(eb_mime_t *m, const char *data, apr_size_t len);
/* The body has ended. APR_EINVAL: before its last delimiter. */
apr_status_t eb_mime_finish(eb_mime_t *m);

#endif
