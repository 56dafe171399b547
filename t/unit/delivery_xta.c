/* The XTA transport against a scripted server with MIME, SOAP, TLS and XML Encryption of its own,
 * which validates every request with KoSIT's schemas: the whole way, every error, and answers that
 * are lost at each step. */
#include "delivery/xta/xta.h"
#include "bytes.h"
#include "scratch.h"
#include "xta_server.h"

#include <apr_errno.h>
#include <apr_file_io.h>

#define NOW    apr_time_from_sec(1795651200) /* 2026-11-26 */
#define LETTER "<m><nachrichtenUUID>6fa459ea-ee8a-4ca4-894e-db77e160355e</nachrichtenUUID></m>"

static xta_server_t *server;
static eb_problem_t *problem;
static bytes_t sources[2];
static eb_attachment_t documents[2];

static eb_package_t sample(apr_uint64_t len)
{
    sources[0] = bytes_made(3, len);
    sources[1] = bytes_of("", 0);
    documents[0] =
        (eb_attachment_t){"01-pass.pdf", "application/pdf", "pass", "", len, &sources[0].source};
    documents[1] = (eb_attachment_t){"02-leer.png", "image/png", "", "", 0, &sources[1].source};
    return (eb_package_t){.uuid = "6fa459ea-ee8a-4ca4-894e-db77e160355e",
                          .number = "EB-2026-7K4M-92QX-4",
                          .authority = "05711000",
                          .schema = "urn:x",
                          .message = LETTER,
                          .message_len = strlen(LETTER),
                          .attachments = documents,
                          .attachments_count = 2};
}

static eb_job_t fresh(void)
{
    return (eb_job_t){.uuid = "6fa459ea-ee8a-4ca4-894e-db77e160355e",
                      .number = "EB-2026-7K4M-92QX-4",
                      .authority = "05711000",
                      .accepted = NOW};
}

static eb_transport_t *made(const eb_xta_settings_t *settings, apr_pool_t *pool)
{
    eb_transport_t *transport = NULL;

    problem = NULL;
    if (eb_xta_transport(&transport, settings, &problem, pool)) {
        printf("# %s\n", problem ? eb_problem_text(problem, pool) : "without a problem");
        return NULL;
    }
    return transport;
}

static eb_step_result_t one_step(const eb_transport_t *t, eb_job_t *job, const eb_package_t *p,
                                 apr_time_t now, apr_pool_t *pool)
{
    problem = NULL;
    eb_step_result_t result = t->step(t, job, p, now, NULL, &problem, pool);
    if (problem)
        printf("# %s\n", eb_problem_text(problem, pool));
    return result;
}

/* Steps until it is not FORWARD, or confirmed. */
static eb_step_result_t go(const eb_transport_t *t, eb_job_t *job, const eb_package_t *p,
                           apr_pool_t *pool)
{
    eb_step_result_t result = EB_STEP_FORWARD;

    while (result == EB_STEP_FORWARD && job->state != EB_JOB_CONFIRMED)
        result = one_step(t, job, p, NOW, pool);
    return result;
}

static void tell(const char *line)
{
    if (!strcmp(line, "forget")) /* what has come is looked at first, and then not counted */
        xta_tell(server, "received");
    is_str(xta_tell(server, line), "ok", line);
}

static void test_way(const eb_xta_settings_t *settings, apr_uint64_t len, const char *want,
                     const char *name, apr_pool_t *pool)
{
    eb_transport_t *t = made(settings, pool);
    eb_package_t package = sample(len);
    eb_job_t job = fresh();
    eb_xta_view_t view;

    tell("forget");
    if (!ok(t != NULL, name))
        return;
    is_int(go(t, &job, &package, pool), EB_STEP_FORWARD, "goes");
    is_int(job.state, EB_JOB_CONFIRMED, "is confirmed");
    is_str(xta_tell(server, "received"), want, "has arrived");
    is_str(xta_tell(server, "refused"), "none", "and nothing was wrong with any request");
    is_int(eb_xta_view(&view, job.remote, pool), APR_SUCCESS, "it is remembered");
    ok(view.message && job.detail && !strcmp(job.detail + 8, view.message), "under its id");
    is_str(view.light, "green", "and its light");
}

