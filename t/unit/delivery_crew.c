/* Several workers: a receiver that hangs delays nobody else, poison neither, no job has two
 * workers, and the end comes within its time. */
#include "delivery/crew.h"
#include "tap.h"
#include "inbox.h"
#include "scratch.h"
#include "spool.h"

#include <apr_atomic.h>
#include <apr_errno.h>

#define ROUTES  12
#define WORKERS 4

static const apr_time_t second = APR_USEC_PER_SEC;
static apr_pool_t *pool;
static const char *dir;
static eb_outbox_t *box;
static apr_time_t now;
static volatile apr_uint32_t halt, hang, deaf, hanging, stopped, delivered, tried[ROUTES],
    inside[ROUTES], twice;

static bool stop(void *baton)
{
    (void)baton;
    return apr_atomic_read32(&halt) != 0;
}

/* A receiver that does not answer, while `hang`; `deaf` as well when asked to stop. */
static eb_step_result_t wait_for_it(const eb_stop_t *stop_it, eb_problem_t **problem, apr_pool_t *p)
{
    apr_atomic_inc32(&hanging);
    while (apr_atomic_read32(&hang) &&
           (apr_atomic_read32(&deaf) || !stop_it->asked(stop_it->baton)))
        apr_sleep(2000);
    apr_atomic_dec32(&hanging);
    if (apr_atomic_read32(&hang) && stop_it->asked(stop_it->baton)) {
        apr_atomic_inc32(&stopped);
        return EB_STEP_STOPPED;
    }
    eb_problem_set(problem, EB_P_FOLDER_WRITE, APR_TIMEUP, NULL, p, "no answer");
    return EB_STEP_WAIT;
}

static eb_step_result_t step(const eb_transport_t *self, eb_job_t *job, const eb_package_t *package,
                             apr_time_t at, const eb_stop_t *stop_it, eb_problem_t **problem,
                             apr_pool_t *p)
{
    const int route = atoi(job->authority);
    eb_step_result_t result = EB_STEP_FORWARD;

    (void)package, (void)at;
    if (apr_atomic_inc32(&inside[route]))
        apr_atomic_inc32(&twice);
    apr_atomic_inc32(&tried[route]);
    if (self->data)
        result = wait_for_it(stop_it, problem, p);
    else
        job->state = job->state == EB_JOB_QUEUED ? EB_JOB_SUBMITTED : EB_JOB_CONFIRMED;
    if (job->state == EB_JOB_CONFIRMED)
        apr_atomic_inc32(&delivered);
    apr_atomic_dec32(&inside[route]);
    return result;
}

static const eb_transport_t good = {.name = "script", .step = step};
static const eb_transport_t dead = {.name = "script", .step = step, .data = &box};
static eb_route_t routes[ROUTES];
static eb_dispatcher_t dispatcher;

/* The first `sick` routes hang. */
static eb_crew_t *crew_with(int sick)
{
    eb_crew_t *crew;

    for (int i = 0; i < ROUTES; i++)
        routes[i] = (eb_route_t){apr_psprintf(pool, "%d", i), i < sick ? &dead : &good};
    dispatcher =
        (eb_dispatcher_t){.box = box, .routes = routes, .routes_count = ROUTES, .stop = stop};
    delivered = stopped = halt = deaf = 0;
    hang = 1;
    is_int(eb_crew_create(&crew, &dispatcher, 1, NULL, WORKERS, pool), APR_SUCCESS, "a crew");
    return crew;
}

static void fill(int first, int last, int jobs)
{
    apr_pool_t *sub;

    apr_pool_create(&sub, pool);
    for (int i = first; i < last; i++)
        for (int k = 0; k < jobs; k++) {
            inbox_put(box, apr_psprintf(pool, "%d", i), now, sub);
            apr_pool_clear(sub);
        }
    apr_pool_destroy(sub);
}

/* Waits for the number for a minute at most. */
static bool comes_to(volatile apr_uint32_t *n, apr_uint32_t want)
{
    for (int i = 0; i < 30000 && apr_atomic_read32(n) != want; i++)
        apr_sleep(2000);
    return apr_atomic_read32(n) == want;
}

/* Those who hang would do so for ever, if they were not told; how long a busy machine takes to tell
 * them is another matter. */
static bool end_in_time(eb_crew_t *crew)
{
    apr_atomic_set32(&halt, 1);
    return eb_crew_end(crew, 60 * second);
}

