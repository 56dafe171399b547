/* Loading, each thing once: a table per kind, keyed by what was asked for. A failure is not kept,
 * because the start ends with it. */
#include "languages.h"

#include <apr_fnmatch.h>

eb_loader_t *eb_loader_new(apr_pool_t *pool)
{
    eb_loader_t *loader = apr_pcalloc(pool, sizeof(*loader));

    loader->pool = pool;
    loader->keys = apr_hash_make(pool);
    loader->lists = apr_hash_make(pool);
    loader->forms = apr_hash_make(pool);
    loader->profiles = apr_hash_make(pool);
    loader->rules = apr_hash_make(pool);
    loader->themes = apr_hash_make(pool);
    loader->languages = apr_hash_make(pool);
    loader->wanted = apr_hash_make(pool);
    return loader;
}

static const void *known(apr_hash_t *table, const char *key)
{
    return apr_hash_get(table, key, APR_HASH_KEY_STRING);
}

static void remember(apr_hash_t *table, const char *key, const void *what)
{
    apr_hash_set(table, key, APR_HASH_KEY_STRING, what);
}

static apr_status_t derive_tickets(eb_keys_t *keys, apr_pool_t *p)
{
    apr_status_t rv = APR_SUCCESS;
    apr_uint32_t id;

    while (eb_keyring_name(keys->ring, keys->tickets_count, &id) != NULL)
        keys->tickets_count++;
    keys->tickets = apr_pcalloc(p, keys->tickets_count * sizeof(*keys->tickets));
    for (int i = 0; rv == APR_SUCCESS && i < keys->tickets_count; i++) {
        eb_keyring_name(keys->ring, i, &id);
        rv = eb_key_derive(keys->tickets[i], keys->ring, id, "ticket", NULL, 0);
    }
    return rv;
}

apr_status_t eb_load_keys(const eb_keys_t **keys, eb_loader_t *loader, const char *file,
                          eb_problem_t **problem)
{
    eb_keys_t *fresh;
    apr_status_t rv;

    *keys = known(loader->keys, file);
    if (*keys != NULL)
        return APR_SUCCESS;
    fresh = apr_pcalloc(loader->pool, sizeof(*fresh));
    fresh->file = file;
    rv = eb_keyring_load(&fresh->ring, file, problem, loader->pool);
    if (rv != APR_SUCCESS)
        return rv;
    rv = derive_tickets(fresh, loader->pool);
    if (rv != APR_SUCCESS)
        return eb_problem_set(problem, EB_P_CRYPTO, rv, file, loader->pool,
                              "The key for page tickets cannot be derived");
    remember(loader->keys, file, fresh);
    *keys = fresh;
    return APR_SUCCESS;
}

static apr_status_t load_lists(const eb_codelists_t **lists, eb_loader_t *loader, const char *share,
                               eb_problem_t **problem)
{
    eb_codelists_t *fresh;
    apr_status_t rv;

    *lists = known(loader->lists, share);
    if (*lists != NULL)
        return APR_SUCCESS;
    rv = eb_codelists_load(&fresh, apr_pstrcat(loader->pool, share, "/schemas/codelists", NULL),
                           problem, loader->pool);
    if (rv != APR_SUCCESS)
        return rv;
    remember(loader->lists, share, fresh);
    *lists = fresh;
    return APR_SUCCESS;
}

/* A form in each language: `editions` of them, the first in German. */
static apr_status_t lay_out(eb_edition_t *editions, eb_form_t *const *forms, int count,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    eb_edition_t **in = apr_pcalloc(pool, count * sizeof(*in));
    apr_status_t rv = APR_SUCCESS;

    for (int i = 0; i < count && rv == APR_SUCCESS; i++) {
        in[i] = &editions[i];
        editions[i].form = forms[i];
        editions[i].in = in;
        editions[i].count = count;
        rv = eb_pages_compile(&editions[i].pages, forms[i], problem, pool);
    }
    return rv;
}

