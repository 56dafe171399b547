/* A child of httpd: its own pool of Redis connections and its own hold on each outbox, since
 * neither a socket nor a lock may cross a fork. httpd starts without Redis: an outbox there that
 * cannot be used yet is only told of, and asked again when somebody wants to send. */
#include "startup.h"

#include <ap_mpm.h>

static int connections(void)
{
    int threads = 0;

    if (ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) != APR_SUCCESS || threads < 1)
        threads = 1;
    return threads + 1;
}

static void open_redis(eb_depot_t *depot, apr_pool_t *pchild)
{
    eb_problem_t *problem = NULL;

    if (depot->slot->redis == NULL)
        return;
    eb_redis_outbox_open(&depot->box, depot->slot->redis, apr_time_from_sec(depot->lease),
                         depot->keys->ring, pchild);
    if (eb_redis_outbox_check(depot->box, apr_time_now(), &problem, pchild) != APR_SUCCESS)
        eb_log_server(depot->server, APLOG_WARNING, problem);
}

static void open_depot(eb_depot_t *depot, apr_pool_t *pchild)
{
    eb_problem_t *problem = NULL;

    if (depot->slot != NULL) {
        open_redis(depot, pchild);
        return;
    }
    if (eb_spool_open(&depot->box, depot->folder, depot->keys->ring, &problem, pchild) ==
        APR_SUCCESS)
        return;
    depot->box = NULL;
    eb_log_server(depot->server, APLOG_ERR, problem);
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    const eb_start_t *start = eb_server_of(s)->start;

    if (start == NULL)
        return;
    for (int i = 0; i < start->slots->nelts; i++) {
        eb_redis_slot_t *slot = APR_ARRAY_IDX(start->slots, i, eb_redis_slot_t *);

        if (eb_redis_create(&slot->redis, slot->address, connections(), pchild) != APR_SUCCESS)
            slot->redis = NULL;
    }
    for (int i = 0; i < start->depots->nelts; i++)
        open_depot(APR_ARRAY_IDX(start->depots, i, eb_depot_t *), pchild);
}

void eb_child_hooks(void)
{
    static const char *const before[] = {"mod_watchdog.c", NULL};

    ap_hook_child_init(child_init, NULL, before, APR_HOOK_MIDDLE);
}