static void test_all(void)
{
    eb_crew_t *crew = crew_with(0);

    fill(0, ROUTES, 15);
    eb_crew_tick(crew, now);
    ok(comes_to(&delivered, ROUTES * 15), "all are delivered after one tick");
    ok(end_in_time(crew), "and the end comes in time");
    is_int(twice, 0, "no route had two workers");
}

static void test_one_dead(void)
{
    eb_crew_t *crew = crew_with(1);

    fill(0, ROUTES, 5);
    eb_crew_tick(crew, now);
    ok(comes_to(&delivered, (ROUTES - 1) * 5), "one that hangs delays nobody else");
    is_int(apr_atomic_read32(&hanging), 1, "and has one worker");
    for (int i = 0; i < 20; i++)
        eb_crew_tick(crew, now + i * second);
    is_int(apr_atomic_read32(&hanging), 1, "however often the clock ticks");
    ok(end_in_time(crew), "the one that waits is told to stop");
    is_int(stopped, 1, "and does");
}

/* Those that were away last time get two of four workers. */
static void test_many_dead(void)
{
    const int sick = 6;
    eb_crew_t *crew = crew_with(sick);

    fill(0, sick, 30);
    apr_atomic_set32(&hang, 0);
    for (int i = 0; i < sick; i++)
        tried[i] = 0;
    eb_crew_tick(crew, now);
    for (int i = 0; i < sick; i++)
        comes_to(&tried[i], 1);
    eb_crew_tick(crew, now);
    apr_sleep(second / 10);
    is_int(tried[0], 1, "one that is away rests");
    apr_atomic_set32(&hang, 1);
    eb_crew_tick(crew, now + 30 * second);
    comes_to(&hanging, 2);
    fill(sick, ROUTES, 5);
    eb_crew_tick(crew, now + 31 * second);
    ok(comes_to(&delivered, (ROUTES - sick) * 5), "six that hang delay nobody else");
    is_int(apr_atomic_read32(&hanging), 2, "they have half of the workers");
    ok(end_in_time(crew), "the end comes in time");
}

static void test_deaf(void)
{
    eb_crew_t *crew = crew_with(1);

    apr_atomic_set32(&deaf, 1);
    fill(0, 1, 1);
    eb_crew_tick(crew, now + 120 * second);
    comes_to(&hanging, 1);
    apr_time_t start = apr_time_now();
    apr_atomic_set32(&halt, 1);
    ok(!eb_crew_end(crew, second / 2), "one who does not listen is told of");
    ok(apr_time_now() - start < 30 * second, "in time");
    apr_atomic_set32(&hang, 0);
    ok(eb_crew_end(crew, 60 * second), "and ends when the step in hand does");
}

/* Broken job files, due before everything else. */
static void test_poison(void)
{
    enum { POISON = 1000, GOOD = 50 };
    eb_crew_t *crew = crew_with(0);
    const char *text[] = {"{", "{\"version\": 99}"};
    apr_uint32_t before = tried[7];
    apr_pool_t *sub;

    apr_pool_create(&sub, pool);
    for (int i = 0; i < POISON; i++) {
        eb_job_t job = inbox_put(box, "7", now - second, sub);
        const char *file = apr_psprintf(sub, "%s/spool/7/queue/%s.job", dir, job.uuid);
        scratch_write(file, text[i % 2]);
        utimensat(AT_FDCWD, file, (struct timespec[2]){{0}, {0}}, 0);
        apr_pool_clear(sub);
    }
    fill(7, 8, GOOD);
    eb_crew_tick(crew, now);
    ok(comes_to(&tried[7], before + 2 * GOOD), "fifty go past a thousand that are not understood");
    apr_sleep(second / 10);
    is_int(tried[7] - before, 2 * GOOD, "which no transport has seen");
    apr_array_header_t *jobs;
    eb_problem_t *problem = NULL;
    int held = 0;
    box->engine->list(&jobs, box, "7", &problem, pool);
    for (int i = 0; i < jobs->nelts; i++)
        held += APR_ARRAY_IDX(jobs, i, eb_job_t *)->state == EB_JOB_HELD;
    is_int(held, POISON, "and they wait for a person");
    ok(end_in_time(crew), "the end comes in time");
}

int main(void)
{
    pool = tap_begin();
    dir = scratch_make_fast(pool);
    box = spool_box(dir, scratch_keys(dir, "a", pool), pool);
    now = apr_time_now();
    test_all();
    test_one_dead();
    test_many_dead();
    test_deaf();
    test_poison();
    scratch_remove(dir);
    return done();
}
