/* A schema may have a DOCTYPE, but nothing in it may point outside: what is refused here can never
 * be fetched by the libraries that read the same files after us, with options of their own. */
#include "xmlfile.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <libxml/parser.h>

#define OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)

static apr_status_t free_doc(void *doc)
{
    xmlFreeDoc(doc);
    return APR_SUCCESS;
}

static bool has_external_entity(const xmlDoc *doc)
{
    if (!doc->intSubset)
        return false;
    for (const xmlNode *n = doc->intSubset->children; n; n = n->next) {
        if (n->type == XML_ENTITY_DECL && ((const xmlEntity *)n)->SystemID)
            return true;
    }
    return false;
}

static apr_status_t parse(xmlDocPtr *doc, xmlParserCtxtPtr ctxt, const char *file,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    *doc = xmlCtxtReadFile(ctxt, file, NULL, OPTIONS);
    if (*doc) {
        apr_pool_cleanup_register(pool, *doc, free_doc, apr_pool_cleanup_null);
        return APR_SUCCESS;
    }
    eb_xml_error_t error = xmlCtxtGetLastError(ctxt);
    const char *what = error && error->message ? error->message : "it is empty";
    return eb_problem_set(problem, EB_P_MESSAGE_FILE, APR_EINVAL,
                          apr_psprintf(pool, "%s:%d", file, error ? error->line : 1), pool,
                          "The file is not well-formed XML: %.*s", (int)strcspn(what, "\n"), what);
}

apr_status_t eb_xmlfile_load(xmlDocPtr *doc, const char *file, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    apr_finfo_t info;
    char why[120];
    apr_status_t rv = apr_stat(&info, file, APR_FINFO_TYPE, pool);

    if (rv == APR_SUCCESS && info.filetype != APR_REG)
        rv = APR_EINVAL;
    if (rv != APR_SUCCESS)
        return eb_problem_set(problem, EB_P_MESSAGE_FILE, rv, file, pool,
                              "The file cannot be read: %s", apr_strerror(rv, why, sizeof why));

    xmlParserCtxtPtr ctxt = xmlNewParserCtxt();
    if (!ctxt)
        return APR_ENOMEM;
    rv = parse(doc, ctxt, file, problem, pool);
    xmlFreeParserCtxt(ctxt);
    if (rv == APR_SUCCESS && has_external_entity(*doc))
        return eb_problem_set(problem, EB_P_MESSAGE_FILE, APR_EINVAL, file, pool,
                              "The DOCTYPE declares an external entity; nothing outside the file "
                              "is ever loaded");
    return rv;
}
