/* Keys, certificates and tokens for the tests of FIT-Connect's cryptography. The keys are those of
 * the partner in t/lib/Eb/Zustelldienst, made once for a build folder; what signs and opens here is
 * OpenSSL, called directly, or CryptX, called through perl. */
#ifndef JOSE_H
#define JOSE_H

#include "base/seal.h"
#include "tap.h"

#include <apr_strings.h>
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <unistd.h>

#define JOSE_PERL                                                                                  \
    "perl -It/lib -MEb::Zustelldienst::Keys "                                                      \
    "-MEb::Zustelldienst::Jose=jwe_open,jwe_fault,jws_signed "

/* The first line that a command prints; NULL when it fails. */
static inline const char *jose_asked(const char *command, apr_pool_t *pool)
{
    char *line = apr_pcalloc(pool, 70000);
    FILE *f = popen(command, "r");
    bool good = f && fgets(line, 70000, f);

    line[strcspn(line, "\n")] = '\0';
    return f && pclose(f) == 0 && good ? line : NULL;
}

/* The folder of the keys; without CryptX there is none, and the test says so and ends. */
static inline const char *jose_folder(apr_pool_t *pool)
{
    if (system("perl -MCrypt::PK::RSA -e 1 2>/dev/null") != 0) {
        printf("1..0 # SKIP CryptX is not installed (libcryptx-perl)\n");
        exit(0);
    }
    const char *folder =
        jose_asked(JOSE_PERL "-e 'print Eb::Zustelldienst::Keys::kept(), \"\\n\"'", pool);
    if (!folder) {
        printf("Bail out! no keys\n");
        exit(1);
    }
    return folder;
}

static inline FILE *jose_open(const char *folder, const char *name, const char *kind)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, kind);
    FILE *f = fopen(path, "r");
    if (!f) {
        printf("Bail out! no %s\n", path);
        exit(1);
    }
    return f;
}

static inline EVP_PKEY *jose_key(const char *folder, const char *name)
{
    FILE *f = jose_open(folder, name, "key");
    EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    fclose(f);
    return key;
}

static inline const char *jose_path(const char *folder, const char *file, apr_pool_t *pool)
{
    return apr_pstrcat(pool, folder, "/", file, NULL);
}

static inline const char *jose_text(const void *bytes, apr_size_t len, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, EB_BASE64URL_LEN(len) + 1);
    eb_base64url(text, bytes, len);
    return text;
}

static inline const char *jose_modulus(EVP_PKEY *key, apr_pool_t *pool)
{
    unsigned char bytes[2048];
    BIGNUM *n = NULL;
    EVP_PKEY_get_bn_param(key, "n", &n);
    int len = BN_bn2bin(n, bytes);
    BN_free(n);
    return jose_text(bytes, (apr_size_t)len, pool);
}

static inline json_t *jose_certificate(const char *folder, const char *name)
{
    FILE *f = jose_open(folder, name, "crt");
    X509 *cert = PEM_read_X509(f, NULL, NULL, NULL);
    unsigned char der[8192], *at = der, text[12000];

    fclose(f);
    int len = i2d_X509(cert, &at);
    X509_free(cert);
    EVP_EncodeBlock(text, der, len);
    return json_string((char *)text);
}

/* The JWK of a key with the certificates of this list: "encryption below". */
static inline json_t *jose_jwk(const char *folder, const char *key, const char *certificates,
                               const char *kid, const char *alg, const char *key_op,
                               apr_pool_t *pool)
{
    EVP_PKEY *pair = jose_key(folder, key);
    json_t *jwk =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:[s]}", "kty", "RSA", "n", jose_modulus(pair, pool), "e",
                  "AQAB", "kid", kid, "alg", alg, "key_ops", key_op);
    char *list = apr_pstrdup(pool, certificates), *last;

    EVP_PKEY_free(pair);
    if (*list)
        json_object_set_new(jwk, "x5c", json_array());
    for (char *name = apr_strtok(list, " ", &last); name; name = apr_strtok(NULL, " ", &last))
        json_array_append_new(json_object_get(jwk, "x5c"), jose_certificate(folder, name));
    return jwk;
}

/* A JWS over exactly these texts. digest NULL: no signature; salt -1: PKCS #1 v1.5. */
static inline const char *jose_signed(const char *header, const char *claims, EVP_PKEY *key,
                                      const char *digest, int salt, apr_pool_t *pool)
{
    const char *input = apr_pstrcat(pool, jose_text(header, strlen(header), pool), ".",
                                    jose_text(claims, strlen(claims), pool), NULL);
    unsigned char signature[2048];
    size_t len = sizeof signature;
    EVP_PKEY_CTX *rsa;

    if (!digest)
        return apr_pstrcat(pool, input, ".", NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = EVP_DigestSignInit_ex(ctx, &rsa, digest, NULL, NULL, key, NULL) == 1;
    if (good && salt >= 0)
        good = EVP_PKEY_CTX_set_rsa_padding(rsa, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(rsa, salt) == 1;
    good = good &&
           EVP_DigestSign(ctx, signature, &len, (const unsigned char *)input, strlen(input)) == 1;
    EVP_MD_CTX_free(ctx);
    if (!good) {
        printf("Bail out! a token cannot be signed\n");
        exit(1);
    }
    return apr_pstrcat(pool, input, ".", jose_text(signature, len, pool), NULL);
}

#endif