static void test_ways(const eb_xta_settings_t *usual, apr_pool_t *pool)
{
    eb_xta_settings_t s = *usual;

    test_way(&s, 100000, "1 of 3", "in the clear", pool);

    s.note_first = true;
    test_way(&s, 100000, "1 of 4", "behind a note", pool);
    s = *usual;
    s.reader_cert_file = xta_fact(server, "reader_cert");
    tell("set encrypted 1");
    test_way(&s, 100000, "1 of 3 encrypted", "encrypted", pool);
    s.key_digest = "sha1";
    test_way(&s, 1, "1 of 3 encrypted", "encrypted, the key by SHA-1", pool);
    tell("set encrypted undef");
}

typedef struct failure_t {
    const char *kind;
    eb_problem_id_t problem;
    eb_step_result_t result;
    bool spoilt; /* all is well but the answer */
} failure_t;

/* Each as an answer to sendMessage. */
static const failure_t errors[] = {
    {"9000", EB_P_XTA_FAULT, EB_STEP_HOLD, false},
    {"9010", EB_P_XTA_ACCOUNT, EB_STEP_HOLD, false},
    {"9011", EB_P_XTA_ACCOUNT, EB_STEP_HOLD, false},
    {"9012", EB_P_XTA_ACCOUNT, EB_STEP_HOLD, false},
    {"9013", EB_P_XTA_SERVICE, EB_STEP_HOLD, false},
    {"9014", EB_P_XTA_ACCOUNT, EB_STEP_HOLD, false},
    {"9020", EB_P_XTA_PARAMETER, EB_STEP_HOLD, false},
    {"9021", EB_P_XTA_PARAMETER, EB_STEP_HOLD, false},
    {"9022", EB_P_XTA_PARAMETER, EB_STEP_HOLD, false},
    {"9023", EB_P_XTA_SIZE, EB_STEP_HOLD, false},
    {"9030", EB_P_XTA_TECHNICAL, EB_STEP_WAIT, false},
    {"9031", EB_P_XTA_TECHNICAL, EB_STEP_WAIT, false},
    {"9032", EB_P_XTA_TECHNICAL, EB_STEP_WAIT, false},
    {"9050", EB_P_XTA_SCHEMA, EB_STEP_HOLD, false},
    {"9051", EB_P_XTA_SCHEMA, EB_STEP_HOLD, false},
    {"9052", EB_P_XTA_SCHEMA, EB_STEP_HOLD, false},
    {"9060", EB_P_XTA_VIRUS, EB_STEP_HOLD, false},
    {"9070", EB_P_XTA_ID_UNKNOWN, EB_STEP_HOLD, false},
    {"9080", EB_P_XTA_SERVICE, EB_STEP_HOLD, false},
    {"9081", EB_P_XTA_SERVICE, EB_STEP_HOLD, false},
    {"sender", EB_P_XTA_FAULT, EB_STEP_HOLD, false},
    {"receiver", EB_P_XTA_TECHNICAL, EB_STEP_WAIT, false},
    {"503", EB_P_XTA_TECHNICAL, EB_STEP_WAIT, false},
    {"429:70", EB_P_XTA_TECHNICAL, EB_STEP_WAIT, false},
    {"403", EB_P_XTA_REFUSED, EB_STEP_HOLD, false},
    {"html", EB_P_XTA_ANSWER, EB_STEP_WAIT, false},
    {"redirect", EB_P_XTA_ANSWER, EB_STEP_WAIT, false},
    {"soap11", EB_P_XTA_ANSWER, EB_STEP_WAIT, true},
    {"dtd", EB_P_XTA_ANSWER, EB_STEP_WAIT, true},
    {"no-body", EB_P_XTA_ANSWER, EB_STEP_WAIT, true},
    {"not-utf8", EB_P_XTA_ANSWER, EB_STEP_WAIT, true},
    {"wrong-relates", EB_P_XTA_ANSWER, EB_STEP_WAIT, true},
    {"huge", EB_P_HTTP_ANSWER, EB_STEP_WAIT, true},
};

/* One after another for one job, and then, where the message has arrived and only its answer is
 * bad, for one each. */
