/* A file name as it was uploaded, made fit to be shown, and to be written into a message. It comes
 * out of whatever device the applicant has, so nothing is refused: what does no good is taken out.
 * A name that has been through here once passes unchanged. */
#include "files.h"

#include "base/utf8.h"
#include "din91379.h"
#include "type_parts.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define STEM       "Datei"
#define ENDING_MAX 10 /* with its dot */

/* Some browsers have sent whole paths. */
static const char *behind_slashes(const char *typed)
{
    for (const char *s; (s = strpbrk(typed, "/\\"));)
        typed = s + 1;
    return typed;
}

/* As nearly all names are: nothing would be done to it. */
static bool is_plain(const char *name)
{
    apr_size_t len = strlen(name);
    if (len == 0 || len > EB_FILE_NAME_MAX || strchr(". ", *name) || strchr(". ", name[len - 1]))
        return false;
    for (; *name; name++)
        if (*name < ' ' || *name > '~' || (*name == ' ' && name[1] == ' '))
            return false;
    return true;
}

/* Controls, and what steers the direction or the joining of the letters around it: with these,
 * "exe.pdf" can be made to look like "fdp.exe". */
static bool is_unseen(apr_uint32_t c)
{
    return c < ' ' || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
           (c >= 0xE0000 && c <= 0xE0FFF);
}

static const char *visible(const char *typed, apr_pool_t *pool)
{
    const char *end = typed + strlen(typed);
    char *name = apr_palloc(pool, (apr_size_t)(end - typed) + 1), *to = name;
    for (const char *s = typed, *next; s < end; s = next) {
        next = s;
        apr_uint32_t c = eb_utf8_next(&next, end);
        if (c == EB_UTF8_BAD)
            next++;
        if (c == EB_UTF8_BAD || c == 0xA0) {
            *to++ = c == 0xA0 ? ' ' : '_';
        } else if (!is_unseen(c)) {
            memcpy(to, s, (apr_size_t)(next - s));
            to += next - s;
        }
    }
    *to = '\0';
    return name;
}

static const char *within_din(const char *name, apr_pool_t *pool)
{
    int len;
    eb_buf_t out;
    const char *offender = eb_din_offender(name, EB_DIN_C, &len);
    if (!offender)
        return name;
    eb_buf_init(&out, strlen(name) + 1, pool);
    for (; offender; offender = eb_din_offender(name, EB_DIN_C, &len)) {
        eb_buf_add(&out, name, (apr_size_t)(offender - name));
        eb_buf_putc(&out, '_');
        name = offender + len;
    }
    eb_buf_puts(&out, name);
    return eb_buf_cstr(&out);
}

/* Neither hidden, nor "..", nor nothing. */
static const char *with_stem(const char *name, apr_pool_t *pool)
{
    apr_size_t len = strlen(name);
    while (len > 0 && strchr(". ", name[len - 1]))
        len--;
    const char *kept = apr_pstrmemdup(pool, name, len);
    return *kept == '.' || !*kept ? apr_pstrcat(pool, STEM, kept, NULL) : kept;
}

static apr_size_t ending_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    apr_size_t len = dot ? 1 : 0;
    while (len && apr_isalnum(dot[len]))
        len++;
    return len > 1 && len <= ENDING_MAX && !dot[len] ? len : 0;
}

static const char *shortened(const char *name, apr_pool_t *pool)
{
    if (eb_utf8_length(name) <= EB_FILE_NAME_MAX)
        return name;
    apr_size_t ending = ending_of(name);
    const char *end = name + strlen(name), *cut = name;
    for (apr_size_t n = ending; n < EB_FILE_NAME_MAX; n++)
        eb_utf8_next(&cut, end);
    while (strchr(". ", cut[-1]))
        cut--;
    return apr_pstrcat(pool, apr_pstrmemdup(pool, name, (apr_size_t)(cut - name)), end - ending,
                       NULL);
}

const char *eb_file_name(const char *typed, apr_pool_t *pool)
{
    const char *name = behind_slashes(typed);
    if (is_plain(name))
        return apr_pstrdup(pool, name);
    name = eb_din_mend(visible(name, pool), EB_DIN_C, pool);
    if (eb_utf8_nfc(&name, name, pool) != APR_SUCCESS)
        return STEM;
    name = eb_type_one_line(within_din(name, pool), pool);
    name = shortened(with_stem(name, pool), pool);
    return within_din(name, pool); /* a letter of several characters may have been cut */
}
