/* The forty lines of the handbook, as they are printed there: catalog and stylesheet, with the
 * publisher's names filled in, plug a standard in whose header, codes and letters are KoSIT's own
 * schemas, fetched from nowhere. */
#include "message.h"
#include "scratch.h"
#include "tap.h"

#include <glob.h>
#include <unistd.h>

#define HANDBOOK "conf/doc/handbook.md"
#define LIBRARY  "../shared/data/xoev-bibliothek/"

/* What a publisher hands out. */
static const char standard[] =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:example:probe'"
    " elementFormDefault='qualified' xmlns:s='urn:example:probe'"
    " xmlns:code='http://xoev.de/schemata/code/1_0'"
    " xmlns:din='urn:xoev-de:kosit:xoev:datentyp:din-91379_2022-08'"
    " xmlns:g2g='http://xoev.de/schemata/basisnachricht/unqualified/g2g/1_1'>"
    "<xs:import namespace='http://xoev.de/schemata/code/1_0'"
    " schemaLocation='http://xoev.de/schemata/code/1_0/xoev-code.xsd'/>"
    "<xs:import namespace='urn:xoev-de:kosit:xoev:datentyp:din-91379_2022-08' schemaLocation="
    "'https://xoev.de/schemata/din/91379/2022-08/din-norm-91379-datatypes.xsd'/>"
    "<xs:import namespace='http://xoev.de/schemata/basisnachricht/unqualified/g2g/1_1'"
    " schemaLocation='http://xoev.de/schemata/basisnachricht/unqualified/g2g/1_1/"
    "xoev-basisnachricht-unqualified-g2g_1.1.xsd'/>"
    "<xs:element name='antrag.probe.0815'><xs:complexType><xs:complexContent>"
    "<xs:extension base='g2g:Nachricht.G2GType'><xs:sequence>"
    "<xs:element name='vorgangsnummer' type='din:datatypeC'/>"
    "<xs:element name='person'><xs:complexType><xs:sequence>"
    "<xs:element name='familienname' type='din:datatypeA'/>"
    "<xs:element name='geschlecht' type='code:Code'/>"
    "</xs:sequence></xs:complexType></xs:element></xs:sequence></xs:extension>"
    "</xs:complexContent></xs:complexType></xs:element></xs:schema>";

/* From the first to the second mark, both included. */
static const char *excerpt(const char *text, const char *from, const char *to, apr_pool_t *pool)
{
    const char *start = text ? strstr(text, from) : NULL, *end = start ? strstr(start, to) : NULL;

    return end ? apr_pstrmemdup(pool, start, (apr_size_t)(end - start) + strlen(to)) : NULL;
}

static const char *replaced(const char *text, const char *what, const char *by, apr_pool_t *pool)
{
    const char *next = strstr(text, what);

    return !next ? text
                 : apr_pstrcat(pool, apr_pstrmemdup(pool, text, (apr_size_t)(next - text)), by,
                               replaced(next + strlen(what), what, by, pool), NULL);
}

static int lines_of(const char *text)
{
    int count = 1;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static const char *in_dir(const char *dir, const char *name, apr_pool_t *pool)
{
    return apr_pstrcat(pool, dir, "/", name, NULL);
}

/* Catalog and stylesheet of the handbook and the publisher's files, each where it says. */
static bool lay_out(const char *dir, apr_pool_t *pool)
{
    char *text = apr_pcalloc(pool, 200 * 1000);
    FILE *f = fopen(HANDBOOK, "rb");

    if (!f || !fread(text, 1, 200 * 1000 - 1, f))
        return false;
    fclose(f);
    const char *block = excerpt(text, "```xml\n<!-- catalog.xml", "\n```", pool);
    const char *catalog = excerpt(block, "<catalog", "</catalog>", pool);
    const char *style = excerpt(block, "<xsl:stylesheet", "</xsl:stylesheet>", pool);
    if (!catalog || !style)
        return false;
    ok(lines_of(block) <= 45, "forty lines, more or less");
    style = replaced(style, "NAMESPACE", "urn:example:probe", pool);
    style = replaced(style, "STANDARD", "Probe", pool);
    style = replaced(style, "NAME", "probe", pool);
    style = replaced(style, "0000", "0815", pool);
    scratch_write(in_dir(dir, "catalog.xml", pool), catalog);
    scratch_write(in_dir(dir, "antrag.xsl", pool), style);
    scratch_write(in_dir(dir, "antrag.xsd", pool), standard);
    return system(apr_psprintf(
               pool,
               "from=$PWD/" LIBRARY " && cd %s && d=xoev/din/91379/2022-08 c=xoev/code/1_0 "
               "g=xoev/basisnachricht/unqualified/g2g/1_1 && mkdir -p $d $c $g && "
               "cp $from/din-norm-91379-datatypes.xsd $d && cp $from/xoev-code.xsd $c && "
               "cp $from/xoev-basisnachricht-unqualified-g2g_1.1.xsd $g",
               dir)) == 0;
}

static bool lint(const char *dir, const char *xml, apr_pool_t *pool)
{
    scratch_write(in_dir(dir, "message.xml", pool), xml);
    return system(apr_psprintf(pool,
                               "cd %s && XML_CATALOG_FILES=catalog.xml xmllint --nonet --noout "
                               "--schema antrag.xsd message.xml 2>/dev/null",
                               dir)) == 0;
}

static void test_examples(const bench_t *b, const char *dir)
{
    int made = 0, valid = 0;
    glob_t fixtures;

    glob("t/message/instances/*.txt", 0, NULL, &fixtures);
    for (size_t i = 0; i < fixtures.gl_pathc; i++) {
        eb_instance_t *in = fixture_load(b->form, fixtures.gl_pathv[i], b->pool);
        eb_context_t c = message_context(b, in);
        apr_size_t len;
        eb_rules_calculate(in, &c);
        const char *xml = message_of(b, in, &len);
        made += xml != NULL;
        valid += xml && lint(dir, xml, b->pool);
    }
    is_int(made, (long long)fixtures.gl_pathc, "every example becomes a message");
    is_int(valid, made, "valid for xmllint as well, through the same catalog");
    globfree(&fixtures);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_problem_t *problem = NULL;
    bench_t b;

    if (access(LIBRARY "xoev-code.xsd", R_OK)) {
        skip(1, LIBRARY " is not there");
        return done();
    }
    const char *dir = scratch_make_fast(pool);
    if (message_begin(&b, pool) && ok(lay_out(dir, pool), "as the handbook says")) {
        if (is_int(eb_profile_load(&b.profile, in_dir(dir, "antrag.xsl", pool),
                                   in_dir(dir, "antrag.xsd", pool),
                                   in_dir(dir, "catalog.xml", pool), &problem, pool),
                   APR_SUCCESS, "it loads"))
            test_examples(&b, dir);
        else
            printf("# %s\n", problem ? eb_problem_text(problem, pool) : "?");
    }
    scratch_remove(dir);
    return done();
}
