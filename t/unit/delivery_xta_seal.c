/* Contents encrypted for a reader: xmlsec1, which shares nothing with us but OpenSSL, opens them;
 * the certificate is the one that is valid; forty megabytes take no more memory than one. */
#include "delivery/xta/content.h"
#include "delivery/xta/names.h"
#include "delivery/xta/xmlenc.h"
#include "delivery/xta/xta.h"
#include "base/buf.h"
#include "bytes.h"
#include "memory.h"
#include "scratch.h"

#include <apr_errno.h>

static eb_problem_t *problem;
static const char *dir;

static bool run(apr_pool_t *pool, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *command = apr_pvsprintf(pool, format, args);
    va_end(args);
    return system(apr_psprintf(pool, "cd %s && (%s) 2>>errors", dir, command)) == 0;
}

static bool make_certificate(const char *name, int days, const char *key, apr_pool_t *pool)
{
    return run(pool,
               "openssl req -x509 -newkey %s -nodes -keyout %s.key -out %s.pem -days %d "
               "-subj /CN=%s",
               key, name, name, days, name);
}

static const char *in_dir(const char *name, apr_pool_t *pool)
{
    return apr_pstrcat(pool, dir, "/", name, NULL);
}

typedef struct kept_t {
    eb_sink_t sink;
    eb_buf_t buf;
    apr_uint64_t len;
    bool dropped;
} kept_t;

static apr_status_t keep(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **p,
                         apr_pool_t *pool)
{
    kept_t *kept = (kept_t *)sink;

    (void)p, (void)pool;
    kept->len += len;
    if (!kept->dropped)
        eb_buf_add(&kept->buf, data, len);
    return APR_SUCCESS;
}

static void pour(kept_t *kept, eb_source_t *source, bool dropped, apr_pool_t *pool)
{
    *kept = (kept_t){.sink.take = keep, .dropped = dropped};
    eb_buf_init(&kept->buf, 100, pool);
    is_int(source->pour(source, &kept->sink, &problem, pool), APR_SUCCESS, "poured");
}

/* The document that a reader without MTOM would see. */
static void write_document(const eb_xmlenc_t *e, const kept_t *sealed, const char *file,
                           apr_pool_t *pool)
{
    eb_writer_t *w = eb_writer_new(pool);
    char *value = apr_palloc(pool, sealed->buf.len / 3 * 4 + 8);
    const char *text;
    apr_size_t len;

    EVP_EncodeBlock((unsigned char *)value, (unsigned char *)sealed->buf.data,
                    (int)sealed->buf.len);
    eb_xmlenc_write(w, e, "x", pool);
    eb_writer_done(&text, &len, w);
    const char *from = strstr(text, "<xop:Include"), *to = strstr(from, "/>") + 2;
    scratch_write(file,
                  apr_pstrcat(pool, apr_pstrmemdup(pool, text, (apr_size_t)(from - text)), value,
                              apr_pstrmemdup(pool, to, (apr_size_t)(text + len - to)), NULL));
}

static const eb_certificate_t *first(const char *file, apr_pool_t *pool)
{
    apr_array_header_t *list;

    problem = NULL;
    if (eb_certificates_read(&list, in_dir(file, pool), &problem, pool))
        return NULL;
    return &APR_ARRAY_IDX(list, 0, eb_certificate_t);
}

static const char opened[] =
    "<xta:ContentContainer xmlns:xta=\"" EB_NS_XTA "\">"
    "<xta:Message contentType=\"application/xml\" encoding=\"UTF-8\" filename=\"a&amp;b.xml\" "
    "size=\"4\">PGEvPg==</xta:Message>"
    "<xta:Attachment contentType=\"text/plain\" contentDescription=\"leer\"></xta:Attachment>"
    "</xta:ContentContainer>";