static void test_errors(const eb_transport_t *t, apr_pool_t *pool)
{
    eb_package_t package = sample(1000);
    eb_job_t job = fresh();

    tell("forget");
    one_step(t, &job, &package, NOW, pool);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        const failure_t *e = &errors[i];
        if (e->spoilt) {
            job = fresh();
            one_step(t, &job, &package, NOW, pool);
        }
        job.due = 0;
        tell(apr_pstrcat(pool, "script send ", e->kind, NULL));
        is_int(one_step(t, &job, &package, NOW, pool), e->result, e->kind);
        is_str(problem ? problem->id : "", eb_problem_id(e->problem), "with its problem");
        is_int(job.state, EB_JOB_ANNOUNCED, "stays where it is");
        is_int(job.due, strchr(e->kind, ':') ? NOW + apr_time_from_sec(70) : 0, "as long as told");
    }
    is_int(go(t, &job, &package, pool), EB_STEP_FORWARD, "and goes on afterwards");
    is_str(xta_tell(server, "received"), "6 of 18", "each once");
}

static const char *const steps[] = {"create", "send", "report"};

/* However the server writes it down, within the standards: at each step. */
static void test_odd_answers(const eb_transport_t *t, apr_pool_t *pool)
{
    static const char *const kinds[] = {"odd",        "mime-odd",    "mime-extra",
                                        "no-relates", "two-relates", "mime-type"};
    eb_package_t package = sample(1000);

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        eb_job_t job = fresh();
        for (int step = 0; step < 3; step++)
            tell(apr_pstrcat(pool, "script ", steps[step], " ", kinds[i], NULL));
        is_int(go(t, &job, &package, pool), EB_STEP_FORWARD, "is an answer, however odd");
    }
}

/* Whatever it is, it is asked for once more. */
static void test_no_answers(const eb_transport_t *t, apr_pool_t *pool)
{
    static const char *const kinds[] = {"empty",         "broken",       "deep",
                                        "text-xml",      "mime-cut",     "mime-header",
                                        "mime-boundary", "mime-no-root", "mime-encoding"};
    eb_package_t package = sample(1000);

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        eb_job_t job = fresh();
        tell(apr_pstrcat(pool, "script ", steps[i % 3], " ", kinds[i], NULL));
        is_int(go(t, &job, &package, pool), EB_STEP_WAIT, "is no answer");
        is_str(problem ? problem->id : "", eb_problem_id(EB_P_XTA_ANSWER), "and told");
        is_int(go(t, &job, &package, pool), EB_STEP_FORWARD, "the next one is");
    }
}

/* An id that the server has given to somebody else, too. */
static void test_stranger(const eb_transport_t *t, apr_pool_t *pool)
{
    eb_package_t package = sample(1000);
    eb_job_t job = fresh();

    tell("forget");
    one_step(t, &job, &package, NOW, pool);
    one_step(t, &job, &package, NOW, pool);
    is_int(job.state, EB_JOB_SUBMITTED, "sent");
    package.number = "BBBB-BBBB-BBBB";
    is_int(one_step(t, &job, &package, NOW, pool), EB_STEP_HOLD, "a report about another case");
    is_str(problem ? problem->id : "", eb_problem_id(EB_P_XTA_ID_USED), "is not believed");
}

/* What was refused is not sent every minute. */
static void test_rest(const eb_transport_t *t, apr_pool_t *pool)
{
    eb_package_t package = sample(1000);
    eb_job_t job = fresh();

    tell("forget");
    one_step(t, &job, &package, NOW, pool);
    tell("script send 9060");
    is_int(one_step(t, &job, &package, NOW, pool), EB_STEP_HOLD, "held");
    job.problem_id = problem->id;
    job.problem = problem->what;
    is_int(one_step(t, &job, &package, NOW + apr_time_from_sec(86400 * 365), pool), EB_STEP_HOLD,
           "held after a year");
    is_int(problem->number, EB_P_XTA_VIRUS, "for the same reason");
    is_str(xta_tell(server, "seen send"), "1", "and not sent again");
    job.problem_id = NULL;
    is_int(go(t, &job, &package, pool), EB_STEP_FORWARD, "until a person says so");
    tell("forget");
    job = fresh();
    one_step(t, &job, &package, NOW, pool);
    tell("script send 9011");
    one_step(t, &job, &package, NOW, pool);
    job.problem_id = problem->id;
    one_step(t, &job, &package, NOW + apr_time_from_sec(60), pool);
    is_str(xta_tell(server, "seen send"), "1", "a locked account is left alone");
    is_int(one_step(t, &job, &package, NOW + apr_time_from_sec(16 * 60), pool), EB_STEP_FORWARD,
           "for a while");
}

