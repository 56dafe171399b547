/* The check sign's promise is proved, not sampled: the sum is linear, so one number for each place
 * and each pair of signs stands for all numbers. */
#include "base/ids.h"
#include "tap.h"

#include <apr_errno.h>
#include <ctype.h>

static const char signs[] = "23456789CDFHJKMNPQRTWXY";
static const char digits[] = "0123456789";
static const int places[] = {3, 4, 5, 6, 8, 9, 10, 11, 13, 14, 15, 16}; /* all but the check sign */

enum { PLACES = sizeof places / sizeof *places, CHECK = 18 };

static const char *signs_at(int place)
{
    return place < 7 ? digits : signs;
}

/* Sets the one check sign that makes the number good; the number of those that would. */
static int complete(char *number)
{
    int count = 0;
    char good = '?';
    for (const char *s = signs; *s; s++) {
        number[CHECK] = *s;
        if (eb_number_valid(number)) {
            good = *s;
            count++;
        }
    }
    number[CHECK] = good;
    return count;
}

static void test_substitution(void)
{
    bool unique = true, found = true;
    for (int p = 0; p < PLACES; p++)
        for (const char *a = signs_at(places[p]); *a; a++) {
            char number[] = "EB-2026-7K4M-92QX-?";
            number[places[p]] = *a;
            unique = unique && complete(number) == 1;
            for (const char *b = signs_at(places[p]); *b; b++) {
                number[places[p]] = *b;
                found = found && eb_number_valid(number) == (a == b);
            }
        }
    ok(unique, "each number has exactly one check sign");
    ok(found, "every single wrong sign is found, in every place");
}

static bool swap_found(int left, int right, char a, char b)
{
    char number[] = "EB-2026-7K4M-92QX-?";
    number[left] = a;
    number[right] = b;
    complete(number);
    number[left] = b;
    number[right] = a;
    return !eb_number_valid(number);
}

static void test_transposition(void)
{
    bool found = true;
    for (int p = 0; p < PLACES; p++)
        for (int q = p + 1; q < PLACES; q++)
            for (const char *a = signs_at(places[p]); *a; a++)
                for (const char *b = signs_at(places[q]); *b; b++)
                    found = found && (*a == *b || swap_found(places[p], places[q], *a, *b));
    ok(found, "every swap of two signs is found, neighbours or not");
}

/* The last sign of the body with the check sign itself: all bodies' ends, all check signs. */
static void test_check_sign_swap(void)
{
    bool found = true;
    for (const char *a = signs; *a; a++)
        for (const char *b = signs; *b; b++) {
            char number[] = "EB-2026-7K4M-92XX-X";
            number[16] = *a;
            number[15] = *b;
            complete(number);
            char last = number[16], check = number[CHECK];
            number[16] = check;
            number[CHECK] = last;
            found = found && (last == check || !eb_number_valid(number));
        }
    ok(found, "so is the swap with the check sign");
}

static void test_shape(void)
{
    char number[EB_NUMBER_LEN + 1] = "EB-2026-7K4M-92QX-?", lower[EB_NUMBER_LEN + 1];
    complete(number);
    ok(eb_number_valid(number), "a good number");
    for (int i = 0; i <= EB_NUMBER_LEN; i++)
        lower[i] = (char)tolower(number[i]);
    ok(eb_number_valid(lower), "in lower case");

    bool refused = true;
    for (int i = 0; i < EB_NUMBER_LEN; i++)
        for (int c = 0; c < 256; c++) {
            char other[EB_NUMBER_LEN + 1];
            memcpy(other, number, sizeof other);
            other[i] = (char)c;
            refused = refused && eb_number_valid(other) == (toupper(c) == number[i]);
        }
    ok(refused, "no other byte in any place, NUL and look-alikes included");
    ok(!eb_number_valid("EB-2026-7K4M-92QX-"), "too short");
    ok(!eb_number_valid("EB-2026-7K4M-92QX-33"), "too long");
    ok(!eb_number_valid("") && !eb_number_valid(NULL), "nothing");
}

