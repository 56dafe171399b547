/* Header fields after RFC 5322 and the parameters of Content-Type after RFC 2045, as far as
 * multipart/related needs them: no comments, no charsets in parameters. */
#include "mime_header.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { TYPE_MAX = 1024 };

static bool is_token(char c)
{
    return c > ' ' && c < 0x7F && !strchr("()<>@,;:\\\"/[]?=", c);
}

static const char *skip_blanks(const char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

/* A token, or what quotes hold; NULL: neither. *s is behind it. */
static char *read_value(const char **s, apr_pool_t *pool)
{
    const bool quoted = **s == '"';
    char *value = apr_palloc(pool, strlen(*s) + 1), *out = value;

    if (!quoted) {
        while (is_token(**s))
            *out++ = *(*s)++;
        *out = '\0';
        return out > value ? value : NULL;
    }
    for (++*s; **s != '"'; *out++ = *(*s)++) {
        if (**s == '\\')
            ++*s;
        if (!**s || (unsigned char)**s < ' ')
            return NULL;
    }
    ++*s;
    *out = '\0';
    return value;
}

static const char *lower(const char *text, apr_size_t len, apr_pool_t *pool)
{
    char *copy = apr_pstrmemdup(pool, text, len);

    for (char *c = copy; *c; c++)
        *c = (char)apr_tolower(*c);
    return copy;
}

/* The place for a parameter; NULL: not of interest. */
static const char **place_of(eb_mime_type_t *type, const char *name)
{
    if (!strcmp(name, "boundary"))
        return &type->boundary;
    if (!strcmp(name, "start"))
        return &type->start;
    return strcmp(name, "type") ? NULL : &type->inner;
}

static apr_status_t read_parameter(eb_mime_type_t *type, const char **s, apr_pool_t *pool)
{
    const char *from = *s;

    while (is_token(**s))
        ++*s;
    if (*s == from || **s != '=')
        return APR_EINVAL;
    const char **place = place_of(type, lower(from, (apr_size_t)(*s - from), pool));
    ++*s;
    const char *value = read_value(s, pool);
    if (!value || (place && *place))
        return APR_EINVAL;
    if (place)
        *place = value;
    *s = skip_blanks(*s);
    return APR_SUCCESS;
}

apr_status_t eb_mime_type_read(eb_mime_type_t *type, const char *text, apr_pool_t *pool)
{
    const char *s = skip_blanks(text), *from = s;

    *type = (eb_mime_type_t){0};
    if (strlen(text) > TYPE_MAX)
        return APR_EINVAL;
    while (is_token(*s) || *s == '/')
        s++;
    type->type = lower(from, (apr_size_t)(s - from), pool);
    for (s = skip_blanks(s); *s == ';';) {
        s = skip_blanks(s + 1);
        if (*s && read_parameter(type, &s, pool))
            return APR_EINVAL;
    }
    const char *b = type->boundary;
    if (*s || !strchr(type->type, '/') || (b && (!*b || strlen(b) > EB_BOUNDARY_MAX)))
        return APR_EINVAL;
    return APR_SUCCESS;
}

/* Lines that begin with a blank go on with the one before. Ends each field with NUL. */
static bool end_fields(char *block, apr_size_t len)
{
    if (memchr(block, '\0', len))
        return false;
    for (char *s = block; (s = memchr(s, '\r', len - (apr_size_t)(s - block))); s += 2) {
        if (s + 1 == block + len || s[1] != '\n')
            return false;
        const bool goes_on = s + 2 < block + len && (s[2] == ' ' || s[2] == '\t');
        s[0] = s[1] = goes_on ? ' ' : '\0';
        if (s + 2 == block + len)
            break;
    }
    return true;
}

static bool encoding_known(const char *value)
{
    return !strcasecmp(value, "binary") || !strcasecmp(value, "8bit") || !strcasecmp(value, "7bit");
}

static char *trim(char *value)
{
    while (*value == ' ' || *value == '\t')
        value++;
    for (char *end = value + strlen(value); end > value && (end[-1] == ' ' || end[-1] == '\t');)
        *--end = '\0';
    return value;
}

static bool read_field(eb_mime_part_t *part, char *field)
{
    char *colon = strchr(field, ':');

    if (!colon)
        return false;
    *colon = '\0';
    char *value = trim(colon + 1);
    const apr_size_t len = strlen(value);
    if (!strcasecmp(field, "Content-Transfer-Encoding"))
        return encoding_known(value);
    if (!strcasecmp(field, "Content-Type"))
        part->type = value;
    if (strcasecmp(field, "Content-ID"))
        return true;
    if (len < 3 || value[0] != '<' || value[len - 1] != '>' || *part->id)
        return false;
    value[len - 1] = '\0';
    part->id = value + 1;
    return true;
}

apr_status_t eb_mime_header(eb_mime_part_t *part, char *block, apr_size_t len)
{
    *part = (eb_mime_part_t){"", ""};
    if (!end_fields(block, len))
        return APR_EINVAL;
    for (char *s = block, *next; s < block + len; s = next) {
        next = s + strlen(s) + 2; /* read_field() cuts it */
        if (*s && !read_field(part, s))
            return APR_EINVAL;
    }
    return APR_SUCCESS;
}
