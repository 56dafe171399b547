/* The same lists in another language. Names come from the translators, or, for states and
 * nationalities, under the list's URN from those of iso-codes; so does the order in which the
 * language sorts them, found when the catalogue was made, with its own collation. */
#include "codelist_load.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define ORDER "*" /* the name under which the codes of a list stand in their order */

static const char *name_of(const eb_codelist_t *list, const eb_code_t *code, eb_words_t *words)
{
    const char *name = eb_say_named(words, list->urn, code->code);
    if (name)
        return name;
    return code->offered ? eb_words_take(words, code->name) : eb_say(words, code->name);
}

/* Moves the codes that `order` names to the front, one after the other. */
static void put_in_order(eb_code_t *codes, int count, const char *order)
{
    for (int place = 0; place < count && *order; place++) {
        apr_size_t len = strcspn(order, " ");
        int at = place;
        while (at < count && (strncmp(codes[at].code, order, len) != 0 || codes[at].code[len]))
            at++;
        if (at < count) {
            eb_code_t code = codes[at];
            memmove(&codes[place + 1], &codes[place], (size_t)(at - place) * sizeof(code));
            codes[place] = code;
        } else {
            place--; /* a code that this edition of the list does not have */
        }
        order += len + strspn(order + len, " ");
    }
}

static void say_list(eb_codelist_t *list, const eb_codelist_t *german, eb_words_t *words,
                     apr_pool_t *pool)
{
    const char *order = eb_say_named(words, german->urn, ORDER), *twice;
    eb_code_t *codes = apr_pmemdup(pool, german->codes, (apr_size_t)german->count * sizeof(*codes));
    for (int i = 0; i < german->count; i++)
        codes[i].name = name_of(german, &german->codes[i], words);
    if (order)
        put_in_order(codes, german->count, order);
    *list = *german;
    list->codes = codes;
    eb_codelist_index(list, &twice, pool);
}

eb_codelists_t *eb_codelists_say(const eb_codelists_t *lists, eb_words_t *words, apr_pool_t *pool)
{
    eb_codelists_t *said = apr_palloc(pool, sizeof(*said));
    said->count = lists->count;
    said->list = apr_palloc(pool, (apr_size_t)lists->count * sizeof(eb_codelist_t) + 1);
    for (int i = 0; i < lists->count; i++)
        say_list(&said->list[i], &lists->list[i], words, pool);
    return said;
}
