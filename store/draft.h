/* Drafts: one sealed record per application, kept in a Redis stream of length one. The id of a
 * stream's entry may only grow, so `XADD key MAXLEN = 1 <version>-0` is write-if-nobody-else-did in
 * a single command, and reading is one XREVRANGE.
 *
 * The cookie holds 256 random bits. From them and the key file come the Redis key's name and the
 * key that wraps the draft's own random key (HKDF); Redis alone, or the cookie alone, opens
 * nothing. The key expires at the end of the 30th day after the applicant's last edit (§ 8a Abs. 3
 * OZG); EXPIREAT is sent only when that day changes. */
#ifndef EB_DRAFT_H
#define EB_DRAFT_H

#include "redis.h"
#include "base/date.h"
#include "base/ids.h"
#include "base/seal.h"

#define EB_DRAFT_SECRET_LEN 43 /* base64url of 32 bytes: the cookie's value */
#define EB_DRAFT_DAYS       30
#define EB_DRAFT_MAX        (640 * 1024) /* bytes of a record */

typedef enum { EB_DRAFT_EDITING, EB_DRAFT_SUBMITTING, EB_DRAFT_SUBMITTED } eb_draft_state_t;

typedef struct eb_draft_t {
    apr_uint64_t version; /* of the stored record; 0 = never stored */
    eb_draft_state_t state;
    char uuid[EB_UUID_LEN + 1];           /* drawn with the draft; names the submission */
    char number[EB_NUMBER_LEN + 1];       /* Vorgangsnummer */
    apr_time_t created, edited, accepted; /* accepted: SUBMITTED */
    apr_time_t expires;                   /* when Redis deletes it; kept exact to the second */
    unsigned char form_hash[16];
    apr_uint64_t birth,
        writer; /* tickets' nonces: of the page that created it, and of the one that wrote last */
    char node[64];       /* SUBMITTING: the host whose spool has it */
    const void *answers; /* an encoded instance (form/instance.h); opaque here */
    apr_size_t answers_len;
    /* private to draft.c */
    char secret[EB_DRAFT_SECRET_LEN + 1];
    unsigned char dek[EB_KEY_LEN];
} eb_draft_t;

typedef struct eb_drafts_t {
    eb_redis_t *redis;
    const eb_keyring_t *keys;
    const char
        *tenant; /* mixed into every derived key: a draft of one vhost is not found by another */
    int days;    /* EB_DRAFT_DAYS */
} eb_drafts_t;

/* A draft with fresh secret, key, UUID and Vorgangsnummer, not yet in Redis. */
apr_status_t eb_draft_new(eb_draft_t **draft, const eb_drafts_t *drafts, apr_time_t now,
                          eb_problem_t **problem, apr_pool_t *pool);
/* APR_NOTFOUND: there is none (expired, discarded, foreign); APR_EINVAL: `secret` is not one of
 * ours. One Redis command. */
apr_status_t eb_draft_load(eb_draft_t **draft, const eb_drafts_t *drafts, const char *secret,
                           eb_problem_t **problem, apr_pool_t *pool);
/* Stores it as version + 1. APR_EEXIST: somebody else stored first; nothing was written. `edit`:
 * the applicant changed something, so that the 30 days begin anew. One Redis round trip; one
 * command unless the day changed. */
apr_status_t eb_draft_save(eb_draft_t *draft, const eb_drafts_t *drafts, apr_time_t now, bool edit,
                           eb_problem_t **problem, apr_pool_t *pool);
apr_status_t eb_draft_delete(const eb_draft_t *draft, const eb_drafts_t *drafts,
                             eb_problem_t **problem, apr_pool_t *pool);
eb_date_t
eb_draft_last_day(const eb_draft_t *draft); /* shown to the applicant: "wird nach dem … gelöscht" */

#endif
