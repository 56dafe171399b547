/* Redis is cut off at every command of an application's way through the outbox, from the put to the
 * purge: before the command, after it, and in the middle of its answer; once, or four times. The
 * person tries again, and so does the worker: one receipt, and the receiver gets it once. */
#include "delivery/dispatcher.h"
#include "dispatch.h"
#include "tap.h"
#include "cut.h"
#include "inbox.h"
#include "redis_outbox.h"
#include "scratch.h"

#include <apr_errno.h>

#define LEASE   apr_time_from_msec(300)
#define PATIENT 1000 /* tries */

static test_redis_t server;
static cut_t cut;
static eb_outbox_t *box, *past; /* through the cut, and past it */
static eb_transport_t *transport;
static inbox_t inbox;
static apr_time_t start;

typedef struct round_t {
    eb_job_t job;
    apr_time_t receipt;
    apr_time_t now;
    bool good;
} round_t;

static void expect(round_t *r, bool good, const char *what)
{
    if (!good && r->good)
        printf("# %s: command %d, %d times, kind %d\n", what, (int)cut.at, (int)cut.times,
               (int)cut.kind);
    r->good = r->good && good;
}

/* A second later each time; whoever was there first says when that was. */
static bool submit(round_t *r, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    eb_package_flow_t flow;
    eb_job_t job = r->job;

    job.accepted = r->now += APR_USEC_PER_SEC;
    eb_package_t package = inbox_package(&job, inbox.documents, pool);
    eb_package_flow(&flow, &package);
    apr_status_t rv = box->engine->put(box, &job, &flow.source, &problem, pool);
    if (rv && rv != APR_EEXIST) {
        expect(r, problem != NULL, "a failure without a problem");
        return false;
    }
    expect(r, !r->receipt || job.accepted == r->receipt, "another receipt");
    r->receipt = job.accepted;
    return true;
}

static void insist(round_t *r, apr_pool_t *pool)
{
    bool told = false;

    for (int i = 0; i < 5 && !told; i++)
        told = submit(r, pool);
    expect(r, told, "trying again does not help");
}

static bool is_done(const round_t *r, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    eb_job_t *job;

    return !past->engine->find(&job, past, AUTHORITY, r->job.uuid, &problem, pool) &&
           job->state == EB_JOB_PURGED && job->accepted == r->receipt;
}

/* Until it is done. A lost answer may have left a lease, which must run out. */
static void deliver(round_t *r, apr_pool_t *pool)
{
    const eb_route_t route = {AUTHORITY, transport};
    const eb_dispatcher_t d = {.box = box, .routes = &route, .routes_count = 1};
    int delivered;

    for (int i = 0; i < PATIENT && !is_done(r, pool); i++) {
        if (i)
            usleep(10000);
        r->now += apr_time_from_sec(3600);
        dispatch_all(&d, r->now, &delivered, pool);
        inbox_fetch(&inbox);
    }
    expect(r, is_done(r, pool), "not delivered, or another time than the receipt's");
}

/* True: the cut was met. */
static bool play(round_t *r, int n, int times, cut_kind_t kind, apr_pool_t *pool)
{
    *r = (round_t){.job = spool_job(start), .now = start, .good = true};
    inbox.fetched = inbox.wrong = 0;
    inbox.pool = pool;
    cut_set(&cut, n, times, kind);
    insist(r, pool);
    deliver(r, pool);
    insist(r, pool);
    expect(r, inbox.fetched == 1 && !inbox.wrong, "not delivered once, and whole");
    expect(r, redis_outbox_keys(&server, "package:*", pool) == 0, "the package stays");
    return cut.met > 0;
}

static void test_cut(int times, cut_kind_t kind, const char *name, apr_pool_t *parent)
{
    apr_pool_t *pool;
    round_t r = {.good = true};
    int n = 0;

    apr_pool_create(&pool, parent);
    while (play(&r, ++n, times, kind, pool) && r.good)
        apr_pool_clear(pool);
    ok(r.good && n > 20, name);
    printf("# %d commands cut off\n", n - 1);
    apr_pool_destroy(pool);
}

int main(void)
{
    apr_pool_t *pool = tap_begin(), *child;
    const char *dir = scratch_make_fast(pool);

    if (!redis_outbox_start(&server, dir, pool)) {
        skip(1, "redis-server is not installed");
        scratch_remove(dir);
        return done();
    }
    cut_start(&cut, &server, pool);
    const eb_keyring_t *keys = scratch_keys(dir, "a", pool);
    test_redis_t through = server;
    through.socket = cut.socket;
    apr_pool_create(&child, pool);
    box = redis_outbox_node(&through, 0, LEASE, keys, child);
    past = redis_outbox_node(&server, 0, LEASE, keys, child);
    inbox = (inbox_t){.folder = apr_pstrcat(pool, dir, "/inbox", NULL), .documents = 3};
    mkdir(inbox.folder, 0700);
    eb_directory_transport(&transport, inbox.folder, pool);
    start = apr_time_now();
    play(&(round_t){0}, 0, 0, CUT_BEFORE, pool); /* Redis learns the scripts */
    test_cut(1, CUT_BEFORE, "each command is lost once", pool);
    test_cut(1, CUT_AFTER, "each answer is lost once", pool);
    test_cut(1, CUT_WITHIN, "each answer is cut in half once", pool);
    test_cut(4, CUT_BEFORE, "each command is lost, and the next three", pool);
    test_cut(4, CUT_AFTER, "each answer is lost, and the next three", pool);
    apr_pool_destroy(child);
    cut_stop(&cut);
    test_redis_stop(&server, SIGKILL);
    scratch_remove(dir);
    return done();
}
