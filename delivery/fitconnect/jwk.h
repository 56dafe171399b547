/* Keys as FIT-Connect hands them out: JSON Web Keys (RFC 7517), RSA of 4096 bits, with the
 * certificate that vouches for them. Nothing is encrypted for a key, and no signature believed,
 * that has not passed eb_jwk_check(). Source: FIT-Connect Submission API 1.1.3, schemas
 * EncryptionPublicKey and SignaturePublicKey; FITKO, details/crypto. */
#ifndef EB_JWK_H
#define EB_JWK_H

#include "base/problem.h"

#include <apr_time.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

#define EB_JWK_BITS_MIN 4096
#define EB_JWK_LEN_MAX  (64 * 1024) /* of the JSON text */

typedef enum { EB_JWK_ENCRYPT, EB_JWK_VERIFY } eb_jwk_use_t;

typedef struct eb_jwk_t {
    const char *kid;
    eb_jwk_use_t use;
    EVP_PKEY *key;      /* freed with the pool */
    apr_time_t expires; /* of its certificate; 0 = it has none */
    const char *text;   /* the JSON as it was read: evidence for the journal */
} eb_jwk_t;

/* What a key's certificate must lead up to. Read-only after loading, shared by all threads. */
typedef struct eb_trust_t eb_trust_t;
/* `file`: PEM certificates (the roots of the Verwaltungs-PKI), NULL: none, which only
 * `self_signed` makes up for: keys of the test environment vouch for themselves. `crl_file`: PEM
 * revocation lists, or NULL: revocation is not looked at. */
apr_status_t eb_trust_load(eb_trust_t **trust, const char *file, const char *crl_file,
                           bool self_signed, eb_problem_t **problem, apr_pool_t *pool);

/* From the JSON of one key: kty RSA, at least EB_JWK_BITS_MIN bits, e = AQAB, `alg` and `key_ops`
 * exactly those of `use`, kid equal to the one asked for, x5c[0]'s key equal to (n, e), its chain
 * up to the trust, valid now. The problem says which of these failed, in words an operator can send
 * to the authority. `now` decides about validity. */
apr_status_t eb_jwk_check(eb_jwk_t **jwk, const json_t *json, const char *kid, eb_jwk_use_t use,
                          const eb_trust_t *trust, apr_time_t now, eb_problem_t **problem,
                          apr_pool_t *pool);
/* The same for a key of the Zustelldienst's own key set ({"keys": […]}), chosen by kid, which
 * carries no certificate of the Verwaltungs-PKI: TLS vouches for it. */
apr_status_t eb_jwk_from_set(eb_jwk_t **jwk, const json_t *set, const char *kid,
                             eb_problem_t **problem, apr_pool_t *pool);

#endif
