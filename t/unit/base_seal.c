/* Sealing against published vectors (SHA: FIPS 180-4; HMAC: RFC 4231; GCM: McGrew and Viega, cases
 * 13 to 16, which NIST took over) and HKDF against OpenSSL's own, which must pass RFC 5869 first.
 */
#include "base/seal.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static const unsigned char file_key[EB_KEY_LEN] = "0123456789abcdef0123456789ABCDEF";
#define FILE_KEY_BASE64 "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY="
#define NEW_KEY_BASE64  "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="

static eb_keyring_t *load(const char *text, apr_pool_t *pool)
{
    char path[] = "/tmp/eb-seal-XXXXXX";
    eb_keyring_t *ring = NULL;
    int fd = mkstemp(path); /* 0600 */
    if (fd < 0 || write(fd, text, strlen(text)) < 0 ||
        eb_keyring_load(&ring, path, NULL, pool) != APR_SUCCESS)
        exit(1);
    close(fd);
    unlink(path);
    return ring;
}

static size_t unhex(unsigned char *out, const char *hex)
{
    size_t n = 0;
    unsigned byte;
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
        out[n++] = (unsigned char)byte;
    return n;
}

static void is_hex(const unsigned char *got, const char *hex, const char *name)
{
    unsigned char want[256];
    size_t n = unhex(want, hex);
    ok(memcmp(got, want, n) == 0, name);
}

static void test_hashes(const eb_keyring_t *ring)
{
    unsigned char out[32];
    unsigned char key_1[EB_KEY_LEN], key_2[EB_KEY_LEN] = "Jefe"; /* HMAC pads with zeros as well */

    eb_sha256(out, ring, "abc", 3);
    is_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "SHA-256");

    memset(key_1, 0, sizeof key_1);
    memset(key_1, 0x0b, 20);
    is_int(eb_mac(out, 32, ring, key_1, "Hi There", 8), APR_SUCCESS, "a MAC");
    is_hex(out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", "RFC 4231, 1");
    memset(out, 0xEE, sizeof out);
    eb_mac(out, 16, ring, key_2, "what do ya want for nothing?", 28);
    is_hex(out, "5bdcc146bf60754e6a042426089575c7eeeeeeee", "RFC 4231, 2, cut to 16 bytes");
    is_int(eb_mac(out, 33, ring, key_2, "", 0), APR_EINVAL, "a MAC has 32 bytes");
}

static bool oracle(unsigned char *out, size_t out_len, const void *ikm, size_t ikm_len,
                   const char *info)
{
    char digest[] = "SHA256";
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)ikm, ikm_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, strlen(info)),
        OSSL_PARAM_construct_end()};
    bool good = EVP_KDF_derive(ctx, out, out_len, params) == 1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return good;
}

static void test_derive(const eb_keyring_t *ring)
{
    unsigned char ikm[EB_KEY_LEN + 100], want[42], got[EB_KEY_LEN];
    bool same = true;

    memset(ikm, 0x0b, 22);
    oracle(want, 42, ikm, 22, "");
    is_hex(want,
           "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
           "the oracle passes RFC 5869, case 3");

    memcpy(ikm, file_key, EB_KEY_LEN);
    for (size_t n = 0; n <= 100; n++) {
        const char *purpose = n % 2 ? "draft" : "";
        eb_random(ikm + EB_KEY_LEN, n);
        oracle(want, EB_KEY_LEN, ikm, EB_KEY_LEN + n, purpose);
        same = same && eb_key_derive(got, ring, eb_keyring_current(ring), purpose, ikm + EB_KEY_LEN,
                                     n) == APR_SUCCESS;
        same = same && memcmp(got, want, EB_KEY_LEN) == 0;
    }
    ok(same, "derived keys are HKDF's, with secrets of every length");
    oracle(want, EB_KEY_LEN, ikm, EB_KEY_LEN, "csrf");
    eb_key_derive(got, ring, eb_keyring_current(ring), "csrf", NULL, 0);
    ok(memcmp(got, want, EB_KEY_LEN) == 0, "and without a secret");
    is_int(eb_key_derive(got, ring, eb_keyring_current(ring) ^ 1, "x", NULL, 0), APR_NOTFOUND,
           "an unknown key");
}

