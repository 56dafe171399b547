/* security.txt beside the spool, as `init` makes it: one that has expired tells nobody anything
 * (RFC 9116). Who has none is not asked for one. */
#include "doctor.h"
#include "init.h"

#include <apr_strings.h>
#include <stdio.h>
#include <time.h>

enum { SOON = 30 * 86400, TEXT_MAX = 4096 };

static const char *content(const char *file, apr_pool_t *pool)
{
    char *text = apr_pcalloc(pool, TEXT_MAX + 1);
    FILE *f = fopen(file, "re");

    if (!f)
        return NULL;
    text[fread(text, 1, TEXT_MAX, f)] = '\0';
    fclose(f);
    return text;
}

static void look_at_security(eb_doctor_t *d, const json_t *vhost)
{
    const char *spool = eb_config_text(json_object_get(vhost, "outbox"), "folder");
    const char *slash = spool ? strrchr(spool, '/') : NULL;
    const char *file =
        slash ? apr_psprintf(d->pool, "%.*s/security.txt", (int)(slash - spool), spool) : NULL;
    const char *text = file ? content(file, d->pool) : NULL;
    const time_t now = (time_t)apr_time_sec(d->ctl->now), end = text ? eb_init_expires(text) : 0;

    if (text && end < now + SOON)
        eb_doctor_wrong(d, file, EB_P_SECURITY_EXPIRES, "It %s",
                        !end        ? "does not say when it expires"
                        : end < now ? "has expired"
                                    : "expires within a month");
    else if (text)
        eb_doctor_good(d, file, "valid for %d days", (int)((end - now) / 86400));
}

void eb_doctor_security(eb_doctor_t *d)
{
    eb_doctor_each(d, "outbox", look_at_security);
}
