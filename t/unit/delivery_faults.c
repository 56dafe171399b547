/* Every call between "Antrag absenden" and the receiver fails once, before and after it has taken
 * effect. Then the person tries again, and the worker comes round again: one receipt, one
 * application at the receiver, and nothing half anywhere. */
#include "delivery/submission.h"
#include "message.h"
#include "dispatch.h"
#include "tap.h"
#include "enclosures.h"
#include "faults.h"
#include "inbox.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>

#define EXAMPLE "t/message/instances/08-eu-buergerin.txt"
#define HOUR    apr_time_from_sec(3600)

static const char *dir;
static apr_pool_t *pool; /* of one round */
static bench_t bench;
static eb_instance_t *answers;
static faults_t faults;
static eb_outbox_t box;
static eb_transport_t transport;
static inbox_t inbox;

typedef struct round_t {
    eb_header_t header;
    eb_problem_t *problem;
    apr_time_t receipt; /* the first one that was shown; 0 = none */
    bool good;
} round_t;

static void expect(round_t *r, bool good, const char *what)
{
    if (!good && r->good)
        printf("# %s: call %d, %s, %s, answer %d\n", what, faults.at,
               faults.met ? faults.met : "none", faults.after ? "after" : "before", faults.answer);
    r->good = r->good && good;
}

static eb_header_t fresh(void)
{
    eb_header_t h = bench.header;
    char *uuid = apr_palloc(pool, EB_UUID_LEN + 1), *number = apr_palloc(pool, EB_NUMBER_LEN + 1);

    eb_uuid_new(uuid);
    eb_number_new(number, 2026);
    h.uuid = uuid;
    h.number = number;
    return h;
}

/* A click on "Antrag absenden", a second later each time. */
static apr_status_t submit(round_t *r)
{
    const eb_acceptance_t a = {&box, bench.profile, AUTHORITY, transport.name, NULL, NULL};
    eb_context_t c = {answers, EB_ROOT, bench.now, pool};
    apr_array_header_t *enclosures = enclosures_of(&c, r->header.uuid, 0, NULL, pool);
    apr_time_t accepted = 0;

    enclosures_expect(&inbox, enclosures, pool);
    for (int i = 0; i < enclosures->nelts; i++) {
        eb_enclosure_t *e = &APR_ARRAY_IDX(enclosures, i, eb_enclosure_t);
        e->source = faults_source(&faults, e->source, pool);
    }
    r->problem = NULL;
    r->header.created += APR_USEC_PER_SEC;
    apr_status_t rv =
        eb_submission_accept(&accepted, &a, &r->header, &c, enclosures, &r->problem, pool);
    if (rv) {
        expect(r, r->problem != NULL, "a failure without a problem");
        return rv;
    }
    expect(r, accepted && (!r->receipt || r->receipt == accepted), "another receipt");
    r->receipt = accepted;
    return APR_SUCCESS;
}

static int deliver(apr_time_t now)
{
    const eb_route_t route = {AUTHORITY, &transport};
    const eb_dispatcher_t d = {.box = &box, .routes = &route, .routes_count = 1};
    int delivered;

    dispatch_all(&d, now, &delivered, pool);
    return delivered;
}

/* How often a step of the case stands in the journal. */
static int journal_count(const round_t *r, const char *step)
{
    FILE *f = fopen(apr_psprintf(pool, "%s/spool/%s/journal.log", dir, AUTHORITY), "r");
    const char *want = apr_psprintf(pool, "\t%s\t%s\t", r->header.uuid, step);
    char line[1024];
    int count = 0;

    while (f && fgets(line, sizeof line, f))
        count += strstr(line, want) != NULL;
    if (f)
        fclose(f);
    return count;
}

