/* How requests find their way: the pages of a form have no files behind them, its style sheets and
 * fonts do. Pages skip httpd's search for a file, as proxied requests do; assets are given their
 * file, and httpd's default handler serves them with all it knows (ranges, validators, sendfile).
 * <Directory> rules therefore apply to assets, and <Location> rules to both. */
#include "visit.h"

#include <ap_expr.h>

#define NOWHERE "einbuergerung:" /* in place of a file name */
#define FOREVER "public, max-age=31536000, immutable"

/* The form that is served at this address. SetHandler is an expression, which httpd evaluates later
 * than we need to know it. */
static const eb_form_use_t *form_here(request_rec *r)
{
    const eb_location_t *location = eb_location_of(r);
    const core_dir_config *core;
    const char *handler, *error = NULL;

    if (location == NULL || location->use == NULL || location->use->edition == NULL)
        return NULL;
    core = ap_get_core_module_config(r->per_dir_config);
    handler = core->handler;
    if (core->expr_handler != NULL)
        handler = ap_expr_str_exec(r, core->expr_handler, &error);
    if (handler == NULL || error != NULL || strcmp(handler, "einbuergerung") != 0)
        return NULL;
    return location->use;
}

/* Our paths need no escapes: whatever has one is not decoded, and then is not found by us instead
 * of by httpd (which would refuse an encoded slash without our page). */
static int pre_translate(request_rec *r)
{
    if (r->parsed_uri.path == NULL || strchr(r->parsed_uri.path, '%') == NULL ||
        form_here(r) == NULL)
        return DECLINED;
    return DONE;
}

/* Past "<base>/-/"; NULL when the request is for something else. */
static const char *asset_path(const request_rec *r, const eb_form_use_t *use)
{
    const char *path = r->uri + use->base_len;

    if (strncmp(r->uri, use->base, use->base_len) != 0 || strncmp(path, "/-/", 3) != 0)
        return NULL;
    return path + 3;
}

static bool accepts_gzip(const request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept-Encoding");

    return accept != NULL && ap_find_token(r->pool, accept, "gzip") &&
           ap_strcasestr(accept, "gzip;q=0") == NULL && ap_strcasestr(accept, "gzip; q=0") == NULL;
}

/* <hash>/<file>, where file is one of the theme's. */
static int translate_asset(request_rec *r, const eb_form_use_t *use, const char *path)
{
    const char *name = strchr(path, '/');
    const eb_asset_t *asset;
    bool gz;

    if (name == NULL || name - path != 8)
        return DECLINED;
    asset = apr_hash_get(use->theme->files, name + 1, APR_HASH_KEY_STRING);
    if (asset == NULL || (r->method_number != M_GET))
        return DECLINED;
    gz = asset->gz && accepts_gzip(r);
    r->filename = apr_pstrcat(r->pool, use->theme->folder, name, gz ? ".gz" : "", NULL);
    ap_set_module_config(r->request_config, &einbuergerung_module, (void *)asset);
    if (gz)
        r->content_encoding = "gzip";
    return OK;
}

static int translate(request_rec *r)
{
    const eb_form_use_t *use = form_here(r);
    const char *path;

    if (use == NULL)
        return DECLINED;
    path = asset_path(r, use);
    if (path != NULL && translate_asset(r, use, path) == OK)
        return OK;
    r->filename = apr_pstrcat(r->pool, NOWHERE, r->uri, NULL);
    return OK;
}

static const eb_asset_t *asset_of(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &einbuergerung_module);
}

static int map_to_storage(request_rec *r)
{
    return r->filename != NULL && strncmp(r->filename, NOWHERE, sizeof(NOWHERE) - 1) == 0
               ? OK
               : DECLINED;
}

static int fixup(request_rec *r)
{
    const eb_asset_t *asset = asset_of(r);
    const eb_form_use_t *use;
    bool current;

    if (asset == NULL)
        return DECLINED;
    use = eb_location_of(r)->use;
    current = strncmp(asset_path(r, use), use->theme->hash, 8) == 0;
    r->handler = "default-handler";
    r->content_encoding = r->content_encoding != NULL ? "gzip" : NULL;
    ap_set_content_type(r, asset->type);
    eb_reply_headers(r, eb_request_is_tls(r));
    apr_table_setn(r->headers_out, "Cache-Control", current ? FOREVER : "no-cache");
    if (asset->gz)
        apr_table_mergen(r->headers_out, "Vary", "Accept-Encoding");
    return OK;
}

void eb_asset_hooks(void)
{
    ap_hook_pre_translate_name(pre_translate, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_translate_name(translate, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_map_to_storage(map_to_storage, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_fixups(fixup, NULL, NULL, APR_HOOK_LAST);
}
