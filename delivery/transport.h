/* How a package leaves the house. A transport is a small table; each call does one step, is told by
 * the job how far things are, and may be repeated after a crash without effect beyond the first. */
#ifndef EB_TRANSPORT_H
#define EB_TRANSPORT_H

#include "package.h"
#include "store/outbox.h"

#include <stdbool.h>

typedef enum {
    EB_STEP_FORWARD, /* job->state has moved on: store it, then call again */
    EB_STEP_LATER,   /* all is well: store the job, and ask again at job->due */
    EB_STEP_WAIT,    /* something is wrong: try again later; *problem says why. A job->due later
                        than the back-off's (Retry-After) is kept */
    EB_STEP_HOLD,    /* a person must act; *problem says what */
    EB_STEP_STOPPED  /* as asked: nothing has changed, and nothing has failed */
} eb_step_result_t;

/* Whoever waits for a receiver asks now and then whether that must end; `asked` may be NULL. */
typedef struct eb_stop_t {
    bool (*asked)(void *baton);
    void *baton;
} eb_stop_t;

/* What asking a receiver has found well, without sending anything: each step of the way there. */
typedef struct eb_probe_t {
    const char *step; /* "token", "destination" … */
    const char *text;
} eb_probe_t;

typedef struct eb_transport_t eb_transport_t;
struct eb_transport_t {
    const char *name; /* "directory" */
    /* Moves the job one state on (queued -> … -> confirmed). Called again after the new state is
     * durable; from any thread, but for one job of a route at a time. */
    eb_step_result_t (*step)(const eb_transport_t *self, eb_job_t *job, const eb_package_t *package,
                             apr_time_t now, const eb_stop_t *stop, eb_problem_t **problem,
                             apr_pool_t *pool);
    void *data;
};

/* `directory`: maildir-like. The message appears as <folder>/<number>_<uuid>.xml, mode 0640, whole
 * and once, even for a receiver that fetches it at once (directory.c has the argument). Documents
 * are complete in <folder>/<number>_<uuid>/ before it does, under their safe names; a folder
 * without its message is not yet the receiver's. Everything is staged in <folder>/.staging, which
 * belongs to the transport alone. A folder that is missing or closed is found out in each step, not
 * here; APR_EINVAL: `folder` is not an absolute path in UTF-8. */
apr_status_t eb_directory_transport(eb_transport_t **transport, const char *folder,
                                    apr_pool_t *pool);

#endif
