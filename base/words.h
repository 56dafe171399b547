/* What a visitor reads, in one language: the texts that gettext has compiled from schemas/po, read
 * once when httpd starts. The key of a text is its German original, so that code and forms stay
 * readable, and what no translator has seen yet is shown in German. Read-only after loading. */
#ifndef EB_WORDS_H
#define EB_WORDS_H

#include "date.h"

#include <apr_pools.h>

typedef struct eb_words_t eb_words_t; /* NULL, wherever one is asked for: German */

/* The text in that language, or `german` itself. Names in braces are left as they are. */
const char *eb_say(const eb_words_t *words, const char *german);
/* The same with the {names} filled: pairs of name and value, NULL at the end. */
const char *eb_say_with(const eb_words_t *words, apr_pool_t *pool, const char *german, ...)
    __attribute__((sentinel));
/* The form of a text that the language has for `count` things; {count} is filled. */
const char *eb_say_count(const eb_words_t *words, apr_pool_t *pool, const char *one,
                         const char *many, int count);
/* "24.03.1990", "03/1990", "1990"; "" for no date. */
const char *eb_say_date(const eb_words_t *words, eb_date_t date, apr_pool_t *pool);
/* A decimal number such as "-1234.5" with the signs that people of the language put in it. */
const char *eb_say_figure(const eb_words_t *words, const char *value, apr_pool_t *pool);
/* Fills the {names} of a text that is in its language already. */
const char *eb_words_fill(const char *text, apr_pool_t *pool, ...) __attribute__((sentinel));

/* Marks a German text that is said later, by whoever knows the language. */
#define EB_SAY(german) german

#endif
