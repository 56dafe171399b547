/* Asks the receivers of authorities whether they would take an application, when configtest is run
 * with -D PROBE_EINBUERGERUNG_<authority>. Here is where the transports are ready, with their
 * secrets; einbuergerungctl only asks, and prints. Nothing is sent that a receiver would register,
 * unless -D SEND_EINBUERGERUNG_<authority>=FILE names a test message for it. */
#include "json.h"
#include "output.h"

#include <http_main.h>
#include <stdio.h>

static json_t *findings_json(const apr_array_header_t *findings, apr_pool_t *p)
{
    json_t *list = json_array();

    for (int i = 0; i < findings->nelts; i++) {
        const eb_probe_t *f = &APR_ARRAY_IDX(findings, i, eb_probe_t);

        json_array_append_new(list, json_pack("{s:o, s:o}", "step", eb_json_text(f->step, p),
                                              "finding", eb_json_text(f->text, p)));
    }
    return list;
}

static json_t *problem_json(const eb_problem_t *problem, apr_pool_t *p)
{
    if (problem == NULL)
        return json_null();
    return json_pack("{s:s, s:o, s:o}", "id", problem->id, "problem",
                     eb_json_text(problem->what, p), "remedy", eb_json_text(problem->remedy, p));
}

/* Of this authority: NULL, nothing is asked; "", only a question; else the file to send then. */
static const char *asked(const eb_authority_t *a, apr_pool_t *p)
{
    const char *send = apr_pstrcat(p, "SEND_EINBUERGERUNG_", a->id, "=", NULL);

    for (int i = 0; i < ap_server_config_defines->nelts; i++) {
        const char *define = APR_ARRAY_IDX(ap_server_config_defines, i, const char *);

        if (strncmp(define, send, strlen(send)) == 0)
            return define + strlen(send);
    }
    return ap_exists_config_define(apr_pstrcat(p, "PROBE_EINBUERGERUNG_", a->id, NULL)) ? "" : NULL;
}

static void probe(const eb_authority_t *a, const char *file, apr_pool_t *p)
{
    apr_array_header_t *findings = apr_array_make(p, 4, sizeof(eb_probe_t));
    eb_problem_t *problem = NULL;
    apr_status_t rv = APR_SUCCESS;
    json_t *json;

    if (a->kind->probe != NULL)
        rv = a->kind->probe(findings, a, &problem, p);
    if ((rv == APR_SUCCESS || rv == APR_INCOMPLETE) && *file != '\0')
        eb_trial_send(findings, a, file, &problem, p);
    json = json_pack("{s:s, s:s, s:o, s:o}", "authority", a->id, "transport", a->kind->name,
                     "findings", findings_json(findings, p), "problem", problem_json(problem, p));
    json_dumpf(json, stdout, JSON_COMPACT);
    json_decref(json);
    fputc('\n', stdout);
    fflush(stdout);
}

void eb_probe(const eb_start_t *start, apr_pool_t *p)
{
    if (ap_state_query(AP_SQ_RUN_MODE) != AP_SQ_RM_CONFIG_TEST)
        return;
    for (int i = 0; i < start->depots->nelts; i++) {
        const eb_depot_t *depot = APR_ARRAY_IDX(start->depots, i, eb_depot_t *);

        for (apr_hash_index_t *h = apr_hash_first(p, depot->authorities); h != NULL;
             h = apr_hash_next(h)) {
            const eb_authority_t *a = apr_hash_this_val(h);
            const char *file = asked(a, p);

            if (file != NULL)
                probe(a, file, p);
        }
    }
}
