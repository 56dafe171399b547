/* Folders, seen with the eyes of the user that httpd's children run as: configtest is often run by
 * root, to whom every folder looks writable. */
#include "startup.h"

#include <apr_file_info.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unixd.h>

#define GROUPS_MAX 128

/* Whether the user of the children is in group `gid`, as their initgroups() will see it. */
static bool in_group(gid_t gid)
{
    gid_t groups[GROUPS_MAX];
    int count = GROUPS_MAX;

    if (gid == ap_unixd_config.group_id)
        return true;
    if (ap_unixd_config.user_name == NULL ||
        getgrouplist(ap_unixd_config.user_name, ap_unixd_config.group_id, groups, &count) < 0)
        return false;
    for (int i = 0; i < count; i++)
        if (groups[i] == gid)
            return true;
    return false;
}

static bool writable(const char *folder, const struct stat *st)
{
    if (geteuid() != 0)
        return access(folder, W_OK | X_OK) == 0;
    if (st->st_uid == ap_unixd_config.user_id)
        return (st->st_mode & 0300) == 0300;
    if (in_group(st->st_gid))
        return (st->st_mode & 0030) == 0030;
    return (st->st_mode & 0003) == 0003;
}

/* APR_ENOENT, APR_ENOTDIR, APR_EACCES. */
static apr_status_t look(const char *folder)
{
    struct stat st;

    if (stat(folder, &st) != 0)
        return errno;
    if (!S_ISDIR(st.st_mode))
        return APR_ENOTDIR;
    return writable(folder, &st) ? APR_SUCCESS : APR_EACCES;
}

/* root may make the authorities' folders in a spool that only root may write. */
apr_status_t eb_folder_check_spool(const eb_depot_t *depot, eb_problem_t **problem, apr_pool_t *p)
{
    apr_status_t rv = look(depot->folder);

    if (rv == APR_SUCCESS || (rv == APR_EACCES && geteuid() == 0))
        return APR_SUCCESS;
    return eb_problem_set(problem, EB_P_FOLDER_MISSING, rv, eb_where(depot->at, p), p,
                          "The spool %s cannot be used", depot->folder);
}

apr_status_t eb_folder_make(const eb_depot_t *depot, const char *authority, eb_problem_t **problem,
                            apr_pool_t *p)
{
    const char *folder = apr_pstrcat(p, depot->folder, "/", authority, NULL);
    apr_status_t rv = mkdir(folder, 0700) == 0 ? APR_SUCCESS : errno;

    if (rv == APR_SUCCESS && geteuid() == 0 &&
        chown(folder, ap_unixd_config.user_id, ap_unixd_config.group_id) != 0)
        rv = errno;
    if (rv == EEXIST)
        rv = look(folder);
    if (rv == APR_SUCCESS)
        return APR_SUCCESS;
    return eb_problem_set(problem, EB_P_FOLDER_MISSING, rv, eb_where(depot->at, p), p,
                          "The spool folder %s cannot be used", folder);
}

apr_status_t eb_folder_check_output(const eb_authority_t *authority, eb_problem_t **problem,
                                    apr_pool_t *p)
{
    apr_status_t rv = look(authority->output);

    if (rv == APR_SUCCESS)
        return APR_SUCCESS;
    return eb_problem_set(problem, EB_P_FOLDER_MISSING, rv, eb_where(authority->output_at, p), p,
                          "The output folder %s of authority %s %s", authority->output,
                          authority->id,
                          rv == APR_EACCES ? "is not writable for httpd's user" : "cannot be used");
}
