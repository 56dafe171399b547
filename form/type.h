/* Data types of answers: what a bind's `type` may name. A type turns typed text into its canonical
 * form (as XML Schema writes it) or says, for people, why it cannot. Canonical text is what drafts,
 * rules and messages hold.
 *
 *   xs:string xs:normalizedString  free text in DIN 91379 datatype C (string keeps line breaks;
 * they become LF) eb:datatypeA eb:datatypeB eb:datatypeC   DIN 91379 xs:date, eb:partialDate
 * "2026-11-25"; partial also "2026-11", "2026" xs:boolean                     "true", "false"
 *   xs:integer xs:nonNegativeInteger xs:positiveInteger xs:decimal   German "1.234,56" is
 * understood; eb:amount: decimal, two places, euro eb:email eb:phone eb:postcode eb:year eb:code a
 * code of the bind's code list, or of the control's items
 */
#ifndef EB_TYPE_H
#define EB_TYPE_H

#include "codelist.h"

typedef struct eb_facets_t {
    int max_length; /* characters; 0 = the type's own maximum (never unlimited: EB_TEXT_MAX) */
    int min_length; /* characters; 0 = none */
    const char *min, *max; /* inclusive, in canonical form, for numbers and dates; NULL = none */
    const eb_codelist_t *codes; /* for eb:code bound to a list; NULL otherwise */
} eb_facets_t;

#define EB_TEXT_MAX 2000 /* characters in one answer, whatever the form says */

typedef struct eb_type_t eb_type_t;
struct eb_type_t {
    const char *name;       /* "xs:date" */
    const char *input_mode; /* HTML inputmode, or NULL */
    bool multiline, date, partial, number;
    /* *value = canonical form of `text` (trimmed, NFC, never NULL, not empty), in the pool; text
     * itself when canonical already. On APR_EINVAL *why is a German sentence for the applicant:
     * what is wrong, what was expected, an example. */
    apr_status_t (*parse)(const char **value, const char **why, const eb_type_t *type,
                          const eb_facets_t *facets, const char *text, apr_pool_t *pool);
    /* How a canonical value is shown to people: dates as 24.03.1990, amounts as 1.234,56 €,
     * booleans as ja/nein. */
    const char *(*show)(const eb_type_t *type, const eb_facets_t *facets, const char *value,
                        apr_pool_t *pool);
    int detail; /* private to type.c */
};

const eb_type_t *eb_type_find(const char *name); /* NULL when there is no such type */

#endif
