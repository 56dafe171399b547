/* Looking through the queue without opening anything: the time stamp of a job file is its due time,
 * that of a package the time of acceptance. A thousand waiting jobs cost a thousand stats, some
 * milliseconds; spool_queue.c sees to it that they are seldom paid. */
#include "spool.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".package"

/* A delay is a quarter of an hour at most, so a job that is due an hour from now was stored before
 * the clock was set back. */
bool eb_spool_due(apr_time_t due, apr_time_t now)
{
    return due <= now || due > now + apr_time_from_sec(3600);
}

/* A stream over a folder of its own, so that the descriptor's position is nobody else's. */
DIR *eb_spool_stream(int dir)
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (fd >= 0 && !stream)
        close(fd);
    return stream;
}

/* The UUID that a file is named after; false when its name is not <uuid><suffix>. */
static bool uuid_of(char uuid[EB_UUID_LEN + 1], const char *name, const char *suffix)
{
    if (strlen(name) <= EB_UUID_LEN || strcmp(name + EB_UUID_LEN, suffix) != 0)
        return false;
    memcpy(uuid, name, EB_UUID_LEN);
    uuid[EB_UUID_LEN] = '\0';
    return eb_uuid_valid(uuid);
}

apr_time_t eb_spool_stamp(const struct stat *info)
{
    return apr_time_from_sec(info->st_mtim.tv_sec) + info->st_mtim.tv_nsec / 1000;
}

bool eb_spool_due_of(eb_candidate_t *candidate, const eb_place_t *place)
{
    eb_spool_name_t job = eb_spool_name(candidate->uuid, ".job"),
                    package = eb_spool_name(candidate->uuid, SUFFIX);
    struct stat info;

    if (fstatat(place->queue, job.text, &info, 0) && fstatat(place->queue, package.text, &info, 0))
        return false;
    candidate->due = eb_spool_stamp(&info);
    return true;
}

apr_status_t eb_spool_scan(const eb_place_t *place, eb_spool_found_t found, void *baton)
{
    eb_candidate_t candidate;
    apr_status_t rv = APR_SUCCESS;
    DIR *stream = eb_spool_stream(place->queue);

    if (!stream)
        return errno;
    for (const struct dirent *entry; !rv && (entry = readdir(stream));)
        if (uuid_of(candidate.uuid, entry->d_name, SUFFIX) && eb_spool_due_of(&candidate, place))
            rv = found(baton, &candidate);
    closedir(stream);
    return rv;
}

/* By the time of the last change of the inode, which nobody can set. */
static void sweep_tmp(const eb_place_t *place, apr_time_t now)
{
    const apr_time_t old = now - apr_time_from_sec(3600);
    struct stat info;
    DIR *stream = eb_spool_stream(place->tmp);

    if (!stream)
        return;
    for (const struct dirent *entry; (entry = readdir(stream));)
        if (fstatat(place->tmp, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode) && apr_time_from_sec(info.st_ctim.tv_sec) < old)
            unlinkat(place->tmp, entry->d_name, 0);
    closedir(stream);
}

/* Job files without a package are left when power fails in the middle of a purge. */
static void sweep_queue(const eb_place_t *place)
{
    char uuid[EB_UUID_LEN + 1];
    DIR *stream = eb_spool_stream(place->queue);

    if (!stream)
        return;
    for (const struct dirent *entry; (entry = readdir(stream));) {
        if (!uuid_of(uuid, entry->d_name, ".job"))
            continue;
        eb_spool_name_t package = eb_spool_name(uuid, SUFFIX);
        if (faccessat(place->queue, package.text, F_OK, 0) && errno == ENOENT &&
            faccessat(place->done, entry->d_name, F_OK, 0) == 0)
            unlinkat(place->queue, entry->d_name, 0);
    }
    closedir(stream);
}

void eb_spool_sweep(const eb_place_t *place, apr_time_t now)
{
    sweep_tmp(place, now);
    sweep_queue(place);
}
