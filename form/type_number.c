/* Numbers as people write them. Germans write 1.234,56, others 1,234.56 or 1 234.56: what can only
 * mean one number is understood, what could mean two is asked back. The canonical form is XML
 * Schema's, and it is compared as text, so that no binary fraction ever comes between an applicant
 * and a limit. */
#include "type_parts.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define DIGITS_MAX 15
#define TYPED_MAX  20 /* digits with their group signs */

typedef struct eb_figure_t {
    bool negative;
    char whole[TYPED_MAX + 1];    /* without leading zeros; "0" at least */
    char fraction[TYPED_MAX + 2]; /* may be empty */
} eb_figure_t;

typedef enum { READ_GOOD, READ_BAD, READ_LONG, READ_AMBIGUOUS } eb_reading_t;

static bool ends_with(const char *s, apr_size_t len, const char *tail)
{
    apr_size_t n = strlen(tail);
    return len >= n && strncasecmp(s + len - n, tail, n) == 0;
}

/* Bytes of `s` without a currency and what stands for "no cents": 50 €, 50,- EUR. */
static apr_size_t without_currency(const char *s)
{
    static const char *const tails[] = {"\u20AC", "eur", "euro", " ", "\u00A0", ",-", ",--", ".-"};
    apr_size_t len = strlen(s), before;
    if (len > 0 && apr_isdigit(s[len - 1]))
        return len;
    do {
        before = len;
        for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
            if (ends_with(s, len, tails[i]))
                len -= strlen(tails[i]);
        }
    } while (len < before);
    return len;
}

/* The text with every space (also a narrow or unbreakable one), apostrophe and Arabic thousands
 * sign as ', and what parts the fraction in Arabic as a comma. */
static bool plain(char *out, apr_size_t size, const char *s, apr_size_t len)
{
    static const struct {
        const char *sign;
        char as;
    } known[] = {{" ", '\''},      {"'", '\''},      {"\u00A0", '\''}, {"\u202F", '\''},
                 {"\u2009", '\''}, {"\u2019", '\''}, {"\u066C", '\''}, {"\u066B", ','}};
    apr_size_t n = 0;
    for (const char *end = s + len; s < end;) {
        apr_size_t step = 1;
        char sign = *s;
        bool plain = apr_isdigit(*s) || *s == '.' || *s == ',';
        for (size_t i = 0; !plain && i < sizeof(known) / sizeof(known[0]); i++) {
            if (strncmp(s, known[i].sign, strlen(known[i].sign)) != 0)
                continue;
            step = strlen(known[i].sign);
            sign = known[i].as;
            break;
        }
        if (n + 1 >= size)
            return false;
        out[n++] = sign;
        s += step;
    }
    out[n] = '\0';
    return true;
}

static int count(const char *s, char c)
{
    int n = 0;
    for (; *s; s++)
        n += *s == c;
    return n;
}

/* Digits, one at least, in front of `end`, in groups of three after the first if there is any group
 * sign. */
static bool read_whole(char *out, const char *s, const char *end)
{
    const char *group = NULL, *start = out;
    int run = 0;
    for (; s < end; s++) {
        if (apr_isdigit(*s)) {
            run++;
            if (out > start || *s != '0')
                *out++ = *s;
            continue;
        }
        if (!strchr(".,'", *s) || (group ? *s != *group || run != 3 : run > 3))
            return false;
        group = s;
        run = 0;
    }
    if (out == start)
        *out++ = '0';
    *out = '\0';
    return group ? run == 3 : true;
}

/* Where the decimal sign stands, NULL when there is none; *ambiguous for "1.234". */
static const char *decimal_sign(const char *s, bool *ambiguous)
{
    const char *dot = strrchr(s, '.'), *comma = strrchr(s, ',');
    int dots = count(s, '.'), commas = count(s, ',');
    *ambiguous = false;
    if (dot && comma) {
        const char *last = dot > comma ? dot : comma;
        return (last == dot ? dots : commas) == 1 ? last : NULL;
    }
    if (commas == 1)
        return comma;
    if (dots != 1)
        return NULL;
    bool grouped = strlen(dot + 1) == 3 && dot > s && dot - s <= 3 && *s != '0';
    *ambiguous = grouped;
    return grouped ? NULL : dot;
}

static eb_reading_t read_figure(eb_figure_t *f, const char *text, bool amount)
{
    char typed[64];
    bool ambiguous;
    const char *s = typed;
    if (!plain(typed, sizeof(typed), text, amount ? without_currency(text) : strlen(text)))
        return READ_LONG;
    f->negative = *s == '-';
    s += *s == '-' || *s == '+';
    const char *sign = decimal_sign(s, &ambiguous), *end = s + strlen(s);
    const char *fraction = sign ? sign + 1 : end;
    if (end - s > TYPED_MAX)
        return READ_LONG;
    if (!apr_isdigit(*s) || (sign && !*fraction) || fraction[strspn(fraction, "0123456789")])
        return READ_BAD;
    if (!read_whole(f->whole, s, sign ? sign : end))
        return READ_BAD;
    apr_cpystrn(f->fraction, fraction, sizeof(f->fraction));
    apr_size_t places = strlen(fraction);
    if (strlen(f->whole) + (amount && places < 2 ? 2 : places) > DIGITS_MAX)
        return READ_LONG;
    return ambiguous ? READ_AMBIGUOUS : READ_GOOD;
}

/* Canonical: no leading zeros, no "-0"; a fraction only where it says something, two places for
 * euro. */
