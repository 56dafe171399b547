/* A key is looked at from the outside inwards: what it says of itself, its numbers, and whether a
 * certificate that we trust holds the same numbers. What fails is named in the terms of the JWK, as
 * the authority that has to mend it knows them. */
#include "jwk.h"
#include "base/seal.h"
#include "json.h"
#include "trust.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <string.h>
#include <time.h>

enum {
    BITS_MAX = 16384, /* OpenSSL's own limit */
    CHAIN_MAX = 8,
    CERT_LEN_MAX = 16 * 1024, /* of base64 */
    KID_LEN_MAX = 64
};

typedef struct use_t {
    const char *name, *alg, *key_op;
} use_t;

static const use_t uses[] = {
    [EB_JWK_ENCRYPT] = {"encrypting", "RSA-OAEP-256", "wrapKey"},
    [EB_JWK_VERIFY] = {"verifying", "PS512", "verify"},
};

static apr_status_t refused(eb_problem_t **problem, eb_problem_id_t number, const char *kid,
                            const char *fault, apr_pool_t *pool)
{
    ERR_clear_error();
    return eb_problem_set(problem, number, APR_EACCES, NULL, pool, "Key %.*s: %s", KID_LEN_MAX, kid,
                          fault);
}

static apr_status_t release_key(void *key)
{
    EVP_PKEY_free(key);
    return APR_SUCCESS;
}

static bool is(const json_t *json, const char *name, const char *value)
{
    const char *text = eb_json_member(json, name);
    return text && strcmp(text, value) == 0;
}

static bool only(const json_t *list, const char *value)
{
    const char *text = json_string_value(json_array_get(list, 0));
    return json_array_size(list) == 1 && text && strcmp(text, value) == 0;
}

/* What the key says of itself; NULL when that is as it must be. */
static const char *words_fault(const json_t *json, const char *kid, const use_t *use,
                               apr_pool_t *pool)
{
    if (!json_is_object(json))
        return "it is no JSON object";
    if (!is(json, "kid", kid) || strlen(kid) > KID_LEN_MAX)
        return "the key that was sent has another kid";
    if (!is(json, "kty", "RSA"))
        return "kty is not RSA";
    if (!is(json, "alg", use->alg))
        return apr_psprintf(pool, "alg is not %s, so it is not for %s", use->alg, use->name);
    if (!only(json_object_get(json, "key_ops"), use->key_op))
        return apr_psprintf(pool, "key_ops is not [\"%s\"]", use->key_op);
    if (!is(json, "e", "AQAB"))
        return "e is not AQAB (65537)";
    return json_object_get(json, "d") ? "it holds its private part, and is nobody's secret any more"
                                      : NULL;
}

static EVP_PKEY *build(OSSL_PARAM_BLD *builder, const BIGNUM *n, const BIGNUM *e)
{
    EVP_PKEY *key = NULL;

    if (!builder || !n || !e || !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) ||
        !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
        return NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return key;
}

static EVP_PKEY *rsa(const unsigned char *modulus, apr_size_t len, apr_pool_t *pool)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus, (int)len, NULL), *e = BN_new();
    EVP_PKEY *key = e && BN_set_word(e, 65537) ? build(builder, n, e) : NULL;

    BN_free(n);
    BN_free(e);
    OSSL_PARAM_BLD_free(builder);
    if (key)
        apr_pool_cleanup_register(pool, key, release_key, apr_pool_cleanup_null);
    return key;
}

/* The key of n, or what is wrong with that number. A leading zero would be a second spelling. */
static const char *number_fault(EVP_PKEY **key, const json_t *json, apr_pool_t *pool)
{
    const json_t *n = json_object_get(json, "n");
    apr_size_t text_len = json_string_length(n), len = 0;
    unsigned char *bytes = NULL;

    if (json_is_string(n) && text_len <= EB_BASE64URL_LEN(BITS_MAX / 8))
        bytes = eb_json_bytes(&len, json_string_value(n), text_len, pool);
    if (!bytes || !len || !*bytes)
        return "n is no number in base64url";
    if (len * 8 < EB_JWK_BITS_MIN || (len * 8 == EB_JWK_BITS_MIN && *bytes < 0x80))
        return apr_psprintf(pool, "n has fewer than %d bits", EB_JWK_BITS_MIN);
    *key = bytes[len - 1] % 2 ? rsa(bytes, len, pool) : NULL;
    return *key ? NULL : "n is no modulus of RSA";
}

/* The certificates. */

static apr_status_t release_chain(void *chain)
{
    sk_X509_pop_free(chain, X509_free);
    return APR_SUCCESS;
}

/* Standard base64 with padding (RFC 7517, section 4.7). EVP_DecodeBlock takes blanks around it as
 * well and counts padding as zeros, so both are looked at here. */
