/* libxml2 with its handlers bound to one parser context, so that several threads, and the other
 * users of the library in the same process, never meet. */
#include "xml.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <limits.h>
#include <string.h>

#define OPTIONS (XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES)

typedef struct eb_first_error_t {
    const char *message;
    int line;
    apr_pool_t *pool;
} eb_first_error_t;

#if LIBXML_VERSION >= 21200
typedef const xmlError *error_ptr;
#else
typedef xmlErrorPtr error_ptr;
#endif

/* Only the first error is a cause; what follows are its consequences. */
static void keep_first(void *context, error_ptr error)
{
    xmlParserCtxtPtr parser = context;
    eb_first_error_t *first = parser->_private;
    if (first->message || error->level < XML_ERR_ERROR)
        return;
    apr_size_t len = error->message ? strlen(error->message) : 0;
    while (len > 0 && error->message[len - 1] == '\n')
        len--;
    first->message = len ? apr_pstrmemdup(first->pool, error->message, len) : "not well-formed";
    first->line = error->line;
}

static apr_status_t free_doc(void *doc)
{
    xmlFreeDoc(doc);
    return APR_SUCCESS;
}

apr_status_t eb_xml_parse(xmlDocPtr *doc, const char *data, apr_size_t len, const char *name,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    eb_first_error_t first = {NULL, 0, pool};
    xmlParserCtxtPtr parser = len <= INT_MAX ? xmlNewParserCtxt() : NULL;
    if (!parser)
        return eb_problem_set(problem, EB_P_FILE_XML, APR_ENOMEM, name, pool, "No memory to parse");
    parser->_private = &first;
    parser->sax->serror = keep_first;
    *doc = xmlCtxtReadMemory(parser, data, (int)len, NULL, NULL, OPTIONS);
    xmlFreeParserCtxt(parser);
    if (*doc)
        apr_pool_cleanup_register(pool, *doc, free_doc, apr_pool_cleanup_null);
    if (!*doc || first.message)
        return eb_problem_set(
            problem, EB_P_FILE_XML, APR_EINVAL, apr_psprintf(pool, "%s:%d", name, first.line), pool,
            "The file is not well-formed XML: %s", first.message ? first.message : "it is empty");
    if ((*doc)->intSubset)
        return eb_problem_set(problem, EB_P_FILE_XML, APR_EINVAL, apr_psprintf(pool, "%s:1", name),
                              pool, "A DOCTYPE is not allowed here; remove it");
    return APR_SUCCESS;
}

apr_status_t eb_xml_read(const char **data, apr_size_t *len, const char *file, apr_size_t max,
                         eb_problem_t **problem, apr_pool_t *pool)
{
    apr_file_t *f;
    apr_finfo_t info;
    char why[120];
    apr_status_t rv = apr_file_open(&f, file, APR_READ | APR_BINARY, APR_OS_DEFAULT, pool);
    if (rv == APR_SUCCESS)
        rv = apr_file_info_get(&info, APR_FINFO_SIZE | APR_FINFO_TYPE, f);
    if (rv == APR_SUCCESS && info.filetype != APR_REG)
        rv = APR_EINVAL;
    if (rv == APR_SUCCESS && info.size > (apr_off_t)max)
        return eb_problem_set(problem, EB_P_FILE_READ, APR_ENOSPC, file, pool,
                              "The file has %" APR_OFF_T_FMT " bytes; at most %" APR_SIZE_T_FMT
                              " are read",
                              info.size, max);
    if (rv == APR_SUCCESS) {
        char *bytes = apr_palloc(pool, (apr_size_t)info.size + 1);
        rv = apr_file_read_full(f, bytes, (apr_size_t)info.size, len);
        bytes[*len] = '\0';
        *data = bytes;
        apr_file_close(f);
    }
    if (rv != APR_SUCCESS)
        return eb_problem_set(problem, EB_P_FILE_READ, rv, file, pool,
                              "The file cannot be read: %s", apr_strerror(rv, why, sizeof(why)));
    return APR_SUCCESS;
}

const char *eb_xml_where(const char *name, const xmlNode *node, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s:%ld", name, xmlGetLineNo((xmlNode *)node));
}

bool eb_xml_is(const xmlNode *node, const char *ns, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns &&
           strcmp((const char *)node->ns->href, ns) == 0 &&
           strcmp((const char *)node->name, name) == 0;
}

xmlNode *eb_xml_element(xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

static char *take(xmlChar *text, apr_pool_t *pool)
{
    char *copy = text ? apr_pstrdup(pool, (const char *)text) : NULL;
    xmlFree(text);
    return copy;
}

const char *eb_xml_attr(const xmlNode *node, const char *ns, const char *name, apr_pool_t *pool)
{
    xmlNode *n = (xmlNode *)node;
    return take(ns ? xmlGetNsProp(n, BAD_CAST name, BAD_CAST ns) : xmlGetNoNsProp(n, BAD_CAST name),
                pool);
}

const char *eb_xml_text(const xmlNode *node, apr_pool_t *pool)
{
    char *text = take(xmlNodeGetContent((xmlNode *)node), pool), *out = text;
    bool gap = false;
    if (!text)
        return "";
    for (const char *s = text; *s; s++) {
        if (strchr(" \t\r\n", *s)) {
            gap = out > text;
            continue;
        }
        if (gap)
            *out++ = ' ';
        gap = false;
        *out++ = *s;
    }
    *out = '\0';
    return text;
}
