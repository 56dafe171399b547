/* The names of a job's states, as they stand in job files, in the journal and on the status page;
 * being in files, they never change. */
#include "outbox.h"

#include <apr_errno.h>
#include <string.h>

static const char *const names[] = {
    [EB_JOB_QUEUED] = "queued",       [EB_JOB_ANNOUNCED] = "announced",
    [EB_JOB_ATTACHED] = "attached",   [EB_JOB_SUBMITTED] = "submitted",
    [EB_JOB_CONFIRMED] = "confirmed", [EB_JOB_PURGED] = "purged",
    [EB_JOB_HELD] = "held",
};

const char *eb_job_state_name(eb_job_state_t state)
{
    return names[state];
}

apr_status_t eb_job_state_parse(eb_job_state_t *state, const char *name)
{
    for (apr_size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *state = (eb_job_state_t)i;
            return APR_SUCCESS;
        }
    }
    return APR_EINVAL;
}
