/* XÖV schemas import each other by http addresses, and must not be edited (their licence), nor may
 * anything be fetched. libxml2 alone would ask the process-wide catalog, and then the network. So
 * we walk the set first, resolve every address, and then hand libxml2 a small driver schema that
 * imports all namespaces by their local files, the used before their users: when it meets an
 * import by address, that namespace is known already and the address is never opened. */
#include "schema.h"
#include "xmlfile.h"

#include <apr_file_info.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <libxml/uri.h>

#define XS_NS "http://www.w3.org/2001/XMLSchema"

typedef enum { IN_PROGRESS = 1, DONE } state_t;

typedef struct set_t {
    const eb_catalog_t *catalog;
    apr_hash_t *states; /* local file -> state_t * */
    xmlNodePtr driver;  /* the schema that imports all the others */
    eb_problem_t **problem;
    apr_pool_t *pool;
} set_t;

static bool is_file(const char *path, apr_pool_t *pool)
{
    apr_finfo_t info;
    return apr_stat(&info, path, APR_FINFO_TYPE, pool) == APR_SUCCESS && info.filetype == APR_REG;
}

static const char *local_path(const char *uri)
{
    return strncmp(uri, "file://", 7) == 0 ? uri + 7 : uri;
}

/* The file for a schemaLocation; NULL when there is none on this host. *direct: libxml2 finds it
 * without us. */
static const char *resolve(const set_t *set, xmlNodePtr node, const char *location, bool *direct)
{
    xmlChar *base = xmlNodeGetBase(node->doc, node);
    xmlChar *full = xmlBuildURI((const xmlChar *)location, base);
    const char *uri = full ? apr_pstrdup(set->pool, (const char *)full) : location;

    xmlFree(full);
    xmlFree(base);
    *direct = is_file(local_path(uri), set->pool);
    if (*direct)
        return local_path(uri);
    const char *mapped = eb_catalog_resolve(set->catalog, uri, set->pool);
    return mapped && is_file(local_path(mapped), set->pool) ? local_path(mapped) : NULL;
}

static apr_status_t add_to_driver(set_t *set, xmlNodePtr root, const char *file)
{
    const char *target = eb_xml_attr(root, NULL, "targetNamespace", set->pool);
    if (!target)
        return eb_problem_set(set->problem, EB_P_MESSAGE_SCHEMA, APR_EINVAL,
                              eb_xml_where(file, root, set->pool), set->pool,
                              "The schema has no targetNamespace");

    xmlNodePtr import = xmlNewChild(set->driver, set->driver->ns, (const xmlChar *)"import", NULL);
    if (!import || !xmlNewProp(import, (const xmlChar *)"namespace", (const xmlChar *)target) ||
        !xmlNewProp(import, (const xmlChar *)"schemaLocation", (const xmlChar *)file))
        return APR_ENOMEM;
    return APR_SUCCESS;
}

static apr_status_t walk(set_t *set, const char *file, bool imported);

/* One xs:import, xs:include or xs:redefine. */
static apr_status_t follow(set_t *set, const char *file, xmlNodePtr node, bool import)
{
    const char *location = eb_xml_attr(node, NULL, "schemaLocation", set->pool);
    const char *where = eb_xml_where(file, node, set->pool);
    bool direct;

    if (!location)
        return APR_SUCCESS; /* a mere declaration that names of that namespace are used */
    const char *path = resolve(set, node, location, &direct);
    if (!path)
        return eb_problem_set(set->problem, EB_P_MESSAGE_SCHEMA_ADDRESS, APR_ENOENT, where,
                              set->pool, "No file and no catalog entry for \"%s\"", location);
    const state_t *state = apr_hash_get(set->states, path, APR_HASH_KEY_STRING);
    if (!direct && (!import || (state && *state == IN_PROGRESS)))
        return eb_problem_set(set->problem, EB_P_MESSAGE_SCHEMA_ADDRESS, APR_EINVAL, where,
                              set->pool,
                              "\"%s\" is included, or imports in a circle, by an address that "
                              "only the catalog knows; a relative file name is needed here",
                              location);
    return state ? APR_SUCCESS : walk(set, path, import);
}

