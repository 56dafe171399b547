/* Every field of the form reaches the message, and form and schema agree about it: on lengths, to
 * the character; on the codes of our own lists; on what the largest application may be. */
#include "form/din91379.h"
#include "message.h"
#include "tap.h"

#include <apr_hash.h>
#include <glob.h>
#include <libxml/xpath.h>

typedef void (*visit_t)(bench_t *b, const eb_node_t *field);

static void each_field(bench_t *b, const eb_node_t *top, visit_t visit)
{
    for (const eb_node_t *n = top->first; n; n = n->next) {
        if (n->kind == EB_NODE_FIELD)
            visit(b, n);
        else
            each_field(b, n, visit);
    }
}

/* Our own copy of the form may lose its conditions: everything applies. */
static void unbind(eb_node_t *top)
{
    top->relevant = NULL;
    for (eb_node_t *n = top->first; n; n = n->next)
        unbind(n);
}

static bool is_files(const eb_node_t *field)
{
    return strcmp(field->type->name, "eb:files") == 0;
}

static int lost;

/* An application with this one answer: is it in what the stylesheet makes? */
static void visit_marker(bench_t *b, const eb_node_t *field)
{
    static const char marker[] = "Kennzeichen4711";
    const char *file = fixture_files("datei 4711 Kennzeichen4711.pdf", field->path, b->pool);
    eb_instance_t *in = eb_instance_new(b->form, b->pool);
    const eb_node_t *repeat = fixture_repeat(field);
    eb_context_t c = message_context(b, in);
    xmlDocPtr source = NULL, message = NULL;
    int entry = EB_ROOT;

    if (repeat)
        eb_instance_add(in, repeat, 1, &entry);
    eb_instance_set(in, field, entry, is_files(field) ? file : marker);
    eb_header_t header = message_header_of(b, &c);
    eb_message_source(&source, &header, &c, NULL, b->pool);
    if (source)
        eb_profile_transform(&message, b->profile, source, NULL, b->pool);
    xmlChar *text = message ? xmlNodeGetContent((xmlNodePtr)message) : NULL;
    if (!text || !strstr((char *)text, marker)) {
        printf("# %s is not in the message\n", field->path);
        lost++;
    }
    xmlFree(text);
    xmlFreeDoc(message);
    xmlFreeDoc(source);
}

static int fields, unlike;

static void visit_count(bench_t *b, const eb_node_t *field)
{
    (void)b, (void)field;
    fields++;
}

/* The codes that codelisten.xsd enumerates for a list of our own, as " a b c ". */
static const char *enumerated(xmlDocPtr xsd, const char *urn, apr_pool_t *pool)
{
    xmlXPathContextPtr xpath = xmlXPathNewContext(xsd);
    const char *expression =
        apr_psprintf(pool, "//*[@fixed='%s']/..//*[local-name()='enumeration']/@value", urn);
    xmlXPathObjectPtr found = xmlXPathEvalExpression((const xmlChar *)expression, xpath);
    char *codes = apr_pstrdup(pool, " ");

    for (int i = 0; found->nodesetval && i < found->nodesetval->nodeNr; i++) {
        xmlChar *value = xmlNodeGetContent(found->nodesetval->nodeTab[i]);
        codes = apr_pstrcat(pool, codes, (char *)value, " ", NULL);
        xmlFree(value);
    }
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(xpath);
    return codes;
}

static void visit_codes(bench_t *b, const eb_node_t *field)
{
    const eb_codelist_t *list = field->facets.codes;
    xmlDocPtr xsd = xmlReadFile("schemas/message/codelisten.xsd", NULL, XML_PARSE_NONET);
    char *path = apr_pstrdup(b->pool, field->path), *want = apr_pstrdup(b->pool, " ");

    for (char *s = path; *s; s++)
        *s = *s == '/' ? '.' : *s;
    if (list && !list->urn) {
        for (int i = 0; i < list->count; i++)
            want = apr_pstrcat(b->pool, want, list->codes[i].code, " ", NULL);
        const char *urn = apr_pstrcat(b->pool, "urn:mod-einbuergerung:codeliste:", path, NULL);
        const char *got = enumerated(xsd, urn, b->pool);
        if (strcmp(got, want) != 0) {
            printf("# %s: the form has%s, the schema%s\n", field->path, want, got);
            unlike++;
        }
    }
    xmlFreeDoc(xsd);
}

static glob_t fixtures;
static eb_instance_t *instances[32];

static void load_fixtures(bench_t *b)
{
    glob("t/message/instances/*.txt", 0, NULL, &fixtures);
    for (size_t i = 0; i < fixtures.gl_pathc && i < 32; i++) {
        instances[i] = fixture_load(b->form, fixtures.gl_pathv[i], b->pool);
        eb_context_t c = message_context(b, instances[i]);
        eb_rules_calculate(instances[i], &c);
    }
}

