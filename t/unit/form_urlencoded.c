/* The decoder of bodies and queries: what browsers send, and what nobody sends by accident. */
#include "form/urlencoded.h"
#include "tap.h"

#include <apr_strings.h>
#include <apr_time.h>

static apr_pool_t *pool;

/* The pairs as "[name]=[value];…", or the name of the status. */
static const char *decode(const char *body)
{
    eb_params_t params;
    char *copy = apr_pstrdup(pool, body);
    apr_status_t rv = eb_urlencoded_decode(&params, copy, strlen(copy), pool);
    if (rv != APR_SUCCESS)
        return rv == APR_EINVAL ? "EINVAL" : rv == APR_ENOSPC ? "ENOSPC" : "?";
    const char *out = "";
    for (int i = 0; i < params.count; i++)
        out = apr_pstrcat(pool, out, "[", params.list[i].name, "]=[", params.list[i].value, "];",
                          NULL);
    return out;
}

/* n times `c` between two texts */
static char *repeated(const char *before, char c, int n, const char *after)
{
    char *middle = apr_palloc(pool, (apr_size_t)n + 1);
    memset(middle, c, (apr_size_t)n);
    middle[n] = '\0';
    return apr_pstrcat(pool, before, middle, after, NULL);
}

static void what_browsers_send(void)
{
    is_str(decode(""), "", "an empty body has no pairs");
    is_str(decode("a=1&b=2"), "[a]=[1];[b]=[2];", "two pairs");
    is_str(decode("name=Garc%C3%ADa+M%c3%a1rquez"), "[name]=[García Márquez];", "plus and percent");
    is_str(decode("a%3Db=c%26d%3De=f"), "[a=b]=[c&d=e=f];", "separators that are encoded, or late");
    is_str(decode("a"), "[a]=[];", "a name without a value");
    is_str(decode("a="), "[a]=[];", "an empty value");
    is_str(decode("=b"), "[]=[b];", "an empty name");
    is_str(decode("&&a=1&&&b=2&"), "[a]=[1];[b]=[2];", "empty pairs are skipped");
    is_str(decode("t=eins%0D%0Azwei%09drei"), "[t]=[eins\r\nzwei\tdrei];", "line breaks and tabs");
    is_str(decode("a=%F0%9F%98%80"), "[a]=[\U0001F600];", "beyond the first plane");
}

static void what_is_refused(void)
{
    static const char *const bad[] = {"a=%",      "a=%4",        "a=%G1",          "a=%1G",
                                      "%=a",      "a=%00",       "a%00=b",         "a=%01",
                                      "a=%1B",    "a=%7F",       "a=\x01",         "a=%C3",
                                      "a=%C3%28", "a=%ED%A0%80", "a=%FF",          "a=\xFF",
                                      "a=%C0%AF", "%E4=ae",      "a=%F5%80%80%80", "a=%4&1=b",
                                      "a=%-1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        is_str(decode(bad[i]), "EINVAL", apr_psprintf(pool, "refused: bad text %d", (int)i));
    eb_params_t params;
    char nul[] = "a=b\0c";
    is_int(eb_urlencoded_decode(&params, nul, 5, pool), APR_EINVAL, "a NUL in the middle");
    is_int(params.count, 0, "nothing of a refused body is handed out");
}

static void limits(void)
{
    is_str(decode(repeated("", 'n', EB_PARAM_NAME_MAX + 1, "=v")), "ENOSPC", "a name too long");
    ok(*decode(repeated("", 'n', EB_PARAM_NAME_MAX, "=v")) == '[', "the longest name");
    is_str(decode(repeated("a=", 'v', EB_PARAM_VALUE_MAX + 1, "")), "ENOSPC", "a value too long");
    ok(*decode(repeated("a=", 'v', EB_PARAM_VALUE_MAX, "")) == '[', "the longest value");
    is_str(decode(repeated("", '&', EB_BODY_MAX + 1, "")), "ENOSPC", "a body too long");

    const char *many = "";
    for (int i = 0; i < EB_PARAMS_MAX; i++)
        many = apr_pstrcat(pool, many, i ? "&a=" : "a=", NULL);
    eb_params_t params;
    char *copy = apr_pstrdup(pool, many);
    is_int(eb_urlencoded_decode(&params, copy, strlen(copy), pool), APR_SUCCESS,
           "as many as allowed");
    is_int(params.count, EB_PARAMS_MAX, "all of them");
    is_str(decode(apr_pstrcat(pool, many, "&a=", NULL)), "ENOSPC", "one more");

    char *body = apr_palloc(pool, 40001);
    for (int i = 0; i < 10000; i++)
        memcpy(body + (apr_size_t)i * 4, "%4&&", 4); /* bad too, but that is never looked at */
    is_int(eb_urlencoded_decode(&params, body, 40000, pool), APR_ENOSPC, "ten thousand parameters");
    ok(memcmp(body, "%4&&%4&&", 8) == 0, "and not a byte of them was decoded");
}

static void lookup(void)
{
    eb_params_t params;
    char body[] = "a=1&b=2&b=3&c";
    int twice = -1;
    is_int(eb_urlencoded_decode(&params, body, strlen(body), pool), APR_SUCCESS, "decodes");
    is_str(eb_params_get(&params, "a", &twice), "1", "a parameter");
    is_int(twice, 0, "given once");
    is_str(eb_params_get(&params, "b", &twice), NULL, "a parameter given twice has no value");
    is_int(twice, 1, "and says so");
    is_str(eb_params_get(&params, "c", NULL), "", "a parameter without a value");
    is_str(eb_params_get(&params, "d", &twice), NULL, "an absent one");
    is_int(twice, 0, "is not repeated");
}

int main(void)
{
    pool = tap_begin();
    what_browsers_send();
    what_is_refused();
    limits();
    lookup();
    return done();
}
