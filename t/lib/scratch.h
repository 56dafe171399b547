/* A folder of the test's own, and a key file in it; removed at the end. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include "base/seal.h"
#include "tap.h"

#include <apr_strings.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static inline int scratch_remove_one(const char *path, const struct stat *info, int type,
                                     struct FTW *at)
{
    (void)info, (void)type, (void)at;
    return remove(path);
}

static inline void scratch_remove(const char *dir)
{
    nftw(dir, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline const char *scratch_in(const char *parent, apr_pool_t *pool)
{
    char *dir = apr_pstrcat(pool, parent, "/eb-test-XXXXXX", NULL);
    if (!mkdtemp(dir)) {
        printf("Bail out! no scratch folder\n");
        exit(1);
    }
    return dir;
}

static inline const char *scratch_make(apr_pool_t *pool)
{
    return scratch_in(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", pool);
}

/* In memory where there is such a place: for tests that sync a thousand times and kill processes,
 * but not the power. */
static inline const char *scratch_make_fast(apr_pool_t *pool)
{
    return access("/dev/shm", W_OK) == 0 ? scratch_in("/dev/shm", pool) : scratch_make(pool);
}

static inline void scratch_write(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        printf("Bail out! cannot write %s\n", path);
        exit(1);
    }
    close(fd);
}

/* Keys are of one repeated letter; the first letter seals. */
static inline const eb_keyring_t *scratch_keys(const char *dir, const char *letters,
                                               apr_pool_t *pool)
{
    const char *file = apr_pstrcat(pool, dir, "/keys-", letters, NULL);
    const char *text = "";
    eb_keyring_t *ring;
    eb_problem_t *problem = NULL;

    for (; *letters;
         letters++) { /* 32 times the letter 'A' + n: the base64 of 30 bytes repeats in fours */
        unsigned char key[32];
        char url[45];
        memset(key, *letters, sizeof key);
        eb_base64url(url, key, sizeof key);
        for (char *c = url; *c; c++)
            *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
        text = apr_psprintf(pool, "%s%c %s=\n", text, *letters, url);
    }
    scratch_write(file, text);
    if (eb_keyring_load(&ring, file, &problem, pool)) {
        printf("Bail out! %s\n", eb_problem_text(problem, pool));
        exit(1);
    }
    return ring;
}

/* Entries of a folder; -1 when there is none. */
static inline int scratch_count(const char *folder)
{
    int count = 0;
    DIR *d = opendir(folder);

    if (!d)
        return -1;
    for (const struct dirent *e; (e = readdir(d));)
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return count;
}

#endif
