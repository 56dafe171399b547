/* Which form a number takes, by the rules of languages that are written down, and what is none. */
#include "base/plural.h"
#include "tap.h"

#include <apr_strings.h>

static void takes(const char *rule, unsigned long n, int form, apr_pool_t *pool)
{
    eb_plural_t *plural = eb_plural_parse(rule, pool);
    is_int(plural ? eb_plural_form(plural, n) : -1, form, apr_psprintf(pool, "%lu: %s", n, rule));
}

static void test_languages(apr_pool_t *pool)
{
    static const char arabic[] =
        "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
        "n%100>=11 ? 4 : 5;";
    static const char polish[] = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && "
                                 "(n%100<12 || n%100>14) ? 1 : 2);";
    static const int in_arabic[][2] = {{0, 0},  {1, 1},   {2, 2},   {3, 3},   {10, 3}, {11, 4},
                                       {99, 4}, {100, 5}, {102, 5}, {103, 3}, {111, 4}};
    static const int in_polish[][2] = {{1, 0},  {2, 1},  {4, 1},  {5, 2},   {12, 2},
                                       {14, 2}, {21, 2}, {22, 1}, {112, 2}, {0, 2}};
    for (size_t i = 0; i < sizeof(in_arabic) / sizeof(in_arabic[0]); i++)
        takes(arabic, (unsigned long)in_arabic[i][0], in_arabic[i][1], pool);
    for (size_t i = 0; i < sizeof(in_polish) / sizeof(in_polish[0]); i++)
        takes(polish, (unsigned long)in_polish[i][0], in_polish[i][1], pool);
    is_int(eb_plural_forms(eb_plural_parse(arabic, pool)), 6, "six forms");
}

static void test_arithmetic(apr_pool_t *pool)
{
    takes("nplurals=8; plural=1+2*3;", 0, 7, pool);
    takes("nplurals=8; plural=(1+1)*3;", 0, 6, pool);
    takes("nplurals=8; plural=7-2-1;", 0, 4, pool);
    takes("nplurals=8; plural=n/2%3;", 10, 2, pool);
    takes("nplurals=2; plural=!n;", 0, 1, pool);
    takes("nplurals=2; plural=n/0;", 5, 0, pool);
    takes("nplurals=2; plural=n%0;", 5, 0, pool);
    takes("nplurals=2; plural=n;", 5, 0, pool); /* a form that there is not */
    takes("nplurals=2; plural=0-1;", 5, 0, pool);
    takes("nplurals=2; plural=99999999999999999999999;", 5, 0, pool);
}

static const char *repeated(const char *before, const char *piece, int count, const char *after,
                            apr_pool_t *pool)
{
    char *text = apr_pcalloc(pool, strlen(before) + strlen(piece) * (size_t)count + 64);
    char *end = text + strlen(strcpy(text, before));
    while (count-- > 0)
        end += strlen(strcpy(end, piece));
    strcpy(end, after);
    return text;
}

static void test_refused(apr_pool_t *pool)
{
    static const char *const bad[] = {"",
                                      "nplurals",
                                      "nplurals=2",
                                      "nplurals=2;",
                                      "nplurals=2; plural=",
                                      "nplurals=2; plural=;",
                                      "nplurals=2; plural=n",
                                      "nplurals=0; plural=0;",
                                      "nplurals=9; plural=0;",
                                      "nplurals=-1; plural=0;",
                                      "nplurals=2; plural=n n;",
                                      "nplurals=2; plural=n>;",
                                      "nplurals=2; plural=(n;",
                                      "nplurals=2; plural=n?1;",
                                      "nplurals=2; plural=n?1:;",
                                      "nplurals=2; plural=m;",
                                      "nplurals=2; plural=n=1;",
                                      "nplurals=2; plural=!;"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok(!eb_plural_parse(bad[i], pool), apr_psprintf(pool, "refused: \"%s\"", bad[i]));
    static const char begin[] = "nplurals=2; plural=";
    ok(!eb_plural_parse(repeated(begin, "(", 100000, "n;", pool), pool), "too deep");
    ok(!eb_plural_parse(repeated(begin, "!", 100000, "n;", pool), pool), "too often not");
    ok(!eb_plural_parse(repeated(begin, "n+", 100000, "n;", pool), pool), "too long");
    ok(!eb_plural_parse(repeated(begin, "n?1:", 100000, "n;", pool), pool), "too many choices");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_languages(pool);
    test_arithmetic(pool);
    test_refused(pool);
    return done();
}
