/* Key files, spools, output folders: seen with the eyes of httpd's user. */
#include "doctor.h"
#include "base/seal.h"

#include <apr_strings.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define ROOM_MIN  (256.0 * 1024 * 1024)
#define INODE_MIN 10000
enum { UNREAD_DAYS = 3 };

static void look_at_keys(eb_doctor_t *d, const json_t *vhost)
{
    const char *file = eb_config_text(vhost, "key_file");
    const char *subject = apr_pstrcat(d->pool, "key file ", file, NULL), *first;
    eb_problem_t *problem = NULL;
    eb_keyring_t *ring;
    struct stat info;
    apr_uint32_t id;
    int count = 0;

    if (eb_keyring_load(&ring, file, &problem, d->pool)) {
        eb_doctor_found(d, EB_FOUND_WRONG, subject, problem);
        return;
    }
    if (stat(file, &info) == 0 && d->config->uid && info.st_uid == (uid_t)d->config->uid &&
        geteuid() == 0) {
        eb_doctor_wrong(d, subject, EB_P_KEYFILE_OWNER, "It belongs to %s", d->config->user);
        return;
    }
    first = eb_keyring_name(ring, 0, &id);
    while (eb_keyring_name(ring, count, &id))
        count++;
    eb_doctor_good(d, subject, "%d keys, %s seals", count, first);
}

void eb_doctor_keys(eb_doctor_t *d)
{
    eb_doctor_each(d, "key_file", look_at_keys);
}

/* NULL: one that keeps its word. */
static const char *volatile_kind(const char *folder)
{
    static const struct {
        unsigned type;
        const char *name;
    } kinds[] = {{0x6969, "NFS"},      {0x517B, "SMB"},       {0xFF534D42, "CIFS"},
                 {0xFE534D42, "SMB2"}, {0x01021994, "tmpfs"}, {0x858458F6, "ramfs"}};
    struct statfs info;

    if (statfs(folder, &info))
        return NULL;
    for (apr_size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((unsigned)info.f_type == kinds[i].type)
            return kinds[i].name;
    return NULL;
}

/* False: there is something wrong, and it was told. */
static bool has_room(eb_doctor_t *d, const char *subject, const char *folder)
{
    struct statvfs fs;

    if (statvfs(folder, &fs))
        return true;
    double room = (double)fs.f_bavail * (double)fs.f_frsize;
    bool inodes = fs.f_files == 0 || fs.f_favail >= INODE_MIN;
    if (room >= ROOM_MIN && inodes)
        return true;
    eb_doctor_wrong(d, subject, EB_P_DISK_SPACE, "%.0f MiB and %.0f inodes are free",
                    room / (1024 * 1024), (double)fs.f_favail);
    return false;
}

/* A folder that httpd's user may use. */
static bool usable(eb_doctor_t *d, const char *subject, const char *folder, eb_problem_id_t id)
{
    struct stat info;
    int rv = stat(folder, &info) ? errno : S_ISDIR(info.st_mode) ? 0 : ENOTDIR;

    if (rv) {
        eb_doctor_wrong(d, subject, id, "It cannot be used: %s", strerror(rv));
        return false;
    }
    rv = eb_doctor_may(d, folder, R_OK | W_OK | X_OK);
    if (rv > 0) {
        eb_doctor_wrong(d, subject, id, "httpd's user %s may not write there: %s",
                        d->config->user ? d->config->user : "", strerror(rv));
        return false;
    }
    if (rv < 0)
        eb_doctor_unknown(d, subject, "run this as root to see whether %s may write there",
                          d->config->user ? d->config->user : "httpd's user");
    return true;
}

/* The authorities' own folders: root may have made them. */
static bool authorities_usable(eb_doctor_t *d, const char *spool)
{
    const apr_array_header_t *list = d->config->authorities;
    static const char *const below[] = {"", "/tmp", "/queue", "/done"};
    bool good = true;

    for (int i = 0; i < list->nelts; i++) {
        const eb_ctl_authority_t *a = &APR_ARRAY_IDX(list, i, eb_ctl_authority_t);
        for (int k = 0; k < 4 && a->spool && strcmp(a->spool, spool) == 0; k++) {
            const char *folder = apr_pstrcat(d->pool, spool, "/", a->id, below[k], NULL);
            if (access(folder, F_OK) == 0)
                good &= usable(d, apr_pstrcat(d->pool, "spool ", folder, NULL), folder,
                               EB_P_SPOOL_FOLDER);
        }
    }
    return good;
}

static void look_at_spool(eb_doctor_t *d, const json_t *vhost)
{
    const char *folder = eb_config_text(json_object_get(vhost, "outbox"), "folder");
    const char *subject = apr_pstrcat(d->pool, "spool ", folder, NULL), *kind;

    if (!folder) /* in Redis: doctor_outbox.c */
        return;
    if (!usable(d, subject, folder, EB_P_SPOOL_FOLDER))
        return;
    kind = volatile_kind(folder);
    if (kind)
        eb_doctor_wrong(d, subject, EB_P_SPOOL_VOLATILE, "It is on %s", kind);
    if (has_room(d, subject, folder) && authorities_usable(d, folder) && !kind)
        eb_doctor_good(d, subject, "local, writable, with room");
}

void eb_doctor_spools(eb_doctor_t *d)
{
    eb_doctor_each(d, "outbox", look_at_spool);
}

/* Messages older than some days, and how many. */
static int unread(const char *folder, apr_time_t now)
{
    DIR *stream = opendir(folder);
    struct stat info;
    int count = 0;

    if (!stream)
        return 0;
    for (const struct dirent *entry; (entry = readdir(stream));) {
        apr_size_t len = strlen(entry->d_name);
        if (len > 4 && strcmp(entry->d_name + len - 4, ".xml") == 0 &&
            fstatat(dirfd(stream), entry->d_name, &info, 0) == 0 &&
            apr_time_sec(now) - info.st_mtime > UNREAD_DAYS * 86400)
            count++;
    }
    closedir(stream);
    return count;
}

void eb_doctor_outputs(eb_doctor_t *d)
{
    const apr_array_header_t *list = d->config->authorities;

    for (int i = 0; i < list->nelts; i++) {
        const eb_ctl_authority_t *a = &APR_ARRAY_IDX(list, i, eb_ctl_authority_t);
        const char *subject =
            apr_psprintf(d->pool, "output %s of authority %s", a->folder ? a->folder : "", a->id);
        if (a->transport && strcmp(a->transport, "directory") != 0)
            continue;
        if (!a->folder || !usable(d, subject, a->folder, EB_P_FOLDER_MISSING) ||
            !has_room(d, subject, a->folder))
            continue;
        int count = unread(a->folder, d->ctl->now);
        if (count)
            eb_doctor_wrong(d, subject, EB_P_OUTPUT_UNREAD,
                            "%d messages have been there for more than %d days", count,
                            UNREAD_DAYS);
        else
            eb_doctor_good(d, subject, "writable, and emptied");
    }
}
