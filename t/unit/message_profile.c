/* Loading a profile: what is accepted, what is refused and with which words, and that neither
 * loading nor transforming opens anything that was not named. XWasser, a real XÖV standard that
 * imports KoSIT's library by http addresses, stands in for the standard of an authority. */
#include "message/profile.h"
#include "tap.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <dirent.h>
#include <libxml/parser.h>
#include <unistd.h>

#define XSL    "schemas/message/einbuergerung.xsl"
#define XSD    "schemas/message/einbuergerung.xsd"
#define SHARED "../shared/data/"

static const char *folder;

static const char *write_file(const char *name, const char *text, apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, folder, "/", name, NULL);
    FILE *f = fopen(path, "w");
    if (f) {
        fputs(text, f);
        fclose(f);
    }
    return path;
}

static const char *stylesheet(const char *name, const char *body, apr_pool_t *pool)
{
    return write_file(name,
                      apr_pstrcat(pool,
                                  "<xsl:stylesheet version='1.0' "
                                  "xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>\n",
                                  body, "\n</xsl:stylesheet>\n", NULL),
                      pool);
}

static const char *schema(const char *name, const char *target, const char *body, apr_pool_t *pool)
{
    return write_file(
        name,
        apr_pstrcat(pool, "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' ",
                    target ? apr_psprintf(pool, "targetNamespace='%s' xmlns:t='%s'", target, target)
                           : "",
                    ">\n", body, "\n</xs:schema>\n", NULL),
        pool);
}

/* Loads and expects a problem with this id, whose text contains `words`. */
static void refused(const char *xsl, const char *xsd, const char *catalog, const char *id,
                    const char *words, apr_pool_t *pool)
{
    eb_profile_t *profile = NULL;
    eb_problem_t *problem = NULL;
    apr_status_t rv = eb_profile_load(&profile, xsl, xsd, catalog, &problem, pool);

    ok(rv != APR_SUCCESS && !profile, words);
    is_str(problem ? problem->id : NULL, id, "… has its id");
    const char *text = problem ? eb_problem_text(problem, pool) : "(none)";
    if (!ok(strstr(text, words) != NULL, "… and says it"))
        printf("#   said: %s\n", text);
}

static void test_stylesheets(apr_pool_t *pool)
{
    refused("/nonexistent.xsl", XSD, NULL, "EB0501", "/nonexistent.xsl: The file cannot be read",
            pool);
    refused(write_file("bad.xsl", "<a>\n<b></a>", pool), XSD, NULL, "EB0501", "bad.xsl:2", pool);
    refused(write_file("empty.xsl", "", pool), XSD, NULL, "EB0501", "not well-formed", pool);
    refused(folder, XSD, NULL, "EB0501", "cannot be read", pool);
    refused(stylesheet("import.xsl", "<xsl:import href='http://192.0.2.1/x.xsl'/>", pool), XSD,
            NULL, "EB0503", "import.xsl:2: A stylesheet is one file; xsl:import is not available",
            pool);
    refused(stylesheet("include.xsl", "<xsl:include href='other.xsl'/>", pool), XSD, NULL, "EB0503",
            "xsl:include is not available", pool);
    refused(stylesheet("latin1.xsl", "<xsl:output encoding='ISO-8859-1'/>", pool), XSD, NULL,
            "EB0503", "encoding=\"UTF-8\"", pool);
    refused(stylesheet("text.xsl", "<xsl:output method='text'/>", pool), XSD, NULL, "EB0503",
            "method=\"xml\"", pool);
    refused(write_file("entity.xsl",
                       "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>", pool),
            XSD, NULL, "EB0501", "external entity", pool);
}

static void test_schemas(apr_pool_t *pool)
{
    refused(XSL, "/nonexistent.xsd", NULL, "EB0501", "/nonexistent.xsd", pool);
    refused(XSL, XSL, NULL, "EB0504", "The root element is not xs:schema", pool);
    refused(XSL, schema("no-target.xsd", NULL, "", pool), NULL, "EB0504", "no targetNamespace",
            pool);
    refused(XSL,
            schema("http.xsd", "urn:a",
                   "<xs:import namespace='urn:b' schemaLocation='http://192.0.2.1/b.xsd'/>", pool),
            NULL, "EB0505",
            "http.xsd:2: No file and no catalog entry for \"http://192.0.2.1/b.xsd\"", pool);
    refused(XSL,
            schema("missing.xsd", "urn:a",
                   "\n<xs:import namespace='urn:b' schemaLocation='gone.xsd'/>", pool),
            NULL, "EB0505", "missing.xsd:3: No file", pool);
    refused(XSL, schema("broken.xsd", "urn:a", "<xs:element name='e' type='t:nothing'/>", pool),
            NULL, "EB0504", "does not compile", pool);
}

