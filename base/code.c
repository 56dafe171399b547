/* 23 is prime: with different weights modulo 23 the check sign of a group finds every single wrong
 * sign in it and every swap of two. The group's own number takes part in the sum, so that groups in
 * the wrong order are found as well, and a sign that slips across a hyphen is a wrong sign in two
 * groups. t/unit/base_code.c tries them all. */
#include "code.h"
#include "seal.h"

#include <apr_lib.h>
#include <string.h>

/* The digits stand at their own values, so that numbers with 0 and 1 can be summed with them. */
static const char signs[] = "XY23456789CDFHJKMNPQRTW";

enum { RANDOM_AT_MOST = 256 / EB_SIGNS * EB_SIGNS /* bytes below map evenly onto the signs */ };

_Static_assert(sizeof signs - 1 == EB_SIGNS, "the alphabet has a prime number of signs");

int eb_sign_value(char c)
{
    const char *at = c ? strchr(signs, c) : NULL;
    return at ? (int)(at - signs) : -1;
}

char eb_sign(int value)
{
    return signs[value % EB_SIGNS];
}

/* A byte at or above RANDOM_AT_MOST would favour some signs: it is passed over. */
apr_status_t eb_signs_random(char *out, int count)
{
    unsigned char bytes[64];
    int n = 0;

    while (n < count) {
        apr_status_t status = eb_random(bytes, sizeof bytes);
        if (status != APR_SUCCESS)
            return status;
        for (apr_size_t i = 0; i < sizeof bytes && n < count; i++)
            if (bytes[i] < RANDOM_AT_MOST)
                out[n++] = eb_sign(bytes[i]);
    }
    eb_wipe(bytes, sizeof bytes);
    return APR_SUCCESS;
}

/* The weighted sum of the first `count` signs of a group, whose number counts as well. */
static int group_sum(const char *group, int number, int count)
{
    int sum = number;
    for (int i = 0; i < count; i++)
        sum += (EB_CODE_GROUP - i) * eb_sign_value(group[i]);
    return sum % EB_SIGNS;
}

/* Five signs become a group; the check sign has the weight 1. */
static void complete(char *group, int number)
{
    const int last = EB_CODE_GROUP - 1;
    group[last] = eb_sign(EB_SIGNS - group_sum(group, number, last));
}

static bool group_valid(const char *group, int number)
{
    for (int i = 0; i < EB_CODE_GROUP; i++)
        if (eb_sign_value(group[i]) < 0)
            return false;
    return group_sum(group, number, EB_CODE_GROUP) == 0;
}

apr_status_t eb_code_new(char *code, int groups)
{
    apr_status_t status = eb_signs_random(code, EB_CODE_LEN(groups));
    if (status != APR_SUCCESS)
        return status;
    for (int i = 0; i < groups; i++)
        complete(code + EB_CODE_LEN(i), i + 1);
    code[EB_CODE_LEN(groups)] = '\0';
    return APR_SUCCESS;
}

/* Two bytes for each sign: 65536 values favour none of 23 by more than one part in 2800. */
void eb_code_hashed(char *code, int groups, const unsigned char hash[32])
{
    for (int i = 0; i < groups; i++) {
        char *group = code + EB_CODE_LEN(i);
        for (int j = 0; j < EB_CODE_GROUP - 1; j++, hash += 2)
            group[j] = eb_sign(hash[0] << 8 | hash[1]);
        complete(group, i + 1);
    }
    code[EB_CODE_LEN(groups)] = '\0';
}

/* From 1; 0: all are good. */
static int first_wrong(const char *code, int groups)
{
    for (int i = 0; i < groups; i++)
        if (!group_valid(code + EB_CODE_LEN(i), i + 1))
            return i + 1;
    return 0;
}

bool eb_code_valid(const char *code, int groups)
{
    return strnlen(code, EB_CODE_LEN(groups) + 1) == (apr_size_t)EB_CODE_LEN(groups) &&
           first_wrong(code, groups) == 0;
}

void eb_code_show(char *shown, const char *code, int groups)
{
    for (int i = 0; i < groups; i++) {
        if (i)
            *shown++ = '-';
        memcpy(shown, code + EB_CODE_LEN(i), EB_CODE_GROUP);
        shown += EB_CODE_GROUP;
    }
    *shown = '\0';
}

static char meant(char c)
{
    static const char look[] = "BGSZ", like[] = "8652";
    const char *at = strchr(look, apr_toupper(c));
    return at ? like[at - look] : (char)apr_toupper(c);
}

apr_status_t eb_code_read(char *code, int groups, const char *typed, int *count, int *wrong)
{
    *count = *wrong = 0;
    for (; *typed; typed++) {
        if (!apr_isalnum(*typed) || (unsigned char)*typed >= 0x80)
            continue;
        if (*count < EB_CODE_LEN(groups))
            code[*count] = meant(*typed);
        ++*count;
    }
    code[*count < EB_CODE_LEN(groups) ? *count : EB_CODE_LEN(groups)] = '\0';
    if (*count != EB_CODE_LEN(groups))
        return APR_EINVAL;
    *wrong = first_wrong(code, groups);
    return *wrong ? APR_EINVAL : APR_SUCCESS;
}
