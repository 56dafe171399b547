/* The inside of the FIT-Connect transport: what its files share. */
#ifndef EB_FIT_H
#define EB_FIT_H

#include "fitconnect.h"
#include "profile.h"
#include "delivery/http.h"

typedef struct eb_fit_tokens_t eb_fit_tokens_t;

typedef struct eb_fit_t {
    eb_transport_t transport;
    eb_fitconnect_settings_t s; /* with nothing left open but region, schema, ca_file and proxy */
    const eb_fit_profile_t *profile;
    eb_http_t *http;
    eb_fit_tokens_t *tokens;
} eb_fit_t;

/* A step under way. Whatever takes part in it says EB_STEP_FORWARD when the step may go on, and
 * otherwise what the step comes to. */
typedef struct eb_fit_call_t {
    const eb_fit_t *fit;
    eb_job_t *job;               /* NULL: nothing is to be delivered */
    const eb_package_t *package; /* as well */
    apr_time_t now;
    const eb_stop_t *stop;
    eb_problem_t **problem;
    apr_pool_t *pool;
} eb_fit_call_t;

/* token.c: the access token, shared by all threads of the process. */
apr_status_t eb_fit_tokens_create(eb_fit_tokens_t **tokens, const char *secret_file,
                                  eb_problem_t **problem, apr_pool_t *pool);
eb_step_result_t eb_fit_token(const char **token, const eb_fit_call_t *call);
void eb_fit_token_drop(const eb_fit_call_t *call, const char *token); /* it was refused */

/* steps.c */
eb_step_result_t eb_fit_step(const eb_transport_t *self, eb_job_t *job, const eb_package_t *package,
                             apr_time_t now, const eb_stop_t *stop, eb_problem_t **problem,
                             apr_pool_t *pool);

#endif
