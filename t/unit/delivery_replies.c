/* Answers: kept once whoever fetches them, found again by the application that they are about, and
 * held where a person must read them. */
#include "delivery/cases.h"
#include "delivery/replies.h"
#include "store/operator.h"
#include "dispatch.h"
#include "tap.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>

#define NUMBER  "EB-2026-7K4M-92QX-4"
#define MESSAGE "urn:de:xta:messageid:1"
#define READER  "ebb:05711000"

#define HEAD                                                                                       \
    "<nachrichtenkopf.g2g><identifikation.nachricht><nachrichtenUUID>6fa459ea-ee8a-4ca4-894e-"     \
    "db77e160355e</nachrichtenUUID><nachrichtentyp listURI='urn:x' listVersionID='1'><code>0110"   \
    "</code></nachrichtentyp><erstellungszeitpunkt>2026-11-25T12:00:00.123+01:00"                  \
    "</erstellungszeitpunkt></identifikation.nachricht>" PARTY("leser")                            \
        PARTY("autor") "</nachrichtenkopf.g2g>"
#define PARTY(who)                                                                                 \
    "<" who "><verzeichnisdienst listVersionID='1'><code>DVDV</code></verzeichnisdienst><kennung>" \
    "ebb:05711000</kennung><name>Stadt</name></" who ">"
#define ABOUT                                                                                      \
    "<bezug><referenzUUID>6fa459ea-ee8a-4ca4-894e-db77e160355e</"                                  \
    "referenzUUID><vorgangsnummer>" NUMBER "</vorgangsnummer></bezug>"
#define ANSWER(name, more)                                                                         \
    "<a:" name " xmlns:a='urn:mod-einbuergerung:antwort:1' produkt='P' produkthersteller='P' "     \
    "standard='mod_einbuergerung-Antwort' version='1.0'>" HEAD ABOUT more "</a:" name ">"
#define RECEIPT ANSWER("antrag.quittung.0110", "")
#define LETTER  ANSWER("antrag.mitteilung.0130", "<text>Bitte kommen Sie.</text>")
#define REFUSAL ANSWER("antrag.rueckweisung.0120", "<text>Unlesbar.</text>")

static apr_pool_t *pool;
static eb_outbox_t *box;
static eb_problem_t *problem;
static eb_transport_t transport;
static eb_replies_desk_t desk;
static eb_replies_office_t office;
static apr_time_t now;
static char other[EB_NUMBER_LEN + 1];

static const char *const none[] = {NULL};
static const char *const ours[] = {MESSAGE, NULL};

static void send_one(const char *number, const char *message)
{
    eb_job_t job = spool_job(now);

    memcpy(job.number, number, sizeof job.number);
    job.changed = now;
    spool_put(box, &job, &problem, pool);
    eb_journal_write(box, &job, "announced", apr_pstrcat(pool, "message=", message, NULL), NULL,
                     pool);
}

static eb_mail_t mail_of(const char *id, const char *xml)
{
    eb_mail_content_t *contents = apr_pcalloc(pool, 2 * sizeof *contents);

    contents[0] = (eb_mail_content_t){"text/plain", "note.txt", "", "", "Guten Tag", 9};
    contents[1] =
        (eb_mail_content_t){"application/xml; charset=utf-8", "../n.xml", "", "", xml, strlen(xml)};
    return (eb_mail_t){.id = id,
                       .in_reply_to = ours,
                       .process = NUMBER,
                       .file_number = "33-1",
                       .author = READER,
                       .message_type = "0110",
                       .schema = "urn:x",
                       .subject = "R",
                       .contents = contents,
                       .count = 2};
}

static apr_status_t take(const eb_mail_t *mail)
{
    problem = NULL;
    office.now = now;
    return eb_replies_take(&office, mail, &problem, pool);
}

static void work(void)
{
    const eb_route_t route = {desk.part, &transport};
    const eb_dispatcher_t d = {.box = box, .routes = &route, .routes_count = 1};
    int delivered;

    dispatch_all(&d, now, &delivered, pool);
}

