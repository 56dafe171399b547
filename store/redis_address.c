/* Addresses as an administrator writes them. Whatever cannot be an address is told at configtest,
 * with an example, since a Redis that is merely absent is told much later, if at all. */
#include "redis.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <sys/un.h>

#define DEFAULT_PORT  6379
#define SENTINEL_PORT 26379

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

/* A host, and a port or none, in exactly `text`. */
static apr_status_t parse_host(eb_redis_host_t *at, const char *text, int port, const char **why,
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
        return refuse(why, "expected unix:/path, host:port, [IPv6 address]:port, "
                           "rediss://host:port or sentinel://host,host,host/name, for example "
                           "unix:/run/redis/redis-server.sock or 127.0.0.1:6379");
    if (*rest && *rest != ':')
        return refuse(why, "only a port may follow the host, for example [::1]:6379");
    at->host = apr_pstrmemdup(pool, host, len);
    at->port = *rest ? parse_port(rest + 1) : port;
    if (!at->port)
        return refuse(why, "the port must be a number from 1 to 65535 (an IPv6 address stands in "
                           "brackets: [::1]:6379)");
    return APR_SUCCESS;
}

/* What Sentinel itself accepts as a name. */
static bool name_ok(const char *name)
{
    for (const char *s = name; *s; s++)
        if (!apr_isalnum(*s) && !strchr(".-_", *s))
            return false;
    return *name && strlen(name) < 256;
}

static apr_status_t parse_sentinels(eb_redis_address_t *address, const char *text, const char **why,
                                    apr_pool_t *pool)
{
    const char *slash = strchr(text, '/');

    if (!slash || !name_ok(slash + 1))
        return refuse(why, "behind the Sentinels stands a slash and the name of the master as "
                           "their sentinel monitor line has it, for example "
                           "sentinel://10.0.0.1,10.0.0.2,10.0.0.3/einbuergerung");
    address->master = apr_pstrdup(pool, slash + 1);
    for (const char *host = text; host <= slash; host += strcspn(host, ",/") + 1) {
        if (address->sentinels_count == EB_SENTINELS_MAX)
            return refuse(why, "more than 8 Sentinels; name some of them, they know the others");
        apr_status_t rv =
            parse_host(&address->sentinels[address->sentinels_count++],
                       apr_pstrmemdup(pool, host, strcspn(host, ",/")), SENTINEL_PORT, why, pool);
        if (rv)
            return rv;
    }
    return APR_SUCCESS;
}

apr_status_t eb_redis_address_parse(eb_redis_address_t *address, const char *text, const char **why,
                                    apr_pool_t *pool)
{
    *address = (eb_redis_address_t){.connect_ms = 500, .command_ms = 1000};
    *why = NULL;
    if (strncmp(text, "unix:", 5) == 0)
        return parse_path(address, text + 5, why, pool);
    if (strncmp(text, "sentinel://", 11) == 0)
        return parse_sentinels(address, text + 11, why, pool);
    address->secure = strncmp(text, "rediss://", 9) == 0;
    eb_redis_host_t at = {0};
    apr_status_t rv = parse_host(&at, address->secure ? text + 9 : text, DEFAULT_PORT, why, pool);
    address->host = at.host;
    address->port = at.port;
    return rv;
}