static const char *canonical(eb_figure_t *f, bool amount, apr_pool_t *pool)
{
    apr_size_t len = strlen(f->fraction);
    while (len > 0 && f->fraction[len - 1] == '0')
        f->fraction[--len] = '\0';
    if (len == 3 && strlen(f->whole) <= 3)
        f->fraction[len++] = '0';
    while (amount && len < 2)
        f->fraction[len++] = '0';
    f->fraction[len] = '\0';
    bool zero = strcmp(f->whole, "0") == 0 && !f->fraction[strspn(f->fraction, "0")];
    return apr_pstrcat(pool, f->negative && !zero ? "-" : "", f->whole, len ? "." : "", f->fraction,
                       NULL);
}

static int compare(const char *a, const char *b)
{
    bool negative = *a == '-';
    if (negative != (*b == '-'))
        return negative ? -1 : 1;
    if (negative)
        return compare(b + 1, a + 1);
    apr_size_t n = strcspn(a, "."), m = strcspn(b, ".");
    if (n != m)
        return n < m ? -1 : 1;
    while (*a && *a == *b) {
        a++;
        b++;
    }
    /* "1" and "1.00" differ in zeros only */
    if (!a[strspn(a, ".0")] && !b[strspn(b, ".0")])
        return 0;
    return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static const char *shown(const eb_type_t *type, const eb_words_t *words, const char *value,
                         apr_pool_t *pool)
{
    const char *figure = eb_say_figure(words, value, pool);
    return type->detail == EB_NUMBER_AMOUNT
               ? eb_say_with(words, pool, "{amount} €", "amount", figure, NULL)
               : figure;
}

static apr_status_t check_range(const char **why, const eb_type_t *type, const eb_facets_t *facets,
                                const char *value, apr_pool_t *pool)
{
    const char *own = type->detail == EB_NUMBER_POSITIVE       ? "1"
                      : type->detail == EB_NUMBER_NOT_NEGATIVE ? "0"
                      : type->detail == EB_NUMBER_AMOUNT       ? "0"
                                                               : NULL;
    const char *min = facets->min ? facets->min : own;
    if (min && compare(value, min) < 0)
        *why = eb_say_with(facets->words, pool,
                           "{figure} ist zu wenig. Bitte geben Sie mindestens {limit} ein.",
                           "figure", shown(type, facets->words, value, pool), "limit",
                           shown(type, facets->words, min, pool), NULL);
    else if (facets->max && compare(value, facets->max) > 0)
        *why = eb_say_with(facets->words, pool,
                           "{figure} ist zu viel. Bitte geben Sie höchstens {limit} ein.", "figure",
                           shown(type, facets->words, value, pool), "limit",
                           shown(type, facets->words, facets->max, pool), NULL);
    else
        return APR_SUCCESS;
    return APR_EINVAL;
}

static const char *explain(eb_reading_t reading, const eb_type_t *type, const eb_figure_t *f,
                           const eb_words_t *words, apr_pool_t *pool)
{
    apr_size_t n = strlen(f->whole);
    switch (reading) {
    case READ_LONG:
        return eb_say(words, "Die Zahl hat zu viele Stellen. Möglich sind höchstens 15 Ziffern.");
    case READ_AMBIGUOUS:
        return eb_say_with(
            words, pool,
            "Meinen Sie {whole} oder {fraction}? Bitte schreiben Sie die Zahl ohne Punkt, "
            "zum Beispiel {whole}.",
            "whole", f->whole, "fraction",
            apr_psprintf(pool, "%.*s,%s", (int)n - 3, f->whole, f->whole + n - 3), NULL);
    default:
        return type->detail == EB_NUMBER_AMOUNT
                   ? eb_say(words, "Das ist kein Betrag. Bitte geben Sie einen Betrag in Euro in "
                                   "Ziffern ein, zum Beispiel 1.234,56.")
                   : eb_say(words, "Das ist keine Zahl. Bitte geben Sie die Zahl in Ziffern ein, "
                                   "zum Beispiel 3.");
    }
}

static apr_status_t check_fraction(const char **why, const eb_type_t *type, const eb_words_t *words,
                                   const char *fraction)
{
    if (type->detail == EB_NUMBER_AMOUNT && strlen(fraction) > 2)
        *why = eb_say(words, "Ein Betrag in Euro hat höchstens zwei Stellen nach dem Komma, zum "
                             "Beispiel 1.234,56.");
    else if (type->detail < EB_NUMBER_DECIMAL && *fraction)
        *why = eb_say(words, "Bitte geben Sie eine ganze Zahl ohne Komma ein, zum Beispiel 3.");
    else
        return APR_SUCCESS;
    return APR_EINVAL;
}

EB_TYPE_PARSE(number)
{
    eb_figure_t f = {0};
    bool amount = type->detail == EB_NUMBER_AMOUNT;
    eb_reading_t reading = read_figure(&f, text, amount);
    if (reading == READ_AMBIGUOUS && type->detail != EB_NUMBER_DECIMAL)
        reading = READ_GOOD;
    if (reading != READ_GOOD) {
        *why = explain(reading, type, &f, facets->words, pool);
        return APR_EINVAL;
    }
    apr_status_t rv = check_fraction(why, type, facets->words, f.fraction);
    if (rv != APR_SUCCESS)
        return rv;
    const char *figure = canonical(&f, amount, pool);
    *value = strcmp(figure, text) == 0 ? text : figure;
    return check_range(why, type, facets, *value, pool);
}

EB_TYPE_SHOW(number)
{
    return *value && !value[strspn(value, "-0123456789.")] ? shown(type, facets->words, value, pool)
                                                           : value;
}