/* At each step the answer is lost, one way or another. */
static void test_lost(const eb_transport_t *t, apr_pool_t *pool)
{
    static const char *const kinds[] = {"cut", "cut-after", "cut-midway", "503-after"};
    eb_package_t package = sample(1000);

    for (int step = 0; step < 3; step++)
        for (int kind = 0; kind < 4; kind++) {
            eb_job_t job = fresh();
            int waits = 0;
            tell("forget");
            tell(apr_pstrcat(pool, "script ", steps[step], " ", kinds[kind], NULL));
            while (waits < 5 && go(t, &job, &package, pool) == EB_STEP_WAIT)
                waits++;
            is_int(job.state, EB_JOB_CONFIRMED, "confirmed after a lost answer");
            ok(waits <= 1, "at the second try");
            is_str(xta_tell(server, "received"), "1 of 3", "sent once");
        }
}

static void test_lights(const eb_transport_t *t, apr_pool_t *pool)
{
    eb_package_t package = sample(10);
    eb_job_t job = fresh();

    tell("forget");
    tell("script report open open yellow red green");
    is_int(go(t, &job, &package, pool), EB_STEP_LATER, "open");
    is_int(job.due - NOW, apr_time_from_sec(30), "is asked again");
    is_int(go(t, &job, &package, pool), EB_STEP_LATER, "still open");
    is_int(job.due - NOW, apr_time_from_sec(60), "later");
    is_int(go(t, &job, &package, pool), EB_STEP_LATER, "yellow");
    is_int(go(t, &job, &package, pool), EB_STEP_HOLD, "red");
    is_int(problem->number, EB_P_XTA_RED, "is a person's");
    ok(strstr(problem->what, "E1: ") != NULL, "with the reason");
    is_int(go(t, &job, &package, pool), EB_STEP_FORWARD, "green");
    job = fresh();
    tell("script report yellow yellow yellow");
    is_int(go(t, &job, &package, pool), EB_STEP_LATER, "yellow");
    is_int(one_step(t, &job, &package, NOW + apr_time_from_sec(86000), pool), EB_STEP_LATER,
           "for less than a day");
    is_int(one_step(t, &job, &package, NOW + apr_time_from_sec(86400), pool), EB_STEP_HOLD,
           "for a day");
    is_int(problem->number, EB_P_XTA_YELLOW, "is a person's");
}

static void test_package(const eb_xta_settings_t *usual, apr_pool_t *pool)
{
    eb_xta_settings_t s = *usual;
    eb_transport_t *t = made(&s, pool);
    eb_package_t package = sample(1000);
    eb_job_t job = fresh();

    tell("forget");
    one_step(t, &job, &package, NOW, pool);
    sources[0].failure = APR_EGENERAL;
    sources[0].lacks = 1;
    is_int(one_step(t, &job, &package, NOW, pool), EB_STEP_HOLD, "a document that cannot be read");
    is_str(problem->id, eb_problem_id(EB_P_DOCUMENT_UNREAD), "has its own problem");
    is_str(xta_tell(server, "received"), "0 of 0", "and nothing arrives");
    job = fresh();
    package = sample(EB_XTA_SIZE_MAX);
    is_int(one_step(t, &job, &package, NOW, pool), EB_STEP_HOLD, "too much");
    is_int(problem->number, EB_P_XTA_SIZE, "is told");
    is_str(xta_tell(server, "seen"), "2", "before anything is asked");
    package = sample(eb_xta_documents_max(&s));
    is_int(one_step(t, &job, &package, NOW, pool), EB_STEP_FORWARD, "what may be uploaded may go");
    s.reader_cert_file = xta_fact(server, "reader_cert");
    t = made(&s, pool);
    job = fresh();
    package = sample(eb_xta_documents_max(&s));
    is_int(one_step(t, &job, &package, NOW, pool), EB_STEP_FORWARD, "also encrypted");
    job.state = EB_JOB_SUBMITTED;
    job.remote = "{}";
    is_int(one_step(t, &job, &package, NOW, pool), EB_STEP_HOLD, "a job without a memory");
    is_int(problem->number, EB_P_XTA_MEMORY, "is a person's");
}

/* The reader's next certificate stands beside the one that is over; alone, that one is of no use.
 */
