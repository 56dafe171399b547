/* Drafts: one sealed record per application, kept in a Redis stream of length one. The id of a
 * stream's entry may only grow, so `XADD key MAXLEN = 1 <version>-0` is write-if-nobody-else-did in
 * a single command, and reading is one XREVRANGE.
 *
 * The cookie holds the draft's secret: 135 random bits, written as a code (base/code.h) so that a
 * person can note it down and open the draft elsewhere. From it comes the Redis key's name (HMAC),
 * and from it and the key file the key that wraps the draft's own random key (HKDF); Redis alone,
 * or the code alone, opens nothing. There is one code for a draft's whole life: another one would
 * be another name, for the draft and for each of its files, perhaps on another node of a cluster,
 * and would make the note at home worthless. Whoever has the cookie may see it, since they can open
 * the draft anyway.
 *
 * The name does not depend on the key file, and a record tells which of its keys was used: a new
 * key file key loses no draft, and the next save moves the draft to it. The Redis key expires at
 * the end of the 30th day after the applicant's last edit (§ 8a Abs. 3 OZG); EXPIREAT is sent only
 * when that day changes. */
#ifndef EB_DRAFT_H
#define EB_DRAFT_H

#include "redis.h"
#include "base/code.h"
#include "base/date.h"
#include "base/ids.h"
#include "base/seal.h"

#define EB_DRAFT_CODE       6 /* groups of the secret */
#define EB_DRAFT_SECRET_LEN EB_CODE_LEN(EB_DRAFT_CODE)
#define EB_DRAFT_DAYS       30
#define EB_DRAFT_MAX        (800 * 1024) /* bytes of a record */
#define EB_DRAFT_NAME_LEN   54           /* "eb:{" 43 characters "}:draft" */

typedef enum { EB_DRAFT_EDITING, EB_DRAFT_SUBMITTING, EB_DRAFT_SUBMITTED } eb_draft_state_t;

typedef struct eb_draft_t {
    apr_uint64_t version; /* of the stored record; 0 = never stored */
    eb_draft_state_t state;
    char uuid[EB_UUID_LEN + 1];           /* names the submission: eb_claim_uuid() */
    char number[EB_NUMBER_LEN + 1];       /* Vorgangsnummer */
    apr_time_t created, edited, accepted; /* accepted: SUBMITTED */
    apr_time_t expires;                   /* when Redis deletes it; kept exact to the second */
    unsigned char form_hash[16];
    apr_uint64_t birth,
        writer; /* tickets' nonces: of the page that created it, and of the one that wrote last */
    char language[16];   /* in which it was last filled in: "tr"; "": not said */
    char node[64];       /* SUBMITTING: the host whose spool has it */
    const void *answers; /* an encoded instance (form/instance.h); opaque here */
    apr_size_t answers_len;
    const void *sent; /* SUBMITTED: the message that the authority gets, or NULL; opaque here */
    apr_size_t sent_len;
    /* Ids of the uploaded files (upload.h) that the answers name: set by the caller before saving
     * and deleting, so that they live and die with the draft. Never stored. */
    const char *const *files;
    int files_count;
    /* private to draft.c */
    char secret[EB_DRAFT_SECRET_LEN + 1]; /* what the cookie carries; wiped with the pool */
    char name[EB_DRAFT_NAME_LEN + 1];     /* of the Redis key */
    unsigned char dek[EB_KEY_LEN];        /* seals the record; wiped with the pool */
    unsigned char wrap[EB_KEY_LEN + EB_SEAL_OVERHEAD]; /* dek, sealed */
    apr_uint32_t key_id; /* the key file key in `wrap`; valid when `wrapped` */
    bool wrapped;
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
 * ours; both without a problem. One Redis command. */
apr_status_t eb_draft_load(eb_draft_t **draft, const eb_drafts_t *drafts, const char *secret,
                           eb_problem_t **problem, apr_pool_t *pool);
/* Stores it as version + 1. APR_EEXIST: somebody else stored first; APR_NOTFOUND: it was discarded
 * or has expired meanwhile; both without a problem, and nothing was written. `edit`: the applicant
 * changed something, so that the 30 days begin anew. One Redis round trip; one command unless the
 * day changed. A file that is missing from Redis is no failure.
 *
 * After any other failure nobody knows whether it was written (the reply may have been lost). Do
 * not save the same draft again: load it, and where its version has grown by one and `writer` is
 * one's own, it was. */
apr_status_t eb_draft_save(eb_draft_t *draft, const eb_drafts_t *drafts, apr_time_t now, bool edit,
                           eb_problem_t **problem, apr_pool_t *pool);
/* The draft and its files, in one round trip. */
apr_status_t eb_draft_delete(const eb_draft_t *draft, const eb_drafts_t *drafts,
                             eb_problem_t **problem, apr_pool_t *pool);
eb_date_t
eb_draft_last_day(const eb_draft_t *draft); /* shown to the applicant: "wird nach dem … gelöscht" */

#endif