static const char *catalog(const char *name, const char *body, apr_pool_t *pool)
{
    return write_file(name,
                      apr_pstrcat(pool,
                                  "<catalog xmlns='urn:oasis:names:tc:entity:xmlns:xml:catalog'>\n",
                                  body, "\n</catalog>\n", NULL),
                      pool);
}

static void test_catalogs(apr_pool_t *pool)
{
    refused(XSL, XSD, "/nonexistent.xml", "EB0501", "/nonexistent.xml", pool);
    refused(XSL, XSD, XSD, "EB0502", "not \"catalog\"", pool);
    refused(XSL, XSD, catalog("next.xml", "<nextCatalog catalog='x'/>", pool), "EB0502",
            "next.xml:2: The entry \"nextCatalog\" is not understood", pool);
    refused(XSL, XSD, catalog("half.xml", "<system systemId='http://a/'/>", pool), "EB0502",
            "needs the attributes systemId and uri", pool);

    eb_problem_t *problem = NULL;
    eb_profile_t *profile = NULL;
    schema("b.xsd", "urn:b",
           "<xs:simpleType name='b'><xs:restriction base='xs:token'/></xs:simpleType>", pool);
    const char *a =
        schema("a.xsd", "urn:a",
               "<xs:import namespace='urn:b' schemaLocation='http://b.example/v1/b.xsd'/>"
               "<xs:element name='e' type='b:b' xmlns:b='urn:b'/>",
               pool);
    const char *bodies[] = {
        "<system systemId='http://b.example/v1/b.xsd' uri='b.xsd'/>",
        "<uri name='http://b.example/v1/b.xsd' uri='b.xsd'/>",
        "<rewriteSystem systemIdStartString='http://b.example/' rewritePrefix='no/'/>"
        "<rewriteSystem systemIdStartString='http://b.example/v1/' rewritePrefix='./'/>",
        "<group xml:base='./'><rewriteURI uriStartString='http://b.example/v1/' rewritePrefix=''/>"
        "</group>",
    };
    for (int i = 0; i < 4; i++) {
        const char *file = catalog(apr_psprintf(pool, "c%d.xml", i), bodies[i], pool);
        if (!ok(eb_profile_load(&profile, XSL, a, file, &problem, pool) == APR_SUCCESS, bodies[i]))
            printf("#   %s\n", eb_problem_text(problem, pool));
    }
}

/* Imports in a circle are fine between files, and refused where only a catalog closes the circle:
 * libxml2 would open the address. */
static void test_circles(apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    eb_profile_t *profile = NULL;
    const char *one = schema("one.xsd", "urn:one",
                             "<xs:import namespace='urn:two' schemaLocation='two.xsd'/>"
                             "<xs:element name='e' type='u:t' xmlns:u='urn:two'/>"
                             "<xs:simpleType name='s'><xs:restriction base='xs:token'/>"
                             "</xs:simpleType>",
                             pool);
    const char *two = "<xs:import namespace='urn:one' schemaLocation='%s'/>"
                      "<xs:simpleType name='t'><xs:restriction base='u:s' xmlns:u='urn:one'/>"
                      "</xs:simpleType>";

    schema("two.xsd", "urn:two", apr_psprintf(pool, two, "one.xsd"), pool);
    ok(eb_profile_load(&profile, XSL, one, NULL, &problem, pool) == APR_SUCCESS,
       "a circle of files");
    schema("two.xsd", "urn:two", apr_psprintf(pool, two, "http://one.example/one.xsd"), pool);
    refused(XSL, one,
            catalog("circle.xml", "<system systemId='http://one.example/one.xsd' uri='one.xsd'/>",
                    pool),
            "EB0505", "imports in a circle", pool);
}

static bool valid(const eb_profile_t *profile, const char *file, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    xmlDocPtr doc = xmlReadFile(file, NULL, XML_PARSE_NONET);
    bool good = doc && eb_profile_check(profile, doc, &problem, pool) == APR_SUCCESS;

    if (problem)
        printf("# %s: %s\n", file, problem->what);
    xmlFreeDoc(doc);
    return good;
}