static apr_status_t walk(set_t *set, const char *file, bool imported)
{
    state_t *state = apr_palloc(set->pool, sizeof *state);
    xmlDocPtr doc;

    *state = IN_PROGRESS;
    apr_hash_set(set->states, file, APR_HASH_KEY_STRING, state);
    apr_status_t rv = eb_xmlfile_load(&doc, file, set->problem, set->pool);
    if (rv != APR_SUCCESS)
        return rv;
    xmlNodePtr root = xmlDocGetRootElement(doc);
    if (!eb_xml_is(root, XS_NS, "schema"))
        return eb_problem_set(set->problem, EB_P_MESSAGE_SCHEMA, APR_EINVAL,
                              eb_xml_where(file, root, set->pool), set->pool,
                              "The root element is not xs:schema");

    for (xmlNodePtr n = xmlFirstElementChild(root); n && rv == APR_SUCCESS;
         n = xmlNextElementSibling(n)) {
        bool import = eb_xml_is(n, XS_NS, "import");
        if (import || eb_xml_is(n, XS_NS, "include") || eb_xml_is(n, XS_NS, "redefine"))
            rv = follow(set, file, n, import);
    }
    *state = DONE;
    return rv == APR_SUCCESS && imported ? add_to_driver(set, root, file) : rv;
}

static apr_status_t free_doc(void *doc)
{
    xmlFreeDoc(doc);
    return APR_SUCCESS;
}

static apr_status_t free_schema(void *schema)
{
    xmlSchemaFree(schema);
    return APR_SUCCESS;
}

/* Nodes of the driver stay referenced by the schema: registered first, it is freed last. */
static xmlNodePtr new_driver(apr_pool_t *pool)
{
    xmlDocPtr doc = xmlNewDoc((const xmlChar *)"1.0");
    if (!doc)
        return NULL;
    apr_pool_cleanup_register(pool, doc, free_doc, apr_pool_cleanup_null);

    xmlNodePtr root = xmlNewDocNode(doc, NULL, (const xmlChar *)"schema", NULL);
    if (!root)
        return NULL;
    xmlDocSetRootElement(doc, root);
    xmlSetNs(root, xmlNewNs(root, (const xmlChar *)XS_NS, (const xmlChar *)"xs"));
    return root->ns ? root : NULL;
}

typedef struct first_error_t {
    const char *where, *what;
    apr_pool_t *pool;
} first_error_t;

static void note_error(void *baton, eb_xml_error_t error)
{
    first_error_t *first = baton;

    if (first->what || error->level < XML_ERR_ERROR)
        return;
    first->where = error->file ? apr_psprintf(first->pool, "%s:%d", error->file, error->line) : "";
    first->what = apr_pstrndup(first->pool, error->message, strcspn(error->message, "\n"));
}

static apr_status_t compile(xmlSchemaPtr *schema, const char *file, xmlDocPtr driver,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    first_error_t first = {NULL, NULL, pool};
    xmlSchemaParserCtxtPtr ctxt = xmlSchemaNewDocParserCtxt(driver);

    if (!ctxt)
        return APR_ENOMEM;
    xmlSchemaSetParserStructuredErrors(ctxt, (xmlStructuredErrorFunc)note_error, &first);
    *schema = xmlSchemaParse(ctxt);
    xmlSchemaFreeParserCtxt(ctxt);
    if (*schema)
        apr_pool_cleanup_register(pool, *schema, free_schema, apr_pool_cleanup_null);
    if (*schema && !first.what)
        return APR_SUCCESS;
    return eb_problem_set(problem, EB_P_MESSAGE_SCHEMA, APR_EINVAL,
                          first.where && *first.where ? first.where : file, pool,
                          "The schema does not compile: %s",
                          first.what ? first.what : "libxml2 gives no reason");
}

apr_status_t eb_schema_load(xmlSchemaPtr *schema, const char *file, const eb_catalog_t *catalog,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    apr_pool_t *temp;
    apr_status_t rv = apr_pool_create(&temp, pool);
    if (rv != APR_SUCCESS)
        return rv;

    set_t set = {catalog, apr_hash_make(temp), new_driver(pool), problem, temp};
    rv = set.driver ? walk(&set, file, true) : APR_ENOMEM;
    if (rv == APR_SUCCESS)
        rv = compile(schema, file, set.driver->doc, problem, pool);
    if (rv == APR_SUCCESS) /* otherwise the problem lives in it */
        apr_pool_destroy(temp);
    return rv;
}
