/* The form against schemas/form.rng. libxml2 names the element that it could not place; the message
 * adds which of the many inputs it is, and the value that an attribute has. */
#include "load.h"

#include <apr_strings.h>
#include <libxml/relaxng.h>
#include <libxml/xmlerror.h>
#include <string.h>

#if LIBXML_VERSION >= 21200
typedef const xmlError *error_ptr;
#else
typedef xmlErrorPtr error_ptr;
#endif

typedef struct eb_complaint_t {
    eb_loader_t *loader;
    const char *what, *where;
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

/* Only the first complaint is a cause; what follows are its consequences. */
static void keep_first(void *context, error_ptr error)
{
    eb_complaint_t *first = context;
    apr_pool_t *pool = first->loader->pool;
    const xmlNode *node = error->node;
    if (first->what || !error->message)
        return;
    first->what = apr_pstrmemdup(pool, error->message, strcspn(error->message, "\n"));
    if (!node || node->type != XML_ELEMENT_NODE) {
        first->where = apr_psprintf(pool, "%s:%d", first->loader->form->file, error->line);
        return;
    }
    first->where = eb_load_where(first->loader, node);
    first->what = apr_pstrcat(pool, tag(node, pool), ": ", first->what,
                              culprit(error->message, node, pool), NULL);
}

static apr_status_t free_grammar(void *grammar)
{
    xmlRelaxNGFree(grammar);
    return APR_SUCCESS;
}

static apr_status_t compile(xmlRelaxNGPtr *grammar, eb_loader_t *l, const char *rng)
{
    eb_complaint_t first = {l, NULL, NULL};
    xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt(rng);
    if (parser) {
        xmlRelaxNGSetParserStructuredErrors(parser, keep_first, &first);
        *grammar = xmlRelaxNGParse(parser);
        xmlRelaxNGFreeParserCtxt(parser);
    }
    if (!parser || !*grammar)
        return eb_problem_set(l->problem, EB_P_RNG_READ, APR_EINVAL, rng, l->pool,
                              "The grammar cannot be compiled: %s",
                              first.what ? first.what : "the file cannot be read");
    apr_pool_cleanup_register(l->scratch, *grammar, free_grammar, apr_pool_cleanup_null);
    return APR_SUCCESS;
}

apr_status_t eb_load_grammar(eb_loader_t *l, xmlDocPtr doc, const char *rng)
{
    xmlRelaxNGPtr grammar = NULL;
    eb_complaint_t first = {l, NULL, NULL};
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
    return eb_problem_set(l->problem, EB_P_FORM_GRAMMAR, APR_EINVAL,
                          first.where ? first.where : l->form->file, l->pool, "%s",
                          first.what ? first.what : "The form is not valid");
}
