/* Inside of a profile: what is compiled once, and the two things done with it for each message. */
#ifndef EB_PROFILE_H
#define EB_PROFILE_H

#include "message.h"

#include <libxml/xmlschemas.h>
#include <libxslt/security.h>
#include <libxslt/xsltInternals.h>

struct eb_profile_t { /* read-only after eb_profile_load, shared by all threads */
    xsltStylesheetPtr style;
    xsltSecurityPrefsPtr security;
    xmlSchemaPtr schema;
    const char *xslt, *xsd; /* file names, for problems */
};

/* Runs the stylesheet: no files, no network, whatever it asks for. *message is freed with
 * xmlFreeDoc by the caller. */
apr_status_t eb_profile_transform(xmlDocPtr *message, const eb_profile_t *profile, xmlDocPtr source,
                                  eb_problem_t **problem, apr_pool_t *pool);

/* Validates against the XSD set. */
apr_status_t eb_profile_check(const eb_profile_t *profile, xmlDocPtr message,
                              eb_problem_t **problem, apr_pool_t *pool);

#endif
