/* Free text and names. White space is tidied, what word processors put in is mended, and only then
 * is the text measured and its characters checked, so that nobody is refused for a curly quotation
 * mark. */
#include "din91379.h"
#include "type_parts.h"

#include "base/utf8.h"

#include <apr_strings.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool in_one_line(const char *text)
{
    if (*text == ' ')
        return false;
    for (; *text; text++) {
        if (is_space(*text) && (*text != ' ' || text[1] == ' ' || !text[1]))
            return false;
    }
    return true;
}

const char *eb_type_one_line(const char *text, apr_pool_t *pool)
{
    if (in_one_line(text))
        return text;
    char *copy = apr_palloc(pool, strlen(text) + 1), *out = copy;
    for (; *text; text++) {
        if (!is_space(*text))
            *out++ = *text;
        else if (out > copy && out[-1] != ' ')
            *out++ = ' ';
    }
    if (out > copy && out[-1] == ' ')
        out--;
    *out = '\0';
    return copy;
}

/* CR LF and CR become LF; the text's ends are trimmed. */
static const char *unix_lines(const char *text, apr_pool_t *pool)
{
    apr_size_t len = strlen(text);
    while (len > 0 && is_space(text[len - 1]))
        len--;
    while (is_space(*text) && len > 0) {
        text++;
        len--;
    }
    if (!text[len] && !memchr(text, '\r', len))
        return text;
    char *copy = apr_palloc(pool, len + 1), *out = copy;
    for (apr_size_t i = 0; i < len; i++) {
        if (text[i] != '\r')
            *out++ = text[i];
        else if (i + 1 == len || text[i + 1] != '\n')
            *out++ = '\n';
    }
    *out = '\0';
    return copy;
}

apr_status_t eb_type_check_length(const char **why, const eb_facets_t *facets, const char *text,
                                  int most, apr_pool_t *pool)
{
    int limit = facets->max_length && facets->max_length < most ? facets->max_length : most;
    apr_size_t bytes = strlen(text);
    if (bytes <= (apr_size_t)limit && facets->min_length <= 1)
        return APR_SUCCESS;
    int length = (int)eb_utf8_length(text);
    if (length > limit)
        *why = eb_say_with(facets->words, pool,
                           "Ihre Eingabe ist um {count} Zeichen zu lang. Möglich sind höchstens "
                           "{limit} Zeichen. Bitte kürzen Sie den Text.",
                           "count", apr_itoa(pool, length - limit), "limit", apr_itoa(pool, limit),
                           NULL);
    else if (length < facets->min_length)
        *why =
            eb_say_with(facets->words, pool,
                        "Ihre Eingabe ist zu kurz. Bitte geben Sie mindestens {count} Zeichen ein.",
                        "count", apr_itoa(pool, facets->min_length), NULL);
    else
        return APR_SUCCESS;
    return APR_EINVAL;
}

static const char *tidy(const eb_type_t *type, const char *text, apr_pool_t *pool)
{
    return type->multiline ? unix_lines(text, pool) : eb_type_one_line(text, pool);
}

/* Mending leaves every character of the datatype alone, so a text without offender needs none. */
static const char *mend(const eb_type_t *type, const char *text, apr_pool_t *pool)
{
    const char *mended = eb_din_mend(text, (eb_din_t)type->detail, pool);
    if (mended == text)
        return text;
    return eb_utf8_nfc(&mended, tidy(type, mended, pool), pool) == APR_SUCCESS ? mended : "";
}

EB_TYPE_PARSE(text)
{
    int len;
    eb_din_t datatype = (eb_din_t)type->detail;
    const char *good = tidy(type, text, pool);
    const char *offender = eb_din_offender(good, datatype, &len);
    if (offender) {
        good = mend(type, good, pool);
        offender = eb_din_offender(good, datatype, &len);
    }
    if (!*good) {
        *why =
            eb_say(facets->words, "Ihre Eingabe besteht nur aus unsichtbaren Zeichen. Bitte tippen "
                                  "Sie den Text neu ein.");
        return APR_EINVAL;
    }
    apr_status_t rv = eb_type_check_length(why, facets, good, EB_TEXT_MAX, pool);
    if (rv == APR_SUCCESS && offender) {
        *why = eb_din_explain(offender, len, datatype, facets->words, pool);
        return APR_EINVAL;
    }
    *value = good;
    return rv;
}

EB_TYPE_SHOW(text)
{
    (void)type;
    (void)facets;
    (void)pool;
    return value;
}