static void expect_once(round_t *r)
{
    eb_problem_t *problem = NULL;
    eb_outbox_summary_t s;
    eb_job_t *job = NULL;

    expect(r, inbox.fetched == 1 && inbox.wrong == 0, "not delivered once, and whole");
    faults.box->engine->find(&job, faults.box, AUTHORITY, r->header.uuid, &problem, pool);
    expect(r, job && job->state == EB_JOB_PURGED && job->accepted == r->receipt,
           "not done, or another time than the receipt's");
    expect(r, !spool_files(dir, "queue", pool) && !spool_files(dir, "tmp", pool), "left overs");
    expect(r, !scratch_count(apr_pstrcat(pool, inbox.folder, "/.staging", NULL)), "staged");
    faults.box->engine->summary(&s, faults.box, AUTHORITY, bench.now + 10 * HOUR, &problem, pool);
    expect(r, !s.pending && !s.held && !s.missing, "the summary sees more");
    expect(r, journal_count(r, "accepted") <= 1 && journal_count(r, "purged") <= 1,
           "the journal tells it twice");
}

/* True: the fault was met. */
static bool play(round_t *r, int at, bool after, eb_step_result_t answer)
{
    int open = scratch_count("/proc/self/fd");

    *r = (round_t){.header = fresh(), .good = true};
    faults.at = at, faults.after = after, faults.answer = answer;
    faults.seen = 0, faults.met = NULL;
    inbox.fetched = inbox.wrong = 0;
    inbox.pool = pool;
    apr_status_t rv = submit(r);
    if (rv && faults.met && strcmp(faults.met, "block") == 0) {
        expect(r, rv == APR_INCOMPLETE, "a document that fails has a status of its own");
        expect(r, spool_files(dir, "queue", pool) <= 0, "accepted without its document");
    }
    deliver(bench.now + HOUR);
    inbox_fetch(&inbox); /* at once, whatever is there */
    bool met = faults.met != NULL;
    rv = submit(r);
    if (rv && !met)
        rv = submit(r);
    expect(r, rv == APR_SUCCESS, "the next click fails");
    deliver(bench.now + 2 * HOUR);
    inbox_fetch(&inbox);
    expect_once(r);
    apr_pool_clear(pool);
    expect(r, scratch_count("/proc/self/fd") == open, "a descriptor is left open");
    return faults.met != NULL;
}

static void test_faults(bool after, eb_step_result_t answer, const char *name)
{
    round_t r = {.good = true};
    int n = 0;

    while (play(&r, ++n, after, answer) && r.good)
        ;
    ok(r.good && n > 50, name);
    printf("# %d calls failed once\n", n - 1);
}

int main(void)
{
    apr_pool_t *top = tap_begin();

    if (!ok(message_begin(&bench, top), "form and profile load"))
        return done();
    answers = fixture_load(bench.form, EXAMPLE, top);
    eb_context_t c = message_context(&bench, answers);
    eb_rules_calculate(answers, &c);
    dir = scratch_make_fast(top);
    inbox = (inbox_t){.folder = apr_pstrcat(top, dir, "/inbox", NULL), .any = true};
    mkdir(inbox.folder, 0700);
    faults.box = spool_box(dir, scratch_keys(dir, "a", top), top);
    eb_transport_t *directory;
    eb_directory_transport(&directory, inbox.folder, top);
    faults.transport = directory;
    box = faults_outbox(&faults);
    transport = faults_transport(&faults);
    apr_pool_create(&pool, top);
    play(&(round_t){0}, 0, false, EB_STEP_WAIT); /* opens what stays open */
    test_faults(false, EB_STEP_WAIT, "each call fails once without effect, steps wait");
    test_faults(true, EB_STEP_WAIT, "each answer is lost once, steps wait");
    test_faults(false, EB_STEP_HOLD, "each call fails once without effect, steps hold");
    test_faults(true, EB_STEP_HOLD, "each answer is lost once, steps hold");
    test_faults(false, EB_STEP_STOPPED, "each call fails once without effect, steps are stopped");
    scratch_remove(dir);
    return done();
}
