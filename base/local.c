/* The legal time of Germany by rule instead of by tzdata: from the last Sunday of March to the last
 * Sunday of October, each 01:00 UTC (Directive 2000/84/EC), clocks are two hours ahead of UTC,
 * otherwise one. From 1981 to 1995 summer time ended in September already; earlier instants, which
 * no application has, count as winter time. So TZ and a chroot without zoneinfo cannot shift a
 * deadline, and nothing touches the C library's shared state. */
#include "date.h"

#include <apr_strings.h>

enum { WINTER = 60, SUMMER = 120, DAY_SECONDS = 86400 };

static apr_int64_t floor_div(apr_int64_t a, apr_int64_t b)
{
    return a / b - (a % b < 0);
}

/* 01:00 UTC on the last Sunday of a month of 31 or 30 days, in seconds. 1970-01-01 was a Thursday.
 */
static apr_int64_t last_sunday(int year, int month)
{
    long last = eb_date_days((eb_date_t){year, month, month == 9 ? 30 : 31});
    long weekday = (last + 4) - floor_div(last + 4, 7) * 7; /* 0 = Sunday */
    return (apr_int64_t)(last - weekday) * DAY_SECONDS + 3600;
}

static int offset_at(apr_int64_t seconds)
{
    int year = eb_date_from_days((long)floor_div(seconds, DAY_SECONDS)).year;
    if (year < 1981)
        return WINTER;
    bool summer =
        seconds >= last_sunday(year, 3) && seconds < last_sunday(year, year < 1996 ? 9 : 10);
    return summer ? SUMMER : WINTER;
}

eb_local_t eb_local_time(apr_time_t now)
{
    apr_int64_t utc = floor_div(now, APR_USEC_PER_SEC);
    int micro = (int)(now % APR_USEC_PER_SEC + APR_USEC_PER_SEC) % APR_USEC_PER_SEC;
    int offset = offset_at(utc);
    apr_int64_t local = utc + offset * 60;
    apr_int64_t day = floor_div(local, DAY_SECONDS);
    int second = (int)(local - day * DAY_SECONDS);
    return (eb_local_t){.date = eb_date_from_days((long)day),
                        .hour = second / 3600,
                        .minute = second / 60 % 60,
                        .second = second % 60,
                        .millisecond = micro / 1000,
                        .offset = offset};
}

eb_date_t eb_local_date(apr_time_t now)
{
    return eb_local_time(now).date;
}

/* Clocks change at two or three at night, so the two instants that midnight can be, an hour apart,
 * have the same offset. */
apr_time_t eb_local_midnight(eb_date_t date)
{
    apr_int64_t utc = (apr_int64_t)eb_date_days(date) * DAY_SECONDS;
    return (utc - offset_at(utc - WINTER * 60) * 60) * APR_USEC_PER_SEC;
}

const char *eb_local_iso(apr_time_t now, apr_pool_t *pool)
{
    eb_local_t t = eb_local_time(now);
    return apr_psprintf(pool, "%04d-%02d-%02dT%02d:%02d:%02d.%03d+%02d:00", t.date.year,
                        t.date.month, t.date.day, t.hour, t.minute, t.second, t.millisecond,
                        t.offset / 60);
}
