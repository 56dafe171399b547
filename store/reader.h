/* What can be done with the reader of any engine's package. */
#ifndef EB_READER_H
#define EB_READER_H

#include "outbox.h"

/* All of a package, as a source to put it somewhere else. */
typedef struct eb_reader_source_t {
    eb_source_t source;
    eb_reader_t *reader;
} eb_reader_source_t;
eb_reader_source_t eb_reader_source(eb_reader_t *reader);

/* Compares two packages to the last byte. APR_EGENERAL, without a problem: they differ. */
apr_status_t eb_reader_same(eb_reader_t *a, eb_reader_t *b, eb_problem_t **problem,
                            apr_pool_t *pool);

#endif
