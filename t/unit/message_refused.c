/* What must not become a message: a valid one, changed in one place, is refused, with a problem
 * that names element and rule and never repeats the value. */
#include "message.h"
#include "tap.h"

#include <libxml/xpath.h>

#define SECRET "GeheimWert"
#define LONG_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef enum {
    SET,
    DROP,
    ADD_BEFORE,
    ADD_AFTER,
    ADD_INSIDE,
    TWICE,
    ATTRIBUTE,
    DROP_ATTRIBUTE
} change_t;

typedef struct mutation_t {
    const char *where; /* XPath */
    change_t change;
    const char *name, *value;
    const char *rule; /* what the problem says */
} mutation_t;

static const mutation_t mutations[] = {
    {"//antrag/person/name/familienname/name", SET, NULL, SECRET "1", "pattern"},
    {"//antrag/person/name/familienname/name", SET, NULL, SECRET "\xD0\xB6", "pattern"},
    {"//antrag/person/name/familienname/name", SET, NULL, SECRET LONG_A LONG_A, "maxLength"},
    {"//antrag/person/name/familienname/name", SET, NULL, "A\xCC\x88rger " SECRET, "pattern"},
    {"//antrag/person/name/familienname/name", SET, NULL, "", "length"},
    {"//antrag/person/name/familienname", DROP, NULL, NULL, "not expected"},
    {"//antrag/person", DROP, NULL, NULL, "not expected"},
    {"//antrag/person", TWICE, NULL, NULL, "not expected"},
    {"//antrag/person/geburt/datum/jahrMonatTag", SET, NULL, "1991-02-30", "data type"},
    {"//antrag/person/geburt/datum/jahrMonatTag", SET, NULL, "1991-04-17Z", "pattern"},
    {"//antrag/person/geburt/datum", ADD_INSIDE, "jahr", "1991", "not expected"},
    {"//antrag/person/geschlecht/code", DROP, NULL, NULL, "not expected"},
    {"//antrag/person/geschlecht", ATTRIBUTE, "listURI", "urn:" SECRET, "fixed"},
    {"//antrag/person/geschlecht", DROP_ATTRIBUTE, "listVersionID", NULL, "attribute is missing"},
    {"//antrag/person/geschlecht", ATTRIBUTE, "fremd", SECRET, "not allowed"},
    {"//antrag/person/hatKinder", SET, NULL, SECRET, "data type"},
    {"//antrag/antragsgegenstand/antragstellung/code", SET, NULL, SECRET, "enumeration"},
    {"//antrag/antragsgegenstand/leika", SET, NULL, "1234", "pattern"},
    {"//antrag/kontakt", ADD_BEFORE, "fremd", SECRET, "not expected"},
    {"//antrag/kontakt/email", SET, NULL, SECRET, "pattern"},
    {"//antrag/kontakt/telefon", SET, NULL, SECRET, "pattern"},
    {"//antrag/kontakt/anschrift/postleitzahl", SET, NULL, "3360", "pattern"},
    {"//antrag/staatsangehoerigkeit", DROP, NULL, NULL, "not expected"},
    {"//antrag/wehrdienst", ATTRIBUTE, "wert", SECRET, "not allowed"},
    {"//antrag/lebensunterhalt/einkunft/betrag", SET, NULL, "-1.00", "too small"},
    {"//antrag/lebensunterhalt/einkunft/betrag", SET, NULL, "1.005", "decimal places"},
    {"//antrag/test/punkte", SET, NULL, "34", "too large"},
    {"//antrag/erklaerungen/richtigkeit", SET, NULL, "false", "pattern"},
    {"//antrag/elternteil", DROP, NULL, NULL, "not expected"},
    {"//nachrichtenUUID", SET, NULL, SECRET, "pattern"},
    {"//erstellungszeitpunkt", SET, NULL, "2026-11-25T12:00:00", "pattern"},
    {"//autor", DROP, NULL, NULL, "not expected"},
    {"/*", ATTRIBUTE, "version", "2.0", "fixed"},
    {"/*", DROP_ATTRIBUTE, "produkt", NULL, "attribute is missing"},
    {"//vorgangsnummer", SET, NULL, SECRET, "pattern"},
    {"//pruefsumme", DROP, NULL, NULL, "not expected"},
    {"//anlage/dokumentart/code", SET, NULL, SECRET, "enumeration"},
    {"//anlage/bezugsperson", DROP, NULL, NULL, "not expected"},
    {"//anlage/bezugsperson/rolle", TWICE, NULL, NULL, "not expected"},
    {"//anlage/anhang", SET, NULL, "../" SECRET ".pdf", "pattern"},
    {"//anlage/anhang", SET, NULL, "02-pass.jpg", "unique"},
    {"//anlage/laufendeNummer", SET, NULL, "2", "unique"},
    {"//anlage/dateiname", SET, NULL, "", "length"},
    {"//anlage/dateityp", SET, NULL, "text/html", "enumeration"},
    {"//anlage/groesse", SET, NULL, "0", "data type"},
    {"//anlage/sha512", SET, NULL, SECRET, "data type"},
    {"//anlage/sha512", DROP, NULL, NULL, "not expected"},
    {"//nachreichung/dokumentart", DROP, NULL, NULL, "not expected"},
    {"//nachreichung/bezugsperson/rolle", ADD_AFTER, "kind", "1", "keyref"},
};

