/* MTOM (W3C, SOAP Message Transmission Optimization): an envelope and the contents that it refers
 * to, as one multipart/related body. */
#ifndef EB_MTOM_H
#define EB_MTOM_H

#include "chain.h"
#include "content.h"
#include "soap.h"

typedef struct eb_mtom_t {
    eb_chain_t body;
    const char *type; /* Content-Type of the body */
} eb_mtom_t;

/* APR_EGENERAL: no boundary can be drawn. */
apr_status_t eb_mtom_init(eb_mtom_t *mtom, const eb_soap_t *soap, const eb_content_t *contents,
                          int count, apr_pool_t *pool);

#endif
