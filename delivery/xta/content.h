/* The ContentContainer: one Message and its Attachments. Once in the clear, with references into
 * the parts of a multipart body, and once as a stream with everything in it, to be encrypted. */
#ifndef EB_CONTENT_H
#define EB_CONTENT_H

#include "chain.h"
#include "writer.h"

typedef struct eb_content_t {
    const char *type, *encoding, *name, *description; /* NULL: not said */
    const char *id;                                   /* Content-ID, without brackets */
    apr_uint64_t len;
    eb_source_t *source;
} eb_content_t;

/* contents[0] is the Message. */
void eb_contents_refer(eb_writer_t *w, const eb_content_t *contents, int count, apr_pool_t *pool);
/* APR_ENOMEM. */
apr_status_t eb_contents_chain(eb_chain_t *chain, const eb_content_t *contents, int count,
                               apr_pool_t *pool);
apr_uint64_t eb_contents_len(const eb_content_t *contents, int count);

/* <xop:Include> of a part. */
void eb_xop_include(eb_writer_t *w, const char *id, apr_pool_t *pool);

#endif
