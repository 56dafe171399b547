/* Who is told, and when: an hour after a failure, and as late as each receiver may be without one.
 */
#include "delivery/overdue.h"
#include "tap.h"

#define HOURS(n) apr_time_from_sec((n) * (apr_time_t)3600)

static const apr_time_t now = HOURS(1000);

static bool late(const char *transport, int hours, const char *problem)
{
    const eb_outbox_summary_t s = {.oldest = now - HOURS(hours), .problem_id = problem};
    return eb_outbox_overdue(&s, transport, now);
}

int main(void)
{
    const eb_outbox_summary_t none = {.oldest = 0};

    ok(!eb_outbox_overdue(&none, "directory", now), "nothing waits");
    ok(!late("directory", 1, NULL) && late("directory", 2, NULL), "a folder has an hour");
    ok(!late("fitconnect", 72, NULL) && late("fitconnect", 73, NULL),
       "a destination of FIT-Connect has three days");
    ok(!late("xta", 24, NULL) && late("xta", 25, NULL), "an XTA server has one");
    ok(late("fitconnect", 2, "EB0620") && !late("fitconnect", 1, "EB0620"),
       "after a failure none has more than an hour");
    ok(!late("replies", 999, "EB0693"), "answers may be read when there is time");
    ok(late(NULL, 2, NULL) && late("later", 2, NULL), "nor has a transport that is not known");
    return done();
}
