/* A body that is never in memory as a whole, and whose length is known before its first byte: a
 * chain of pieces, in memory or poured. */
#ifndef EB_CHAIN_H
#define EB_CHAIN_H

#include "base/flow.h"

#include <apr_tables.h>

typedef struct eb_chain_t {
    eb_source_t source;
    apr_uint64_t len;
    apr_array_header_t *pieces;
} eb_chain_t;

void eb_chain_init(eb_chain_t *chain, apr_pool_t *pool);
void eb_chain_add(eb_chain_t *chain, const void *data, apr_size_t len); /* borrowed */
void eb_chain_puts(eb_chain_t *chain, const char *text);                /* borrowed */
/* The source must pour exactly `len` bytes, whenever it is asked. */
void eb_chain_pour(eb_chain_t *chain, eb_source_t *source, apr_uint64_t len);

/* What a source pours, in base64 without line breaks. */
eb_source_t *eb_base64_source(eb_source_t *source, apr_pool_t *pool);
apr_uint64_t eb_base64_len(apr_uint64_t len);

#endif
