/* Civil dates without a library's time zone state: the proleptic Gregorian calendar, partial dates
 * as passports have them (year, or year and month), and the legal time of Germany (Europe/Berlin by
 * Directive 2000/84/EC). */
#ifndef EB_DATE_H
#define EB_DATE_H

#include <apr_time.h>
#include <apr_pools.h>
#include <stdbool.h>

typedef struct eb_date_t {
    int year;  /* 1..9999; 0 = no date */
    int month; /* 1..12; 0 = unknown */
    int day;   /* 1..31; 0 = unknown */
} eb_date_t;

/* "JJJJ-MM-TT" and, with `partial`, "JJJJ-MM" and "JJJJ" (XML Schema date, gYearMonth, gYear
 * without zone). False leaves a zeroed date. */
bool eb_date_parse(eb_date_t *date, const char *iso, bool partial);
bool eb_date_valid(int year, int month,
                   int day); /* month and day as in eb_date_t; leap years counted */
const char *eb_date_iso(eb_date_t date, apr_pool_t *pool);    /* "" for no date */
const char *eb_date_german(eb_date_t date, apr_pool_t *pool); /* "24.03.1990", "03/1990", "1990" */
long eb_date_days(eb_date_t date); /* days since 1970-01-01; unknown month and day count as 1 */
eb_date_t eb_date_from_days(long days); /* no date beyond the years 1..9999 */

typedef struct eb_local_t {
    eb_date_t date;
    int hour, minute, second, millisecond;
    int offset; /* minutes east of UTC: 60 or 120 */
} eb_local_t;

eb_local_t eb_local_time(apr_time_t now); /* Europe/Berlin; before 1981 always winter time */
eb_date_t eb_local_date(apr_time_t now);
apr_time_t eb_local_midnight(eb_date_t date); /* the instant at which that day begins in Berlin */
const char *eb_local_iso(apr_time_t now, apr_pool_t *pool); /* "2026-11-25T19:30:00.123+01:00" */

#endif
