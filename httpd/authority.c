/* <EinbuergerungAuthority ID>: who receives the applications, and how. The section is read with a
 * configuration of its own in which `block` names the authority, so that its directives know where
 * they stand; no other module's directive may slip in, it would have no effect. */
#include "directives.h"

#include <apr_lib.h>

eb_authority_t *eb_authority_of(const void *conf)
{
    return ((const eb_location_t *)conf)->block;
}

const char *eb_outside_authority(cmd_parms *cmd, const void *conf)
{
    if (eb_authority_of(conf) == NULL)
        return NULL;
    return apr_psprintf(cmd->pool, "%s belongs outside of <EinbuergerungAuthority %s>",
                        cmd->cmd->name, eb_authority_of(conf)->id);
}

const char *eb_authority_misplaced(cmd_parms *cmd, const void *conf)
{
    if (eb_authority_of(conf) != NULL)
        return NULL;
    return apr_psprintf(cmd->pool,
                        "%s belongs into a section: <EinbuergerungAuthority 05711000> … "
                        "</EinbuergerungAuthority>",
                        cmd->cmd->name);
}

static bool digits(const char *s, apr_size_t len)
{
    return strlen(s) == len && strspn(s, "0123456789") == len;
}

/* The ARS is land, region, district, association (4), municipality (3); the AGS leaves out the
 * association. */
static const char *ags_of(const char *id, apr_pool_t *p)
{
    return strlen(id) == 8 ? id : apr_pstrcat(p, apr_pstrndup(p, id, 5), id + 9, NULL);
}

static const char *strangers(cmd_parms *cmd)
{
    for (const ap_directive_t *d = cmd->directive->first_child; d != NULL; d = d->next)
        if (strncasecmp(d->directive, "Einbuergerung", 13) != 0)
            return apr_psprintf(cmd->pool,
                                "%s (%s) cannot stand in <EinbuergerungAuthority>, which takes "
                                "EinbuergerungAuthority… EinbuergerungOutput and "
                                "EinbuergerungMessage only",
                                d->directive, eb_where(d, cmd->pool));
    return NULL;
}

/* A configuration in which only our `block` is set; one serves all sections, of which there may be
 * thousands. */
static ap_conf_vector_t *section_for(eb_authority_t *authority, apr_pool_t *temp)
{
    static const char key[] = "einbuergerung-section";
    void *section = NULL;

    apr_pool_userdata_get(&section, key, temp);
    if (section == NULL) {
        section = ap_create_per_dir_config(temp);
        ap_set_module_config(section, &einbuergerung_module, eb_location_create(temp, NULL));
        apr_pool_userdata_setn(section, key, NULL, temp);
    }
    ((eb_location_t *)ap_get_module_config(section, &einbuergerung_module))->block = authority;
    return section;
}

static const char *enter(cmd_parms *cmd, const char *id)
{
    eb_server_t *server = eb_server_of(cmd->server);
    eb_authority_t *authority = apr_pcalloc(cmd->pool, sizeof(*authority));
    const eb_authority_t *first;

    if (server->authorities == NULL)
        EB_SET(server, authorities, apr_hash_make(cmd->pool));
    first = apr_hash_get(server->authorities, id, APR_HASH_KEY_STRING);
    if (first != NULL)
        return apr_psprintf(cmd->pool, "the authority %s is described twice, first in %s", id,
                            eb_where(first->at, cmd->pool));
    authority->id = id;
    authority->ags = ags_of(id, cmd->pool);
    authority->at = cmd->directive;
    apr_hash_set(server->authorities, id, APR_HASH_KEY_STRING, authority);
    return ap_walk_config(cmd->directive->first_child, cmd, section_for(authority, cmd->temp_pool));
}

const char *eb_authority_section(cmd_parms *cmd, void *conf, const char *args)
{
    const char *end = strrchr(args, '>');
    const char *error = eb_outside_authority(cmd, conf);
    const char *id;

    if (error != NULL)
        return error;
    if (end == NULL)
        return "<EinbuergerungAuthority> lacks its closing '>'";
    args = apr_pstrndup(cmd->pool, args, end - args);
    id = ap_getword_conf(cmd->pool, &args);
    if (*args != '\0' || (!digits(id, 8) && !digits(id, 12)))
        return apr_psprintf(cmd->pool,
                            "<EinbuergerungAuthority %s>: an authority is named by its AGS of 8 "
                            "digits or its ARS of 12. Example: <EinbuergerungAuthority 05711000>",
                            id);
    error = strangers(cmd);
    return error != NULL ? error : enter(cmd, id);
}

/* The member that a table row names by its offset, and the place of the directive behind it. */
typedef struct {
    EB_MEMBER(const char *, text, NULL)
} text_member_t;

static const char *set_text(cmd_parms *cmd, const void *conf, const char *value)
{
    text_member_t *member =
        (text_member_t *)((char *)eb_authority_of(conf) + (apr_size_t)cmd->info);
    const char *error = eb_twice(cmd, member->text_at);

    if (error == NULL)
        EB_SET(member, text, value);
    return error;
}