static xmlNodePtr find(xmlDocPtr doc, const char *where)
{
    xmlXPathContextPtr xpath = xmlXPathNewContext(doc);
    xmlXPathObjectPtr found = xmlXPathEvalExpression((const xmlChar *)where, xpath);
    xmlNodePtr node =
        found->nodesetval && found->nodesetval->nodeNr ? found->nodesetval->nodeTab[0] : NULL;

    xmlXPathFreeObject(found);
    xmlXPathFreeContext(xpath);
    return node;
}

static void change(xmlDocPtr doc, xmlNodePtr node, const mutation_t *m)
{
    const xmlChar *name = (const xmlChar *)m->name, *value = (const xmlChar *)m->value;

    switch (m->change) {
    case SET: xmlNodeSetContent(node, value); break;
    case ADD_BEFORE: xmlAddPrevSibling(node, xmlNewDocNode(doc, NULL, name, value)); break;
    case ADD_AFTER: xmlAddNextSibling(node, xmlNewDocNode(doc, NULL, name, value)); break;
    case ADD_INSIDE: xmlNewChild(node, NULL, name, value); break;
    case TWICE: xmlAddNextSibling(node, xmlCopyNode(node, 1)); break;
    case ATTRIBUTE: xmlSetProp(node, name, value); break;
    case DROP_ATTRIBUTE: xmlUnsetProp(node, name); break;
    case DROP:
        xmlUnlinkNode(node);
        xmlFreeNode(node);
        break;
    }
}

static void test_mutation(const bench_t *b, const char *xml, const mutation_t *m)
{
    eb_problem_t *problem = NULL;
    xmlDocPtr doc = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET);
    xmlNodePtr node = find(doc, m->where);

    if (!ok(node != NULL, m->where))
        return;
    change(doc, node, m);
    ok(eb_profile_check(b->profile, doc, &problem, b->pool) == APR_EINVAL, "… changed: refused");
    const char *text = problem ? eb_problem_text(problem, b->pool) : "(none)";
    if (!ok(strncmp(text, "EB0507 ", 7) == 0 && strstr(text, m->rule), m->rule))
        printf("#   said: %s\n", text);
    ok(strstr(text, SECRET) == NULL, "… without the value");
    xmlFreeDoc(doc);
}

/* Values that no page would let in, put into the instance behind its back. */
static void test_value(const bench_t *b, const char *path, const char *value, const char *id,
                       const char *words)
{
    eb_instance_t *in = fixture_load(b->form, "t/message/instances/01-ledige-person.txt", b->pool);
    eb_context_t c = message_context(b, in);
    eb_problem_t *problem = NULL;
    const char *xml = "unchanged";
    apr_size_t len = 0;

    eb_rules_calculate(in, &c);
    eb_instance_set(in, eb_form_node(b->form, path), EB_ROOT, value);
    eb_header_t header = message_header_of(b, &c);
    ok(eb_message_build(&xml, &len, b->profile, &header, &c, &problem, b->pool) == APR_EINVAL,
       path);
    is_str(problem ? problem->id : NULL, id, "… has its id");
    const char *text = problem ? eb_problem_text(problem, b->pool) : "(none)";
    if (!ok(strstr(text, words) && !strstr(text, SECRET), "… names the element, not the value"))
        printf("#   said: %s\n", text);
    is_str(xml, "unchanged", "… gives no message");
}

static void test_values(const bench_t *b)
{
    const char *name = "person/familienname";

    test_value(b, name, SECRET "\x01", "EB0508", "familienname");
    test_value(b, name, SECRET "\x1B[2J", "EB0508", "familienname");
    test_value(b, name, SECRET "\xEF\xBF\xBE", "EB0508", "familienname");
    test_value(b, name, SECRET "\xED\xA0\x80", "EB0508", "familienname");
    test_value(b, name, SECRET "\xC3", "EB0508", "familienname");
    test_value(b, name, SECRET "\xC2\x85", "EB0507", "familienname/name: a character");
    test_value(b, name, SECRET "\x7F", "EB0507", "familienname/name: a character");
    test_value(b, name, SECRET "<b>&amp;</b>", "EB0507", "familienname/name: a character");
    test_value(b, "person/geschlecht", SECRET, "EB0507", "geschlecht");
    test_value(b, "person/geburtsdatum", SECRET, "EB0507", "datum/jahr");
    test_value(b, "aufenthalt/ausland_monate_gesamt", "721", "EB0507", "auslandMonateGesamt");
    test_value(b, "erklaerungen/belehrung", NULL, "EB0507", "erklaerungen");
}