/* An example in which the field is answered. */
static eb_instance_t *example_of(const eb_node_t *field, int *entry)
{
    const eb_node_t *repeat = fixture_repeat(field);

    for (size_t i = 0; i < fixtures.gl_pathc; i++) {
        int count = repeat ? instances[i]->lists[repeat->slot].count : 1;
        for (*entry = repeat ? 0 : EB_ROOT; *entry < (repeat ? count : 0); ++*entry) {
            if (eb_instance_get(instances[i], field, *entry))
                return instances[i];
        }
    }
    return NULL;
}

/* `length` characters that every datatype has; the longest in UTF-8 for the first half. */
static const char *stretched(const eb_node_t *field, int length, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, (apr_size_t)length * 3 + 1), *out = text;
    bool one_byte = strcmp(field->type->name, "eb:email") == 0;

    for (int i = 0; i < length; i++) {
        const char *sign = one_byte || i % 2 ? "a" : "\xE1\xBA\x9E"; /* U+1E9E */
        memcpy(out, sign, strlen(sign));
        out += strlen(sign);
    }
    *out = '\0';
    return text;
}

static bool is_text(const eb_node_t *field)
{
    const char *type = field->type->name;
    return !field->calculate && !field->facets.codes &&
           (strncmp(type, "eb:datatype", 11) == 0 || strcmp(type, "xs:string") == 0 ||
            strcmp(type, "xs:normalizedString") == 0);
}

static int longest_of(const eb_node_t *field)
{
    return field->facets.max_length ? field->facets.max_length : EB_TEXT_MAX;
}

static int unanswered, too_short, too_long, texts;

/* The schema takes a text as long as the form does, and not one character more. */
static void visit_length(bench_t *b, const eb_node_t *field)
{
    int entry;
    eb_instance_t *in = example_of(field, &entry);
    if (!in) {
        printf("# %s is answered in no example\n", field->path);
        unanswered++;
        return;
    }
    if (!is_text(field))
        return;
    texts++;
    const char *before = eb_instance_get(in, field, entry);
    eb_context_t c = message_context(b, in);
    eb_problem_t *problem = NULL;
    const char *xml;
    apr_size_t len;

    eb_instance_set(in, field, entry, stretched(field, longest_of(field), b->pool));
    if (!message_of(b, in, &len)) {
        printf("# %s: the schema refuses its longest text\n", field->path);
        too_short++;
    }
    eb_instance_set(in, field, entry, stretched(field, longest_of(field) + 1, b->pool));
    eb_header_t header = message_header_of(b, &c);
    if (eb_message_build(&xml, &len, b->profile, &header, &c, &problem, b->pool) != APR_EINVAL ||
        !strstr(problem->what, "maxLength")) {
        printf("# %s: the schema takes a longer text\n", field->path);
        too_long++;
    }
    eb_instance_set(in, field, entry, before);
}

static int foreign;

/* Nor one sign that is not in DIN 91379, where the form lets people write. */
static void visit_letters(bench_t *b, const eb_node_t *field)
{
    int entry;
    eb_instance_t *in = is_text(field) ? example_of(field, &entry) : NULL;
    if (!in)
        return;
    const char *before = eb_instance_get(in, field, entry);
    eb_context_t c = message_context(b, in);
    eb_header_t header = message_header_of(b, &c);
    eb_problem_t *problem = NULL;
    const char *xml;
    apr_size_t len;

    eb_instance_set(in, field, entry, "\xD0\xB6"); /* Cyrillic */
    if (eb_message_build(&xml, &len, b->profile, &header, &c, &problem, b->pool) != APR_EINVAL ||
        problem->number != EB_P_MESSAGE_INVALID) {
        printf("# %s: the schema takes a letter of another script\n", field->path);
        foreign++;
    }
    eb_instance_set(in, field, entry, before);
}

static int nameless, lists;

/* A code as the stylesheet gets it. */
static const char *name_of(bench_t *b, const eb_node_t *field, const char *code)
{
    eb_instance_t *in = eb_instance_new(b->form, b->pool);
    const eb_node_t *repeat = fixture_repeat(field);
    eb_context_t c = message_context(b, in);
    xmlDocPtr source = NULL;
    int entry = EB_ROOT;

    if (repeat)
        eb_instance_add(in, repeat, 1, &entry);
    eb_instance_set(in, field, entry, code);
    eb_header_t header = message_header_of(b, &c);
    eb_message_source(&source, &header, &c, NULL, b->pool);
    xmlXPathContextPtr xpath = xmlXPathNewContext(source);
    xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST "string(//*[@listURI]/@name)", xpath);
    const char *name = apr_pstrdup(b->pool, (char *)found->stringval);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(xpath);
    xmlFreeDoc(source);
    return name;
}