static int waiting(void)
{
    apr_array_header_t *jobs;

    box->engine->list(&jobs, box, desk.part, &problem, pool);
    return jobs->nelts;
}

/* The only one that waits. */
static const eb_job_t *held(void)
{
    apr_array_header_t *jobs;

    box->engine->list(&jobs, box, desk.part, &problem, pool);
    return jobs->nelts == 1 ? APR_ARRAY_IDX(jobs, 0, eb_job_t *) : NULL;
}

static const char *id_of_held(void)
{
    const eb_job_t *job = held();

    return job && job->state == EB_JOB_HELD ? job->problem_id : "none";
}

static void read_it(void)
{
    eb_job_t *job;

    if (!held() || box->engine->by_hand->take(&job, box, desk.part, held()->uuid, &problem, pool))
        return;
    job->state = EB_JOB_CONFIRMED;
    box->engine->save(box, job, &problem, pool);
    box->engine->purge(box, job, &problem, pool);
    box->engine->release(box, job);
}

static apr_array_header_t *about(const char *number)
{
    apr_array_header_t *list;

    is_int(eb_replies_about(&list, box, AUTHORITY, number, &problem, pool), APR_SUCCESS, "asked");
    return list;
}

static eb_reply_kind_t kind_at(const apr_array_header_t *list, int i)
{
    return APR_ARRAY_IDX(list, i, eb_reply_t).kind;
}

static void test_cases(void)
{
    const char *const foreign[] = {"urn:nobody", NULL}, *const both[] = {MESSAGE, "urn:2", NULL};
    eb_case_t found;

#define FIND(number, messages)                                                                     \
    eb_case_find(&found, box, AUTHORITY, number, messages, &problem, pool)
    is_int(FIND(NUMBER, none), APR_SUCCESS, "by the number");
    is_str(found.number, NUMBER, "that one");
    is_int(FIND("eb 2026 7k4m 92qx 4", none), APR_SUCCESS, "however it is written");
    is_int(FIND("", ours), APR_SUCCESS, "by a message of ours");
    is_str(found.number, NUMBER, "which was about it");
    is_int(FIND(NUMBER, ours), APR_SUCCESS, "by both");
    is_int(FIND(other, ours), APR_NOTFOUND, "which are of two applications");
    is_int(FIND(NUMBER, foreign), APR_NOTFOUND, "a message that never was");
    is_int(FIND("", both), APR_NOTFOUND, "messages of two applications");
    is_int(FIND("", none), APR_NOTFOUND, "by nothing");
    is_int(FIND("A-17", none), APR_NOTFOUND, "by what is no number");
    is_int(FIND("EB-2026-9999-9999-9", none), APR_NOTFOUND, "by a number that never was");
#undef FIND
}

static void test_receipt(void)
{
    const eb_mail_t mail = mail_of("urn:r1", RECEIPT);

    is_int(about(NUMBER)->nelts, 0, "nothing yet");
    is_int(take(&mail), APR_SUCCESS, "a receipt is kept");
    is_int(take(&mail), APR_SUCCESS, "and again");
    is_int(waiting(), 1, "once");
    is_int(about(NUMBER)->nelts, 0, "it has not been looked at");
    work();
    is_int(waiting(), 0, "its content need not stay");
    is_int(take(&mail), APR_SUCCESS, "the same afterwards");
    is_int(waiting(), 0, "is known");
    if (is_int(about(NUMBER)->nelts, 1, "the application has an answer"))
        is_int(kind_at(about(NUMBER), 0), EB_REPLY_RECEIPT, "a receipt");
    is_int(about(other)->nelts, 0, "and no other");
}

