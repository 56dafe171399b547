/* A folder has what is put into it at once. A destination of FIT-Connect fetches when it likes, and
 * is reminded by mail on the third day (FITKO, notifications and deletion deadlines); an OSCI
 * gateway passes on what the receiver fetches once a day. */
#include "overdue.h"

#include <string.h>

#define HOUR apr_time_from_sec(3600)
#define DAY  (24 * HOUR)

static apr_interval_time_t patience(const char *transport)
{
    static const struct {
        const char *transport;
        apr_interval_time_t patience;
    } rows[] = {{"fitconnect", 3 * DAY}, {"xta", DAY}};

    for (apr_size_t i = 0; transport && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(transport, rows[i].transport) == 0)
            return rows[i].patience;
    return HOUR;
}

bool eb_outbox_overdue(const eb_outbox_summary_t *s, const char *transport, apr_time_t now)
{
    const apr_interval_time_t age = s->oldest ? now - s->oldest : 0;

    if (transport && !strcmp(transport, "replies"))
        return false;
    return age > (s->problem_id ? HOUR : patience(transport));
}
