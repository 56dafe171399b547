/* Dates: what parses is written as it was read and survives the way through day numbers; and any
 * instant lies in the day that Berlin's clocks say. */
#include "base/date.h"
#include "fuzz.h"

static void check_text(const char *text, apr_pool_t *pool)
{
    eb_date_t d, whole, again;

    if (!eb_date_parse(&d, text, true)) {
        must(d.year == 0 && d.month == 0 && d.day == 0);
        must(!eb_date_parse(&whole, text, false));
        return;
    }
    must(eb_date_valid(d.year, d.month, d.day));
    must(strcmp(eb_date_iso(d, pool), text) == 0);
    must(strlen(eb_date_german(d, pool)) == strlen(text));
    must(eb_date_parse(&whole, text, false) == (d.day != 0));
    again = eb_date_from_days(eb_date_days(d));
    must(again.year == d.year && again.month == (d.month ? d.month : 1) &&
         again.day == (d.day ? d.day : 1));
}

static void check_instant(apr_time_t now)
{
    eb_local_t t = eb_local_time(now);

    must(t.hour >= 0 && t.hour < 24 && t.minute >= 0 && t.minute < 60);
    must(t.second >= 0 && t.second < 60 && t.millisecond >= 0 && t.millisecond < 1000);
    must(t.offset == 60 || t.offset == 120);
    if (t.date.year == 0)
        return;
    must(eb_date_valid(t.date.year, t.date.month, t.date.day));
    apr_time_t since = now - eb_local_midnight(t.date);
    must(since >= 0 && since < apr_time_from_sec(25 * 3600));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    char *text = fuzz_text(data, size);
    apr_time_t now;

    check_text(text, pool);
    if (size >= sizeof now) {
        memcpy(&now, data, sizeof now);
        check_instant(now);
    }
    free(text);
    apr_pool_destroy(pool);
    return 0;
}
