/* The flat form of a package, written as a stream and read from anything that reads. */
#include "delivery/package.h"
#include "base/buf.h"
#include "tap.h"
#include "bytes.h"

#include <apr_errno.h>
#include <apr_strings.h>

enum { PASS_LEN = 100000 };

static bytes_t sources[2];
static eb_attachment_t documents[2];
static char sha512[2][EB_SHA512_HEX_LEN + 1];
static eb_problem_t *problem;

static eb_package_t sample(void)
{
    static char number[EB_NUMBER_LEN + 1];

    eb_number_new(number, 2026);
    sources[0] = bytes_made(7, PASS_LEN);
    sources[1] = bytes_of("", 0);
    for (int i = 0; i < 2; i++)
        memset(sha512[i], 'a' + i, EB_SHA512_HEX_LEN);
    documents[0] = (eb_attachment_t){"01-pass.pdf", "application/pdf", "pass",
                                     sha512[0],     PASS_LEN,          &sources[0].source};
    documents[1] =
        (eb_attachment_t){"02-b1.png", "image/png", "b1", sha512[1], 0, &sources[1].source};
    return (eb_package_t){.uuid = "6fa459ea-ee8a-4ca4-894e-db77e160355e",
                          .number = number,
                          .authority = "05711000",
                          .schema = "urn:x",
                          .message = "<a>\xC3\x96</a>",
                          .message_len = 9,
                          .attachments = documents,
                          .attachments_count = 2};
}

/* A sink that keeps all, or fails after so much. */
typedef struct kept_t {
    eb_sink_t sink;
    eb_buf_t buf;
    apr_size_t room;
    apr_size_t largest; /* of the blocks */
} kept_t;

static apr_status_t keep(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **p,
                         apr_pool_t *pool)
{
    kept_t *kept = (kept_t *)sink;

    if (kept->buf.len + len > kept->room)
        return eb_problem_set(p, EB_P_SPOOL_FULL, APR_ENOSPC, NULL, pool, "full");
    kept->largest = len > kept->largest ? len : kept->largest;
    eb_buf_add(&kept->buf, data, len);
    return APR_SUCCESS;
}

static apr_status_t write_it(kept_t *kept, int *failed, const eb_package_t *package,
                             apr_size_t room, apr_pool_t *pool)
{
    eb_package_flow_t flow;

    *kept = (kept_t){.sink.take = keep, .room = room};
    eb_buf_init(&kept->buf, 0, pool);
    eb_package_flow(&flow, package);
    problem = NULL;
    apr_status_t rv = flow.source.pour(&flow.source, &kept->sink, &problem, pool);
    *failed = flow.failed;
    return rv;
}

/* A reader of bytes in memory. */
typedef struct memory_reader_t {
    eb_reader_t reader;
    const char *data;
    int reads;
    apr_uint64_t broken_from;
} memory_reader_t;

static apr_status_t at(eb_reader_t *reader, apr_uint64_t offset, void *out, apr_size_t len,
                       eb_problem_t **p, apr_pool_t *pool)
{
    memory_reader_t *m = (memory_reader_t *)reader;

    m->reads++;
    if (offset > reader->len || len > reader->len - offset)
        return APR_EOF;
    if (m->broken_from && offset + len > m->broken_from)
        return eb_problem_set(p, EB_P_PACKAGE_BROKEN, APR_EGENERAL, NULL, pool, "broken");
    memcpy(out, m->data + offset, len);
    return APR_SUCCESS;
}

static memory_reader_t reader_of(const char *data, apr_size_t len)
{
    return (memory_reader_t){.reader = {.len = len, .at = at}, .data = data};
}

static apr_status_t read_it(eb_package_t *got, const char *data, apr_size_t len, apr_pool_t *pool)
{
    memory_reader_t *m = apr_palloc(pool, sizeof *m);
    *m = reader_of(data, len);
    problem = NULL;
    return eb_package_read(got, &m->reader, &problem, pool);
}

static void test_round_trip(apr_pool_t *pool)
{
    eb_package_t p = sample(), got;
    kept_t kept, back;
    int failed;
    bool own;

    is_int(write_it(&kept, &failed, &p, 200000, pool), APR_SUCCESS, "written");
    is_int(failed, -1, "nothing failed");
    ok(kept.largest < 10000, "in blocks");
    if (!is_int(read_it(&got, kept.buf.data, kept.buf.len, pool), APR_SUCCESS, "read back"))
        return;
    is_str(got.uuid, p.uuid, "uuid");
    is_str(got.number, p.number, "number");
    is_str(got.authority, p.authority, "authority");
    is_str(got.schema, p.schema, "schema");
    is_int(got.message_len, p.message_len, "length of the message");
    is_str(got.message, p.message, "message, which ends with a NUL");
    is_int(got.attachments_count, 2, "two documents");
    for (int i = 0; i < 2; i++) {
        const eb_attachment_t *a = &got.attachments[i], *want = &documents[i];
        ok(!strcmp(a->name, want->name) && !strcmp(a->type, want->type) &&
               !strcmp(a->purpose, want->purpose) && !strcmp(a->sha512, want->sha512) &&
               a->size == want->size,
           "described as they were");
        for (int twice = 0; twice < 2; twice++) {
            back = (kept_t){.sink.take = keep, .room = 200000};
            eb_buf_init(&back.buf, 0, pool);
            is_int(eb_attachment_pour(a, &back.sink, &own, &problem, pool), APR_SUCCESS, "poured");
            ok(back.buf.len == want->size && bytes_same(back.buf.data, 7, 0, back.buf.len),
               "byte for byte");
        }
    }
}

