/* The style sheets, fonts and scripts of a share: which files there are, of which media type, and
 * one hash over all of them. It stands in their addresses, so that browsers may keep them for ever.
 */
#include "load.h"

#include <apr_file_info.h>

#define FILES_MAX 200
#define FILE_MAX  (4 * 1024 * 1024)

static const struct {
    const char *ending, *type;
} types[] = {
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".woff2", "font/woff2"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char *type_of(const char *name)
{
    const char *ending = strrchr(name, '.');

    for (apr_size_t i = 0; ending != NULL && i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(ending, types[i].ending) == 0)
            return types[i].type;
    return NULL;
}

static bool plain(const char *name)
{
    return name[0] != '.' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789._-")] == '\0';
}

static apr_uint32_t fnv(apr_uint32_t hash, const void *data, apr_size_t len)
{
    for (const unsigned char *s = data; len > 0; s++, len--)
        hash = (hash ^ *s) * 16777619u;
    return hash;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the files that are served, sorted. */
static apr_status_t list_files(apr_array_header_t *names, const char *folder, apr_pool_t *p)
{
    apr_dir_t *dir;
    apr_finfo_t info;
    apr_status_t rv = apr_dir_open(&dir, folder, p);

    if (rv != APR_SUCCESS)
        return rv;
    while (names->nelts < FILES_MAX && apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS)
        if (plain(info.name) && type_of(info.name) != NULL)
            APR_ARRAY_PUSH(names, const char *) = apr_pstrdup(p, info.name);
    apr_dir_close(dir);
    qsort(names->elts, names->nelts, sizeof(const char *), by_name);
    return APR_SUCCESS;
}

static apr_status_t hash_file(apr_uint32_t *hash, const char *file, apr_pool_t *p)
{
    apr_file_t *f;
    char *data;
    apr_size_t len = 0;
    apr_finfo_t info;
    apr_status_t rv = apr_file_open(&f, file, APR_FOPEN_READ, 0, p);

    if (rv == APR_SUCCESS)
        rv = apr_file_info_get(&info, APR_FINFO_SIZE, f);
    if (rv == APR_SUCCESS && info.size > FILE_MAX)
        rv = APR_ENOSPC;
    if (rv != APR_SUCCESS)
        return rv;
    data = apr_palloc(p, (apr_size_t)info.size + 1);
    rv = apr_file_read_full(f, data, (apr_size_t)info.size, &len);
    apr_file_close(f);
    *hash = fnv(*hash, data, len);
    return info.size == 0 || APR_STATUS_IS_EOF(rv) ? APR_SUCCESS : rv;
}

static apr_status_t add_file(eb_theme_t *theme, apr_uint32_t *hash, const char *name,
                             eb_loader_t *loader, apr_pool_t *scratch)
{
    eb_asset_t *asset = apr_pcalloc(loader->pool, sizeof(*asset));
    const char *file = apr_pstrcat(scratch, theme->folder, "/", name, NULL);
    apr_finfo_t info;

    asset->type = type_of(name);
    asset->gz = apr_stat(&info, apr_pstrcat(scratch, file, ".gz", NULL), APR_FINFO_TYPE, scratch) ==
                    APR_SUCCESS &&
                info.filetype == APR_REG;
    apr_hash_set(theme->files, apr_pstrdup(loader->pool, name), APR_HASH_KEY_STRING, asset);
    *hash = fnv(*hash, name, strlen(name) + 1);
    return hash_file(hash, file, scratch);
}

static apr_status_t read_theme(eb_theme_t *theme, eb_loader_t *loader, apr_pool_t *scratch)
{
    apr_array_header_t *names = apr_array_make(scratch, 16, sizeof(const char *));
    apr_uint32_t hash = 2166136261u;
    apr_status_t rv = list_files(names, theme->folder, scratch);

    for (int i = 0; rv == APR_SUCCESS && i < names->nelts; i++)
        rv = add_file(theme, &hash, APR_ARRAY_IDX(names, i, const char *), loader, scratch);
    theme->hash = apr_psprintf(loader->pool, "%08x", hash);
    return rv;
}

apr_status_t eb_load_theme(const eb_theme_t **theme, eb_loader_t *loader, const char *share,
                           eb_problem_t **problem)
{
    apr_pool_t *scratch;
    eb_theme_t *fresh;
    apr_status_t rv;

    *theme = apr_hash_get(loader->themes, share, APR_HASH_KEY_STRING);
    if (*theme != NULL)
        return APR_SUCCESS;
    fresh = apr_pcalloc(loader->pool, sizeof(*fresh));
    fresh->folder = apr_pstrcat(loader->pool, share, "/theme", NULL);
    fresh->files = apr_hash_make(loader->pool);
    apr_pool_create(&scratch, loader->pool);
    rv = read_theme(fresh, loader, scratch);
    apr_pool_destroy(scratch);
    apr_hash_set(loader->themes, share, APR_HASH_KEY_STRING, fresh);
    *theme = fresh;
    if (rv != APR_SUCCESS)
        return eb_problem_set(problem, EB_P_THEME, rv, NULL, loader->pool,
                              "%s cannot be read; pages are served without style", fresh->folder);
    return APR_SUCCESS;
}
