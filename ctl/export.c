/* For the day on which nothing else works: an application as files that a person can carry. The
 * names are those under which the transport `directory` delivers. What is written is in clear, so
 * it is asked for twice, readable for its owner only, and in the journal. */
#include "jobs.h"
#include "base/file.h"
#include "delivery/package.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is being written; a sink for documents. */
typedef struct target_t {
    eb_sink_t sink;
    int fd;
} target_t;

static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    (void)problem, (void)pool;
    return eb_file_write(((target_t *)sink)->fd, data, len);
}

static apr_status_t create(target_t *target, int dir, const char *name)
{
    target->sink.take = take;
    target->fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return target->fd < 0 ? errno : APR_SUCCESS;
}

static apr_status_t finish(const target_t *target, apr_status_t rv)
{
    if (!rv && fsync(target->fd))
        rv = errno;
    close(target->fd);
    return rv;
}

static apr_status_t write_document(int dir, const eb_attachment_t *a, eb_problem_t **problem,
                                   apr_pool_t *pool)
{
    target_t target;
    bool own;
    apr_status_t rv = create(&target, dir, a->name);

    return rv ? rv : finish(&target, eb_attachment_pour(a, &target.sink, &own, problem, pool));
}

static apr_status_t write_documents(int folder, const char *name, const eb_package_t *package,
                                    eb_problem_t **problem, apr_pool_t *pool)
{
    apr_status_t rv;

    if (!package->attachments_count)
        return APR_SUCCESS;
    rv = eb_attachments_safe(package->attachments, package->attachments_count, problem, pool);
    if (rv)
        return rv;
    if (mkdirat(folder, name, 0700))
        return errno;
    int dir = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return errno;
    for (int i = 0; !rv && i < package->attachments_count; i++)
        rv = write_document(dir, &package->attachments[i], problem, pool);
    close(dir);
    return rv;
}

/* The documents first, as a delivery does. */
static apr_status_t write_all(const char *folder, const eb_package_t *package,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    const char *name = apr_psprintf(pool, "%s_%s", package->number, package->uuid);
    target_t target;
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (dir < 0)
        return errno;
    apr_status_t rv = write_documents(dir, name, package, problem, pool);
    if (!rv)
        rv = create(&target, dir, apr_pstrcat(pool, name, ".xml", NULL));
    if (!rv)
        rv = finish(&target, eb_file_write(target.fd, package->message, package->message_len));
    close(dir);
    return rv;
}

static apr_status_t read_package(eb_package_t *package, eb_ctl_job_t *found, eb_problem_t **problem,
                                 apr_pool_t *pool)
{
    eb_reader_t *reader;

    if (found->job->state == EB_JOB_PURGED)
        return eb_problem_set(problem, EB_P_JOB_UNFOUND, APR_NOTFOUND, NULL, pool,
                              "Case %s has been delivered and confirmed; its content is deleted",
                              found->job->number);
    apr_status_t rv = eb_ctl_open(&found->box, found->authority, true, problem, pool);
    if (!rv)
        rv = found->box->engine->read(&reader, found->box, found->job, problem, pool);
    if (rv)
        return rv;
    rv = eb_package_read(package, reader, problem, pool);
    if (rv && !*problem)
        eb_problem_set(problem, EB_P_PACKAGE_FORMAT, rv, NULL, pool,
                       "The package of case %s cannot be understood", found->job->number);
    return rv;
}

static apr_status_t export_job(eb_ctl_job_t *found, const eb_ctl_t *ctl, const char *folder,
                               eb_problem_t **problem)
{
    eb_package_t package;
    char why[120];

    apr_status_t rv = eb_ctl_find(found, ctl, ctl->words[0], problem);
    if (!rv)
        rv = read_package(&package, found, problem, ctl->pool);
    if (rv)
        return rv;
    rv = write_all(folder, &package, problem, ctl->pool);
    if (rv && !*problem)
        eb_problem_set(problem, EB_P_EXPORT, rv, NULL, ctl->pool,
                       "Case %s cannot be written into %s: %s", package.number, folder,
                       apr_strerror(rv, why, sizeof why));
    if (rv)
        return rv;
    found->job->changed = ctl->now; /* of the journal's line; the job itself is as it was */
    return eb_journal_write(found->box, found->job, "exported", NULL, problem, ctl->pool);
}

int eb_ctl_jobs_export(eb_ctl_t *ctl)
{
    eb_problem_t *problem = NULL;
    eb_ctl_job_t found;

    if (!ctl->yes)
        return eb_ctl_usage(
            "the application will be written in clear: say --yes if that is wanted");
    if (export_job(&found, ctl, ctl->words[1], &problem))
        return eb_ctl_complain(ctl, problem);
    return eb_ctl_done(ctl,
                       "Case %s is in %s; it will be delivered all the same, unless you "
                       "confirm or hold it.",
                       found.job->number, ctl->words[1]);
}
