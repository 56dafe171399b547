/* What would be on the disk if the power failed now: preloaded into httpd, this notes at each fsync
 * what has become durable below EB_POWER_WATCH (folders, separated by colons), in EB_POWER:
 *
 *   data/<inode>     the bytes of a file, as they were when it was synced
 *   names/<inode>    "<inode> <d or f> <name>" for each name in a folder, when that was synced
 *
 * A file that was never synced has no bytes, a name whose folder was not synced since is not there.
 * While the file EB_POWER/eio exists, every fsync fails with EIO and makes nothing durable. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int watched(int fd)
{
    const char *watch = getenv("EB_POWER_WATCH");
    char link[64], path[PATH_MAX];

    if (!watch || !getenv("EB_POWER"))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path);
    for (const char *at = watch; len > 0 && *at; at += strspn(at, ":")) {
        size_t n = strcspn(at, ":");
        if ((size_t)len >= n && memcmp(path, at, n) == 0)
            return 1;
        at += n;
    }
    return 0;
}

static void note_data(FILE *out, int fd)
{
    char link[64], buffer[65536];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd); /* fd itself may be for writing only */
    int in = open(link, O_RDONLY | O_CLOEXEC);
    while (in >= 0 && (n = read(in, buffer, sizeof buffer)) > 0)
        fwrite(buffer, 1, (size_t)n, out);
    if (in >= 0)
        close(in);
}

static void note_names(FILE *out, int fd)
{
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = own >= 0 ? fdopendir(own) : NULL;
    struct stat info;

    for (struct dirent *e; stream && (e = readdir(stream));)
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
            fstatat(fd, e->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
            fprintf(out, "%lu %c %s\n", (unsigned long)info.st_ino,
                    S_ISDIR(info.st_mode) ? 'd' : 'f', e->d_name);
    if (stream)
        closedir(stream);
}

static void note(int fd)
{
    const char *folder = getenv("EB_POWER");
    char name[PATH_MAX], fresh[PATH_MAX];
    struct stat info;

    if (fstat(fd, &info))
        return;
    int is_folder = S_ISDIR(info.st_mode);
    snprintf(name, sizeof name, "%s/%s/%lu", folder, is_folder ? "names" : "data",
             (unsigned long)info.st_ino);
    snprintf(fresh, sizeof fresh, "%s/new", folder);
    FILE *out = fopen(fresh, "we");
    if (!out)
        abort();
    if (is_folder)
        note_names(out, fd);
    else
        note_data(out, fd);
    if (fclose(out) || rename(fresh, name))
        abort();
}

/* One at a time, in all processes: an older list must not replace a newer one. */
static int lock(void)
{
    char name[PATH_MAX];

    snprintf(name, sizeof name, "%s/lock", getenv("EB_POWER"));
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || flock(fd, LOCK_EX))
        abort();
    return fd;
}

static int failing(void)
{
    char name[PATH_MAX];

    snprintf(name, sizeof name, "%s/eio", getenv("EB_POWER"));
    return access(name, F_OK) == 0;
}

int fsync(int fd)
{
    if (!watched(fd))
        return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
    int held = lock(), fails = failing();
    if (!fails)
        note(fd);
    close(held);
    errno = EIO;
    return fails ? -1 : 0;
}

int fdatasync(int fd)
{
    return fsync(fd);
}
