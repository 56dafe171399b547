/* A sink over OpenSSL's EVP: the bytes are looked at as they pass, and kept nowhere. */
#include "digest.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/evp.h>

typedef struct digest_t {
    eb_sink_t sink;
    EVP_MD_CTX *evp;
} digest_t;

static apr_status_t refused(eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_CRYPTO, APR_EGENERAL, NULL, pool,
                          "OpenSSL does not compute a SHA-512");
}

static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    const digest_t *digest = (const digest_t *)sink;
    return EVP_DigestUpdate(digest->evp, data, len) ? APR_SUCCESS : refused(problem, pool);
}

static const char *hex(const unsigned char *bytes, unsigned len, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, 2 * len + 1);

    for (unsigned i = 0; i < len; i++)
        apr_snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return text;
}

apr_status_t eb_attachment_digest(eb_attachment_t *attachment, bool *own, eb_problem_t **problem,
                                  apr_pool_t *pool)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    digest_t digest = {{take}, EVP_MD_CTX_new()};
    apr_status_t rv;

    *own = false;
    if (digest.evp && EVP_DigestInit_ex(digest.evp, EVP_sha512(), NULL))
        rv = eb_attachment_pour(attachment, &digest.sink, own, problem, pool);
    else
        rv = refused(problem, pool);
    if (!rv && !EVP_DigestFinal_ex(digest.evp, bytes, &len))
        rv = refused(problem, pool);
    EVP_MD_CTX_free(digest.evp);
    if (!rv)
        attachment->sha512 = hex(bytes, len, pool);
    return rv;
}
