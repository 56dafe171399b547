/* TLS to Redis, where hiredis brings it (libhiredis_ssl, from 1.0 on). hiredis' own way to make a
 * context never compares the certificate with the host's name; so the context is made here, once,
 * when the configuration is read, and each connection is told which name it must prove. */
#include "redis_pool.h"

#include <apr_strings.h>

#ifdef EB_REDIS_TLS

#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

const char *eb_redis_tls_missing(void)
{
    return NULL;
}

static apr_status_t free_tls(void *tls)
{
    SSL_CTX_free(tls);
    return APR_SUCCESS;
}

static apr_status_t cannot_use(const char **why, const char *file, apr_pool_t *pool)
{
    char reason[200];

    ERR_error_string_n(ERR_peek_error(), reason, sizeof reason);
    ERR_clear_error();
    *why = apr_psprintf(pool, "%s cannot be used (PEM is expected): %s", file, reason);
    return APR_EINVAL;
}

apr_status_t eb_redis_tls_load(eb_redis_address_t *address, const char *ca_file,
                               const char *cert_file, const char *key_file, const char **why,
                               apr_pool_t *pool)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

    if (!tls)
        return cannot_use(why, "OpenSSL", pool);
    apr_pool_cleanup_register(pool, tls, free_tls, apr_pool_cleanup_null);
    ERR_clear_error();
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    if (ca_file ? !SSL_CTX_load_verify_locations(tls, ca_file, NULL)
                : !SSL_CTX_set_default_verify_paths(tls))
        return cannot_use(why, ca_file ? ca_file : "the system's store of certificates", pool);
    if (cert_file && SSL_CTX_use_certificate_chain_file(tls, cert_file) != 1)
        return cannot_use(why, cert_file, pool);
    if (key_file && SSL_CTX_use_PrivateKey_file(tls, key_file, SSL_FILETYPE_PEM) != 1)
        return cannot_use(why, key_file, pool);
    address->tls = tls;
    return APR_SUCCESS;
}

/* A certificate names hosts and addresses in different places. */
static bool expect_host(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

    if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
        return true;
    ERR_clear_error();
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1;
}

/* After a failure the SSL is still ours, after a success it is the context's. */
bool eb_redis_tls_begin(redisContext *context, const eb_redis_address_t *to, const char **reason,
                        apr_pool_t *pool)
{
    SSL *ssl = SSL_new(to->tls);

    if (ssl && expect_host(ssl, to->host) && redisInitiateSSL(context, ssl) == REDIS_OK)
        return true;
    long verdict = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    *reason = verdict != X509_V_OK ? apr_psprintf(pool, "the certificate is not accepted: %s",
                                                  X509_verify_cert_error_string(verdict))
                                   : apr_psprintf(pool, "no TLS: %s", context->errstr);
    SSL_free(ssl);
    ERR_clear_error();
    return false;
}

#else

const char *eb_redis_tls_missing(void)
{
    return "this build cannot speak TLS to Redis, since hiredis 0.14 has none (Debian 13 has it: "
           "libhiredis 1.2). Use a unix socket, or stunnel on this host and its local address";
}

apr_status_t eb_redis_tls_load(eb_redis_address_t *address, const char *ca_file,
                               const char *cert_file, const char *key_file, const char **why,
                               apr_pool_t *pool)
{
    (void)address, (void)ca_file, (void)cert_file, (void)key_file, (void)pool;
    *why = eb_redis_tls_missing();
    return APR_ENOTIMPL;
}

bool eb_redis_tls_begin(redisContext *context, const eb_redis_address_t *to, const char **reason,
                        apr_pool_t *pool)
{
    (void)context, (void)to, (void)pool;
    *reason = eb_redis_tls_missing();
    return false;
}

#endif
