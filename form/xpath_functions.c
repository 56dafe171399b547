/* The function library: XPath 1.0's core (section 4) and those of XForms 1.1 that work on texts,
 * numbers and node-sets (sections 7.6 to 7.8). Lengths and positions count characters, not bytes.
 */
#include "xpath_ast.h"
#include "base/utf8.h"

#include <apr_strings.h>
#include <math.h>
#include <string.h>
#include <strings.h>

static const char *text_arg(const eb_ast_t *call, int i, const eb_focus_t *f)
{
    return eb_ast_string(call->args[i], f);
}

static double number_arg(const eb_ast_t *call, int i, const eb_focus_t *f)
{
    return eb_ast_number(call->args[i], f);
}

/* Numbers of a node-set's texts, one after another into `fold`. */
static double fold(const eb_ast_t *call, const eb_focus_t *f, double first,
                   double (*step)(double so_far, double n), int *count)
{
    eb_places_t set;
    eb_places_init(&set, f->c->pool);
    eb_ast_set(&set, call->args[0], f);
    double result = first;
    for (int i = 0; i < set.count; i++)
        result = step(result, eb_xpath_number(eb_place_string(set.list[i], f->c)));
    *count = set.count;
    return result;
}

/* booleans */

static bool do_boolean(const eb_ast_t *call, const eb_focus_t *f)
{
    return eb_ast_true(call->args[0], f);
}

static bool do_not(const eb_ast_t *call, const eb_focus_t *f)
{
    return !eb_ast_true(call->args[0], f);
}

static bool do_true(const eb_ast_t *call, const eb_focus_t *f)
{
    (void)call;
    (void)f;
    return true;
}

static bool do_false(const eb_ast_t *call, const eb_focus_t *f)
{
    (void)call;
    (void)f;
    return false;
}

static bool do_starts_with(const eb_ast_t *call, const eb_focus_t *f)
{
    const char *text = text_arg(call, 0, f), *start = text_arg(call, 1, f);
    return strncmp(text, start, strlen(start)) == 0;
}

static bool do_contains(const eb_ast_t *call, const eb_focus_t *f)
{
    return strstr(text_arg(call, 0, f), text_arg(call, 1, f)) != NULL;
}

static bool do_boolean_from_string(const eb_ast_t *call, const eb_focus_t *f)
{
    const char *text = text_arg(call, 0, f);
    return strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
}

/* numbers */

static double do_position(const eb_ast_t *call, const eb_focus_t *f)
{
    (void)call;
    return f->position;
}

static double do_last(const eb_ast_t *call, const eb_focus_t *f)
{
    (void)call;
    return f->size;
}

static double do_count(const eb_ast_t *call, const eb_focus_t *f)
{
    eb_places_t set;
    eb_places_init(&set, f->c->pool);
    eb_ast_set(&set, call->args[0], f);
    return set.count;
}

static double do_count_non_empty(const eb_ast_t *call, const eb_focus_t *f)
{
    eb_places_t set;
    eb_places_init(&set, f->c->pool);
    eb_ast_set(&set, call->args[0], f);
    int count = 0;
    for (int i = 0; i < set.count; i++)
        count += *eb_place_string(set.list[i], f->c) != '\0';
    return count;
}

static double do_number(const eb_ast_t *call, const eb_focus_t *f)
{
    return number_arg(call, 0, f);
}

static double add(double a, double b)
{
    return a + b;
}

static double do_sum(const eb_ast_t *call, const eb_focus_t *f)
{
    int count;
    return fold(call, f, 0, add, &count);
}

static double do_avg(const eb_ast_t *call, const eb_focus_t *f)
{
    int count;
    double sum = fold(call, f, 0, add, &count);
    return count ? sum / count : NAN;
}

static double smaller(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : b < a ? b : a;
}

static double larger(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : b > a ? b : a;
}

static double do_min(const eb_ast_t *call, const eb_focus_t *f)
{
    int count;
    double least = fold(call, f, INFINITY, smaller, &count);
    return count ? least : NAN;
}

static double do_max(const eb_ast_t *call, const eb_focus_t *f)
{
    int count;
    double most = fold(call, f, -INFINITY, larger, &count);
    return count ? most : NAN;
}

