/* A state is a function that takes what it can of the input and names its successor. The preamble
 * is content that goes nowhere. */
#include "mime.h"
#include "mime_header.h"

#include <apr_errno.h>

typedef apr_status_t take_t(eb_mime_t *m, const char **s, const char *end);

struct eb_mime_t {
    eb_mime_sink_t sink;
    take_t *take;
    apr_status_t status; /* once failed, failed for ever */
    int parts;
    bool within; /* a part */
    char first;  /* byte behind the delimiter */
    eb_boundary_t boundary;
    eb_headers_t headers; /* of the part */
    eb_mime_part_t part;
};

static take_t take_content, take_after, take_second, take_blanks, take_headers, take_rest;

static apr_status_t take_content(eb_mime_t *m, const char **s, const char *end)
{
    const bool within = m->within;
    const char *content;
    apr_size_t len;

    if (!eb_boundary_take(&m->boundary, &content, &len, s, end))
        return within && len ? m->sink.data(m->sink.baton, content, len) : APR_SUCCESS;
    m->take = take_after;
    m->within = false;
    return within ? m->sink.end(m->sink.baton) : APR_SUCCESS;
}

/* Behind a delimiter: "--", or blanks and the end of the line. */
static apr_status_t take_after(eb_mime_t *m, const char **s, const char *end)
{
    m->first = **s;
    if (m->first != '-' && m->first != '\r')
        return take_blanks(m, s, end);
    ++*s;
    m->take = take_second;
    return APR_SUCCESS;
}

static apr_status_t take_blanks(eb_mime_t *m, const char **s, const char *end)
{
    (void)end;
    m->first = *(*s)++;
    if (m->first != ' ' && m->first != '\t' && m->first != '\r')
        return APR_EINVAL;
    m->take = m->first == '\r' ? take_second : take_blanks;
    return APR_SUCCESS;
}

static apr_status_t take_second(eb_mime_t *m, const char **s, const char *end)
{
    const bool last = m->first == '-';

    (void)end;
    if (*(*s)++ != (last ? '-' : '\n'))
        return APR_EINVAL;
    m->take = last ? take_rest : take_headers;
    m->headers.used = m->headers.line = 0;
    return APR_SUCCESS;
}

static apr_status_t begin_part(eb_mime_t *m)
{
    if (++m->parts > EB_MIME_PARTS_MAX ||
        eb_mime_header(&m->part, m->headers.block, m->headers.used))
        return APR_EINVAL;
    eb_boundary_restart(&m->boundary);
    m->within = true;
    m->take = take_content;
    return m->sink.begin(m->sink.baton, &m->part);
}

static apr_status_t take_headers(eb_mime_t *m, const char **s, const char *end)
{
    apr_status_t rv = eb_headers_take(&m->headers, s, end);

    if (APR_STATUS_IS_INCOMPLETE(rv))
        return APR_SUCCESS;
    return rv ? APR_EINVAL : begin_part(m);
}

/* Behind the last delimiter nothing counts. */
static apr_status_t take_rest(eb_mime_t *m, const char **s, const char *end)
{
    (void)m;
    *s = end;
    return APR_SUCCESS;
}

eb_mime_t *eb_mime_new(const char *boundary, const eb_mime_sink_t *sink, apr_pool_t *pool)
{
    eb_mime_t *m = apr_pcalloc(pool, sizeof *m);

    m->sink = *sink;
    eb_boundary_init(&m->boundary, boundary, pool);
    m->take = take_content;
    return m;
}

apr_status_t eb_mime_feed(eb_mime_t *m, const char *data, apr_size_t len)
{
    const char *s = data, *end = data + len;

    while (s < end && m->status == APR_SUCCESS)
        m->status = m->take(m, &s, end);
    return m->status;
}

apr_status_t eb_mime_finish(eb_mime_t *m)
{
    if (m->take != take_rest && m->status == APR_SUCCESS)
        m->status = APR_EINVAL;
    return m->status;
}
