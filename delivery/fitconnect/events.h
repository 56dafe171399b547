/* The event log of a submission: tokens that say what became of it, believed one by one. */
#ifndef EB_FIT_EVENTS_H
#define EB_FIT_EVENTS_H

#include "fit.h"
#include "memory.h"
#include "set.h"

/* What one answer of the log holds. Tokens are not believed yet. APR_EINVAL: it is no such answer.
 */
typedef struct eb_fit_page_t {
    json_int_t total;
    apr_array_header_t *tokens; /* of const char *; they live as long as the JSON */
} eb_fit_page_t;
apr_status_t eb_fit_page_read(eb_fit_page_t *page, const json_t *json, apr_pool_t *pool);

/* All tokens, the oldest first. *missing (may be NULL): there is no such log, which is no problem
 * then. */
eb_step_result_t eb_fit_log(apr_array_header_t **tokens, bool *missing,
                            const eb_fit_memory_t *memory, const eb_fit_call_t *call);
/* Whether one of them claims such an event, true or not. */
bool eb_fit_log_claims(const apr_array_header_t *tokens, eb_event_t event, apr_pool_t *pool);

/* What can be believed of it. What is new goes to the journal with the keys that prove it, by
 * job->notes, and is remembered. */
typedef struct eb_fit_story_t {
    bool submitted, accepted;
    const eb_set_t *rejected, *deleted; /* the last such, or NULL */
    const eb_problem_t *alarm;          /* tags that are not ours */
    const eb_problem_t *doubt;          /* the first token that is not believed */
} eb_fit_story_t;
eb_step_result_t eb_fit_story(eb_fit_story_t *story, const apr_array_header_t *tokens,
                              eb_fit_memory_t *memory, const eb_fit_call_t *call);

#endif
