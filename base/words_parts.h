/* Inside of words.c and words_load.c. */
#ifndef EB_WORDS_PARTS_H
#define EB_WORDS_PARTS_H

#include "plural.h"
#include "words.h"

#include <apr_hash.h>

#define EB_LANGUAGE_MAX 15 /* bytes of a language tag */

struct eb_words_t {
    apr_hash_t *texts; /* German -> translation; "context\4name" -> translation */
    apr_hash_t *forms; /* of those that have some for numbers: the first German one -> all */
    const char *language, *name;
    bool rtl;
    eb_plural_t *plural;
    int taken, missing;
};

#endif
