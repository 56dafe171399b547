/* The client itself, and its lines. A line (a handle with its connections) serves one exchange at a
 * time; the list of idle ones is guarded by a mutex that nobody holds while waiting for a server.
 * Lines are made when they are first needed, so a child has its own. One that a thread still uses
 * when the client goes is left to the end of the process. */
#include "http_parts.h"

#include <apr_errno.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <openssl/crypto.h>
#include <string.h>

enum { FILE_MAX = 8 * 1024 * 1024 };
enum { CONNECTIONS_MAX = 2 }; /* of a line: token service and Zustelldienst are two hosts */

static void close_line(eb_http_line_t *line)
{
    if (line->easy)
        curl_easy_cleanup(line->easy);
    if (line->multi)
        curl_multi_cleanup(line->multi);
}

static apr_status_t cleanup_http(void *data)
{
    eb_http_t *http = data;

    apr_thread_mutex_lock(http->mutex);
    for (eb_http_line_t *line = http->idle; line; line = line->next)
        close_line(line);
    http->idle = NULL;
    apr_thread_mutex_unlock(http->mutex);
    return APR_SUCCESS;
}

static bool open_line(eb_http_line_t *line)
{
    line->easy = curl_easy_init();
    line->multi = curl_multi_init();
    if (line->easy && line->multi &&
        !curl_multi_setopt(line->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX))
        return true;
    close_line(line);
    *line = (eb_http_line_t){0};
    return false;
}

eb_http_line_t *eb_http_line_take(eb_http_t *http)
{
    apr_thread_mutex_lock(http->mutex);
    eb_http_line_t *line = http->idle;
    if (line)
        http->idle = line->next;
    else
        line = apr_pcalloc(http->lines, sizeof *line);
    apr_thread_mutex_unlock(http->mutex);
    if (line->easy || open_line(line))
        return line;
    eb_http_line_return(http, line);
    return NULL;
}

void eb_http_line_return(eb_http_t *http, eb_http_line_t *line)
{
    apr_thread_mutex_lock(http->mutex);
    line->next = http->idle;
    http->idle = line;
    apr_thread_mutex_unlock(http->mutex);
}

/* A file as it is now, for good: its owner may be root alone, and children are not. */
static apr_status_t keep_file(struct curl_blob *blob, const char *file, eb_problem_t **problem,
                              apr_pool_t *pool)
{
    apr_finfo_t info = {.size = 0};
    apr_file_t *f = NULL;
    char text[120];

    if (!file)
        return APR_SUCCESS;
    apr_status_t rv = apr_file_open(&f, file, APR_READ | APR_BINARY, APR_OS_DEFAULT, pool);
    if (!rv)
        rv = apr_file_info_get(&info, APR_FINFO_SIZE, f);
    if (!rv && (info.size < 1 || info.size > FILE_MAX))
        rv = APR_EINVAL;
    if (!rv) {
        *blob = (struct curl_blob){apr_palloc(pool, (apr_size_t)info.size), (size_t)info.size,
                                   CURL_BLOB_NOCOPY};
        rv = apr_file_read_full(f, blob->data, blob->len, NULL);
    }
    if (f)
        apr_file_close(f);
    if (rv)
        return eb_problem_set(problem, EB_P_HTTP_FILE, rv, file, pool, "It cannot be read: %s",
                              apr_strerror(rv, text, sizeof text));
    return APR_SUCCESS;
}

static apr_status_t wipe_key(void *data)
{
    const struct curl_blob *key = data;

    OPENSSL_cleanse(key->data, key->len);
    return APR_SUCCESS;
}

static apr_status_t keep_files(eb_http_t *http, const eb_http_settings_t *s, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    const char *key = s->key_file ? s->key_file : s->cert_file;
    apr_status_t rv = keep_file(&http->ca, s->ca_file, problem, pool);

    if (!rv)
        rv = keep_file(&http->cert, s->cert_file, problem, pool);
    if (!rv)
        rv = keep_file(&http->key, key, problem, pool);
    if (!rv && key)
        apr_pool_cleanup_register(pool, &http->key, wipe_key, apr_pool_cleanup_null);
    return rv;
}

static apr_status_t no_curl(eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_HTTP_LIBRARY, APR_EGENERAL, NULL, pool,
                          "libcurl %s cannot be used: it needs TLS by OpenSSL",
                          curl_version_info(CURLVERSION_NOW)->version);
}

apr_status_t eb_http_create(eb_http_t **http, const eb_http_settings_t *settings,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    eb_http_t *made = apr_pcalloc(pool, sizeof *made);
    const curl_version_info_data *info;

    apr_status_t rv = keep_files(made, settings, problem, pool);
    if (rv)
        return rv;
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return no_curl(problem, pool);
    info = curl_version_info(CURLVERSION_NOW);
    if (!(info->features & CURL_VERSION_SSL))
        return no_curl(problem, pool);
    made->settings = *settings;
    rv = apr_thread_mutex_create(&made->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
    if (!rv)
        rv = apr_pool_create_unmanaged_ex(&made->lines, NULL, NULL);
    if (rv)
        return eb_problem_set(problem, EB_P_HTTP_LIBRARY, rv, NULL, pool, "No memory");
    apr_pool_cleanup_register(pool, made, cleanup_http, apr_pool_cleanup_null);
    *http = made;
    return APR_SUCCESS;
}

const char *eb_http_host(const char *url, apr_pool_t *pool)
{
    const char *host = strstr(url, "://");
    const char *end, *user;

    if (!host)
        return "an address that is none";
    host += 3;
    end = host + strcspn(host, "/?#");
    user = memchr(host, '@', (apr_size_t)(end - host));
    return apr_pstrmemdup(pool, user ? user + 1 : host,
                          (apr_size_t)(end - (user ? user + 1 : host)));
}
