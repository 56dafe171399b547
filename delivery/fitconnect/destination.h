/* The destination (Zustellpunkt): whether it takes what is to be sent, and the key it is encrypted
 * for. Asked for each submission anew: keys must not be kept. */
#ifndef EB_FIT_DESTINATION_H
#define EB_FIT_DESTINATION_H

#include "fit.h"

#include <jansson.h>

/* What it must take. */
typedef struct eb_fit_want_t {
    const char *destination, *service;
    const char *region; /* NULL: any */
    const char *schema; /* NULL: any */
    const char *mime_type;
} eb_fit_want_t;

typedef struct eb_fit_destination_t {
    const char *kid;
    const eb_fit_schema_t *schema; /* of the metadata: the newest that both sides know */
} eb_fit_destination_t;

/* From the API's description of it. APR_EINVAL: it is no description (EB_P_FIT_ANSWER), or not of a
 * destination that takes this (EB_P_FIT_DESTINATION, saying what it offers). */
apr_status_t eb_fit_destination_read(eb_fit_destination_t *destination, const json_t *json,
                                     const eb_fit_profile_t *profile, const eb_fit_want_t *want,
                                     eb_problem_t **problem, apr_pool_t *pool);

/* The same from the API. `schema`: of the message, NULL: any. */
eb_step_result_t eb_fit_destination(eb_fit_destination_t *destination, const char *schema,
                                    const eb_fit_call_t *call);
/* A key of a destination, checked. *unfit (may be NULL): the answer was a key, but not a good one,
 * which asking again will not change. */
eb_step_result_t eb_fit_destination_key(eb_jwk_t **key, const char *destination, const char *kid,
                                        eb_jwk_use_t use, bool *unfit, const eb_fit_call_t *call);

/* Whether the authority should be told of its key's end: within EB_FIT_NOTICE days,
 * EB_P_FIT_KEY_ENDS and APR_INCOMPLETE. `whose`: "destination 879e…". */
#define EB_FIT_NOTICE 30
apr_status_t eb_fit_key_ends(const eb_jwk_t *key, const char *whose, apr_time_t now,
                             eb_problem_t **problem, apr_pool_t *pool);
/* "schluessel-1, until 2027-01-31", for people; and what the journal's "… key=" says of it: kid and
 * expires, to the day. False: nothing. */
const char *eb_fit_key_text(const eb_jwk_t *key, apr_pool_t *pool);
bool eb_fit_key_noted(eb_jwk_t *key, const char *detail, apr_pool_t *pool);

#endif
