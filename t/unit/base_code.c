/* The check signs' promise is proved, not sampled: the sum of a group is linear, so one code for
 * each place, number of the group and pair of signs stands for all codes. */
#include "base/code.h"
#include "tap.h"

#include <apr_strings.h>
#include <ctype.h>

static const char signs[] = "23456789CDFHJKMNPQRTWXY";

enum { GROUPS = 6, LEN = EB_CODE_LEN(GROUPS), CHECK = EB_CODE_GROUP - 1 };

/* A good code with `a` and `b` at two places of group `g`, other than its check sign, and the one
 * check sign that is good; the number of those that are. */
static int code_with(char *code, int g, int p, char a, int q, char b)
{
    static char some[LEN + 1];
    char *group = code + EB_CODE_LEN(g);
    int good = 0;
    char right = '?';

    if (!*some)
        eb_code_new(some, GROUPS);
    memcpy(code, some, sizeof some);
    group[p] = a;
    group[q] = b;
    for (const char *s = signs; *s; s++) {
        group[CHECK] = *s;
        if (eb_code_valid(code, GROUPS)) {
            good++;
            right = *s;
        }
    }
    group[CHECK] = right;
    return good;
}

static void test_substitution(void)
{
    bool unique = true, found = true, located = true;
    char code[LEN + 1], read[LEN + 1];
    int count, wrong;

    for (int place = 0; place < LEN; place++)
        for (const char *a = signs; *a; a++) {
            int g = place / EB_CODE_GROUP, p = place % EB_CODE_GROUP;
            if (p != CHECK)
                unique = unique && code_with(code, g, p, *a, p, *a) == 1;
            char was = code[place];
            for (const char *b = signs; *b; b++) {
                code[place] = *b;
                found = found && eb_code_valid(code, GROUPS) == (was == *b);
                apr_status_t rv = eb_code_read(read, GROUPS, code, &count, &wrong);
                located = located && (was == *b ? rv == APR_SUCCESS : rv && wrong == g + 1);
            }
            code[place] = was;
        }
    ok(unique, "each group has exactly one check sign");
    ok(found, "every single wrong sign is found, in every place");
    ok(located, "and one is told in which group");
}

/* Swaps two signs of a good code. */
static bool swap_found(char *code, int left, int right)
{
    char was = code[left];
    if (was == code[right])
        return true;
    code[left] = code[right];
    code[right] = was;
    bool found = !eb_code_valid(code, GROUPS);
    code[right] = code[left];
    code[left] = was;
    return found;
}

static void test_transposition(void)
{
    bool found = true;
    char code[LEN + 1];

    for (int g = 0; g < GROUPS; g++)
        for (int p = 0; p < CHECK; p++)
            for (int q = p + 1; q < CHECK; q++)
                for (const char *a = signs; *a; a++)
                    for (const char *b = signs; *b; b++) {
                        code_with(code, g, p, *a, q, *b);
                        for (int i = EB_CODE_LEN(g); i < EB_CODE_LEN(g + 1); i++)
                            for (int j = i + 1; j < LEN && j <= EB_CODE_LEN(g + 1); j++)
                                found = found && swap_found(code, i, j);
                    }
    ok(found, "every swap of two signs of a group, or across a hyphen, is found");
}

static void test_groups(void)
{
    bool found = true;
    char code[LEN + 1], other[LEN + 1];

    eb_code_new(code, GROUPS);
    for (int g = 0; g < GROUPS; g++)
        for (int h = g + 1; h < GROUPS; h++) {
            memcpy(other, code, sizeof code);
            memcpy(other + EB_CODE_LEN(g), code + EB_CODE_LEN(h), EB_CODE_GROUP);
            memcpy(other + EB_CODE_LEN(h), code + EB_CODE_LEN(g), EB_CODE_GROUP);
            found = found && !eb_code_valid(other, GROUPS);
        }
    ok(found, "every swap of two groups is found");
}

static void test_reading(void)
{
    char code[LEN + 1], read[LEN + 1], shown[EB_CODE_SHOWN(GROUPS) + 1], typed[200];
    int count, wrong;

    eb_code_new(code, GROUPS);
    eb_code_show(shown, code, GROUPS);
    is_int((int)strlen(shown), EB_CODE_SHOWN(GROUPS), "six groups with hyphens");
    ok(!eb_code_read(read, GROUPS, shown, &count, &wrong) && !strcmp(read, code), "are read again");
    int n = 0;
    for (const char *c = code; *c; c++)
        n += sprintf(typed + n, " %c\u2013", tolower(*c));
    ok(!eb_code_read(read, GROUPS, typed, &count, &wrong) && !strcmp(read, code),
       "in lower case, with blanks and dashes between all signs");
    for (n = 0; code[n]; n++)
        typed[n] = code[n] == '8' ? 'B' : code[n] == '6' ? 'g' : code[n] == '5' ? 'S' : code[n];
    typed[n] = '\0';
    ok(!eb_code_read(read, GROUPS, typed, &count, &wrong) && !strcmp(read, code),
       "with letters that look like the digits");
    is_int(eb_code_read(read, GROUPS, code + 1, &count, &wrong), APR_EINVAL, "one sign too few");
    ok(count == LEN - 1 && wrong == 0, "is counted");
    sprintf(typed, "%s%s", code, code);
    is_int(eb_code_read(read, GROUPS, typed, &count, &wrong), APR_EINVAL, "twice the code");
    is_int(count, 2 * LEN, "is counted, too");
    is_int(eb_code_read(read, GROUPS, "", &count, &wrong), APR_EINVAL, "nothing");
    ok(!eb_code_valid("", GROUPS) && !eb_code_valid(shown, GROUPS), "what was made has no hyphens");
    memcpy(read, code, sizeof code);
    read[7] = 'O';
    ok(!eb_code_valid(read, GROUPS), "a letter that is no sign");
}

static void test_new(void)
{
    enum { RUNS = 20000, MEAN = RUNS * 30 / 23 };
    int count[256] = {0};
    bool good = true, even = true;
    char code[LEN + 1];

    for (int i = 0; i < RUNS; i++) {
        good = good && !eb_code_new(code, GROUPS) && eb_code_valid(code, GROUPS);
        for (int p = 0; p < LEN; p++)
            if (p % EB_CODE_GROUP != CHECK)
                count[(unsigned char)code[p]]++;
    }
    ok(good, "twenty thousand new codes are good");
    for (const char *s = signs; *s; s++) { /* standard deviation 158 */
        int n = count[(unsigned char)*s];
        even = even && n > MEAN - 900 && n < MEAN + 900;
    }
    ok(even, "and use all signs alike");
}

static void test_hashed(void)
{
    unsigned char hash[32];
    char one[EB_CODE_LEN(3) + 1], two[EB_CODE_LEN(3) + 1];
    bool good = true, different = true;

    for (int i = 0; i < 32; i++)
        hash[i] = (unsigned char)(37 * i);
    eb_code_hashed(one, 3, hash);
    for (int i = 0; i < 30; i++) {
        hash[i] ^= 1;
        eb_code_hashed(two, 3, hash);
        good = good && eb_code_valid(two, 3);
        different = different && strcmp(one, two);
        hash[i] ^= 1;
    }
    ok(good, "a code from a hash is a good one");
    ok(different, "and every byte that it is made of counts");
    eb_code_hashed(two, 3, hash);
    is_str(two, one, "it is always the same");
}

int main(void)
{
    apr_initialize();
    tap_begin();
    test_substitution();
    test_transposition();
    test_groups();
    test_reading();
    test_new();
    test_hashed();
    return done();
}
