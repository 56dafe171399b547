/* One worker's round. Everything it knows about a job it has read from the job's file under the
 * job's lock, and every step that the transport takes is stored before the next: so any number of
 * workers may run this at once, and each may die anywhere.
 *
 * When a step cannot be stored, the job is let go at once: what is on disk counts, and whoever
 * takes the job next goes on from there. */
#include "dispatcher.h"
#include "base/seal.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

#define SHORTEST apr_time_from_sec(1)
#define FIRST    apr_time_from_sec(5)
#define LONGEST  apr_time_from_sec(15 * 60)
#define HELD     apr_time_from_sec(60)      /* the cause may be gone: looking costs little here */
#define FOR_GOOD apr_time_from_sec(15 * 60) /* only a person ends it; it is told again */

/* A job under work. */
typedef struct work_t {
    const eb_dispatcher_t *d;
    const eb_route_t *route;
    eb_job_t *job;
    apr_time_t now;
    apr_pool_t *pool; /* of this job */
    int *delivered;   /* or NULL */
} work_t;

apr_time_t eb_dispatcher_delay(int tries, apr_uint32_t random)
{
    apr_time_t most = FIRST;

    for (int i = 1; i < tries && most < LONGEST; i++)
        most *= 2;
    if (most > LONGEST)
        most = LONGEST;
    return SHORTEST + (apr_time_t)((most - SHORTEST) / 1000 * (random / 4294967296.0)) * 1000;
}

static void report(const work_t *w, const eb_problem_t *problem)
{
    if (w->d->report)
        w->d->report(w->d->baton, w->job, problem);
}

static void journal(const work_t *w, const char *step, const char *detail)
{
    eb_problem_t *problem = NULL;

    if (eb_journal_write(w->d->box, w->job, step, detail, &problem, w->pool))
        report(w, problem);
}

static apr_status_t save(const work_t *w)
{
    eb_problem_t *problem = NULL;

    w->job->changed = w->now;
    apr_status_t rv = w->d->box->engine->save(w->d->box, w->job, &problem, w->pool);
    if (rv)
        report(w, problem);
    return rv;
}

static void blame(eb_job_t *job, const eb_problem_t *problem)
{
    job->problem_id = problem->id;
    job->problem = problem->what;
    job->remedy = problem->remedy;
}

/* Held with nowhere to go on, or because an operator said so: only a person ends that. */
static bool held_for_good(const eb_job_t *job)
{
    return job->state == EB_JOB_HELD &&
           (job->before == EB_JOB_HELD ||
            (job->problem_id && strcmp(job->problem_id, eb_problem_id(EB_P_HELD_BY_HAND)) == 0));
}

/* Held until a person has acted; the job waits where it was, `before`. The journal hears of it
 * once, not every minute. */
static eb_served_t hold(const work_t *w, const eb_problem_t *problem)
{
    eb_job_t *job = w->job;
    bool news = !job->problem_id || strcmp(job->problem_id, problem->id) != 0;

    if (job->state != EB_JOB_HELD)
        job->before = job->state;
    job->state = EB_JOB_HELD;
    job->tries++;
    blame(job, problem);
    job->due = w->now + (held_for_good(job) ? FOR_GOOD : HELD);
    report(w, problem);
    if (save(w))
        return EB_SERVED_AWAY;
    if (news)
        journal(w, "held", problem->id);
    return EB_SERVED;
}

static eb_served_t postpone(const work_t *w, const eb_problem_t *problem)
{
    eb_job_t *job = w->job;
    apr_uint32_t random;

    if (eb_random(&random, sizeof random))
        random = 0x80000000;
    apr_time_t next = w->now + eb_dispatcher_delay(++job->tries, random);
    if (job->due < next)
        job->due = next;
    blame(job, problem);
    report(w, problem);
    save(w);
    return EB_SERVED_AWAY;
}

/* What the transport wants kept: before the step counts, so that it is never missing. */
static void keep_notes(const work_t *w)
{
    const apr_array_header_t *notes = w->job->notes;

    for (int i = 0; notes && i < notes->nelts; i++) {
        const eb_note_t *note = &APR_ARRAY_IDX(notes, i, eb_note_t);
        journal(w, note->step, note->detail);
    }
    w->job->notes = NULL;
}

/* All is well with the job. */
static apr_status_t go_on(const work_t *w, apr_time_t due)
{
    eb_job_t *job = w->job;
    bool released = job->problem_id != NULL;

    job->tries = 0;
    job->due = due;
    job->problem_id = job->problem = job->remedy = NULL;
    apr_status_t rv = save(w);
    if (!rv && released)
        report(w, NULL);
    return rv;
}

/* The transport has moved the job on. */
static apr_status_t advance(const work_t *w)
{
    eb_job_t *job = w->job;
    apr_status_t rv = go_on(w, w->now);

    if (!rv)
        journal(w, eb_job_state_name(job->state), job->detail ? job->detail : job->remote);
    job->detail = NULL;
    return rv;
}

