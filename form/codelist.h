/* Code lists (Genericode's idea, our own small file format: schemas/codelists/<name>.xml): codes of
 * the standards with their German names, in the order in which a person searches them: the
 * suggested entries first, then by DIN 5007-1 (umlauts as their base letters). Read-only after
 * loading; one list serves every form and thread. */
#ifndef EB_CODELIST_H
#define EB_CODELIST_H

#include "base/problem.h"
#include "base/words.h"
#include <stdbool.h>

typedef struct eb_code_t {
    const char *code;
    const char *name;
    bool suggested; /* shown at the top of the list, and again in its place */
    bool offered;   /* false: valid in old data (former states, internal codes), never shown for
                       choice */
} eb_code_t;

typedef struct eb_codelist_t {
    const char *urn;        /* listURI; NULL for a list made of a control's items alone */
    const char *version;    /* listVersionID */
    const char *name;       /* file name without folder and .xml */
    const char *title;      /* "Familienstand" */
    const eb_code_t *codes; /* in display order: by DIN 5007-1 unless the file says order="given" */
    int count;
    int *by_code; /* indices into codes, sorted by strcmp of the code */
} eb_codelist_t;

/* A library of lists, filled from every *.xml below `folder` (at most 1000 files of 8 MiB). */
typedef struct eb_codelists_t eb_codelists_t;
apr_status_t eb_codelists_load(eb_codelists_t **lists, const char *folder, eb_problem_t **problem,
                               apr_pool_t *pool);
/* The same lists in another language, in its order; `words` is not NULL and lives as long. */
eb_codelists_t *eb_codelists_say(const eb_codelists_t *lists, eb_words_t *words, apr_pool_t *pool);
/* `version` NULL: the newest loaded. NULL when absent. */
const eb_codelist_t *eb_codelists_find(const eb_codelists_t *lists, const char *urn,
                                       const char *version);
const eb_code_t *eb_codelist_code(const eb_codelist_t *list,
                                  const char *code); /* NULL when absent; binary search */

/* Fills by_code; false when a code occurs twice, *twice is then that code. For lists that do not
 * come from a file. */
bool eb_codelist_index(eb_codelist_t *list, const char **twice, apr_pool_t *pool);
/* "standard (urn 3, 4), …": what is loaded, for messages about a list that is not. */
const char *eb_codelists_names(const eb_codelists_t *lists, apr_pool_t *pool);

#endif
