/* What stands for the files of an application: as many as its answers name, and `more` that they do
 * not, with bytes that depend on the case, as the receiver (inbox.h) expects them. */
#ifndef ENCLOSURES_H
#define ENCLOSURES_H

#include "delivery/submission.h"
#include "form/files.h"
#include "bytes.h"
#include "inbox.h"

static inline apr_array_header_t *enclosures_of(const eb_context_t *c, const char *uuid, int more,
                                                apr_uint64_t (*size)(int), apr_pool_t *pool)
{
    apr_array_header_t *documents = eb_documents_list(c, true);
    int count = documents->nelts + more;
    apr_array_header_t *list = apr_array_make(pool, count, sizeof(eb_enclosure_t));
    bytes_t *sources = apr_palloc(pool, (apr_size_t)count * sizeof *sources + 1);

    for (int i = 0; i < count; i++) {
        const eb_document_t *d =
            i < documents->nelts ? &APR_ARRAY_IDX(documents, i, eb_document_t) : NULL;
        sources[i] = bytes_made(inbox_seed(uuid, i), size ? size(i) : inbox_size(i));
        APR_ARRAY_PUSH(list, eb_enclosure_t) = (eb_enclosure_t){
            .id = d ? d->file.id : apr_psprintf(pool, "id-%d", i),
            .name = d ? d->safe_name : inbox_name(i, pool),
            .type = d ? d->file.type : "application/pdf",
            .purpose = d ? d->node->name : "sonstige",
            .size = sources[i].len,
            .source = &sources[i].source,
        };
    }
    return list;
}

static inline bytes_t *enclosures_bytes(const apr_array_header_t *list, int i)
{
    return (bytes_t *)APR_ARRAY_IDX(list, i, eb_enclosure_t).source;
}

/* Lets the receiver look for them. */
static inline void enclosures_expect(inbox_t *in, const apr_array_header_t *list, apr_pool_t *pool)
{
    const char **names = apr_palloc(pool, (apr_size_t)list->nelts * sizeof *names + 1);

    for (int i = 0; i < list->nelts; i++)
        names[i] = APR_ARRAY_IDX(list, i, eb_enclosure_t).name;
    in->names = names;
    in->documents = list->nelts;
}

#endif
