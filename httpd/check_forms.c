/* Checks of the forms: each is loaded with its pages and style, stands where it can be served, and
 * has one authority that receives it. */
#include "check.h"
#include "languages.h"

#include "form/outcome.h"

static const char *choices(const eb_server_t *server, apr_pool_t *p)
{
    const char *list = NULL;
    int count = 0;

    for (apr_hash_index_t *i = apr_hash_first(p, server->authorities); i != NULL && count < 8;
         i = apr_hash_next(i), count++)
        list = list == NULL ? apr_hash_this_key(i)
                            : apr_pstrcat(p, list, ", ", (const char *)apr_hash_this_key(i), NULL);
    return apr_pstrcat(p, list, apr_hash_count(server->authorities) > 8 ? " …" : "", NULL);
}

static const eb_location_t *location_of(const ap_conf_vector_t *section)
{
    return ap_get_module_config(section, &einbuergerung_module);
}

/* The authority of a form at its place in this vhost is known, and is one. */
static bool check_choice(eb_check_t *c, const eb_form_use_t *use)
{
    const eb_location_t *here = location_of(use->section);
    apr_pool_t *p = c->start->pool;
    eb_authority_t *a;

    if (here->authority == NULL)
        here = location_of(c->s->lookup_defaults);
    a = here->authority != NULL ? eb_server_authority(c->server, here->authority) : NULL;
    if (a != NULL)
        return eb_check_receive(c, a);
    if (here->authority == NULL && c->server->only != NULL)
        return true;
    eb_problem_set(&c->problem, EB_P_AUTHORITY_CHOICE, APR_EINVAL,
                   eb_where(here->authority != NULL ? here->authority_at : use->at, p), p,
                   "%s%s. The %s has: %s. Example: EinbuergerungUseAuthority %s",
                   here->authority != NULL ? "There is no authority " : "",
                   here->authority != NULL ? here->authority
                                           : "EinbuergerungUseAuthority must choose one of several "
                                             "authorities",
                   eb_check_vhost(c->s, p), choices(c->server, p), choices(c->server, p));
    return eb_check_report(c);
}

static bool check_handler(eb_check_t *c, const eb_form_use_t *use)
{
    const core_dir_config *here = ap_get_core_module_config(use->section);
    const core_dir_config *server = ap_get_core_module_config(c->s->lookup_defaults);

    if (here->handler != NULL || here->expr_handler != NULL || server->handler != NULL ||
        server->expr_handler != NULL)
        return true;
    eb_problem_set(&c->problem, EB_P_FORM_PLACE, APR_EINVAL, eb_where(use->at, c->start->pool),
                   c->start->pool, "\"SetHandler einbuergerung\" is missing beside the form %s",
                   use->name);
    return eb_check_report(c);
}

static bool load_form(eb_check_t *c, eb_form_use_t *use)
{
    eb_loader_t *loader = c->start->loader;
    const char *share = eb_server_share(c->server);

    if (eb_load_form(&use->edition, loader, share, use->name, &c->problem) != APR_SUCCESS)
        return eb_check_blame(c, use->at);
    if (eb_languages_offer(use, c->server, &c->problem, c->start->pool) != APR_SUCCESS)
        return eb_check_report(c);
    eb_load_theme(&use->theme, loader, share, &c->problem);
    if (c->problem != NULL)
        eb_log_server(c->s, APLOG_WARNING, c->problem);
    c->problem = NULL;
    use->asset_base = apr_pstrcat(c->start->pool, use->base, "/-/", use->theme->hash, NULL);
    use->cookie = apr_pstrcat(c->start->pool, "eb-", use->edition->form->id, NULL);
    return true;
}

/* A Quick-Check and the application that it is for know of each other, where both are of one
 * authority. Forms that could not be loaded have no edition. */
static void introduce(eb_form_use_t *check, eb_form_use_t *form)
{
    const char *one = location_of(check->section)->authority;
    const char *other = location_of(form->section)->authority;
    bool same = one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);

    if (!same || form->edition == NULL ||
        strcmp(check->edition->form->outcome->for_form, form->edition->form->id) != 0)
        return;
    check->neighbour = form->base;
    form->neighbour = check->base;
}

static void introduce_all(const apr_array_header_t *uses)
{
    for (int i = 0; i < uses->nelts; i++) {
        eb_form_use_t *use = APR_ARRAY_IDX(uses, i, eb_form_use_t *);

        for (int j = 0;
             use->edition != NULL && use->edition->form->outcome != NULL && j < uses->nelts; j++)
            introduce(use, APR_ARRAY_IDX(uses, j, eb_form_use_t *));
    }
}

/* A form of the main server is served by every vhost that has authorities. */
static void check_inherited(eb_check_t *c)
{
    const apr_array_header_t *uses = c->server->outer->uses;

    for (int i = 0;
         c->server->only == NULL && i < uses->nelts && c->start->problems < EB_PROBLEMS_MAX; i++)
        check_choice(c, APR_ARRAY_IDX(uses, i, eb_form_use_t *));
}

void eb_check_forms(eb_check_t *c)
{
    for (int i = 0; i < c->server->uses->nelts && c->start->problems < EB_PROBLEMS_MAX; i++) {
        eb_form_use_t *use = APR_ARRAY_IDX(c->server->uses, i, eb_form_use_t *);

        if (load_form(c, use) && check_handler(c, use) && c->server->authorities != NULL)
            check_choice(c, use);
    }
    introduce_all(c->server->uses);
    if (c->server->outer != NULL && c->server->authorities != NULL)
        check_inherited(c);
}

static bool somebody_receives(const server_rec *s)
{
    for (; s != NULL; s = s->next)
        if (eb_server_of(s)->authorities != NULL)
            return true;
    return false;
}

void eb_check_receiver(eb_check_t *c)
{
    const eb_form_use_t *use;
    apr_pool_t *p = c->start->pool;

    if (c->server->uses->nelts == 0 || c->server->authorities != NULL ||
        (!c->s->is_virtual && somebody_receives(c->s)))
        return;
    use = APR_ARRAY_IDX(c->server->uses, 0, eb_form_use_t *);
    eb_problem_set(&c->problem, EB_P_AUTHORITY_MISSING, APR_NOTFOUND, eb_where(use->at, p), p,
                   "The form %s has no authority in the %s. Example: <EinbuergerungAuthority "
                   "05711000>",
                   use->name, eb_check_vhost(c->s, p));
    eb_check_report(c);
}
