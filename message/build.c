/* The whole way of a message: source, stylesheet, schema, text. What is validated is the very tree
 * that is written, so nothing can slip in between. */
#include "profile.h"

#include <apr_strings.h>
#include <libxml/xmlerror.h>
#include <libxslt/xsltutils.h>
#include <stdbool.h>

static apr_status_t serialise(const char **xml, apr_size_t *len, const eb_profile_t *profile,
                              xmlDocPtr message, apr_pool_t *pool)
{
    xmlChar *text = NULL;
    int length = 0;

    if (xsltSaveResultToString(&text, &length, message, profile->style) != 0 || !text)
        return APR_ENOMEM;
    *xml = apr_pstrmemdup(pool, (const char *)text, (apr_size_t)length);
    *len = (apr_size_t)length;
    xmlFree(text);
    return APR_SUCCESS;
}

/* Nothing may be left out of a message, and the libraries go on without what they had no memory
 * for. Each thread has an error of its own that was its last. */
static bool is_starved(void)
{
    const xmlError *last = xmlGetLastError();
    return last && last->code == XML_ERR_NO_MEMORY;
}

static apr_status_t judge(apr_status_t rv, eb_problem_t **problem, apr_pool_t *pool)
{
    if (rv != APR_ENOMEM && !is_starved())
        return rv;
    return eb_problem_set(problem, EB_P_MESSAGE_MEMORY, APR_ENOMEM, NULL, pool,
                          "A message was not made");
}

apr_status_t eb_message_build(const char **xml, apr_size_t *len, const eb_profile_t *profile,
                              const eb_header_t *header, const eb_context_t *c,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    xmlDocPtr source = NULL, message = NULL;

    xmlResetLastError();
    apr_status_t rv = eb_message_source(&source, header, c, problem, pool);
    if (rv == APR_SUCCESS)
        rv = eb_profile_transform(&message, profile, source, problem, pool);
    xmlFreeDoc(source); /* the larger of the two trees goes before there is more */
    if (rv == APR_SUCCESS)
        rv = eb_profile_check(profile, message, problem, pool);
    if (rv == APR_SUCCESS)
        rv = serialise(xml, len, profile, message, pool);
    xmlFreeDoc(message);
    return judge(rv, problem, pool);
}
