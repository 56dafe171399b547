/* Asking a receiver whether it would take applications: httpd does, which has the secrets and
 * everything that its configuration says; here is only printed what it found. */
#include "config.h"
#include "table.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

/* The line of the answer that is about the authority; httpd's own words may be around it. */
static json_t *find_line(const char *out, const char *authority, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, out), *state, *line;

    for (line = apr_strtok(copy, "\n", &state); line; line = apr_strtok(NULL, "\n", &state)) {
        json_t *json = *line == '{' ? json_loads(line, JSON_REJECT_DUPLICATES, NULL) : NULL;
        const char *id = eb_config_text(json, "authority");
        if (id && strcmp(id, authority) == 0)
            return json;
        json_decref(json);
    }
    return NULL;
}

static int print(const eb_ctl_t *ctl, json_t *json)
{
    static const eb_column_t columns[] = {{"STEP", "step", EB_CELL_TEXT},
                                          {"FINDING", "finding", EB_CELL_TEXT}};
    const json_t *problem = json_object_get(json, "problem");
    const int code = json_is_object(problem) ? EB_EXIT_WRONG : EB_EXIT_GOOD;

    if (ctl->json) {
        eb_json_print(json);
        return code;
    }
    eb_table_print(ctl, json_incref(json_object_get(json, "findings")), columns, 2,
                   "Nothing was asked.");
    if (code)
        fprintf(stderr, "einbuergerungctl: %s %s. %s\n", eb_config_text(problem, "id"),
                eb_config_text(problem, "problem"), eb_config_text(problem, "remedy"));
    json_decref(json);
    return code;
}

/* What httpd is started with. It may stand in another folder. */
static const char *define(const char *authority, const eb_ctl_t *ctl)
{
    char *file;

    if (!ctl->send_test)
        return apr_pstrcat(ctl->pool, "PROBE_EINBUERGERUNG_", authority, NULL);
    if (apr_filepath_merge(&file, NULL, ctl->send_test, 0, ctl->pool))
        file = apr_pstrdup(ctl->pool, ctl->send_test);
    return apr_pstrcat(ctl->pool, "SEND_EINBUERGERUNG_", authority, "=", file, NULL);
}

int eb_ctl_output_check(eb_ctl_t *ctl)
{
    const char *authority = ctl->words[0];
    eb_problem_t *problem = NULL;
    eb_httpd_answer_t answer;

    eb_httpd_ask(&answer, define(authority, ctl), ctl);
    if (!answer.program)
        eb_problem_set(&problem, EB_P_CTL_HTTPD, APR_ENOENT, NULL, ctl->pool,
                       "No httpd to ask in PATH");
    else if (answer.code)
        eb_problem_set(&problem, EB_P_CTL_CONFIGTEST, APR_EINVAL, NULL, ctl->pool, "%s says: %s",
                       answer.program, eb_httpd_reason(&answer, ctl->pool));
    if (problem)
        return eb_ctl_complain(ctl, problem);
    json_t *json = find_line(answer.out, authority, ctl->pool);
    if (json)
        return print(ctl, json);
    eb_problem_set(&problem, EB_P_JOB_UNFOUND, APR_NOTFOUND, NULL, ctl->pool,
                   "httpd's configuration has no authority %s", authority);
    return eb_ctl_complain(ctl, problem);
}
