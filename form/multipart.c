/* A state is a function that takes what it can of the input and names its successor. Content is
 * never copied: the delimiter CRLF--boundary has a CR at its start and nowhere else, so memchr()
 * finds the only places where it can begin, no comparison ever has to be taken back, and when a
 * piece ends within something that looks like it, the bytes held back are known: the delimiter's
 * own. */
#include "multipart.h"
#include "multipart_header.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdbool.h>
#include <string.h>

typedef apr_status_t take_t(eb_multipart_t *m, const char **s, const char *end);

struct eb_multipart_t {
    eb_multipart_limits_t limits; /* parts and total: what is left of them */
    eb_multipart_sink_t sink;
    take_t *take;
    apr_status_t status; /* once failed, failed for ever */
    const char *fault;

    const char *delimiter; /* CRLF--boundary */
    apr_size_t length;
    apr_size_t matched; /* bytes of the delimiter that have been seen */
    apr_size_t implied; /* so many of them were not content, but the end of what stood before */
    char line_end;      /* the first byte behind the delimiter */

    eb_part_t part;
    apr_uint64_t left;                   /* bytes that the part may still have */
    apr_size_t used, line;               /* of the block; where its current line begins */
    char block[EB_MULTIPART_HEADER_MAX]; /* the part's headers */
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

/* Goes on with the delimiter; false, and nothing taken, when the input does not. */
static bool match(eb_multipart_t *m, const char **s, const char *end)
{
    apr_size_t n = at_most((apr_size_t)(end - *s), m->length - m->matched);
    if (memcmp(*s, m->delimiter + m->matched, n) != 0)
        return false;
    m->matched += n;
    *s += n;
    return true;
}

/* The start of the body counts as the start of a line. */
static apr_status_t take_first_delimiter(eb_multipart_t *m, const char **s, const char *end)
{
    if (!match(m, s, end))
        return fail(m, APR_EINVAL, "something else before the first delimiter");
    if (m->matched == m->length)
        m->take = take_line_end;
    return APR_SUCCESS;
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
    m->matched = m->used = m->line = 0;
    return APR_SUCCESS;
}

static apr_status_t begin_part(eb_multipart_t *m)
{
    if (m->limits.parts-- <= 0)
        return fail(m, APR_ENOSPC, "too many parts");
    apr_status_t rv = eb_multipart_header(&m->part, m->block, m->used, &m->fault);
    if (rv != APR_SUCCESS)
        return rv;
    m->left = m->part.filename ? m->limits.file : m->limits.field;
    m->matched = m->implied = 2; /* the empty line's CRLF: content begins at the start of a line */
    m->take = take_data;
    return m->sink.begin(m->sink.baton, &m->part);
}

static apr_status_t take_headers(eb_multipart_t *m, const char **s, const char *end)
{
    apr_size_t n = at_most((apr_size_t)(end - *s), sizeof m->block - m->used);
    const char *lf = memchr(*s, '\n', n);
    if (lf)
        n = (apr_size_t)(lf + 1 - *s);
    memcpy(m->block + m->used, *s, n);
    m->used += n;
    *s += n;
    if (!lf && m->used == sizeof m->block)
        return fail(m, APR_ENOSPC, "headers too long");
    if (!lf)
        return APR_SUCCESS;

    apr_size_t length = m->used - m->line;
    if (length < 2 || m->block[m->used - 2] != '\r')
        return fail(m, APR_EINVAL, "a line that ends without CR");
    m->line = m->used;
    return length == 2 ? begin_part(m) : APR_SUCCESS;
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

/* Where a delimiter begins, be it that the input ends within it; `end` when there is none. */
static const char *find_delimiter(const eb_multipart_t *m, const char *s, const char *end)
{
    while ((s = memchr(s, '\r', (apr_size_t)(end - s)))) {
        apr_size_t n = at_most((apr_size_t)(end - s), m->length);
        if (n == 1 || (s[1] == '\n' && memcmp(s, m->delimiter, n) == 0))
            return s;
        s++;
    }
    return end;
}

/* It is enough that a line begins as a delimiter does (RFC 2046, 5.1.1): what follows is for
 * take_line_end() to judge, not content. */
static apr_status_t take_data(eb_multipart_t *m, const char **s, const char *end)
{
    if (m->matched == 0) {
        const char *stop = find_delimiter(m, *s, end);
        apr_status_t rv = give(m, *s, (apr_size_t)(stop - *s));
        if (rv != APR_SUCCESS)
            return rv;
        *s = stop;
    }
    if (!match(m, s, end)) {
        apr_size_t from = m->implied, to = m->matched;
        m->matched = m->implied = 0;
        return give(m, m->delimiter + from, to - from);
    }
    if (m->matched < m->length)
        return APR_SUCCESS;
    if (m->implied > 0)
        return fail(m, APR_EINVAL, "a delimiter where content should begin");
    m->take = take_line_end;
    return m->sink.end(m->sink.baton);
}

/* Behind the last delimiter: a CRLF, or nothing. */
static apr_status_t take_rest(eb_multipart_t *m, const char **s, const char *end)
{
    (void)end;
    if (m->matched == 2 || *(*s)++ != m->delimiter[m->matched++])
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
    m->delimiter = apr_pstrcat(pool, "\r\n--", boundary, NULL);
    m->length = strlen(m->delimiter);
    m->matched = 2;
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
    bool complete = m->take == take_rest && m->matched != 1;
    if (!complete && m->status == APR_SUCCESS)
        m->status = fail(m, APR_EINVAL, "the end before the last delimiter");
    return m->status;
}

const char *eb_multipart_fault(const eb_multipart_t *m)
{
    return m->fault;
}
