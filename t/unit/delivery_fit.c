/* FIT-Connect without a network: what a destination says about itself, metadata that its schema
 * accepts and that come out alike, what a job remembers, answers of the event log, settings. */
#include "delivery/fitconnect/api.h"
#include "delivery/fitconnect/destination.h"
#include "delivery/fitconnect/events.h"
#include "delivery/fitconnect/json.h"
#include "delivery/fitconnect/parts.h"
#include "delivery/fitconnect/steps.h"
#include "scratch.h"
#include "tap.h"

#include <apr_errno.h>

#define DESTINATION "879ee109-a690-4db8-ab32-424284184d7d"
#define SERVICE     "urn:de:fim:leika:leistung:99099002067003"
#define SCHEMA      "urn:mod-einbuergerung:nachricht:1"

static apr_pool_t *pool;
static eb_problem_t *problem;

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    return eb_json_read(&json, text, strlen(text), 65536, pool) ? NULL : json;
}

static const char *destination_text(const char *status, const char *versions, const char *region)
{
    return apr_psprintf(pool,
                        "{\"destinationId\":\"" DESTINATION "\",\"status\":\"%s\","
                        "\"encryptionKid\":\"schluessel-1\",\"metadataVersions\":[%s],"
                        "\"publicServices\":[{\"identifier\":\"urn:anderes:1\"},{\"identifier\":"
                        "\"" SERVICE "\",\"regions\":[\"%s\"],\"submissionSchemas\":[{"
                        "\"schemaUri\":\"" SCHEMA "\",\"mimeType\":\"application/xml\"}]}]}",
                        status, versions, region);
}

static apr_status_t read_destination(eb_fit_destination_t *d, const char *text,
                                     const eb_fit_want_t *want)
{
    json_t *json = parse(text);

    problem = NULL;
    return eb_fit_destination_read(d, json, eb_fit_profile("v2"), want, &problem, pool);
}

static bool unfit(const char *text, const eb_fit_want_t *want, const char *says)
{
    eb_fit_destination_t d;

    return read_destination(&d, text, want) == APR_EINVAL &&
           problem->number == EB_P_FIT_DESTINATION && strstr(problem->what, says);
}

static void test_destination(void)
{
    const char *versions = "\"1.0.0\",\"2.1.0\",\"9.9.9\"";
    eb_fit_want_t want = {DESTINATION, SERVICE, "DE05711000", SCHEMA, "application/xml"};
    eb_fit_destination_t d;

    is_int(read_destination(&d, destination_text("active", versions, "DE057"), &want), APR_SUCCESS,
           "a destination that takes it");
    ok(strcmp(d.kid, "schluessel-1") == 0 && strcmp(d.schema->version, "2.1.0") == 0,
       "its key, and the newest metadata that both know");
    is_int(read_destination(&d, destination_text("active", "\"1.0.0\"", "DE"), &want), APR_SUCCESS,
           "one of all Germany, and older");
    is_str(d.schema->version, "1.0.0", "older metadata");
    ok(unfit(destination_text("inactive", versions, "DE"), &want, "inactive"), "not active");
    ok(unfit(destination_text("active", "\"3.0.0\"", "DE"), &want, "3.0.0"), "newer metadata only");
    ok(unfit(destination_text("active", versions, "DE09"), &want, "DE09"), "another region");
    want.schema = "urn:anderes";
    ok(unfit(destination_text("active", versions, "DE"), &want, SCHEMA), "another schema");
    want.schema = NULL;
    is_int(read_destination(&d, destination_text("active", versions, "DE"), &want), APR_SUCCESS,
           "no schema is asked for");
    want.service = "urn:fremd:1";
    ok(unfit(destination_text("active", versions, "DE"), &want, SERVICE), "another service");
    want.destination = "879ee109-a690-4db8-ab32-000000000000";
    ok(read_destination(&d, destination_text("active", versions, "DE"), &want) &&
           problem->number == EB_P_FIT_ANSWER,
       "an answer about another one");
    ok(read_destination(&d, "[]", &want) && problem->number == EB_P_FIT_ANSWER, "no object");
}

static void test_profiles(void)
{
    ok(eb_fit_profile("v1") && eb_fit_profile("v2") && !eb_fit_profile("v3"), "two generations");
    is_str(apr_psprintf(pool, eb_fit_profile("v2")->attachment, "s", "a"),
           "/v2/submissions/s/attachments/a", "an address");
    is_str(eb_fit_profile("v1")->service, "serviceType", "and what is called otherwise");
    ok(!eb_fit_schema("2.0.0") && eb_fit_schema_at(0) && !eb_fit_schema_at(99), "schemas by name");
}

