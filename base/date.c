/* Dates are counted in the proleptic Gregorian calendar with the year moved to begin in March: the
 * leap day is then the last of its year, and months follow the pattern 31 30 31 30 31. */
#include "date.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

enum {
    DAYS_400_YEARS = 146097,
    DAYS_TO_1970 = 719468, /* from 0000-03-01 */
    DAYS_MIN = -719162,    /* 0001-01-01 */
    DAYS_MAX = 2932896     /* 9999-12-31 */
};

static int days_in_month(int year, int month)
{
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2)
        return leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool eb_date_valid(int year, int month, int day)
{
    if (year < 1 || year > 9999 || month < 0 || month > 12 || day < 0)
        return false;
    return month ? day <= days_in_month(year, month) : day == 0;
}

/* Exactly n digits at s; -1 when they are not there. */
static int digits(const char *s, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (!apr_isdigit(s[i]))
            return -1;
        value = value * 10 + (s[i] - '0');
    }
    return value;
}

static bool parse_parts(eb_date_t *d, const char *iso, apr_size_t len)
{
    d->year = digits(iso, 4);
    if (len == 4)
        return true;
    d->month = digits(iso + 5, 2);
    if (iso[4] != '-' || d->month == 0)
        return false;
    if (len == 7)
        return true;
    d->day = digits(iso + 8, 2);
    return iso[7] == '-' && d->day != 0;
}

bool eb_date_parse(eb_date_t *date, const char *iso, bool partial)
{
    apr_size_t len = iso ? strnlen(iso, 11) : 0;
    eb_date_t d = {0};

    *date = d;
    if (len != 10 && !(partial && (len == 7 || len == 4)))
        return false;
    if (!parse_parts(&d, iso, len) || !eb_date_valid(d.year, d.month, d.day))
        return false;
    *date = d;
    return true;
}

const char *eb_date_iso(eb_date_t d, apr_pool_t *pool)
{
    if (!d.year)
        return "";
    if (!d.month)
        return apr_psprintf(pool, "%04d", d.year);
    if (!d.day)
        return apr_psprintf(pool, "%04d-%02d", d.year, d.month);
    return apr_psprintf(pool, "%04d-%02d-%02d", d.year, d.month, d.day);
}

const char *eb_date_german(eb_date_t d, apr_pool_t *pool)
{
    if (!d.year)
        return "";
    if (!d.month)
        return apr_psprintf(pool, "%04d", d.year);
    if (!d.day)
        return apr_psprintf(pool, "%02d/%04d", d.month, d.year);
    return apr_psprintf(pool, "%02d.%02d.%04d", d.day, d.month, d.year);
}

long eb_date_days(eb_date_t d)
{
    int month = d.month ? d.month : 1, day = d.day ? d.day : 1;
    long year = month < 3 ? d.year - 1 : d.year;
    long since_march = (month + 9) % 12;
    return year * 365 + year / 4 - year / 100 + year / 400 + (153 * since_march + 2) / 5 + day - 1 -
           DAYS_TO_1970;
}

eb_date_t eb_date_from_days(long days)
{
    if (days < DAYS_MIN || days > DAYS_MAX)
        return (eb_date_t){0};
    long n = days + DAYS_TO_1970;
    long era = n / DAYS_400_YEARS, rest = n % DAYS_400_YEARS;
    long year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
    long day = rest - (year * 365 + year / 4 - year / 100);
    long since_march = (5 * day + 2) / 153;
    int month = (int)(since_march < 10 ? since_march + 3 : since_march - 9);
    return (eb_date_t){.year = (int)(era * 400 + year + (month < 3)),
                       .month = month,
                       .day = (int)(day - (153 * since_march + 2) / 5 + 1)};
}
