/* An OASIS XML catalog: where an address such as http://xoev.de/…/xoev-code.xsd lies on this disk.
 * Understood are system, uri, rewriteSystem, rewriteURI, group and xml:base; any other entry is
 * refused by name, so that nobody waits for one that does nothing. */
#ifndef EB_CATALOG_H
#define EB_CATALOG_H

#include "base/problem.h"

typedef struct eb_catalog_t eb_catalog_t;

apr_status_t eb_catalog_load(eb_catalog_t **catalog, const char *file, eb_problem_t **problem,
                             apr_pool_t *pool);
/* The local address for `uri`, or NULL when the catalog does not know it. `catalog` may be NULL. */
const char *eb_catalog_resolve(const eb_catalog_t *catalog, const char *uri, apr_pool_t *pool);

#endif
