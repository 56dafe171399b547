/* The transport into a folder. The message must appear there once: whole, never twice, whichever
 * process dies when, and even when the receiver fetches it the moment it appears, so that nothing
 * is left to look for. The proof needs one rename, and a mark:
 *
 *   1  queued     The message is written to <folder>/.staging/<uuid>, an empty <uuid>.mark beside
 *                 it, and both are synced. Dying here leaves files that the next attempt writes
 *                 anew.
 *   2             The job is stored as `announced`, and with it the folder and the file's name.
 *   3  announced  rename(2) makes the staged file the final one. In one indivisible step the
 *                 message appears and its staged name is gone. Nobody else removes names there, so
 *                 an announced job with a mark and without a staged file has been through this
 *                 rename, whether the receiver left the message lying or not. Then the folder is
 *                 synced.
 *   4             The job is stored as `submitted`.
 *   5  submitted  The file was durable in the folder, so the case is confirmed; the mark goes.
 *
 * The mark guards the conclusion in 3 against people who replace the folder, mount something over
 * it, or clean the staging folder away: then it is missing, and somebody has to look. A job that
 * is announced goes on in the folder it was announced for, whatever is configured by then.
 *
 * A power failure may undo a rename that was not synced yet, though the receiver acted on it; then
 * the message appears a second time, under the same name and UUID, by which it is recognised. */
#include "transport.h"
#include "base/file.h"
#include "base/utf8.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGING ".staging"

typedef struct directory_t {
    eb_transport_t transport;
    const char *folder;
} directory_t;

/* The folder of one job, opened; closed with its pool. */
typedef struct inbox_t {
    const char *folder;
    int fd, staging;
} inbox_t;

/* What the job remembers from `announced` on. */
typedef struct memory_t {
    const char *folder, *file;
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

static apr_status_t cleanup_inbox(void *data)
{
    const inbox_t *inbox = data;
    if (inbox->fd >= 0)
        close(inbox->fd);
    if (inbox->staging >= 0)
        close(inbox->staging);
    return APR_SUCCESS;
}

static int open_staging(inbox_t *inbox, bool create)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

    if (create && mkdirat(inbox->fd, STAGING, 0700) == 0 && fsync(inbox->fd))
        return errno;
    inbox->staging = openat(inbox->fd, STAGING, flags);
    return inbox->staging < 0 ? errno : 0;
}

/* The folder must let us make names in it; that of the staging folder would not tell. */
static int open_inbox(inbox_t *inbox, const char *folder, bool create, apr_pool_t *pool)
{
    *inbox = (inbox_t){.folder = folder, .fd = -1, .staging = -1};
    apr_pool_cleanup_register(pool, inbox, cleanup_inbox, apr_pool_cleanup_null);
    inbox->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (inbox->fd < 0 || faccessat(inbox->fd, ".", W_OK | X_OK, AT_EACCESS))
        return errno;
    return open_staging(inbox, create);
}

static int write_durably(int fd, const char *data, apr_size_t len)
{
    int rv = eb_file_write(fd, data, len);
    return rv ? rv : fsync(fd) ? errno : 0;
}

static const char *mark_of(const char *uuid, apr_pool_t *pool)
{
    return apr_pstrcat(pool, uuid, ".mark", NULL);
}

/* A new file; one of an earlier attempt, perhaps half of one, is thrown away. The receiver is often
 * another user of the same group. */
static int write_new(int dir, const char *name, const char *data, apr_size_t len)
{
    if (unlinkat(dir, name, 0) && errno != ENOENT)
        return errno;
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0)
        return errno;
    int rv = write_durably(fd, data, len);
    close(fd);
    return rv;
}

static int stage(const inbox_t *inbox, const eb_package_t *package, apr_pool_t *pool)
{
    const char *mark = mark_of(package->uuid, pool);
    int rv = write_new(inbox->staging, package->uuid, package->message, package->message_len);

    if (!rv)
        rv = write_new(inbox->staging, mark, "", 0);
    if (!rv && fsync(inbox->staging))
        rv = errno;
    if (rv) {
        unlinkat(inbox->staging, package->uuid, 0);
        unlinkat(inbox->staging, mark, 0);
    }
    return rv;
}

static const char *remember(const inbox_t *inbox, const char *file, apr_pool_t *pool)
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
                !strchr(file, '/') && *file != '.';

    if (good)
        *memory = (memory_t){apr_pstrdup(pool, folder), apr_pstrdup(pool, file)};
    json_decref(json);
    return good;
}

static eb_step_result_t announce(const directory_t *self, eb_job_t *job,
                                 const eb_package_t *package, eb_problem_t **problem,
                                 apr_pool_t *pool)
{
    const char *file = apr_psprintf(pool, "%s_%s.xml", package->number, package->uuid);
    inbox_t *inbox = apr_palloc(pool, sizeof *inbox);

    if (package->attachments_count) {
        eb_problem_set(problem, EB_P_FOLDER_DOCUMENTS, APR_ENOTIMPL, NULL, pool,
                       "Case %s has %d documents", package->number, package->attachments_count);
        return EB_STEP_HOLD;
    }
    int rv = open_inbox(inbox, self->folder, true, pool);
    if (rv)
        return failed(rv, "Opening the folder", self->folder, problem, pool);
    rv = stage(inbox, package, pool);
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
                   "Case %s was about to appear in %s, but the mark in its %s is gone", job->number,
                   folder, STAGING);
    return EB_STEP_HOLD;
}

static eb_step_result_t publish(eb_job_t *job, eb_problem_t **problem, apr_pool_t *pool)
{
    inbox_t *inbox = apr_palloc(pool, sizeof *inbox);
    memory_t memory;

    if (!recall(&memory, job->remote, pool))
        return lost_track(job, "an unknown folder", problem, pool);
    int rv = open_inbox(inbox, memory.folder, false, pool);
    if (rv == ENOENT && inbox->fd >= 0)
        return lost_track(job, memory.folder, problem, pool);
    if (rv)
        return failed(rv, "Opening the folder", memory.folder, problem, pool);
    if (faccessat(inbox->staging, mark_of(job->uuid, pool), F_OK, 0))
        return lost_track(job, memory.folder, problem, pool);
    /* ENOENT: an earlier attempt got through here */
    if (renameat(inbox->staging, job->uuid, inbox->fd, memory.file) && errno != ENOENT)
        return failed(errno, "Placing a message", memory.folder, problem, pool);
    if (fsync(inbox->fd))
        return failed(errno, "Syncing the folder", memory.folder, problem, pool);
    job->state = EB_JOB_SUBMITTED;
    return EB_STEP_FORWARD;
}

/* Best effort: a mark that stays is litter, and means nothing any more. */
static eb_step_result_t confirm(eb_job_t *job, apr_pool_t *pool)
{
    inbox_t *inbox = apr_palloc(pool, sizeof *inbox);
    memory_t memory;

    if (recall(&memory, job->remote, pool) && !open_inbox(inbox, memory.folder, false, pool))
        unlinkat(inbox->staging, mark_of(job->uuid, pool), 0);
    job->state = EB_JOB_CONFIRMED;
    return EB_STEP_FORWARD;
}

static eb_step_result_t step(const eb_transport_t *self, eb_job_t *job, const eb_package_t *package,
                             apr_time_t now, eb_problem_t **problem, apr_pool_t *pool)
{
    (void)now;
    switch (job->state) {
    case EB_JOB_QUEUED: return announce(self->data, job, package, problem, pool);
    case EB_JOB_ANNOUNCED: return publish(job, problem, pool);
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
