/* The log: problems handed up by the core end here, each written once. */
#include "glue.h"

void eb_log_request(request_rec *r, int level, const eb_problem_t *problem)
{
    if (problem == NULL || !APLOG_R_IS_LEVEL(r, level))
        return;
    ap_log_rerror(APLOG_MARK, level, problem->status, r, "%s", eb_problem_text(problem, r->pool));
}

void eb_log_server(server_rec *s, int level, const eb_problem_t *problem)
{
    apr_pool_t *scratch;

    if (problem == NULL || !APLOG_IS_LEVEL(s, level))
        return;
    apr_pool_create(&scratch, NULL);
    ap_log_error(APLOG_MARK, level, problem->status, s, "%s", eb_problem_text(problem, scratch));
    apr_pool_destroy(scratch);
}