static apr_status_t load_edition(eb_edition_t **edition, eb_loader_t *loader, const char *share,
                                 const char *file, eb_problem_t **problem)
{
    apr_pool_t *pool = loader->pool;
    const eb_codelists_t *lists;
    const eb_languages_t *languages;
    eb_form_t *forms[EB_LANGUAGES_MAX];
    apr_status_t rv = load_lists(&lists, loader, share, problem);

    if (rv == APR_SUCCESS)
        rv = eb_languages_load(&languages, loader, share, lists, problem);
    if (rv != APR_SUCCESS)
        return rv;
    *edition = apr_pcalloc(pool, languages->count * sizeof(**edition));
    rv = eb_form_load_all(forms, languages->speeches, languages->count, file,
                          apr_pstrcat(pool, share, "/schemas/form.rng", NULL), problem, pool);
    return rv != APR_SUCCESS ? rv : lay_out(*edition, forms, languages->count, problem, pool);
}

/* The earlier editions of a language are those in the same language. */
static void chain_languages(const eb_edition_t *edition)
{
    for (const eb_edition_t *e = edition; e != NULL; e = e->earlier)
        for (int i = 1; i < e->count; i++)
            e->in[i]->earlier = e->earlier != NULL ? e->earlier->in[i] : NULL;
}

/* Every <name>@<anything>.xml beside <name>.xml; `last` is where the first of them is chained. */
static apr_status_t load_earlier(eb_edition_t **last, eb_loader_t *loader, const char *share,
                                 const char *file, eb_problem_t **problem)
{
    apr_pool_t *pool = loader->pool;
    const char *folder = ap_make_dirstr_parent(pool, file);
    const char *pattern =
        apr_pstrcat(pool, apr_pstrndup(pool, file, strlen(file) - strlen(".xml")), "@*.xml", NULL);
    apr_array_header_t *names;
    apr_status_t rv = apr_match_glob(pattern, &names, pool);

    for (int i = 0; rv == APR_SUCCESS && i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);
        rv = load_edition(last, loader, share, apr_pstrcat(pool, folder, name, NULL), problem);
        if (rv == APR_SUCCESS)
            last = &(*last)->earlier;
    }
    return rv;
}

apr_status_t eb_load_form(const eb_edition_t **form, eb_loader_t *loader, const char *share,
                          const char *name, eb_problem_t **problem)
{
    apr_pool_t *pool = loader->pool;
    const char *file = strpbrk(name, "/.") != NULL
                           ? ap_server_root_relative(pool, name)
                           : apr_pstrcat(pool, share, "/schemas/forms/", name, ".xml", NULL);
    const char *key = apr_pstrcat(pool, share, "\n", file, NULL);
    eb_edition_t *fresh;
    apr_status_t rv;

    *form = known(loader->forms, key);
    if (*form != NULL)
        return APR_SUCCESS;
    rv = load_edition(&fresh, loader, share, file, problem);
    if (rv == APR_SUCCESS && apr_fnmatch("*.xml", file, 0) == APR_SUCCESS)
        rv = load_earlier(&fresh->earlier, loader, share, file, problem);
    if (rv != APR_SUCCESS)
        return rv;
    chain_languages(fresh);
    remember(loader->forms, key, fresh);
    *form = fresh;
    return APR_SUCCESS;
}

apr_status_t eb_load_profile(const eb_profile_t **profile, eb_loader_t *loader, const char *xslt,
                             const char *xsd, const char *catalog, eb_problem_t **problem)
{
    const char *key =
        apr_pstrcat(loader->pool, xslt, "\n", xsd, "\n", catalog == NULL ? "" : catalog, NULL);
    eb_profile_t *fresh;
    apr_status_t rv;

    *profile = known(loader->profiles, key);
    if (*profile != NULL)
        return APR_SUCCESS;
    rv = eb_profile_load(&fresh, xslt, xsd, catalog, problem, loader->pool);
    if (rv != APR_SUCCESS)
        return rv;
    remember(loader->profiles, key, fresh);
    *profile = fresh;
    return APR_SUCCESS;
}

apr_status_t eb_load_reply_rules(const eb_reply_rules_t **rules, eb_loader_t *loader,
                                 const char *xsd, const char *catalog, eb_problem_t **problem)
{
    const char *key = apr_pstrcat(loader->pool, xsd, "\n", catalog == NULL ? "" : catalog, NULL);
    eb_reply_rules_t *fresh;
    apr_status_t rv;

    *rules = known(loader->rules, key);
    if (*rules != NULL)
        return APR_SUCCESS;
    rv = eb_reply_rules_load(&fresh, xsd, catalog, problem, loader->pool);
    if (rv != APR_SUCCESS)
        return rv;
    remember(loader->rules, key, fresh);
    *rules = fresh;
    return APR_SUCCESS;
}
