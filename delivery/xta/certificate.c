/* PEM files read once, by OpenSSL; what is needed of a certificate later is taken out at once, so
 * that nobody parses again in a worker. */
#include "certificate.h"
#include "base/expiry.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>

static apr_status_t free_key(void *key)
{
    EVP_PKEY_free(key);
    return APR_SUCCESS;
}

static apr_status_t close_bio(void *bio)
{
    BIO_free(bio);
    return APR_SUCCESS;
}

static const char *base64_of(X509 *x509, apr_pool_t *pool)
{
    unsigned char *der = NULL;
    const int len = i2d_X509(x509, &der);
    char *text = len > 0 ? apr_palloc(pool, (apr_size_t)len / 3 * 4 + 8) : NULL;

    if (text)
        EVP_EncodeBlock((unsigned char *)text, der, len);
    OPENSSL_free(der);
    return text;
}

static bool take(eb_certificate_t *c, X509 *x509, const char *file, apr_pool_t *pool)
{
    *c = (eb_certificate_t){.file = file,
                            .base64 = base64_of(x509, pool),
                            .key = X509_get_pubkey(x509),
                            .from = eb_expiry_time(X509_get0_notBefore(x509)),
                            .until = eb_expiry_time(X509_get0_notAfter(x509))};
    if (c->key)
        apr_pool_cleanup_register(pool, c->key, free_key, apr_pool_cleanup_null);
    return c->base64 && c->key;
}

static apr_status_t unusable(const char *file, const char *what, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    ERR_clear_error();
    return eb_problem_set(problem, EB_P_XTA_CERTIFICATE, APR_EINVAL, file, pool, "%s", what);
}

apr_status_t eb_certificates_read(apr_array_header_t **certificates, const char *file,
                                  eb_problem_t **problem, apr_pool_t *pool)
{
    BIO *bio = BIO_new_file(file, "r");
    X509 *x509;

    if (!bio)
        return unusable(file, "The file cannot be read", problem, pool);
    apr_pool_cleanup_register(pool, bio, close_bio, apr_pool_cleanup_null);
    *certificates = apr_array_make(pool, 2, sizeof(eb_certificate_t));
    while ((x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        eb_certificate_t *c = apr_array_push(*certificates);
        const bool good = take(c, x509, file, pool);
        X509_free(x509);
        if (!good)
            return unusable(file, "A certificate has no key that OpenSSL knows", problem, pool);
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return unusable(file, "A certificate is broken", problem, pool);
    ERR_clear_error();
    if (!(*certificates)->nelts)
        return unusable(file, "There is no certificate in it", problem, pool);
    apr_pool_cleanup_run(pool, bio, close_bio);
    return APR_SUCCESS;
}

/* Otherwise OpenSSL asks at the terminal. */
static int no_passphrase(char *text, int size, int writing, void *baton)
{
    (void)text, (void)size, (void)writing, (void)baton;
    return -1;
}

apr_status_t eb_certificate_key(const eb_certificate_t *certificate, const char *file,
                                eb_problem_t **problem, apr_pool_t *pool)
{
    BIO *bio = BIO_new_file(file, "r");
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    const bool fits = key && EVP_PKEY_eq(certificate->key, key) == 1;
    const char *what = key ? "The key in it belongs to another certificate than the first of"
                           : "There is no private key in it without a passphrase, for";

    EVP_PKEY_free(key);
    BIO_free(bio);
    return fits ? APR_SUCCESS
                : unusable(file, apr_pstrcat(pool, what, " ", certificate->file, NULL), problem,
                           pool);
}

const eb_certificate_t *eb_certificate_at(const apr_array_header_t *certificates, apr_time_t at,
                                          eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_certificate_t *best = NULL, *last = NULL;
    char date[APR_RFC822_DATE_LEN];

    for (int i = 0; i < certificates->nelts; i++) {
        const eb_certificate_t *c = &APR_ARRAY_IDX(certificates, i, eb_certificate_t);
        if (c->from <= at && at <= c->until && (!best || c->from > best->from))
            best = c;
        if (!last || c->until > last->until)
            last = c;
    }
    if (best)
        return best;
    apr_rfc822_date(date, at > last->until ? last->until : last->from);
    eb_problem_set(problem, EB_P_XTA_CERTIFICATE_DATE, APR_EINVAL, last->file, pool, "It %s %s",
                   at > last->until ? "expired on" : "will be valid from", date);
    return NULL;
}
