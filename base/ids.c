/* The Vorgangsnummer is read out on the telephone and typed from paper. Its 23 signs leave out what
 * looks alike (0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V) and the vowels, so that no word comes out. 23
 * is prime: with thirteen different weights modulo 23 the check sign finds every single wrong sign
 * and every swap of two, t/unit/base_ids.c tries them all. The digits stand at their own values, so
 * the year, which needs 0 and 1 as well, takes part in the same sum. */
#include "ids.h"
#include "code.h"
#include "seal.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <stdio.h>
#include <string.h>

enum { SIGNS_IN_BODY = 8 };

/* What each place of a number holds: itself, or D a digit, S a sign. */
static const char pattern[] = "EB-DDDD-SSSS-SSSS-S";

static int value_of(char c)
{
    return apr_isdigit(c) ? c - '0' : eb_sign_value(c);
}

/* The weighted sum of year, body and check sign, 0 for a good number; -1 when a place does not hold
 * what the pattern wants. Weights fall to 1, that of the check sign. */
static int check_sum(const char *number)
{
    int sum = 0, weight = 4 + SIGNS_IN_BODY + 1;
    for (int i = 2; i < EB_NUMBER_LEN; i++) {
        char c = (char)apr_toupper(number[i]);
        if (pattern[i] == '-') {
            if (c != '-')
                return -1;
            continue;
        }
        if (pattern[i] == 'D' ? !apr_isdigit(c) : eb_sign_value(c) < 0)
            return -1;
        sum += weight-- * value_of(c);
    }
    return sum % EB_SIGNS;
}

bool eb_number_valid(const char *number)
{
    return number && strnlen(number, EB_NUMBER_LEN + 1) == EB_NUMBER_LEN &&
           apr_toupper(number[0]) == 'E' && apr_toupper(number[1]) == 'B' && check_sum(number) == 0;
}

bool eb_number_read(char number[EB_NUMBER_LEN + 1], const char *typed)
{
    int n = 0;

    for (; *typed; typed++) {
        if ((unsigned char)*typed >= 0x80 || !apr_isalnum(*typed))
            continue;
        if (n < EB_NUMBER_LEN && pattern[n] == '-')
            number[n++] = '-';
        if (n == EB_NUMBER_LEN)
            return false;
        number[n++] = (char)apr_toupper(*typed);
    }
    number[n] = '\0';
    return eb_number_valid(number);
}

apr_status_t eb_number_new(char number[EB_NUMBER_LEN + 1], int year)
{
    char b[SIGNS_IN_BODY];

    if (year < 0 || year > 9999)
        return APR_EINVAL;
    apr_status_t status = eb_signs_random(b, SIGNS_IN_BODY);
    if (status != APR_SUCCESS)
        return status;
    /* X counts nothing, so the sum with X in the last place is what the check sign must undo. */
    snprintf(number, EB_NUMBER_LEN + 1, "EB-%04u-%.4s-%.4s-X", (unsigned)year, b, b + 4);
    number[EB_NUMBER_LEN - 1] = eb_sign(EB_SIGNS - check_sum(number));
    return APR_SUCCESS;
}

static bool is_dash_place(int i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

void eb_uuid_from(char uuid[EB_UUID_LEN + 1], const unsigned char bytes[16])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char raw[16];

    memcpy(raw, bytes, sizeof raw);
    raw[6] = (raw[6] & 0x0F) | 0x40; /* version 4 */
    raw[8] = (raw[8] & 0x3F) | 0x80; /* variant of RFC 4122 */
    for (int i = 0, nibble = 0; i < EB_UUID_LEN; i++) {
        if (is_dash_place(i)) {
            uuid[i] = '-';
            continue;
        }
        uuid[i] = hex[nibble % 2 ? raw[nibble / 2] & 0x0F : raw[nibble / 2] >> 4];
        nibble++;
    }
    uuid[EB_UUID_LEN] = '\0';
}

apr_status_t eb_uuid_new(char uuid[EB_UUID_LEN + 1])
{
    unsigned char raw[16];

    apr_status_t status = eb_random(raw, sizeof raw);
    if (status == APR_SUCCESS)
        eb_uuid_from(uuid, raw);
    return status;
}

bool eb_uuid_valid(const char *uuid)
{
    if (!uuid || strnlen(uuid, EB_UUID_LEN + 1) != EB_UUID_LEN)
        return false;
    for (int i = 0; i < EB_UUID_LEN; i++) {
        bool hex = (uuid[i] >= '0' && uuid[i] <= '9') || (uuid[i] >= 'a' && uuid[i] <= 'f');
        if (is_dash_place(i) ? uuid[i] != '-' : !hex)
            return false;
    }
    return uuid[14] == '4' && strchr("89ab", uuid[19]);
}
