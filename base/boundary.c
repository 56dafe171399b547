/* The delimiter CRLF--boundary has a CR at its start and nowhere else. So memchr() finds the only
 * places where it can begin, no comparison ever has to be taken back, and when a piece ends within
 * something that looks like it, the bytes held back are known: the delimiter's own. */
#include "boundary.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

static apr_size_t at_most(apr_size_t len, apr_size_t most)
{
    return len < most ? len : most;
}

void eb_boundary_init(eb_boundary_t *b, const char *boundary, apr_pool_t *pool)
{
    b->delimiter = apr_pstrcat(pool, "\r\n--", boundary, NULL);
    b->length = strlen(b->delimiter);
    eb_boundary_restart(b);
}

void eb_boundary_restart(eb_boundary_t *b)
{
    b->matched = b->implied = 2;
}

/* Goes on with the delimiter; false, and nothing taken, when the input does not. */
static bool match(eb_boundary_t *b, const char **s, const char *end)
{
    const apr_size_t n = at_most((apr_size_t)(end - *s), b->length - b->matched);

    if (memcmp(*s, b->delimiter + b->matched, n) != 0)
        return false;
    b->matched += n;
    *s += n;
    return true;
}

/* Where a delimiter begins, be it that the input ends within it; `end` when there is none. */
static const char *find(const eb_boundary_t *b, const char *s, const char *end)
{
    while ((s = memchr(s, '\r', (apr_size_t)(end - s)))) {
        const apr_size_t n = at_most((apr_size_t)(end - s), b->length);
        if (n == 1 || (s[1] == '\n' && memcmp(s, b->delimiter, n) == 0))
            return s;
        s++;
    }
    return end;
}

/* It is enough that a line begins as a delimiter does: what follows is not content, but for the
 * reader to judge. */
bool eb_boundary_take(eb_boundary_t *b, const char **content, apr_size_t *len, const char **s,
                      const char *end)
{
    *content = *s;
    *len = 0;
    if (b->matched == 0) {
        *s = find(b, *s, end);
        *len = (apr_size_t)(*s - *content);
    }
    if (*len > 0 || match(b, s, end))
        return *len == 0 && b->matched == b->length;
    *content = b->delimiter + b->implied;
    *len = b->matched - b->implied;
    b->matched = b->implied = 0;
    return false;
}

apr_status_t eb_headers_take(eb_headers_t *h, const char **s, const char *end)
{
    apr_size_t n = at_most((apr_size_t)(end - *s), sizeof h->block - h->used);
    const char *lf = memchr(*s, '\n', n);

    if (lf)
        n = (apr_size_t)(lf + 1 - *s);
    memcpy(h->block + h->used, *s, n);
    h->used += n;
    *s += n;
    if (!lf)
        return h->used == sizeof h->block ? APR_ENOSPC : APR_INCOMPLETE;
    const apr_size_t length = h->used - h->line;
    if (length < 2 || h->block[h->used - 2] != '\r')
        return APR_EINVAL;
    h->line = h->used;
    return length == 2 ? APR_SUCCESS : APR_INCOMPLETE;
}
