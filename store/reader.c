/* Readers, read to the end. Nothing in clear is left behind on the stack. */
#include "reader.h"

#include <apr_errno.h>
#include <string.h>

enum { BLOCK = 16 * 1024 };

static apr_size_t next_block(const eb_reader_t *reader, apr_uint64_t done)
{
    return reader->len - done < BLOCK ? (apr_size_t)(reader->len - done) : BLOCK;
}

static apr_status_t pour(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    eb_reader_t *reader = ((eb_reader_source_t *)source)->reader;
    apr_status_t rv = APR_SUCCESS;
    char block[BLOCK];

    for (apr_uint64_t done = 0; !rv && done < reader->len;) {
        apr_size_t n = next_block(reader, done);
        rv = reader->at(reader, done, block, n, problem, pool);
        if (!rv)
            rv = sink->take(sink, block, n, problem, pool);
        done += n;
    }
    eb_wipe(block, sizeof block);
    return rv;
}

eb_reader_source_t eb_reader_source(eb_reader_t *reader)
{
    return (eb_reader_source_t){{pour}, reader};
}

apr_status_t eb_reader_same(eb_reader_t *a, eb_reader_t *b, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    apr_status_t rv = a->len == b->len ? APR_SUCCESS : APR_EGENERAL;
    char block[2][BLOCK];

    for (apr_uint64_t done = 0; !rv && done < a->len;) {
        apr_size_t n = next_block(a, done);
        rv = a->at(a, done, block[0], n, problem, pool);
        if (!rv)
            rv = b->at(b, done, block[1], n, problem, pool);
        if (!rv && memcmp(block[0], block[1], n) != 0)
            rv = APR_EGENERAL;
        done += n;
    }
    eb_wipe(block, sizeof block);
    return rv;
}
