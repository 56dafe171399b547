/* Answers that are chosen, not typed: yes or no, one code, several codes. A value that is not among
 * the choices cannot come from our own page, hence the plain wording. */
#include "type_parts.h"

#include "base/buf.h"

#include <apr_strings.h>
#include <string.h>

EB_TYPE_PARSE(boolean)
{
    static const struct {
        const char *typed, *value;
    } words[] = {{"true", "true"}, {"false", "false"}, {"1", "true"},
                 {"0", "false"},   {"on", "true"},     {"ja", "true"},
                 {"Ja", "true"},   {"nein", "false"},  {"Nein", "false"}};
    (void)type;
    (void)pool;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i].typed) == 0) {
            *value = words[i].value;
            return APR_SUCCESS;
        }
    }
    *why = eb_say(facets->words,
                  "Diese Antwort ist nicht möglich. Bitte wählen Sie „Ja“ oder „Nein“.");
    return APR_EINVAL;
}

EB_TYPE_SHOW(boolean)
{
    (void)type;
    (void)pool;
    if (strcmp(value, "true") == 0)
        return eb_say(facets->words, "ja");
    return strcmp(value, "false") == 0 ? eb_say(facets->words, "nein") : value;
}

/* The next word of a list of codes, *text moved behind it; NULL at the end. */
static const char *next_word(const char **text, apr_pool_t *pool)
{
    *text += strspn(*text, " ");
    apr_size_t len = strcspn(*text, " ");
    const char *word = len ? apr_pstrmemdup(pool, *text, len) : NULL;
    *text += len;
    return word;
}

static apr_status_t parse_several(const char **value, const eb_codelist_t *codes, const char *text,
                                  apr_pool_t *pool)
{
    bool *chosen = apr_pcalloc(pool, (apr_size_t)codes->count * sizeof(bool));
    eb_buf_t out;
    for (const char *word; (word = next_word(&text, pool));) {
        const eb_code_t *code = eb_codelist_code(codes, word);
        if (!code)
            return APR_EINVAL;
        chosen[code - codes->codes] = true;
    }
    eb_buf_init(&out, 64, pool);
    for (int i = 0; i < codes->count; i++) {
        if (chosen[i])
            eb_buf_printf(&out, "%s%s", out.len ? " " : "", codes->codes[i].code);
    }
    *value = eb_buf_cstr(&out);
    return APR_SUCCESS;
}

EB_TYPE_PARSE(code)
{
    (void)type;
    if (facets->codes && facets->multiple) {
        if (parse_several(value, facets->codes, text, pool) == APR_SUCCESS && **value)
            return APR_SUCCESS;
    } else if (facets->codes) {
        const eb_code_t *code = eb_codelist_code(facets->codes, text);
        *value = code ? code->code : NULL;
        if (code)
            return APR_SUCCESS;
    }
    *why = eb_say(facets->words, "Diese Antwort steht nicht zur Auswahl. Bitte wählen Sie einen "
                                 "Eintrag aus der Liste.");
    return APR_EINVAL;
}

EB_TYPE_SHOW(code)
{
    eb_buf_t out;
    (void)type;
    if (!facets->codes)
        return value;
    if (!facets->multiple) {
        const eb_code_t *code = eb_codelist_code(facets->codes, value);
        return code ? code->name : value;
    }
    eb_buf_init(&out, 128, pool);
    for (const char *word; (word = next_word(&value, pool));) {
        const eb_code_t *code = eb_codelist_code(facets->codes, word);
        eb_buf_printf(&out, "%s%s", out.len ? ", " : "", code ? code->name : word);
    }
    return eb_buf_cstr(&out);
}
