/* Dates as people write them: 24.3.1990, 24. März 1990, 24/03/1990, 1990-03-24, and, where a
 * passport says no more, 03/1990 or 1990; months by their names in German and in the language of
 * the page. The text is cut into parts at its separators, the parts are named, and each is then
 * checked on its own, so that the message can say which one is wrong. */
#include "type_parts.h"

#include "base/date.h"
#include "base/utf8.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define PART_MAX      64
#define UNKNOWN       (-1) /* a part that is neither empty nor understood */
#define LIKE_AT_LEAST 3    /* characters of a month's name */

enum { DAY = 1, MONTH = 2, YEAR = 4 };

typedef struct eb_typed_t {
    int day, month, year; /* 0 = left out */
    int year_digits;
} eb_typed_t;

static bool is_separator(char c)
{
    return c == '.' || c == '/' || c == '-';
}

static bool ends_word(char c)
{
    return c == '\0' || c == ' ' || apr_isdigit(c) || is_separator(c);
}

/* Up to the next separator. A space is none between two words: there are months of two. */
static apr_size_t part_length(const char *s)
{
    const char *end = s;
    while (*end && !is_separator(*end) &&
           (*end != ' ' || (!apr_isdigit(end[-1]) && !ends_word(end[1]))))
        end++;
    return (apr_size_t)(end - s);
}

/* Cuts at . / - and spaces; an empty part between two separators counts. False: more than three. */
static bool cut(char parts[3][PART_MAX], int *count, const char *s)
{
    for (*count = 0; *count < 3;) {
        while (*s == ' ')
            s++;
        apr_size_t len = part_length(s);
        apr_cpystrn(parts[(*count)++], s, len < PART_MAX ? len + 1 : PART_MAX);
        s += len;
        while (*s == ' ')
            s++;
        if (!*s)
            return true;
        if (is_separator(*s))
            s++;
    }
    return false;
}

static int number(const char *part)
{
    int value = 0;
    if (strlen(part) > 4 || part[strspn(part, "0123456789")])
        return UNKNOWN;
    for (; *part; part++)
        value = value * 10 + (*part - '0');
    return value;
}

static const char *const months[] = {EB_SAY("Januar"),  EB_SAY("Februar"),  EB_SAY("März"),
                                     EB_SAY("April"),   EB_SAY("Mai"),      EB_SAY("Juni"),
                                     EB_SAY("Juli"),    EB_SAY("August"),   EB_SAY("September"),
                                     EB_SAY("Oktober"), EB_SAY("November"), EB_SAY("Dezember")};

/* How many characters two folded words have in common at their beginning. */
static int in_common(const char *a, const char *b)
{
    apr_size_t n = 0;
    int count = 0;
    while (a[n] && a[n] == b[n])
        count += (a[n++] & 0xC0) != 0x80;
    return count - ((a[n] & 0xC0) == 0x80 || (b[n] & 0xC0) == 0x80); /* not half of the last */
}

/* How well a word is the name of a month: "Mär" and "Märzes" are, in whatever case a language puts
 * it. Arabic has two names for each, with / between them. 0: not at all. */
static int likeness(const char *word, const char *names, apr_pool_t *pool)
{
    int best = 0;
    char *last;
    for (char *name = apr_strtok(apr_pstrdup(pool, eb_utf8_fold(names, pool)), "/", &last); name;
         name = apr_strtok(NULL, "/", &last)) {
        int same = in_common(word, name);
        if (strcmp(word, name) == 0)
            return PART_MAX;
        if (same >= LIKE_AT_LEAST && same > best)
            best = same;
    }
    return best;
}

/* What begins differently from the name that the catalogue has. */
static int other_month(const char *word)
{
    static const struct {
        const char *name;
        int month;
    } others[] = {{"maerz", 3},    {"mrz", 3},      {"may", 5}, {"\u043C\u0430\u044F", 5},
                  {"october", 10}, {"december", 12}};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(word, others[i].name) == 0)
            return others[i].month;
    }
    return UNKNOWN;
}

