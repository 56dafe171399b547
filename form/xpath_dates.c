/* Dates and durations in expressions: XForms 1.1, section 7.9, and two functions of our own that
 * count in whole years and months. Dates are those of Germany's legal time; what is no complete
 * date (empty, or "1990-03" as some passports have it) is NaN, so that every comparison with it is
 * false. */
#include "xpath_ast.h"
#include "base/date.h"

#include <apr_strings.h>
#include <apr_time.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY_SECONDS 86400.0

static const char *text_arg(const eb_ast_t *call, int i, const eb_focus_t *f)
{
    return eb_ast_string(call->args[i], f);
}

/* `count` digits; -1 when there are not. */
static int digits(const char **s, int count)
{
    int n = 0;
    for (; count > 0; count--, (*s)++) {
        if (**s < '0' || **s > '9')
            return -1;
        n = n * 10 + (**s - '0');
    }
    return n;
}

/* "hh:mm", as in times and in zones. */
static bool clock_time(const char **s, int *hour, int *minute)
{
    *hour = digits(s, 2);
    if (*hour < 0 || **s != ':')
        return false;
    (*s)++;
    *minute = digits(s, 2);
    return *minute >= 0 && *minute < 60;
}

/* ":ss" and a fraction of any length. */
static bool clock_seconds(const char **s, double *seconds)
{
    if (*(*s)++ != ':')
        return false;
    int whole = digits(s, 2);
    *seconds = whole;
    if (whole < 0 || whole > 59 || **s != '.')
        return whole >= 0 && whole <= 59;
    double unit = 0.1;
    const char *first = ++*s;
    for (; **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
        *seconds += unit * (**s - '0');
    return *s > first;
}

/* "Z", "+hh:mm", "-hh:mm" or nothing, up to the end of the text; seconds to take off for UTC. */
static bool zone(const char *s, double *offset)
{
    *offset = 0;
    if (!*s || strcmp(s, "Z") == 0)
        return true;
    int hour, minute, sign = *s == '-' ? -1 : 1;
    if (*s != '-' && *s != '+')
        return false;
    s++;
    if (!clock_time(&s, &hour, &minute) || *s || hour > 14 || (hour == 14 && minute))
        return false;
    *offset = sign * (hour * 3600.0 + minute * 60.0);
    return true;
}

static bool time_of_day(const char **s, double *seconds)
{
    int hour, minute;
    if (!clock_time(s, &hour, &minute) || !clock_seconds(s, seconds))
        return false;
    *seconds += hour * 3600.0 + minute * 60.0;
    return hour < 24 || *seconds == DAY_SECONDS;
}

/* xsd:date or xsd:dateTime, in seconds of UTC since 1970. */
static bool parse_stamp(const char *text, bool *has_time, double *seconds)
{
    char day[11];
    eb_date_t date;
    double time = 0, offset;
    apr_cpystrn(day, text, sizeof day);
    if (!eb_date_parse(&date, day, false))
        return false;
    const char *s = text + 10;
    *has_time = *s == 'T';
    if (*has_time) {
        s++;
        if (!time_of_day(&s, &time))
            return false;
    }
    if (!zone(s, &offset))
        return false;
    *seconds = (double)eb_date_days(date) * DAY_SECONDS + time - offset;
    return true;
}

static double do_days_from_date(const eb_ast_t *call, const eb_focus_t *f)
{
    bool has_time;
    double seconds;
    if (!parse_stamp(text_arg(call, 0, f), &has_time, &seconds))
        return NAN;
    return floor(seconds / DAY_SECONDS);
}

static double do_seconds_from_datetime(const eb_ast_t *call, const eb_focus_t *f)
{
    bool has_time;
    double seconds;
    if (!parse_stamp(text_arg(call, 0, f), &has_time, &seconds) || !has_time)
        return NAN;
    return seconds;
}

/* Empty for NaN and for days outside of the years 1 to 9999. */
static const char *do_days_to_date(const eb_ast_t *call, const eb_focus_t *f)
{
    double days = floor(eb_ast_number(call->args[0], f) + 0.5);
    const double first = (double)eb_date_days((eb_date_t){1, 1, 1});
    const double last = (double)eb_date_days((eb_date_t){9999, 12, 31});
    if (!(days >= first && days <= last))
        return "";
    return eb_date_iso(eb_date_from_days((long)days), f->c->pool);
}

static const char *do_local_date(const eb_ast_t *call, const eb_focus_t *f)
{
    (void)call;
    return eb_date_iso(eb_local_date(f->c->now), f->c->pool);
}

static const char *do_local_datetime(const eb_ast_t *call, const eb_focus_t *f)
{
    (void)call;
    return eb_local_iso(f->c->now, f->c->pool);
}

static const char *do_now(const eb_ast_t *call, const eb_focus_t *f)
{
    apr_time_exp_t t;
    (void)call;
    apr_time_exp_gmt(&t, f->c->now);
    return apr_psprintf(f->c->pool, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.tm_year + 1900,
                        t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

typedef struct duration_t {
    double months, seconds;
} duration_t;

/* One "n" and its letter; fractions only of seconds. False at the end of the letters or of the
 * text. */
static bool duration_part(const char **s, const char **letters, double *n, char *letter)
{
    const char *start = *s;
    size_t len = strspn(start, "0123456789"), all = strspn(start, "0123456789.");
    if (!len || all >= 32)
        return false;
    char text[32];
    apr_cpystrn(text, start, all + 1);
    *letter = start[all];
    const char *found = *letter ? strchr(*letters, *letter) : NULL;
    *n = eb_xpath_number(text);
    if (!found || isnan(*n) || (all > len && *letter != 'S') || text[all - 1] == '.')
        return false;
    *letters = found + 1;
    *s = start + all + 1;
    return true;
}

static double unit_of(char letter, bool time)
{
    switch (letter) {
    case 'Y': return 12;
    case 'M': return time ? 60 : 1;
    case 'D': return DAY_SECONDS;
    case 'H': return 3600;
    default: return 1;
    }
}

static int duration_parts(duration_t *d, const char **s, const char *letters, bool time)
{
    double n;
    char letter;
    int count = 0;
    for (; duration_part(s, &letters, &n, &letter); count++) {
        bool months = !time && letter != 'D';
        *(months ? &d->months : &d->seconds) += n * unit_of(letter, time);
    }
    return count;
}

/* xsd:duration: "-P1Y2M3DT4H5M6.7S", with at least one part, and one behind the T. */
static bool parse_duration(duration_t *d, const char *s)
{
    *d = (duration_t){0, 0};
    double sign = *s == '-' ? -1 : 1;
    s += *s == '-';
    if (*s++ != 'P')
        return false;
    int parts = duration_parts(d, &s, "YMD", false);
    if (*s == 'T') {
        s++;
        int times = duration_parts(d, &s, "HMS", true);
        if (times == 0)
            return false;
        parts += times;
    }
    d->months *= sign;
    d->seconds *= sign;
    return parts > 0 && !*s;
}

static double do_seconds(const eb_ast_t *call, const eb_focus_t *f)
{
    duration_t d;
    return parse_duration(&d, text_arg(call, 0, f)) ? d.seconds : NAN;
}

static double do_months(const eb_ast_t *call, const eb_focus_t *f)
{
    duration_t d;
    return parse_duration(&d, text_arg(call, 0, f)) ? d.months : NAN;
}

/* Whole months from one date to a later one; who was born on the 31st is a month old when the next
 * 31st begins, or, where there is none, the month after. Negative when `to` comes first. */
static int months_between(eb_date_t from, eb_date_t to)
{
    if (eb_date_days(to) < eb_date_days(from))
        return -months_between(to, from);
    int months = (to.year - from.year) * 12 + to.month - from.month;
    return months - (to.day < from.day);
}

static double do_months_between(const eb_ast_t *call, const eb_focus_t *f)
{
    eb_date_t from, to;
    if (!eb_date_parse(&from, text_arg(call, 0, f), false) ||
        !eb_date_parse(&to, text_arg(call, 1, f), false))
        return NAN;
    return months_between(from, to);
}

/* The same day some months later; what the month does not have is the first of the next, as periods
 * end by § 188 BGB. Empty when the date is none, or leaves the years 1 to 9999. */
static const char *do_add_months(const eb_ast_t *call, const eb_focus_t *f)
{
    eb_date_t date;
    double months = floor(eb_ast_number(call->args[1], f) + 0.5);
    if (!eb_date_parse(&date, text_arg(call, 0, f), false) || !(fabs(months) < 120000))
        return "";
    int month = date.year * 12 + date.month - 1 + (int)months;
    eb_date_t later = {month / 12, month % 12 + 1, date.day};
    if (month < 12 || later.year > 9999)
        return "";
    if (!eb_date_valid(later.year, later.month, later.day))
        later = (eb_date_t){(month + 1) / 12, (month + 1) % 12 + 1, 1};
    return eb_date_iso(later, f->c->pool);
}

static double do_age(const eb_ast_t *call, const eb_focus_t *f)
{
    eb_date_t birth;
    if (!eb_date_parse(&birth, text_arg(call, 0, f), false))
        return NAN;
    return months_between(birth, eb_local_date(f->c->now)) / 12;
}

const eb_function_t eb_functions_dates[] = {
    {"days-from-date", "s", EB_XPATH_NUMBER, .number = do_days_from_date},
    {"seconds-from-dateTime", "s", EB_XPATH_NUMBER, .number = do_seconds_from_datetime},
    {"seconds", "s", EB_XPATH_NUMBER, .number = do_seconds},
    {"months", "s", EB_XPATH_NUMBER, .number = do_months},
    {"months-between", "ss", EB_XPATH_NUMBER, .number = do_months_between},
    {"age", "s", EB_XPATH_NUMBER, .number = do_age},
    {"add-months", "sn", EB_XPATH_STRING, .string = do_add_months},
    {"days-to-date", "n", EB_XPATH_STRING, .string = do_days_to_date},
    {"local-date", "", EB_XPATH_STRING, .string = do_local_date},
    {"local-dateTime", "", EB_XPATH_STRING, .string = do_local_datetime},
    {"now", "", EB_XPATH_STRING, .string = do_now},
    {.name = NULL},
};
