/* Encrypting while the bytes come. Ciphertext is gathered until it makes whole groups of three
 * bytes, a good many of them, and leaves as one piece of text: two buffers that fit into a
 * processor's cache, whatever the length of the document.
 *
 * Key and nonce are HKDF-SHA-256 over the package's secret, and its info is everything that is not
 * the plaintext: the part's name and the protected header. So a header that changes changes the
 * key, and no nonce ever meets two of them. */
#include "jwe.h"
#include "base/buf.h"
#include "base/seal.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/rsa.h>

enum {
    SECRET_LEN = 32,
    NONCE_LEN = EB_SEAL_NONCE_LEN,
    TAG_LEN = EB_SEAL_TAG_LEN,
    PIECE_LEN = 96 * 1024,
    NAME_LEN_MAX = 255 /* of kid and cty */
};

typedef struct keys_t {
    unsigned char content[EB_KEY_LEN], nonce[NONCE_LEN];
} keys_t;

static apr_status_t refused(eb_problem_t **problem, const char *what, apr_pool_t *pool)
{
    ERR_clear_error();
    return eb_problem_set(problem, EB_P_CRYPTO, APR_EGENERAL, NULL, pool,
                          "OpenSSL does not %s for FIT-Connect", what);
}

/* What stands between quotes as it is. */
static bool plain(const char *name)
{
    apr_size_t len = 0;

    for (; name && name[len]; len++)
        if (len == NAME_LEN_MAX || name[len] <= ' ' || name[len] > '~' || name[len] == '"' ||
            name[len] == '\\')
            return false;
    return len > 0;
}

static const char header_format[] = "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"%s\","
                                    "\"cty\":\"%s\"}";

/* The first segment, which is also what GCM authenticates; NULL for names that cannot be in it. */
static const char *header_of(const eb_jwe_part_t *part, apr_pool_t *pool)
{
    if (!plain(part->kid) || !plain(part->cty))
        return NULL;
    const char *json = apr_psprintf(pool, header_format, part->kid, part->cty);
    char *header = apr_palloc(pool, EB_BASE64URL_LEN(strlen(json)) + 1);
    eb_base64url(header, json, strlen(json));
    return header;
}

static bool expand(EVP_KDF_CTX *ctx, keys_t *keys, const eb_jwe_part_t *part, const char *info)
{
    char digest[] = "SHA256";
    unsigned char out[sizeof keys->content + sizeof keys->nonce];
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)part->secret, SECRET_LEN),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, strlen(info)),
        OSSL_PARAM_construct_end()};
    bool good = ctx && EVP_KDF_derive(ctx, out, sizeof out, params) == 1;

    if (good) {
        memcpy(keys->content, out, sizeof keys->content);
        memcpy(keys->nonce, out + sizeof keys->content, sizeof keys->nonce);
    }
    eb_wipe(out, sizeof out);
    return good;
}

static bool derive(keys_t *keys, const eb_jwe_part_t *part, const char *header, apr_pool_t *pool)
{
    const char *info =
        apr_pstrcat(pool, "einbuergerung fit-connect jwe\n", part->part, "\n", header, NULL);
    EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = hkdf ? EVP_KDF_CTX_new(hkdf) : NULL;
    bool good = expand(ctx, keys, part, info);

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(hkdf);
    return good;
}

/* The wrapped key. */

static bool oaep(EVP_PKEY_CTX *ctx)
{
    return ctx && EVP_PKEY_encrypt_init(ctx) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1;
}

/* NULL: refused. */
static const char *wrap(const keys_t *keys, EVP_PKEY *key, apr_pool_t *pool)
{
    size_t len = (size_t)EVP_PKEY_get_size(key);
    unsigned char *sealed = apr_palloc(pool, len);
    char *text = apr_palloc(pool, EB_BASE64URL_LEN(len) + 1);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool good =
        oaep(ctx) && EVP_PKEY_encrypt(ctx, sealed, &len, keys->content, sizeof keys->content) == 1;

    EVP_PKEY_CTX_free(ctx);
    if (!good)
        return NULL;
    eb_base64url(text, sealed, len);
    return text;
}

apr_status_t eb_jwe_wrap(const char **wrapped, const eb_jwe_part_t *part, const eb_jwk_t *jwk,
                         eb_problem_t **problem, apr_pool_t *pool)
{
    const char *header = header_of(part, pool);
    keys_t keys;

    if (!header || jwk->use != EB_JWK_ENCRYPT || strcmp(part->kid, jwk->kid) != 0)
        return refused(problem, "wrap a content key: the part is not for this key", pool);
    *wrapped = derive(&keys, part, header, pool) ? wrap(&keys, jwk->key, pool) : NULL;
    eb_wipe(&keys, sizeof keys);
    return *wrapped ? APR_SUCCESS : refused(problem, "wrap a content key", pool);
}

apr_uint64_t eb_jwe_len(const eb_jwe_part_t *part, apr_uint64_t len)
{
    apr_size_t json = sizeof header_format - 1 - 4 + strlen(part->kid) + strlen(part->cty);

    return EB_BASE64URL_LEN(json) + 1 + strlen(part->wrapped) + 1 + EB_BASE64URL_LEN(NONCE_LEN) +
           1 + EB_BASE64URL_LEN(len) + 1 + EB_JWE_TAG_LEN;
}

/* Pouring: a sink for the plain bytes, which pours text into the sink behind it. */

