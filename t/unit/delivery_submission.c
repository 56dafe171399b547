/* From a complete application (with three documents) to the receiver's folder, with the real form,
 * stylesheet and schema: accepted once whatever is repeated or dies, and only when it is valid. */
#include "delivery/submission.h"
#include "message.h"
#include "dispatch.h"
#include "tap.h"
#include "crash.h"
#include "enclosures.h"
#include "inbox.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <libxml/tree.h>
#include <time.h>

#define EXAMPLE "t/message/instances/08-eu-buergerin.txt"

static const char *dir;
static apr_pool_t *pool;
static bench_t bench;
static eb_context_t context;
static eb_acceptance_t acceptance;
static eb_problem_t *problem;

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

static apr_status_t accept_it(apr_time_t *accepted, const eb_header_t *h)
{
    apr_array_header_t *enclosures = enclosures_of(&context, h->uuid, 0, NULL, pool);

    problem = NULL;
    return eb_submission_accept(accepted, &acceptance, h, &context, enclosures, &problem, pool);
}

static void test_accept(void)
{
    eb_header_t h = fresh();
    apr_time_t accepted = 0, again = 0;
    eb_reader_t *reader;
    eb_package_t package;
    eb_job_t *job;

    is_int(eb_submission_find(&accepted, &acceptance, h.uuid, &problem, pool), APR_NOTFOUND,
           "not there before");
    if (!is_int(accept_it(&accepted, &h), APR_SUCCESS, "accepted"))
        printf("# %s\n", problem ? eb_problem_text(problem, pool) : "no problem was given");
    is_int(accepted, h.created, "at the time of the request");
    is_int(eb_submission_find(&again, &acceptance, h.uuid, &problem, pool), APR_SUCCESS, "found");
    is_int(again, accepted, "with its time");
    h.created += 60 * APR_USEC_PER_SEC;
    is_int(accept_it(&again, &h), APR_SUCCESS, "accepted again");
    is_int(again, accepted, "with the same receipt");

    eb_outbox_t *box = acceptance.box;
    box->engine->take(&job, box, AUTHORITY, accepted, &problem, pool);
    box->engine->read(&reader, box, job, &problem, pool);
    is_int(eb_package_read(&package, reader, &problem, pool), APR_SUCCESS, "the package");
    is_str(package.uuid, h.uuid, "has its UUID");
    is_str(package.number, h.number, "its Vorgangsnummer");
    xmlDocPtr doc =
        xmlReadMemory(package.message, (int)package.message_len, NULL, NULL, XML_PARSE_NONET);
    ok(doc != NULL, "and a message");
    xmlNodePtr root = xmlDocGetRootElement(doc);
    is_str(package.schema, root && root->ns ? (const char *)root->ns->href : "none",
           "whose namespace it names");
    ok(strstr(package.message, h.uuid) && strstr(package.message, h.number), "and who it is");
    xmlFreeDoc(doc);
    box->engine->release(box, job);

    char line[512] = "", rest[8];
    FILE *f = fopen(apr_psprintf(pool, "%s/spool/%s/journal.log", dir, AUTHORITY), "r");
    ok(f && fgets(line, sizeof line, f) && !fgets(rest, sizeof rest, f), "one line in the journal");
    if (f)
        fclose(f);
    ok(strstr(line, "\taccepted\t") && strstr(line, "\tsha256:"), "with the hash");
}

static void test_invalid(void)
{
    eb_header_t h = fresh();
    apr_time_t accepted;
    int before = spool_files(dir, "queue", pool);

    h.ags = "keine Zahl";
    is_int(accept_it(&accepted, &h), APR_EINVAL, "a message that is not valid");
    ok(problem != NULL, "has a problem");
    is_int(spool_files(dir, "queue", pool), before, "and nothing is accepted");
    h.ags = bench.header.ags;
    acceptance.authority = "no such/authority";
    ok(accept_it(&accepted, &h) != APR_EINVAL && problem, "trouble with the outbox is told apart");
    acceptance.authority = AUTHORITY;
}

/* The whole way to the receiver, run in a child that dies. */
typedef struct way_t {
    eb_header_t header;
    const eb_transport_t *transport;
} way_t;

static int deliver(const way_t *way)
{
    const eb_route_t route = {AUTHORITY, way->transport};
    const eb_dispatcher_t d = {.box = acceptance.box, .routes = &route, .routes_count = 1};
    int delivered;
    return dispatch_all(&d, bench.now + APR_USEC_PER_SEC, &delivered, pool);
}

