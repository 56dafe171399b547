/* RSA-OAEP is written as rsa-oaep-mgf1p with its DigestMethod and the mask by SHA-1 that this name
 * means: the one form that is in the schema of XTA (an MGF element is not), and that readers of all
 * ages know. Confidentiality rests on RSA and on the digest as a random oracle, not on collisions.
 *
 * A key encrypts once. When a body has to be poured again over a fresh connection it is the same
 * plain text, so the same key and IV give the same bytes and tell nobody anything. */
#include "xmlenc.h"
#include "content.h"
#include "names.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#define GCM  "http://www.w3.org/2009/xmlenc11#aes256-gcm"
#define OAEP EB_NS_XENC "rsa-oaep-mgf1p"

enum { TAG_LEN = 16, RSA_BITS_MIN = 2048, RSA_BYTES_MAX = 2048, BLOCK = 16 * 1024 };

apr_status_t eb_xmlenc_fit(const eb_certificate_t *certificate, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    if (EVP_PKEY_get_base_id(certificate->key) == EVP_PKEY_RSA &&
        EVP_PKEY_get_bits(certificate->key) >= RSA_BITS_MIN &&
        EVP_PKEY_get_size(certificate->key) <= RSA_BYTES_MAX)
        return APR_SUCCESS;
    return eb_problem_set(
        problem, EB_P_XTA_CERTIFICATE, APR_EINVAL, certificate->file, pool,
        "Contents cannot be encrypted for it: that takes RSA with %d bits or more", RSA_BITS_MIN);
}

static apr_status_t crypto(eb_problem_t **problem, apr_pool_t *pool, const char *what)
{
    ERR_clear_error();
    return eb_problem_set(problem, EB_P_CRYPTO, APR_EGENERAL, NULL, pool, "%s failed", what);
}

static apr_status_t free_key_context(void *context)
{
    EVP_PKEY_CTX_free(context);
    return APR_SUCCESS;
}

static apr_status_t free_cipher(void *cipher)
{
    EVP_CIPHER_CTX_free(cipher);
    return APR_SUCCESS;
}

static apr_status_t wipe(void *data)
{
    eb_xmlenc_t *e = data;

    OPENSSL_cleanse(e->key, sizeof e->key);
    return APR_SUCCESS;
}

static bool wrap(eb_xmlenc_t *e, apr_pool_t *pool)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(e->certificate->key, NULL);
    unsigned char out[RSA_BYTES_MAX];
    size_t len = sizeof out;

    if (!context)
        return false;
    apr_pool_cleanup_register(pool, context, free_key_context, apr_pool_cleanup_null);
    if (EVP_PKEY_encrypt_init(context) <= 0 ||
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) <= 0 ||
        EVP_PKEY_CTX_set_rsa_oaep_md(context, e->sha1 ? EVP_sha1() : EVP_sha256()) <= 0 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha1()) <= 0 ||
        EVP_PKEY_encrypt(context, out, &len, e->key, sizeof e->key) <= 0)
        return false;
    char *text = apr_palloc(pool, len / 3 * 4 + 8);
    EVP_EncodeBlock((unsigned char *)text, out, (int)len);
    e->wrapped = text;
    return true;
}

typedef struct gcm_sink_t {
    eb_sink_t sink;
    eb_sink_t *out;
    EVP_CIPHER_CTX *cipher;
} gcm_sink_t;

static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    gcm_sink_t *g = (gcm_sink_t *)sink;
    const unsigned char *from = data;
    unsigned char block[BLOCK];
    apr_status_t rv = APR_SUCCESS;

    for (int n, done; !rv && len; from += n, len -= (apr_size_t)n) {
        n = len < BLOCK ? (int)len : BLOCK;
        if (!EVP_EncryptUpdate(g->cipher, block, &done, from, n))
            return crypto(problem, pool, "Encrypting contents");
        rv = g->out->take(g->out, block, (apr_size_t)done, problem, pool);
    }
    return rv;
}

