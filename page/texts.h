/* Every German sentence and word that is not part of a form definition is a row of texts.def, so
 * that a language is one catalogue. Templates name the rows in
 * capitals. */
#ifndef EB_TEXTS_H
#define EB_TEXTS_H

#include "base/words.h"

typedef enum {
#define EB_TEXT(name, german) EB_T_##name,
#include "texts.def"
#undef EB_TEXT
    EB_T_COUNT
} eb_text_id_t;

const char *eb_text(eb_text_id_t id);                        /* plain text, as in the table */
const char *eb_text_named(const char *name, apr_size_t len); /* NULL when there is no such row */

#endif
