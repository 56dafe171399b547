/* What authorities write back: the part of the outbox that it is kept in, and the mailboxes that it
 * is fetched from. Several authorities may share a mailbox, which then is asked once for all of
 * them. */
#ifndef EB_HTTPD_ANSWERS_H
#define EB_HTTPD_ANSWERS_H

#include "check.h"
#include "delivery/crew.h"

/* An authority that writes to a mailbox, and the outbox that its answers go to. */
typedef struct eb_writer_t {
    const eb_depot_t *depot;
    const eb_authority_t *authority;
} eb_writer_t;

struct eb_mailbox_use_t {
    const char *name;          /* where and whose it is; two of the same name are one */
    const eb_transport_t *way; /* by which it is asked */
    apr_interval_time_t every;
    bool leave;
    apr_array_header_t *writers; /* of eb_writer_t */
};

/* Gives the authority the part for its answers, `replies`; false: a problem was reported. */
bool eb_answers_prepare(eb_check_t *c, eb_authority_t *authority);
/* The authority uses this depot. */
void eb_answers_collect(eb_check_t *c, const eb_authority_t *authority);

/* What the workers of a child need for it: outboxes of their own, when to stop, whom to tell. */
typedef struct eb_answers_help_t {
    eb_outbox_t *(*box)(void *baton, const eb_depot_t *depot); /* NULL: not open */
    bool (*stop)(void *baton);
    void (*report)(void *baton, const eb_job_t *job, const eb_problem_t *problem);
    void *baton;
} eb_answers_help_t;
/* An errand per mailbox: of eb_errand_t. */
apr_array_header_t *eb_answers_errands(const eb_start_t *start, const eb_answers_help_t *help,
                                       apr_pool_t *pool);

#endif
