/* A profile is what an authority understands: a stylesheet and an XSD set, compiled when httpd
 * starts. Transforming and validating then only read them; everything that changes lives in a
 * context of the call, so threads need no lock. */
#include "profile.h"
#include "schema.h"
#include "xmlfile.h"

#include <apr_strings.h>
#include <libxslt/transform.h>
#include <libxslt/xsltutils.h>

#define XSLT_NS "http://www.w3.org/1999/XSL/Transform"

static apr_status_t free_style(void *style)
{
    xsltFreeStylesheet(style);
    return APR_SUCCESS;
}

static apr_status_t free_security(void *security)
{
    xsltFreeSecurityPrefs(security);
    return APR_SUCCESS;
}

/* libxslt loads what a stylesheet imports with options of its own, DTDs and network included. */
static apr_status_t refuse_imports(xmlDocPtr doc, const char *file, eb_problem_t **problem,
                                   apr_pool_t *pool)
{
    xmlNodePtr root = xmlDocGetRootElement(doc);

    for (xmlNodePtr n = xmlFirstElementChild(root); n; n = xmlNextElementSibling(n)) {
        if (eb_xml_is(n, XSLT_NS, "import") || eb_xml_is(n, XSLT_NS, "include"))
            return eb_problem_set(
                problem, EB_P_MESSAGE_STYLESHEET, APR_EINVAL, eb_xml_where(file, n, pool), pool,
                "A stylesheet is one file; xsl:%s is not available", (const char *)n->name);
    }
    return APR_SUCCESS;
}

static apr_status_t check_output(const xsltStylesheet *style, const char *file,
                                 eb_problem_t **problem, apr_pool_t *pool)
{
    bool xml = !style->method || xmlStrEqual(style->method, (const xmlChar *)"xml");
    bool utf8 = !style->encoding || xmlStrcasecmp(style->encoding, (const xmlChar *)"UTF-8") == 0;

    if (xml && utf8)
        return APR_SUCCESS;
    return eb_problem_set(problem, EB_P_MESSAGE_STYLESHEET, APR_EINVAL, file, pool,
                          "xsl:output must say method=\"xml\" and encoding=\"UTF-8\"");
}

/* The stylesheet changes its tree, and frees it: it gets a copy, and ours goes at once. */
static apr_status_t read_style(xmlDocPtr *own, const char *file, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    apr_pool_t *temp;
    xmlDocPtr doc;

    apr_status_t rv = apr_pool_create(&temp, pool);
    if (rv == APR_SUCCESS)
        rv = eb_xmlfile_load(&doc, file, problem, temp);
    if (rv == APR_SUCCESS)
        rv = refuse_imports(doc, file, problem, temp);
    if (rv != APR_SUCCESS)
        return rv; /* the problem lives in the temporary pool */
    *own = xmlCopyDoc(doc, 1);
    apr_pool_destroy(temp);
    return *own ? APR_SUCCESS : APR_ENOMEM;
}

static apr_status_t load_style(eb_profile_t *profile, eb_problem_t **problem, apr_pool_t *pool)
{
    const char *file = profile->xslt;
    xmlDocPtr own;

    apr_status_t rv = read_style(&own, file, problem, pool);
    if (rv != APR_SUCCESS)
        return rv;
    profile->style = xsltParseStylesheetDoc(own);
    if (!profile->style) {
        xmlFreeDoc(own);
        return eb_problem_set(problem, EB_P_MESSAGE_STYLESHEET, APR_EINVAL, file, pool,
                              "The stylesheet does not compile; libxslt says why on the error "
                              "output");
    }
    apr_pool_cleanup_register(pool, profile->style, free_style, apr_pool_cleanup_null);
    return check_output(profile->style, file, problem, pool);
}

static apr_status_t forbid_everything(eb_profile_t *profile, apr_pool_t *pool)
{
    static const xsltSecurityOption options[] = {
        XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
        XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK};

    profile->security = xsltNewSecurityPrefs();
    if (!profile->security)
        return APR_ENOMEM;
    apr_pool_cleanup_register(pool, profile->security, free_security, apr_pool_cleanup_null);
    for (unsigned i = 0; i < sizeof options / sizeof *options; i++) {
        if (xsltSetSecurityPrefs(profile->security, options[i], xsltSecurityForbid) != 0)
            return APR_EGENERAL;
    }
    return APR_SUCCESS;
}

apr_status_t eb_profile_load(eb_profile_t **profile, const char *xslt, const char *xsd,
                             const char *catalog, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_profile_t *p = apr_pcalloc(pool, sizeof *p);
    eb_catalog_t *addresses = NULL;

    p->xslt = apr_pstrdup(pool, xslt);
    p->xsd = apr_pstrdup(pool, xsd);
    apr_status_t rv = forbid_everything(p, pool);
    if (rv == APR_SUCCESS)
        rv = load_style(p, problem, pool);
    if (rv == APR_SUCCESS && catalog)
        rv = eb_catalog_load(&addresses, catalog, problem, pool);
    if (rv == APR_SUCCESS)
        rv = eb_schema_load(&p->schema, p->xsd, addresses, problem, pool);
    if (rv == APR_SUCCESS)
        *profile = p;
    return rv;
}