/* 13 of XWasser's 15 examples are valid; two carry an older version of a code list. */
static void test_xwasser(apr_pool_t *pool)
{
    eb_profile_t *profile = NULL;
    eb_problem_t *problem = NULL;
    const char *examples = SHARED "xwasser/examples";
    DIR *dir = opendir(examples);
    int good = 0, bad = 0;

    if (!dir) {
        skip(4, SHARED "xwasser is not there");
        return;
    }
    refused(XSL, SHARED "xwasser/schemas/xwasser.xsd", NULL, "EB0505", "xoev.de", pool);
    if (!ok(eb_profile_load(&profile, XSL, SHARED "xwasser/schemas/xwasser.xsd",
                            SHARED "catalog/catalog.xml", &problem, pool) == APR_SUCCESS,
            "a real XÖV standard loads through its catalog"))
        printf("# %s\n", eb_problem_text(problem, pool));
    for (struct dirent *e = readdir(dir); profile && e; e = readdir(dir)) {
        if (e->d_name[0] != '.')
            valid(profile, apr_pstrcat(pool, examples, "/", e->d_name, NULL), pool) ? good++
                                                                                    : bad++;
    }
    closedir(dir);
    is_int(good, 13, "13 examples are valid");
    is_int(bad, 2, "2 are not");
}

/* A stylesheet that tries to read and to write: it stops, or gets nothing. */
static void test_locked_in(apr_pool_t *pool)
{
    const char *marker = apr_pstrcat(pool, folder, "/written.xml", NULL);
    const char *secret = write_file("secret.xml", "<secret>geheim</secret>", pool);
    const char *attempts[] = {
        apr_psprintf(pool, "<xsl:copy-of select=\"document('%s')\"/>", secret),
        "<xsl:copy-of select=\"document('http://192.0.2.1/')\"/>",
        apr_psprintf(pool,
                     "<x:document xmlns:x='http://exslt.org/common' href='%s'><a/></x:document>",
                     marker),
        apr_psprintf(pool,
                     "<x:output xmlns:x='http://icl.com/saxon' file='%s' "
                     "xsl:extension-element-prefixes='x'><a/></x:output>",
                     marker),
    };

    for (int i = 0; i < 4; i++) {
        eb_profile_t *profile = NULL;
        eb_problem_t *problem = NULL;
        xmlDocPtr source = xmlParseMemory("<vorgang/>", 10), message = NULL;
        const char *xsl = stylesheet(apr_psprintf(pool, "attempt%d.xsl", i),
                                     apr_pstrcat(pool, "<xsl:template match='/'><out>", attempts[i],
                                                 "</out></xsl:template>", NULL),
                                     pool);
        apr_status_t rv = eb_profile_load(&profile, xsl, XSD, NULL, &problem, pool);
        if (rv == APR_SUCCESS)
            rv = eb_profile_transform(&message, profile, source, &problem, pool);
        xmlChar *text = message ? xmlNodeGetContent((xmlNodePtr)message) : NULL;
        ok(rv != APR_SUCCESS || !text || !strstr((char *)text, "geheim"), attempts[i]);
        ok(access(marker, F_OK) != 0, "… and nothing is written");
        xmlFree(text);
        xmlFreeDoc(message);
        xmlFreeDoc(source);
    }
}

static void test_stopped(apr_pool_t *pool)
{
    eb_profile_t *profile = NULL;
    eb_problem_t *problem = NULL;
    xmlDocPtr source = xmlParseMemory("<vorgang>Geheimnis</vorgang>", 28), message = NULL;
    const char *xsl = stylesheet(
        "stop.xsl",
        "<xsl:template match='/'><a><xsl:message terminate='yes'><xsl:value-of select='.'/>"
        "</xsl:message></a></xsl:template>",
        pool);

    is_int(eb_profile_load(&profile, xsl, XSD, NULL, &problem, pool), APR_SUCCESS, "it compiles");
    ok(eb_profile_transform(&message, profile, source, &problem, pool) != APR_SUCCESS && !message,
       "a stylesheet that stops makes no message");
    is_str(problem ? problem->id : NULL, "EB0506", "… and a problem");
    ok(problem && !strstr(eb_problem_text(problem, pool), "Geheimnis"), "… without the content");
    xmlFreeDoc(source);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    char template[] = "/tmp/eb-profile-XXXXXX";
    eb_profile_t *profile = NULL;
    eb_problem_t *problem = NULL;

    folder = mkdtemp(template);
    if (!ok(eb_profile_load(&profile, XSL, XSD, NULL, &problem, pool) == APR_SUCCESS,
            "our own profile loads"))
        printf("# %s\n", problem ? eb_problem_text(problem, pool) : "no problem");
    test_stylesheets(pool);
    test_schemas(pool);
    test_catalogs(pool);
    test_circles(pool);
    test_xwasser(pool);
    test_locked_in(pool);
    test_stopped(pool);
    return system(apr_psprintf(pool, "rm -r '%s'", folder)) == 0 ? done() : 1;
}