/* Markup in free text is text. */
static void test_markup(const bench_t *b)
{
    static const char text[] = "]]> <script>alert(\"1\")</script> &lt; & é\nZeile <!-- -->";
    eb_instance_t *in = fixture_load(b->form, "t/message/instances/01-ledige-person.txt", b->pool);
    eb_context_t c = message_context(b, in);
    apr_size_t len;

    eb_rules_calculate(in, &c);
    eb_instance_set(in, eb_form_node(b->form, "erklaerungen/weitere_angaben"), EB_ROOT, text);
    const char *xml = message_of(b, in, &len);
    xmlDocPtr doc = xml ? xmlReadMemory(xml, (int)len, NULL, NULL, XML_PARSE_NONET) : NULL;
    xmlNodePtr node = doc ? find(doc, "//weitereAngaben") : NULL;
    xmlChar *back = node ? xmlNodeGetContent(node) : NULL;
    is_str((const char *)back, text, "markup in an answer comes out as it went in");
    xmlFree(back);
    xmlFreeDoc(doc);
}

/* A file that nobody has hashed is in no message: neither with digests of others nor without any.
 */
static void test_digests(const bench_t *b)
{
    eb_instance_t *in = fixture_load(b->form, "t/message/instances/01-ledige-person.txt", b->pool);
    eb_context_t c = message_context(b, in);
    eb_header_t header = message_header_of(b, &c);
    apr_array_header_t *documents = eb_documents_list(&c, true);
    const eb_document_t *last = &APR_ARRAY_IDX(documents, documents->nelts - 1, eb_document_t);

    for (int without = 0; without < 2; without++) {
        eb_problem_t *problem = NULL;
        xmlDocPtr doc = NULL;
        apr_hash_set(header.sha512, last->file.id, APR_HASH_KEY_STRING, NULL);
        if (without)
            header.sha512 = NULL;
        ok(eb_message_source(&doc, &header, &c, &problem, b->pool) == APR_EINVAL && !doc,
           without ? "no file has a digest" : "one file has no digest");
        is_str(problem ? problem->id : NULL, "EB0510", "… has its id");
        const char *text = problem ? eb_problem_text(problem, b->pool) : "(none)";
        ok(strstr(text, without ? "nachweise/pass" : "nachweise/mietvertrag") != NULL,
           "… names the question");
        ok(strstr(text, last->file.name) == NULL, "… not the file");
    }
}

/* Answers to questions that no longer apply stay in the draft and out of the message. */
static void test_pruned(const bench_t *b)
{
    eb_instance_t *in =
        fixture_load(b->form, "t/message/instances/02-familie-drei-kinder.txt", b->pool);
    eb_context_t c = message_context(b, in);
    apr_size_t len;

    eb_rules_calculate(in, &c);
    const char *before = message_of(b, in, &len);
    ok(before && strstr(before, "Yusuf") && strstr(before, "<ehegatte>"), "a family is in");
    eb_instance_set(in, eb_form_node(b->form, "person/hat_kinder"), EB_ROOT, "false");
    eb_instance_set(in, eb_form_node(b->form, "person/familienstand"), EB_ROOT, "LD");
    const char *after = message_of(b, in, &len);
    ok(after && !strstr(after, "Yusuf") && !strstr(after, "<kind>"),
       "the children are out, and their documents");
    ok(after && !strstr(after, "<ehegatte>") && !strstr(after, "getrenntLebend"),
       "the spouse is out");
    is_int(in->lists[eb_form_node(b->form, "kinder/kind")->slot].count, 3,
           "… and all are kept in the draft");
}

int main(void)
{
    bench_t b;
    apr_size_t len;

    if (!ok(message_begin(&b, tap_begin()), "form and profile load"))
        return done();
    eb_instance_t *in = fixture_load(b.form, "t/message/instances/01-ledige-person.txt", b.pool);
    eb_context_t c = message_context(&b, in);
    eb_rules_calculate(in, &c);
    const char *xml = message_of(&b, in, &len);
    if (!ok(xml != NULL, "there is a valid message to change"))
        return done();
    for (size_t i = 0; i < sizeof mutations / sizeof *mutations; i++)
        test_mutation(&b, xml, &mutations[i]);
    test_values(&b);
    test_markup(&b);
    test_digests(&b);
    test_pruned(&b);
    return done();
}
