/* Questions to the Submission API, and what its answers mean for a job. */
#ifndef EB_FIT_API_H
#define EB_FIT_API_H

#include "fit.h"

#include <jansson.h>

/* With a token, and once more with a new one if the API has had enough of it. Forward: there is an
 * answer, whatever its status. */
eb_step_result_t eb_fit_ask(eb_http_answer_t *answer, const eb_fit_call_t *call,
                            eb_http_request_t *request);
/* What an answer that is not the expected one comes to; `what` was asked for, "the destination". */
eb_step_result_t eb_fit_refusal(const eb_http_answer_t *answer, const char *what,
                                const eb_fit_call_t *call);
/* The failure of an exchange. */
eb_step_result_t eb_fit_failed(apr_status_t rv, const eb_fit_call_t *call);
/* The object that an answer is. Wait: it is none. */
eb_step_result_t eb_fit_object(json_t **json, const eb_http_answer_t *answer, const char *what,
                               const eb_fit_call_t *call);
/* The object at an address. `public`: no token goes with it. */
eb_step_result_t eb_fit_get(json_t **json, const char *url, const char *what, bool public,
                            const eb_fit_call_t *call);

/* A text from outside, fit to be shown in one line: at most `max` bytes, no control characters. */
const char *eb_fit_clean(const char *text, apr_size_t max, apr_pool_t *pool);
/* Whether a name from outside may become part of an address: letters, digits and "-._~". */
bool eb_fit_name_good(const char *name);

#endif