static void test_read(void)
{
    char number[EB_NUMBER_LEN + 1] = "EB-2026-7K4M-92QX-?", read[EB_NUMBER_LEN + 1], typed[64];
    complete(number);
    snprintf(typed, sizeof typed, "eb 2026\u00a07k4m - 92QX.%c ", number[CHECK]);
    ok(eb_number_read(read, typed) && strcmp(read, number) == 0, "a number as people type it");
    snprintf(typed, sizeof typed, "EB20267K4M92QX%c", number[CHECK]);
    ok(eb_number_read(read, typed) && strcmp(read, number) == 0, "and without hyphens");
    snprintf(typed, sizeof typed, "EB20267K4M92QX%cX", number[CHECK]);
    ok(!eb_number_read(read, typed), "a sign too many");
    ok(!eb_number_read(read, "EB-2026-7K4M-92QX"), "one too few");
    ok(!eb_number_read(read, "") && !eb_number_read(read, "-----------------------------"), "none");
}

static void test_new(void)
{
    enum { RUNS = 50000, MEAN = RUNS * 8 / 23 };
    int count[256] = {0};
    bool good = true, even = true;
    char number[EB_NUMBER_LEN + 1];

    for (int i = 0; i < RUNS; i++) {
        good = good && eb_number_new(number, 2026) == APR_SUCCESS && eb_number_valid(number) &&
               strncmp(number, "EB-2026-", 8) == 0 && strlen(number) == EB_NUMBER_LEN;
        for (int p = 4; p < PLACES; p++)
            count[(unsigned char)number[places[p]]]++;
    }
    ok(good, "fifty thousand new numbers are good");
    for (const char *s = signs; *s; s++) { /* standard deviation 129; modulo bias would be 1359 */
        int n = count[(unsigned char)*s];
        even = even && n > MEAN - 700 && n < MEAN + 700;
    }
    ok(even, "and use all signs alike");
    is_int(eb_number_new(number, 10000), APR_EINVAL, "no year of five digits");
}

static void test_uuid(void)
{
    char a[EB_UUID_LEN + 1], b[EB_UUID_LEN + 1];
    bool good = true, different = true;

    for (int i = 0; i < 1000; i++) {
        good = good && eb_uuid_new(a) == APR_SUCCESS && eb_uuid_new(b) == APR_SUCCESS &&
               eb_uuid_valid(a) && strlen(a) == EB_UUID_LEN;
        different = different && strcmp(a, b) != 0;
    }
    ok(good, "new UUIDs are valid");
    ok(different, "and new");
    ok(eb_uuid_valid("f81d4fae-7dec-41d0-a765-00a0c91e6bf6"), "a valid one");
    ok(!eb_uuid_valid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), "version 1 is not ours");
    ok(!eb_uuid_valid("f81d4fae-7dec-41d0-c765-00a0c91e6bf6"), "nor is another variant");
    ok(!eb_uuid_valid("F81D4FAE-7DEC-41D0-A765-00A0C91E6BF6"), "lower case only");
    ok(!eb_uuid_valid("f81d4fae-7dec-41d0-a765-00a0c91e6bf"), "too short");
    ok(!eb_uuid_valid("f81d4fae-7dec-41d0-a765-00a0c91e6bf6a"), "too long");
    ok(!eb_uuid_valid("f81d4fae07dec-41d0-a765-00a0c91e6bf6"), "a dash is a dash");
    ok(!eb_uuid_valid("../../../../etc/passwd/0123456789abc"), "a path is no UUID");
    ok(!eb_uuid_valid("") && !eb_uuid_valid(NULL), "nothing");
}

int main(void)
{
    tap_begin();
    test_substitution();
    test_transposition();
    test_check_sign_swap();
    test_shape();
    test_read();
    test_new();
    test_uuid();
    return done();
}
