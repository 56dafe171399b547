/* The worker with a scripted transport: order, back-off, holding, stopping, and that nobody is
 * delayed by somebody else's trouble. */
#include "delivery/dispatcher.h"
#include "dispatch.h"
#include "tap.h"
#include "inbox.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>

typedef struct script_t {
    eb_step_result_t answer;
    int calls, from_queued;
    eb_job_t seen;
} script_t;

static const char *dir;
static apr_pool_t *pool;
static eb_outbox_t *box;
static apr_time_t now;
static const apr_time_t second = APR_USEC_PER_SEC;
static int reports, releases, stop_after;
static eb_problem_id_t last;

static eb_step_result_t play(const eb_transport_t *self, eb_job_t *job, const eb_package_t *package,
                             apr_time_t at, const eb_stop_t *halt, eb_problem_t **problem,
                             apr_pool_t *p)
{
    script_t *script = self->data;

    (void)at, (void)halt;
    script->calls++;
    script->from_queued += job->state == EB_JOB_QUEUED;
    script->seen = *job;
    if (strcmp(package->uuid, job->uuid) != 0)
        return EB_STEP_HOLD;
    if (script->answer == EB_STEP_FORWARD)
        job->state = job->state == EB_JOB_QUEUED ? EB_JOB_SUBMITTED : EB_JOB_CONFIRMED;
    else
        eb_problem_set(problem, EB_P_FOLDER_WRITE, APR_EGENERAL, NULL, p, "as scripted");
    return script->answer;
}

static script_t a, b;
static const eb_transport_t to_a = {.name = "script", .step = play, .data = &a};
static const eb_transport_t to_b = {.name = "script", .step = play, .data = &b};
static const eb_transport_t to_c = {.name = "other", .step = play, .data = &b};

static void note(void *baton, const eb_job_t *job, const eb_problem_t *problem)
{
    (void)baton, (void)job;
    reports += problem != NULL;
    releases += problem == NULL;
    if (problem)
        last = problem->number;
}

static bool stop(void *baton)
{
    (void)baton;
    return stop_after && a.calls + b.calls >= stop_after;
}

static int run_with(const eb_transport_t *first, apr_time_t at)
{
    const eb_route_t routes[] = {{"05711000", first}, {"05315000", &to_b}};
    const eb_dispatcher_t d = {
        .box = box, .routes = routes, .routes_count = 2, .stop = stop, .report = note};
    int delivered = -1;

    a.calls = b.calls = a.from_queued = b.from_queued = reports = releases = 0;
    dispatch_all(&d, at, &delivered, pool);
    return delivered;
}

static int run(apr_time_t at)
{
    return run_with(&to_a, at);
}

static void fill(const char *authority, int count)
{
    for (int i = 0; i < count; i++)
        inbox_put(box, authority, now, pool);
}

static eb_job_t *find(const eb_job_t *job)
{
    eb_job_t *got = NULL;
    eb_problem_t *problem;
    box->engine->find(&got, box, job->authority, job->uuid, &problem, pool);
    return got;
}

static void test_plain(void)
{
    fill("05711000", 3);
    fill("05315000", 2);
    is_int(run(now), 5, "all are delivered");
    is_int(a.calls + b.calls, 10, "in two steps each");
    is_int(reports + releases, 0, "nothing to report");
    is_int(run(now), 0, "and nothing is left");
}

static void test_wait(void)
{
    eb_job_t job;

    a.answer = EB_STEP_WAIT;
    fill("05711000", 1);
    job = inbox_put(box, "05711000", now - 5 * second, pool);
    fill("05315000", 3);
    is_int(run(now), 3, "a dead route delays nobody else");
    is_int(a.calls, 1, "and is tried once in a run");
    is_int(reports, 1, "one report");
    eb_job_t *got = find(&job);
    ok(got->due > now && got->due <= now + 5 * second && got->tries == 1, "the first delay");
    is_str(got->problem_id, "EB0603", "the job knows its problem");
    apr_time_t at = now;
    for (int i = 2; i < 14; i++) {
        at = find(&job)->due;
        run(at);
        run(at);
    }
    got = find(&job);
    ok(got->due > at && got->due <= at + 900 * second && got->tries == 13, "delays are capped");
    a.answer = EB_STEP_FORWARD;
    is_int(run(at + 1000 * second), 2, "and then both go");
    is_int(releases, 2, "each release is told");
    is_int(find(&job)->tries, 0, "with a clean record");
    ok(!find(&job)->problem_id, "without a problem");
}

