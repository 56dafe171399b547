/* What libcurl says when an exchange fails, as problems: one for each thing that a different person
 * would have to look after. */
#include "http_parts.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

typedef struct cause_t {
    CURLcode code;
    eb_problem_id_t id;
    apr_status_t status;
} cause_t;

static const cause_t causes[] = {
    {CURLE_COULDNT_RESOLVE_HOST, EB_P_HTTP_NAME, APR_EGENERAL},
    {CURLE_COULDNT_RESOLVE_PROXY, EB_P_HTTP_PROXY, APR_EGENERAL},
    {CURLE_PROXY, EB_P_HTTP_PROXY, APR_EGENERAL},
    {CURLE_COULDNT_CONNECT, EB_P_HTTP_CONNECT, APR_ECONNREFUSED},
    {CURLE_INTERFACE_FAILED, EB_P_HTTP_CONNECT, APR_ECONNREFUSED},
    {CURLE_OPERATION_TIMEDOUT, EB_P_HTTP_SLOW, APR_TIMEUP},
    {CURLE_PEER_FAILED_VERIFICATION, EB_P_HTTP_TLS, APR_EACCES},
    {CURLE_SSL_CONNECT_ERROR, EB_P_HTTP_TLS, APR_EACCES},
    {CURLE_SSL_CERTPROBLEM, EB_P_HTTP_TLS, APR_EACCES},
    {CURLE_SSL_CACERT_BADFILE, EB_P_HTTP_FILE, APR_EACCES},
    {CURLE_SSL_CIPHER, EB_P_HTTP_TLS, APR_EACCES},
    {CURLE_SSL_ISSUER_ERROR, EB_P_HTTP_TLS, APR_EACCES},
    {CURLE_SSL_INVALIDCERTSTATUS, EB_P_HTTP_TLS, APR_EACCES},
    {CURLE_UNSUPPORTED_PROTOCOL, EB_P_HTTP_ADDRESS, APR_EINVAL},
    {CURLE_URL_MALFORMAT, EB_P_HTTP_ADDRESS, APR_EINVAL},
    {CURLE_WEIRD_SERVER_REPLY, EB_P_HTTP_ANSWER, APR_EGENERAL},
    {CURLE_FILESIZE_EXCEEDED, EB_P_HTTP_ANSWER, APR_EGENERAL},
    {CURLE_WRITE_ERROR, EB_P_HTTP_ANSWER, APR_EGENERAL},
    {CURLE_BAD_CONTENT_ENCODING, EB_P_HTTP_ANSWER, APR_EGENERAL},
    {CURLE_OUT_OF_MEMORY, EB_P_HTTP_LIBRARY, APR_ENOMEM},
    {CURLE_FAILED_INIT, EB_P_HTTP_LIBRARY, APR_EGENERAL},
};

/* With TLS 1.3 a server refuses our certificate after the handshake, and libcurl hears of it as of
 * a failure to read; OpenSSL's words are all that tell. */
static cause_t cause_of(CURLcode code, const char *text)
{
    if ((code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) && strstr(text, " alert "))
        code = CURLE_SSL_CONNECT_ERROR;
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (causes[i].code == code)
            return causes[i];
    return (cause_t){code, EB_P_HTTP_BROKEN, APR_ECONNABORTED};
}

/* libcurl's words may carry what a server wrote. */
static const char *plain(const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrndup(pool, text, 200);

    for (char *c = copy; *c; c++)
        if (!apr_isprint(*c))
            *c = '?';
    return copy;
}

apr_status_t eb_http_failed(CURLcode code, const char *text, const char *url, const eb_http_t *http,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    const cause_t cause = cause_of(code, text ? text : "");
    const char *proxy = http->settings.proxy;

    return eb_problem_set(problem, cause.id, cause.status, NULL, pool, "%s%s%s: %s",
                          eb_http_host(url, pool), proxy ? " by way of the proxy " : "",
                          proxy ? eb_http_host(proxy, pool) : "",
                          plain(text && *text ? text : curl_easy_strerror(code), pool));
}
