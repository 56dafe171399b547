/* Job files: what is written is read, and nothing else is. */
#include "store/job_file.h"
#include "tap.h"
#include "scratch.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <jansson.h>

static eb_job_t sample(void)
{
    eb_job_t job = {.authority = "05711000",
                    .state = EB_JOB_HELD,
                    .before = EB_JOB_ATTACHED,
                    .attached = 3,
                    .tries = 17,
                    .accepted = 1790000000123456,
                    .due = 1790000005123457,
                    .changed = 1790000001123458,
                    .transport = "directory",
                    .remote = "{\"file\":\"a \\\"b\\\"\"}",
                    .problem_id = "EB0601",
                    .problem = "Der Ordner „Eingang“ fehlt",
                    .remedy = "Create it."};
    eb_uuid_new(job.uuid);
    eb_number_new(job.number, 2026);
    return job;
}

static void test_round_trip(apr_pool_t *pool)
{
    eb_job_t job = sample(), *got;
    const char *text = eb_job_encode(&job, pool);

    is_int(eb_job_decode(&got, text, strlen(text), pool), APR_SUCCESS, "read back");
    is_str(got->uuid, job.uuid, "uuid");
    is_str(got->number, job.number, "number");
    is_str(got->authority, job.authority, "authority");
    is_str(got->transport, job.transport, "transport");
    is_str(got->remote, job.remote, "remote");
    is_str(got->problem_id, job.problem_id, "problem id");
    is_str(got->problem, job.problem, "problem");
    is_str(got->remedy, job.remedy, "remedy");
    ok(got->state == job.state && got->before == job.before && got->attached == job.attached &&
           got->tries == job.tries && got->accepted == job.accepted && got->due == job.due &&
           got->changed == job.changed,
       "states, counts and times to the microsecond");
    is_str(eb_job_encode(got, pool), text, "and written the same");

    job.problem = "cannot open /srv/\xFC/eingang";
    text = eb_job_encode(&job, pool);
    is_int(text ? eb_job_decode(&got, text, strlen(text), pool) : -1, APR_SUCCESS,
           "a problem that is not UTF-8");
    is_str(got->problem, "cannot open /srv/?/eingang", "is made so");

    job.remote = job.problem_id = job.problem = job.remedy = NULL;
    text = eb_job_encode(&job, pool);
    is_int(eb_job_decode(&got, text, strlen(text), pool), APR_SUCCESS, "without the optional ones");
    ok(!got->remote && !got->problem_id && !got->problem && !got->remedy, "which are NULL again");
}

/* The sample with one member replaced (or removed). */
static apr_status_t with(const char *member, json_t *value, apr_pool_t *pool)
{
    eb_job_t job = sample(), *got;
    json_t *json = json_loads(eb_job_encode(&job, pool), 0, NULL);
    if (value)
        json_object_set_new(json, member, value);
    else
        json_object_del(json, member);
    char *text = json_dumps(json, 0);
    apr_status_t rv = eb_job_decode(&got, text, strlen(text), pool);
    free(text);
    json_decref(json);
    return rv;
}

static void test_strict(apr_pool_t *pool)
{
    static const char *const members[] = {"format", "uuid",    "number",   "authority",
                                          "state",  "before",  "attached", "tries",
                                          "due",    "changed", "accepted", "transport"};
    bool refused = true;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        refused = refused && with(members[i], NULL, pool) == APR_EINVAL &&
                  with(members[i], json_true(), pool) == APR_EINVAL;
    ok(refused, "every member is needed, with its type");
    is_int(with("state", json_string("gone"), pool), APR_EINVAL, "an unknown state");
    is_int(with("tries", json_integer(-1), pool), APR_EINVAL, "a negative count");
    is_int(with("tries", json_integer(1LL << 40), pool), APR_EINVAL, "a huge one");
    is_int(with("uuid", json_string("../../etc/passwd"), pool), APR_EINVAL, "a uuid that is none");
    is_int(with("number", json_string("EB-2026-AAAA-AAAA-A"), pool), APR_EINVAL, "a wrong number");
    is_int(with("number", json_string(""), pool), APR_SUCCESS, "no number is possible");
    is_int(with("remote", json_integer(1), pool), APR_EINVAL, "an optional one of another type");
    is_int(with("problem", json_string("x"), pool), APR_EINVAL, "a problem that is none");
    is_int(with("format", json_integer(2), pool), APR_ENOTIMPL, "a newer format");

    eb_job_t job = sample(), *got;
    const char *text = eb_job_encode(&job, pool);
    for (apr_size_t i = 0; i < strlen(text) - 1; i++)
        refused = refused && eb_job_decode(&got, text, i, pool) == APR_EINVAL;
    ok(refused, "nor anything that was cut off");
}

/* As 0.1.0 wrote them. Whoever changes a byte of this changes the format, raises its number, and
 * closes the way back to an earlier version for applications that wait. */
static const char *released(eb_job_state_t state, apr_pool_t *pool)
{
    const bool held = state == EB_JOB_HELD;

    return apr_pstrcat(
        pool,
        "{\n \"format\": 1,\n \"uuid\": \"3f2b8c1e-7a54-4d0b-9c61-5d1f0a9e2b37\",\n"
        " \"number\": \"EB-2026-7K4M-92QX-4\",\n \"authority\": \"05711000\",\n"
        " \"transport\": \"fitconnect\",\n \"state\": \"",
        eb_job_state_name(state), "\",\n \"before\": \"",
        eb_job_state_name(held ? EB_JOB_SUBMITTED : state),
        "\",\n \"attached\": 3,\n \"tries\": 2,\n \"accepted\": 1790000000123456,\n"
        " \"due\": 1790000005123457,\n \"changed\": 1790000001123458,\n"
        " \"remote\": \"{\\\"submission\\\":\\\"0b7ed1f4\\\"}\"",
        held ? ",\n \"problem\": {\n  \"id\": \"EB0601\",\n  \"what\": \"Der Ordner fehlt\",\n"
               "  \"remedy\": \"Create it.\"\n }"
             : "",
        "\n}\n", NULL);
}

static void test_released(apr_pool_t *pool)
{
    for (int state = EB_JOB_QUEUED; state <= EB_JOB_HELD; state++) {
        const char *text = released(state, pool), *name = eb_job_state_name(state);
        eb_job_t *job = NULL;

        is_int(eb_job_decode(&job, text, strlen(text), pool), APR_SUCCESS, name);
        is_str(job ? eb_job_encode(job, pool) : "", text, "is written as 0.1.0 wrote it");
    }
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_job_state_t state;

    for (int i = EB_JOB_QUEUED; i <= EB_JOB_HELD; i++)
        ok(eb_job_state_parse(&state, eb_job_state_name(i)) == APR_SUCCESS && (int)state == i,
           eb_job_state_name(i));
    is_int(eb_job_state_parse(&state, "Queued"), APR_EINVAL, "names are exact");
    test_released(pool);
    test_round_trip(pool);
    test_strict(pool);
    return done();
}
