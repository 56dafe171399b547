/* Our patterns for DIN 91379 against two independent tables: KoSIT's schema (a test may read it,
 * the product may not copy it) and the matcher of the form room. Every scalar value of Unicode, and
 * every pair and triple that could be one of the norm's sequences. */
#include "base/utf8.h"
#include "form/din91379.h"
#include "message/xmlfile.h"
#include "tap.h"

#include <libxml/parser.h>
#include <libxml/xmlregexp.h>
#include <libxml/xpath.h>

#define OURS  "schemas/message/din91379.xsd"
#define THEIR "../shared/data/xoev-bibliothek/din-norm-91379-datatypes.xsd"

/* Ours are two, a cheap one for the texts of most people first; a text must match one of them. */
typedef struct patterns_t {
    xmlRegexpPtr common, ours, theirs;
    eb_din_t datatype;
    long tried, taken, wrong, differ_schema, differ_form;
} patterns_t;

static xmlRegexpPtr pattern_of(const char *file, const char *type, const char *which)
{
    char expression[200];
    xmlDocPtr doc = xmlReadFile(file, NULL, XML_PARSE_NONET);
    if (!doc)
        return NULL;
    snprintf(
        expression, sizeof expression,
        "string(//*[local-name()='simpleType'][@name='%s']//*[local-name()='pattern'][%s]/@value)",
        type, which);
    xmlXPathContextPtr xpath = xmlXPathNewContext(doc);
    xmlXPathObjectPtr found = xmlXPathEvalExpression((const xmlChar *)expression, xpath);
    xmlRegexpPtr regexp = xmlRegexpCompile(found->stringval);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(xpath);
    xmlFreeDoc(doc);
    return regexp;
}

static void try_text(patterns_t *p, const apr_uint32_t *points, int count)
{
    char text[16];
    int len = 0, culprit;

    for (int i = 0; i < count; i++)
        len += eb_utf8_put(text + len, points[i]);
    text[len] = '\0';
    bool ours = xmlRegexpExec(p->ours, (const xmlChar *)text) == 1;
    bool taken = xmlRegexpExec(p->common, (const xmlChar *)text) == 1;
    p->tried++;
    p->taken += taken;
    p->wrong += taken && !ours;
    p->differ_schema += p->theirs && ours != (xmlRegexpExec(p->theirs, (const xmlChar *)text) == 1);
    p->differ_form += ours != (eb_din_offender(text, p->datatype, &culprit) == NULL);
}

static void try_single(patterns_t *p)
{
    for (apr_uint32_t c = 1; c <= 0x10FFFF; c++) {
        if (c < 0xD800 || c > 0xDFFF)
            try_text(p, &c, 1);
    }
}

/* The bases of the norm's sequences lie below U+0200 or in Latin Extended Additional. */
static apr_uint32_t next_base(apr_uint32_t c)
{
    c++;
    return c == 0x0200 ? 0x1E00 : c;
}

static void try_pairs(patterns_t *p)
{
    for (apr_uint32_t base = 'A'; base <= 0x1EFF; base = next_base(base)) {
        for (apr_uint32_t mark = 0x0300; mark <= 0x036F; mark++) {
            apr_uint32_t pair[] = {base, mark};
            try_text(p, pair, 2);
        }
    }
}

/* A letter, a mark, and a mark or letter: the sequences are the same in all datatypes, so these
 * many are tried with one. */
static void try_triples(patterns_t *p)
{
    for (apr_uint32_t base = 'A'; base <= 'z'; base = base == 'Z' ? 'a' : base + 1) {
        for (apr_uint32_t first = 0x0300; first <= 0x036F; first++) {
            for (apr_uint32_t last = 'A'; last <= 0x036F; last = last == 'z' ? 0x0300 : last + 1) {
                apr_uint32_t triple[] = {base, first, last};
                try_text(p, triple, 3);
            }
        }
    }
}

static void compare(const char *ours, const char *theirs, eb_din_t datatype, bool shared)
{
    patterns_t p = {.common = pattern_of(OURS, ours, "1"),
                    .ours = pattern_of(OURS, ours, "last()"),
                    .theirs = shared ? pattern_of(THEIR, theirs, "1") : NULL,
                    .datatype = datatype};

    ok(p.common != NULL && p.ours != NULL, ours);
    ok(xmlRegexpIsDeterminist(p.ours) == 1, "the pattern never goes back");
    try_single(&p);
    try_pairs(&p);
    if (datatype == EB_DIN_A)
        try_triples(&p);
    ok(p.tried > 1112063, "all scalar values and sequences were tried");
    ok(p.taken > 200, "the cheap pattern takes the letters of most of Europe");
    is_int(p.wrong, 0, "… and nothing that the whole one refuses");
    is_int(p.differ_form, 0, "the form room's matcher decides alike");
    if (p.theirs)
        is_int(p.differ_schema, 0, "KoSIT's schema decides alike");
    else
        skip(1, "../shared/data/xoev-bibliothek is not there");
    xmlRegFreeRegexp(p.common);
    xmlRegFreeRegexp(p.ours);
    if (p.theirs)
        xmlRegFreeRegexp(p.theirs);
}

/* libxml2 remarks that U+FFFE and U+FFFF are no characters of XML; they are refused, as they
 * should. */
static void ignore(void *baton, eb_xml_error_t error)
{
    (void)baton, (void)error;
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    FILE *theirs = fopen(THEIR, "r");

    (void)pool;
    xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)ignore);
    if (theirs)
        fclose(theirs);
    compare("DatentypA", "datatypeA", EB_DIN_A, theirs != NULL);
    compare("DatentypB", "datatypeB", EB_DIN_B, theirs != NULL);
    compare("DatentypC", "datatypeC", EB_DIN_C, theirs != NULL);
    return done();
}
