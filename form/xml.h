/* Reading our own XML files: forms and code lists. Strict and offline: no DOCTYPE, no entities, no
 * network; errors become problems with file and line. Everything handed out is copied into a pool.
 */
#ifndef EB_XML_H
#define EB_XML_H

#include "base/problem.h"

#include <libxml/tree.h>
#include <stdbool.h>

/* *doc lives until the pool is cleared. Its nodes carry line numbers. `name` stands for the file in
 * messages. */
apr_status_t eb_xml_parse(xmlDocPtr *doc, const char *data, apr_size_t len, const char *name,
                          eb_problem_t **problem, apr_pool_t *pool);
/* The bytes of a file of at most `max` bytes. */
apr_status_t eb_xml_read(const char **data, apr_size_t *len, const char *file, apr_size_t max,
                         eb_problem_t **problem, apr_pool_t *pool);

/* "file:line" */
const char *eb_xml_where(const char *name, const xmlNode *node, apr_pool_t *pool);
bool eb_xml_is(const xmlNode *node, const char *ns, const char *name);
xmlNode *eb_xml_element(xmlNode *node); /* the node itself or its next sibling that is an element */
/* An attribute's value, `ns` NULL for one without namespace; NULL when absent. */
const char *eb_xml_attr(const xmlNode *node, const char *ns, const char *name, apr_pool_t *pool);
/* All text below the node, runs of white space made one space, trimmed; "" when there is none. */
const char *eb_xml_text(const xmlNode *node, apr_pool_t *pool);

#endif
