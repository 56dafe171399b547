/* Delivery in the background. mod_watchdog is only the ticker: it wakes one thread of one child now
 * and then, which sets a few workers to work. It is neither a lock (two generations tick at once
 * during a graceful restart: jobs are held by flock or lease) nor a clean stop, so that the child
 * waits here until the steps in hand are finished.
 *
 * Outboxes and connections of the workers are their own, in a pool that goes with the last worker
 * and not with the child: one who does not end in time is cut off by the end of the process, like
 * by any other death, and never finds its memory gone. */
#include "answers.h"

#include "said.h"

#include <apr_atomic.h>
#include <apr_optional.h>
#include <apr_thread_mutex.h>
#include <http_main.h>
#include <mod_watchdog.h>
#include <mpm_common.h>

#define NAME      "_einbuergerung_"
#define INTERVAL  apr_time_from_sec(1)
#define PER_ROUTE apr_time_from_msec(1)    /* so that 11,000 authorities do not fill a core */
#define WAIT_MAX  apr_time_from_msec(1600) /* the child is to end within 2 s */
#define WORKERS   4

struct eb_ticker_t {
    const eb_start_t *start;
    server_rec *s;
    volatile apr_uint32_t stop, busy;
    apr_pool_t *work;    /* what the workers share */
    eb_outbox_t **boxes; /* of these: by depot; NULL: not open */
    eb_answers_help_t help;
    eb_crew_t *crew;           /* NULL until the first tick: most children never see one */
    apr_thread_mutex_t *mutex; /* of said, and its pool */
    eb_said_t *said;
};

static bool stopping(void *baton)
{
    return apr_atomic_read32(&((eb_ticker_t *)baton)->stop) != 0;
}

static void report(void *baton, const eb_job_t *job, const eb_problem_t *problem)
{
    eb_ticker_t *t = baton;

    apr_thread_mutex_lock(t->mutex);
    if (problem != NULL)
        eb_said_problem(t->said, job, problem, apr_time_now());
    else if (job != NULL)
        eb_said_over(t->said, job, apr_time_now());
    apr_thread_mutex_unlock(t->mutex);
}

static apr_status_t open_box(eb_outbox_t **box, const eb_depot_t *depot, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    eb_redis_t *redis;
    apr_status_t rv;

    if (depot->slot == NULL)
        return eb_spool_open(box, depot->folder, depot->keys->ring, problem, pool);
    rv = eb_redis_create(&redis, depot->slot->address, WORKERS, pool);
    if (rv != APR_SUCCESS)
        return eb_problem_set(problem, EB_P_OUTBOX_CLOSED, rv, NULL, pool,
                              "No connections to the outbox %s", depot->folder);
    eb_redis_outbox_open(box, redis, apr_time_from_sec(depot->lease), depot->keys->ring, pool);
    return APR_SUCCESS;
}

/* One that cannot be opened must not delay the others. The child could not either, and has told of
 * it; or it is told of here. */
static void open_depot(eb_ticker_t *t, int index)
{
    const eb_depot_t *depot = APR_ARRAY_IDX(t->start->depots, index, eb_depot_t *);
    eb_problem_t *problem = NULL;

    if (open_box(&t->boxes[index], depot, &problem, t->work) == APR_SUCCESS)
        return;
    t->boxes[index] = NULL;
    if (depot->box != NULL)
        report(t, NULL, problem);
}

static eb_outbox_t *box_of(void *baton, const eb_depot_t *depot)
{
    const eb_ticker_t *t = baton;

    for (int i = 0; i < t->start->depots->nelts; i++)
        if (APR_ARRAY_IDX(t->start->depots, i, eb_depot_t *) == depot)
            return t->boxes[i];
    return NULL;
}

static apr_status_t hire(eb_ticker_t *t)
{
    const apr_array_header_t *depots = t->start->depots;
    eb_dispatcher_t *list;
    int count = 0;

    apr_pool_create_unmanaged(&t->work);
    list = apr_pcalloc(t->work, depots->nelts * sizeof(*list) + 1);
    t->boxes = apr_pcalloc(t->work, depots->nelts * sizeof(*t->boxes) + 1);
    for (int i = 0; i < depots->nelts; i++) {
        const apr_array_header_t *routes = APR_ARRAY_IDX(depots, i, eb_depot_t *)->routes;

        open_depot(t, i);
        if (t->boxes[i] != NULL)
            list[count++] = (eb_dispatcher_t){.box = t->boxes[i],
                                              .routes = (const eb_route_t *)routes->elts,
                                              .routes_count = routes->nelts,
                                              .stop = stopping,
                                              .report = report,
                                              .baton = t};
    }
    t->help = (eb_answers_help_t){box_of, stopping, report, t};
    return eb_crew_create(&t->crew, list, count, eb_answers_errands(t->start, &t->help, t->work),
                          WORKERS, t->work);
}

