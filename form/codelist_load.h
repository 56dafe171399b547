/* Inside of the library of code lists, shared by codelist.c and codelist_load.c. */
#ifndef EB_CODELIST_LOAD_H
#define EB_CODELIST_LOAD_H

#include "codelist.h"

struct eb_codelists_t {
    eb_codelist_t *list; /* in the order of file names */
    int count;
};

/* The sort key of a name after DIN 5007-1: accents folded away (ä as a, ß as ss, ł as l), case
 * ignored, a hyphen as a space. */
const char *eb_codelist_key(const char *name, apr_pool_t *pool);

#endif
