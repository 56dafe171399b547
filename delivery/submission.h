/* The acceptance of an application: the single place where "received" becomes true. Validated,
 * built, checked, frozen, sealed, durable: only then the receipt. Repeating it with the same UUID
 * yields the same receipt. */
#ifndef EB_SUBMISSION_H
#define EB_SUBMISSION_H

#include "base/flow.h"
#include "message/message.h"
#include "store/outbox.h"

#include <apr_tables.h>

typedef struct eb_acceptance_t {
    eb_outbox_t *box;
    const eb_profile_t *profile;
    const char *authority;
    const char *transport;
    /* Both or none: get the message, when it is this call that has accepted it. */
    const char **message;
    apr_size_t *message_len;
} eb_acceptance_t;

/* A document that goes with the application. */
typedef struct eb_enclosure_t {
    const char *id;
    const char *name; /* safe for file systems: "03-geburtsurkunde.pdf" */
    const char *type, *purpose;
    apr_uint64_t size;
    eb_source_t *source; /* is poured twice */
    apr_status_t status; /* set to why this one could not be read */
} eb_enclosure_t;

/* *accepted: header->created of the first call for this UUID, whose result is durable now. The
 * instance must have passed eb_rules_check_all(). `enclosures`: an array of eb_enclosure_t, or NULL
 * for none; header->sha512 is computed here. Failures:
 *   APR_EINVAL      the message is not valid: nothing is accepted;
 *   APR_INCOMPLETE  an enclosure could not be read in full: nothing is accepted; its `status` is
 *                   what its source said (APR_NOTFOUND: it is gone), *problem counts which it was;
 *   others          (APR_ENOSPC …) the outbox did not say that it has taken it; find() tells.
 * *problem may be set beside APR_SUCCESS: then only the journal failed. */
apr_status_t eb_submission_accept(apr_time_t *accepted, const eb_acceptance_t *a,
                                  const eb_header_t *header, const eb_context_t *c,
                                  const apr_array_header_t *enclosures, eb_problem_t **problem,
                                  apr_pool_t *pool);
/* The message as it would be accepted, or was, for its applicant: alike for the same header and
 * answers, as long as the authority's settings stay. Failures as above; nothing is accepted. */
apr_status_t eb_submission_message(const char **xml, apr_size_t *len, const eb_acceptance_t *a,
                                   const eb_header_t *header, const eb_context_t *c,
                                   const apr_array_header_t *enclosures, eb_problem_t **problem,
                                   apr_pool_t *pool);
/* Whether the outbox has it already, after a crash between acceptance and the draft's own note.
 * APR_NOTFOUND. */
apr_status_t eb_submission_find(apr_time_t *accepted, const eb_acceptance_t *a, const char *uuid,
                                eb_problem_t **problem, apr_pool_t *pool);

#endif
