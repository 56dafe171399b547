/* The figures of DESIGN's promise: what was accepted is delivered, and if not, how old the oldest
 * is. Something is wrong when a job is held or has waited for longer than an hour. */
#include "jobs.h"
#include "table.h"
#include "store/operator.h"

#include <sys/statvfs.h>

enum { TOO_OLD = 3600 };

typedef struct figures_t {
    int pending, held, done;
    const eb_job_t *oldest, *worst; /* worst: the last that had a problem */
} figures_t;

static void count(figures_t *f, const apr_array_header_t *jobs)
{
    for (int i = 0; i < jobs->nelts; i++) {
        const eb_job_t *job = APR_ARRAY_IDX(jobs, i, eb_job_t *);
        *(job->state == EB_JOB_HELD ? &f->held : &f->pending) += 1;
        if (!f->oldest || job->accepted < f->oldest->accepted)
            f->oldest = job;
        if (job->problem_id && (!f->worst || job->changed > f->worst->changed))
            f->worst = job;
    }
}

static json_t *room(const char *folder)
{
    struct statvfs fs;

    if (statvfs(folder, &fs))
        return json_null();
    return json_integer((json_int_t)fs.f_bavail * (json_int_t)fs.f_frsize);
}

static json_t *row(const eb_ctl_t *ctl, const eb_ctl_authority_t *a, const figures_t *f,
                   apr_pool_t *pool)
{
    json_t *age =
        f->oldest ? json_integer(apr_time_sec(ctl->now - f->oldest->accepted)) : json_null();

    return json_pack("{s:s, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "authority", a->id, "name", eb_json_text(a->name, pool), "output",
                     eb_json_text(a->transport, pool), "folder", eb_json_text(a->folder, pool),
                     "accepted", f->pending + f->held + f->done, "delivered", f->done, "pending",
                     f->pending, "held", f->held, "oldest", age, "spool",
                     eb_json_text(a->spool, pool), "spool_free", room(a->spool), "problem_id",
                     eb_json_text(f->worst ? f->worst->problem_id : NULL, pool), "problem",
                     eb_json_text(f->worst ? f->worst->problem : NULL, pool), "remedy",
                     eb_json_text(f->worst ? f->worst->remedy : NULL, pool));
}

static int status_one(const eb_ctl_t *ctl, eb_ctl_authority_t *a, void *rows, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    apr_array_header_t *jobs;
    figures_t f = {0};
    eb_outbox_t *box;

    if (eb_ctl_open(&box, a, false, &problem, pool) ||
        box->engine->list(&jobs, box, a->id, &problem, pool) ||
        eb_operator_done(&f.done, box, a->id, &problem, pool))
        return eb_ctl_complain(ctl, problem);
    count(&f, jobs);
    json_array_append_new(rows, row(ctl, a, &f, pool));
    return f.held || (f.oldest && apr_time_sec(ctl->now - f.oldest->accepted) > TOO_OLD)
               ? EB_EXIT_WRONG
               : EB_EXIT_GOOD;
}

/* Below the table, where there is room for sentences. */
static void print_problems(const json_t *rows, apr_pool_t *pool)
{
    apr_size_t i;
    json_t *one;

    json_array_foreach(rows, i, one)
    {
        const json_t *id = json_object_get(one, "problem_id");
        if (json_is_null(id))
            continue;
        printf("\n%s: %s %s\n  %s\n", json_string_value(json_object_get(one, "authority")),
               json_string_value(id),
               eb_cell_text(json_object_get(one, "problem"), EB_CELL_TEXT, pool),
               eb_cell_text(json_object_get(one, "remedy"), EB_CELL_TEXT, pool));
    }
}

int eb_ctl_status(eb_ctl_t *ctl)
{
    static const eb_column_t columns[] = {
        {"AUTHORITY", "authority", EB_CELL_TEXT}, {"OUTPUT", "output", EB_CELL_TEXT},
        {"ACCEPTED", "accepted", EB_CELL_TEXT},   {"DELIVERED", "delivered", EB_CELL_TEXT},
        {"PENDING", "pending", EB_CELL_TEXT},     {"HELD", "held", EB_CELL_TEXT},
        {"OLDEST", "oldest", EB_CELL_AGE},        {"SPOOL HAS FREE", "spool_free", EB_CELL_SIZE},
        {"NAME", "name", EB_CELL_TEXT},
    };
    json_t *rows = json_array();
    int code = eb_ctl_each(ctl, status_one, rows);

    eb_table_print(ctl, json_incref(rows), columns, 9, "There is no status.");
    if (!ctl->json)
        print_problems(rows, ctl->pool);
    json_decref(rows);
    return code;
}
