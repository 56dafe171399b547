/* EinbuergerungRedis ADDRESS key=value…: where drafts are kept. The password is a file's content,
 * never a value in the configuration. */
#include "directives.h"

#include <apr_file_io.h>
#include <apr_lib.h>

#define PASSWORD_MAX 1024

#define EXAMPLE "unix:/run/redis/redis.sock database=2 timeout=1000"

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

static const char *password(const char **out, cmd_parms *cmd, const char *value)
{
    const char *name = ap_server_root_relative(cmd->pool, value);
    char *text = apr_palloc(cmd->pool, PASSWORD_MAX + 1);
    apr_size_t len = PASSWORD_MAX;
    char why[120];
    apr_finfo_t info = {0};
    apr_file_t *file;
    apr_status_t rv =
        name == NULL ? APR_EINVAL : apr_file_open(&file, name, APR_FOPEN_READ, 0, cmd->temp_pool);

    if (rv != APR_SUCCESS)
        return eb_complain(cmd, EXAMPLE, "the password file %s cannot be read: %s", value,
                           apr_strerror(rv, why, sizeof(why)));
    if (apr_file_info_get(&info, APR_FINFO_PROT, file) != APR_SUCCESS ||
        (info.protection & (APR_FPROT_WREAD | APR_FPROT_WWRITE | APR_FPROT_GWRITE)))
        return eb_complain(cmd, EXAMPLE, "others may read or write %s; run chmod 0600 on it", name);
    rv = apr_file_read_full(file, text, len, &len);
    apr_file_close(file);
    while (len > 0 && apr_isspace(text[len - 1]))
        len--;
    text[len] = '\0';
    if ((rv != APR_SUCCESS && !APR_STATUS_IS_EOF(rv)) || len == 0 || strlen(text) != len)
        return eb_complain(cmd, EXAMPLE, "the password file %s holds no password", name);
    *out = text;
    return NULL;
}

static const char *option(eb_redis_address_t *address, cmd_parms *cmd, const char *word)
{
    const char *value = strchr(word, '=');
    const char *key = value == NULL ? word : apr_pstrndup(cmd->pool, word, value - word);

    value = value == NULL ? "" : value + 1;
    if (strcasecmp(key, "database") == 0)
        return number(&address->database, cmd, key, value, 0, 100000);
    if (strcasecmp(key, "connect-timeout") == 0)
        return number(&address->connect_ms, cmd, key, value, 10, 60000);
    if (strcasecmp(key, "timeout") == 0)
        return number(&address->command_ms, cmd, key, value, 10, 60000);
    if (strcasecmp(key, "password-file") == 0)
        return password(&address->password, cmd, value);
    if (strcasecmp(key, "user") == 0 && eb_text_fault(value) == NULL) {
        address->user = value;
        return NULL;
    }
    return eb_complain(cmd, EXAMPLE,
                       "\"%s\" is not understood; there are database= user= password-file= "
                       "connect-timeout= and timeout=",
                       word);
}

const char *eb_redis_directive(cmd_parms *cmd, void *conf, int argc, char *const argv[])
{
    eb_server_t *server = eb_server_of(cmd->server);
    eb_redis_address_t *address = apr_pcalloc(cmd->pool, sizeof(*address));
    const char *error = eb_outside_authority(cmd, conf);
    const char *why = NULL;

    if (error == NULL)
        error = eb_twice(cmd, server->redis_at);
    if (error != NULL)
        return error;
    if (argc < 1)
        return eb_complain(cmd, EXAMPLE, "no address is given");
    if (eb_redis_address_parse(address, argv[0], &why, cmd->pool) != APR_SUCCESS)
        return eb_complain(cmd, EXAMPLE, "\"%s\": %s", argv[0], why);
    for (int i = 1; i < argc && error == NULL; i++)
        error = option(address, cmd, argv[i]);
    if (error == NULL && address->user != NULL && address->password == NULL)
        error = eb_complain(cmd, EXAMPLE, "user= needs a password-file= beside it");
    EB_SET(server, redis, address);
    EB_SET(server, redis_text, apr_pstrdup(cmd->pool, cmd->directive->args));
    return error;
}
