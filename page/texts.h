/* Every German sentence and word that is not part of a form definition is a row of texts.def, so
 * that a language is one catalogue. Templates name the rows in capitals. */
#ifndef EB_TEXTS_H
#define EB_TEXTS_H

#include "base/buf.h"
#include "base/words.h"

#include <apr_hash.h>

typedef enum {
#define EB_TEXT(name, german) EB_T_##name,
#include "texts.def"
#undef EB_TEXT
    EB_T_COUNT
} eb_text_id_t;

typedef struct eb_texts_t { /* in one language */
    const char *text[EB_T_COUNT];
    apr_hash_t *by_name; /* "BACK" -> its text */
    const eb_words_t *words;
} eb_texts_t;

const char *eb_text(eb_text_id_t id); /* in German: plain text, as in the table */
eb_texts_t *eb_texts_make(eb_words_t *words, apr_pool_t *pool);
/* A text among tags, with its language where that is not the page's: German, for want of a
 * translation. */
void eb_text_write(eb_buf_t *out, const char *text, const eb_words_t *words);
/* What is German on every page, or at least Latin: an address, a telephone number, a paragraph. */
void eb_german_write(eb_buf_t *out, const char *text, const eb_words_t *words);
/* NULL when there is no such row. */
const char *eb_texts_named(const eb_texts_t *texts, const char *name, apr_size_t len);

#endif
