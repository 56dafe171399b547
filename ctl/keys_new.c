/* A new key on top of the key file. The file is replaced as a whole, complete and synced, so that
 * at any moment there is a good one; keys that are there stay, for what is sealed under them. */
#include "keys.h"
#include "put.h"
#include "base/date.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 16384 };

static bool name_taken(const eb_keyring_t *ring, const char *name)
{
    const char *other;
    apr_uint32_t id;

    for (int i = 0; ring && (other = eb_keyring_name(ring, i, &id)) != NULL; i++)
        if (strcmp(other, name) == 0)
            return true;
    return false;
}

/* Today's date, or with a number behind it. */
static const char *free_name(const eb_ctl_t *ctl, const eb_keyring_t *ring)
{
    const char *today = eb_date_iso(eb_local_date(ctl->now), ctl->pool), *name = today;

    for (int i = 2; name_taken(ring, name); i++)
        name = apr_psprintf(ctl->pool, "%s-%d", today, i);
    return name;
}

static apr_status_t add_key(eb_buf_t *text, const char *name)
{
    unsigned char key[EB_KEY_LEN], base64[EB_KEY_LEN * 2];
    apr_status_t rv = eb_random(key, sizeof key);

    EVP_EncodeBlock(base64, key, sizeof key);
    eb_buf_printf(text, "%s %s\n", name, (const char *)base64);
    eb_wipe(key, sizeof key);
    eb_wipe(base64, sizeof base64);
    return rv;
}

/* The old lines, and whose they are. */
static apr_status_t add_old(eb_buf_t *text, struct stat *info, const char *file)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    apr_status_t rv = APR_SUCCESS;

    if (fd < 0)
        return errno;
    ssize_t n = fstat(fd, info) ? -1 : read(fd, eb_buf_reserve(text, FILE_MAX), FILE_MAX);
    if (n < 0)
        rv = errno;
    else
        text->len += (apr_size_t)n;
    close(fd);
    return rv;
}

static apr_status_t unwritten(eb_problem_t **problem, apr_status_t rv, const char *file,
                              apr_pool_t *pool)
{
    char why[120];
    return eb_problem_set(problem, EB_P_KEYFILE_WRITE, rv, file, pool,
                          "The new key file cannot be written: %s",
                          apr_strerror(rv, why, sizeof why));
}

apr_status_t eb_ctl_key_new(const char **name, const char *file, const eb_ctl_t *ctl,
                            eb_problem_t **problem)
{
    eb_keyring_t *ring = NULL;
    struct stat info;
    eb_buf_t text;
    bool old = access(file, F_OK) == 0;
    apr_status_t rv =
        old ? eb_keyring_load(&ring, file, problem, ctl->pool) : APR_SUCCESS; /* or refuses it */

    if (rv)
        return rv;
    *name = ctl->words_count > 1 ? ctl->words[1] : free_name(ctl, ring);
    if (name_taken(ring, *name))
        return eb_problem_set(problem, EB_P_KEYFILE_WRITE, APR_EEXIST, file, ctl->pool,
                              "There is a key named %s already", *name);
    eb_buf_init(&text, FILE_MAX + 256, ctl->pool);
    rv = add_key(&text, *name);
    if (!rv && old)
        rv = add_old(&text, &info, file);
    if (!rv) {
        const eb_owner_t like = {old ? info.st_uid : 0, old ? info.st_gid : 0,
                                 old ? info.st_mode & 0640 : 0600};
        rv = eb_ctl_put(file, &text, old ? &like : NULL, ctl->pool);
    }
    eb_wipe(text.data, text.len);
    return rv ? unwritten(problem, rv, file, ctl->pool) : APR_SUCCESS;
}

int eb_ctl_keys_new(eb_ctl_t *ctl)
{
    const char *file = ctl->words[0], *name;
    eb_problem_t *problem = NULL;
    char real[PATH_MAX];

    if (ctl->words_count > 1 &&
        (strspn(ctl->words[1],
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") !=
             strlen(ctl->words[1]) ||
         !*ctl->words[1] || strlen(ctl->words[1]) > 64))
        return eb_ctl_usage("a key's name has 1 to 64 letters, digits or . _ -");
    if (realpath(file, real)) /* a link stays one */
        file = real;
    if (eb_ctl_key_new(&name, file, ctl, &problem))
        return eb_ctl_complain(ctl, problem);
    return eb_ctl_done(ctl,
                       "Key %s is the first one in %s. Reload httpd, then: einbuergerungctl "
                       "keys rewrap.",
                       name, file);
}
