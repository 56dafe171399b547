/* The decoder works where the bytes lie: a decoded text is never longer than its encoded form, so
 * each name and value is written over its own source and ended by a NUL where its '=' or '&' stood.
 * The number of pairs is counted before anything is allocated or decoded, so that a body of ten
 * thousand parameters costs one scan. */
#include "urlencoded.h"

#include "base/utf8.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_forbidden(unsigned char c)
{
    return (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7F;
}

/* The byte that *s begins with, *s moved behind it; -1 for a bad percent sign or a control
 * character. */
static int decode_byte(const char **s, const char *end)
{
    unsigned char c = (unsigned char)*(*s)++;
    if (c == '+')
        return ' ';
    if (c == '%') {
        int high = end - *s >= 2 ? hex_digit((*s)[0]) : -1;
        int low = high >= 0 ? hex_digit((*s)[1]) : -1;
        if (low < 0)
            return -1;
        c = (unsigned char)(high << 4 | low);
        *s += 2;
    }
    return is_forbidden(c) ? -1 : c;
}

/* Decodes s..end over itself and ends it with a NUL; the byte at `end` belongs to us. */
static apr_status_t decode_text(char *s, const char *end, apr_size_t max)
{
    const char *in = s;
    char *out = s;
    while (in < end) {
        int c = decode_byte(&in, end);
        if (c < 0)
            return APR_EINVAL;
        *out++ = (char)c;
    }
    *out = '\0';
    if ((apr_size_t)(out - s) > max)
        return APR_ENOSPC;
    return eb_utf8_valid(s, (apr_size_t)(out - s)) ? APR_SUCCESS : APR_EINVAL;
}

static apr_status_t decode_pair(eb_param_t *param, char *s, char *end)
{
    static const char empty[] = "";
    char *equals = memchr(s, '=', (apr_size_t)(end - s));
    apr_status_t rv = decode_text(s, equals ? equals : end, EB_PARAM_NAME_MAX);
    if (rv == APR_SUCCESS && equals)
        rv = decode_text(equals + 1, end, EB_PARAM_VALUE_MAX);
    param->name = s;
    param->value = equals ? equals + 1 : empty;
    return rv;
}

/* At most so many pairs; one more than the limit is enough to know. */
static int count_pairs(const char *s, const char *end)
{
    int n = 1;
    while (n <= EB_PARAMS_MAX && (s = memchr(s, '&', (apr_size_t)(end - s)))) {
        n++;
        s++;
    }
    return n;
}

apr_status_t eb_urlencoded_decode(eb_params_t *params, char *body, apr_size_t len, apr_pool_t *pool)
{
    char *end = body + len;
    params->list = NULL;
    params->count = 0;
    if (len == 0)
        return APR_SUCCESS;
    if (len > EB_BODY_MAX)
        return APR_ENOSPC;
    int room = count_pairs(body, end);
    if (room > EB_PARAMS_MAX)
        return APR_ENOSPC;

    eb_param_t *list = apr_palloc(pool, (apr_size_t)room * sizeof(*list));
    int count = 0;
    for (char *s = body, *next; s < end; s = next) {
        char *stop = memchr(s, '&', (apr_size_t)(end - s));
        if (!stop)
            stop = end;
        next = stop + 1;
        if (stop == s)
            continue;
        apr_status_t rv = decode_pair(&list[count++], s, stop);
        if (rv != APR_SUCCESS)
            return rv;
    }
    params->list = list;
    params->count = count;
    return APR_SUCCESS;
}

const char *eb_params_get(const eb_params_t *params, const char *name, int *twice)
{
    const char *value = NULL;
    int found = 0;
    for (int i = 0; i < params->count; i++) {
        if (strcmp(params->list[i].name, name) == 0) {
            value = params->list[i].value;
            found++;
        }
    }
    if (twice)
        *twice = found > 1;
    return found == 1 ? value : NULL;
}
