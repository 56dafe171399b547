/* A state is a function that takes what it can of the input and names its successor. */
#include "multipart.h"
#include "multipart_header.h"

#include <apr_errno.h>

typedef apr_status_t take_t(eb_multipart_t *m, const char **s, const char *end);

struct eb_multipart_t {
    eb_multipart_limits_t limits; /* parts and total: what is left of them */
    eb_multipart_sink_t sink;
    take_t *take;
    apr_status_t status; /* once failed, failed for ever */
    const char *fault;

    eb_boundary_t boundary;
    char line_end; /* the first byte behind the delimiter */
    int rest;      /* bytes behind the last one */

    eb_headers_t headers; /* of the part */
    eb_part_t part;
    apr_uint64_t left; /* bytes that it may still have */
};

static take_t take_first_delimiter, take_line_end, take_line_feed, take_headers, take_data,
    take_rest;

static apr_status_t fail(eb_multipart_t *m, apr_status_t status, const char *fault)
{
    m->fault = fault;
    return status;
}

static apr_size_t at_most(apr_size_t len, apr_uint64_t most)
{
    return len < most ? len : (apr_size_t)most;
}

/* The start of the body counts as the start of a line. */
static apr_status_t take_first_delimiter(eb_multipart_t *m, const char **s, const char *end)
{
    const char *content;
    apr_size_t len;

    if (eb_boundary_take(&m->boundary, &content, &len, s, end))
        m->take = take_line_end;
    return m->boundary.matched ? APR_SUCCESS
                               : fail(m, APR_EINVAL, "something else before the first delimiter");
}

/* RFC 2046 lets blanks follow a delimiter, for the sake of mail gateways. None lies between a
 * browser and us, and readers that disagree about blanks can be played off against each other. */
static apr_status_t take_line_end(eb_multipart_t *m, const char **s, const char *end)
{
    (void)end;
    m->line_end = *(*s)++;
    m->take = take_line_feed;
    switch (m->line_end) {
    case '\r':
    case '-': return APR_SUCCESS;
    case '\n': return fail(m, APR_EINVAL, "a line that ends without CR");
    case ' ':
    case '\t': return fail(m, APR_EINVAL, "a blank behind a delimiter");
    default: return fail(m, APR_EINVAL, "a delimiter's line that goes on");
    }
}

/* The second byte: an LF, then a part follows; or a hyphen, then that was the last delimiter. */
static apr_status_t take_line_feed(eb_multipart_t *m, const char **s, const char *end)
{
    bool last = m->line_end == '-';
    (void)end;
    if (*(*s)++ != (last ? '-' : '\n'))
        return fail(m, APR_EINVAL, "a delimiter's line that goes on");
    m->take = last ? take_rest : take_headers;
    m->headers.used = m->headers.line = 0;
    return APR_SUCCESS;
}

static apr_status_t begin_part(eb_multipart_t *m)
{
    if (m->limits.parts-- <= 0)
        return fail(m, APR_ENOSPC, "too many parts");
    apr_status_t rv = eb_multipart_header(&m->part, m->headers.block, m->headers.used, &m->fault);
    if (rv != APR_SUCCESS)
        return rv;
    m->left = m->part.filename ? m->limits.file : m->limits.field;
    eb_boundary_restart(&m->boundary);
    m->take = take_data;
    return m->sink.begin(m->sink.baton, &m->part);
}

static apr_status_t take_headers(eb_multipart_t *m, const char **s, const char *end)
{
    switch (eb_headers_take(&m->headers, s, end)) {
    case APR_SUCCESS: return begin_part(m);
    case APR_INCOMPLETE: return APR_SUCCESS;
    case APR_ENOSPC: return fail(m, APR_ENOSPC, "headers too long");
    default: return fail(m, APR_EINVAL, "a line that ends without CR");
    }
}

/* Content to the sink, up to its limit. */
static apr_status_t give(eb_multipart_t *m, const char *data, apr_size_t len)
{
    apr_size_t n = at_most(len, m->left);
    apr_status_t rv = n ? m->sink.data(m->sink.baton, data, n) : APR_SUCCESS;
    m->left -= n;
    if (rv == APR_SUCCESS && n < len)
        return fail(m, APR_ENOSPC, m->part.filename ? "a file too long" : "a field too long");
    return rv;
}

static apr_status_t take_data(eb_multipart_t *m, const char **s, const char *end)
{
    const char *content;
    apr_size_t len;

    if (!eb_boundary_take(&m->boundary, &content, &len, s, end))
        return give(m, content, len);
    if (m->boundary.implied)
        return fail(m, APR_EINVAL, "a delimiter where content should begin");
    m->take = take_line_end;
    return m->sink.end(m->sink.baton);
}

/* Behind the last delimiter: a CRLF, or nothing. */
static apr_status_t take_rest(eb_multipart_t *m, const char **s, const char *end)
{
    (void)end;
    if (m->rest == 2 || *(*s)++ != "\r\n"[m->rest++])
        return fail(m, APR_EINVAL, "something behind the last delimiter");
    return APR_SUCCESS;
}

eb_multipart_t *eb_multipart_new(const char *boundary, const eb_multipart_limits_t *limits,
                                 const eb_multipart_sink_t *sink, apr_pool_t *pool)
{
    eb_multipart_t *m = apr_pcalloc(pool, sizeof *m);
    m->limits = *limits;
    m->sink = *sink;
    m->fault = "";
    eb_boundary_init(&m->boundary, boundary, pool);
    m->take = take_first_delimiter;
    return m;
}

apr_status_t eb_multipart_feed(eb_multipart_t *m, const char *data, apr_size_t len)
{
    apr_size_t n = at_most(len, m->limits.total);
    const char *s = data, *end = data + n;

    m->limits.total -= n;
    while (s < end && m->status == APR_SUCCESS)
        m->status = m->take(m, &s, end);
    if (n < len && m->status == APR_SUCCESS)
        m->status = fail(m, APR_ENOSPC, "a body too long");
    return m->status;
}

apr_status_t eb_multipart_finish(eb_multipart_t *m)
{
    bool complete = m->take == take_rest && m->rest != 1;
    if (!complete && m->status == APR_SUCCESS)
        m->status = fail(m, APR_EINVAL, "the end before the last delimiter");
    return m->status;
}

const char *eb_multipart_fault(const eb_multipart_t *m)
{
    return m->fault;
}