static void test_rotation(const eb_xta_settings_t *usual, apr_pool_t *pool)
{
    const char *dir = scratch_make_fast(pool), *both = apr_pstrcat(pool, dir, "/both.pem", NULL);
    const char *expired = xta_fact(server, "expired_cert");
    eb_xta_settings_t s = *usual;
    eb_package_t package = sample(10);
    eb_job_t job = fresh();

    tell("forget");
    s.reader_cert_file = expired;
    const eb_transport_t *t = made(&s, pool);
    is_int(one_step(t, &job, &package, apr_time_now(), pool), EB_STEP_HOLD, "a reader of the past");
    is_int(problem ? problem->number : 0, EB_P_XTA_CERTIFICATE_DATE, "is a person's");
    is_str(xta_tell(server, "seen"), "0", "before anything is asked");
    is_int(system(apr_pstrcat(pool, "cat ", expired, " ", xta_fact(server, "reader_cert"), " >",
                              both, NULL)),
           0, "the next one comes into the same file");
    s.reader_cert_file = both;
    test_way(&s, 1000, "1 of 3 encrypted", "encrypted for the one that is valid", pool);
    scratch_remove(dir);
}

/* Whether the check fails, and by which problem. */
static eb_problem_id_t checked(const eb_transport_t *t, apr_pool_t *pool)
{
    apr_array_header_t *findings = apr_array_make(pool, 4, sizeof(eb_xta_finding_t));

    problem = NULL;
    ok(eb_xta_check(findings, t, NOW, NULL, &problem, pool) != APR_SUCCESS && problem, "found");
    printf("# %s\n", problem ? eb_problem_text(problem, pool) : "nothing");
    return problem ? problem->number : EB_P_COUNT;
}

static void test_check(const eb_xta_settings_t *usual, apr_pool_t *pool)
{
    apr_array_header_t *findings = apr_array_make(pool, 4, sizeof(eb_xta_finding_t));
    eb_xta_settings_t s = *usual;
    const eb_transport_t *t;

    problem = NULL;
    t = made(&s, pool);
    is_int(eb_xta_check(findings, t, NOW, NULL, &problem, pool), APR_SUCCESS, "all is well");
    if (problem)
        printf("# %s\n", eb_problem_text(problem, pool));
    is_int(findings->nelts, 3, "certificate, account, service");
    tell("script account 9011");
    is_int(checked(t, pool), EB_P_XTA_ACCOUNT, "a locked account");
    s.service = "urn:test:another";
    is_int(checked(made(&s, pool), pool), EB_P_XTA_SERVICE, "a service that is not offered");
    s.cert_file = xta_fact(server, "guest_cert");
    s.key_file = xta_fact(server, "guest_key");
    is_int(checked(made(&s, pool), pool), EB_P_XTA_ACCOUNT, "another's certificate");
    s.cert_file = xta_fact(server, "other_cert");
    s.key_file = xta_fact(server, "key");
    is_int(checked(made(&s, pool), pool), EB_P_HTTP_TLS, "a stranger's");
}

/* The key is root's, and workers are not: it is needed at start, and not afterwards. */
static void test_key(const eb_xta_settings_t *usual, apr_pool_t *pool)
{
    const char *dir = scratch_make_fast(pool), *file = apr_pstrcat(pool, dir, "/key.pem", NULL);
    apr_array_header_t *findings = apr_array_make(pool, 4, sizeof(eb_xta_finding_t));
    eb_xta_settings_t s = *usual;

    s.key_file = file;
    is_int(apr_file_copy(usual->key_file, file, APR_FPROT_OS_DEFAULT, pool), APR_SUCCESS, "a key");
    const eb_transport_t *t = made(&s, pool);
    scratch_remove(dir);
    is_int(eb_xta_check(findings, t, NOW, NULL, &problem, pool), APR_SUCCESS, "is kept in memory");
    ok(!made(&s, pool) && problem && problem->number == EB_P_HTTP_FILE, "and needed at start");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    const char *why;

    server = xta_server(&why, pool);
    if (!server) {
        skip(1, why);
        return done();
    }
    const eb_xta_settings_t settings = xta_settings(server);
    eb_transport_t *t = made(&settings, pool);
    test_check(&settings, pool);
    test_key(&settings, pool);
    test_ways(&settings, pool);
    test_errors(t, pool);
    test_odd_answers(t, pool);
    test_no_answers(t, pool);
    test_stranger(t, pool);
    test_rest(t, pool);
    test_lost(t, pool);
    test_lights(t, pool);
    test_package(&settings, pool);
    test_rotation(&settings, pool);
    xta_server_end(server);
    return done();
}
