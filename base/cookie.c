/* Other software on the same host sets cookies too, and sloppily; so their pairs are only skipped,
 * while ours must be exactly what RFC 6265, section 4.1.1, lets a server set. */
#include "cookie.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdbool.h>
#include <string.h>

/* As user agents do (RFC 6265bis, section 5.6), the tab counts as white space, not as control. */
static bool has_control(const char *s)
{
    for (; *s; s++)
        if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7F)
            return true;
    return false;
}

static bool is_cookie_octet(unsigned char c)
{
    return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\';
}

/* The value of the pair [s, end) when it is the cookie `name`, with the surrounding blanks cut. */
static const char *value_in(const char *s, const char *end, const char *name, apr_size_t *len)
{
    apr_size_t name_len = strlen(name);
    s += strspn(s, " \t");
    if (end - s <= (long)name_len || memcmp(s, name, name_len) != 0 || s[name_len] != '=')
        return NULL;
    s += name_len + 1;
    while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *len = (apr_size_t)(end - s);
    return s;
}

static bool is_clean(const char *s, apr_size_t len)
{
    for (apr_size_t i = 0; i < len; i++)
        if (!is_cookie_octet((unsigned char)s[i]))
            return false;
    return true;
}

apr_status_t eb_cookie_get(const char **value, const char *header, const char *name,
                           apr_pool_t *pool)
{
    const char *found = NULL;
    apr_size_t found_len = 0, len;

    *value = NULL;
    if (!header)
        return APR_NOTFOUND;
    if (strnlen(header, EB_COOKIE_HEADER_MAX + 1) > EB_COOKIE_HEADER_MAX || has_control(header))
        return APR_EINVAL;

    for (const char *s = header, *end; *s; s = *end ? end + 1 : end) {
        end = s + strcspn(s, ";");
        const char *v = value_in(s, end, name, &len);
        if (!v)
            continue;
        if (!is_clean(v, len) || (found && (len != found_len || memcmp(v, found, len) != 0)))
            return APR_EINVAL;
        found = v;
        found_len = len;
    }
    if (!found)
        return APR_NOTFOUND;
    *value = apr_pstrmemdup(pool, found, found_len);
    return APR_SUCCESS;
}
