/* JSON Web Encryption, the one kind that FIT-Connect takes: compact, RSA-OAEP-256, A256GCM, `cty`
 * and no `zip` (RFC 7516, RFC 7518 sections 4.3 and 5.3; FIT-Connect Submission API v2).
 *
 * A part may have to be sent twice, byte for byte the same. Content key and nonce are therefore
 * derived from a secret that is drawn once per package and the part's name; the wrapped key, which
 * OAEP makes random, is kept by the caller with its job. A pair of key and nonce meets one
 * plaintext only: `part` must differ whenever the plaintext, the recipient or the attempt does. */
#ifndef EB_JWE_H
#define EB_JWE_H

#include "base/flow.h"
#include "jwk.h"

#define EB_JWE_TAG_LEN 22 /* base64url of the authentication tag, by which SETs name a part */

typedef struct eb_jwe_part_t {
    const unsigned char *secret; /* 32 bytes */
    const char *part;            /* "<submission attempt>/<attachment id>", "…/data" */
    const char *kid, *cty;       /* of the protected header */
    const char *wrapped;         /* base64url of the encrypted key, from eb_jwe_wrap() */
} eb_jwe_part_t;

/* Encrypts the part's content key for the recipient: *wrapped, a text in the pool. */
apr_status_t eb_jwe_wrap(const char **wrapped, const eb_jwe_part_t *part, const eb_jwk_t *jwk,
                         eb_problem_t **problem, apr_pool_t *pool);
/* How long the compact form of `len` bytes of plaintext is. */
apr_uint64_t eb_jwe_len(const eb_jwe_part_t *part, apr_uint64_t len);

/* A source whose pouring yields the compact JWE of another source's bytes, while they come: memory
 * does not depend on their length. May be poured again; the bytes are the same. */
typedef struct eb_jwe_flow_t {
    eb_source_t source;
    const eb_jwe_part_t *part;
    eb_source_t *plain;
    char tag[EB_JWE_TAG_LEN + 1]; /* true after a pouring that succeeded */
} eb_jwe_flow_t;
void eb_jwe_flow(eb_jwe_flow_t *flow, const eb_jwe_part_t *part, eb_source_t *plain);
/* The same for bytes in memory: *jwe is NUL terminated, *tag a text in the pool. */
apr_status_t eb_jwe_text(const char **jwe, const char **tag, const eb_jwe_part_t *part,
                         const void *plain, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool);

#endif
