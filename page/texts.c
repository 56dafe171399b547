/* The table of texts.def, and the same table in another language. Looking a name up is for the
 * start of httpd; a request uses ids. */
#include "texts.h"

#include <apr_strings.h>
#include <string.h>

static const struct {
    const char *name, *german;
} table[] = {
#define EB_TEXT(name, german) {#name, german},
#include "texts.def"
#undef EB_TEXT
};

const char *eb_text(eb_text_id_t id)
{
    return table[id].german;
}

/* A catalogue keeps the forms for numbers in one text, under the first of them. */
static bool is_form(const char *name)
{
    apr_size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, "_MANY") == 0;
}

eb_texts_t *eb_texts_make(eb_words_t *words, apr_pool_t *pool)
{
    eb_texts_t *texts = apr_palloc(pool, sizeof(*texts));
    texts->by_name = apr_hash_make(pool);
    texts->words = words;
    for (int i = 0; i < EB_T_COUNT; i++) {
        texts->text[i] =
            is_form(table[i].name) ? table[i].german : eb_words_take(words, table[i].german);
        apr_hash_set(texts->by_name, table[i].name, APR_HASH_KEY_STRING, texts->text[i]);
    }
    return texts;
}

const char *eb_texts_named(const eb_texts_t *texts, const char *name, apr_size_t len)
{
    return apr_hash_get(texts->by_name, name, (apr_ssize_t)len);
}

static void write_german(eb_buf_t *out, const char *text, bool elsewhere)
{
    if (elsewhere)
        eb_buf_puts(out, "<span lang='de' dir='ltr'>");
    eb_buf_html(out, text);
    if (elsewhere)
        eb_buf_puts(out, "</span>");
}

void eb_text_write(eb_buf_t *out, const char *text, const eb_words_t *words)
{
    write_german(out, text, eb_words_lacks(words, text));
}

void eb_german_write(eb_buf_t *out, const char *text, const eb_words_t *words)
{
    write_german(out, text, strncmp(eb_words_language(words), "de", 2) != 0);
}
