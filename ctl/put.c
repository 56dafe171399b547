/* A new file under another name, synced, then renamed, then its folder synced: at any moment there
 * is the old one or the new one. */
#include "put.h"
#include "base/file.h"
#include "base/seal.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static apr_status_t write_new(const char *name, const eb_buf_t *text, const eb_owner_t *owner)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    apr_status_t rv = APR_SUCCESS;

    if (fd < 0)
        return errno;
    if (owner && geteuid() == 0 && fchown(fd, owner->uid, owner->gid))
        rv = errno;
    if (!rv && owner && fchmod(fd, owner->mode))
        rv = errno;
    if (!rv)
        rv = eb_file_write(fd, text->data, text->len);
    if (!rv && fsync(fd))
        rv = errno;
    close(fd);
    return rv;
}

static apr_status_t sync_folder(const char *file, apr_pool_t *pool)
{
    const char *slash = strrchr(file, '/');
    const char *folder = slash ? apr_pstrmemdup(pool, file, slash - file + 1) : ".";
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    apr_status_t rv = fd < 0 || fsync(fd) ? errno : APR_SUCCESS;

    if (fd >= 0)
        close(fd);
    return rv;
}

apr_status_t eb_ctl_put(const char *file, const eb_buf_t *text, const eb_owner_t *owner,
                        apr_pool_t *pool)
{
    apr_uint32_t random;
    apr_status_t rv = eb_random(&random, sizeof random);
    const char *fresh = apr_psprintf(pool, "%s.new-%08x", file, random);

    if (!rv)
        rv = write_new(fresh, text, owner);
    if (!rv && rename(fresh, file))
        rv = errno;
    if (rv) {
        unlink(fresh);
        return rv;
    }
    return sync_folder(file, pool);
}
