/* Secrets are files, never values in the configuration. They are read at start, as root, and may
 * belong to nobody else. */
#include "directives.h"

#include <apr_file_io.h>
#include <apr_lib.h>

#define SECRET_MAX 1024

const char *eb_secret_file(const char **out, cmd_parms *cmd, const char *example, const char *value)
{
    const char *name = ap_server_root_relative(cmd->pool, value);
    char *text = apr_palloc(cmd->pool, SECRET_MAX + 1);
    apr_size_t len = SECRET_MAX;
    char why[120];
    apr_finfo_t info = {0};
    apr_file_t *file;
    apr_status_t rv =
        name == NULL ? APR_EINVAL : apr_file_open(&file, name, APR_FOPEN_READ, 0, cmd->temp_pool);

    if (rv != APR_SUCCESS)
        return eb_complain(cmd, example, "the file %s cannot be read: %s", value,
                           apr_strerror(rv, why, sizeof(why)));
    if (apr_file_info_get(&info, APR_FINFO_PROT, file) != APR_SUCCESS ||
        (info.protection & (APR_FPROT_WREAD | APR_FPROT_WWRITE | APR_FPROT_GWRITE)))
        return eb_complain(cmd, example, "others may read or write %s; run chmod 0600 on it", name);
    rv = apr_file_read_full(file, text, len, &len);
    apr_file_close(file);
    while (len > 0 && apr_isspace(text[len - 1]))
        len--;
    text[len] = '\0';
    if ((rv != APR_SUCCESS && !APR_STATUS_IS_EOF(rv)) || len == 0 || strlen(text) != len)
        return eb_complain(cmd, example, "the file %s holds no secret", name);
    *out = text;
    return NULL;
}
