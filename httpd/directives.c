/* The directives: one table with each name and its help, and the readers of those that stand in a
 * server or a Location. What a value can be checked for alone is checked here, where httpd adds
 * file and line; what needs other values is checked in startup.c. */
#include "directives.h"
#include "languages.h"

#include "base/utf8.h"
#include <stdarg.h>

const char *eb_complain(cmd_parms *cmd, const char *example, const char *format, ...)
{
    va_list args;
    const char *what;

    va_start(args, format);
    what = apr_pvsprintf(cmd->pool, format, args);
    va_end(args);
    return apr_psprintf(cmd->pool, "%s: %s. Example: %s %s", cmd->cmd->name, what, cmd->cmd->name,
                        example);
}

const char *eb_twice(cmd_parms *cmd, const ap_directive_t *first)
{
    if (first == NULL)
        return NULL;
    return apr_psprintf(cmd->pool, "%s is given twice in this section, first in %s; keep one",
                        cmd->cmd->name, eb_where(first, cmd->pool));
}

const char *eb_text_fault(const char *text)
{
    apr_size_t len = strlen(text);

    if (len == 0)
        return "the text is empty";
    if (len > 500)
        return "the text is longer than 500 bytes";
    if (!eb_utf8_valid(text, len))
        return "the text is not UTF-8 (is the file saved in another encoding?)";
    for (const char *s = text; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return "the text holds a control character";
    return NULL;
}

bool eb_is_kennung(const char *text)
{
    const char *colon = strchr(text, ':');

    return colon != NULL && colon > text && colon[1] != '\0' && strchr(text, ' ') == NULL &&
           eb_text_fault(text) == NULL;
}

const char *eb_misplaced(cmd_parms *cmd, const void *conf, const ap_directive_t *first)
{
    const char *error = eb_outside_authority(cmd, conf);

    return error != NULL ? error : eb_twice(cmd, first);
}

static const char *key_file(cmd_parms *cmd, void *conf, const char *value)
{
    eb_server_t *server = eb_server_of(cmd->server);
    const char *error = eb_misplaced(cmd, conf, server->key_file_at);
    const char *file = ap_server_root_relative(cmd->pool, value);

    if (error != NULL)
        return error;
    if (*value == '\0' || file == NULL)
        return eb_complain(cmd, "/etc/apache2/einbuergerung/keys", "\"%s\" is not a file name",
                           value);
    EB_SET(server, key_file, file);
    return NULL;
}

static const char *folder_of(const char **folder, cmd_parms *cmd, const char *value,
                             const char *example)
{
    *folder = ap_server_root_relative(cmd->pool, value);
    if (*value == '\0' || *folder == NULL)
        return eb_complain(cmd, example, "\"%s\" is not a folder name", value);
    return NULL;
}

static const char *spool(cmd_parms *cmd, void *conf, const char *value)
{
    eb_server_t *server = eb_server_of(cmd->server);
    const char *error = eb_misplaced(cmd, conf, server->spool_at);
    const char *folder;

    if (error == NULL)
        error = folder_of(&folder, cmd, value, EB_SPOOL);
    if (error == NULL)
        EB_SET(server, spool, folder);
    return error;
}

static const char *share(cmd_parms *cmd, void *conf, const char *value)
{
    eb_server_t *server = eb_server_of(cmd->server);
    const char *error = eb_misplaced(cmd, conf, server->share_at);
    const char *folder;

    if (error == NULL)
        error = folder_of(&folder, cmd, value, EB_SHARE);
    if (error == NULL)
        EB_SET(server, share, folder);
    return error;
}

static const char *test(cmd_parms *cmd, void *conf, int on)
{
    eb_server_t *server = eb_server_of(cmd->server);
    const char *error = eb_misplaced(cmd, conf, server->test_at);

    if (error == NULL)
        EB_SET(server, test, on);
    return error;
}

static const char *author(cmd_parms *cmd, void *conf, const char *id, const char *name)
{
    eb_server_t *server = eb_server_of(cmd->server);
    const char *error = eb_misplaced(cmd, conf, server->author_at);
    const char *example = "eip:05711000 \"Serviceportal Musterstadt\"";
    eb_author_t *set = apr_pcalloc(cmd->pool, sizeof(*set));

    if (error != NULL)
        return error;
    if (!eb_is_kennung(id))
        return eb_complain(cmd, example, "\"%s\" is not an identifier of the form prefix:value",
                           id);
    if (name != NULL && eb_text_fault(name) != NULL)
        return eb_complain(cmd, example, "%s", eb_text_fault(name));
    set->id = id;
    set->name = name;
    EB_SET(server, author, set);
    return NULL;
}

/* NULL, or why a form cannot be served at the section in which the directive stands: the paths of
 * its pages need a fixed beginning. */
static const char *place_fault(const cmd_parms *cmd)
{
    const ap_directive_t *parent = cmd->directive->parent;

    if (cmd->path == NULL)
        return NULL;
    if (parent == NULL || strcasecmp(parent->directive, "<Location") != 0 ||
        parent->args[0] == '~' || cmd->path[0] != '/' || strpbrk(cmd->path, "*?[") != NULL)
        return "a form is served below a fixed path, so this belongs into a plain <Location>";
    return NULL;
}

static const char *form(cmd_parms *cmd, void *conf, const char *value)
{
    eb_location_t *location = conf;
    const char *error = eb_misplaced(cmd, conf, location->use_at);
    eb_form_use_t *use = apr_pcalloc(cmd->pool, sizeof(*use));

    if (error == NULL && place_fault(cmd) != NULL)
        error = eb_complain(cmd, "einbuergerung", "%s", place_fault(cmd));
    if (error == NULL && strpbrk(value, "/.") == NULL &&
        (*value == '\0' || value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0'))
        error =
            eb_complain(cmd, "einbuergerung",
                        "\"%s\" is neither the name of a form (a-z, 0-9 and -) nor a file", value);
    if (error != NULL)
        return error;
    use->name = value;
    use->base = cmd->path != NULL ? apr_pstrdup(cmd->pool, cmd->path) : "";
    use->base_len = strlen(use->base);
    while (use->base_len > 0 && use->base[use->base_len - 1] == '/')
        use->base = apr_pstrmemdup(cmd->pool, use->base, --use->base_len);
    use->at = cmd->directive;
    use->section = cmd->path != NULL ? cmd->context : cmd->server->lookup_defaults;
    APR_ARRAY_PUSH(eb_server_of(cmd->server)->uses, eb_form_use_t *) = use;
    EB_SET(location, use, use);
    return NULL;
}

static const char *use_authority(cmd_parms *cmd, void *conf, const char *value)
{
    eb_location_t *location = conf;
    const char *error = eb_misplaced(cmd, conf, location->authority_at);

    if (error == NULL && *value == '\0')
        error = eb_complain(cmd, "05711000", "no authority is named");
    if (error == NULL)
        EB_SET(location, authority, value);
    return error;
}

#define TEXT(member) ((void *)APR_OFFSETOF(eb_authority_t, member))

const command_rec eb_directives[] = {
    AP_INIT_TAKE_ARGV("EinbuergerungRedis", eb_redis_directive, NULL, RSRC_CONF,
                      "address of Redis (unix:/path, host:port, rediss:// or sentinel://), then "
                      "user=NAME password-file=FILE and others; README.md lists them"),
    AP_INIT_TAKE1("EinbuergerungKeyFile", key_file, NULL, RSRC_CONF,
                  "file with the keys that seal drafts and waiting applications"),
    AP_INIT_TAKE12("EinbuergerungOutbox", eb_outbox_directive, NULL, RSRC_CONF,
                   "where accepted applications wait: spool, or redis lease=SECONDS (60)"),
    AP_INIT_TAKE1("EinbuergerungSpool", spool, NULL, RSRC_CONF,
                  "folder in which accepted applications wait for delivery"),
    AP_INIT_TAKE1("EinbuergerungShare", share, NULL, RSRC_CONF,
                  "folder of the shipped forms, schemas and style sheets"),
    AP_INIT_FLAG("EinbuergerungTest", test, NULL, RSRC_CONF,
                 "on: a test installation, which every page and message says"),
    AP_INIT_TAKE12("EinbuergerungAuthor", author, NULL, RSRC_CONF,
                   "identifier and name of the sending service in the message's header"),
    AP_INIT_TAKE12("EinbuergerungVirusScan", eb_virus_scan_directive, NULL, RSRC_CONF,
                   "required, optional or off, and clamd's socket (unix:/path)"),
    AP_INIT_TAKE1("EinbuergerungFileSize", eb_file_size_directive, NULL, RSRC_CONF,
                  "how large an uploaded file may be, such as 10M"),
    AP_INIT_TAKE1("EinbuergerungFilesSize", eb_files_size_directive, NULL, RSRC_CONF,
                  "how large all files of an application may be together, such as 80M"),
    AP_INIT_TAKE1("EinbuergerungFilesCount", eb_files_count_directive, NULL, RSRC_CONF,
                  "how many files an application may have"),
    AP_INIT_TAKE_ARGV("EinbuergerungLanguages", eb_languages_directive, NULL, RSRC_CONF,
                      "codes of the languages that are offered, such as de en tr; without it all "
                      "that are complete"),
    AP_INIT_TAKE1("EinbuergerungForm", form, NULL, RSRC_CONF | ACCESS_CONF,
                  "name or file of the form that is served here"),
    AP_INIT_TAKE1("EinbuergerungUseAuthority", use_authority, NULL, RSRC_CONF | ACCESS_CONF,
                  "which of several authorities is served here"),

    AP_INIT_RAW_ARGS("<EinbuergerungAuthority", eb_authority_section, NULL, RSRC_CONF,
                     "an authority, by its AGS (8 digits) or ARS (12 digits)"),
    AP_INIT_TAKE1("EinbuergerungAuthorityName", eb_authority_text, TEXT(name), RSRC_CONF,
                  "name of the authority, as applicants read it"),
    AP_INIT_TAKE_ARGV("EinbuergerungAuthorityAddress", eb_authority_address, NULL, RSRC_CONF,
                      "postal address, one argument per line"),
    AP_INIT_TAKE1("EinbuergerungAuthorityPhone", eb_authority_text, TEXT(phone), RSRC_CONF,
                  "telephone number"),
    AP_INIT_TAKE1("EinbuergerungAuthorityMail", eb_authority_mail, NULL, RSRC_CONF,
                  "e-mail address"),
    AP_INIT_TAKE1("EinbuergerungAuthorityHours", eb_authority_text, TEXT(hours), RSRC_CONF,
                  "opening hours"),
    AP_INIT_TAKE1("EinbuergerungAuthorityImprint", eb_authority_url, TEXT(imprint), RSRC_CONF,
                  "address of the imprint"),
    AP_INIT_TAKE1("EinbuergerungAuthorityPrivacy", eb_authority_url, TEXT(privacy), RSRC_CONF,
                  "address of the privacy notice"),
    AP_INIT_TAKE1("EinbuergerungAuthorityAccessibility", eb_authority_url, TEXT(accessibility),
                  RSRC_CONF, "address of the accessibility statement"),
    AP_INIT_TAKE1("EinbuergerungAuthorityEasyLanguage", eb_authority_url, TEXT(easy), RSRC_CONF,
                  "address of explanations in Leichte Sprache"),
    AP_INIT_TAKE1("EinbuergerungAuthoritySignLanguage", eb_authority_url, TEXT(sign), RSRC_CONF,
                  "address of explanations in Deutsche Gebärdensprache"),
    AP_INIT_TAKE1("EinbuergerungAuthorityLanguages", eb_authority_url, TEXT(languages), RSRC_CONF,
                  "address of explanations in other languages"),
    AP_INIT_TAKE1("EinbuergerungAuthorityReader", eb_authority_reader, NULL, RSRC_CONF,
                  "DVDV identifier of the authority in the message's header"),
    AP_INIT_TAKE_ARGV("EinbuergerungOutput", eb_authority_output, NULL, RSRC_CONF,
                      "how applications leave: directory FOLDER, fitconnect, or xta"),
    AP_INIT_TAKE_ARGV("EinbuergerungFitConnect", eb_fitconnect_directive, NULL, RSRC_CONF,
                      "the FIT-Connect destination: environment= destination= client= "
                      "secret-file= roots= and others; conf/fitconnect.md lists them"),
    AP_INIT_TAKE_ARGV("EinbuergerungXta", eb_xta_directive, NULL, RSRC_CONF,
                      "the XTA server: management-url= send-url= cert-file= service= scenario= "
                      "message-type= and others; conf/xta.md lists them"),
    AP_INIT_TAKE_ARGV("EinbuergerungMessage", eb_authority_message, NULL, RSRC_CONF,
                      "the message: xslt=FILE xsd=FILE catalog=FILE"),
    {.name = NULL},
};
