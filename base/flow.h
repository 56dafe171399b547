/* Bytes on their way, for what is too long to be held in memory: a source pours, a sink takes. Both
 * are embedded as the first member of whatever they need to remember. */
#ifndef EB_FLOW_H
#define EB_FLOW_H

#include "problem.h"

typedef struct eb_sink_t eb_sink_t;
struct eb_sink_t {
    /* Borrowed bytes, any number of them. A failure stops the pouring and is handed through;
     * *problem may be set with it. */
    apr_status_t (*take)(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool);
};

typedef struct eb_source_t eb_source_t;
struct eb_source_t {
    /* All bytes into the sink, in order. `pool` is for the time of the call. */
    apr_status_t (*pour)(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                         apr_pool_t *pool);
};

/* What is in memory already; borrowed. */
eb_source_t *eb_memory_source(const void *data, apr_size_t len, apr_pool_t *pool);

#endif