const char *eb_authority_text(cmd_parms *cmd, void *conf, const char *value)
{
    if (eb_authority_of(conf) == NULL)
        return eb_authority_misplaced(cmd, conf);
    if (eb_text_fault(value) != NULL)
        return eb_complain(cmd, "\"…\"", "%s", eb_text_fault(value));
    return set_text(cmd, conf, value);
}

const char *eb_authority_url(cmd_parms *cmd, void *conf, const char *value)
{
    bool local = value[0] == '/' && value[1] != '/';

    if (eb_authority_of(conf) == NULL)
        return eb_authority_misplaced(cmd, conf);
    if (eb_text_fault(value) != NULL || strpbrk(value, " \"<>\\") != NULL ||
        !(local || (strncmp(value, "https://", 8) == 0 && apr_isalnum(value[8]))))
        return eb_complain(cmd, "https://www.musterstadt.example/impressum",
                           "\"%s\" is neither an https address nor a local path", value);
    return set_text(cmd, conf, value);
}

const char *eb_authority_mail(cmd_parms *cmd, void *conf, const char *value)
{
    eb_authority_t *authority = eb_authority_of(conf);
    const char *at = strchr(value, '@');
    const char *error;

    if (authority == NULL)
        return eb_authority_misplaced(cmd, conf);
    error = eb_twice(cmd, authority->mail_at);
    if (error != NULL)
        return error;
    if (eb_text_fault(value) != NULL || at == NULL || at == value || at[1] == '\0' ||
        strchr(at + 1, '@') != NULL || strpbrk(value, " <>\"") != NULL)
        return eb_complain(cmd, "einbuergerung@musterstadt.example",
                           "\"%s\" is not an e-mail address", value);
    EB_SET(authority, mail, value);
    return NULL;
}

const char *eb_authority_address(cmd_parms *cmd, void *conf, int argc, char *const argv[])
{
    eb_authority_t *authority = eb_authority_of(conf);
    const char *lines = NULL;
    const char *error;

    if (authority == NULL)
        return eb_authority_misplaced(cmd, conf);
    error = eb_twice(cmd, authority->address_at);
    if (error != NULL)
        return error;
    for (int i = 0; i < argc; i++) {
        if (eb_text_fault(argv[i]) != NULL)
            return eb_complain(cmd, "\"Musterplatz 1\" \"12345 Musterstadt\"", "%s",
                               eb_text_fault(argv[i]));
        lines = lines == NULL ? argv[i] : apr_pstrcat(cmd->pool, lines, "\n", argv[i], NULL);
    }
    if (lines == NULL)
        return eb_complain(cmd, "\"Musterplatz 1\" \"12345 Musterstadt\"", "no line is given");
    EB_SET(authority, address, lines);
    return NULL;
}

const char *eb_authority_reader(cmd_parms *cmd, void *conf, const char *value)
{
    eb_authority_t *authority = eb_authority_of(conf);
    const char *error;

    if (authority == NULL)
        return eb_authority_misplaced(cmd, conf);
    error = eb_twice(cmd, authority->reader_at);
    if (error != NULL)
        return error;
    if (!eb_is_kennung(value))
        return eb_complain(cmd, "ebb:05711000",
                           "\"%s\" is not an identifier of the form prefix:value", value);
    EB_SET(authority, reader, value);
    return NULL;
}

static const char *message_file(cmd_parms *cmd, eb_authority_t *authority, const char *word)
{
    const char *value = strchr(word, '=');
    const char *file =
        value == NULL || value[1] == '\0' ? NULL : ap_server_root_relative(cmd->pool, value + 1);

    if (file != NULL && strncasecmp(word, "xslt=", 5) == 0)
        EB_SET(authority, xslt, file);
    else if (file != NULL && strncasecmp(word, "xsd=", 4) == 0)
        EB_SET(authority, xsd, file);
    else if (file != NULL && strncasecmp(word, "catalog=", 8) == 0)
        EB_SET(authority, catalog, file);
    else if (file != NULL && strncasecmp(word, "reply-xsd=", 10) == 0)
        EB_SET(authority, reply_xsd, file);
    else
        return word;
    return NULL;
}

const char *eb_authority_message(cmd_parms *cmd, void *conf, int argc, char *const argv[])
{
    eb_authority_t *authority = eb_authority_of(conf);
    const char *example = "xslt=/etc/apache2/einbuergerung/xe.xslt xsd=/etc/apache2/"
                          "einbuergerung/xe.xsd";
    const char *error;

    if (authority == NULL)
        return eb_authority_misplaced(cmd, conf);
    error = eb_twice(cmd, authority->message_at);
    if (error != NULL)
        return error;
    for (int i = 0; i < argc; i++)
        if (message_file(cmd, authority, argv[i]) != NULL)
            return eb_complain(cmd, example,
                               "\"%s\" is none of xslt=FILE xsd=FILE catalog=FILE reply-xsd=FILE",
                               argv[i]);
    if (argc == 0)
        return eb_complain(cmd, example, "no file is named");
    authority->message_at = cmd->directive;
    return NULL;
}
