/* What an operator may do to the jobs of an outbox, beside workers that go on with theirs; each
 * engine in its own way: box->engine->by_hand. */
#ifndef EB_OPERATOR_H
#define EB_OPERATOR_H

#include "outbox.h"

#include <stdbool.h>

/* A line of the journal, without its end; may be written to. False: that was enough. */
typedef bool (*eb_line_t)(char *line, void *baton);

enum {
    EB_JOURNAL_TIME,
    EB_JOURNAL_AUTHORITY,
    EB_JOURNAL_NUMBER,
    EB_JOURNAL_UUID,
    EB_JOURNAL_STEP,
    EB_JOURNAL_TRANSPORT,
    EB_JOURNAL_DETAIL,
    EB_JOURNAL_FIELDS
};
/* Cuts a line at its tabs; false when it is no line of a journal. */
bool eb_journal_cut(char *fields[EB_JOURNAL_FIELDS], char *line);

typedef struct eb_operator_t {
    /* One job, due or not, held exclusively as by the engine's take(), until release(). APR_EBUSY:
     * a worker has it just now; APR_NOTFOUND: it is not in the queue (any more); both without a
     * problem. APR_ENOTIMPL, APR_EINVAL: it is of a newer version, or no job, which is a worker's
     * to set aside. */
    apr_status_t (*take)(eb_job_t **job, eb_outbox_t *box, const char *authority, const char *uuid,
                         eb_problem_t **problem, apr_pool_t *pool);
    /* Seals the package of a taken job under the first key of the key file, unless it is. The new
     * one is complete, durable and read back before it takes the place of the old one in one step.
     * What is left to do with the job is release(). */
    apr_status_t (*rewrap)(bool *changed, eb_outbox_t *box, const eb_job_t *job,
                           eb_problem_t **problem, apr_pool_t *pool);
    /* Which key a package is sealed under. APR_NOTFOUND: it has gone; APR_EINVAL: no package. */
    apr_status_t (*key)(apr_uint32_t *key_id, eb_outbox_t *box, const char *authority,
                        const char *uuid, eb_problem_t **problem, apr_pool_t *pool);
    /* Calls each() for every line of the journal, the oldest first. An absent one has none. */
    apr_status_t (*journal)(eb_outbox_t *box, const char *authority, eb_line_t each, void *baton,
                            eb_problem_t **problem, apr_pool_t *pool);
} eb_operator_t;

#endif
