/* A spool that is no outbox of this configuration, or not any more: whether something was left in
 * it. Only looked at, and only by names; nothing is opened or made. */
#include "spool.h"

#include <apr_strings.h>
#include <string.h>

static bool is_package(const char *name)
{
    static const char suffix[] = ".package";
    const apr_size_t len = strlen(name);

    return len == EB_UUID_LEN + sizeof suffix - 1 && strcmp(name + EB_UUID_LEN, suffix) == 0;
}

int eb_spool_left(const char *folder, const char *authority, apr_pool_t *pool)
{
    DIR *stream = opendir(apr_pstrcat(pool, folder, "/", authority, "/queue", NULL));
    int count = 0;

    if (!stream)
        return 0;
    for (const struct dirent *entry; (entry = readdir(stream));)
        count += is_package(entry->d_name);
    closedir(stream);
    return count;
}