static double do_floor(const eb_ast_t *call, const eb_focus_t *f)
{
    return floor(number_arg(call, 0, f));
}

static double do_ceiling(const eb_ast_t *call, const eb_focus_t *f)
{
    return ceil(number_arg(call, 0, f));
}

/* The nearest whole number, a half going up, also below zero: C's round() does otherwise. */
static double rounded(double n)
{
    double below = floor(n);
    return n - below >= 0.5 ? ceil(n) : copysign(below, n);
}

static double do_round(const eb_ast_t *call, const eb_focus_t *f)
{
    return rounded(number_arg(call, 0, f));
}

static double do_power(const eb_ast_t *call, const eb_focus_t *f)
{
    return pow(number_arg(call, 0, f), number_arg(call, 1, f));
}

static double do_compare(const eb_ast_t *call, const eb_focus_t *f)
{
    int order = strcmp(text_arg(call, 0, f), text_arg(call, 1, f));
    return (order > 0) - (order < 0);
}

static double do_string_length(const eb_ast_t *call, const eb_focus_t *f)
{
    return (double)eb_utf8_length(text_arg(call, 0, f));
}

/* strings */

static const char *do_string(const eb_ast_t *call, const eb_focus_t *f)
{
    return text_arg(call, 0, f);
}

static const char *do_concat(const eb_ast_t *call, const eb_focus_t *f)
{
    eb_buf_t buf;
    eb_buf_init(&buf, 128, f->c->pool);
    for (int i = 0; i < call->count; i++)
        eb_buf_puts(&buf, text_arg(call, i, f));
    return eb_buf_cstr(&buf);
}

static const char *do_substring_before(const eb_ast_t *call, const eb_focus_t *f)
{
    const char *text = text_arg(call, 0, f), *found = strstr(text, text_arg(call, 1, f));
    return found ? apr_pstrmemdup(f->c->pool, text, found - text) : "";
}

static const char *do_substring_after(const eb_ast_t *call, const eb_focus_t *f)
{
    const char *mark = text_arg(call, 1, f), *found = strstr(text_arg(call, 0, f), mark);
    return found ? found + strlen(mark) : "";
}

/* The characters at positions p with p >= round(start) and p < round(start) + round(length), all as
 * IEEE numbers: NaN and infinity need no care. */
static const char *do_substring(const eb_ast_t *call, const eb_focus_t *f)
{
    const char *text = text_arg(call, 0, f), *end = text + strlen(text);
    double first = rounded(number_arg(call, 1, f));
    double beyond = call->count > 2 ? first + rounded(number_arg(call, 2, f)) : INFINITY;
    const char *from = NULL, *to = text, *s = text;
    for (double position = 1; s < end; position++) {
        const char *character = s;
        if (eb_utf8_next(&s, end) == EB_UTF8_BAD)
            break;
        if (position >= first && position < beyond) {
            from = from ? from : character;
            to = s;
        }
    }
    return from ? apr_pstrmemdup(f->c->pool, from, to - from) : "";
}

static const char *do_normalize_space(const eb_ast_t *call, const eb_focus_t *f)
{
    const char *text = text_arg(call, 0, f);
    char *out = apr_palloc(f->c->pool, strlen(text) + 1), *end = out;
    while (*text) {
        size_t word = strcspn(text, " \t\r\n");
        if (word && end > out)
            *end++ = ' ';
        memcpy(end, text, word);
        end += word;
        text += word;
        text += strspn(text, " \t\r\n");
    }
    *end = '\0';
    return out;
}

/* Where the character stands in `from`; -1 when it does not. */
static int index_in(const char *from, apr_uint32_t character)
{
    const char *end = from + strlen(from);
    for (int i = 0; from < end; i++) {
        apr_uint32_t next = eb_utf8_next(&from, end);
        if (next == character)
            return i;
        if (next == EB_UTF8_BAD)
            break;
    }
    return -1;
}

/* The character number `index` and its length; NULL beyond the end. */
static const char *character_at(const char *s, int index, int *len)
{
    const char *end = s + strlen(s);
    for (; s < end; index--) {
        const char *character = s;
        if (eb_utf8_next(&s, end) == EB_UTF8_BAD)
            break;
        *len = (int)(s - character);
        if (index == 0)
            return character;
    }
    return NULL;
}