static void test_cut(apr_pool_t *pool)
{
    eb_package_t p = sample(), got;
    kept_t kept;
    int failed;
    bool refused = true;

    sources[0].len = documents[0].size = 20;
    write_it(&kept, &failed, &p, 200000, pool);
    for (apr_size_t len = 0; len < kept.buf.len; len++)
        refused = refused &&
                  read_it(&got, apr_pmemdup(pool, kept.buf.data, len), len, pool) == APR_EINVAL;
    ok(refused, "cut anywhere it is refused");
    eb_buf_putc(&kept.buf, '\0');
    is_int(read_it(&got, kept.buf.data, kept.buf.len, pool), APR_EINVAL, "and with one byte more");
}

/* Whatever a byte is changed to, reading stays inside (the sanitizer looks on). */
static void test_changed(apr_pool_t *pool)
{
    eb_package_t p = sample(), got;
    kept_t kept, back;
    int good = 0, failed;
    bool own;
    apr_pool_t *sub;

    sources[0].len = documents[0].size = 20;
    write_it(&kept, &failed, &p, 200000, pool);
    apr_pool_create(&sub, pool);
    for (apr_size_t i = 0; i < kept.buf.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            char *copy = malloc(kept.buf.len);
            memcpy(copy, kept.buf.data, kept.buf.len);
            copy[i] ^= (char)(1 << bit);
            bool read = read_it(&got, copy, kept.buf.len, sub) == APR_SUCCESS;
            good += read;
            for (int a = 0; read && a < got.attachments_count; a++) {
                back = (kept_t){.sink.take = keep, .room = 200000};
                eb_buf_init(&back.buf, 0, sub);
                eb_attachment_pour(&got.attachments[a], &back.sink, &own, &problem, sub);
            }
            free(copy);
            apr_pool_clear(sub);
        }
    }
    ok(good > 0, "a changed content is for the seal to find");
    kept.buf.data[3] = 1;
    is_int(read_it(&got, kept.buf.data, kept.buf.len, pool), APR_EINVAL, "a changed format is not");
}

/* Whose fault a failure is, and what it is called. */
static void test_failures(apr_pool_t *pool)
{
    eb_package_t p = sample(), got;
    kept_t kept;
    int failed;

    sources[1].failure = APR_NOTFOUND;
    is_int(write_it(&kept, &failed, &p, 200000, pool), APR_NOTFOUND, "a source that fails");
    is_int(failed, 1, "is the second");
    is_int(problem ? (int)problem->number : -1, EB_P_DOCUMENT_UNREAD, "with a problem");
    p = sample();
    sources[0].len--;
    is_int(write_it(&kept, &failed, &p, 200000, pool), APR_EGENERAL, "one that is too short");
    is_int(failed, 0, "is the first");
    is_int(problem ? (int)problem->number : -1, EB_P_DOCUMENT_SIZE, "with a problem");
    sources[0].len += 2;
    is_int(write_it(&kept, &failed, &p, 200000, pool), APR_EGENERAL, "one that is too long");
    is_int(failed, 0, "is the first");
    is_int(problem ? (int)problem->number : -1, EB_P_DOCUMENT_SIZE, "with a problem");
    ok(kept.buf.len < PASS_LEN + 2000, "and is not let through");
    p = sample();
    is_int(write_it(&kept, &failed, &p, 50000, pool), APR_ENOSPC, "a sink that is full");
    is_int(failed, -1, "is not a document's fault");
    is_int(problem ? (int)problem->number : -1, EB_P_SPOOL_FULL, "its problem is its own");

    write_it(&kept, &failed, &p, 200000, pool);
    memory_reader_t m = reader_of(kept.buf.data, kept.buf.len);
    m.broken_from = 4;
    is_int(eb_package_read(&got, &m.reader, &problem, pool), APR_EGENERAL, "a reader that fails");
    m.broken_from = 50000;
    problem = NULL;
    is_int(eb_package_read(&got, &m.reader, &problem, pool), APR_SUCCESS, "later");
    bool own;
    is_int(eb_attachment_pour(&got.attachments[0], &kept.sink, &own, &problem, pool), APR_EGENERAL,
           "fails where it is broken");
    ok(own && problem && problem->number == EB_P_PACKAGE_BROKEN, "and says so");
}

static void test_names(apr_pool_t *pool)
{
    static const char *const bad[] = {"",     ".pdf", "..", "a/b",          "../b",  "a\\b", "a b",
                                      "a\nb", "-a",   "_a", "\xC3\xA4.pdf", "a\x7F", "a:b"};
    char name[EB_ATTACHMENT_NAME_MAX + 2];
    bool all = true;

    sample();
    is_int(eb_attachments_safe(documents, 2, &problem, pool), APR_SUCCESS, "good names");
    is_int(eb_attachments_safe(NULL, 0, &problem, pool), APR_SUCCESS, "none");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        documents[1].name = bad[i];
        all = all && eb_attachments_safe(documents, 2, &problem, pool) == APR_EINVAL;
    }
    ok(all, "names that could lead elsewhere, or be read wrongly");
    memset(name, 'x', sizeof name);
    documents[1].name = name;
    name[EB_ATTACHMENT_NAME_MAX + 1] = '\0';
    is_int(eb_attachments_safe(documents, 2, &problem, pool), APR_EINVAL, "a long name");
    name[EB_ATTACHMENT_NAME_MAX] = '\0';
    is_int(eb_attachments_safe(documents, 2, &problem, pool), APR_SUCCESS, "just not too long");
    documents[1].name = "01-PASS.pdf";
    is_int(eb_attachments_safe(documents, 2, &problem, pool), APR_EINVAL, "a name that is taken");
    is_int(problem->number, EB_P_DOCUMENT_NAME, "and its problem");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_round_trip(pool);
    test_cut(pool);
    test_changed(pool);
    test_failures(pool);
    test_names(pool);
    return done();
}
