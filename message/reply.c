/* A message of XÖV is named <area>.<name>.<number>; receipts and refusals have the same name in
 * every standard, since they come from the same building blocks. */
#include "reply.h"
#include "profile.h"
#include "schema.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <libxml/parser.h>
#include <string.h>

#define OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)

struct eb_reply_rules_t {
    eb_profile_t profile; /* without a stylesheet */
};

static const char *const names[] = {"receipt", "refusal", "letter"};

const char *eb_reply_kind_name(eb_reply_kind_t kind)
{
    return names[kind];
}

apr_status_t eb_reply_kind_parse(eb_reply_kind_t *kind, const char *name)
{
    for (int i = EB_REPLY_RECEIPT; i <= EB_REPLY_LETTER; i++)
        if (!strcmp(names[i], name)) {
            *kind = (eb_reply_kind_t)i;
            return APR_SUCCESS;
        }
    return APR_EINVAL;
}

apr_status_t eb_reply_rules_load(eb_reply_rules_t **rules, const char *xsd, const char *catalog,
                                 eb_problem_t **problem, apr_pool_t *pool)
{
    eb_reply_rules_t *made = apr_pcalloc(pool, sizeof *made);
    eb_catalog_t *addresses = NULL;
    apr_status_t rv = catalog ? eb_catalog_load(&addresses, catalog, problem, pool) : APR_SUCCESS;

    made->profile.xsd = apr_pstrdup(pool, xsd);
    if (!rv)
        rv = eb_schema_load(&made->profile.schema, made->profile.xsd, addresses, problem, pool);
    *rules = made;
    return rv;
}

/* The part between the first two dots. */
static eb_reply_kind_t kind_of(const xmlNode *root)
{
    static const struct {
        const char *name;
        eb_reply_kind_t kind;
    } known[] = {{"quittung", EB_REPLY_RECEIPT}, {"rueckweisung", EB_REPLY_REFUSAL}};
    const char *name = strchr((const char *)root->name, '.');

    for (size_t i = 0; name && i < sizeof known / sizeof *known; i++) {
        const size_t len = strlen(known[i].name);
        if (!strncasecmp(name + 1, known[i].name, len) && name[1 + len] == '.')
            return known[i].kind;
    }
    return EB_REPLY_LETTER;
}

static apr_status_t invalid(const char *what, const char *where, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_REPLY_INVALID, APR_EINVAL, where, pool,
                          "An answer of an authority %s", what);
}

static apr_status_t check(xmlDocPtr doc, const eb_reply_rules_t *rules, eb_problem_t **problem,
                          apr_pool_t *pool)
{
    eb_problem_t *finding = NULL;

    if (!doc || !xmlDocGetRootElement(doc))
        return invalid("is no XML that can be read", NULL, problem, pool);
    if (doc->intSubset || doc->extSubset)
        return invalid("has a document type, which messages have not", NULL, problem, pool);
    if (!eb_profile_check(&rules->profile, doc, &finding, pool))
        return APR_SUCCESS;
    return invalid(apr_psprintf(pool, "is not valid: %s", finding ? finding->what : "no memory"),
                   rules->profile.xsd, problem, pool);
}

apr_status_t eb_reply_read(eb_reply_kind_t *kind, const eb_reply_rules_t *rules, const char *xml,
                           apr_size_t len, eb_problem_t **problem, apr_pool_t *pool)
{
    xmlDocPtr doc = xmlReadMemory(xml, (int)len, NULL, NULL, OPTIONS);
    apr_status_t rv = check(doc, rules, problem, pool);

    if (!rv)
        *kind = kind_of(xmlDocGetRootElement(doc));
    xmlFreeDoc(doc);
    return rv;
}