static apr_status_t finish(const gcm_sink_t *g, eb_problem_t **problem, apr_pool_t *pool)
{
    unsigned char tag[TAG_LEN];
    int none = 0;

    if (!EVP_EncryptFinal_ex(g->cipher, tag, &none) ||
        !EVP_CIPHER_CTX_ctrl(g->cipher, EVP_CTRL_GCM_GET_TAG, sizeof tag, tag))
        return crypto(problem, pool, "Encrypting contents");
    return g->out->take(g->out, tag, sizeof tag, problem, pool);
}

static apr_status_t pour(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    const eb_xmlenc_t *e = (const eb_xmlenc_t *)source;
    gcm_sink_t g = {{take}, sink, EVP_CIPHER_CTX_new()};

    if (!g.cipher)
        return crypto(problem, pool, "Encrypting contents");
    apr_pool_cleanup_register(pool, g.cipher, free_cipher, apr_pool_cleanup_null);
    if (!EVP_EncryptInit_ex(g.cipher, EVP_aes_256_gcm(), NULL, e->key, e->iv))
        return crypto(problem, pool, "Encrypting contents");
    apr_status_t rv = sink->take(sink, e->iv, sizeof e->iv, problem, pool);
    if (!rv)
        rv = e->plain->pour(e->plain, &g.sink, problem, pool);
    if (!rv)
        rv = finish(&g, problem, pool);
    apr_pool_cleanup_run(pool, g.cipher, free_cipher);
    return rv;
}

apr_status_t eb_xmlenc_init(eb_xmlenc_t *e, const eb_certificate_t *certificate, bool sha1,
                            eb_source_t *plain, apr_uint64_t len, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    *e = (eb_xmlenc_t){.source.pour = pour,
                       .len = sizeof e->iv + len + TAG_LEN,
                       .plain = plain,
                       .certificate = certificate,
                       .sha1 = sha1};
    apr_pool_cleanup_register(pool, e, wipe, apr_pool_cleanup_null);
    if (RAND_priv_bytes(e->key, sizeof e->key) <= 0 || RAND_bytes(e->iv, sizeof e->iv) <= 0)
        return crypto(problem, pool, "Drawing a key");
    return wrap(e, pool) ? APR_SUCCESS : crypto(problem, pool, "Wrapping a key by RSA-OAEP");
}

static void write_method(eb_writer_t *w, const char *algorithm, const char *digest)
{
    eb_writer_open(w, "xenc:EncryptionMethod");
    eb_writer_attr(w, "Algorithm", algorithm);
    if (digest) {
        eb_writer_open(w, "ds:DigestMethod");
        eb_writer_attr(w, "Algorithm", digest);
        eb_writer_close(w);
    }
    eb_writer_close(w);
}

static void write_key(eb_writer_t *w, const eb_xmlenc_t *e)
{
    eb_writer_open(w, "ds:KeyInfo");
    eb_writer_open(w, "xenc:EncryptedKey");
    write_method(w, OAEP, e->sha1 ? EB_NS_DS "sha1" : EB_NS_XENC "sha256");
    eb_writer_open(w, "ds:KeyInfo");
    eb_writer_open(w, "ds:X509Data");
    eb_writer_leaf(w, "ds:X509Certificate", e->certificate->base64);
    eb_writer_close(w);
    eb_writer_close(w);
    eb_writer_open(w, "xenc:CipherData");
    eb_writer_leaf(w, "xenc:CipherValue", e->wrapped);
    eb_writer_close(w);
    eb_writer_close(w);
    eb_writer_close(w);
}

void eb_xmlenc_write(eb_writer_t *w, const eb_xmlenc_t *e, const char *id, apr_pool_t *pool)
{
    eb_writer_open(w, "xenc:EncryptedData");
    eb_writer_attr(w, "xmlns:xenc", EB_NS_XENC);
    eb_writer_attr(w, "xmlns:ds", EB_NS_DS);
    eb_writer_attr(w, "Type", EB_NS_XENC "Element");
    write_method(w, GCM, NULL);
    write_key(w, e);
    eb_writer_open(w, "xenc:CipherData");
    eb_writer_open(w, "xenc:CipherValue");
    eb_xop_include(w, id, pool);
    eb_writer_close(w);
    eb_writer_close(w);
    eb_writer_close(w);
}
