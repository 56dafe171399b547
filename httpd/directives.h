/* Shared by the files that read directives. */
#ifndef EB_DIRECTIVES_H
#define EB_DIRECTIVES_H

#include "glue.h"

/* "NAME: what is wrong. Example: NAME value"; httpd puts file and line before it. */
const char *eb_complain(cmd_parms *cmd, const char *example, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* NULL, or the complaint that the same section names the directive twice. */
const char *eb_twice(cmd_parms *cmd, const ap_directive_t *first);
/* A server directive: NULL, or why it cannot stand here (again). */
const char *eb_misplaced(cmd_parms *cmd, const void *conf, const ap_directive_t *first);
/* NULL, or why `text` cannot stand on a page: empty, too long, not UTF-8, control characters. */
const char *eb_text_fault(const char *text);
bool eb_is_kennung(const char *text); /* an identifier in the DVDV: "ebb:05711000" */

#define EB_SET(conf, member, data) ((conf)->member = (data), (conf)->member##_at = cmd->directive)

/* authority.c */
const char *eb_authority_section(cmd_parms *cmd, void *conf, const char *args);
const char *eb_authority_text(cmd_parms *cmd, void *conf, const char *value);
const char *eb_authority_address(cmd_parms *cmd, void *conf, int argc, char *const argv[]);
const char *eb_authority_mail(cmd_parms *cmd, void *conf, const char *value);
const char *eb_authority_url(cmd_parms *cmd, void *conf, const char *value);
const char *eb_authority_reader(cmd_parms *cmd, void *conf, const char *value);
const char *eb_authority_message(cmd_parms *cmd, void *conf, int argc, char *const argv[]);
/* The authority whose section is read; NULL outside of one. */
eb_authority_t *eb_authority_of(const void *conf);
/* NULL, or the complaint that the directive belongs into such a section. */
const char *eb_authority_misplaced(cmd_parms *cmd, const void *conf);
/* NULL, or the complaint that it belongs outside of one. */
const char *eb_outside_authority(cmd_parms *cmd, const void *conf);

/* files_directives.c */
const char *eb_size_of(apr_int64_t *size, cmd_parms *cmd, const char *text, const char *example);
const char *eb_virus_scan_directive(cmd_parms *cmd, void *conf, const char *mode,
                                    const char *address);
const char *eb_file_size_directive(cmd_parms *cmd, void *conf, const char *text);
const char *eb_files_size_directive(cmd_parms *cmd, void *conf, const char *text);
const char *eb_files_count_directive(cmd_parms *cmd, void *conf, const char *text);

/* outbox.c */
const char *eb_outbox_directive(cmd_parms *cmd, void *conf, const char *engine, const char *lease);

/* output.c */
const char *eb_authority_output(cmd_parms *cmd, void *conf, int argc, char *const argv[]);

/* secret.c: what a file holds, without the blanks at its end. */
const char *eb_secret_file(const char **secret, cmd_parms *cmd, const char *example,
                           const char *value);

/* fitconnect.c */
const char *eb_fitconnect_directive(cmd_parms *cmd, void *conf, int argc, char *const argv[]);

/* xta.c */
const char *eb_xta_directive(cmd_parms *cmd, void *conf, int argc, char *const argv[]);

/* redis.c */
const char *eb_redis_directive(cmd_parms *cmd, void *conf, int argc, char *const argv[]);

#endif
