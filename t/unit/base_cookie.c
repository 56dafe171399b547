/* A Cookie header is untrusted bytes, and most of them belong to others. */
#include "base/cookie.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>

static const char name[] = "__Host-eb";

static void gives(const char *header, const char *want, apr_pool_t *pool)
{
    const char *value = "untouched";
    apr_status_t status = eb_cookie_get(&value, header, name, pool);
    is_str(status == APR_SUCCESS ? value : NULL, want, apr_psprintf(pool, "in \"%s\"", header));
}

static void fails(const char *header, apr_status_t want, const char *what, apr_pool_t *pool)
{
    const char *value = "untouched";
    apr_status_t status = eb_cookie_get(&value, header, name, pool);
    ok(status == want && value == NULL, what);
}

static void test_found(apr_pool_t *pool)
{
    gives("__Host-eb=abc", "abc", pool);
    gives("a=1; __Host-eb=abc; b=2", "abc", pool);
    gives("a=1;__Host-eb=abc;b=2", "abc", pool);
    gives(" \t__Host-eb=abc \t; x", "abc", pool);
    gives("__Host-eb=", "", pool);
    gives("__Host-eb=a=b=", "a=b=", pool);
    gives("__Host-eb=abc; __Host-eb=abc", "abc", pool);
    gives("x=a, \"b\" \\ ä; __Host-eb=abc", "abc", pool);
    gives(";;; ;__Host-eb=abc;", "abc", pool);
    gives("a=__Host-eb=no; __Host-eb=yes", "yes", pool);
}

static void test_absent(apr_pool_t *pool)
{
    fails(NULL, APR_NOTFOUND, "no header", pool);
    fails("", APR_NOTFOUND, "an empty one", pool);
    fails("a=1; b=2", APR_NOTFOUND, "other cookies", pool);
    fails("__host-eb=abc", APR_NOTFOUND, "another case is another name", pool);
    fails("x__Host-eb=abc", APR_NOTFOUND, "a longer name in front", pool);
    fails("__Host-ebx=abc", APR_NOTFOUND, "a longer name behind", pool);
    fails("__Host-eb", APR_NOTFOUND, "a name without a value", pool);
    fails("__Host-eb =abc", APR_NOTFOUND, "a blank before the sign of equality", pool);
    fails("a=\"; __Host-e\"", APR_NOTFOUND, "half a name in quotes", pool);
}

static void test_refused(apr_pool_t *pool)
{
    char *longest = apr_pcalloc(pool, EB_COOKIE_HEADER_MAX + 2);

    fails("__Host-eb=a; __Host-eb=b", APR_EINVAL, "two values", pool);
    fails("__Host-eb=a; __Host-eb=aa", APR_EINVAL, "one of which is longer", pool);
    fails("__Host-eb=aa; __Host-eb=a", APR_EINVAL, "one of which is shorter", pool);
    fails("__Host-eb=\"abc\"", APR_EINVAL, "quotes are not ours", pool);
    fails("__Host-eb=a b", APR_EINVAL, "a blank inside", pool);
    fails("__Host-eb=a,b", APR_EINVAL, "a comma, as two merged headers have it", pool);
    fails("__Host-eb=a\\b", APR_EINVAL, "a backslash", pool);
    fails("__Host-eb=\xC3\xA4", APR_EINVAL, "a letter beyond ASCII", pool);
    fails("a=\001; __Host-eb=abc", APR_EINVAL, "a control sign anywhere", pool);
    fails("a=\177; __Host-eb=abc", APR_EINVAL, "the delete sign", pool);
    fails("__Host-eb=abc\r\nX: y", APR_EINVAL, "the end of a line", pool);

    memset(longest, 'a', EB_COOKIE_HEADER_MAX);
    fails(longest, APR_NOTFOUND, "the longest header is looked at", pool);
    longest[EB_COOKIE_HEADER_MAX] = 'a';
    fails(longest, APR_EINVAL, "a longer one is refused", pool);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_found(pool);
    test_absent(pool);
    test_refused(pool);
    return done();
}
