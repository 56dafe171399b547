/* The journal: who reads it asks "what happened to EB-2026-…", with grep. Each line is one write to
 * a file opened for appending, so lines of several processes do not mix. It is not synced: after a
 * power failure the last lines may be missing, while the jobs, which are synced, still tell. */
#include "spool.h"
#include "base/buf.h"
#include "base/date.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What a transport got from outside must not make fields or lines of its own. */
static void add_field(eb_buf_t *line, const char *text)
{
    eb_buf_putc(line, '\t');
    for (const char *s = text ? text : ""; *s; s++)
        eb_buf_putc(line, (unsigned char)*s < 0x20 || *s == 0x7F ? '?' : *s);
}

static apr_status_t append(int root, const eb_buf_t *line)
{
    int fd = openat(root, "journal.log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    eb_spool_own(fd, root);
    ssize_t n = write(fd, line->data, line->len);
    apr_status_t rv = n < 0 ? errno : (apr_size_t)n < line->len ? APR_ENOSPC : APR_SUCCESS;
    close(fd);
    return rv;
}

/* A held job has its folders open already. */
static apr_status_t place_of(eb_place_t **place, const eb_outbox_t *box, const eb_job_t *job,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_hold_t *hold = job->engine;

    if (!hold)
        return eb_place_enter(place, box, job->authority, true, problem, pool);
    *place = hold->place;
    return APR_SUCCESS;
}

apr_status_t eb_journal_write(eb_outbox_t *box, const eb_job_t *job, const char *step,
                              const char *detail, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_place_t *place;
    eb_buf_t line;
    apr_status_t rv = place_of(&place, box, job, problem, pool);

    if (rv)
        return rv;
    eb_buf_init(&line, 256, pool);
    eb_buf_puts(&line, eb_local_iso(job->changed, pool));
    add_field(&line, job->authority);
    add_field(&line, job->number);
    add_field(&line, job->uuid);
    add_field(&line, step);
    add_field(&line, job->transport);
    add_field(&line, detail);
    eb_buf_putc(&line, '\n');
    rv = append(place->root, &line);
    if (rv)
        return eb_problem_set(problem, EB_P_JOURNAL, rv, NULL, pool,
                              "%s/journal.log cannot be written: %s", place->path, strerror(rv));
    return APR_SUCCESS;
}
