/* The spool: an outbox in folders, in the manner of Postfix.
 *
 *   <folder>/<authority>/tmp/                  files being written; after a crash, litter
 *   <folder>/<authority>/queue/<uuid>.package  accepted, not yet purged; sealed; never changes
 *   <folder>/<authority>/queue/<uuid>.job      how far it has got; absent until the first save
 *   <folder>/<authority>/done/<uuid>.job       purged: the record that stays
 *   <folder>/<authority>/held/<uuid>           a sign that this job is held; says nothing else
 *   <folder>/<authority>/failed                leads to the job that failed last
 *   <folder>/<authority>/journal.log
 *
 * Accepting is one link(2) of a complete and synced file into queue/: it fails when the name is
 * there, so of two puts one wins, and there is no state between "nothing" and "all of it". A job
 * file is only ever replaced as a whole by rename(2). Purging writes the record into done/ first
 * and removes the rest then, so at any moment an accepted UUID is found in queue/ or in done/ by
 * whoever looks in this order; and what is in both is finished, whichever crash left it there.
 *
 * A name is on disk when its folder has been synced. Nobody is told of a job before that: not the
 * applicant whose put made it, nor the one whose second put found it.
 *
 * Needs link, rename, flock and fsync with their local meaning: ext4, xfs, btrfs, not NFS. */
#include "spool.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static const eb_outbox_engine_t engine = {
    .name = "spool",
    .put = eb_spool_put,
    .find = eb_spool_find,
    .list = eb_spool_list,
    .take = eb_spool_take,
    .read = eb_spool_read,
    .save = eb_spool_save,
    .purge = eb_spool_purge,
    .release = eb_spool_release,
    .summary = eb_spool_summary,
    .journal = eb_spool_journal,
    .by_hand = &eb_spool_by_hand,
};

/* File systems whose flock and rename another host may see differently. */
static bool remote(const char *folder)
{
    enum { NFS = 0x6969, SMB = 0x517B };
    const unsigned cifs = 0xFF534D42, smb2 = 0xFE534D42;
    struct statfs info;

    if (statfs(folder, &info))
        return false;
    unsigned type = (unsigned)info.f_type;
    return type == NFS || type == SMB || type == cifs || type == smb2;
}

apr_status_t eb_spool_open(eb_outbox_t **box, const char *folder, const eb_keyring_t *keys,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    struct stat info;

    if (stat(folder, &info) || (!S_ISDIR(info.st_mode) && (errno = ENOTDIR)) ||
        faccessat(AT_FDCWD, folder, R_OK | W_OK | X_OK, AT_EACCESS)) {
        int rv = errno;
        return eb_problem_set(problem, EB_P_SPOOL_FOLDER, rv, NULL, pool,
                              "The spool folder %s cannot be used: %s", folder, strerror(rv));
    }
    if (remote(folder))
        return eb_problem_set(problem, EB_P_SPOOL_FOLDER, APR_ENOTIMPL, NULL, pool,
                              "The spool folder %s is on a network file system", folder);
    eb_spool_t *spool = apr_palloc(pool, sizeof *spool);
    spool->folder = apr_pstrdup(pool, folder);
    apr_status_t rv = eb_looks_create(&spool->looks, pool);
    if (!rv)
        rv = eb_queues_create(&spool->queues, pool);
    if (rv)
        return eb_problem_set(problem, EB_P_SPOOL_FOLDER, rv, NULL, pool,
                              "The spool folder %s cannot be opened", folder);
    *box = apr_palloc(pool, sizeof **box);
    **box = (eb_outbox_t){.engine = &engine, .keys = keys, .pool = pool, .data = spool};
    return APR_SUCCESS;
}

eb_spool_name_t eb_spool_name(const char *uuid, const char *suffix)
{
    eb_spool_name_t name;
    apr_snprintf(name.text, sizeof name.text, "%s%s", uuid, suffix);
    return name;
}

static apr_status_t cleanup_place(void *data)
{
    eb_place_t *place = data;
    const int fds[] = {place->root, place->tmp, place->queue, place->done};

    for (int i = 0; i < 4; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return APR_SUCCESS;
}

/* Opens a folder; with `create` makes it first where it is missing, and its name durable. */
static apr_status_t open_folder(int *fd, int parent, const char *name, bool create)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

    *fd = openat(parent, name, flags);
    if (*fd >= 0 || errno != ENOENT || !create)
        return *fd >= 0 ? APR_SUCCESS : errno;
    if (mkdirat(parent, name, 0700) && errno != EEXIST)
        return errno;
    if (fsync(parent))
        return errno;
    *fd = openat(parent, name, flags);
    return *fd >= 0 ? eb_spool_own(*fd, parent) : errno;
}

/* An authority's id becomes a name in the file system. */
static bool id_ok(const char *id)
{
    apr_size_t len = strlen(id);

    for (const char *s = id; *s; s++)
        if (!apr_isalnum(*s) && *s != '-' && *s != '_')
            return false;
    return len >= 1 && len <= 64;
}

static apr_status_t open_folders(eb_place_t *place, const char *folder, const char *authority,
                                 bool create)
{
    int base = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (base < 0)
        return errno;
    apr_status_t rv = open_folder(&place->root, base, authority, create);
    close(base);
    if (!rv)
        rv = open_folder(&place->tmp, place->root, "tmp", create);
    if (!rv)
        rv = open_folder(&place->done, place->root, "done", create);
    if (!rv)
        rv = open_folder(&place->queue, place->root, "queue", create);
    return rv;
}

apr_status_t eb_place_enter(eb_place_t **place, const eb_outbox_t *box, const char *authority,
                            bool create, eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_spool_t *spool = box->data;
    eb_place_t *made = apr_palloc(pool, sizeof *made);

    *made = (eb_place_t){.root = -1, .tmp = -1, .queue = -1, .done = -1};
    made->path = apr_pstrcat(pool, spool->folder, "/", authority, NULL);
    if (!id_ok(authority))
        return eb_problem_set(problem, EB_P_SPOOL_FOLDER, APR_EINVAL, NULL, pool,
                              "\"%s\" cannot be the name of an authority's spool folder",
                              authority);
    apr_pool_cleanup_register(pool, made, cleanup_place, apr_pool_cleanup_null);
    apr_status_t rv = open_folders(made, spool->folder, authority, create);
    if (rv == ENOENT && !create)
        return APR_ENOENT;
    if (rv == ENOSPC || rv == EDQUOT)
        return eb_spool_unwritten(problem, rv, made, "the folders", pool);
    if (rv)
        return eb_problem_set(problem, EB_P_SPOOL_FOLDER, rv, NULL, pool,
                              "The spool folder %s cannot be used: %s", made->path, strerror(rv));
    *place = made;
    return APR_SUCCESS;
}