static int submit(void *baton)
{
    way_t *way = baton;
    apr_time_t accepted;
    return accept_it(&accepted, &way->header) != APR_SUCCESS;
}

/* Killed while it is accepted; then the applicant tries again, and the receiver gets it once. */
static void test_crashes(void)
{
    const char *folder = apr_pstrcat(pool, dir, "/inbox", NULL);
    inbox_t inbox = {.folder = folder, .pool = pool, .any = true};
    eb_transport_t *transport;
    way_t way;
    crash_t end;
    int n = 0;
    bool good = true;

    enclosures_expect(&inbox, enclosures_of(&context, bench.header.uuid, 0, NULL, pool), pool);
    mkdir(folder, 0700);
    eb_directory_transport(&transport, folder, pool);
    way.transport = transport;
    way.header = bench.header;
    deliver(&way);
    inbox_fetch(&inbox);
    inbox.fetched = inbox.wrong = 0;
    do {
        apr_time_t first = 0, accepted = 0;
        way.header = fresh();
        end = crash_after(n, submit, &way);
        bool was =
            eb_submission_find(&first, &acceptance, way.header.uuid, &problem, pool) == APR_SUCCESS;
        if (n % 2)
            deliver(&way);
        way.header.created += 5;
        good = good && accept_it(&accepted, &way.header) == APR_SUCCESS &&
               accepted == (was ? bench.header.created : bench.header.created + 5);
        deliver(&way);
        inbox_fetch(&inbox);
        good =
            good && inbox.fetched == n + 1 && !inbox.wrong && spool_files(dir, "queue", pool) == 0;
    } while (good && end == CRASH_KILLED && ++n < 2000);
    if (end == CRASH_UNABLE) {
        skip(2, "ptrace is not allowed here");
        return;
    }
    is_int(end, CRASH_FINISHED, "accepting was killed after each of its system calls");
    ok(good, "the second try had the same receipt, and one message arrived with its documents");
    printf("# %d system calls\n", n);
}

static int submit_and_compare(void *baton)
{
    way_t *way = baton;
    apr_time_t accepted, first;
    return accept_it(&accepted, &way->header) ||
           eb_submission_find(&first, &acceptance, way->header.uuid, &problem, pool) ||
           accepted != first;
}

static void submit_later(void *baton)
{
    way_t way = *(way_t *)baton;
    way.header.created += 7;
    submit(&way);
}

/* A double click: both are told the same. */
static void test_double_click(void)
{
    way_t way = {.transport = NULL};
    crash_t end;
    int n = 0;

    do {
        way.header = fresh();
        end = crash_meanwhile(n, submit_and_compare, &way, submit_later);
        n += 3;
    } while (end == CRASH_KILLED && n < 2000);
    if (end == CRASH_UNABLE)
        skip(1, "ptrace is not allowed here");
    else
        is_int(end, CRASH_FINISHED, "a second click at any moment gets the same receipt");
}

static void measure(void)
{
    enum { ROUNDS = 200 };
    apr_pool_t *sub;
    struct timespec a, b;

    apr_pool_create(&sub, pool);
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; i < ROUNDS; i++) {
        eb_header_t h = fresh();
        apr_time_t accepted;
        eb_context_t c = context;
        c.pool = sub;
        eb_submission_accept(&accepted, &acceptance, &h, &c,
                             enclosures_of(&c, h.uuid, 0, NULL, sub), &problem, sub);
        apr_pool_clear(sub);
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("# a whole acceptance: %.0f us (in memory)\n",
           ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / 1e3 / ROUNDS);
}

int main(void)
{
    pool = tap_begin();
    if (!message_begin(&bench, pool)) {
        ok(false, "form and profile load");
        return done();
    }
    eb_instance_t *in = fixture_load(bench.form, EXAMPLE, pool);
    if (!in) {
        ok(false, "the example loads");
        return done();
    }
    dir = scratch_make_fast(pool);
    context = message_context(&bench, in);
    eb_rules_calculate(in, &context);
    acceptance = (eb_acceptance_t){.box = spool_box(dir, scratch_keys(dir, "a", pool), pool),
                                   .profile = bench.profile,
                                   .authority = AUTHORITY,
                                   .transport = "directory"};
    test_accept();
    test_invalid();
    test_crashes();
    test_double_click();
    measure();
    scratch_remove(dir);
    return done();
}
