/* EinbuergerungRedis ADDRESS key=value…: where drafts are kept. A password is a file's content,
 * never a value in the configuration. All files are read here, as root, at start. */
#include "directives.h"

#define EXAMPLE          "unix:/run/redis/redis.sock database=2 timeout=1000"
#define TLS_EXAMPLE      "rediss://redis.example.org:6380 ca-file=/etc/ssl/redis-ca.pem"
#define SENTINEL_EXAMPLE "sentinel://10.0.0.1,10.0.0.2,10.0.0.3/einbuergerung"

static const char *number(int *out, cmd_parms *cmd, const char *key, const char *value, int min,
                          int max)
{
    char *end;
    apr_int64_t n = apr_strtoi64(value, &end, 10);

    if (*value == '\0' || *end != '\0' || n < min || n > max)
        return eb_complain(cmd, EXAMPLE, "%s=%s is not a number from %d to %d", key, value, min,
                           max);
    *out = (int)n;
    return NULL;
}

/* What is read after all options are known, since it depends on several. */
typedef struct redis_files_t {
    const char *ca, *cert, *key;
} redis_files_t;

static const char *text(const char **out, cmd_parms *cmd, const char *key, const char *value)
{
    if (eb_text_fault(value) != NULL)
        return eb_complain(cmd, EXAMPLE, "%s= is empty", key);
    *out = value;
    return NULL;
}

static const char *file(const char **out, cmd_parms *cmd, const char *key, const char *value)
{
    *out = *value == '\0' ? NULL : ap_server_root_relative(cmd->pool, value);
    return *out == NULL ? eb_complain(cmd, TLS_EXAMPLE, "%s= names no file", key) : NULL;
}

static const char *option(eb_redis_address_t *address, redis_files_t *files, cmd_parms *cmd,
                          const char *word)
{
    const char *value = strchr(word, '=');
    const char *key = value == NULL ? word : apr_pstrndup(cmd->pool, word, value - word);
    bool flag = value == NULL;

    value = flag ? "" : value + 1;
    if (strcasecmp(key, "database") == 0)
        return number(&address->database, cmd, key, value, 0, 100000);
    if (strcasecmp(key, "connect-timeout") == 0)
        return number(&address->connect_ms, cmd, key, value, 10, 60000);
    if (strcasecmp(key, "timeout") == 0)
        return number(&address->command_ms, cmd, key, value, 10, 60000);
    if (strcasecmp(key, "replicas") == 0)
        return number(&address->replicas, cmd, key, value, 0, 100);
    if (strcasecmp(key, "user") == 0)
        return text(&address->user, cmd, key, value);
    if (strcasecmp(key, "password-file") == 0)
        return eb_secret_file(&address->password, cmd, EXAMPLE, value);
    if (strcasecmp(key, "sentinel-user") == 0)
        return text(&address->sentinel_user, cmd, key, value);
    if (strcasecmp(key, "sentinel-password-file") == 0)
        return eb_secret_file(&address->sentinel_password, cmd, EXAMPLE, value);
    if (strcasecmp(key, "ca-file") == 0)
        return file(&files->ca, cmd, key, value);
    if (strcasecmp(key, "cert-file") == 0)
        return file(&files->cert, cmd, key, value);
    if (strcasecmp(key, "key-file") == 0)
        return file(&files->key, cmd, key, value);
    if (flag && strcasecmp(key, "tls") == 0) {
        address->secure = true;
        return NULL;
    }
    return eb_complain(cmd, EXAMPLE,
                       "\"%s\" is not understood; there are database= user= password-file= "
                       "sentinel-user= sentinel-password-file= replicas= connect-timeout= timeout= "
                       "tls ca-file= cert-file= and key-file=",
                       word);
}

/* NULL, or what does not belong together. */
static const char *contradiction(cmd_parms *cmd, const eb_redis_address_t *address,
                                 const redis_files_t *files)
{
    if (address->user != NULL && address->password == NULL)
        return eb_complain(cmd, EXAMPLE, "user= needs a password-file= beside it");
    if (address->sentinel_user != NULL && address->sentinel_password == NULL)
        return eb_complain(cmd, SENTINEL_EXAMPLE,
                           "sentinel-user= needs a sentinel-password-file= beside it");
    if (address->sentinel_password != NULL && address->master == NULL)
        return eb_complain(cmd, SENTINEL_EXAMPLE,
                           "sentinel-password-file= is for addresses that begin with sentinel://");
    if (address->secure && address->path != NULL)
        return eb_complain(cmd, EXAMPLE, "a unix socket needs no tls; leave it out");
    if (!address->secure && (files->ca != NULL || files->cert != NULL || files->key != NULL))
        return eb_complain(cmd, TLS_EXAMPLE,
                           "ca-file=, cert-file= and key-file= are for TLS, which is not asked "
                           "for; write tls, or rediss:// before the host");
    if ((files->cert == NULL) != (files->key == NULL))
        return eb_complain(cmd, TLS_EXAMPLE, "cert-file= and key-file= need each other");
    return NULL;
}

static const char *prepare_tls(cmd_parms *cmd, eb_redis_address_t *address,
                               const redis_files_t *files)
{
    const char *why = NULL;

    if (eb_redis_tls_missing() != NULL)
        return eb_complain(cmd, EXAMPLE, "%s", eb_redis_tls_missing());
    address->ca_file = files->ca;
    address->cert_file = files->cert;
    if (eb_redis_tls_load(address, files->ca, files->cert, files->key, &why, cmd->pool) !=
        APR_SUCCESS)
        return eb_complain(cmd, TLS_EXAMPLE, "%s", why);
    return NULL;
}

const char *eb_redis_directive(cmd_parms *cmd, void *conf, int argc, char *const argv[])
{
    eb_server_t *server = eb_server_of(cmd->server);
    eb_redis_address_t *address = apr_pcalloc(cmd->pool, sizeof(*address));
    redis_files_t files = {0};
    const char *error = eb_misplaced(cmd, conf, server->redis_at);
    const char *why = NULL;

    if (error != NULL)
        return error;
    if (argc < 1)
        return eb_complain(cmd, EXAMPLE, "no address is given");
    if (eb_redis_address_parse(address, argv[0], &why, cmd->pool) != APR_SUCCESS)
        return eb_complain(cmd, EXAMPLE, "\"%s\": %s", argv[0], why);
    for (int i = 1; i < argc && error == NULL; i++)
        error = option(address, &files, cmd, argv[i]);
    if (error == NULL)
        error = contradiction(cmd, address, &files);
    if (error == NULL && address->secure)
        error = prepare_tls(cmd, address, &files);
    EB_SET(server, redis, address);
    EB_SET(server, redis_text, apr_pstrdup(cmd->pool, cmd->directive->args));
    return error;
}