static void test_oracle(apr_pool_t *pool)
{
    bytes_t message = bytes_of("<a/>", 4), nothing = bytes_of("", 0);
    const eb_content_t contents[] = {
        {"application/xml", "UTF-8", "a&b.xml", NULL, NULL, 4, &message.source},
        {"text/plain", NULL, NULL, "leer", NULL, 0, &nothing.source}};
    eb_chain_t plain;
    eb_xmlenc_t e;
    kept_t kept, again;

    is_int(eb_contents_chain(&plain, contents, 2, pool), APR_SUCCESS, "a container");
    pour(&kept, &plain.source, false, pool);
    is_int(kept.len, plain.len, "is as long as it says");
    is_str(eb_buf_cstr(&kept.buf), opened, "and reads so");
    is_int(eb_xmlenc_init(&e, first("reader.pem", pool), true, &plain.source, plain.len, &problem,
                          pool),
           APR_SUCCESS, "encrypted");
    pour(&kept, &e.source, false, pool);
    pour(&again, &e.source, false, pool);
    is_int(kept.len, e.len, "is as long as it says");
    ok(kept.len == again.len && !memcmp(kept.buf.data, again.buf.data, kept.buf.len),
       "and the same when it is poured again");
    if (!run(pool, "xmlsec1 --version >/dev/null"))
        return skip(2, "no xmlsec1");
    write_document(&e, &kept, in_dir("sealed.xml", pool), pool);
    scratch_write(in_dir("want.xml", pool), opened);
    ok(run(pool, "xmlsec1 --decrypt --privkey-pem reader.key sealed.xml >opened.xml"),
       "xmlsec1 opens it");
    ok(run(pool, "xmllint --c14n want.xml >a && xmllint --c14n opened.xml >b && cmp a b"),
       "and finds what was in it");
    kept.buf.data[20] ^= 1;
    write_document(&e, &kept, in_dir("sealed.xml", pool), pool);
    ok(!run(pool, "xmlsec1 --decrypt --privkey-pem reader.key sealed.xml >opened.xml"),
       "changed, it does not");
}

static void test_certificates(apr_pool_t *pool)
{
    const apr_time_t now = apr_time_now(), day = apr_time_from_sec(86400);
    apr_array_header_t *both;

    ok(make_certificate("next", 40, "rsa:2048", pool) &&
           run(pool, "cat reader.pem next.key next.pem >both.pem"),
       "two certificates in one file");
    is_int(eb_certificates_read(&both, in_dir("both.pem", pool), &problem, pool), APR_SUCCESS,
           "read");
    is_int(both->nelts, 2, "both");
    const eb_certificate_t *c = eb_certificate_at(both, now + 20 * day, &problem, pool);
    ok(c && c->until > now + 39 * day && c->until < now + 41 * day, "later the second is taken");
    ok(eb_certificate_at(both, now, &problem, pool) != NULL, "now, one");
    ok(!eb_certificate_at(both, now + 41 * day, &problem, pool), "in the end none");
    is_int(problem->number, EB_P_XTA_CERTIFICATE_DATE, "since they are out of date");
    ok(!eb_certificate_at(both, now - day, &problem, pool), "nor before");

    ok(make_certificate("short", 10, "rsa:1024", pool), "a short key");
    is_int(eb_xmlenc_fit(first("short.pem", pool), &problem, pool), APR_EINVAL, "is refused");
    ok(make_certificate("curve", 10, "ec -pkeyopt ec_paramgen_curve:P-256", pool), "another kind");
    is_int(eb_xmlenc_fit(first("curve.pem", pool), &problem, pool), APR_EINVAL, "is refused");
    is_int(eb_xmlenc_fit(first("reader.pem", pool), &problem, pool), APR_SUCCESS, "RSA is not");
    ok(!first("reader.key", pool) && problem, "a file without a certificate");
    ok(!first("missing.pem", pool) && problem, "a file that is not there");
    ok(run(pool, "head -c 500 reader.pem >cut.pem; echo; echo ----- >>cut.pem") &&
           !first("cut.pem", pool) && problem,
       "a file that is cut");
}

static apr_status_t key_of(const char *file, const char *key, apr_pool_t *pool)
{
    const eb_certificate_t *c = first(file, pool);

    return eb_certificate_key(c, in_dir(key, pool), &problem, pool);
}

static void test_keys(apr_pool_t *pool)
{
    is_int(key_of("reader.pem", "reader.key", pool), APR_SUCCESS, "its own key");
    is_int(key_of("curve.pem", "curve.key", pool), APR_SUCCESS, "of another kind");
    is_int(key_of("reader.pem", "next.key", pool), APR_EINVAL, "another's");
    ok(strstr(problem->what, "another certificate than the first of") != NULL, "is told");
    is_int(key_of("reader.pem", "reader.pem", pool), APR_EINVAL, "none");
    is_int(key_of("reader.pem", "missing.key", pool), APR_EINVAL, "not even a file");
    ok(run(pool, "openssl pkey -aes256 -passout pass:x -in reader.key -out locked.key"), "locked");
    is_int(key_of("reader.pem", "locked.key", pool), APR_EINVAL, "it is of no use");
    ok(strstr(problem->what, "passphrase") != NULL, "and nobody is asked");
}

