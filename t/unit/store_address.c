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

static void test_tls(void)
{
    is_int(eb_redis_address_parse(&a, "rediss://[2001:db8::1]:6380", &why, pool), APR_SUCCESS,
           "rediss://");
    ok(a.secure && !a.tls, "asks for TLS, which is prepared later");
    is_str(a.host, "2001:db8::1", "its host");
    is_int(a.port, 6380, "its port");
    is_int(eb_redis_address_parse(&a, "rediss://redis.example.org", &why, pool), APR_SUCCESS,
           "without a port");
    is_int(a.port, 6379, "it is the usual one");
    if (!eb_redis_tls_missing())
        return;
    is_int(eb_redis_tls_load(&a, NULL, NULL, NULL, &why, pool), APR_ENOTIMPL,
           "where hiredis has no TLS");
    ok(strstr(why, "stunnel") && strstr(why, "unix socket"), "two ways out are named");
}

static void test_sentinels(void)
{
    is_int(eb_redis_address_parse(&a, "sentinel://h1:26380,[::1],10.0.0.3/antrag-1", &why, pool),
           APR_SUCCESS, "three Sentinels");
    is_int(a.sentinels_count, 3, "are three");
    is_str(a.master, "antrag-1", "the master's name");
    ok(!a.host && !a.path && !a.secure, "whose address is not known");
    is_str(a.sentinels[0].host, "h1", "the first");
    is_int(a.sentinels[0].port, 26380, "and its port");
    is_str(a.sentinels[1].host, "::1", "the second");
    is_int(a.sentinels[1].port, 26379, "has Sentinel's usual port");
    is_str(a.sentinels[2].host, "10.0.0.3", "the third");
    ok(eb_redis_address_parse(&a, "sentinel://a,b,c,d,e,f,g,h/m", &why, pool) == APR_SUCCESS &&
           a.sentinels_count == 8,
       "eight are taken");

    static const char *const wrong[] = {
        "sentinel://",          "sentinel://h1",          "sentinel://h1/",
        "sentinel:///name",     "sentinel://h1,/name",    "sentinel://,h1/name",
        "sentinel://h1:0/name", "sentinel://h1/na me",    "sentinel://h1/name/2",
        "sentinel://[::1/name", "sentinel://u:p@h1/name", "sentinel://a,b,c,d,e,f,g,h,i/m"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        bad(wrong[i]);
}

int main(void)
{
    pool = tap_begin();
    test_tls();
    test_sentinels();
    good("unix:/run/redis/redis-server.sock", "/run/redis/redis-server.sock", NULL, 0);
    good("127.0.0.1:6379", NULL, "127.0.0.1", 6379);
    good("redis.example.org:7000", NULL, "redis.example.org", 7000);
    good("localhost", NULL, "localhost", 6379);
    good("[::1]:6380", NULL, "::1", 6380);
    good("[fe80::1%eth0]", NULL, "fe80::1%eth0", 6379) /* a zone with letters */;

    static const char *const wrong[] = {"",           "unix:",
                                        "unix:run/x", ":6379",
                                        "host:",      "host:0",
                                        "host:65536", "host:63790000000",
                                        "host:x",     "host:-1",
                                        "::1",        "[::1",
                                        "[::1]x",     "[]:1",
                                        "a b:1",      "redis://host:6379",
                                        "h/x:1",      "host:6379x",
                                        "rediss://",  "rediss://h:0",
                                        "rediss:h",   "rediss://u:p@h:1"};
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
