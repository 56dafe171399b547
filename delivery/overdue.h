/* When an application has waited for too long: the one rule behind the status page, health, metrics
 * and einbuergerungctl. */
#ifndef EB_OVERDUE_H
#define EB_OVERDUE_H

#include "store/outbox.h"

#include <stdbool.h>

/* Whether the oldest undelivered application of an authority needs a person's attention. After an
 * hour it does when the last failure still stands; without one it has been handed over, and the
 * receivers of some transports take their time to sign for it. Answers ("replies") wait for people
 * as long as these like: that they are held is told, and no alarm. */
bool eb_outbox_overdue(const eb_outbox_summary_t *s, const char *transport, apr_time_t now);

#endif
