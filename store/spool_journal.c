/* The journal of a spool: each line is one write to a file opened for appending, so lines of
 * several processes do not mix. It is not synced: after a power failure the last lines may be
 * missing, while the jobs, which are synced, still tell. It is read line by line: it grows for
 * years. */
#include "spool.h"

#include <apr_errno.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static apr_status_t append(int root, const char *line, apr_size_t len)
{
    int fd = openat(root, "journal.log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    eb_spool_own(fd, root);
    ssize_t n = write(fd, line, len);
    apr_status_t rv = n < 0 ? errno : (apr_size_t)n < len ? APR_ENOSPC : APR_SUCCESS;
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

apr_status_t eb_spool_journal(eb_outbox_t *box, const eb_job_t *job, const char *line,
                              apr_size_t len, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_place_t *place;
    apr_status_t rv = place_of(&place, box, job, problem, pool);

    if (rv)
        return rv;
    rv = append(place->root, line, len);
    if (rv)
        return eb_problem_set(problem, EB_P_JOURNAL, rv, NULL, pool,
                              "%s/journal.log cannot be written: %s", place->path, strerror(rv));
    return APR_SUCCESS;
}

static apr_status_t read_lines(int root, eb_line_t each, void *baton)
{
    int fd = openat(root, "journal.log", O_RDONLY | O_CLOEXEC);
    char *line = NULL;
    size_t size = 0;

    if (fd < 0)
        return errno == ENOENT ? APR_SUCCESS : errno;
    FILE *file = fdopen(fd, "r");
    if (!file) {
        close(fd);
        return APR_ENOMEM;
    }
    for (bool more = true; more && getline(&line, &size, file) >= 0;) {
        line[strcspn(line, "\n")] = '\0';
        more = each(line, baton);
    }
    apr_status_t rv = ferror(file) ? APR_EGENERAL : APR_SUCCESS;
    free(line);
    fclose(file);
    return rv;
}

apr_status_t eb_spool_journal_read(eb_outbox_t *box, const char *authority, eb_line_t each,
                                   void *baton, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_place_t *place;
    apr_status_t rv = eb_place_enter(&place, box, authority, false, problem, pool);

    if (rv)
        return APR_STATUS_IS_ENOENT(rv) ? APR_SUCCESS : rv;
    rv = read_lines(place->root, each, baton);
    return rv ? eb_spool_unread(problem, rv, place, "journal.log", pool) : APR_SUCCESS;
}