static eb_fit_memory_t *a_memory(const char *version, int attachments)
{
    eb_fit_memory_t *m = eb_fit_memory_new(attachments, pool);

    m->attempt = "0123456789abcdef";
    m->destination = DESTINATION;
    m->kid = "schluessel-1";
    m->submission = "63d0c991-0635-4e18-8a4b-fb0c01de9f5c";
    m->case_id = "68f25e41-3bf3-4bf0-9ad1-8bf1ad1d9d2b";
    m->version = version;
    m->schema = SCHEMA;
    m->mime_type = "application/xml";
    m->service = SERVICE;
    m->service_name = "Einb\u00fcrgerung \"beantragen\"";
    m->author = "Stadt Musterstadt";
    m->product = "mod_einbuergerung";
    m->product_version = "0.1.0";
    m->manufacturer = "mod_einbuergerung";
    m->announced = apr_time_from_sec(1795660000);
    for (int i = 0; i < m->parts_count; i++)
        m->parts[i] = (eb_fit_part_t){apr_psprintf(pool, "wrapped%d", i),
                                      i ? apr_psprintf(pool, "tag%d", i) : NULL};
    return m;
}

static eb_package_t a_package(void)
{
    static eb_attachment_t documents[2];
    eb_package_t package = {.number = "EB-2026-7K4M-92QX-4",
                            .message = "abc",
                            .message_len = 3,
                            .attachments = documents,
                            .attachments_count = 2};
    char *hash = apr_palloc(pool, EB_SHA512_HEX_LEN + 1);

    memset(hash, 'a', EB_SHA512_HEX_LEN);
    hash[EB_SHA512_HEX_LEN] = '\0';
    documents[0] = (eb_attachment_t){"reisepass.pdf", "application/pdf", "attachment", hash, 1, 0};
    documents[1] = (eb_attachment_t){"antrag.pdf", "application/pdf", "form", hash, 1, 0};
    memset(package.secret, 7, sizeof package.secret);
    return package;
}

/* Judged by somebody else, where it is installed. */
static void validate(const char *metadata, const char *version, const char *dir)
{
    const char *schema =
        apr_psprintf(pool, "../shared/data/fit-connect/metadata-%s.schema.json", version);
    const char *file = apr_pstrcat(pool, dir, "/metadata.json", NULL);

    if (access(schema, R_OK) || system("perl -MJSON::Validator -e1 2>/dev/null")) {
        skip(1, "no JSON::Validator (package libjson-validator-perl), or not the official schemas");
        return;
    }
    scratch_write(file, metadata);
    const char *command = apr_psprintf(
        pool,
        "perl -MJSON::Validator -MMojo::File -MMojo::JSON=decode_json -e '"
        "my $v = JSON::Validator->new->schema(decode_json(Mojo::File->new(shift)->slurp)); "
        "my @e = $v->validate(decode_json(Mojo::File->new(shift)->slurp)); "
        "print \"# $_\\n\" for @e; exit scalar @e' %s %s",
        schema, file);
    fflush(stdout);
    is_int(system(command), 0, apr_pstrcat(pool, "metadata are valid: ", version, NULL));
}

static void test_metadata(const char *dir)
{
    static const char *const versions[] = {"2.1.0", "1.0.0"};
    const apr_time_t late = apr_time_from_sec(1767225000); /* 31 December, 23:50 in UTC */
    eb_package_t package = a_package();
    const char *text, *again;

    for (int i = 0; i < 2; i++) {
        eb_fit_memory_t *memory = a_memory(versions[i], 2);
        is_int(eb_fit_metadata(&text, memory, &package, late, &problem, pool), APR_SUCCESS,
               "metadata");
        validate(text, versions[i], dir);
        eb_fit_metadata(&again, memory, &package, late, &problem, pool);
        is_str(again, text, "come out alike");
    }
    ok(!strstr(text, "Musterstadt") && strstr(text, "publicServiceType"), "1.0.0 has no author");
    eb_fit_metadata(&text, a_memory("2.1.0", 2), &package, late, &problem, pool);
    ok(strstr(text, "ddaf35a193617abacc417349ae204131") &&
           strstr(text, "\"applicationDate\":\"2026-01-01\"") && strstr(text, package.number) &&
           strstr(text, "\"purpose\":\"form\"") && !strstr(text, "replyChannel"),
       "hash (FIPS 180), day in Berlin, number, purposes");
    ok(eb_fit_metadata(&text, a_memory("7.0.0", 2), &package, late, &problem, pool) == APR_EINVAL &&
           problem->number == EB_P_FIT_MEMORY,
       "of an unknown version: none");
}

