/* Security Event Tokens (RFC 8417): what has become of a submission, signed (PS512) by whoever says
 * so. Verified in the order that the specification names, and nothing of a token is believed, or
 * handed out, before its signature. Source: FITKO, details/crypto and getting-started/event-log;
 * set-payload 1.x. */
#ifndef EB_SET_H
#define EB_SET_H

#include "jwk.h"

#include <apr_tables.h>

#define EB_SET_LEN_MAX (64 * 1024)

typedef enum {
    EB_EVENT_CREATED,
    EB_EVENT_SUBMITTED,
    EB_EVENT_NOTIFIED,
    EB_EVENT_FORWARDED,
    EB_EVENT_ACCEPTED,
    EB_EVENT_REJECTED,
    EB_EVENT_DELETED,
    EB_EVENT_OTHER /* of a reply, or of a later version: nothing follows from it */
} eb_event_t;

/* A token as it claims to be: enough to find the key, and to be believed in nothing else. */
typedef struct eb_set_claim_t {
    const char *kid, *issuer; /* a destination's UUID, or the Zustelldienst's base address */
    eb_event_t event;
} eb_set_claim_t;
/* Strict: three parts, typ secevent+jwt, alg PS512, no crit, b64 or other header that changes the
 * meaning, no member twice, exactly one event, sizes within bounds. APR_EINVAL with its problem. */
apr_status_t eb_set_claim(eb_set_claim_t *claim, const char *token, eb_problem_t **problem,
                          apr_pool_t *pool);

/* What a submission is known by; the token must agree with it. */
typedef struct eb_set_expect_t {
    const char *submission, *case_id; /* UUIDs */
    const char *destination;          /* may issue accept, reject and forward */
    const char *service; /* the Zustelldienst's issuer, as configured: all but accept */
} eb_set_expect_t;

typedef struct eb_set_problem_t { /* of a rejection, to be shown escaped */
    const char *type, *title, *detail, *instance;
} eb_set_problem_t;

typedef struct eb_set_t {
    eb_event_t event;
    const char *jti, *issuer;
    apr_time_t issued;
    const json_t *tags;           /* authenticationTags {metadata, data, attachments{}}, or NULL */
    apr_array_header_t *problems; /* of eb_set_problem_t */
} eb_set_t;
/* `key` is the one that the claim's issuer publishes under the claim's kid. Its signature, then
 * iss, sub, txn, iat (not in the future by more than five minutes), and who may say what. `tags`,
 * if not NULL, must equal those of submitted and accepted tokens: authenticationTags as it was
 * sent, none less, none more; otherwise EB_P_FIT_TAGS (an alarm, and APR_EMISMATCH; *set is there,
 * since somebody has signed it). All else: APR_EACCES with its problem. */
apr_status_t eb_set_verify(eb_set_t **set, const char *token, const eb_jwk_t *key,
                           const eb_set_expect_t *expect, const json_t *tags, apr_time_t now,
                           eb_problem_t **problem, apr_pool_t *pool);

#endif