/* "3", "03", "März", "Mrz", "mart", "مارس": the month whose name is most like it, if it is one. */
static int month_number(const char *part, const eb_words_t *words, apr_pool_t *pool)
{
    if (strlen(part) < 3 || apr_isdigit(*part))
        return number(part);
    const char *word = eb_utf8_fold(part, pool);
    int best = 0, month = UNKNOWN;
    for (int i = 0; i < 12; i++) {
        int german = likeness(word, months[i], pool);
        int like = words ? likeness(word, eb_say(words, months[i]), pool) : 0;
        like = german > like ? german : like;
        if (like > 0 && like == best)
            month = UNKNOWN; /* "jui" is June or July */
        if (like > best)
            month = i + 1;
        best = like > best ? like : best;
    }
    return best ? month : other_month(word);
}

static bool read_typed(eb_typed_t *typed, const char *text, const eb_words_t *words,
                       apr_pool_t *pool)
{
    char parts[3][PART_MAX];
    int count;
    if (!cut(parts, &count, text))
        return false;
    bool year_first = count > 1 && strlen(parts[0]) == 4 && number(parts[0]) != UNKNOWN;
    const char *year = parts[year_first ? 0 : count - 1];
    const char *month = count > 1 ? parts[year_first ? 1 : count - 2] : "";
    const char *day = count > 2 ? parts[year_first ? 2 : 0] : "";
    typed->year = number(year);
    typed->year_digits = (int)strlen(year);
    typed->month = *month ? month_number(month, words, pool) : 0;
    typed->day = number(day);
    /* "00" is no way to leave a part out: it would hide a slip */
    if (*month && typed->month == 0)
        typed->month = UNKNOWN;
    if (*day && typed->day == 0)
        typed->day = UNKNOWN;
    return true;
}

static int last_day(int year, int month)
{
    int day = 31;
    while (day > 28 && !eb_date_valid(year, month, day))
        day--;
    return day;
}

static unsigned check_year(const char **why, const eb_typed_t *t, const eb_words_t *words)
{
    if (t->year_digits == 0)
        *why = eb_say(
            words, "Das Jahr fehlt. Bitte geben Sie es mit vier Ziffern ein, zum Beispiel 1990.");
    else if (t->year == UNKNOWN || t->year < 1000)
        *why = eb_say(
            words, "Bitte geben Sie das Jahr mit vier Ziffern ein, zum Beispiel 1990 (nicht 90).");
    else
        return 0;
    return YEAR;
}

static unsigned check_month(const char **why, const eb_typed_t *t, bool partial,
                            const eb_words_t *words)
{
    if (t->month == UNKNOWN || t->month > 12)
        *why = eb_say(
            words,
            "Den Monat gibt es nicht. Bitte geben Sie eine Zahl von 1 bis 12 ein, zum Beispiel 3 "
            "für März.");
    else if (t->month == 0 && partial && t->day != 0)
        *why = eb_say(
            words, "Der Monat fehlt. Wenn Sie ihn nicht kennen, lassen Sie auch den Tag frei, zum "
                   "Beispiel nur 1990.");
    else if (t->month == 0 && !partial)
        *why = eb_say(
            words,
            "Der Monat fehlt. Bitte geben Sie Tag, Monat und Jahr ein, zum Beispiel 24.03.1990.");
    else
        return 0;
    return MONTH;
}

static unsigned check_day(const char **why, const eb_typed_t *t, bool partial,
                          const eb_words_t *words, apr_pool_t *pool)
{
    int last = t->month ? last_day(t->year, t->month) : 0;
    if (t->day == 0 && !partial)
        *why = eb_say(
            words,
            "Der Tag fehlt. Bitte geben Sie Tag, Monat und Jahr ein, zum Beispiel 24.03.1990.");
    else if (t->day == UNKNOWN || t->day > 31)
        *why = eb_say(
            words,
            "Den Tag gibt es nicht. Bitte geben Sie eine Zahl von 1 bis 31 ein, zum Beispiel 24.");
    else if (t->day > last)
        *why = eb_say_with(words, pool,
                           "Der {month} {year} hat nur {count} Tage. Bitte prüfen Sie Tag und "
                           "Monat. Ein Beispiel: 24.03.1990.",
                           "month", eb_say(words, months[t->month - 1]), "year",
                           apr_itoa(pool, t->year), "count", apr_itoa(pool, last), NULL);
    else
        return 0;
    return DAY;
}