static void test_letter(void)
{
    const eb_mail_t mail = mail_of("urn:r2", LETTER), first = mail_of("urn:r1", RECEIPT);
    eb_package_t package;
    eb_reader_t *reader;
    eb_job_t *job;

    take(&mail);
    work();
    is_str(id_of_held(), "EB0693", "a letter is held for a person");
    is_int(about(NUMBER)->nelts, 2, "and the application has it");
    is_int(kind_at(about(NUMBER), 1), EB_REPLY_LETTER, "behind the receipt");
    take(&first);
    is_int(about(NUMBER)->nelts, 2, "which is not kept again behind it");
    if (box->engine->by_hand->take(&job, box, desk.part, held()->uuid, &problem, pool) ||
        box->engine->read(&reader, box, job, &problem, pool) ||
        !is_int(eb_package_read(&package, reader, &problem, pool), APR_SUCCESS, "it can be read"))
        return;
    is_str(package.message, LETTER, "as it was written");
    is_int(package.attachments_count, 2, "with the rest");
    is_str(package.attachments[0].name, "content-1.txt", "under names of ours");
    is_str(package.attachments[1].name, "metadata.json", "and what was said about it");
    is_int(eb_attachments_safe(package.attachments, 2, &problem, pool), APR_SUCCESS, "all safe");
    box->engine->release(box, job);
    read_it();
    is_int(about(NUMBER)->nelts, 2, "read, it is still told");
}

static void test_trouble(void)
{
    eb_mail_t mail = mail_of("urn:r3", REFUSAL);

    take(&mail);
    work();
    is_str(id_of_held(), "EB0692", "a refusal is held");
    is_int(about(NUMBER)->nelts, 2, "and not told to the applicant");
    read_it();
    mail = mail_of("urn:r4", "<a/>");
    take(&mail);
    work();
    is_str(id_of_held(), "EB0691", "what is not valid is held");
    is_int(about(NUMBER)->nelts, 2, "and not told");
    read_it();
    mail = mail_of("urn:r5", "<!DOCTYPE a [<!ENTITY b 'c'>]>" RECEIPT);
    take(&mail);
    work();
    is_str(id_of_held(), "EB0691", "as is a document type");
    read_it();
}

static void unknown(const char *id, const eb_mail_t *mail)
{
    const eb_job_t *job;

    is_int(take(mail), APR_SUCCESS, id);
    work();
    job = held();
    is_str(id_of_held(), "EB0690", "is held");
    ok(job && !*job->number, "without a number");
    read_it();
}

static void test_unknown(void)
{
    const char *const foreign[] = {"urn:nobody", NULL};
    eb_mail_t mail = mail_of("urn:r6", RECEIPT);

    mail.in_reply_to = foreign;
    office.leave = true;
    is_int(take(&mail), APR_NOTFOUND, "what is about no application is left");
    ok(!problem, "without a problem");
    office.leave = false;
    unknown("or kept", &mail);
    mail = mail_of("urn:r7", RECEIPT);
    mail.author = "ebb:12345678";
    unknown("from somebody else", &mail);
    mail = mail_of("urn:r8", RECEIPT);
    mail.test = true;
    unknown("a test, where there are none", &mail);
    is_int(about(NUMBER)->nelts, 2, "none is told");
}

int main(void)
{
    eb_reply_rules_t *rules;

    pool = tap_begin();
    const char *dir = scratch_make_fast(pool);
    box = spool_box(dir, scratch_keys(dir, "a", pool), pool);
    now = apr_time_now();
    desk = (eb_replies_desk_t){AUTHORITY, eb_replies_part(AUTHORITY, pool), READER, false, box};
    office = (eb_replies_office_t){.desks = &desk, .count = 1};
    if (eb_reply_rules_load(&rules, "schemas/message/antwort.xsd", NULL, &problem, pool)) {
        printf("Bail out! %s\n", eb_problem_text(problem, pool));
        return 1;
    }
    eb_replies_transport(&transport, rules);
    eb_number_new(other, 2026);
    send_one(NUMBER, MESSAGE);
    send_one(other, "urn:2");
    test_cases();
    test_receipt();
    test_letter();
    test_trouble();
    test_unknown();
    scratch_remove(dir);
    return done();
}