/* What is sent of a code: its list, the version of it, and a name in the letters of DIN 91379. */
static void visit_list(bench_t *b, const eb_node_t *field)
{
    const eb_codelist_t *list = field->facets.codes;
    int len;

    if (!list)
        return;
    lists++;
    if (list->urn && (strncmp(list->urn, "urn:", 4) != 0 || !list->version || !*list->version)) {
        printf("# %s: %s lacks a URN or its version\n", field->path, list->name);
        nameless++;
    }
    for (int i = 0; i < list->count; i++) {
        const char *name = list->codes[i].name;
        if (eb_din_offender(name, EB_DIN_C, &len))
            name = name_of(b, field, list->codes[i].code);
        if (!*name || eb_din_offender(name, EB_DIN_C, &len)) {
            printf("# %s: \"%s\" cannot be sent\n", field->path, name);
            nameless++;
        }
    }
}

/* Each list filled to its maximum with copies of its last entry. */
static void fill(eb_instance_t *in, const eb_node_t *top)
{
    for (const eb_node_t *n = top->first; n; n = n->next) {
        if (n->kind == EB_NODE_GROUP)
            fill(in, n);
        int entry, last = n->kind == EB_NODE_REPEAT ? in->lists[n->slot].count - 1 : -1;
        while (last >= 0 &&
               eb_instance_add(in, n, fixture_max(in->form, n), &entry) == APR_SUCCESS) {
            for (int i = 0; i < n->entries->fields_count; i++)
                in->lists[n->slot].rows[entry].values[i] = in->lists[n->slot].rows[last].values[i];
        }
    }
}

static void stretch_row(eb_row_t *row, const eb_scope_t *scope, apr_pool_t *pool)
{
    for (int i = 0; i < scope->fields_count; i++) {
        if (row->values[i] && is_text(scope->fields[i]))
            row->values[i] = stretched(scope->fields[i], longest_of(scope->fields[i]), pool);
    }
}

static eb_instance_t *largest(bench_t *b)
{
    eb_instance_t *in =
        fixture_load(b->form, "t/message/instances/09-sehr-umfangreich.txt", b->pool);

    fill(in, b->form->root);
    stretch_row(&in->root, b->form->scope, b->pool);
    for (int i = 0; i < b->form->repeats_count; i++) {
        for (int k = 0; k < in->lists[i].count; k++)
            stretch_row(&in->lists[i].rows[k], b->form->repeats[i]->entries, b->pool);
    }
    return in;
}

static void test_largest(bench_t *b)
{
    eb_instance_t *in = largest(b);
    eb_context_t c = message_context(b, in);
    eb_errors_t *errors = eb_errors_new(b->pool);
    eb_buf_t draft;
    apr_size_t len = 0;

    eb_rules_calculate(in, &c);
    eb_rules_check_all(errors, b->form, &c);
    is_int(errors->list->nelts, 0, "the largest application breaks no rule");
    for (int i = 0; i < errors->list->nelts && i < 5; i++)
        printf("# %s\n", APR_ARRAY_IDX(errors->list, i, eb_error_t).node->path);
    const char *xml = message_of(b, in, &len);
    ok(xml != NULL, "it becomes a valid message");
    eb_buf_init(&draft, 0, b->pool);
    eb_instance_encode(&draft, in);
    ok(draft.len <= EB_INSTANCE_MAX, "it fits into a draft");
    printf("# largest application: %" APR_SIZE_T_FMT " bytes as a draft, %" APR_SIZE_T_FMT
           " as a message\n",
           draft.len, len);
}

int main(void)
{
    bench_t b;

    if (!ok(message_begin(&b, tap_begin()), "form and profile load"))
        return done();
    each_field(&b, b.form->root, visit_count);
    ok(fields > 300, "the form has its fields");
    each_field(&b, b.form->root, visit_codes);
    is_int(unlike, 0, "the schema lists the form's own codes, no more and no less");
    load_fixtures(&b);
    each_field(&b, b.form->root, visit_length);
    is_int(unanswered, 0, "every field is answered in some example");
    ok(texts > 100, "texts were stretched");
    is_int(too_short, 0, "the schema takes the longest texts");
    is_int(too_long, 0, "… and none that is longer");
    each_field(&b, b.form->root, visit_letters);
    is_int(foreign, 0, "… nor other letters than those of DIN 91379");
    test_largest(&b);
    unbind(b.form->root); /* the last: the form is of no use afterwards */
    each_field(&b, b.form->root, visit_marker);
    is_int(lost, 0, "every field reaches the message");
    each_field(&b, b.form->root, visit_list);
    ok(lists > 50, "code lists were looked at");
    is_int(nameless, 0, "each has its URN and version, and names that a message may hold");
    globfree(&fixtures);
    return done();
}
