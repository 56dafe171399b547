/* In the staging folder a case is
 *
 *   <uuid>         its message
 *   <uuid>.d/      its documents, if there are any, under the names that they keep
 *   <uuid>.mark    empty: the two above were complete, and nobody but us removed them since
 *
 * What an attempt finds of an earlier one that died, it throws away. */
#include "inbox.h"
#include "base/file.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGING ".staging"

static const int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

static apr_status_t cleanup_inbox(void *data)
{
    const eb_inbox_t *inbox = data;
    if (inbox->fd >= 0)
        close(inbox->fd);
    if (inbox->staging >= 0)
        close(inbox->staging);
    return APR_SUCCESS;
}

static int open_staging(eb_inbox_t *inbox, bool create)
{
    if (create && mkdirat(inbox->fd, STAGING, 0700) == 0 && fsync(inbox->fd))
        return errno;
    inbox->staging = openat(inbox->fd, STAGING, folder_flags);
    return inbox->staging < 0 ? errno : 0;
}

/* The folder must let us make names in it; that of the staging folder would not tell. */
int eb_inbox_open(eb_inbox_t *inbox, const char *folder, bool create, apr_pool_t *pool)
{
    *inbox = (eb_inbox_t){.folder = folder, .fd = -1, .staging = -1};
    apr_pool_cleanup_register(pool, inbox, cleanup_inbox, apr_pool_cleanup_null);
    inbox->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (inbox->fd < 0 || faccessat(inbox->fd, ".", W_OK | X_OK, AT_EACCESS))
        return errno;
    return open_staging(inbox, create);
}

static const char *mark_of(const char *uuid, apr_pool_t *pool)
{
    return apr_pstrcat(pool, uuid, ".mark", NULL);
}

static const char *documents_of(const char *uuid, apr_pool_t *pool)
{
    return apr_pstrcat(pool, uuid, ".d", NULL);
}

/* The receiver is often another user of the same group. */
static int create(int *fd, int dir, const char *name)
{
    *fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    return *fd < 0 ? errno : 0;
}

static int sync_and_close(int fd, int rv)
{
    if (!rv && fsync(fd))
        rv = errno;
    close(fd);
    return rv;
}

static int write_new(int dir, const char *name, const char *data, apr_size_t len)
{
    int fd, rv = create(&fd, dir, name);
    return rv ? rv : sync_and_close(fd, eb_file_write(fd, data, len));
}

typedef struct file_t {
    eb_sink_t sink;
    int fd;
} file_t;

static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    (void)problem, (void)pool;
    return eb_file_write(((const file_t *)sink)->fd, data, len);
}

static int write_document(int dir, const eb_attachment_t *a, eb_problem_t **problem,
                          apr_pool_t *pool)
{
    file_t file = {.sink.take = take};
    bool own;
    int rv = create(&file.fd, dir, a->name);

    return rv ? rv
              : sync_and_close(file.fd, eb_attachment_pour(a, &file.sink, &own, problem, pool));
}

/* A folder of files, and nothing deeper. ENOENT is as good. */
static void remove_documents(int dir, const char *name)
{
    int fd = openat(dir, name, folder_flags);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;

    if (fd >= 0 && !stream)
        close(fd);
    if (!stream)
        return;
    for (const struct dirent *entry; (entry = readdir(stream));)
        unlinkat(fd, entry->d_name, 0);
    closedir(stream);
    unlinkat(dir, name, AT_REMOVEDIR);
}

static int write_documents(int dir, const eb_package_t *package, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    const char *name = documents_of(package->uuid, pool);
    int rv = 0;

    if (mkdirat(dir, name, 0750))
        return errno;
    int fd = openat(dir, name, folder_flags);
    if (fd < 0)
        return errno;
    for (int i = 0; !rv && i < package->attachments_count; i++)
        rv = write_document(fd, &package->attachments[i], problem, pool);
    return sync_and_close(fd, rv);
}

static void unstage(const eb_inbox_t *inbox, const char *uuid, apr_pool_t *pool)
{
    unlinkat(inbox->staging, mark_of(uuid, pool), 0);
    unlinkat(inbox->staging, uuid, 0);
    remove_documents(inbox->staging, documents_of(uuid, pool));
}

int eb_inbox_stage(const eb_inbox_t *inbox, const eb_package_t *package, eb_problem_t **problem,
                   apr_pool_t *pool)
{
    int rv = 0;

    unstage(inbox, package->uuid, pool);
    if (package->attachments_count)
        rv = write_documents(inbox->staging, package, problem, pool);
    if (!rv)
        rv = write_new(inbox->staging, package->uuid, package->message, package->message_len);
    if (!rv)
        rv = write_new(inbox->staging, mark_of(package->uuid, pool), "", 0);
    if (!rv && fsync(inbox->staging))
        rv = errno;
    if (rv)
        unstage(inbox, package->uuid, pool);
    return rv;
}

static bool there(int dir, const char *name)
{
    return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool eb_inbox_marked(const eb_inbox_t *inbox, const char *uuid, apr_pool_t *pool)
{
    return there(inbox->staging, mark_of(uuid, pool));
}

int eb_inbox_place_documents(const eb_inbox_t *inbox, const char *uuid, const char *name,
                             apr_pool_t *pool)
{
    if (renameat(inbox->staging, documents_of(uuid, pool), inbox->fd, name)) {
        if (errno == ENOTEMPTY || errno == ENOTDIR)
            return EEXIST;
        if (errno != ENOENT)
            return errno;
        if (there(inbox->staging, uuid) && !there(inbox->fd, name))
            return ENOENT;
    }
    return fsync(inbox->fd) ? errno : 0;
}

int eb_inbox_place_message(const eb_inbox_t *inbox, const char *uuid, const char *name)
{
    /* ENOENT: an earlier attempt got through here */
    if (renameat(inbox->staging, uuid, inbox->fd, name) && errno != ENOENT)
        return errno;
    return fsync(inbox->fd) ? errno : 0;
}

/* Best effort: a mark that stays is litter, and means nothing any more. */
void eb_inbox_unmark(const eb_inbox_t *inbox, const char *uuid, apr_pool_t *pool)
{
    unlinkat(inbox->staging, mark_of(uuid, pool), 0);
}
