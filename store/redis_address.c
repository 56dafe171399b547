/* Addresses as an administrator writes them. Whatever cannot be an address is told at configtest,
 * with an example, since a Redis that is merely absent is told much later, if at all. */
#include "redis.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <sys/un.h>

#define DEFAULT_PORT 6379

static apr_status_t refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return APR_EINVAL;
}

static apr_status_t parse_path(eb_redis_address_t *address, const char *path, const char **why,
                               apr_pool_t *pool)
{
    struct sockaddr_un sun;

    if (*path != '/')
        return refuse(why, "the path of a unix socket must be absolute, for example "
                           "unix:/run/redis/redis-server.sock");
    if (strlen(path) >= sizeof sun.sun_path)
        return refuse(why, "the path of a unix socket has at most 107 bytes");
    address->path = apr_pstrdup(pool, path);
    return APR_SUCCESS;
}

/* 1 to 65535, digits only; 0 when it is not a port. */
static int parse_port(const char *digits)
{
    int port = 0;

    for (const char *s = digits; *s; s++) {
        if (!apr_isdigit(*s) || s - digits == 5)
            return 0;
        port = port * 10 + (*s - '0');
    }
    return port <= 65535 ? port : 0;
}

static bool host_ok(const char *host, apr_size_t len, bool bracketed)
{
    for (apr_size_t i = 0; i < len; i++) {
        bool good = bracketed ? apr_isalnum(host[i]) || strchr(":.%", host[i])
                              : apr_isalnum(host[i]) || strchr(".-_", host[i]);
        if (!good)
            return false;
    }
    return len > 0 && len < 256;
}

static apr_status_t parse_host(eb_redis_address_t *address, const char *text, const char **why,
                               apr_pool_t *pool)
{
    bool bracketed = *text == '[';
    const char *host = bracketed ? text + 1 : text;
    apr_size_t len = strcspn(host, bracketed ? "]" : ":");
    const char *rest = host + len;

    if (bracketed && *rest++ != ']')
        return refuse(why, "the bracket of the IPv6 address is not closed; an example is "
                           "[::1]:6379");
    if (!host_ok(host, len, bracketed))
        return refuse(why, "expected unix:/path, host:port or [IPv6 address]:port, for example "
                           "unix:/run/redis/redis-server.sock or 127.0.0.1:6379");
    if (*rest && *rest != ':')
        return refuse(why, "only a port may follow the host, for example [::1]:6379");
    address->host = apr_pstrmemdup(pool, host, len);
    address->port = *rest ? parse_port(rest + 1) : DEFAULT_PORT;
    if (!address->port)
        return refuse(why, "the port must be a number from 1 to 65535 (an IPv6 address stands in "
                           "brackets: [::1]:6379)");
    return APR_SUCCESS;
}

apr_status_t eb_redis_address_parse(eb_redis_address_t *address, const char *text, const char **why,
                                    apr_pool_t *pool)
{
    *address = (eb_redis_address_t){.connect_ms = 500, .command_ms = 1000};
    *why = NULL;
    if (strncmp(text, "unix:", 5) == 0)
        return parse_path(address, text + 5, why, pool);
    return parse_host(address, text, why, pool);
}
