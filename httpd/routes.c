/* From a path to its handler. The table is the whole map of a form's address space; methods that a
 * page does not have are answered with those it has. */
#include "visit.h"

#include <apr_lib.h>

#define GET_ONLY "GET, HEAD"
#define GET_POST "GET, HEAD, POST"

typedef int handler_t(eb_visit_t *v);

static const struct route_t {
    const char *path;
    handler_t *get, *post;
} routes[] = {
    {"", eb_get_start, NULL},
    {"aufgaben", eb_get_tasks, NULL},
    {"pruefen", eb_get_review, eb_post_review},
    {"quittung", eb_get_receipt, NULL},
    {"kopie", eb_get_copy, NULL},
    {"kopie.xml", eb_get_message, NULL},
    {"unterbrechen", eb_get_pause, eb_post_pause},
    {"fortsetzen", eb_get_resume, eb_post_resume},
    {"status", eb_get_standing, eb_post_standing},
    {"loeschen", eb_get_discard, eb_post_discard},
};

static const struct route_t step_route = {NULL, eb_get_step, eb_post_step};
static const struct route_t list_route = {NULL, eb_get_entries, eb_post_entries};
static const struct route_t removal_route = {NULL, eb_get_remove, eb_post_remove};
static const struct route_t file_route = {NULL, eb_get_file, eb_post_file};

/* "1" to "9999" as an index from 0; EB_ROOT for anything else. */
static int entry_number(const char *text)
{
    apr_size_t len = strlen(text);

    if (len == 0 || len > 4 || text[0] == '0' || strspn(text, "0123456789") != len)
        return EB_ROOT;
    return atoi(text) - 1;
}

/* <step>/<n>, <step>/<n>/<page>, <step>/<n>/entfernen; the first page has no name of its own. */
static const struct route_t *entry_route(eb_visit_t *v, char *rest)
{
    char *last = strchr(rest, '/');

    if (last != NULL)
        *last++ = '\0';
    v->entry = entry_number(rest);
    if (v->step->repeat == NULL || v->entry == EB_ROOT)
        return NULL;
    if (last == NULL) {
        v->page = v->step->pages;
        return &step_route;
    }
    if (strcmp(last, "entfernen") == 0)
        return &removal_route;
    v->page = eb_step_page(v->step, last);
    return v->page == NULL || v->page == v->step->pages ? NULL : &step_route;
}

static const struct route_t *find_page_route(eb_visit_t *v, char *path)
{
    char *rest = strchr(path, '/');

    if (rest != NULL)
        *rest++ = '\0';
    v->step = eb_form_step(v->edition->form, path);
    if (v->step == NULL)
        return NULL;
    if (rest != NULL)
        return entry_route(v, rest);
    if (v->step->repeat != NULL)
        return &list_route;
    v->page = v->step->pages;
    return &step_route;
}

/* In the edition at hand; `path` is cut into pieces. <page>/datei/<id> is about a file of a page.
 */
static const struct route_t *find_step_route(eb_visit_t *v, char *path)
{
    char *file = strstr(path, "/datei/");
    const struct route_t *route;

    if (file == NULL)
        return find_page_route(v, path);
    *file = '\0';
    v->file = file + strlen("/datei/");
    route = find_page_route(v, path);
    return route == &step_route && v->page->uploads ? &file_route : NULL;
}

/* `path` is below the base and its '/'. Until the draft is read, any edition may be meant. */
static const struct route_t *find_route(eb_visit_t *v, const char *path)
{
    for (apr_size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        if (strcmp(path, routes[i].path) == 0)
            return &routes[i];
    for (; v->edition != NULL; v->edition = v->edition->earlier) {
        const struct route_t *route = find_step_route(v, apr_pstrdup(v->pool, path));
        if (route != NULL)
            return route;
    }
    v->edition = eb_visit_current(v);
    v->step = NULL;
    return NULL;
}

static int dispatch(eb_visit_t *v, const struct route_t *route)
{
    if (route == NULL)
        return eb_reply_notice(v, EB_NOTICE_NOT_FOUND);
    if (v->r->method_number == M_GET)
        return route->get(v);
    if (v->r->method_number == M_POST && route->post != NULL)
        return route->post(v);
    return eb_reply_not_allowed(v, route->post != NULL ? GET_POST : GET_ONLY);
}

static const eb_authority_t *choose_authority(const eb_server_t *server,
                                              const eb_location_t *location)
{
    return location->authority != NULL ? eb_server_authority(server, location->authority)
                                       : server->only;
}

/* Where a vhost serves several authorities, each has a cookie of its own. The prefix __Host- makes
 * browsers refuse one that another host of the domain has set. */
static const char *cookie_name(const eb_visit_t *v, const eb_location_t *location)
{
    return apr_pstrcat(v->pool, v->tls ? "__Host-" : "", v->use->cookie,
                       location->authority != NULL ? "-" : "", location->authority, NULL);
}

static void begin(eb_visit_t *v, request_rec *r, const eb_location_t *location)
{
    v->r = r;
    v->pool = r->pool;
    v->now = r->request_time;
    v->tls = eb_request_is_tls(r);
    v->use = location->use;
    v->cookie = cookie_name(v, location);
    v->drafts =
        (eb_drafts_t){v->server->redis_slot->redis, v->server->keys->ring,
                      apr_pstrcat(r->pool, r->server->server_hostname, "/", v->authority->id, NULL),
                      EB_DRAFT_DAYS};
    v->entry = EB_ROOT;
    eb_tongue_enter(v, r->uri + v->use->base_len);
    v->edition = eb_visit_current(v);
    v->in = eb_instance_new(v->edition->form, r->pool);
    v->c = (eb_context_t){v->in, EB_ROOT, v->now, r->pool};
}

static int handle(request_rec *r)
{
    const eb_location_t *location = eb_location_of(r);
    eb_visit_t *v;

    if (r->handler == NULL || strcmp(r->handler, "einbuergerung") != 0 || location->use == NULL)
        return DECLINED;
    if (strncmp(r->uri, location->use->base, location->use->base_len) != 0)
        return DECLINED;
    v = apr_pcalloc(r->pool, sizeof(*v)); /* cleanups of the request look into it */
    v->server = eb_server_of(r->server);
    v->authority = choose_authority(v->server, location);
    if (v->authority == NULL || v->server->redis_slot == NULL ||
        v->server->redis_slot->redis == NULL)
        return HTTP_NOT_FOUND;
    begin(v, r, location);
    eb_reply_headers(r, v->tls);
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    if (*v->path == '\0')
        return eb_reply_moved(v, "/");
    if (v->edition->form->outcome != NULL)
        return eb_quickcheck(v, v->path + 1);
    return dispatch(v, find_route(v, v->path + 1));
}

void eb_route_hooks(void)
{
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}
