/* What a visitor reads, in one language: the texts that gettext has compiled from schemas/po, read
 * once when httpd starts. The key of a text is its German original, so that code and forms stay
 * readable, and what no translator has seen yet is shown in German. Read-only once httpd has
 * started; until then it notes what is missing. */
#ifndef EB_WORDS_H
#define EB_WORDS_H

#include "date.h"
#include "problem.h"

typedef struct eb_words_t eb_words_t; /* NULL, wherever one is asked for: German */

/* A .mo file of gettext, in UTF-8, at most 8 MiB. */
apr_status_t eb_words_load(eb_words_t **words, const char *file, eb_problem_t **problem,
                           apr_pool_t *pool);
const char *eb_words_language(const eb_words_t *words); /* BCP 47: "tr", "de-x-leicht"; "de" */
const char *eb_words_name(const eb_words_t *words);     /* as its speakers call it: "Türkçe" */
bool eb_words_rtl(const eb_words_t *words);             /* written from right to left */

/* While httpd starts: the text in that language, or `german` itself, counted. */
const char *eb_words_take(eb_words_t *words, const char *german);
/* It was taken in vain: a German text in another language. */
bool eb_words_lacks(const eb_words_t *words, const char *text);
/* How often that was done, and how often in vain. */
void eb_words_counts(const eb_words_t *words, int *taken, int *missing);
/* The same of different texts, and of those in the code. */
void eb_words_texts(const eb_words_t *words, int *texts, int *missing);

/* The text in that language, or `german` itself. Names in braces are left as they are. */
const char *eb_say(const eb_words_t *words, const char *german);
/* The same with the {names} filled: pairs of name and value, NULL at the end. */
const char *eb_say_with(const eb_words_t *words, apr_pool_t *pool, const char *german, ...)
    __attribute__((sentinel));
/* The form of a text that the language has for `count` things; {count} is filled. */
const char *eb_say_count(const eb_words_t *words, apr_pool_t *pool, const char *one,
                         const char *many, int count);
/* All its forms with '|' between them, for a script that counts. */
const char *eb_say_forms(const eb_words_t *words, apr_pool_t *pool, const char *one,
                         const char *many);
/* "24.03.1990", "03/1990", "1990"; "" for no date. */
const char *eb_say_date(const eb_words_t *words, eb_date_t date, apr_pool_t *pool);
/* A decimal number such as "-1234.5" with the signs that people of the language put in it. */
const char *eb_say_figure(const eb_words_t *words, const char *value, apr_pool_t *pool);
/* Under a context, such as the code of a list: NULL when there is none. */
const char *eb_say_named(const eb_words_t *words, const char *context, const char *name);

/* Fills the {names} of a text that is in its language already. */
const char *eb_words_fill(const char *text, apr_pool_t *pool, ...) __attribute__((sentinel));

/* Marks a German text that is said later, by whoever knows the language. */
#define EB_SAY(german) german

#endif
