/* The header is XÖV's: cut out of one of our messages, it is valid against KoSIT's own schema of
 * the Basisnachricht g2g 1.1. And what an administrator may write into it is known before the first
 * message. */
#include "message.h"
#include "tap.h"

#include "message/catalog.h"
#include "message/schema.h"

#include <unistd.h>

#define G2G     "../shared/data/xoev-bibliothek/xoev-basisnachricht-unqualified-g2g_1.1.xsd"
#define CATALOG "../shared/data/catalog/catalog.xml"

/* KoSIT declares types only: this gives their header type the element that a message has. */
static const char *driver(apr_pool_t *pool)
{
    char folder[1024];
    const char *file = apr_psprintf(pool, "/tmp/eb-g2g-%d.xsd", (int)getpid());
    FILE *f = fopen(file, "w");

    if (!f || !getcwd(folder, sizeof folder))
        return NULL;
    fprintf(f,
            "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:test'"
            " xmlns:g='http://xoev.de/schemata/basisnachricht/unqualified/g2g/1_1'>"
            "<xs:import namespace='http://xoev.de/schemata/basisnachricht/unqualified/g2g/1_1'"
            " schemaLocation='%s/%s'/>"
            "<xs:element name='nachricht' type='g:Nachricht.G2GType'/></xs:schema>",
            folder, G2G);
    fclose(f);
    return file;
}

/* The message without its content, under the driver's name. */
static void reduce(xmlDocPtr doc)
{
    xmlNodePtr root = xmlDocGetRootElement(doc), n = xmlFirstElementChild(root);

    for (n = xmlNextElementSibling(n); n;) {
        xmlNodePtr next = xmlNextElementSibling(n);
        xmlUnlinkNode(n);
        xmlFreeNode(n);
        n = next;
    }
    xmlNodeSetName(root, (const xmlChar *)"nachricht");
    xmlSetNs(root, xmlNewNs(root, (const xmlChar *)"urn:test", (const xmlChar *)"t"));
}

static void test_kosit(const bench_t *b, const char *example)
{
    eb_catalog_t *catalog;
    xmlSchemaPtr schema = NULL;
    eb_problem_t *problem = NULL;

    if (access(G2G, R_OK) != 0) {
        skip(3, "../shared/data/xoev-bibliothek is not there");
        return;
    }
    const char *file = driver(b->pool);
    apr_status_t rv = eb_catalog_load(&catalog, CATALOG, &problem, b->pool);
    if (rv == APR_SUCCESS)
        rv = eb_schema_load(&schema, file, catalog, &problem, b->pool);
    if (!ok(rv == APR_SUCCESS, "KoSIT's Basisnachricht loads"))
        printf("# %s\n", eb_problem_text(problem, b->pool));
    unlink(file);

    eb_profile_t theirs = {.schema = schema, .xsd = "xoev-basisnachricht-unqualified-g2g_1.1.xsd"};
    xmlDocPtr doc = xmlReadFile(example, NULL, XML_PARSE_NONET);
    reduce(doc);
    rv = eb_profile_check(&theirs, doc, &problem, b->pool);
    if (!ok(rv == APR_SUCCESS, "our header is valid there"))
        printf("# %s\n", eb_problem_text(problem, b->pool));
    xmlNodePtr head = xmlFirstElementChild(xmlDocGetRootElement(doc));
    xmlNewChild(head, NULL, (const xmlChar *)"fremd", NULL);
    ok(eb_profile_check(&theirs, doc, &problem, b->pool) != APR_SUCCESS, "… not by accident");
    xmlFreeDoc(doc);
}

static void refused(const bench_t *b, eb_header_t header, const char *words)
{
    eb_problem_t *problem = NULL;

    ok(eb_header_check(&header, &problem, b->pool) == APR_EINVAL, words);
    is_str(problem ? problem->id : NULL, "EB0509", "… has its id");
    ok(problem && strstr(problem->what, words), "… and says it");
}

/* What the check refuses is what would have made the message invalid. */
static void agrees(const bench_t *b, eb_header_t header, const char *name)
{
    eb_instance_t *in = fixture_load(b->form, "t/message/instances/01-ledige-person.txt", b->pool);
    eb_context_t c = message_context(b, in);
    eb_problem_t *problem = NULL;
    const char *xml;
    apr_size_t len;

    eb_rules_calculate(in, &c);
    header.sha512 = fixture_digests(&c);
    bool early = eb_header_check(&header, &problem, b->pool) == APR_SUCCESS;
    bool late =
        eb_message_build(&xml, &len, b->profile, &header, &c, &problem, b->pool) == APR_SUCCESS;
    ok(early == late, name);
}

static void test_settings(const bench_t *b)
{
    eb_header_t h = b->header;
    eb_problem_t *problem = NULL;
    char *longest = apr_pcalloc(b->pool, 502);

    is_int(eb_header_check(&h, &problem, b->pool), APR_SUCCESS, "good settings");
    agrees(b, h, "… are good in a message");
    h.reader.name = "Amt \xE2\x80\x9ENord\xE2\x80\x9C";
    refused(b, h, "holds \"\xE2\x80\x9E\", which no message may");
    agrees(b, h, "… nor does a message take them");
    h = b->header;
    h.author.id = NULL;
    refused(b, h, "The id of the author is missing");
    agrees(b, h, "… nor does a message take it");
    h = b->header;
    h.reader.phone = "0521\n123";
    refused(b, h, "telephone number of the reader is not one line");
    h = b->header;
    memset(longest, 'a', 501);
    h.reader.name = longest;
    refused(b, h, "longer than 500");
    agrees(b, h, "… nor does a message take it");
    longest[500] = '\0';
    is_int(eb_header_check(&h, &problem, b->pool), APR_SUCCESS, "500 characters are good");
    agrees(b, h, "… in a message too");
    h.ags = "0571100";
    refused(b, h, "neither an AGS");
    agrees(b, h, "… nor does a message take it");
    h.ags = "057110000000";
    is_int(eb_header_check(&h, &problem, b->pool), APR_SUCCESS, "an ARS is good");
    agrees(b, h, "… in a message too");
}

int main(void)
{
    bench_t b;

    if (!ok(message_begin(&b, tap_begin()), "form and profile load"))
        return done();
    test_kosit(&b, "t/message/01-ledige-person.xml");
    test_settings(&b);
    return done();
}
