/* Two headers matter, a third is let pass, everything else is refused: a part that other readers
 * could understand differently never gets in. Texts are decoded where they lie, each line and each
 * quoted text ended by a NUL where its CR or its quote stood.
 *
 * The quoting is that of browsers (WHATWG, "multipart/form-data encoding algorithm"), not that of
 * mail: `"` comes as %22, and a backslash is a sign like any other, as in C:\scan.pdf. Where the
 * two readings would part, at a backslash before a quote, the header is refused. The other two
 * escapes, %0D and %0A, stay as they are, since a name with line breaks is of no use to anybody. */
#include "multipart_header.h"

#include "base/utf8.h"

#include <apr_cstr.h>
#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

#define ALNUM "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define TOKEN ALNUM "!#$%&'*+-.^_`|~" /* RFC 9110, 5.6.2 */
#define BCHAR ALNUM "'+-._"           /* RFC 2046, 5.1.1, without what would need quotes */

typedef struct reader_t {
    eb_part_t *part;
    const char *fault;
    unsigned seen; /* a bit for each header that is known */
} reader_t;

static apr_status_t refuse(reader_t *r, const char *fault)
{
    r->fault = fault;
    return APR_EINVAL;
}

static bool skip_word(char **s, const char *word)
{
    apr_size_t n = strlen(word);
    if (apr_cstr_casecmpn(*s, word, n) != 0)
        return false;
    *s += n;
    return true;
}

static void skip_blanks(char **s)
{
    *s += strspn(*s, " ");
}

static void trim_end(char *s)
{
    apr_size_t n = strlen(s);
    while (n > 0 && s[n - 1] == ' ')
        s[--n] = '\0';
}

/* *s is moved behind the closing quote. */
static apr_status_t read_quoted(reader_t *r, const char **text, char **s)
{
    char *in = *s + 1, *out = in;
    if (**s != '"')
        return refuse(r, "a parameter without quotes");
    for (*text = out; *in != '"'; in++) {
        bool quote = strncmp(in, "%22", 3) == 0;
        if (*in == '\0')
            return refuse(r, "a quoted text without an end");
        if (in[0] == '\\' && in[1] == '"')
            return refuse(r, "a backslash before a quote");
        *out++ = quote ? '"' : *in;
        in += quote ? 2 : 0;
    }
    *out = '\0';
    *s = in + 1;
    return APR_SUCCESS;
}

static apr_status_t read_parameter(reader_t *r, char **s)
{
    bool is_name = skip_word(s, "name=");
    if (!is_name && !skip_word(s, "filename="))
        return refuse(r, "a parameter other than name and filename");
    const char **text = is_name ? &r->part->name : &r->part->filename;
    if (*text)
        return refuse(r, "a parameter given twice");
    apr_status_t rv = read_quoted(r, text, s);
    if (rv != APR_SUCCESS)
        return rv;
    if (strlen(*text) <= (is_name ? EB_MULTIPART_NAME_MAX : EB_MULTIPART_FILENAME_MAX))
        return APR_SUCCESS;
    r->fault = is_name ? "a name too long" : "a file name too long";
    return APR_ENOSPC;
}

static apr_status_t read_disposition(reader_t *r, char *s)
{
    if (!skip_word(&s, "form-data"))
        return refuse(r, "a disposition other than form-data");
    for (skip_blanks(&s); *s; skip_blanks(&s)) {
        if (*s++ != ';')
            return refuse(r, "a missing semicolon");
        skip_blanks(&s);
        apr_status_t rv = read_parameter(r, &s);
        if (rv != APR_SUCCESS)
            return rv;
    }
    return APR_SUCCESS;
}

/* Parameters of the type (charset) change nothing for us: everything is read as UTF-8. */
static apr_status_t read_type(reader_t *r, char *s)
{
    char *slash = s + strspn(s, TOKEN);
    char *end = *slash == '/' ? slash + 1 + strspn(slash + 1, TOKEN) : slash;
    const char *behind = end + strspn(end, " ");
    if (slash == s || end <= slash + 1 || (*behind && *behind != ';'))
        return refuse(r, "a malformed content type");
    *end = '\0';
    for (char *c = s; c < end; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c |= 0x20;
    if (strncmp(s, "multipart/", 10) == 0)
        return refuse(r, "a multipart within a part"); /* RFC 7578, 4.3 */
    r->part->type = s;
    return APR_SUCCESS;
}

/* Deprecated (RFC 7578, 4.7), and harmless as long as it says that nothing was encoded. */
static apr_status_t read_encoding(reader_t *r, char *s)
{
    bool identity = apr_cstr_casecmp(s, "7bit") == 0 || apr_cstr_casecmp(s, "8bit") == 0 ||
                    apr_cstr_casecmp(s, "binary") == 0;
    return identity ? APR_SUCCESS : refuse(r, "a transfer encoding");
}

static apr_status_t read_header(reader_t *r, char *line)
{
    static const struct {
        const char *name;
        apr_status_t (*read)(reader_t *r, char *value);
    } known[] = {{"Content-Disposition:", read_disposition},
                 {"Content-Type:", read_type},
                 {"Content-Transfer-Encoding:", read_encoding}};

    if (*line == ' ')
        return refuse(r, "a folded header");
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        char *value = line;
        if (!skip_word(&value, known[i].name))
            continue;
        if (r->seen & 1u << i)
            return refuse(r, "a header given twice");
        r->seen |= 1u << i;
        skip_blanks(&value);
        trim_end(value);
        return known[i].read(r, value);
    }
    return refuse(r, "a header that does not belong there");
}

static bool has_control(const char *s, const char *end)
{
    for (; s < end; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7F)
            return true;
    return false;
}

static apr_status_t read_block(reader_t *r, char *block, apr_size_t len)
{
    if (!eb_utf8_valid(block, len))
        return refuse(r, "a header that is not UTF-8");
    for (char *line = block, *next; line < block + len; line = next) {
        next = (char *)memchr(line, '\n', (apr_size_t)(block + len - line)) + 1;
        char *end = next - 2;
        if (end == line)
            break;
        if (has_control(line, end))
            return refuse(r, "a control character in a header");
        *end = '\0';
        apr_status_t rv = read_header(r, line);
        if (rv != APR_SUCCESS)
            return rv;
    }
    return r->part->name && *r->part->name ? APR_SUCCESS : refuse(r, "a part without a name");
}

apr_status_t eb_multipart_header(eb_part_t *part, char *block, apr_size_t len, const char **fault)
{
    reader_t r = {.part = part, .fault = ""};
    *part = (eb_part_t){0};
    apr_status_t rv = read_block(&r, block, len);
    *fault = r.fault;
    return rv;
}

/* Quotes around a boundary are legal and never needed: whoever writes them wants to find out whose
 * readers differ. */
apr_status_t eb_multipart_boundary(const char **boundary, const char *content_type,
                                   apr_pool_t *pool)
{
    char *s = apr_pstrdup(pool, content_type ? content_type : "");

    trim_end(s);
    if (!skip_word(&s, "multipart/form-data"))
        return APR_EINVAL;
    skip_blanks(&s);
    if (*s++ != ';')
        return APR_EINVAL;
    skip_blanks(&s);
    if (!skip_word(&s, "boundary="))
        return APR_EINVAL;
    apr_size_t length = strlen(s);
    if (length == 0 || length > EB_BOUNDARY_MAX || strspn(s, BCHAR) != length)
        return APR_EINVAL;
    *boundary = s;
    return APR_SUCCESS;
}
