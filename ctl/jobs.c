/* Looking at jobs: list, show. What was delivered has left the queue; it is found by its UUID,
 * which the journal knows for every number. */
#include "jobs.h"
#include "table.h"
#include "base/ids.h"

#include <apr_errno.h>
#include <stdlib.h>
#include <apr_strings.h>
#include <string.h>

int eb_ctl_each(const eb_ctl_t *ctl, eb_ctl_each_t each, void *baton)
{
    const char *id = ctl->words_count ? ctl->words[0] : NULL;
    apr_array_header_t *list = ctl->config->authorities;
    int worst = EB_EXIT_GOOD, count = 0;
    eb_problem_t *problem = NULL;
    apr_pool_t *pool;

    apr_pool_create(&pool, ctl->pool);
    for (int i = 0; i < list->nelts; i++) {
        eb_ctl_authority_t *a = &APR_ARRAY_IDX(list, i, eb_ctl_authority_t);
        if (id && strcmp(id, a->id) != 0)
            continue;
        int code = each(ctl, a, baton, pool);
        worst = code > worst ? code : worst;
        count++;
        a->box = NULL;
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    if (count)
        return worst;
    eb_problem_set(&problem, EB_P_JOB_UNFOUND, APR_NOTFOUND, NULL, ctl->pool,
                   id ? "No authority %s is configured" : "No authority is configured", id);
    return eb_ctl_complain(ctl, problem);
}

json_t *eb_ctl_job_json(const eb_job_t *job, const eb_ctl_t *ctl, apr_pool_t *pool)
{
    bool open = job->state != EB_JOB_PURGED;

    return json_pack(
        "{s:o, s:s, s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o}",
        "number", job->number[0] ? json_string(job->number) : json_null(), "uuid", job->uuid,
        "authority", job->authority, "state", eb_job_state_name(job->state), "before",
        eb_job_state_name(job->before), "attached", job->attached, "tries", job->tries, "accepted",
        eb_json_time(job->accepted, pool), "due", open ? eb_json_time(job->due, pool) : json_null(),
        "changed", eb_json_time(job->changed, pool), "age",
        (json_int_t)apr_time_sec(ctl->now - job->accepted), "transport",
        eb_json_text(job->transport, pool), "remote", eb_json_text(job->remote, pool), "problem_id",
        eb_json_text(job->problem_id, pool), "problem", eb_json_text(job->problem, pool), "remedy",
        eb_json_text(job->remedy, pool));
}

/* By when they were accepted. */
static int by_age(const void *a, const void *b)
{
    const eb_job_t *x = *(const eb_job_t *const *)a, *y = *(const eb_job_t *const *)b;
    if (x->accepted != y->accepted)
        return x->accepted < y->accepted ? -1 : 1;
    return strcmp(x->uuid, y->uuid);
}

static int list_one(const eb_ctl_t *ctl, eb_ctl_authority_t *authority, void *rows,
                    apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    apr_array_header_t *jobs;
    eb_outbox_t *box;

    if (eb_ctl_open(&box, authority, false, &problem, pool) ||
        box->engine->list(&jobs, box, authority->id, &problem, pool))
        return eb_ctl_complain(ctl, problem);
    qsort(jobs->elts, jobs->nelts, jobs->elt_size, by_age);
    for (int i = 0; i < jobs->nelts; i++) {
        const eb_job_t *job = APR_ARRAY_IDX(jobs, i, eb_job_t *);
        if ((!ctl->held || job->state == EB_JOB_HELD) && (!ctl->due || job->due <= ctl->now))
            json_array_append_new(rows, eb_ctl_job_json(job, ctl, pool));
    }
    return EB_EXIT_GOOD;
}

int eb_ctl_jobs_list(eb_ctl_t *ctl)
{
    static const eb_column_t columns[] = {
        {"NUMBER", "number", EB_CELL_TEXT}, {"AUTHORITY", "authority", EB_CELL_TEXT},
        {"STATE", "state", EB_CELL_TEXT},   {"AGE", "age", EB_CELL_AGE},
        {"TRIES", "tries", EB_CELL_TEXT},   {"DUE", "due", EB_CELL_TIME},
        {"ID", "problem_id", EB_CELL_TEXT}, {"PROBLEM", "problem", EB_CELL_TEXT},
    };
    json_t *rows = json_array();
    int code = eb_ctl_each(ctl, list_one, rows);

    eb_table_print(ctl, rows, columns, 8, "No job waits.");
    return code;
}

static bool same_number(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

/* APR_NOTFOUND: not this authority's. */
static apr_status_t find_at(eb_job_t **job, eb_outbox_t *box, const eb_ctl_authority_t *a,
                            const char *name, eb_problem_t **problem, apr_pool_t *pool)
{
    const char *uuid = eb_uuid_valid(name) ? name : NULL;
    apr_array_header_t *jobs;
    apr_status_t rv;

    if (!uuid) {
        rv = box->engine->list(&jobs, box, a->id, problem, pool);
        if (rv)
            return rv;
        for (int i = 0; i < jobs->nelts; i++) {
            *job = APR_ARRAY_IDX(jobs, i, eb_job_t *);
            if (same_number((*job)->number, name))
                return APR_SUCCESS;
        }
        rv = eb_ctl_journal_uuid(&uuid, box, a, name, problem, pool);
        if (rv)
            return rv;
    }
    return uuid ? box->engine->find(job, box, a->id, uuid, problem, pool) : APR_NOTFOUND;
}

apr_status_t eb_ctl_find(eb_ctl_job_t *found, const eb_ctl_t *ctl, const char *name,
                         eb_problem_t **problem)
{
    apr_array_header_t *list = ctl->config->authorities;
    apr_status_t rv = APR_NOTFOUND;
    apr_pool_t *pool;

    if (!eb_uuid_valid(name) && !eb_number_valid(name))
        return eb_problem_set(problem, EB_P_JOB_UNFOUND, APR_EINVAL, NULL, ctl->pool,
                              "\"%s\" is neither a UUID nor a Vorgangsnummer", name);
    for (int i = 0; i < list->nelts; i++) {
        found->authority = &APR_ARRAY_IDX(list, i, eb_ctl_authority_t);
        apr_pool_create(&pool, ctl->pool);
        rv = eb_ctl_open(&found->box, found->authority, false, problem, pool);
        if (!rv)
            rv = find_at(&found->job, found->box, found->authority, name, problem, pool);
        if (rv != APR_NOTFOUND)
            return rv;
        found->authority->box = NULL;
        apr_pool_destroy(pool);
    }
    return eb_problem_set(problem, EB_P_JOB_UNFOUND, APR_NOTFOUND, NULL, ctl->pool,
                          "No authority's outbox knows %s", name);
}

int eb_ctl_jobs_show(eb_ctl_t *ctl)
{
    static const eb_column_t lines[] = {
        {"Vorgangsnummer", "number", EB_CELL_TEXT},
        {"UUID", "uuid", EB_CELL_TEXT},
        {"authority", "authority", EB_CELL_TEXT},
        {"state", "state", EB_CELL_TEXT},
        {"goes on as", "goes_on", EB_CELL_TEXT},
        {"tries", "tries", EB_CELL_TEXT},
        {"accepted", "accepted", EB_CELL_TIME},
        {"changed", "changed", EB_CELL_TIME},
        {"due", "due", EB_CELL_TIME},
        {"transport", "transport", EB_CELL_TEXT},
        {"its memory", "remote", EB_CELL_TEXT},
        {"problem", "problem_id", EB_CELL_TEXT},
        {"what", "problem", EB_CELL_TEXT},
        {"remedy", "remedy", EB_CELL_TEXT},
    };
    eb_problem_t *problem = NULL;
    eb_ctl_job_t found;

    if (eb_ctl_find(&found, ctl, ctl->words[0], &problem))
        return eb_ctl_complain(ctl, problem);
    json_t *json = eb_ctl_job_json(found.job, ctl, ctl->pool);
    if (found.job->state == EB_JOB_HELD)
        json_object_set_new(json, "goes_on", json_string(eb_job_state_name(found.job->before)));
    eb_table_show(ctl, json, lines, sizeof lines / sizeof *lines);
    return EB_EXIT_GOOD;
}
