/* A set of XSD files compiled to one schema, which is read-only afterwards and shared by all
 * threads. */
#ifndef EB_SCHEMA_H
#define EB_SCHEMA_H

#include "catalog.h"

#include <libxml/xmlschemas.h>

/* Follows every import and include of `file` on the local disk, through `catalog` (may be NULL)
 * where an address is not a file. Freed with `pool`. */
apr_status_t eb_schema_load(xmlSchemaPtr *schema, const char *file, const eb_catalog_t *catalog,
                            eb_problem_t **problem, apr_pool_t *pool);

#endif