/* The parts at fault; all three when the text is no date at all. */
static unsigned read_date(eb_date_t *date, const char **why, const char *text, bool partial,
                          const eb_words_t *words, apr_pool_t *pool)
{
    eb_typed_t t;
    unsigned fault;
    if (!read_typed(&t, text, words, pool) || (t.year == UNKNOWN && t.month == 0)) {
        *why = partial
                   ? eb_say(words, "Das ist kein Datum. Bitte geben Sie es so ein: 24.03.1990. "
                                   "Möglich sind auch 03.1990 oder 1990.")
                   : eb_say(words, "Das ist kein Datum. Bitte geben Sie Tag, Monat und Jahr ein, "
                                   "zum Beispiel 24.03.1990.");
        return DAY | MONTH | YEAR;
    }
    if ((fault = check_year(why, &t, words)) || (fault = check_month(why, &t, partial, words)) ||
        (fault = check_day(why, &t, partial, words, pool)))
        return fault;
    *date = (eb_date_t){t.year, t.month, t.day};
    return 0;
}

/* ISO texts compare as texts, as far as both are known. */
static int compare_iso(const char *a, const char *b)
{
    apr_size_t n = strlen(a), m = strlen(b);
    return strncmp(a, b, n < m ? n : m);
}

static const char *shown(const eb_words_t *words, const char *iso, apr_pool_t *pool)
{
    eb_date_t date;
    return eb_date_parse(&date, iso, true) ? eb_say_date(words, date, pool) : iso;
}

static apr_status_t check_range(const char **why, const eb_facets_t *facets, const char *iso,
                                apr_pool_t *pool)
{
    const eb_words_t *words = facets->words;
    if (facets->min && compare_iso(iso, facets->min) < 0)
        *why = eb_say_with(
            words, pool,
            "{date} liegt zu weit zurück. Möglich ist alles ab {limit}. Bitte prüfen "
            "Sie das Jahr.",
            "date", shown(words, iso, pool), "limit", shown(words, facets->min, pool), NULL);
    else if (facets->max && compare_iso(iso, facets->max) > 0)
        *why = eb_say_with(
            words, pool,
            "{date} ist zu spät. Möglich ist alles bis {limit}. Bitte prüfen Sie das "
            "Jahr.",
            "date", shown(words, iso, pool), "limit", shown(words, facets->max, pool), NULL);
    else
        return APR_SUCCESS;
    return APR_EINVAL;
}

EB_TYPE_PARSE(date)
{
    eb_date_t date;
    if (eb_date_parse(&date, text, type->partial) && date.year >= 1000)
        *value = text;
    else if (read_date(&date, why, text, type->partial, facets->words, pool))
        return APR_EINVAL;
    else
        *value = eb_date_iso(date, pool);
    return check_range(why, facets, *value, pool);
}

unsigned eb_type_date_faults(const eb_type_t *type, const eb_facets_t *facets, const char *text,
                             apr_pool_t *pool)
{
    eb_date_t date;
    const char *why;
    unsigned fault = read_date(&date, &why, text, type->partial, facets->words, pool);
    return fault == (DAY | MONTH | YEAR) ? 0 : fault;
}

EB_TYPE_PARSE(year)
{
    (void)type;
    if (strlen(text) != 4 || number(text) < 1000) {
        *why = eb_say(facets->words,
                      "Bitte geben Sie das Jahr mit vier Ziffern ein, zum Beispiel 1990.");
        return APR_EINVAL;
    }
    *value = text;
    return check_range(why, facets, text, pool);
}

EB_TYPE_SHOW(date)
{
    (void)type;
    return shown(facets->words, value, pool);
}