static X509 *certificate(const json_t *value, apr_pool_t *pool)
{
    const char *text = json_string_value(value);
    apr_size_t len = json_string_length(value);

    if (!text || !len || len > CERT_LEN_MAX || len % 4 || strpbrk(text, " \t\r\n"))
        return NULL;
    unsigned char *der = apr_palloc(pool, len / 4 * 3);
    int der_len = EVP_DecodeBlock(der, (const unsigned char *)text, (int)len);
    if (der_len < 0)
        return NULL;
    der_len -= (text[len - 1] == '=') + (text[len - 2] == '=');
    const unsigned char *at = der;
    X509 *cert = d2i_X509(NULL, &at, der_len);
    if (cert && at != der + der_len) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

/* NULL: not a list of one to CHAIN_MAX certificates. */
static STACK_OF(X509) * chain_of(const json_t *x5c, apr_pool_t *pool)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    size_t count = json_array_size(x5c);

    if (!chain || !count || count > CHAIN_MAX) {
        sk_X509_free(chain);
        return NULL;
    }
    apr_pool_cleanup_register(pool, chain, release_chain, apr_pool_cleanup_null);
    for (size_t i = 0; i < count; i++) {
        X509 *cert = certificate(json_array_get(x5c, i), pool);
        if (!cert)
            return NULL;
        if (!sk_X509_push(chain, cert)) {
            X509_free(cert);
            return NULL;
        }
    }
    return chain;
}

static apr_time_t end_of(const X509 *cert)
{
    struct tm tm;
    return ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) ? apr_time_from_sec(timegm(&tm)) : 0;
}

static const char *chain_fault(eb_jwk_t *jwk, const json_t *json, const eb_trust_t *trust,
                               apr_time_t now, apr_pool_t *pool)
{
    STACK_OF(X509) *chain = chain_of(json_object_get(json, "x5c"), pool);

    if (!chain)
        return "x5c is no list of certificates";
    X509 *cert = sk_X509_value(chain, 0);
    EVP_PKEY *certified = X509_get0_pubkey(cert);
    if (!certified || EVP_PKEY_eq(certified, jwk->key) != 1)
        return "its certificate is for another key: x5c[0] does not hold n and e";
    jwk->expires = end_of(cert);
    return eb_trust_fault(trust, chain, now, pool);
}

static const char *text_of(const json_t *json, apr_pool_t *pool)
{
    size_t len = json_dumpb(json, NULL, 0, JSON_COMPACT);

    if (!len || len > EB_JWK_LEN_MAX)
        return NULL;
    char *text = apr_palloc(pool, len + 1);
    text[json_dumpb(json, text, len, JSON_COMPACT)] = '\0';
    return text;
}

/* All but the certificates. */
static const char *key_fault(eb_jwk_t *jwk, const json_t *json, const char *kid, eb_jwk_use_t use,
                             apr_pool_t *pool)
{
    const char *fault = words_fault(json, kid, &uses[use], pool);
    EVP_PKEY *key = NULL;

    if (!fault)
        fault = number_fault(&key, json, pool);
    const char *text = fault ? NULL : text_of(json, pool);
    if (!fault && !text)
        return "it is longer than 64 KiB";
    *jwk = (eb_jwk_t){.kid = apr_pstrdup(pool, kid), .use = use, .key = key, .text = text};
    return fault;
}

apr_status_t eb_jwk_check(eb_jwk_t **jwk, const json_t *json, const char *kid, eb_jwk_use_t use,
                          const eb_trust_t *trust, apr_time_t now, eb_problem_t **problem,
                          apr_pool_t *pool)
{
    eb_jwk_t *checked = apr_palloc(pool, sizeof *checked);
    const char *fault = key_fault(checked, json, kid, use, pool);

    if (fault)
        return refused(problem, EB_P_FIT_KEY, kid, fault, pool);
    if ((fault = chain_fault(checked, json, trust, now, pool)))
        return refused(problem, EB_P_FIT_CERTIFICATE, kid, fault, pool);
    *jwk = checked;
    return APR_SUCCESS;
}

/* The Zustelldienst's own keys. */

/* NULL: none of this kid, or more than one. */
static const json_t *one_of(const json_t *set, const char *kid)
{
    const json_t *entry, *found = NULL;
    size_t i;

    json_array_foreach(json_object_get(set, "keys"), i, entry)
    {
        if (!is(entry, "kid", kid))
            continue;
        if (found)
            return NULL;
        found = entry;
    }
    return found;
}

apr_status_t eb_jwk_from_set(eb_jwk_t **jwk, const json_t *set, const char *kid,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    eb_jwk_t *checked = apr_palloc(pool, sizeof *checked);
    const json_t *json = one_of(set, kid);
    const char *fault = json ? key_fault(checked, json, kid, EB_JWK_VERIFY, pool)
                             : "the Zustelldienst's key set does not hold it, or holds it twice";

    if (fault)
        return refused(problem, EB_P_FIT_KEY, kid, fault, pool);
    *jwk = checked;
    return APR_SUCCESS;
}