static void test_hold(void)
{
    eb_job_t job = inbox_put(box, "05711000", now, pool);

    fill("05711000", 2);
    a.answer = EB_STEP_HOLD;
    is_int(run(now), 0, "three are held");
    is_int(a.calls, 3, "one does not keep the others from being looked at");
    ok(find(&job)->state == EB_JOB_HELD && find(&job)->before == EB_JOB_QUEUED,
       "held, from queued");
    is_int(find(&job)->due, now + 60 * second, "for a minute");
    is_int(run(now + 59 * second), 0, "not before");
    is_int(a.calls, 0, "not even looked at");
    is_int(run(now + 60 * second), 0, "then looked at again");
    is_int(find(&job)->before, EB_JOB_QUEUED, "it still knows where it was");
    a.answer = EB_STEP_FORWARD;
    is_int(run(now + 1800 * second), 3, "and goes when the reason has gone");
    is_int(a.from_queued, 3, "from where it was");
    is_int(releases, 3, "each release is told");
}

static void test_stop(void)
{
    fill("05711000", 2);
    stop_after = 1;
    is_int(run(now), 0, "stopped after one step");
    is_int(a.calls, 1, "indeed");
    stop_after = 0;
    is_int(run(now), 2, "the next run goes on");
    is_int(a.calls, 3, "from the stored step");
}

static void test_transport_changed(void)
{
    eb_job_t job = inbox_put(box, "05711000", now, pool);

    is_str(job.transport, "directory", "put for one transport");
    stop_after = 1;
    run(now);
    is_str(find(&job)->transport, "script", "not begun, it takes the one that is configured");
    stop_after = 0;
    is_int(run_with(&to_c, now), 0, "begun, it is not finished by another");
    is_int(last, EB_P_TRANSPORT_CHANGED, "and the problem says so");
    is_int(run(now + 60 * second), 1, "the former finishes it");
}

static void test_poison(void)
{
    eb_job_t job = inbox_put(box, "05711000", now, pool);
    const char *file = apr_psprintf(pool, "%s/spool/05711000/queue/%s.job", dir, job.uuid);

    scratch_write(file, "{");
    utimensat(AT_FDCWD, file, (struct timespec[2]){{0}, {0}}, 0);
    fill("05711000", 2);
    is_int(run(now), 2, "poison delays nobody");
    is_int(a.calls, 4, "and is not tried");
    is_int(reports, 1, "but reported");
    is_str(find(&job)->problem_id, "EB0412", "under its id");
    is_int(run(now + 899 * second), 0, "not soon again");
    is_int(reports, 0, "for a thousand of them cost something");
    is_int(run(now + 900 * second), 0, "but a quarter of an hour later");
    is_int(reports, 1, "it is reported again");
    is_str(find(&job)->problem_id, "EB0412", "with the same id");

    file = apr_psprintf(pool, "%s/spool/05711000/queue/%s.package", dir, job.uuid);
    unlink(file);
    job = inbox_put(box, "05711000", now, pool);
    file = apr_psprintf(pool, "%s/spool/05711000/queue/%s.package", dir, job.uuid);
    int fd = open(file, O_WRONLY);
    pwrite(fd, "x", 1, 900);
    close(fd);
    is_int(run(now + 60 * second), 0, "a broken package");
    is_int(last, EB_P_PACKAGE_BROKEN, "is reported");
    is_int(find(&job)->state, EB_JOB_HELD, "and held");
    unlink(file);
}

static void test_delay(void)
{
    apr_time_t most = 0, least = 1000 * second;

    for (int tries = 1; tries < 40; tries++) {
        for (apr_uint32_t r = 0; r < 64; r++) {
            apr_time_t d = eb_dispatcher_delay(tries, r * 0x04000000u + 0x03FFFFFF);
            most = d > most ? d : most;
            least = d < least ? d : least;
        }
        if (tries == 1)
            ok(most <= 5 * second && most > 4 * second, "at first 5 s at most");
        if (tries == 2)
            ok(most <= 10 * second && most > 9 * second, "then 10 s");
    }
    ok(most <= 900 * second && most > 850 * second, "at last a quarter of an hour");
    ok(least >= second, "never less than a second");
    is_int(eb_dispatcher_delay(1000000, 0xFFFFFFFF) <= 900 * second, 1, "however often");
}

int main(void)
{
    pool = tap_begin();
    dir = scratch_make(pool);
    box = spool_box(dir, scratch_keys(dir, "a", pool), pool);
    now = apr_time_now();
    test_delay();
    test_plain();
    test_wait();
    test_hold();
    test_stop();
    test_transport_changed();
    test_poison();
    scratch_remove(dir);
    return done();
}