static const char *do_translate(const eb_ast_t *call, const eb_focus_t *f)
{
    const char *s = text_arg(call, 0, f), *end = s + strlen(s);
    const char *from = text_arg(call, 1, f), *to = text_arg(call, 2, f);
    eb_buf_t buf;
    eb_buf_init(&buf, end - s + 1, f->c->pool);
    while (s < end) {
        const char *character = s;
        apr_uint32_t code_point = eb_utf8_next(&s, end);
        if (code_point == EB_UTF8_BAD)
            break;
        int len = (int)(s - character), found = index_in(from, code_point);
        if (found >= 0)
            character = character_at(to, found, &len);
        if (character)
            eb_buf_add(&buf, character, len);
    }
    return eb_buf_cstr(&buf);
}

static const char *do_if(const eb_ast_t *call, const eb_focus_t *f)
{
    return text_arg(call, eb_ast_true(call->args[0], f) ? 1 : 2, f);
}

/* Ours: the first node's answer as people see it, so "Polen (polnisch)" for "152". */
static const char *do_label(const eb_ast_t *call, const eb_focus_t *f)
{
    eb_places_t set;
    eb_places_init(&set, f->c->pool);
    eb_ast_set(&set, call->args[0], f);
    if (set.count == 0)
        return "";
    const eb_node_t *node = set.list[0].node;
    const char *value = eb_place_string(set.list[0], f->c);
    return *value && node->type ? node->type->show(node->type, &node->facets, value, f->c->pool)
                                : value;
}

const eb_function_t eb_functions_core[] = {
    {"boolean", "o", EB_XPATH_BOOLEAN, .boolean = do_boolean},
    {"not", "b", EB_XPATH_BOOLEAN, .boolean = do_not},
    {"true", "", EB_XPATH_BOOLEAN, .boolean = do_true},
    {"false", "", EB_XPATH_BOOLEAN, .boolean = do_false},
    {"starts-with", "ss", EB_XPATH_BOOLEAN, .boolean = do_starts_with},
    {"contains", "ss", EB_XPATH_BOOLEAN, .boolean = do_contains},
    {"boolean-from-string", "s", EB_XPATH_BOOLEAN, .boolean = do_boolean_from_string},
    {"position", "", EB_XPATH_NUMBER, .number = do_position},
    {"last", "", EB_XPATH_NUMBER, .number = do_last},
    {"count", "N", EB_XPATH_NUMBER, .number = do_count},
    {"count-non-empty", "N", EB_XPATH_NUMBER, .number = do_count_non_empty},
    {"number", ".o", EB_XPATH_NUMBER, .number = do_number},
    {"sum", "N", EB_XPATH_NUMBER, .number = do_sum},
    {"avg", "N", EB_XPATH_NUMBER, .number = do_avg},
    {"min", "N", EB_XPATH_NUMBER, .number = do_min},
    {"max", "N", EB_XPATH_NUMBER, .number = do_max},
    {"floor", "n", EB_XPATH_NUMBER, .number = do_floor},
    {"ceiling", "n", EB_XPATH_NUMBER, .number = do_ceiling},
    {"round", "n", EB_XPATH_NUMBER, .number = do_round},
    {"power", "nn", EB_XPATH_NUMBER, .number = do_power},
    {"compare", "ss", EB_XPATH_NUMBER, .number = do_compare},
    {"string-length", ".s", EB_XPATH_NUMBER, .number = do_string_length},
    {"string", ".o", EB_XPATH_STRING, .string = do_string},
    {"label", "N", EB_XPATH_STRING, .string = do_label},
    {"concat", "ss*", EB_XPATH_STRING, .string = do_concat},
    {"substring-before", "ss", EB_XPATH_STRING, .string = do_substring_before},
    {"substring-after", "ss", EB_XPATH_STRING, .string = do_substring_after},
    {"substring", "sn?n", EB_XPATH_STRING, .string = do_substring},
    {"normalize-space", ".s", EB_XPATH_STRING, .string = do_normalize_space},
    {"translate", "sss", EB_XPATH_STRING, .string = do_translate},
    {"if", "bss", EB_XPATH_STRING, .string = do_if},
    {.name = NULL},
};
