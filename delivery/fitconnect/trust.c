/* Whom certificates must lead up to. The store is filled at start and only read afterwards, which
 * OpenSSL allows from many threads. Purposes of certificates (TLS server, e-mail) are not asked
 * for: those of the Verwaltungs-PKI have none for FIT-Connect. */
#include "trust.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <errno.h>
#include <stdio.h>

enum {
    DEPTH_MAX = 6,
    LEVEL = 2 /* OpenSSL's: 112 bits for all keys and digests of a chain */
};

struct eb_trust_t {
    X509_STORE *store;
    bool self_signed;
};

static apr_status_t release(void *store)
{
    X509_STORE_free(store);
    return APR_SUCCESS;
}

static apr_status_t refused(eb_problem_t **problem, apr_status_t rv, const char *file,
                            const char *why, apr_pool_t *pool)
{
    ERR_clear_error();
    return eb_problem_set(problem, EB_P_FIT_TRUST, rv, file, pool, "%s", why);
}

typedef bool read_one_t(X509_STORE *store, FILE *f);

static bool read_certificate(X509_STORE *store, FILE *f)
{
    X509 *cert = PEM_read_X509(f, NULL, NULL, NULL);
    bool good = cert && X509_STORE_add_cert(store, cert) == 1;
    X509_free(cert);
    return good;
}

static bool read_crl(X509_STORE *store, FILE *f)
{
    X509_CRL *crl = PEM_read_X509_CRL(f, NULL, NULL, NULL);
    bool good = crl && X509_STORE_add_crl(store, crl) == 1;
    X509_CRL_free(crl);
    return good;
}

/* How many there are up to the end of the file; -1 when something in between is no such thing. */
static int read_all(X509_STORE *store, FILE *f, read_one_t *read_one)
{
    int count = 0;

    ERR_clear_error();
    while (read_one(store, f))
        count++;
    unsigned long error = ERR_peek_last_error();
    bool end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return end ? count : -1;
}

static apr_status_t load(X509_STORE *store, const char *file, read_one_t *read_one,
                         const char *empty, eb_problem_t **problem, apr_pool_t *pool)
{
    FILE *f = fopen(file, "re");

    if (!f)
        return refused(problem, APR_FROM_OS_ERROR(errno), file, "it cannot be opened", pool);
    int count = read_all(store, f, read_one);
    fclose(f);
    return count > 0 ? APR_SUCCESS : refused(problem, APR_EINVAL, file, empty, pool);
}

apr_status_t eb_trust_load(eb_trust_t **trust, const char *file, const char *crl_file,
                           bool self_signed, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_trust_t *t = apr_palloc(pool, sizeof *t);
    apr_status_t rv = APR_SUCCESS;

    if (!file && !self_signed)
        return refused(problem, APR_EINVAL, NULL, "no file of root certificates is configured",
                       pool);
    *t = (eb_trust_t){X509_STORE_new(), self_signed};
    if (!t->store)
        return refused(problem, APR_ENOMEM, NULL, "OpenSSL makes no store for them", pool);
    apr_pool_cleanup_register(pool, t->store, release, apr_pool_cleanup_null);
    if (file)
        rv = load(t->store, file, read_certificate, "it holds no certificates in PEM, or not only",
                  problem, pool);
    if (!rv && crl_file) {
        rv = load(t->store, crl_file, read_crl, "it holds no revocation lists in PEM, or not only",
                  problem, pool);
        X509_STORE_set_flags(t->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    if (!rv)
        *trust = t;
    return rv;
}

static const char *verify(X509_STORE_CTX *ctx, apr_time_t now, apr_pool_t *pool)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

    X509_VERIFY_PARAM_set_time(param, (time_t)apr_time_sec(now));
    X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
    X509_VERIFY_PARAM_set_auth_level(param, LEVEL);
    if (X509_verify_cert(ctx) == 1)
        return NULL;
    int error = X509_STORE_CTX_get_error(ctx), depth = X509_STORE_CTX_get_error_depth(ctx);
    return apr_psprintf(pool, "its certificate is not trusted: %s (%s)",
                        X509_verify_cert_error_string(error),
                        depth == 0 ? "the certificate itself" : "a certificate above it");
}

/* A certificate that vouches for itself is its own root; nobody is there who could revoke it. */
static bool alone(X509_STORE_CTX *ctx, const eb_trust_t *trust, STACK_OF(X509) * own, X509 *cert)
{
    if (!trust->self_signed || X509_self_signed(cert, 1) != 1)
        return true;
    if (!own || !sk_X509_push(own, cert))
        return false;
    X509_STORE_CTX_set0_trusted_stack(ctx, own);
    return X509_VERIFY_PARAM_clear_flags(X509_STORE_CTX_get0_param(ctx),
                                         X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) == 1;
}

const char *eb_trust_fault(const eb_trust_t *trust, STACK_OF(X509) * chain, apr_time_t now,
                           apr_pool_t *pool)
{
    X509 *cert = sk_X509_value(chain, 0);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *own = sk_X509_new_null();
    const char *fault = "OpenSSL does not check its certificate";

    if (ctx && X509_STORE_CTX_init(ctx, trust->store, cert, chain) == 1 &&
        alone(ctx, trust, own, cert))
        fault = verify(ctx, now, pool);
    X509_STORE_CTX_free(ctx);
    sk_X509_free(own);
    ERR_clear_error();
    return fault;
}