/* It waits for the receiver, as it should. */
static eb_served_t wait_for_receiver(const work_t *w)
{
    return go_on(w, w->job->due) ? EB_SERVED_AWAY : EB_SERVED;
}

static eb_served_t purge(const work_t *w)
{
    eb_problem_t *problem = NULL;

    w->job->changed = w->now;
    if (w->d->box->engine->purge(w->d->box, w->job, &problem, w->pool)) {
        report(w, problem);
        return EB_SERVED_AWAY;
    }
    journal(w, eb_job_state_name(w->job->state), NULL);
    if (w->delivered)
        ++*w->delivered;
    return EB_SERVED;
}

static bool stopped(const eb_dispatcher_t *d)
{
    return d->stop && d->stop(d->baton);
}

static eb_served_t walk(const work_t *w, const eb_package_t *package)
{
    const eb_transport_t *transport = w->route->transport;
    const eb_stop_t stop = {w->d->stop, w->d->baton};
    eb_problem_t *problem;

    while (w->job->state != EB_JOB_CONFIRMED) {
        if (stopped(w->d))
            return EB_SERVED_NOTHING;
        problem = NULL;
        eb_step_result_t result =
            transport->step(transport, w->job, package, w->now, &stop, &problem, w->pool);
        if (result != EB_STEP_STOPPED) /* otherwise the same will be noted again */
            keep_notes(w);
        switch (result) {
        case EB_STEP_FORWARD:
            if (advance(w))
                return EB_SERVED_AWAY;
            break;
        case EB_STEP_LATER: return wait_for_receiver(w);
        case EB_STEP_WAIT: return postpone(w, problem);
        case EB_STEP_HOLD: return hold(w, problem);
        case EB_STEP_STOPPED: return EB_SERVED_NOTHING;
        }
    }
    return purge(w);
}

/* The package as it was accepted; a problem when it is not one. */
static apr_status_t open_package(eb_package_t *package, const work_t *w, eb_problem_t **problem)
{
    eb_reader_t *reader;
    apr_status_t rv = w->d->box->engine->read(&reader, w->d->box, w->job, problem, w->pool);

    if (!rv)
        rv = eb_package_read(package, reader, problem, w->pool);
    if (!rv && strcmp(package->uuid, w->job->uuid) != 0)
        rv = APR_EINVAL;
    if (rv && !*problem)
        eb_problem_set(problem, EB_P_PACKAGE_FORMAT, rv, NULL, w->pool,
                       "The package of case %s cannot be understood", w->job->number);
    return rv;
}

/* A job that only a person lets go: what is known about it is said again. */
static eb_served_t remain_held(const work_t *w)
{
    const eb_job_t *job = w->job;
    eb_problem_t *problem = apr_palloc(w->pool, sizeof *problem);

    if (!job->problem_id) {
        eb_problem_set(&problem, EB_P_JOB_UNKNOWN, APR_EGENERAL, NULL, w->pool, "Case %s is held",
                       job->number);
        return hold(w, problem);
    }
    *problem = (eb_problem_t){.number = EB_P_JOB_UNKNOWN,
                              .id = job->problem_id,
                              .status = APR_EGENERAL,
                              .what = job->problem ? job->problem : "",
                              .remedy = job->remedy ? job->remedy : ""};
    return hold(w, problem);
}

/* Begun by one transport, a delivery is not finished by another; not yet begun, it may be. */
static bool transport_fits(const work_t *w, eb_problem_t **problem)
{
    const char *name = w->route->transport->name;

    if (w->job->state == EB_JOB_QUEUED)
        w->job->transport = name;
    if (strcmp(w->job->transport, name) == 0)
        return true;
    eb_problem_set(problem, EB_P_TRANSPORT_CHANGED, APR_EGENERAL, NULL, w->pool,
                   "Case %s was begun by the transport %s, now it is %s", w->job->number,
                   w->job->transport, name);
    return false;
}

static eb_served_t work(const work_t *w)
{
    eb_package_t package;
    eb_problem_t *problem = NULL;

    if (held_for_good(w->job))
        return remain_held(w);
    if (w->job->state == EB_JOB_HELD)
        w->job->state = w->job->before;
    if (w->job->state == EB_JOB_CONFIRMED)
        return purge(w);
    if (!transport_fits(w, &problem) || open_package(&package, w, &problem))
        return hold(w, problem);
    return walk(w, &package);
}

eb_served_t eb_dispatcher_serve(const eb_dispatcher_t *d, const eb_route_t *route, apr_time_t now,
                                int *delivered, apr_pool_t *pool)
{
    work_t w = {.d = d, .route = route, .now = now, .pool = pool, .delivered = delivered};
    eb_problem_t *problem = NULL;

    if (stopped(d))
        return EB_SERVED_NOTHING;
    apr_status_t rv = d->box->engine->take(&w.job, d->box, route->authority, now, &problem, pool);

    if (rv == APR_EOF)
        return EB_SERVED_NOTHING;
    if (rv) {
        w.job = NULL;
        report(&w, problem);
        return EB_SERVED_AWAY;
    }
    eb_served_t served = work(&w);
    d->box->engine->release(d->box, w.job);
    return served;
}
