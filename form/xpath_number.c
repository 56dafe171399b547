/* Numbers and their texts as XPath 1.0 wants them (sections 4.4 and 4.2): no exponents, no plus
 * sign, as many digits as tell the IEEE double from its neighbours. Independent of the process's
 * locale, since no decimal point ever passes through the C library. */
#include "xpath_ast.h"

#include <apr_strings.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_DIGITS 15  /* decimal digits that every double holds exactly */
#define LONGEST      800 /* more significant digits never decide how a double is rounded */

static const double powers[EXACT_DIGITS + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

static const char *skip_space(const char *s)
{
    while (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n')
        s++;
    return s;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits of a number without its point, and how many of them stood behind it. */
typedef struct decimal_t {
    char digits[LONGEST + 24]; /* room for "e-…" */
    int count, scale;
} decimal_t;

static const char *read_digits(decimal_t *d, const char *s, bool fraction)
{
    for (; is_digit(*s); s++) {
        bool leading_zero = d->count == 0 && *s == '0';
        bool kept = d->count < LONGEST;
        if (kept && !leading_zero)
            d->digits[d->count++] = *s;
        if (fraction == (kept || leading_zero))
            d->scale += fraction ? 1 : -1;
    }
    return s;
}

/* Rare: many digits. The C library rounds correctly, and "123e-2" has no decimal point in it. */
static double convert_long(decimal_t *d)
{
    snprintf(d->digits + d->count, 24, "e%d", -d->scale);
    return strtod(d->digits, NULL);
}

static double convert(decimal_t *d)
{
    if (d->count > EXACT_DIGITS || d->scale > EXACT_DIGITS || d->scale < 0)
        return d->count ? convert_long(d) : 0;
    double n = 0;
    for (int i = 0; i < d->count; i++)
        n = n * 10 + (d->digits[i] - '0');
    return n / powers[d->scale];
}

double eb_xpath_number(const char *text)
{
    decimal_t d;
    d.count = d.scale = 0;
    const char *s = skip_space(text);
    bool negative = *s == '-';
    s += negative;
    bool has_digits = is_digit(*s);
    s = read_digits(&d, s, false);
    if (*s == '.') {
        has_digits = has_digits || is_digit(s[1]);
        s = read_digits(&d, s + 1, true);
    }
    if (!has_digits || *skip_space(s))
        return NAN;
    return negative ? -convert(&d) : convert(&d);
}

/* The shortest digits that read back as `number`; *exponent is that of the first one. */
static void shortest(char digits[20], int *exponent, double number)
{
    char text[40];
    for (int precision = EXACT_DIGITS - 1; precision <= 16; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, number);
        if (strtod(text, NULL) == number)
            break;
    }
    int n = 0;
    const char *s = text;
    for (; *s != 'e'; s++) /* passes over the locale's decimal point */
        if (is_digit(*s))
            digits[n++] = *s;
    *exponent = atoi(s + 1);
    while (n > 1 && digits[n - 1] == '0')
        n--;
    digits[n] = '\0';
}

static const char *zeros(int count, apr_pool_t *pool)
{
    char *text = apr_pcalloc(pool, count + 1);
    memset(text, '0', count);
    return text;
}

static const char *decimal_text(double number, apr_pool_t *pool)
{
    char digits[20];
    int exponent;
    shortest(digits, &exponent, fabs(number));
    const char *sign = number < 0 ? "-" : "";
    int count = (int)strlen(digits), whole = exponent + 1;
    if (whole <= 0)
        return apr_pstrcat(pool, sign, "0.", zeros(-whole, pool), digits, NULL);
    if (whole >= count)
        return apr_pstrcat(pool, sign, digits, zeros(whole - count, pool), NULL);
    return apr_psprintf(pool, "%s%.*s.%s", sign, whole, digits, digits + whole);
}

const char *eb_xpath_number_text(double number, apr_pool_t *pool)
{
    if (isnan(number))
        return "NaN";
    if (isinf(number))
        return number < 0 ? "-Infinity" : "Infinity";
    if (fabs(number) < 1e15 && number == (double)(apr_int64_t)number)
        return apr_psprintf(pool, "%" APR_INT64_T_FMT, (apr_int64_t)number);
    return decimal_text(number, pool);
}
