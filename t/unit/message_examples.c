/* Fifteen applications from text files, through rules, stylesheet and schema, byte for byte against
 * the committed messages. xmllint, which knows nothing of us, must accept each.
 * EB_REGENERATE=1 writes the messages anew; look at the difference before you commit it. */
#include "form/din91379.h"
#include "message.h"
#include "tap.h"

#include <glob.h>
#include <unistd.h>

#define EXAMPLES 15

/* An applicant could have given every answer: none of a question that does not apply. */
static int superfluous_in(const eb_node_t *top, eb_context_t *c)
{
    int found = 0;

    for (const eb_node_t *n = top->first; n; n = n->next) {
        if (n->kind == EB_NODE_GROUP)
            found += superfluous_in(n, c);
        if (n->kind == EB_NODE_REPEAT) {
            for (c->entry = 0; c->entry < c->in->lists[n->slot].count; c->entry++)
                found += superfluous_in(n, c);
            c->entry = EB_ROOT;
        }
        if (n->kind == EB_NODE_FIELD && eb_instance_get(c->in, n, c->entry) &&
            !eb_rules_relevant(n, c)) {
            printf("# %s [%d] does not apply\n", n->path, c->entry + 1);
            found++;
        }
    }
    return found;
}

static int wrong_in(const bench_t *b, eb_context_t *c)
{
    eb_errors_t *errors = eb_errors_new(b->pool);

    eb_rules_check_all(errors, b->form, c);
    for (int i = 0; i < errors->list->nelts; i++) {
        const eb_error_t *e = &APR_ARRAY_IDX(errors->list, i, eb_error_t);
        printf("# %s [%d]: %s\n", e->node->path, e->entry + 1, e->text);
    }
    return errors->list->nelts;
}

/* Reads a whole file; "" when there is none. */
static const char *contents(const char *file, apr_pool_t *pool)
{
    FILE *f = fopen(file, "rb");
    char *text = apr_pcalloc(pool, 1024 * 1024);

    if (!f)
        return "";
    text[fread(text, 1, 1024 * 1024 - 1, f)] = '\0';
    fclose(f);
    return text;
}

static void write_message(const char *file, const char *xml, apr_size_t len)
{
    FILE *f = fopen(file, "wb");
    if (f) {
        fwrite(xml, 1, len, f);
        fclose(f);
    }
}

static void say_first_difference(const char *got, const char *want)
{
    int line = 1;

    for (; *got && *got == *want; got++, want++)
        line += *got == '\n';
    printf("# first difference in line %d; EB_REGENERATE=1 writes the examples anew\n", line);
}

static int strange;

/* Nothing outside of DIN 91379, in no text and no attribute; and no code without a list and its
 * version. */
static void look_at(const xmlNode *n)
{
    int len;

    for (const xmlAttr *a = n->type == XML_ELEMENT_NODE ? n->properties : NULL; a; a = a->next)
        strange += eb_din_offender((const char *)a->children->content, EB_DIN_C, &len) != NULL;
    if (n->type == XML_TEXT_NODE)
        strange += eb_din_offender((const char *)n->content, EB_DIN_C, &len) != NULL;
    if (n->type == XML_ELEMENT_NODE && !strcmp((const char *)n->name, "code"))
        strange += !xmlHasProp(n->parent, (const xmlChar *)"listURI") ||
                   !xmlHasProp(n->parent, (const xmlChar *)"listVersionID");
    for (const xmlNode *child = n->children; child; child = child->next)
        look_at(child);
}

static void test_letters(const char *xml, apr_size_t len)
{
    xmlDocPtr doc = xmlReadMemory(xml, (int)len, NULL, NULL, XML_PARSE_NONET);

    strange = 0;
    look_at(xmlDocGetRootElement(doc));
    is_int(strange, 0, "… in letters of DIN 91379, with codes of named lists");
    xmlFreeDoc(doc);
}

static bool test_example(const bench_t *b, const char *fixture, bool lint)
{
    const char *base = strrchr(fixture, '/') + 1;
    const char *file = apr_psprintf(b->pool, "t/message/%.*s.xml", (int)strcspn(base, "."), base);
    eb_instance_t *in = fixture_load(b->form, fixture, b->pool);
    apr_size_t len = 0;

    if (!ok(in != NULL, fixture))
        return false;
    eb_context_t c = message_context(b, in);
    eb_rules_calculate(in, &c);
    is_int(superfluous_in(b->form->root, &c), 0, "… asks only what applies");
    is_int(wrong_in(b, &c), 0, "… breaks no rule");

    const char *xml = message_of(b, in, &len);
    if (!ok(xml != NULL && len == strlen(xml), "… becomes a valid message"))
        return false;
    if (getenv("EB_REGENERATE"))
        write_message(file, xml, len);
    test_letters(xml, len);
    const char *want = contents(file, b->pool);
    if (!ok(strcmp(xml, want) == 0, "… the committed one, byte for byte"))
        say_first_difference(xml, want);
    if (!lint)
        skip(1, "xmllint is missing");
    else
        is_int(system(apr_psprintf(b->pool,
                                   "xmllint --nonet --noout --schema "
                                   "schemas/message/einbuergerung.xsd '%s' 2>/dev/null",
                                   file)),
               0, "… accepted by xmllint");
    return true;
}

int main(void)
{
    bench_t b;
    glob_t fixtures;

    if (!ok(message_begin(&b, tap_begin()), "form and profile load"))
        return done();
    bool lint = system("command -v xmllint >/dev/null") == 0;
    glob("t/message/instances/*.txt", 0, NULL, &fixtures);
    is_int((long long)fixtures.gl_pathc, EXAMPLES, "there are fifteen");
    for (size_t i = 0; i < fixtures.gl_pathc; i++)
        test_example(&b, fixtures.gl_pathv[i], lint);
    globfree(&fixtures);
    return done();
}
