/* Calendar and legal time, compared with the C library's gmtime() day by day and with its zoneinfo
 * half hour by half hour. */
#include "base/date.h"
#include "tap.h"

#include <apr_strings.h>
#include <time.h>
#include <unistd.h>

static bool is_date(eb_date_t d, int year, int month, int day)
{
    return d.year == year && d.month == month && d.day == day;
}

static void test_parse(apr_pool_t *pool)
{
    static const char *const bad[] = {
        "",           "1990-02-29",  "1990-13-01", "1990-00-10", "1990-01-00",  "1990-1-1",
        "24.03.1990", "1990-03-24Z", "0000-01-01", "1900-02-29", "1990-04-31",  " 1990-03-24",
        "1990-03-2",  "1990/03/24",  "-990-03-24", "19900324",   "1990-03-24 ", "199a-03-24",
        "1990-03-",   "1990-",       "199",        "1990-00",    "19900",       "12345-01-01"};
    eb_date_t d;

    ok(eb_date_parse(&d, "1990-03-24", false) && is_date(d, 1990, 3, 24), "a whole date");
    ok(eb_date_parse(&d, "2000-02-29", false), "a leap day of a century");
    ok(eb_date_parse(&d, "1990-03", true) && is_date(d, 1990, 3, 0), "year and month");
    ok(eb_date_parse(&d, "1990", true) && is_date(d, 1990, 0, 0), "a year");
    ok(!eb_date_parse(&d, "1990-03", false), "no partial date unless wanted");
    ok(!eb_date_parse(&d, "1990", false) && is_date(d, 0, 0, 0), "and then a zeroed one");
    ok(!eb_date_parse(&d, NULL, true), "no text");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!eb_date_parse(&d, bad[i], true) && is_date(d, 0, 0, 0),
           apr_psprintf(pool, "\"%s\" is no date", bad[i]));

    ok(!eb_date_valid(1990, 0, 1), "a day without a month is not valid");
    ok(!eb_date_valid(10000, 1, 1) && !eb_date_valid(0, 0, 0), "years from 1 to 9999");
    ok(!eb_date_valid(1990, -1, 0) && !eb_date_valid(1990, 1, -1), "nothing negative");
}

static void test_format(apr_pool_t *pool)
{
    is_str(eb_date_iso((eb_date_t){1990, 3, 24}, pool), "1990-03-24", "iso");
    is_str(eb_date_iso((eb_date_t){1990, 3, 0}, pool), "1990-03", "iso without a day");
    is_str(eb_date_iso((eb_date_t){990, 0, 0}, pool), "0990", "iso of a year");
    is_str(eb_date_iso((eb_date_t){0}, pool), "", "iso of no date");
    is_str(eb_date_german((eb_date_t){1990, 3, 4}, pool), "04.03.1990", "german");
    is_str(eb_date_german((eb_date_t){1990, 3, 0}, pool), "03/1990", "german without a day");
    is_str(eb_date_german((eb_date_t){1990, 0, 0}, pool), "1990", "german of a year");
    is_str(eb_date_german((eb_date_t){0}, pool), "", "german of no date");
}

static void test_days(void)
{
    bool back = true, same = true, valid = true;
    for (long day = -719162; day <= 2932896; day++) {
        time_t t = (time_t)day * 86400;
        struct tm tm;
        eb_date_t d = eb_date_from_days(day);
        gmtime_r(&t, &tm);
        same = same && is_date(d, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
        back = back && eb_date_days(d) == day;
        valid = valid && eb_date_valid(d.year, d.month, d.day);
    }
    ok(same, "every day from 0001-01-01 to 9999-12-31 as gmtime() has it");
    ok(back, "and back");
    ok(valid, "and valid");
    ok(!eb_date_from_days(-719163).year && !eb_date_from_days(2932897).year, "no day beyond");
    is_int(eb_date_days((eb_date_t){1990, 0, 0}), eb_date_days((eb_date_t){1990, 1, 1}),
           "an unknown day counts as the first");
}

/* What the library says, which reads the system's zoneinfo. */
static bool as_zoneinfo(apr_int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    eb_local_t got = eb_local_time(seconds * APR_USEC_PER_SEC);
    localtime_r(&t, &tm);
    return is_date(got.date, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) &&
           got.hour == tm.tm_hour && got.minute == tm.tm_min && got.second == tm.tm_sec &&
           got.offset * 60 == tm.tm_gmtoff;
}

static void test_zoneinfo(void)
{
    const apr_int64_t from = (apr_int64_t)eb_date_days((eb_date_t){1981, 1, 1}) * 86400;
    const apr_int64_t to = (apr_int64_t)eb_date_days((eb_date_t){2038, 1, 1}) * 86400;
    bool same = true;

    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0) {
        skip(1, "this system has no zoneinfo for Europe/Berlin");
        return;
    }
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    for (apr_int64_t t = from; t < to; t += 1800)
        same = same && as_zoneinfo(t) && as_zoneinfo(t - 1);
    ok(same, "every half hour from 1981 to 2037, and the second before it, as in zoneinfo");
}

static void test_local(apr_pool_t *pool)
{
    const apr_time_t spring = (apr_time_t)1774746000 * APR_USEC_PER_SEC; /* 2026-03-29 01:00 UTC */
    const apr_time_t autumn = (apr_time_t)1792890000 * APR_USEC_PER_SEC; /* 2026-10-25 01:00 UTC */

    is_str(eb_local_iso(spring - 1000, pool), "2026-03-29T01:59:59.999+01:00", "before summer");
    is_str(eb_local_iso(spring, pool), "2026-03-29T03:00:00.000+02:00", "summer begins");
    is_str(eb_local_iso(autumn - 1, pool), "2026-10-25T02:59:59.999+02:00", "before winter");
    is_str(eb_local_iso(autumn, pool), "2026-10-25T02:00:00.000+01:00", "winter begins");
    is_str(eb_local_iso(0, pool), "1970-01-01T01:00:00.000+01:00", "the epoch");
    is_str(eb_local_iso(-1, pool), "1970-01-01T00:59:59.999+01:00", "just before the epoch");
    ok(is_date(eb_local_date((apr_time_t)1798757999 * APR_USEC_PER_SEC), 2026, 12, 31) &&
           is_date(eb_local_date((apr_time_t)1798758000 * APR_USEC_PER_SEC), 2027, 1, 1),
       "the year changes in Berlin, not in Greenwich");
}

static void test_midnight(void)
{
    bool begins = true, ends = true;
    long to = eb_date_days((eb_date_t){2100, 1, 1});
    for (long day = eb_date_days((eb_date_t){1971, 1, 1}); day < to; day++) {
        apr_time_t t = eb_local_midnight(eb_date_from_days(day));
        eb_local_t at = eb_local_time(t);
        begins = begins && eb_date_days(at.date) == day && at.hour + at.minute + at.second == 0;
        ends = ends && eb_date_days(eb_local_date(t - 1)) == day - 1;
    }
    ok(begins, "every day from 1971 to 2099 begins at its midnight");
    ok(ends, "and the one before has ended a microsecond earlier");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_parse(pool);
    test_format(pool);
    test_days();
    test_local(pool);
    test_midnight();
    test_zoneinfo();
    return done();
}
