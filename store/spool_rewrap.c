/* A waiting package under the current key. The old file is read piece by piece, each proven by its
 * seal, into a new one, which is synced and compared with the old one to the last byte; only then
 * rename(2) puts it in place. Dying at any moment leaves the one or the other.
 *
 * The caller holds the old file's lock. Whoever opened it before the rename, and gets the lock
 * after, finds that the name leads elsewhere by then, and lets go. */
#include "reader.h"
#include "spool.h"

#include <apr_errno.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct rewrap_t {
    eb_outbox_t *box;
    const eb_hold_t *hold;
    const eb_job_t *facts; /* as it was accepted: the head of the new file as of the old one */
    eb_reader_t *old;
    eb_problem_t **problem;
    apr_pool_t *pool;
} rewrap_t;

static apr_status_t fill(int fd, void *baton)
{
    rewrap_t *r = baton;
    eb_reader_source_t old = eb_reader_source(r->old);

    return eb_spool_pack(fd, r->box, r->hold->place, r->facts, &old.source, r->problem, r->pool);
}

/* Reads the new file as a worker will. */
static apr_status_t read_back(const rewrap_t *r, const char *name)
{
    eb_hold_t hold = *r->hold;
    eb_job_t job = *r->facts;
    eb_reader_t *fresh;

    hold.package = openat(hold.place->tmp, name, O_RDONLY | O_CLOEXEC);
    if (hold.package < 0)
        return errno;
    job.engine = &hold;
    apr_status_t rv = eb_spool_read(&fresh, r->box, &job, r->problem, r->pool);
    if (!rv)
        rv = eb_reader_same(r->old, fresh, r->problem, r->pool);
    close(hold.package);
    return rv;
}

static apr_status_t replace(rewrap_t *r)
{
    const eb_place_t *place = r->hold->place;
    eb_spool_name_t tmp, name = eb_spool_name(r->facts->uuid, ".package");
    int fd;
    apr_status_t rv = eb_spool_write(&fd, &tmp, place, r->facts->uuid, fill, r, r->facts->accepted);

    if (rv)
        return rv;
    close(fd);
    rv = read_back(r, tmp.text);
    if (!rv && renameat(place->tmp, tmp.text, place->queue, name.text))
        rv = errno;
    if (rv) {
        unlinkat(place->tmp, tmp.text, 0);
        return rv;
    }
    return fsync(place->queue) ? errno : APR_SUCCESS;
}

apr_status_t eb_spool_rewrap(bool *changed, eb_outbox_t *box, const eb_job_t *job,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    eb_problem_t *told = NULL;
    rewrap_t r = {.box = box, .hold = job->engine, .problem = &told, .pool = pool};
    apr_uint32_t key_id;
    eb_job_t *facts;

    *changed = false;
    apr_status_t rv = eb_spool_key(&key_id, r.hold->package);
    if (!rv && key_id == eb_keyring_current(box->keys))
        return APR_SUCCESS;
    rv = eb_spool_read(&r.old, box, job, problem, pool);
    if (!rv)
        rv = eb_spool_facts(&facts, r.hold->package, job->uuid, pool);
    if (rv)
        return rv;
    r.facts = facts;
    rv = replace(&r);
    *changed = !rv;
    if (rv && !told)
        return eb_spool_unwritten(problem, rv, r.hold->place, job->uuid, pool);
    if (rv && problem)
        *problem = told;
    return rv;
}
