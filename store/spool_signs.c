/* Signs beside the jobs: an empty file in held/ for each job that is held, and the link `failed`,
 * which leads to the job that failed last. Whether a job is held is said by the job alone; the sign
 * only spares a look at a hundred thousand others. Signs are not synced, and workers look at held
 * jobs every minute, so what a power failure took comes back by itself. */
#include "spool.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HELD     "held"
#define FAILED   "failed"
#define READ_MAX 100 /* held jobs that are opened; beyond them the signs are believed */

static void set_sign(const eb_place_t *place, const char *name)
{
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
    int fd = openat(place->root, name, flags, 0600);

    if (fd < 0 && errno == ENOENT && mkdirat(place->root, HELD, 0700) == 0) {
        int dir = openat(place->root, HELD, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir >= 0) {
            eb_spool_own(dir, place->root);
            close(dir);
        }
        fd = openat(place->root, name, flags, 0600);
    }
    if (fd >= 0)
        close(fd);
}

/* Whoever meets a leftover of the same name finds the same link in it. */
static void point_at(const eb_place_t *place, const char *uuid)
{
    eb_spool_name_t job = eb_spool_name(uuid, ".job"), name = eb_spool_name(uuid, "." FAILED);
    char target[sizeof "queue/" + EB_SPOOL_NAME_LEN], now[sizeof target] = {0};

    apr_snprintf(target, sizeof target, "queue/%s", job.text);
    if (readlinkat(place->root, FAILED, now, sizeof now - 1) > 0 && strcmp(now, target) == 0)
        return;
    if (symlinkat(target, place->tmp, name.text) && errno != EEXIST)
        return;
    if (renameat(place->tmp, name.text, place->root, FAILED))
        unlinkat(place->tmp, name.text, 0);
}

void eb_spool_mark(const eb_place_t *place, const eb_job_t *job)
{
    char name[sizeof HELD "/" + EB_UUID_LEN];

    apr_snprintf(name, sizeof name, HELD "/%s", job->uuid);
    if (job->state == EB_JOB_HELD)
        set_sign(place, name);
    else
        unlinkat(place->root, name, 0);
    if (job->problem_id && job->state != EB_JOB_PURGED)
        point_at(place, job->uuid);
}

static void tell(eb_outbox_summary_t *s, const eb_job_t *job, apr_pool_t *keep)
{
    if (!job->problem_id || (s->problem_id && job->changed <= s->problem_at))
        return;
    s->problem_id = apr_pstrdup(keep, job->problem_id);
    s->problem = apr_pstrdup(keep, job->problem ? job->problem : "");
    s->remedy = apr_pstrdup(keep, job->remedy ? job->remedy : "");
    s->problem_at = job->changed;
}

/* One sign. A job whose file cannot be understood is held as well: nobody can go on with it. */
static void look_at(eb_outbox_summary_t *s, const eb_place_t *place, const char *uuid,
                    apr_pool_t *keep, apr_pool_t *pool)
{
    eb_job_t *job;
    apr_status_t rv = eb_spool_get_job(&job, place->queue, uuid, pool);

    if (rv == APR_EINVAL || rv == APR_ENOTIMPL)
        s->held++;
    if (rv || job->state != EB_JOB_HELD)
        return;
    s->held++;
    tell(s, job, keep);
}

static apr_status_t read_held(eb_outbox_summary_t *s, const eb_place_t *place, apr_pool_t *keep,
                              apr_pool_t *pool)
{
    int dir = openat(place->root, HELD, O_RDONLY | O_DIRECTORY | O_CLOEXEC), seen = 0;

    if (dir < 0)
        return errno == ENOENT ? APR_SUCCESS : errno;
    DIR *stream = eb_spool_stream(dir);
    apr_status_t rv = stream ? APR_SUCCESS : errno;
    close(dir);
    if (rv)
        return rv;
    for (const struct dirent *entry; (entry = readdir(stream));) {
        if (!eb_uuid_valid(entry->d_name))
            continue;
        if (seen++ < READ_MAX)
            look_at(s, place, entry->d_name, keep, pool);
        else
            s->held++;
    }
    closedir(stream);
    return APR_SUCCESS;
}

/* The job that failed last tells its failure as long as it has one. */
static void read_failed(eb_outbox_summary_t *s, const eb_place_t *place, apr_pool_t *keep,
                        apr_pool_t *pool)
{
    char target[sizeof "queue/" + EB_SPOOL_NAME_LEN] = {0};
    char *uuid = target + strlen("queue/");
    eb_job_t *job;

    if (readlinkat(place->root, FAILED, target, sizeof target - 1) < EB_UUID_LEN)
        return;
    uuid[EB_UUID_LEN] = '\0';
    if (eb_uuid_valid(uuid) && eb_spool_get_job(&job, place->queue, uuid, pool) == APR_SUCCESS)
        tell(s, job, keep);
}

apr_status_t eb_spool_signs(eb_outbox_summary_t *s, const eb_place_t *place, apr_pool_t *keep,
                            apr_pool_t *pool)
{
    read_failed(s, place, keep, pool);
    return read_held(s, place, keep, pool);
}
