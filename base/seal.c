/* The cryptography of a request: thin, and on contexts that live for one call, since OpenSSL's are
 * not to be shared by threads and a new one costs a fraction of a microsecond. HKDF is spelled out
 * as the two HMAC calls of RFC 5869 that 32 bytes of output need: OpenSSL's own EVP_KDF fetches its
 * digest by name in every call. */
#include "keyring.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

/* A failure is told by status; left in the thread's queue, mod_ssl would take it for its own. */
static apr_status_t settled(bool good)
{
    if (good)
        return APR_SUCCESS;
    ERR_clear_error();
    return APR_EGENERAL;
}

static bool update(EVP_MAC_CTX *ctx, const void *data, apr_size_t len)
{
    return !len || EVP_MAC_update(ctx, data, len) == 1;
}

static bool final(EVP_MAC_CTX *ctx, unsigned char out[32])
{
    size_t len;
    return EVP_MAC_final(ctx, out, &len, 32) == 1 && len == 32;
}

/* prk = HMAC(zeros, key || secret); the template is keyed with the zeros already. */
static bool hkdf_extract(EVP_MAC_CTX *ctx, unsigned char prk[32], const eb_file_key_t *key,
                         const void *secret, apr_size_t secret_len)
{
    return update(ctx, key->bytes, EB_KEY_LEN) && update(ctx, secret, secret_len) &&
           final(ctx, prk);
}

/* okm = HMAC(prk, info || 1): the first block, and all that is needed. */
static bool hkdf_expand(EVP_MAC_CTX *ctx, unsigned char okm[32], const unsigned char prk[32],
                        const char *info)
{
    return EVP_MAC_init(ctx, prk, 32, NULL) == 1 && update(ctx, info, strlen(info)) &&
           update(ctx, "\001", 1) && final(ctx, okm);
}

apr_status_t eb_key_derive(unsigned char key[EB_KEY_LEN], const eb_keyring_t *ring,
                           apr_uint32_t key_id, const char *purpose, const void *secret,
                           apr_size_t secret_len)
{
    const eb_file_key_t *file_key = eb_keyring_find(ring, key_id);
    unsigned char prk[32];

    if (!file_key)
        return APR_NOTFOUND;
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(ring->hmac);
    bool good = ctx && hkdf_extract(ctx, prk, file_key, secret, secret ? secret_len : 0) &&
                hkdf_expand(ctx, key, prk, purpose);
    EVP_MAC_CTX_free(ctx);
    eb_wipe(prk, sizeof prk);
    return settled(good);
}

apr_status_t eb_mac(unsigned char *mac, apr_size_t mac_len, const eb_keyring_t *ring,
                    const unsigned char key[EB_KEY_LEN], const void *data, apr_size_t len)
{
    unsigned char whole[32];

    if (mac_len > sizeof whole)
        return APR_EINVAL;
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(ring->hmac);
    bool good = ctx && EVP_MAC_init(ctx, key, EB_KEY_LEN, NULL) == 1 && update(ctx, data, len) &&
                final(ctx, whole);
    EVP_MAC_CTX_free(ctx);
    if (good)
        memcpy(mac, whole, mac_len);
    return settled(good);
}

/* EVP counts in int. */
static bool fits(apr_size_t len, apr_size_t aad_len)
{
    return len <= INT_MAX - EB_SEAL_OVERHEAD && aad_len <= INT_MAX;
}

static bool encrypt(EVP_CIPHER_CTX *ctx, unsigned char *out, const void *aad, apr_size_t aad_len,
                    const void *in, apr_size_t len)
{
    int n;
    return (!aad_len || EVP_EncryptUpdate(ctx, NULL, &n, aad, (int)aad_len) == 1) &&
           (!len || EVP_EncryptUpdate(ctx, out, &n, in, (int)len) == 1) &&
           EVP_EncryptFinal_ex(ctx, out + len, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, EB_SEAL_TAG_LEN, out + len) == 1;
}

apr_status_t eb_seal(unsigned char *out, const eb_keyring_t *ring,
                     const unsigned char key[EB_KEY_LEN], const void *aad, apr_size_t aad_len,
                     const void *in, apr_size_t len)
{
    if (!fits(len, aad_len))
        return APR_EINVAL;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool good = ctx && RAND_bytes(out, EB_SEAL_NONCE_LEN) == 1 &&
                EVP_EncryptInit_ex2(ctx, ring->cipher, key, out, NULL) == 1 &&
                encrypt(ctx, out + EB_SEAL_NONCE_LEN, aad, aad_len, in, len);
    EVP_CIPHER_CTX_free(ctx);
    if (!good)
        eb_wipe(out, len + EB_SEAL_OVERHEAD); /* no half-sealed text leaves here by mistake */
    return settled(good);
}

/* The tag is handed to OpenSSL as a writable copy, which its interface wants. */
static bool decrypt(EVP_CIPHER_CTX *ctx, unsigned char *out, const void *aad, apr_size_t aad_len,
                    const unsigned char *in, apr_size_t len)
{
    unsigned char tag[EB_SEAL_TAG_LEN];
    int n;

    memcpy(tag, in + len, sizeof tag);
    return (!aad_len || EVP_DecryptUpdate(ctx, NULL, &n, aad, (int)aad_len) == 1) &&
           (!len || EVP_DecryptUpdate(ctx, out, &n, in, (int)len) == 1) &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1 &&
           EVP_DecryptFinal_ex(ctx, out + len, &n) == 1;
}

apr_status_t eb_unseal(unsigned char *out, const eb_keyring_t *ring,
                       const unsigned char key[EB_KEY_LEN], const void *aad, apr_size_t aad_len,
                       const void *in, apr_size_t len)
{
    const unsigned char *nonce = in;

    if (len < EB_SEAL_OVERHEAD || !fits(len - EB_SEAL_OVERHEAD, aad_len))
        return APR_EGENERAL;
    apr_size_t text_len = len - EB_SEAL_OVERHEAD;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool good = ctx && EVP_DecryptInit_ex2(ctx, ring->cipher, key, nonce, NULL) == 1 &&
                decrypt(ctx, out, aad, aad_len, nonce + EB_SEAL_NONCE_LEN, text_len);
    EVP_CIPHER_CTX_free(ctx);
    if (!good)
        eb_wipe(out, text_len);
    return settled(good);
}

/* The private generator: what comes from here becomes keys and ids, unlike a nonce, which everyone
 * may see. */
apr_status_t eb_random(void *out, apr_size_t len)
{
    return settled(len <= INT_MAX && RAND_priv_bytes(out, (int)len) == 1);
}

bool eb_equal_secret(const void *a, const void *b, apr_size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void eb_wipe(void *secret, apr_size_t len)
{
    OPENSSL_cleanse(secret, len);
}

/* Only a lack of memory can make a fetched digest fail; then httpd's pools abort as well, and a
 * made-up hash would be worse. */
void eb_sha256(unsigned char out[32], const eb_keyring_t *ring, const void *data, apr_size_t len)
{
    if (EVP_Digest(data, len, out, NULL, ring->sha256, NULL) != 1)
        abort();
}
