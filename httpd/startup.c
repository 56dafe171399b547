/* The start. httpd's configtest ends before post_config, so that everything is loaded and checked
 * in check_config, which runs in every start, reload and configtest; what has effects outside the
 * process (folders) waits for post_config. */
#include "startup.h"
#include "certificates.h"
#include "languages.h"

#include <http_main.h>
#include <malloc.h>
#include <unistd.h>
#include <libxml/parser.h>
#include <libxml/xmlschemastypes.h>

eb_start_t *eb_start_of(const server_rec *any)
{
    (void)any;
    return eb_server_of(ap_server_conf)->start;
}

static bool configured(const server_rec *main_server)
{
    for (const server_rec *s = main_server; s != NULL; s = s->next)
        if (eb_server_of(s)->uses->nelts > 0 || eb_server_of(s)->authorities != NULL)
            return true;
    return false;
}

static eb_start_t *start_new(apr_pool_t *pool)
{
    eb_start_t *start = apr_pcalloc(pool, sizeof(*start));

    start->pool = pool;
    if (gethostname(start->node, sizeof(start->node)) != 0 || start->node[0] == '\0')
        apr_cpystrn(start->node, "localhost", sizeof(start->node));
    start->node[sizeof(start->node) - 1] = '\0';
    start->loader = eb_loader_new(pool);
    start->by_address = apr_hash_make(pool);
    start->by_folder = apr_hash_make(pool);
    start->by_socket = apr_hash_make(pool);
    start->slots = apr_array_make(pool, 2, sizeof(eb_redis_slot_t *));
    start->depots = apr_array_make(pool, 2, sizeof(eb_depot_t *));
    start->former = apr_array_make(pool, 0, sizeof(eb_former_t));
    start->mailboxes = apr_array_make(pool, 0, sizeof(eb_mailbox_use_t *));
    return start;
}

/* Loading works in many short-lived pools. What they leave would stay in the allocator, and in the
 * memory of every child, so that for the time being the allocator keeps next to nothing: enough for
 * the next little pool, since each that comes from the system costs two calls. */
#define KEPT_WHILE_LOADING (256 * 1024)

static bool load_all(eb_start_t *start, server_rec *s, apr_pool_t *pconf)
{
    apr_allocator_t *allocator = apr_pool_allocator_get(pconf);
    bool good;

    apr_allocator_max_free_set(allocator, KEPT_WHILE_LOADING);
    eb_languages_want(start->loader, s);
    good = eb_check_all(start, s);
    eb_former_find(start, s);
    eb_certificates_find(start, s);
    apr_allocator_max_free_set(allocator, APR_ALLOCATOR_MAX_FREE_UNLIMITED);
    return good;
}

static int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    eb_start_t *start;
    bool good;

    (void)plog;
    if (!configured(s))
        return OK;
    xmlInitParser(); /* neither is safe for the first time in a thread */
    xmlSchemaInitTypes();
    start = start_new(pconf);
    eb_server_of(s)->start = start;
    good = load_all(start, s, pconf);
    eb_dump(start, s, ptemp);
    if (good)
        eb_probe(start, ptemp);
    return good ? OK : HTTP_INTERNAL_SERVER_ERROR;
}

static apr_status_t make_folders(const eb_depot_t *depot, eb_problem_t **problem, apr_pool_t *p)
{
    apr_status_t rv = APR_SUCCESS;

    if (depot->slot != NULL)
        return APR_SUCCESS;
    for (int i = 0; rv == APR_SUCCESS && i < depot->routes->nelts; i++)
        rv = eb_folder_make(depot, APR_ARRAY_IDX(depot->routes, i, eb_route_t).authority, problem,
                            p);
    return rv;
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    const eb_start_t *start = eb_server_of(s)->start;
    eb_problem_t *problem = NULL;

    (void)pconf;
    (void)plog;
    if (start == NULL || ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    malloc_trim(0); /* for the same reason: parsing has left holes of megabytes */
    for (int i = 0; i < start->depots->nelts; i++) {
        const eb_depot_t *depot = APR_ARRAY_IDX(start->depots, i, eb_depot_t *);

        if (make_folders(depot, &problem, ptemp) != APR_SUCCESS) {
            eb_log_server(depot->server, APLOG_ERR, problem);
            return HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return OK;
}

void eb_startup_hooks(void)
{
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
}
