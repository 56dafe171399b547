/* The characters of DIN 91379 (2022-08): datatype A for names of natural persons, B for places and
 * streets, C for free text. Table-driven, so that a refusal can name the character. Text must be in
 * NFC (base/utf8.h). Source: DIN 91379, KoSIT's din-norm-91379-datatypes.xsd; t/ compares the table
 * with that file over the whole of Unicode. */
#ifndef EB_DIN91379_H
#define EB_DIN91379_H

#include "base/words.h"

#include <apr_pools.h>

typedef enum { EB_DIN_A = 1, EB_DIN_B = 2, EB_DIN_C = 4 } eb_din_t;

/* NULL when `text` (valid UTF-8, NFC) belongs to the datatype, else a pointer to the first
 * character that does not, and its length in bytes in *len. Linear. */
const char *eb_din_offender(const char *text, eb_din_t datatype, int *len);

/* Maps what word processors and phones put in (quotation marks, dashes, no-break space) to the
 * nearest characters of the datatype; everything else stays. Returns `text` itself when nothing
 * changed. */
const char *eb_din_mend(const char *text, eb_din_t datatype, apr_pool_t *pool);

/* A German sentence for the applicant about the offending character: names it („ж“), says what kind
 * it is (kyrillisch, arabisch, Ziffer …) and what to do ("Bitte schreiben Sie den Namen in
 * lateinischen Buchstaben, so wie im Pass."). */
const char *eb_din_explain(const char *offender, int len, eb_din_t datatype,
                           const eb_words_t *words, apr_pool_t *pool);

#endif
