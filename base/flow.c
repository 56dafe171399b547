/* The shortest way: one piece, all at once. */
#include "flow.h"

#include <apr_errno.h>

typedef struct memory_t {
    eb_source_t source;
    const void *data;
    apr_size_t len;
} memory_t;

static apr_status_t pour(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    const memory_t *m = (const memory_t *)source;
    return m->len ? sink->take(sink, m->data, m->len, problem, pool) : APR_SUCCESS;
}

eb_source_t *eb_memory_source(const void *data, apr_size_t len, apr_pool_t *pool)
{
    memory_t *m = apr_palloc(pool, sizeof *m);

    *m = (memory_t){{pour}, data, len};
    return &m->source;
}
