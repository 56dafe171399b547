/* Why not libxml2's catalog: it is one for the whole process, shared with every other module, and
 * keeps each file it has read until the process ends, so that an edited catalog would not count
 * after a graceful restart. A profile wants its own, read when it is loaded. */
#include "catalog.h"
#include "xmlfile.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <libxml/uri.h>

#define CATALOG_NS "urn:oasis:names:tc:entity:xmlns:xml:catalog"

typedef struct entry_t {
    const char *from, *to;
    apr_size_t prefix; /* 0: `from` is a whole address; otherwise its length */
} entry_t;

struct eb_catalog_t {
    const char *file;
    apr_array_header_t *entries; /* of entry_t, in document order */
};

/* Element names, and the attributes in which they say what becomes what. */
static const struct {
    const char *element, *from, *to;
    bool prefix;
} kinds[] = {
    {"system", "systemId", "uri", false},
    {"uri", "name", "uri", false},
    {"rewriteSystem", "systemIdStartString", "rewritePrefix", true},
    {"rewriteURI", "uriStartString", "rewritePrefix", true},
};

static const char *absolute(xmlNodePtr node, const char *uri, apr_pool_t *pool)
{
    xmlChar *base = xmlNodeGetBase(node->doc, node);
    xmlChar *full = xmlBuildURI((const xmlChar *)uri, base);
    const char *copy = full ? apr_pstrdup(pool, (const char *)full) : NULL;

    xmlFree(full);
    xmlFree(base);
    return copy;
}

static apr_status_t add_entry(eb_catalog_t *catalog, xmlNodePtr node, int kind,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    const char *from = eb_xml_attr(node, NULL, kinds[kind].from, pool);
    const char *to = eb_xml_attr(node, NULL, kinds[kind].to, pool);

    if (to)
        to = absolute(node, to, pool);
    if (!from || !*from || !to)
        return eb_problem_set(problem, EB_P_MESSAGE_CATALOG, APR_EINVAL,
                              eb_xml_where(catalog->file, node, pool), pool,
                              "The entry %s needs the attributes %s and %s", kinds[kind].element,
                              kinds[kind].from, kinds[kind].to);

    entry_t *entry = apr_array_push(catalog->entries);
    entry->from = from;
    entry->to = to;
    entry->prefix = kinds[kind].prefix ? strlen(from) : 0;
    return APR_SUCCESS;
}

static int kind_of(const xmlNode *node)
{
    for (int i = 0; i < (int)(sizeof kinds / sizeof *kinds); i++) {
        if (eb_xml_is(node, CATALOG_NS, kinds[i].element))
            return i;
    }
    return -1;
}

static apr_status_t read_entries(eb_catalog_t *catalog, xmlNodePtr parent, eb_problem_t **problem,
                                 apr_pool_t *pool)
{
    apr_status_t rv = APR_SUCCESS;

    for (xmlNodePtr n = xmlFirstElementChild(parent); n && rv == APR_SUCCESS;
         n = xmlNextElementSibling(n)) {
        int kind = kind_of(n);
        if (kind >= 0)
            rv = add_entry(catalog, n, kind, problem, pool);
        else if (eb_xml_is(n, CATALOG_NS, "group"))
            rv = read_entries(catalog, n, problem, pool);
        else
            rv = eb_problem_set(problem, EB_P_MESSAGE_CATALOG, APR_EINVAL,
                                eb_xml_where(catalog->file, n, pool), pool,
                                "The entry \"%s\" is not understood; system, uri, rewriteSystem, "
                                "rewriteURI and group are",
                                (const char *)n->name);
    }
    return rv;
}

apr_status_t eb_catalog_load(eb_catalog_t **catalog, const char *file, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    eb_catalog_t *c = apr_pcalloc(pool, sizeof *c);
    xmlDocPtr doc;

    apr_status_t rv = eb_xmlfile_load(&doc, file, problem, pool);
    if (rv != APR_SUCCESS)
        return rv;
    xmlNodePtr root = xmlDocGetRootElement(doc);
    if (!eb_xml_is(root, CATALOG_NS, "catalog"))
        return eb_problem_set(problem, EB_P_MESSAGE_CATALOG, APR_EINVAL,
                              eb_xml_where(file, root, pool), pool,
                              "The root element is not \"catalog\" in the namespace " CATALOG_NS);
    c->file = apr_pstrdup(pool, file);
    c->entries = apr_array_make(pool, 16, sizeof(entry_t));
    *catalog = c;
    return read_entries(c, root, problem, pool);
}

/* A whole address wins over a prefix, a long prefix over a short one (OASIS XML Catalogs 1.1,
 * section 7). */
const char *eb_catalog_resolve(const eb_catalog_t *catalog, const char *uri, apr_pool_t *pool)
{
    const entry_t *best = NULL;

    for (int i = 0; catalog && i < catalog->entries->nelts; i++) {
        const entry_t *e = &APR_ARRAY_IDX(catalog->entries, i, entry_t);
        if (!e->prefix && strcmp(e->from, uri) == 0)
            return e->to;
        if (e->prefix && strncmp(e->from, uri, e->prefix) == 0 &&
            (!best || e->prefix > best->prefix))
            best = e;
    }
    return best ? apr_pstrcat(pool, best->to, uri + best->prefix, NULL) : NULL;
}