static eb_xta_settings_t complete(apr_pool_t *pool)
{
    return (eb_xta_settings_t){.management_url = "https://x/management",
                               .send_url = "https://x/send",
                               .cert_file = in_dir("reader.pem", pool),
                               .key_file = in_dir("reader.key", pool),
                               .author = {.id = "eip:1"},
                               .reader = {.id = "ebb:1"},
                               .service = "urn:x",
                               .scenario = {.code = "S"},
                               .message_type = {"T", "urn:t", "1"},
                               .reader_cert_file = in_dir("both.pem", pool)};
}

static apr_status_t make(const eb_xta_settings_t *s, apr_pool_t *pool)
{
    eb_transport_t *transport;

    problem = NULL;
    return eb_xta_transport(&transport, s, &problem, pool);
}

/* Each text that is needed, and taken away. */
static void test_missing(apr_pool_t *pool)
{
    const eb_xta_settings_t whole = complete(pool);
    eb_xta_settings_t s = whole;
    const char **const needed[] = {&s.management_url,    &s.send_url,
                                   &s.cert_file,         &s.author.id,
                                   &s.reader.id,         &s.service,
                                   &s.scenario.code,     &s.message_type.code,
                                   &s.message_type.list, &s.message_type.version};

    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        *needed[i] = NULL;
        is_int(make(&s, pool), APR_EINVAL, "something is missing");
        ok(problem && problem->number == EB_P_XTA_SETTING && strstr(problem->what, "missing"),
           problem ? problem->what : "and named");
        s = whole;
        *needed[i] = "a\nb";
        is_int(make(&s, pool), APR_EINVAL, "something has a control character");
        s = whole;
    }
}

static void test_settings(apr_pool_t *pool)
{
    eb_xta_settings_t s = complete(pool);
    eb_transport_t *t = NULL;

    is_int(eb_xta_transport(&t, &s, &problem, pool), APR_SUCCESS, "settings that are complete");
    is_str(t->name, "xta", "make a transport");
    is_int(eb_xta_documents_max(&s), 29000000, "encrypted, there is less room");
    s.reader_cert_file = NULL;
    is_int(eb_xta_documents_max(&s), 39000000, "than in the clear");
    s.scenario.list = "urn:s";
    is_int(make(&s, pool), APR_EINVAL, "a list without its version");
    s.scenario.version = "1";
    is_int(make(&s, pool), APR_SUCCESS, "with it");
    s.key_digest = "md5";
    is_int(make(&s, pool), APR_EINVAL, "a digest of another kind");
    s.key_digest = "sha1";
    s.size_max = 1000;
    is_int(make(&s, pool), APR_EINVAL, "no room at all");
    s.size_max = 0;
    s.send_url = "http://x/send";
    is_int(make(&s, pool), APR_EINVAL, "an address without TLS");
    s.send_url = "https://x/send";
    s.author.name = "\xFF";
    is_int(make(&s, pool), APR_EINVAL, "a name that is not UTF-8");
    s.author.name = NULL;
    s.reader_cert_file = in_dir("short.pem", pool);
    is_int(make(&s, pool), APR_EINVAL, "a reader whose key is too short");
    is_int(problem->number, EB_P_XTA_CERTIFICATE, "is told");
}

/* As many megabytes encrypted, and thrown away. */
static int seal_many(void *baton)
{
    apr_pool_t *pool;
    bytes_t bytes = bytes_made(1, *(apr_uint64_t *)baton);
    const eb_content_t content = {"a/b", NULL, NULL, NULL, NULL, bytes.len, &bytes.source};
    eb_chain_t plain;
    eb_xmlenc_t e;
    kept_t kept = {.sink.take = keep, .dropped = true};

    apr_pool_create(&pool, NULL);
    if (eb_contents_chain(&plain, &content, 1, pool) ||
        eb_xmlenc_init(&e, first("reader.pem", pool), false, &plain.source, plain.len, &problem,
                       pool) ||
        e.source.pour(&e.source, &kept.sink, &problem, pool))
        return 1;
    return kept.len != e.len;
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    apr_uint64_t small = 100000, large = 40000000;

    dir = scratch_make_fast(pool);
    ok(make_certificate("reader", 10, "rsa:2048", pool), "a certificate");
    test_oracle(pool);
    test_certificates(pool);
    test_keys(pool);
    test_missing(pool);
    test_settings(pool);
    memory_ok(seal_many, &small, &large, 2048, "40 MB take no more memory than little");
    scratch_remove(dir);
    return done();
}
