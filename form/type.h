/* Data types of answers: what a bind's `type` may name. A type turns typed text into its canonical
 * form (as XML Schema writes it) or says, for people, why it cannot. Canonical text is what drafts,
 * rules and messages hold.
 *
 *   xs:string                             free text in DIN 91379 datatype C; line breaks become LF
 *   xs:normalizedString                   the same in one line
 *   eb:datatypeA eb:datatypeB             DIN 91379, one line: names of persons; places, streets
 *   eb:datatypeC                          DIN 91379 with line breaks, as xs:string
 *   xs:date eb:partialDate                "2026-11-25"; partial also "2026-11", "2026"
 *   eb:year                               "2026"
 *   xs:boolean                            "true", "false"
 *   xs:integer xs:nonNegativeInteger xs:positiveInteger xs:decimal   "1.234,56" is understood
 *   eb:amount                             euro, two places: "1234.56"
 *   eb:email eb:phone eb:postcode
 *   eb:code                               a code of the bind's code list, or of the control's items
 *   eb:files                              uploaded files: never typed, see files.h
 */
#ifndef EB_TYPE_H
#define EB_TYPE_H

#include "base/words.h"
#include "codelist.h"

typedef struct eb_facets_t {
    int max_length; /* characters; 0 = the type's own maximum (never unlimited: EB_TEXT_MAX) */
    int min_length; /* characters; 0 = none */
    const char *min, *max; /* inclusive, in canonical form, for numbers and dates; NULL = none */
    /* For eb:code: the bind's code list, or, where the control has items, a list of just these (in
     * their order; with the URN of the bind's list if it names one, else urn is NULL). */
    const eb_codelist_t *codes;
    bool multiple; /* xf:select: the value is a list of codes with one space between them */
    const eb_words_t *words; /* the language in which the form speaks; NULL: German */
} eb_facets_t;

#define EB_TEXT_MAX 2000 /* characters in one typed answer, whatever the form says */

typedef struct eb_type_t eb_type_t;
struct eb_type_t {
    const char *name;       /* "xs:date" */
    const char *input_mode; /* HTML inputmode, or NULL */
    bool multiline, date, partial, number;
    /* *value = canonical form of `text` (trimmed, NFC, digits as 0 to 9, never NULL, not empty), in
     * the pool; text itself when canonical already. On APR_EINVAL *why is a sentence for the
     * applicant: what is wrong, what was expected, an example. */
    apr_status_t (*parse)(const char **value, const char **why, const eb_type_t *type,
                          const eb_facets_t *facets, const char *text, apr_pool_t *pool);
    /* How a canonical value is shown to people: dates as 24.03.1990, amounts as 1.234,56 €,
     * booleans as ja/nein, codes by their name. What is not canonical is shown as it is. */
    const char *(*show)(const eb_type_t *type, const eb_facets_t *facets, const char *value,
                        apr_pool_t *pool);
    int detail; /* private to type_*.c */
};

const eb_type_t *eb_type_find(const char *name); /* NULL when there is no such type */

/* Which parts of a date that parse() refuses are at fault: 1 day, 2 month, 4 year; 0 = the whole.
 */
unsigned eb_type_date_faults(const eb_type_t *type, const eb_facets_t *facets, const char *text,
                             apr_pool_t *pool);

#endif
