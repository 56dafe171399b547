/* The form against schemas/form.rng. libxml2 names the element that it could not place; the message
 * adds which of the many inputs it is, and the value that an attribute has. */
#include "load.h"

#include <apr_strings.h>
#include <libxml/relaxng.h>
#include <libxml/xmlerror.h>
#include <string.h>

#define RNG_BYTES_MAX (1024 * 1024)

#if LIBXML_VERSION >= 21200
typedef const xmlError *error_ptr;
#else
typedef xmlErrorPtr error_ptr;
#endif

typedef struct eb_complaint_t {
    eb_loader_t *loader;
    const char *what, *where;
    const xmlNode *node;
} eb_complaint_t;

/* <input ref="person/familienname"> */
static const char *tag(const xmlNode *node, apr_pool_t *pool)
{
    static const char *const names[] = {"ref", "nodeset", "id", "value"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = eb_xml_attr(node, NULL, names[i], pool);
        if (value)
            return apr_psprintf(pool, "<%s %s=\"%s\">", (const char *)node->name, names[i], value);
    }
    return apr_psprintf(pool, "<%s>", (const char *)node->name);
}

/* `="value"` of the attribute that the message complains about. */
static const char *culprit(const char *message, const xmlNode *node, apr_pool_t *pool)
{
    static const char start[] = "Invalid attribute ";
    if (strncmp(message, start, sizeof(start) - 1) != 0)
        return "";
    const char *name = message + sizeof(start) - 1;
    name = apr_pstrmemdup(pool, name, strcspn(name, " "));
    const char *value = eb_xml_attr(node, NULL, name, pool);
    if (!value)
        value = eb_xml_attr(node, EB_NS_FORM, name, pool);
    return value ? apr_psprintf(pool, " (%s=\"%s\")", name, value) : "";
}

/* Only the first complaint is a cause; what follows are its consequences. But of an attribute that
 * is not known, libxml2 first says that the element's content is not complete. */
static void keep_first(void *context, error_ptr error)
{
    eb_complaint_t *first = context;
    apr_pool_t *pool = first->loader->pool;
    const xmlNode *node = error->node;
    bool attribute = error->message && strncmp(error->message, "Invalid attribute", 17) == 0;
    if (!error->message || (first->what && !(attribute && node == first->node)))
        return;
    first->node = attribute ? NULL : node;
    first->what = apr_pstrmemdup(pool, error->message, strcspn(error->message, "\n"));
    if (!node || node->type != XML_ELEMENT_NODE) {
        first->where = apr_psprintf(pool, "%s:%d", first->loader->form->file, error->line);
        return;
    }
    first->where = eb_load_where(first->loader, node);
    first->what = apr_pstrcat(pool, tag(node, pool), ": ", first->what,
                              culprit(error->message, node, pool), NULL);
}

/* libxml2 cannot say which attribute is missing, nor, without children, of which element. */
static void find_missing(eb_complaint_t *first, const xmlNode *node)
{
    static const struct {
        const char *element, *attribute;
    } needed[] = {{"form", "id"},          {"form", "version"}, {"bind", "nodeset"},
                  {"constraint", "value"}, {"step", "id"},      {"page", "id"},
                  {"repeat", "nodeset"},   {"entry", "value"},  {"input", "ref"},
                  {"textarea", "ref"},     {"select1", "ref"},  {"select", "ref"},
                  {"upload", "ref"},       {"output", "value"}, {"a", "href"}};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (!node->ns || strcmp((const char *)node->name, needed[i].element) != 0 ||
            xmlHasProp((xmlNode *)node, BAD_CAST needed[i].attribute))
            continue;
        first->where = eb_load_where(first->loader, node);
        first->what = apr_psprintf(first->loader->pool, "<%s> needs the attribute %s",
                                   needed[i].element, needed[i].attribute);
        return;
    }
}

static void improve(eb_complaint_t *first, const xmlNode *root)
{
    if (!first->what || !strstr(first->what, "failed to validate attributes"))
        return;
    const char *before = first->what;
    const xmlNode *node = root;
    while (node && first->what == before) {
        find_missing(first, node);
        const xmlNode *next = eb_xml_element(node->children);
        for (; !next && node && node->type == XML_ELEMENT_NODE; node = node->parent)
            next = eb_xml_element(node->next);
        node = next;
    }
}

static apr_status_t free_grammar(void *grammar)
{
    xmlRelaxNGFree(grammar);
    return APR_SUCCESS;
}

/* From a document of our own reading, so that libxml2 opens no file and prints no message. */
static apr_status_t compile(xmlRelaxNGPtr *grammar, eb_loader_t *l, const char *rng)
{
    eb_complaint_t first = {.loader = l};
    const char *data;
    apr_size_t len;
    xmlDocPtr doc;
    apr_status_t rv = eb_xml_read(&data, &len, rng, RNG_BYTES_MAX, l->problem, l->scratch);
    if (rv == APR_SUCCESS)
        rv = eb_xml_parse(&doc, data, len, rng, l->problem, l->scratch);
    if (rv != APR_SUCCESS)
        return rv;
    xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewDocParserCtxt(doc);
    if (parser) {
        xmlRelaxNGSetParserStructuredErrors(parser, keep_first, &first);
        *grammar = xmlRelaxNGParse(parser);
        xmlRelaxNGFreeParserCtxt(parser);
    }
    if (!*grammar)
        return eb_problem_set(l->problem, EB_P_RNG_READ, APR_EINVAL, rng, l->pool,
                              "The grammar cannot be compiled: %s",
                              first.what ? first.what : "no reason is known");
    apr_pool_cleanup_register(l->scratch, *grammar, free_grammar, apr_pool_cleanup_null);
    return APR_SUCCESS;
}

apr_status_t eb_load_grammar(eb_loader_t *l, xmlDocPtr doc, const char *rng)
{
    xmlRelaxNGPtr grammar = NULL;
    eb_complaint_t first = {.loader = l};
    apr_status_t rv = compile(&grammar, l, rng);
    if (rv != APR_SUCCESS)
        return rv;
    xmlRelaxNGValidCtxtPtr validator = xmlRelaxNGNewValidCtxt(grammar);
    if (!validator)
        return eb_problem_set(l->problem, EB_P_RNG_READ, APR_ENOMEM, rng, l->pool, "No memory");
    xmlRelaxNGSetValidStructuredErrors(validator, keep_first, &first);
    int verdict = xmlRelaxNGValidateDoc(validator, doc);
    xmlRelaxNGFreeValidCtxt(validator);
    if (verdict == 0)
        return APR_SUCCESS;
    improve(&first, xmlDocGetRootElement(doc));
    return eb_problem_set(l->problem, EB_P_FORM_GRAMMAR, APR_EINVAL,
                          first.where ? first.where : l->form->file, l->pool, "%s",
                          first.what ? first.what : "The form is not valid");
}