static void test_ids(void)
{
    eb_package_t package = a_package();
    eb_fit_memory_t *memory = a_memory("2.1.0", 2);
    char first[EB_UUID_LEN + 1], second[EB_UUID_LEN + 1], again[EB_UUID_LEN + 1];

    eb_fit_attachment_id(first, memory, &package, 0);
    eb_fit_attachment_id(second, memory, &package, 1);
    eb_fit_attachment_id(again, memory, &package, 0);
    ok(eb_uuid_valid(first) && strcmp(first, second) != 0 && strcmp(first, again) == 0,
       "ids are UUIDs of their own, found again");
    memory->attempt = "0123456789abcdee";
    eb_fit_attachment_id(again, memory, &package, 0);
    ok(strcmp(first, again) != 0, "and others in another attempt");
    ok(!eb_fit_tags(memory, &package, pool), "no tags while one is missing");
    memory->parts[0].tag = "tag0";
    const json_t *tags = eb_fit_tags(memory, &package, pool);
    is_str(eb_json_member(json_object_get(tags, "attachments"), again), "tag2", "then all of them");
}

static void test_memory(void)
{
    eb_fit_memory_t *m = a_memory("2.1.0", 2), *read;
    const char *ended;
    int restarts;

    eb_fit_note(m, "key:x", pool);
    m->ended = "rejected";
    const char *text = eb_fit_memory_text(m, pool);
    is_int(eb_fit_memory_read(&read, text, 2, pool), APR_SUCCESS, "what is remembered is read");
    is_str(eb_fit_memory_text(read, pool), text, "as it was");
    ok(eb_fit_noted(read, "key:x") && !eb_fit_noted(read, "key:y"), "with what was noted");
    is_int(eb_fit_memory_read(&read, text, 3, pool), APR_EINVAL, "not of another package");
    is_int(eb_fit_memory_read(&read, "{}", 2, pool), APR_EINVAL, "not nothing");
    is_int(eb_fit_memory_read(&read, NULL, 2, pool), APR_EINVAL, "not even that");
    eb_fit_start_read(&restarts, &ended, eb_fit_start_text(2, "refused", pool), pool);
    ok(restarts == 2 && strcmp(ended, "refused") == 0, "what is remembered before");
    eb_fit_start_read(&restarts, &ended, NULL, pool);
    ok(restarts == 0 && !ended, "or nothing");
    eb_fitconnect_view_t view;
    is_int(eb_fitconnect_view(&view, text, pool), APR_SUCCESS, "a view of it");
    ok(view.rejected && strcmp(view.submission, m->submission) == 0, "for the operator");
}

static void test_pages(void)
{
    eb_fit_page_t page;

    is_int(eb_fit_page_read(&page, parse("{\"totalCount\":3,\"eventLog\":[\"a\",\"b\"]}"), pool),
           APR_SUCCESS, "a page of events");
    ok(page.total == 3 && page.tokens->nelts == 2, "of so many");
    ok(eb_fit_page_read(&page, parse("{\"totalCount\":3,\"eventLog\":[1]}"), pool) &&
           eb_fit_page_read(&page, parse("{\"totalCount\":-1,\"eventLog\":[]}"), pool) &&
           eb_fit_page_read(&page, parse("{\"totalCount\":99999,\"eventLog\":[]}"), pool) &&
           eb_fit_page_read(&page, parse("{\"eventLog\":[]}"), pool) &&
           eb_fit_page_read(&page, parse("[]"), pool),
       "other things are none");
    is_int(eb_fit_poll_interval(30, 100), 30, "at first, one looks often");
    is_int(apr_time_sec(eb_fit_poll_interval(apr_time_from_sec(30), apr_time_from_sec(3600))), 360,
           "then less");
    is_int(apr_time_sec(eb_fit_poll_interval(apr_time_from_sec(30), apr_time_from_sec(864000))),
           900, "every quarter of an hour");
}

static bool setting_wrong(const eb_fitconnect_settings_t *s, const char *says)
{
    eb_transport_t *transport;

    problem = NULL;
    return eb_fitconnect_transport(&transport, s, &problem, pool) && strstr(problem->what, says);
}

