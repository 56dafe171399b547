/* Inside of words.c and words_load.c. */
#ifndef EB_WORDS_PARTS_H
#define EB_WORDS_PARTS_H

#include "plural.h"
#include "words.h"

#include <apr_hash.h>

#define EB_LANGUAGE_MAX 15 /* bytes of a language tag */

typedef struct eb_said_t {
    const char *text;
    bool taken;
} eb_said_t;

struct eb_words_t {
    apr_hash_t *texts; /* German -> eb_said_t; "context\4name" -> eb_said_t */
    apr_hash_t *forms; /* of those that have some for numbers: the first German one -> all */
    apr_hash_t *lost;  /* German texts that were taken and have no translation */
    const char *language, *name;
    bool rtl;
    eb_plural_t *plural;
    int taken, missing; /* as often as they are used */
    int texts_taken;    /* each once; those that are missing are in `lost` */
    int said, unsaid;   /* texts of the code, which are asked for when they are needed */
};

#endif
