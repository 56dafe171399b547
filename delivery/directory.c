/* The transport into a folder. The message must appear there once: whole, never twice, whichever
 * process dies when, and even when the receiver fetches it the moment it appears, so that nothing
 * is left to look for. Its documents must be there before it. The proof needs one rename, and a
 * mark:
 *
 *   1  queued     The documents are written to <folder>/.staging/<uuid>.d/, the message to
 *                 <folder>/.staging/<uuid>, an empty <uuid>.mark beside them, and all are synced.
 *                 Dying here leaves files that the next attempt writes anew.
 *   2             The job is stored as `announced`, and with it the folder and the file's name.
 *   3  announced  rename(2) makes the staged documents <folder>/<number>_<uuid>/, which means
 *                 nothing to the receiver as long as there is no message of that name. The folder
 *                 is synced. Whoever continues after a death finds the documents in the one place
 *                 or in the other.
 *   4             rename(2) makes the staged message the final one. In one indivisible step the
 *                 message appears and its staged name is gone. Nobody else removes names there, so
 *                 an announced job with a mark and without a staged file has been through this
 *                 rename, whether the receiver left message and documents lying or not. Then the
 *                 folder is synced.
 *   5             The job is stored as `submitted`.
 *   6  submitted  All was durable in the folder, so the case is confirmed; the mark goes.
 *
 * So a message that can be seen has all its documents beside it, and each of them is complete: 4
 * comes after 3, also on disk, since the folder was synced in between. A message that is still
 * staged while its documents are in neither place has lost them to somebody else, and waits.
 *
 * The mark guards the conclusion in 4 against people who replace the folder, mount something over
 * it, or clean the staging folder away: then it is missing, and somebody has to look. A job that
 * is announced goes on in the folder it was announced for, whatever is configured by then.
 *
 * A power failure may undo a rename that was not synced yet, though the receiver acted on it; then
 * the message appears a second time, under the same name and UUID, by which it is recognised. */
#include "inbox.h"
#include "transport.h"
#include "base/utf8.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".xml"

typedef struct directory_t {
    eb_transport_t transport;
    const char *folder;
} directory_t;

/* What the job remembers from `announced` on. */
typedef struct memory_t {
    const char *folder, *file;
    const char *documents; /* the file's name without its ending */
} memory_t;

/* No room is a matter of time; a folder that is not there or closed to us needs a person. */
static eb_step_result_t failed(int rv, const char *what, const char *folder, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    eb_problem_id_t id = EB_P_FOLDER_WRITE;

    if (rv == ENOSPC || rv == EDQUOT)
        id = EB_P_FOLDER_FULL;
    if (rv == ENOENT || rv == ENOTDIR || rv == EACCES || rv == EPERM || rv == EROFS || rv == ELOOP)
        id = EB_P_FOLDER_CLOSED;
    eb_problem_set(problem, id, rv, NULL, pool, "%s in %s failed: %s", what, folder, strerror(rv));
    return id == EB_P_FOLDER_CLOSED ? EB_STEP_HOLD : EB_STEP_WAIT;
}

static const char *remember(const eb_inbox_t *inbox, const char *file, apr_pool_t *pool)
{
    json_t *json = json_pack("{s:s, s:s}", "folder", inbox->folder, "file", file);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    const char *kept = text ? apr_pstrdup(pool, text) : NULL;

    free(text);
    json_decref(json);
    return kept;
}

static bool recall(memory_t *memory, const char *text, apr_pool_t *pool)
{
    json_t *json = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *folder, *file;
    bool good = json && json_unpack(json, "{s:s, s:s}", "folder", &folder, "file", &file) == 0 &&
                !strchr(file, '/') && *file != '.' && strlen(file) > strlen(SUFFIX);

    if (good)
        *memory = (memory_t){apr_pstrdup(pool, folder), apr_pstrdup(pool, file),
                             apr_pstrndup(pool, file, strlen(file) - strlen(SUFFIX))};
    json_decref(json);
    return good;
}