static void test_settings(const char *dir)
{
    eb_trust_t *trust;
    eb_transport_t *transport;
    const char *secret = apr_pstrcat(pool, dir, "/secret", NULL);
    eb_fitconnect_settings_t good = {.destination = DESTINATION,
                                     .client_id = "wir",
                                     .secret_file = secret,
                                     .token_url = "https://auth.example/token",
                                     .submission_url = "https://api.example/submission-api",
                                     .service = SERVICE,
                                     .service_name = "Einbürgerung"},
                             s;

    is_int(eb_trust_load(&trust, NULL, NULL, true, &problem, pool), APR_SUCCESS, "self-signed");
    good.trust = trust;
    scratch_write(secret, "geheim\n");
    is_int(eb_fitconnect_transport(&transport, &good, &problem, pool), APR_SUCCESS, "a transport");
    is_str(transport->name, "fitconnect", "of that name");
    s = good, s.token_url = "http://auth.example/token";
    ok(setting_wrong(&s, "https"), "https only");
    s = good, s.submission_url = "https://api.example/";
    ok(setting_wrong(&s, "https"), "no / at the end");
    s = good, s.destination = "musterstadt";
    ok(setting_wrong(&s, "UUID"), "a destination is a UUID");
    s = good, s.region = "DE5x";
    ok(setting_wrong(&s, "region"), "a region is digits");
    s = good, s.profile = "v9";
    ok(setting_wrong(&s, "v2"), "a known generation");
    s = good, s.trust = NULL;
    ok(setting_wrong(&s, "keys"), "trust is needed");
    chmod(secret, 0644);
    ok(setting_wrong(&good, "0644") && problem->number == EB_P_FIT_SECRET,
       "a secret that all may read");
    scratch_write(secret, "\n");
    chmod(secret, 0600);
    ok(setting_wrong(&good, "line") && !strstr(problem->what, "geheim"), "an empty secret");
    s = good, s.secret_file = "/nirgends";
    ok(setting_wrong(&s, "No such file"), "none at all");
    ok(eb_fitconnect_environment("test")->self_signed &&
           !eb_fitconnect_environment("prod")->self_signed && !eb_fitconnect_environment("x"),
       "environments");
}

static bool ends_soon(apr_time_t expires, const char *said)
{
    const eb_jwk_t key = {.kid = "schluessel-1", .expires = expires};
    const apr_time_t now = apr_time_from_sec(1795694400); /* 2026-11-26, noon */

    problem = NULL;
    return eb_fit_key_ends(&key, "destination 1", now, &problem, pool) == APR_INCOMPLETE &&
           problem->number == EB_P_FIT_KEY_ENDS && strstr(problem->what, said);
}

static void test_key_ends(void)
{
    const apr_time_t noon = apr_time_from_sec(1795694400), day = apr_time_from_sec(86400);
    const eb_jwk_t key = {.kid = "schluessel-1", .expires = noon};
    eb_jwk_t noted;

    ok(ends_soon(noon + 30 * day - 1, "ends on 2026-12-26 (29 days)"),
       "a key that ends is told of");
    ok(ends_soon(noon + day / 2, "(0 days)"), "on the last day, too");
    ok(!ends_soon(noon + 30 * day, "") && !problem && !ends_soon(0, "") && !problem,
       "but not earlier, and not one without an end");
    is_str(eb_fit_key_text(&key, pool), "schluessel-1, until 2026-11-26", "for people");
    ok(eb_fit_key_noted(&noted, "submission=s case=c key=schluessel-1, until 2026-11-26", pool) &&
           strcmp(eb_fit_key_text(&noted, pool), "schluessel-1, until 2026-11-26") == 0,
       "the journal has it");
    ok(!eb_fit_key_noted(&noted, "submission=s case=c key=schluessel-1", pool) &&
           !eb_fit_key_noted(&noted, "", pool) &&
           !eb_fit_key_noted(&noted, " key=a, until bald", pool),
       "or not");
}

static void test_words(void)
{
    ok(eb_fit_name_good("a1-b.c_~") && !eb_fit_name_good("../x") && !eb_fit_name_good("a/b") &&
           !eb_fit_name_good("") && !eb_fit_name_good(NULL) && !eb_fit_name_good(".."),
       "names for addresses");
    is_str(eb_fit_clean("a\nb\tc\x7F\xC2\x85"
                        "d",
                        100, pool),
           "a b c  d", "one line");
    is_str(eb_fit_clean("aaaö", 4, pool), "aaa", "cut between letters");
    is_str(eb_fit_clean("a\xFF"
                        "b",
                        10, pool),
           "a", "up to what is no text");
}

int main(void)
{
    pool = tap_begin();
    const char *dir = scratch_make(pool);
    test_profiles();
    test_destination();
    test_metadata(dir);
    test_ids();
    test_memory();
    test_pages();
    test_settings(dir);
    test_key_ends();
    test_words();
    scratch_remove(dir);
    return done();
}
