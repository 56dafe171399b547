/* Problems are read by people under stress: the table is complete and its ids are unique, and a
 * text is one line whatever went into it. */
#include "base/problem.h"
#include "tap.h"

#include <apr_errno.h>
#include <ctype.h>

static bool is_id(const char *id)
{
    if (strlen(id) != 6 || strncmp(id, "EB0", 3) != 0)
        return false;
    for (int i = 3; i < 6; i++)
        if (!isdigit((unsigned char)id[i]))
            return false;
    return true;
}

static bool is_sentence(const char *s)
{
    return s && *s && s[strlen(s) - 1] == '.';
}

static void test_table(void)
{
    bool ids = true, texts = true, unique = true;
    for (int i = 0; i < EB_P_COUNT; i++) {
        ids = ids && is_id(eb_problem_id(i));
        texts = texts && is_sentence(eb_problem_cause(i)) && is_sentence(eb_problem_remedy(i));
        for (int j = 0; j < i; j++)
            unique = unique && strcmp(eb_problem_id(i), eb_problem_id(j)) != 0;
    }
    ok(ids, "every id is EB and four digits");
    ok(texts, "every cause and every remedy is a sentence");
    ok(unique, "no id is given twice");
    is_str(eb_problem_id(EB_P_KEYFILE_OPEN), "EB0101", "ids stay what they are");
}

static void test_set(apr_pool_t *pool)
{
    eb_problem_t *p = NULL;
    char where[] = "keys:3";

    is_int(eb_problem_set(&p, EB_P_KEYFILE_MODE, APR_EACCES, where, pool, "mode %04o", 0644u),
           APR_EACCES, "setting returns the status");
    where[5] = '4';
    is_int(p->status, APR_EACCES, "and keeps it");
    is_str(p->where, "keys:3", "the place is the problem's own copy");
    is_str(p->what, "mode 0644", "the sentence is formatted");
    is_str(eb_problem_text(p, pool),
           "EB0102 keys:3: mode 0644. Run chmod 0600 on the key file; at most 0640 is accepted.",
           "the text has id, place, sentence and remedy");
    is_int(eb_problem_set(NULL, EB_P_CRYPTO, APR_EGENERAL, NULL, pool, "x"), APR_EGENERAL,
           "nobody needs to listen");
    is_int(eb_problem_set(&p, EB_P_CRYPTO, APR_SUCCESS, NULL, pool, "x"), APR_EGENERAL,
           "a problem is never a success");
}

static void test_text(apr_pool_t *pool)
{
    eb_problem_t *p = NULL;

    eb_problem_set(&p, EB_P_CRYPTO, APR_EGENERAL, NULL, pool, "It failed.");
    ok(strncmp(eb_problem_text(p, pool), "EB0104 It failed. Check", 23) == 0,
       "no place, and no second full stop");
    eb_problem_set(&p, EB_P_CRYPTO, APR_EGENERAL, "a\nb", pool, "one\r\ntwo\tthree\033[1m");
    const char *text = eb_problem_text(p, pool);
    ok(strncmp(text, "EB0104 a b: one  two three [1m. ", 32) == 0, "control signs become blanks");
    ok(!strpbrk(text, "\r\n\t\033"), "so that a text is one line");
    is_str(p->what, "one\r\ntwo\tthree\033[1m", "and the problem itself is left alone");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_table();
    test_set(pool);
    test_text(pool);
    return done();
}
