/* A state is a function that takes what it can of the input and names its successor. As in
 * form/multipart.c content is never copied: the delimiter CRLF--boundary has a CR at its start and
 * nowhere else, so bytes that are held back when a piece ends within it are known: its own. The
 * preamble is content that goes nowhere. */
#include "mime.h"
#include "mime_header.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdbool.h>
#include <string.h>

typedef apr_status_t take_t(eb_mime_t *m, const char **s, const char *end);

struct eb_mime_t {
    eb_mime_sink_t sink;
    take_t *take;
    apr_status_t status; /* once failed, failed for ever */
    int parts;
    bool within; /* a part */

    const char *delimiter; /* CRLF--boundary */
    apr_size_t length;
    apr_size_t matched; /* bytes of the delimiter that have been seen */
    apr_size_t implied; /* so many of them were not content, but the end of what stood before */
    char first;         /* byte behind the delimiter */

    eb_mime_part_t part;
    apr_size_t used, line;          /* of the block; where its current line begins */
    char block[EB_MIME_HEADER_MAX]; /* the part's headers */
};

static take_t take_content, take_after, take_second, take_blanks, take_headers, take_rest;

static apr_size_t at_most(apr_size_t len, apr_size_t most)
{
    return len < most ? len : most;
}

/* Goes on with the delimiter; false, and nothing taken, when the input does not. */
static bool match(eb_mime_t *m, const char **s, const char *end)
{
    const apr_size_t n = at_most((apr_size_t)(end - *s), m->length - m->matched);

    if (memcmp(*s, m->delimiter + m->matched, n) != 0)
        return false;
    m->matched += n;
    *s += n;
    return true;
}

static apr_status_t give(eb_mime_t *m, const char *data, apr_size_t len)
{
    return m->within && len ? m->sink.data(m->sink.baton, data, len) : APR_SUCCESS;
}

/* Where a delimiter begins, be it that the input ends within it; `end` when there is none. */
static const char *find_delimiter(const eb_mime_t *m, const char *s, const char *end)
{
    while ((s = memchr(s, '\r', (apr_size_t)(end - s)))) {
        if (memcmp(s, m->delimiter, at_most((apr_size_t)(end - s), m->length)) == 0)
            return s;
        s++;
    }
    return end;
}

static apr_status_t take_content(eb_mime_t *m, const char **s, const char *end)
{
    if (m->matched == 0) {
        const char *stop = find_delimiter(m, *s, end);
        apr_status_t rv = give(m, *s, (apr_size_t)(stop - *s));
        if (rv)
            return rv;
        *s = stop;
    }
    if (!match(m, s, end)) {
        const apr_size_t from = m->implied, to = m->matched;
        m->matched = m->implied = 0;
        return give(m, m->delimiter + from, to > from ? to - from : 0);
    }
    if (m->matched < m->length)
        return APR_SUCCESS;
    m->take = take_after;
    const bool ends = m->within;
    m->within = false;
    return ends ? m->sink.end(m->sink.baton) : APR_SUCCESS;
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
    m->used = m->line = 0;
    return APR_SUCCESS;
}

static apr_status_t begin_part(eb_mime_t *m)
{
    apr_status_t rv =
        ++m->parts > EB_MIME_PARTS_MAX ? APR_EINVAL : eb_mime_header(&m->part, m->block, m->used);

    if (rv)
        return rv;
    m->matched = m->implied = 2; /* the empty line's CRLF: content begins at the start of a line */
    m->within = true;
    m->take = take_content;
    return m->sink.begin(m->sink.baton, &m->part);
}

static apr_status_t take_headers(eb_mime_t *m, const char **s, const char *end)
{
    apr_size_t n = at_most((apr_size_t)(end - *s), sizeof m->block - m->used);
    const char *lf = memchr(*s, '\n', n);

    if (lf)
        n = (apr_size_t)(lf + 1 - *s);
    memcpy(m->block + m->used, *s, n);
    m->used += n;
    *s += n;
    if (!lf)
        return m->used == sizeof m->block ? APR_EINVAL : APR_SUCCESS;
    const apr_size_t length = m->used - m->line;
    if (length < 2 || m->block[m->used - 2] != '\r')
        return APR_EINVAL;
    m->line = m->used;
    return length == 2 ? begin_part(m) : APR_SUCCESS;
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
    m->delimiter = apr_pstrcat(pool, "\r\n--", boundary, NULL);
    m->length = strlen(m->delimiter);
    m->matched = m->implied = 2; /* the start of the body counts as the start of a line */
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
