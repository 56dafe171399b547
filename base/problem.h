/* A problem is a failure that a person must read: a stable id, what is wrong and what to do about
 * it. Whoever notices the failure makes one and hands it up; only the top (httpd's log, the status
 * page, einbuergerungctl) prints it, once. The ids with their cause and remedy are the table
 * problems.def, from which conf/problems.md is generated. */
#ifndef EB_PROBLEM_H
#define EB_PROBLEM_H

#include <apr_pools.h>

/* The ids as an enum: EB_P_KEYFILE_OPEN … ; the rows are (name, "EBnnnn", "cause", "remedy"). */
typedef enum {
#define EB_PROBLEM(name, id, cause, remedy) EB_P_##name,
#include "problems.def"
#undef EB_PROBLEM
    EB_P_COUNT
} eb_problem_id_t;

typedef struct eb_problem_t {
    eb_problem_id_t number;
    const char *id;      /* "EB0101" */
    apr_status_t status; /* what the failing call returned; never APR_SUCCESS */
    const char *where;   /* "file:line", or NULL where no file is at fault */
    const char *what; /* one sentence: what is wrong, where, what was expected; never content of an
                         application */
    const char *remedy; /* what the reader should do; from the table */
} eb_problem_t;

/* Makes the problem in `pool`, stores it in *problem (when problem is not NULL) and returns
 * `status`, so that the caller can write `return eb_problem_set(...)`. `where` may be NULL. */
apr_status_t eb_problem_set(eb_problem_t **problem, eb_problem_id_t number, apr_status_t status,
                            const char *where, apr_pool_t *pool, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* "EB0101 file:12: what. Remedy." in one line, for logs and terminals. */
const char *eb_problem_text(const eb_problem_t *problem, apr_pool_t *pool);

/* The table row of an id, for the generated documentation and the status page. */
const char *eb_problem_id(eb_problem_id_t number);
const char *eb_problem_cause(eb_problem_id_t number);
const char *eb_problem_remedy(eb_problem_id_t number);

#endif