static eb_step_result_t announce(const directory_t *self, eb_job_t *job,
                                 const eb_package_t *package, eb_problem_t **problem,
                                 apr_pool_t *pool)
{
    const char *file = apr_psprintf(pool, "%s_%s" SUFFIX, package->number, package->uuid);
    eb_inbox_t *inbox = apr_palloc(pool, sizeof *inbox);
    eb_problem_t *cause = NULL;

    if (eb_attachments_safe(package->attachments, package->attachments_count, problem, pool))
        return EB_STEP_HOLD;
    int rv = eb_inbox_open(inbox, self->folder, true, pool);
    if (rv)
        return failed(rv, "Opening the folder", self->folder, problem, pool);
    rv = eb_inbox_stage(inbox, package, &cause, pool);
    if (cause) {
        *problem = cause;
        return EB_STEP_HOLD;
    }
    if (rv)
        return failed(rv, "Writing a message", self->folder, problem, pool);
    job->remote = remember(inbox, file, pool);
    job->state = EB_JOB_ANNOUNCED;
    return EB_STEP_FORWARD;
}

static eb_step_result_t lost_track(const eb_job_t *job, const char *folder, eb_problem_t **problem,
                                   apr_pool_t *pool)
{
    eb_problem_set(problem, EB_P_FOLDER_STAGING, APR_EGENERAL, NULL, pool,
                   "Case %s was about to appear in %s, but what was staged there is gone",
                   job->number, folder);
    return EB_STEP_HOLD;
}

static eb_step_result_t occupied(const eb_job_t *job, const memory_t *memory,
                                 eb_problem_t **problem, apr_pool_t *pool)
{
    eb_problem_set(problem, EB_P_FOLDER_OCCUPIED, APR_EEXIST, NULL, pool,
                   "The documents of case %s cannot become %s/%s", job->number, memory->folder,
                   memory->documents);
    return EB_STEP_HOLD;
}

static eb_step_result_t publish(eb_job_t *job, const eb_package_t *package, eb_problem_t **problem,
                                apr_pool_t *pool)
{
    eb_inbox_t *inbox = apr_palloc(pool, sizeof *inbox);
    memory_t memory;

    if (!recall(&memory, job->remote, pool))
        return lost_track(job, "an unknown folder", problem, pool);
    int rv = eb_inbox_open(inbox, memory.folder, false, pool);
    if (rv == ENOENT && inbox->fd >= 0)
        return lost_track(job, memory.folder, problem, pool);
    if (rv)
        return failed(rv, "Opening the folder", memory.folder, problem, pool);
    if (!eb_inbox_marked(inbox, job->uuid, pool))
        return lost_track(job, memory.folder, problem, pool);
    if (package->attachments_count)
        rv = eb_inbox_place_documents(inbox, job->uuid, memory.documents, pool);
    if (rv == ENOENT)
        return lost_track(job, memory.folder, problem, pool);
    if (rv == EEXIST)
        return occupied(job, &memory, problem, pool);
    if (!rv)
        rv = eb_inbox_place_message(inbox, job->uuid, memory.file);
    if (rv)
        return failed(rv, "Placing a message", memory.folder, problem, pool);
    job->state = EB_JOB_SUBMITTED;
    return EB_STEP_FORWARD;
}

static eb_step_result_t confirm(eb_job_t *job, apr_pool_t *pool)
{
    eb_inbox_t *inbox = apr_palloc(pool, sizeof *inbox);
    memory_t memory;

    if (recall(&memory, job->remote, pool) && !eb_inbox_open(inbox, memory.folder, false, pool))
        eb_inbox_unmark(inbox, job->uuid, pool);
    job->state = EB_JOB_CONFIRMED;
    return EB_STEP_FORWARD;
}

static eb_step_result_t step(const eb_transport_t *self, eb_job_t *job, const eb_package_t *package,
                             apr_time_t now, const eb_stop_t *stop, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    (void)now, (void)stop;
    switch (job->state) {
    case EB_JOB_QUEUED: return announce(self->data, job, package, problem, pool);
    case EB_JOB_ANNOUNCED: return publish(job, package, problem, pool);
    case EB_JOB_SUBMITTED: return confirm(job, pool);
    default: break;
    }
    eb_problem_set(problem, EB_P_JOB_UNKNOWN, APR_EINVAL, NULL, pool,
                   "Case %s is in the state %s, which this transport does not know", job->number,
                   eb_job_state_name(job->state));
    return EB_STEP_HOLD;
}

apr_status_t eb_directory_transport(eb_transport_t **transport, const char *folder,
                                    apr_pool_t *pool)
{
    if (*folder != '/' || !eb_utf8_valid(folder, strlen(folder)))
        return APR_EINVAL;
    directory_t *made = apr_palloc(pool, sizeof *made);
    made->folder = apr_pstrdup(pool, folder);
    made->transport = (eb_transport_t){.name = "directory", .step = step, .data = made};
    *transport = &made->transport;
    return APR_SUCCESS;
}