/* Without workers nothing is delivered: that is tried, and told, at each tick. */
static bool hired(eb_ticker_t *t, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    apr_status_t rv = APR_SUCCESS;

    if (t->crew == NULL)
        rv = hire(t);
    if (rv == APR_SUCCESS)
        return true;
    t->crew = NULL;
    apr_pool_destroy(t->work);
    eb_problem_set(&problem, EB_P_WATCHDOG_MISSING, rv, NULL, pool, "No workers for delivery");
    report(t, NULL, problem);
    return false;
}

static void run(eb_ticker_t *t, apr_pool_t *pool)
{
    const apr_time_t now = apr_time_now();

    if (hired(t, pool))
        eb_crew_tick(t->crew, now);
    apr_thread_mutex_lock(t->mutex);
    eb_said_silence(t->said, now);
    apr_thread_mutex_unlock(t->mutex);
}

/* Anything but APR_SUCCESS would be the last call. */
static apr_status_t tick(int state, void *data, apr_pool_t *pool)
{
    eb_ticker_t *t = ((const eb_start_t *)data)->ticker;

    if (state != AP_WATCHDOG_STATE_RUNNING || t == NULL)
        return APR_SUCCESS;
    apr_atomic_set32(&t->busy, 1);
    if (!stopping(t))
        run(t, pool);
    apr_atomic_set32(&t->busy, 0);
    return APR_SUCCESS;
}

static int routes_count(const eb_start_t *start)
{
    int count = 0;

    for (int i = 0; i < start->depots->nelts; i++)
        count += APR_ARRAY_IDX(start->depots, i, eb_depot_t *)->routes->nelts;
    return count;
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) * get_instance;
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) * register_callback;
    const eb_start_t *start = eb_server_of(s)->start;
    eb_problem_t *problem = NULL;
    ap_watchdog_t *watchdog;
    apr_status_t rv = APR_ENOTIMPL;

    (void)plog;
    if (start == NULL || ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    get_instance = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    register_callback = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    if (get_instance != NULL && register_callback != NULL)
        rv = get_instance(&watchdog, NAME, 0, 1, pconf);
    if (rv == APR_SUCCESS)
        rv = register_callback(watchdog, INTERVAL + routes_count(start) * PER_ROUTE, start, tick);
    if (rv == APR_SUCCESS)
        return OK;
    eb_problem_set(&problem, EB_P_WATCHDOG_MISSING, rv, NULL, ptemp, "No ticker for delivery");
    eb_log_server(s, APLOG_ERR, problem);
    return HTTP_INTERNAL_SERVER_ERROR;
}

/* The ticker itself stays: the ticking thread may look at it once more. */
static apr_status_t wait_until_idle(void *data)
{
    eb_ticker_t *t = data;
    const apr_time_t end = apr_time_now() + WAIT_MAX;

    apr_atomic_set32(&t->stop, 1);
    while (apr_atomic_read32(&t->busy) != 0 && apr_time_now() < end)
        apr_sleep(apr_time_from_msec(5));
    if (apr_atomic_read32(&t->busy) == 0 && t->crew != NULL &&
        eb_crew_end(t->crew, end - apr_time_now()))
        apr_pool_destroy(t->work);
    return APR_SUCCESS;
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    eb_start_t *start = eb_server_of(s)->start;
    apr_pool_t *pool;
    eb_ticker_t *t;

    if (start == NULL)
        return;
    apr_pool_create_unmanaged(&pool);
    t = apr_pcalloc(pool, sizeof(*t));
    t->start = start;
    t->s = s;
    t->said = eb_said_new(s, pool);
    if (apr_thread_mutex_create(&t->mutex, APR_THREAD_MUTEX_DEFAULT, pool) != APR_SUCCESS) {
        apr_pool_destroy(pool);
        return;
    }
    start->ticker = t;
    apr_pool_pre_cleanup_register(pchild, t, wait_until_idle);
}

static void child_stopping(apr_pool_t *pchild, int graceful)
{
    const eb_start_t *start = eb_start_of(ap_server_conf);

    (void)pchild;
    (void)graceful;
    if (start != NULL && start->ticker != NULL)
        apr_atomic_set32(&start->ticker->stop, 1);
}

void eb_ticker_hooks(void)
{
    static const char *const before[] = {"mod_watchdog.c", NULL};

    ap_hook_post_config(post_config, NULL, before, APR_HOOK_MIDDLE);
    ap_hook_child_init(child_init, NULL, before, APR_HOOK_MIDDLE);
    ap_hook_child_stopping(child_stopping, NULL, NULL, APR_HOOK_MIDDLE);
}
