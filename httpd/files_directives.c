/* The directives about uploaded files: how large, how many, and who looks for malware in them. */
#include "directives.h"

#define SCAN_EXAMPLE "required unix:/run/clamav/clamd.ctl"

const eb_virus_scan_t eb_virus_scan_default = {EB_SCAN_REQUIRED, "/run/clamav/clamd.ctl"};

static const char *const modes[] = {"required", "optional", "off"}; /* by eb_scan_mode_t */

static const char *scan_mode(eb_scan_mode_t *mode, cmd_parms *cmd, const char *word)
{
    for (apr_size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcasecmp(word, modes[i]) == 0) {
            *mode = (eb_scan_mode_t)i;
            return NULL;
        }
    }
    return eb_complain(cmd, SCAN_EXAMPLE, "\"%s\" is none of required, optional and off", word);
}

const char *eb_virus_scan_directive(cmd_parms *cmd, void *conf, const char *mode,
                                    const char *address)
{
    eb_server_t *server = eb_server_of(cmd->server);
    eb_virus_scan_t *scan = apr_pmemdup(cmd->pool, &eb_virus_scan_default, sizeof(*scan));
    const char *error = eb_misplaced(cmd, conf, server->virus_scan_at);

    if (error == NULL)
        error = scan_mode(&scan->mode, cmd, mode);
    if (error != NULL)
        return error;
    if (address != NULL && strncmp(address, "unix:/", 6) != 0)
        return eb_complain(cmd, SCAN_EXAMPLE,
                           "\"%s\" is not the address of a unix socket (clamd over TCP would carry "
                           "files unprotected)",
                           address);
    if (address != NULL)
        scan->socket = address + strlen("unix:");
    EB_SET(server, virus_scan, scan);
    return NULL;
}

/* "10M", "512K": NULL, or why not. */
const char *eb_size_of(apr_int64_t *size, cmd_parms *cmd, const char *text, const char *example)
{
    char *end;
    apr_int64_t n = apr_strtoi64(text, &end, 10);
    apr_int64_t unit = *end == 'M' || *end == 'm'   ? EB_MEBIBYTE
                       : *end == 'K' || *end == 'k' ? 1024
                                                    : 0;

    if (end == text || unit == 0 || end[1] != '\0' || n < 1 || n * unit < 64 * 1024 ||
        n > 1000 * EB_MEBIBYTE / unit)
        return eb_complain(cmd, example, "\"%s\" is not a size from 64K to 1000M", text);
    *size = n * unit;
    return NULL;
}

const char *eb_file_size_directive(cmd_parms *cmd, void *conf, const char *text)
{
    eb_server_t *server = eb_server_of(cmd->server);
    const char *error = eb_misplaced(cmd, conf, server->file_size_at);
    apr_int64_t size;

    if (error == NULL)
        error = eb_size_of(&size, cmd, text, "10M");
    if (error == NULL)
        EB_SET(server, file_size, size);
    return error;
}

const char *eb_files_size_directive(cmd_parms *cmd, void *conf, const char *text)
{
    eb_server_t *server = eb_server_of(cmd->server);
    const char *error = eb_misplaced(cmd, conf, server->files_size_at);
    apr_int64_t size;

    if (error == NULL)
        error = eb_size_of(&size, cmd, text, "80M");
    if (error == NULL)
        EB_SET(server, files_size, size);
    return error;
}

const char *eb_files_count_directive(cmd_parms *cmd, void *conf, const char *text)
{
    eb_server_t *server = eb_server_of(cmd->server);
    const char *error = eb_misplaced(cmd, conf, server->files_count_at);
    char *end;
    apr_int64_t n = apr_strtoi64(text, &end, 10);

    if (error == NULL && (end == text || *end != '\0' || n < 1 || n > 200))
        error = eb_complain(cmd, "30", "\"%s\" is not a number from 1 to 200", text);
    if (error == NULL)
        EB_SET(server, files_count, (int)n);
    return error;
}