static void opens(const eb_keyring_t *ring, const char *key_hex, const char *sealed_hex,
                  const char *aad_hex, const char *text_hex, const char *name)
{
    unsigned char key[EB_KEY_LEN], sealed[256], aad[64], out[256];
    unhex(key, key_hex);
    size_t len = unhex(sealed, sealed_hex), aad_len = unhex(aad, aad_hex);
    is_int(eb_unseal(out, ring, key, aad, aad_len, sealed, len), APR_SUCCESS, name);
    is_hex(out, text_hex, "  to the text that was sealed");
}

static void test_vectors(const eb_keyring_t *ring)
{
    static const char zero[] = "0000000000000000000000000000000000000000000000000000000000000000";
    static const char key[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";

    opens(ring, zero, "000000000000000000000000530f8afbc74536b9a963b4f1c4cb738b", "", "",
          "GCM, case 13: nothing");
    opens(
        ring, zero,
        "000000000000000000000000cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
        "", "00000000000000000000000000000000", "GCM, case 14: one block");
    opens(ring, key,
          "cafebabefacedbaddecaf888"
          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
          "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
          "76fc6ece0f4e1768cddf8853bb2d551b",
          "feedfacedeadbeeffeedfacedeadbeefabaddad2",
          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
          "GCM, case 16: with associated data");
}

static void test_round_trip(const eb_keyring_t *ring, apr_pool_t *pool)
{
    const size_t sizes[] = {0, 1, 15, 16, 17, 4096, 65536, 1000003};
    const unsigned char *key = file_key;
    bool same = true;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i];
        unsigned char *in = apr_palloc(pool, n + 1), *out = apr_palloc(pool, n + EB_SEAL_OVERHEAD);
        unsigned char *back = apr_palloc(pool, n + 1);
        eb_random(in, n);
        same = same && eb_seal(out, ring, key, "aad", 3, in, n) == APR_SUCCESS;
        same = same && eb_unseal(back, ring, key, "aad", 3, out, n + EB_SEAL_OVERHEAD) == 0;
        same = same && memcmp(in, back, n) == 0;
    }
    ok(same, "texts of all sizes come back");

    unsigned char a[EB_SEAL_OVERHEAD + 1], b[EB_SEAL_OVERHEAD + 1];
    eb_seal(a, ring, key, NULL, 0, "x", 1);
    eb_seal(b, ring, key, NULL, 0, "x", 1);
    ok(memcmp(a, b, EB_SEAL_NONCE_LEN) != 0, "each seal has its own nonce");
}

static bool is_wiped(const unsigned char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (out[i])
            return false;
    return true;
}

static void test_tampering(const eb_keyring_t *ring)
{
    enum { LEN = 100 };
    unsigned char in[LEN], sealed[LEN + EB_SEAL_OVERHEAD], out[LEN + 1], key[EB_KEY_LEN];
    bool bytes = true, cuts = true;

    memset(in, 'x', LEN);
    memcpy(key, file_key, EB_KEY_LEN);
    eb_seal(sealed, ring, key, "aad", 3, in, LEN);
    for (size_t i = 0; i < sizeof sealed; i++)
        for (int bit = 0; bit < 8; bit++) {
            sealed[i] ^= (unsigned char)(1 << bit);
            memset(out, 'x', LEN);
            bytes = bytes && eb_unseal(out, ring, key, "aad", 3, sealed, sizeof sealed) != 0 &&
                    is_wiped(out, LEN);
            sealed[i] ^= (unsigned char)(1 << bit);
        }
    ok(bytes, "every changed bit is noticed, and nothing comes out");
    for (size_t len = 0; len < sizeof sealed; len++)
        cuts = cuts && eb_unseal(out, ring, key, "aad", 3, sealed, len) == APR_EGENERAL;
    ok(cuts, "every cut is noticed");
    ok(eb_unseal(out, ring, key, "aaD", 3, sealed, sizeof sealed), "other associated data");
    ok(eb_unseal(out, ring, key, "aad", 2, sealed, sizeof sealed), "shorter associated data");
    ok(eb_unseal(out, ring, key, NULL, 0, sealed, sizeof sealed), "no associated data");
    key[31] ^= 1;
    ok(eb_unseal(out, ring, key, "aad", 3, sealed, sizeof sealed), "another key");
    key[31] ^= 1;
    is_int(eb_unseal(out, ring, key, "aad", 3, sealed, sizeof sealed), APR_SUCCESS, "untouched");
    eb_seal(sealed, ring, key, "1", 1, in, LEN);
    ok(eb_unseal(out, ring, key, "2", 1, sealed, sizeof sealed), "a single byte of it");
    is_int((long long)ERR_peek_error(), 0, "OpenSSL's error queue is left empty");
}

