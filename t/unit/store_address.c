/* Addresses of Redis as administrators write them. */
#include "store/redis.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>

static apr_pool_t *pool;
static eb_redis_address_t a;
static const char *why;

static void good(const char *text, const char *path, const char *host, int port)
{
    const char *name = apr_pstrcat(pool, "\"", text, "\"", NULL);
    if (!is_int(eb_redis_address_parse(&a, text, &why, pool), APR_SUCCESS, name))
        return;
    is_str(a.path, path, apr_pstrcat(pool, name, ": path", NULL));
    is_str(a.host, host, apr_pstrcat(pool, name, ": host", NULL));
    is_int(a.port, port, apr_pstrcat(pool, name, ": port", NULL));
    ok(a.connect_ms == 500 && a.command_ms == 1000 && !a.database && !a.user && !a.password && !why,
       "… and the defaults");
}

static void bad(const char *text)
{
    why = NULL;
    ok(eb_redis_address_parse(&a, text, &why, pool) == APR_EINVAL && why && *why,
       apr_pstrcat(pool, "refused: \"", text, "\"", NULL));
}

int main(void)
{
    pool = tap_begin();
    good("unix:/run/redis/redis-server.sock", "/run/redis/redis-server.sock", NULL, 0);
    good("127.0.0.1:6379", NULL, "127.0.0.1", 6379);
    good("redis.example.org:7000", NULL, "redis.example.org", 7000);
    good("localhost", NULL, "localhost", 6379);
    good("[::1]:6380", NULL, "::1", 6380);
    good("[fe80::1%eth0]", NULL, "fe80::1%eth0", 6379) /* a zone with letters */;

    static const char *const wrong[] = {"",       "unix:",     "unix:run/x", ":6379",
                                        "host:",  "host:0",    "host:65536", "host:63790000000",
                                        "host:x", "host:-1",   "::1",        "[::1",
                                        "[::1]x", "[]:1",      "a b:1",      "redis://host:6379",
                                        "h/x:1",  "host:6379x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        bad(wrong[i]);
    char *path = apr_pstrcat(pool, "unix:/", NULL);
    for (int i = 0; i < 106; i++)
        path = apr_pstrcat(pool, path, "x", NULL);
    is_int(eb_redis_address_parse(&a, path, &why, pool), APR_SUCCESS,
           "a path of 107 bytes fits a socket address");
    bad(apr_pstrcat(pool, path, "x", NULL));
    return done();
}