/* What libxslt and the stylesheet's own xsl:message say may quote the application: swallowed. */
static void swallow_text(void *baton, const char *format, ...)
{
    (void)baton, (void)format;
}

static void swallow_error(void *baton, eb_xml_error_t error)
{
    (void)baton, (void)error;
}

static xsltTransformContextPtr new_context(const eb_profile_t *profile, xmlDocPtr source)
{
    xsltTransformContextPtr ctxt = xsltNewTransformContext(profile->style, source);
    if (!ctxt)
        return NULL;
    xsltSetTransformErrorFunc(ctxt, NULL, swallow_text);
    ctxt->xpathCtxt->error = (xmlStructuredErrorFunc)swallow_error;
    if (xsltSetCtxtSecurityPrefs(profile->security, ctxt) == 0)
        return ctxt;
    xsltFreeTransformContext(ctxt);
    return NULL;
}

apr_status_t eb_profile_transform(xmlDocPtr *message, const eb_profile_t *profile, xmlDocPtr source,
                                  eb_problem_t **problem, apr_pool_t *pool)
{
    xsltTransformContextPtr ctxt = new_context(profile, source);
    if (!ctxt)
        return APR_ENOMEM;

    *message = xsltApplyStylesheetUser(profile->style, source, NULL, NULL, NULL, ctxt);
    bool finished = ctxt->state == XSLT_STATE_OK;
    const xmlNode *at = ctxt->inst;
    long line = at && !finished ? xmlGetLineNo(at) : -1;
    xsltFreeTransformContext(ctxt);

    if (*message && finished && xmlDocGetRootElement(*message))
        return APR_SUCCESS;
    xmlFreeDoc(*message);
    *message = NULL;
    return eb_problem_set(problem, EB_P_MESSAGE_TRANSFORM, APR_EGENERAL,
                          line > 0 ? apr_psprintf(pool, "%s:%ld", profile->xslt, line)
                                   : profile->xslt,
                          pool, "The stylesheet stopped, or made no message");
}

/* The rules of XML Schema by the names that people know. libxml2's own sentences quote the value,
 * and what an applicant wrote belongs in no log. */
static const char *rule_name(int code)
{
    switch (code) {
    case XML_SCHEMAV_CVC_PATTERN_VALID: return "a character or a form outside the pattern";
    case XML_SCHEMAV_CVC_LENGTH_VALID:
    case XML_SCHEMAV_CVC_MINLENGTH_VALID: return "too short (length)";
    case XML_SCHEMAV_CVC_MAXLENGTH_VALID: return "too long (maxLength)";
    case XML_SCHEMAV_CVC_ENUMERATION_VALID: return "not one of the listed values (enumeration)";
    case XML_SCHEMAV_CVC_MININCLUSIVE_VALID: return "too small (minInclusive)";
    case XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID: return "too large (maxInclusive)";
    case XML_SCHEMAV_CVC_FRACTIONDIGITS_VALID: return "too many decimal places";
    case XML_SCHEMAV_CVC_TOTALDIGITS_VALID: return "too many digits";
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1:
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_2:
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3: return "not a value of its data type";
    case XML_SCHEMAV_CVC_FACET_VALID: return "outside a facet of its data type";
    case XML_SCHEMAV_CVC_ELT_1: return "no declaration for this element";
    case XML_SCHEMAV_ELEMENT_CONTENT: return "an element that is not expected here, or one missing";
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2: return "an attribute that is not allowed";
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_4: return "a required attribute is missing";
    case XML_SCHEMAV_CVC_AU:
    case XML_SCHEMAV_CVC_ELT_5_2_2_2_2: return "not the fixed value";
    case XML_SCHEMAV_CVC_IDC: return "not unique, or a number that nothing has (unique, keyref)";
    default: return NULL;
    }
}

typedef struct finding_t {
    const char *path, *rule;
    apr_pool_t *pool;
} finding_t;

static void note_finding(void *baton, eb_xml_error_t error)
{
    finding_t *f = baton;

    if (f->rule)
        return; /* the first names the cause, what follows are consequences */
    f->rule = rule_name(error->code);
    if (!f->rule)
        f->rule = apr_psprintf(f->pool, "rule %d of libxml2", error->code);
    xmlChar *path = error->node ? xmlGetNodePath(error->node) : NULL;
    f->path = path ? apr_pstrdup(f->pool, (const char *)path) : "an unknown place";
    xmlFree(path);
}

apr_status_t eb_profile_check(const eb_profile_t *profile, xmlDocPtr message,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    finding_t finding = {NULL, NULL, pool};
    xmlSchemaValidCtxtPtr ctxt = xmlSchemaNewValidCtxt(profile->schema);

    if (!ctxt)
        return APR_ENOMEM;
    xmlSchemaSetValidStructuredErrors(ctxt, (xmlStructuredErrorFunc)note_finding, &finding);
    int result = xmlSchemaValidateDoc(ctxt, message);
    xmlSchemaFreeValidCtxt(ctxt);
    if (result == 0)
        return APR_SUCCESS;
    return eb_problem_set(problem, EB_P_MESSAGE_INVALID, APR_EINVAL, profile->xsd, pool, "%s: %s",
                          finding.path ? finding.path : "the message",
                          finding.rule ? finding.rule : "libxml2 could not validate it");
}
