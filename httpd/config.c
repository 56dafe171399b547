/* Making and merging configurations, from the member tables of config.h: a member that the inner
 * section does not name comes from the outer one. Nothing here knows a default. */
#include "glue.h"

#define INHERIT(type, name, fallback)                                                              \
    if (merged->name##_at == NULL) {                                                               \
        merged->name = outer->name;                                                                \
        merged->name##_at = outer->name##_at;                                                      \
    }

void *eb_server_create(apr_pool_t *p, server_rec *s)
{
    eb_server_t *server = apr_pcalloc(p, sizeof(*server));

    (void)s;
    server->uses = apr_array_make(p, 0, sizeof(eb_form_use_t *));
    return server;
}

void *eb_server_merge(apr_pool_t *p, void *base, void *over)
{
    const eb_server_t *outer = base;
    eb_server_t *merged = apr_pmemdup(p, over, sizeof(*merged));

    EB_SERVER_MEMBERS(INHERIT)
    merged->outer = outer;
    return merged;
}

void *eb_location_create(apr_pool_t *p, char *path)
{
    (void)path;
    return apr_pcalloc(p, sizeof(eb_location_t));
}

void *eb_location_merge(apr_pool_t *p, void *base, void *over)
{
    const eb_location_t *outer = base;
    eb_location_t *merged = apr_pmemdup(p, over, sizeof(*merged));

    EB_LOCATION_MEMBERS(INHERIT)
    return merged;
}

eb_server_t *eb_server_of(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &einbuergerung_module);
}

eb_location_t *eb_location_of(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &einbuergerung_module);
}

eb_authority_t *eb_server_authority(const eb_server_t *server, const char *id)
{
    eb_authority_t *found = NULL;

    for (; server != NULL && found == NULL; server = server->outer)
        if (server->authorities != NULL)
            found = apr_hash_get(server->authorities, id, APR_HASH_KEY_STRING);
    return found;
}

eb_party_t eb_author_party(const server_rec *s, const eb_authority_t *authority, apr_pool_t *p)
{
    const eb_author_t *author = eb_server_author(eb_server_of(s));
    eb_party_t party = {.directory = "DVDV", .name = s->server_hostname};

    party.id = author != NULL ? author->id : apr_pstrcat(p, "eip:", authority->ags, NULL);
    if (author != NULL && author->name != NULL)
        party.name = author->name;
    return party;
}

const char *eb_where(const ap_directive_t *at, apr_pool_t *p)
{
    return at == NULL ? NULL : apr_psprintf(p, "%s:%d", at->filename, at->line_num);
}