typedef struct cipher_t {
    eb_sink_t sink;
    eb_sink_t *behind;
    EVP_CIPHER_CTX *evp;
    apr_size_t held; /* bytes in `sealed` */
    unsigned char sealed[PIECE_LEN];
    char text[EB_BASE64URL_LEN(PIECE_LEN) + 1];
} cipher_t;

static apr_status_t hand_on(cipher_t *c, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_size_t len = EB_BASE64URL_LEN(c->held);

    if (!c->held)
        return APR_SUCCESS;
    eb_base64url(c->text, c->sealed, c->held);
    c->held = 0;
    return c->behind->take(c->behind, c->text, len, problem, pool);
}

static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    cipher_t *c = (cipher_t *)sink;
    const unsigned char *at = data;
    apr_status_t rv = APR_SUCCESS;
    int n;

    while (len && !rv) {
        apr_size_t piece = len < PIECE_LEN - c->held ? len : PIECE_LEN - c->held;
        if (EVP_EncryptUpdate(c->evp, c->sealed + c->held, &n, at, (int)piece) != 1)
            return refused(problem, "encrypt a part", pool);
        at += piece;
        len -= piece;
        c->held += piece;
        if (c->held == PIECE_LEN)
            rv = hand_on(c, problem, pool);
    }
    return rv;
}

static bool begin(cipher_t *c, const keys_t *keys, const char *header)
{
    int n;
    return c->evp &&
           EVP_EncryptInit_ex2(c->evp, EVP_aes_256_gcm(), keys->content, keys->nonce, NULL) == 1 &&
           EVP_EncryptUpdate(c->evp, NULL, &n, (const unsigned char *)header,
                             (int)strlen(header)) == 1;
}

static bool end(cipher_t *c, char tag[EB_JWE_TAG_LEN + 1])
{
    unsigned char bytes[TAG_LEN];
    int n;
    bool good = EVP_EncryptFinal_ex(c->evp, bytes, &n) == 1 &&
                EVP_CIPHER_CTX_ctrl(c->evp, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, bytes) == 1;
    if (good)
        eb_base64url(tag, bytes, TAG_LEN);
    return good;
}

/* Header, wrapped key, nonce, ciphertext, tag. */
static apr_status_t pour_parts(eb_jwe_flow_t *flow, cipher_t *c, const char *before,
                               eb_problem_t **problem, apr_pool_t *pool)
{
    char last[EB_JWE_TAG_LEN + 2] = ".";
    apr_status_t rv = c->behind->take(c->behind, before, strlen(before), problem, pool);

    if (!rv)
        rv = flow->plain->pour(flow->plain, &c->sink, problem, pool);
    if (!rv)
        rv = hand_on(c, problem, pool);
    if (rv)
        return rv;
    if (!end(c, last + 1))
        return refused(problem, "finish a part", pool);
    rv = c->behind->take(c->behind, last, sizeof last - 1, problem, pool);
    if (!rv)
        memcpy(flow->tag, last + 1, sizeof flow->tag);
    return rv;
}

static apr_status_t pour(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    eb_jwe_flow_t *flow = (eb_jwe_flow_t *)source;
    const eb_jwe_part_t *part = flow->part;
    const char *header = header_of(part, pool);
    char nonce[EB_BASE64URL_LEN(NONCE_LEN) + 1];
    keys_t keys;

    *flow->tag = '\0';
    if (!header || !part->wrapped || !derive(&keys, part, header, pool))
        return refused(problem, "derive a content key", pool);
    cipher_t *c = apr_palloc(pool, sizeof *c);
    c->sink.take = take;
    c->behind = sink;
    c->held = 0;
    c->evp = EVP_CIPHER_CTX_new();
    bool begun = begin(c, &keys, header);
    eb_base64url(nonce, keys.nonce, NONCE_LEN);
    eb_wipe(&keys, sizeof keys);
    const char *before = apr_pstrcat(pool, header, ".", part->wrapped, ".", nonce, ".", NULL);
    apr_status_t rv = begun ? pour_parts(flow, c, before, problem, pool)
                            : refused(problem, "begin to encrypt a part", pool);
    EVP_CIPHER_CTX_free(c->evp);
    return rv;
}

void eb_jwe_flow(eb_jwe_flow_t *flow, const eb_jwe_part_t *part, eb_source_t *plain_source)
{
    *flow = (eb_jwe_flow_t){.source = {pour}, .part = part, .plain = plain_source};
}

/* From memory into memory. */

typedef struct text_t {
    eb_sink_t sink;
    eb_buf_t buf;
} text_t;

static apr_status_t take_text(eb_sink_t *sink, const void *data, apr_size_t len,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    (void)problem;
    (void)pool;
    eb_buf_add(&((text_t *)sink)->buf, data, len);
    return APR_SUCCESS;
}

apr_status_t eb_jwe_text(const char **jwe, const char **tag, const eb_jwe_part_t *part,
                         const void *plain_bytes, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    text_t text = {{take_text}, {0}};
    eb_jwe_flow_t flow;

    if (!part->kid || !part->cty || !part->wrapped)
        return refused(problem, "encrypt a part that is not complete", pool);
    eb_buf_init(&text.buf, (apr_size_t)eb_jwe_len(part, len) + 1, pool);
    eb_jwe_flow(&flow, part, eb_memory_source(plain_bytes, len, pool));
    apr_status_t rv = pour(&flow.source, &text.sink, problem, pool);
    if (rv)
        return rv;
    *jwe = eb_buf_cstr(&text.buf);
    *tag = apr_pstrdup(pool, flow.tag);
    return APR_SUCCESS;
}
