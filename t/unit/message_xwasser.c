/* The whole chain with a standard that is not ours: applications become messages of XWasser 1.0.0,
 * valid by its own, unmodified schemas through the catalog, for us as for xmllint. What is out of
 * date, or what answers, is known by the same schemas. */
#include "message/reply.h"
#include "message.h"
#include "scratch.h"
#include "tap.h"

#define SHARED  "../shared/data/"
#define XSL     "t/message/xwasser.xsl"
#define XSD     SHARED "xwasser/schemas/xwasser.xsd"
#define CATALOG SHARED "catalog/catalog.xml"

static const char *contents(const char *file, apr_size_t *len, apr_pool_t *pool)
{
    FILE *f = fopen(file, "rb");
    char *text = apr_pcalloc(pool, 1024 * 1024);

    *len = f ? fread(text, 1, 1024 * 1024 - 1, f) : 0;
    if (f)
        fclose(f);
    return text;
}

static bool lint(const char *dir, const char *xml, apr_pool_t *pool)
{
    const char *file = apr_pstrcat(pool, dir, "/message.xml", NULL);

    scratch_write(file, xml);
    return system(apr_pstrcat(
               pool, "XML_CATALOG_FILES=" CATALOG " xmllint --nonet --noout --schema " XSD " ",
               file, " 2>/dev/null", NULL)) == 0;
}

static void test_applications(bench_t *b, const char *dir)
{
    static const char *const fixtures[] = {"01-ledige-person", "02-familie-drei-kinder",
                                           "09-sehr-umfangreich"};

    for (int i = 0; i < 3; i++) {
        const char *file = apr_pstrcat(b->pool, "t/message/instances/", fixtures[i], ".txt", NULL);
        eb_instance_t *in = fixture_load(b->form, file, b->pool);
        apr_size_t len = 0;
        eb_context_t c = message_context(b, in);
        eb_rules_calculate(in, &c);
        const char *xml = message_of(b, in, &len);
        if (ok(xml != NULL, fixtures[i]))
            ok(lint(dir, xml, b->pool), "… is valid for xmllint, without a network");
    }
}

/* The same with a list version of yesterday. */
static void test_stale(bench_t *b, const char *dir)
{
    const char *file = apr_pstrcat(b->pool, dir, "/stale.xsl", NULL);
    eb_problem_t *problem = NULL;
    const char *xml;
    apr_size_t len;
    char *style = (char *)contents(XSL, &len, b->pool),
         *version = strstr(style, "nachrichtentyp\" listVersionID=\"1\"");

    if (!ok(version != NULL, "a version of a code list"))
        return;
    version[strlen("nachrichtentyp\" listVersionID=\"")] = '0';
    scratch_write(file, style);
    if (!is_int(eb_profile_load(&b->profile, file, XSD, CATALOG, &problem, b->pool), APR_SUCCESS,
                "that is out of date cannot be seen at start"))
        return;
    eb_instance_t *in = fixture_load(b->form, "t/message/instances/01-ledige-person.txt", b->pool);
    eb_context_t c = message_context(b, in);
    eb_header_t header = message_header_of(b, &c);
    is_int(eb_message_build(&xml, &len, b->profile, &header, &c, &problem, b->pool), APR_EINVAL,
           "and is caught before anything is accepted");
    is_int(problem->number, EB_P_MESSAGE_INVALID, "with a problem");
    ok(strstr(problem->what, "nachrichtentyp") != NULL, "that names the element");
}

static void test_answers(bench_t *b)
{
    eb_reply_kind_t kind = EB_REPLY_LETTER;
    eb_problem_t *problem = NULL;
    eb_reply_rules_t *rules;
    apr_size_t len;

    if (!is_int(eb_reply_rules_load(&rules, XSD, CATALOG, &problem, b->pool), APR_SUCCESS,
                "the same schemas for answers"))
        return;
    const char *xml = contents(SHARED "xwasser/examples/administration_receipt.xml", &len, b->pool);
    is_int(eb_reply_read(&kind, rules, xml, len, &problem, b->pool), APR_SUCCESS, "their receipt");
    is_int(kind, EB_REPLY_RECEIPT, "is one");
    xml = contents(SHARED "xwasser/examples/quality_report_minimal.xml", &len, b->pool);
    is_int(eb_reply_read(&kind, rules, xml, len, &problem, b->pool), APR_SUCCESS, "a report");
    is_int(kind, EB_REPLY_LETTER, "is none");
    xml = contents(SHARED "xwasser/examples/monitoring_plan_minimal.xml", &len, b->pool);
    is_int(eb_reply_read(&kind, rules, xml, len, &problem, b->pool), APR_EINVAL, "a stale one");
    is_int(problem->number, EB_P_REPLY_INVALID, "is refused");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_problem_t *problem = NULL;
    bench_t b;

    if (access(XSD, R_OK)) {
        skip(1, SHARED "xwasser is not there");
        return done();
    }
    const char *dir = scratch_make(pool);
    if (message_begin(&b, pool) &&
        is_int(eb_profile_load(&b.profile, XSL, XSD, CATALOG, &problem, pool), APR_SUCCESS,
               "a chain of stylesheet, schemas and catalog")) {
        test_applications(&b, dir);
        test_stale(&b, dir);
        test_answers(&b);
    }
    scratch_remove(dir);
    return done();
}
