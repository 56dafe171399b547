/* Sealing: AES-256-GCM under keys derived with HKDF-SHA-256 from the operator's key file (and, for
 * drafts, the applicant's secret). Algorithms are fetched once, when the key file is read, so that
 * a request pays for bytes only. Sources: NIST SP 800-38D (96 bit random nonces, at most 2^32 per
 * key), RFC 5869; BSI TR-02102-1. */
#ifndef EB_SEAL_H
#define EB_SEAL_H

#include "problem.h"
#include <stdbool.h>

#define EB_KEY_LEN        32
#define EB_SEAL_NONCE_LEN 12
#define EB_SEAL_TAG_LEN   16
#define EB_SEAL_OVERHEAD  (EB_SEAL_NONCE_LEN + EB_SEAL_TAG_LEN)

typedef struct eb_keyring_t eb_keyring_t; /* read-only after loading, shared by all threads */

/* Reads the key file: lines "name base64(32 bytes)", '#' comments; the first key seals, all of them
 * open. A mode beyond 0640 is refused. The ring, and cleanups that wipe it, live in `pool`. */
apr_status_t eb_keyring_load(eb_keyring_t **ring, const char *file, eb_problem_t **problem,
                             apr_pool_t *pool);
/* Keys are named in records by a fingerprint, so that a file may be re-ordered. */
apr_uint32_t eb_keyring_current(const eb_keyring_t *ring);
bool eb_keyring_has(const eb_keyring_t *ring, apr_uint32_t key_id);
/* The name of a key in the file, counting from 0, and its fingerprint; NULL beyond the last. */
const char *eb_keyring_name(const eb_keyring_t *ring, int index, apr_uint32_t *key_id);

/* key = HKDF-SHA-256(file key `key_id` || secret, info = purpose). `secret` may be NULL.
 * APR_NOTFOUND for an unknown key. */
apr_status_t eb_key_derive(unsigned char key[EB_KEY_LEN], const eb_keyring_t *ring,
                           apr_uint32_t key_id, const char *purpose, const void *secret,
                           apr_size_t secret_len);
/* out = nonce || ciphertext || tag: len + EB_SEAL_OVERHEAD bytes, room provided by the caller,
 * apart from `in`. APR_EINVAL beyond 2 GiB. */
apr_status_t eb_seal(unsigned char *out, const eb_keyring_t *ring,
                     const unsigned char key[EB_KEY_LEN], const void *aad, apr_size_t aad_len,
                     const void *in, apr_size_t len);
/* The reverse: out has len - EB_SEAL_OVERHEAD bytes. APR_EGENERAL when anything was changed; out is
 * then wiped. */
apr_status_t eb_unseal(unsigned char *out, const eb_keyring_t *ring,
                       const unsigned char key[EB_KEY_LEN], const void *aad, apr_size_t aad_len,
                       const void *in, apr_size_t len);
/* mac = HMAC-SHA-256(key, data), cut to mac_len (at most 32) bytes. */
apr_status_t eb_mac(unsigned char *mac, apr_size_t mac_len, const eb_keyring_t *ring,
                    const unsigned char key[EB_KEY_LEN], const void *data, apr_size_t len);
bool eb_equal_secret(const void *a, const void *b, apr_size_t len); /* constant time */
apr_status_t eb_random(void *out, apr_size_t len);                  /* OpenSSL's CSPRNG */
void eb_wipe(void *secret, apr_size_t len);
void eb_sha256(unsigned char out[32], const eb_keyring_t *ring, const void *data, apr_size_t len);

/* base64url without padding (RFC 4648, section 5). Decoding is strict: APR_EINVAL for any other
 * byte, a wrong length or non-zero trailing bits. */
#define EB_BASE64URL_LEN(n) (((n)*4 + 2) / 3)
void eb_base64url(char *out, const void *in, apr_size_t len); /* NUL terminated */
apr_status_t eb_base64url_decode(void *out, apr_size_t out_len, const char *in, apr_size_t in_len);

#endif
