/* Texts are looked up by their German original. That is done when pages are laid out, and for the
 * sentences about mistakes; what pages always show has long been put together then. */
#include "words_parts.h"

#include "buf.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

#define NAMES_MAX 6

const char *eb_words_language(const eb_words_t *words)
{
    return words ? words->language : "de";
}

const char *eb_words_name(const eb_words_t *words)
{
    return words ? words->name : "Deutsch";
}

bool eb_words_rtl(const eb_words_t *words)
{
    return words && words->rtl;
}

static eb_said_t *find(const eb_words_t *words, const char *german)
{
    return words ? apr_hash_get(words->texts, german, APR_HASH_KEY_STRING) : NULL;
}

static void note_lost(eb_words_t *words, const char *german)
{
    words->missing++;
    if (!apr_hash_get(words->lost, german, APR_HASH_KEY_STRING))
        apr_hash_set(words->lost, apr_pstrdup(apr_hash_pool_get(words->lost), german),
                     APR_HASH_KEY_STRING, words);
}

static void note_taken(eb_words_t *words, eb_said_t *said)
{
    words->texts_taken += !said->taken;
    said->taken = true;
}

const char *eb_words_take(eb_words_t *words, const char *german)
{
    eb_said_t *said = find(words, german);
    if (!words)
        return german;
    words->taken++;
    if (said)
        note_taken(words, said);
    else
        note_lost(words, german);
    return said ? said->text : german;
}

/* Plain German leaves most of a form as it is, and that is the same language. */
bool eb_words_lacks(const eb_words_t *words, const char *text)
{
    return words && words->missing && strncmp(words->language, "de-", 3) != 0 &&
           apr_hash_get(words->lost, text, APR_HASH_KEY_STRING);
}

void eb_words_counts(const eb_words_t *words, int *taken, int *missing)
{
    *taken = words ? words->taken : 0;
    *missing = words ? words->missing : 0;
}

void eb_words_texts(const eb_words_t *words, int *texts, int *missing)
{
    int lost = words ? (int)apr_hash_count(words->lost) : 0;
    *missing = words ? lost + words->unsaid : 0;
    *texts = words ? words->texts_taken + lost + words->said : 0;
}

const char *eb_say(const eb_words_t *words, const char *german)
{
    const eb_said_t *said = find(words, german);
    return said ? said->text : german;
}

const char *eb_say_named(const eb_words_t *words, const char *context, const char *name)
{
    char key[200];
    if (!words)
        return NULL;
    apr_snprintf(key, sizeof(key), "%s\4%s", context, name);
    const eb_said_t *said = find(words, key);
    return said ? said->text : NULL;
}

typedef struct pair_t {
    const char *name, *value;
} pair_t;

static int take_pairs(pair_t pairs[NAMES_MAX], va_list args)
{
    int n = 0;
    for (const char *name; n < NAMES_MAX && (name = va_arg(args, const char *)) != NULL; n++)
        pairs[n] = (pair_t){name, va_arg(args, const char *)};
    return n;
}

static const char *value_of(const pair_t *pairs, int count, const char *name, apr_size_t len)
{
    for (int i = 0; i < count; i++) {
        if (!strncmp(pairs[i].name, name, len) && !pairs[i].name[len])
            return pairs[i].value;
    }
    return NULL;
}

static const char *fill(const char *text, const pair_t *pairs, int count, apr_pool_t *pool)
{
    eb_buf_t out;
    eb_buf_init(&out, strlen(text) + 64, pool);
    for (const char *open; (open = strchr(text, '{')) != NULL;) {
        apr_size_t len = strcspn(open, "}");
        const char *value = value_of(pairs, count, open + 1, len - 1);
        eb_buf_add(&out, text, (apr_size_t)(open - text));
        text = open + len + (open[len] == '}');
        if (value)
            eb_buf_puts(&out, value);
        else
            eb_buf_add(&out, open, (apr_size_t)(text - open));
    }
    eb_buf_puts(&out, text);
    return eb_buf_cstr(&out);
}

const char *eb_words_fill(const char *text, apr_pool_t *pool, ...)
{
    pair_t pairs[NAMES_MAX];
    va_list args;
    va_start(args, pool);
    int count = take_pairs(pairs, args);
    va_end(args);
    return fill(text, pairs, count, pool);
}

const char *eb_say_with(const eb_words_t *words, apr_pool_t *pool, const char *german, ...)
{
    pair_t pairs[NAMES_MAX];
    va_list args;
    va_start(args, german);
    int count = take_pairs(pairs, args);
    va_end(args);
    return fill(eb_say(words, german), pairs, count, pool);
}

static const char *find_forms(const eb_words_t *words, const char *one)
{
    return words ? apr_hash_get(words->forms, one, APR_HASH_KEY_STRING) : NULL;
}

/* The forms stand one behind the other, each with its NUL. */
static const char *form_of(const char *forms, int number)
{
    while (number-- > 0)
        forms += strlen(forms) + 1;
    return forms;
}

const char *eb_say_count(const eb_words_t *words, apr_pool_t *pool, const char *one,
                         const char *many, int count)
{
    const char *forms = find_forms(words, one), *text = count == 1 ? one : many;
    if (forms)
        text = form_of(forms, eb_plural_form(words->plural, (unsigned long)count));
    return eb_words_fill(text, pool, "count", apr_itoa(pool, count), NULL);
}

const char *eb_say_forms(const eb_words_t *words, apr_pool_t *pool, const char *one,
                         const char *many)
{
    const char *forms = find_forms(words, one);
    if (!forms)
        return apr_pstrcat(pool, one, "|", many, NULL);
    const char *all = forms;
    for (int i = 1; i < eb_plural_forms(words->plural); i++)
        all = apr_pstrcat(pool, all, "|", form_of(forms, i), NULL);
    return all;
}

const char *eb_say_date(const eb_words_t *words, eb_date_t d, apr_pool_t *pool)
{
    const char *pattern = d.day ? EB_SAY("{day}.{month}.{year}") : EB_SAY("{month}/{year}");
    const char *year = apr_psprintf(pool, "%04d", d.year);
    if (!d.year || !d.month)
        return d.year ? year : "";
    return eb_say_with(words, pool, pattern, "day", apr_psprintf(pool, "%02d", d.day), "month",
                       apr_psprintf(pool, "%02d", d.month), "year", year, NULL);
}

/* The translation of one number shows both signs: what stands between 1 and 2, and after 4. */
const char *eb_say_figure(const eb_words_t *words, const char *value, apr_pool_t *pool)
{
    const char *model = eb_say(words, "1.234,56"), *group = model + strcspn(model, "1") + 1;
    apr_size_t group_len = strcspn(group, "2");
    const char *point = group + strcspn(group, "4") + 1;
    apr_size_t minus = *value == '-', whole = strcspn(value, ".");
    eb_buf_t out;
    eb_buf_init(&out, 64, pool);
    for (apr_size_t i = 0; i < whole; i++) {
        if (i > minus && (whole - i) % 3 == 0)
            eb_buf_add(&out, group, group_len);
        eb_buf_putc(&out, value[i]);
    }
    if (value[whole]) {
        eb_buf_add(&out, point, strcspn(point, "5"));
        eb_buf_puts(&out, value + whole + 1);
    }
    return eb_buf_cstr(&out);
}
