/* The generations of the Submission API, a row for each: where things are, what they are called,
 * and what counts as done. Source: FITKO, Submission API 1.1.3 (v1); v2 as it is answered in the
 * test environment. */
#ifndef EB_FIT_PROFILE_H
#define EB_FIT_PROFILE_H

#include <stdbool.h>

typedef struct eb_fit_profile_t {
    const char *name; /* "v2" */
    /* Paths behind the base address, for printf: UUIDs and kids. */
    const char *destination, *key, *announce, *attachment, *submit, *events, *jwks;
    const char *service;                /* member of the announcement */
    const char *services;               /* member of the destination */
    bool region;                        /* the announcement names it */
    int announced, attached, submitted; /* the status of each success */
} eb_fit_profile_t;

const eb_fit_profile_t *eb_fit_profile(const char *name); /* NULL: there is none */

/* The metadata schemas that this module writes, the newest first. */
typedef struct eb_fit_schema_t {
    const char *version, *uri;
    bool service; /* the metadata name the service */
    bool author;  /* and who sends */
} eb_fit_schema_t;
const eb_fit_schema_t *eb_fit_schema(const char *version); /* NULL: not known */
/* The newest first, counting from 0; NULL beyond the last. */
const eb_fit_schema_t *eb_fit_schema_at(int index);

#endif