static void test_rotation(const eb_keyring_t *old, apr_pool_t *pool)
{
    const eb_keyring_t *ring = load("new " NEW_KEY_BASE64 "\nold " FILE_KEY_BASE64 "\n", pool);
    const eb_keyring_t *later = load("new " NEW_KEY_BASE64 "\n", pool);
    apr_uint32_t id = eb_keyring_current(old);
    unsigned char key[EB_KEY_LEN], sealed[EB_SEAL_OVERHEAD + 5], out[5];

    eb_key_derive(key, old, id, "draft", "secret", 6);
    eb_seal(sealed, old, key, NULL, 0, "hello", 5);
    ok(eb_keyring_current(ring) != id && eb_keyring_has(ring, id), "a new key before the old one");
    eb_wipe(key, sizeof key);
    is_int(eb_key_derive(key, ring, id, "draft", "secret", 6), APR_SUCCESS, "the old one derives");
    is_int(eb_unseal(out, ring, key, NULL, 0, sealed, sizeof sealed), APR_SUCCESS, "and opens");
    eb_key_derive(key, ring, eb_keyring_current(ring), "draft", "secret", 6);
    ok(eb_unseal(out, ring, key, NULL, 0, sealed, sizeof sealed), "the new one does not");
    is_int(eb_key_derive(key, later, id, "draft", "secret", 6), APR_NOTFOUND, "until it is gone");
}

static void test_small(void)
{
    unsigned char a[32] = "", b[32] = "";
    ok(eb_equal_secret("abc", "abc", 3) && !eb_equal_secret("abc", "abd", 3), "comparison");
    ok(eb_equal_secret("a", "b", 0), "of nothing");
    eb_random(a, sizeof a);
    eb_random(b, sizeof b);
    ok(memcmp(a, b, sizeof a) != 0, "random bytes differ");
    eb_wipe(a, sizeof a);
    ok(is_wiped(a, sizeof a), "wiped");
}

static void *many_times(void *data)
{
    const eb_keyring_t *ring = data;
    unsigned char key[EB_KEY_LEN], mac[32], sealed[EB_SEAL_OVERHEAD + 100], in[100] = "x", out[100];
    for (int i = 0; i < 1000; i++)
        if (eb_key_derive(key, ring, eb_keyring_current(ring), "draft", &i, sizeof i) ||
            eb_mac(mac, 32, ring, key, in, 100) || eb_seal(sealed, ring, key, mac, 32, in, 100) ||
            eb_unseal(out, ring, key, mac, 32, sealed, sizeof sealed) || memcmp(in, out, 100))
            return data;
    return NULL;
}

static void test_threads(eb_keyring_t *ring)
{
    pthread_t threads[4];
    bool good = true;
    for (int i = 0; i < 4; i++)
        good = good && pthread_create(&threads[i], NULL, many_times, ring) == 0;
    for (int i = 0; i < 4 && good; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        good = !failed;
    }
    ok(good, "four threads share one ring");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_keyring_t *ring = load("old " FILE_KEY_BASE64 "\n", pool);
    test_hashes(ring);
    test_derive(ring);
    test_vectors(ring);
    test_round_trip(ring, pool);
    test_tampering(ring);
    test_rotation(ring, pool);
    test_small();
    test_threads(ring);
    return done();
}
