/* multipart/form-data (RFC 7578, RFC 2046 section 5.1, RFC 2183) as it comes in: a push decoder
 * that is fed a body in any pieces and tells a sink what it finds. It holds the boundary and one
 * header block, never content. Strict where browsers are strict: delimiters only at the start of a
 * line, CRLF only, nothing before the first delimiter or after the last (but one CRLF), no blanks
 * behind a delimiter, no folded headers, exactly one `name`, parameters in quotes, no filename*, no
 * transfer encodings, no multipart within, valid UTF-8 without control characters in headers. */
#ifndef EB_MULTIPART_H
#define EB_MULTIPART_H

#include "base/boundary.h"

#define EB_MULTIPART_NAME_MAX     200 /* bytes of `name`, decoded */
#define EB_MULTIPART_FILENAME_MAX 1024

typedef struct eb_multipart_limits_t {
    int parts;
    apr_uint64_t field; /* bytes of a part without a file name */
    apr_uint64_t file;  /* bytes of one with; a sink that wants to go on after a file that is
                           too large for it sets this higher, and ignores the rest of the data */
    apr_uint64_t total; /* bytes of the body */
} eb_multipart_limits_t;

typedef struct eb_part_t {
    const char *name;     /* never "" */
    const char *filename; /* NULL: a field; "" : a file input that was left empty */
    const char *type;     /* Content-Type without parameters, lower case; NULL when absent */
} eb_part_t;

/* Whatever a function of the sink returns but APR_SUCCESS ends the decoding and is handed through.
 */
typedef struct eb_multipart_sink_t {
    apr_status_t (*begin)(void *baton, const eb_part_t *part); /* `part` lives until end */
    apr_status_t (*data)(void *baton, const char *data, apr_size_t len); /* never 0 bytes */
    apr_status_t (*end)(void *baton);
    void *baton;
} eb_multipart_sink_t;

typedef struct eb_multipart_t eb_multipart_t;

/* The boundary that a Content-Type (may be NULL) names. APR_EINVAL: not multipart/form-data, or no
 * boundary that RFC 2046 allows without quotes, or more parameters than it. */
apr_status_t eb_multipart_boundary(const char **boundary, const char *content_type,
                                   apr_pool_t *pool);
/* `boundary` as eb_multipart_boundary() gave it. */
eb_multipart_t *eb_multipart_new(const char *boundary, const eb_multipart_limits_t *limits,
                                 const eb_multipart_sink_t *sink, apr_pool_t *pool);
/* APR_EINVAL: not this encoding; APR_ENOSPC: one of the limits. What lies before the fault or
 * within the limit has reached the sink, however the body was cut into pieces. After a failure
 * every call returns it again. Memory does not grow with what is fed. */
apr_status_t eb_multipart_feed(eb_multipart_t *m, const char *data, apr_size_t len);
/* The body has ended. APR_EINVAL: before its last delimiter. */
apr_status_t eb_multipart_finish(eb_multipart_t *m);
/* What was wrong, in English, for a log; never content. "" while all is well, and when it was the
 * sink that failed. */
const char *eb_multipart_fault(const eb_multipart_t *m);

#endif
