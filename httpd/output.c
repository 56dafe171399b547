/* EinbuergerungOutput KIND: by which transport an authority's applications leave. */
#include "output.h"

static const char *read_folder(cmd_parms *cmd, eb_authority_t *authority, int argc,
                               char *const argv[])
{
    const char *folder =
        argc == 1 && *argv[0] != '\0' ? ap_server_root_relative(cmd->pool, argv[0]) : NULL;

    if (folder == NULL)
        return eb_complain(cmd, authority->kind->example, "directory needs one folder behind it");
    authority->output = folder;
    return NULL;
}

static bool open_folder(eb_check_t *c, eb_authority_t *a)
{
    apr_pool_t *p = c->start->pool;
    apr_status_t rv = eb_folder_check_output(a, &c->problem, p);

    /* What is there may be writable in a way that was not seen. What is away may come back, as a
     * share does: a configtest tells, but a start goes on, for what is accepted meanwhile waits. */
    if (rv == APR_EACCES ||
        (rv != APR_SUCCESS && ap_state_query(AP_SQ_RUN_MODE) != AP_SQ_RM_CONFIG_TEST)) {
        eb_log_server(c->s, APLOG_WARNING, c->problem);
        c->problem = NULL;
    } else if (rv != APR_SUCCESS) {
        return eb_check_report(c);
    }
    rv = eb_directory_transport(&a->transport, a->output, p);
    if (rv == APR_SUCCESS)
        return true;
    eb_problem_set(&c->problem, EB_P_FOLDER_MISSING, rv, eb_where(a->output_at, p), p,
                   "The output folder %s of authority %s cannot be used", a->output, a->id);
    return eb_check_report(c);
}

const char *eb_output_nothing(cmd_parms *cmd, eb_authority_t *authority, int argc,
                              char *const argv[])
{
    if (argc == 0)
        return NULL;
    return eb_complain(cmd, authority->kind->example, "nothing stands behind %s, but \"%s\" does",
                       authority->kind->name, argv[0]);
}

static const eb_output_kind_t kinds[] = {
    {"directory", "directory /var/lib/einbuergerung/eingang", "folder", read_folder, open_folder,
     NULL, NULL},
    {"fitconnect", "fitconnect", "destination", eb_output_nothing, eb_fitconnect_open,
     eb_fitconnect_probe, eb_fitconnect_certificates},
    {"xta", "xta", "reader", eb_output_nothing, eb_xta_open, eb_xta_probe, eb_xta_certificates},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *names(apr_pool_t *p)
{
    const char *list = kinds[0].name;

    for (apr_size_t i = 1; i < KINDS; i++)
        list = apr_pstrcat(p, list, ", ", kinds[i].name, NULL);
    return list;
}

static const eb_output_kind_t *find(const char *name)
{
    for (apr_size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

const char *eb_authority_output(cmd_parms *cmd, void *conf, int argc, char *const argv[])
{
    eb_authority_t *authority = eb_authority_of(conf);
    const char *error = eb_authority_misplaced(cmd, conf);

    if (error == NULL)
        error = eb_twice(cmd, authority->output_at);
    if (error != NULL)
        return error;
    authority->kind = argc < 1 ? NULL : find(argv[0]);
    if (authority->kind == NULL)
        return eb_complain(cmd, kinds[0].example, "\"%s\" is not a kind of output; there are: %s",
                           argc < 1 ? "" : argv[0], names(cmd->temp_pool));
    authority->output_at = cmd->directive;
    return authority->kind->read(cmd, authority, argc - 1, argv + 1);
}

bool eb_output_open(eb_check_t *c, eb_authority_t *authority)
{
    return authority->kind->open(c, authority);
}

const char *eb_output_text(const eb_authority_t *authority, apr_pool_t *p)
{
    const char *place = authority->output;

    return apr_pstrcat(p, authority->kind->name, place != NULL ? " " : "", place, NULL);
}
