/* The way to Redis, out of the dump: the address as it is written in the configuration, and the
 * files of its options. The secrets in them are read here, by whoever may read them. */
#include "config.h"

#include <apr_errno.h>
#include <apr_file_io.h>
#include <apr_lib.h>
#include <stdlib.h>

enum { PASSWORD_MAX = 1024 };

typedef struct reading_t {
    eb_redis_address_t *address;
    const json_t *options;
    eb_problem_t **problem;
    apr_pool_t *pool;
} reading_t;

/* A file's content without the line's end; nothing without the option. */
static apr_status_t read_secret(const char **secret, const reading_t *r, const char *option)
{
    const char *name = eb_config_text(r->options, option);
    char *text = apr_pcalloc(r->pool, PASSWORD_MAX + 1), why[120];
    apr_size_t len = PASSWORD_MAX;
    apr_file_t *file;
    apr_status_t rv;

    if (!name)
        return APR_SUCCESS;
    rv = apr_file_open(&file, name, APR_FOPEN_READ, 0, r->pool);
    if (rv)
        return eb_problem_set(r->problem, EB_P_CTL_CONFIG, rv, name, r->pool,
                              "The password file cannot be read: %s",
                              apr_strerror(rv, why, sizeof why));
    rv = apr_file_read_full(file, text, len, &len);
    apr_file_close(file);
    while (len > 0 && apr_isspace(text[len - 1]))
        text[--len] = '\0';
    *secret = text;
    return APR_STATUS_IS_EOF(rv) ? APR_SUCCESS : rv;
}

static void number(int *value, const reading_t *r, const char *option)
{
    const char *text = eb_config_text(r->options, option);
    if (text)
        *value = atoi(text);
}

static apr_status_t unusable(const reading_t *r, const char *why)
{
    return eb_problem_set(r->problem, EB_P_CTL_CONFIG, APR_EINVAL, NULL, r->pool,
                          "The address of Redis cannot be used: %s", why);
}

static apr_status_t load_tls(const reading_t *r)
{
    const char *why = NULL;

    if (eb_config_text(r->options, "tls"))
        r->address->secure = true;
    if (!r->address->secure ||
        eb_redis_tls_load(r->address, eb_config_text(r->options, "ca-file"),
                          eb_config_text(r->options, "cert-file"),
                          eb_config_text(r->options, "key-file"), &why, r->pool) == APR_SUCCESS)
        return APR_SUCCESS;
    return unusable(r, why);
}

apr_status_t eb_config_redis(eb_redis_address_t *address, const json_t *redis,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    reading_t r = {address, json_object_get(redis, "options"), problem, pool};
    const char *text = eb_config_text(redis, "address"), *why = "it is missing";
    apr_status_t rv;

    if (!text || eb_redis_address_parse(address, text, &why, pool))
        return unusable(&r, why);
    address->user = eb_config_text(r.options, "user");
    address->sentinel_user = eb_config_text(r.options, "sentinel-user");
    number(&address->database, &r, "database");
    number(&address->connect_ms, &r, "connect-timeout");
    number(&address->command_ms, &r, "timeout");
    number(&address->replicas, &r, "replicas");
    rv = read_secret(&address->password, &r, "password-file");
    if (!rv)
        rv = read_secret(&address->sentinel_password, &r, "sentinel-password-file");
    return rv ? rv : load_tls(&r);
}
