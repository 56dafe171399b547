/* The figures of the promise: what was accepted is delivered, and if not, how old the oldest is.
 * Something is wrong when a job is held, has waited for too long, or is nowhere. */
#include "jobs.h"
#include "table.h"
#include "delivery/overdue.h"

#include <stdio.h>
#include <sys/statvfs.h>

static json_t *room(const char *folder)
{
    struct statvfs fs;

    if (!folder || statvfs(folder, &fs))
        return json_null();
    return json_integer((json_int_t)fs.f_bavail * (json_int_t)fs.f_frsize);
}

static json_t *row(const eb_ctl_t *ctl, const eb_ctl_authority_t *a, const eb_outbox_summary_t *s,
                   apr_pool_t *pool)
{
    json_t *age = s->oldest ? json_integer(apr_time_sec(ctl->now - s->oldest)) : json_null();

    return json_pack(
        "{s:s, s:o, s:o, s:o, s:I, s:I, s:i, s:i, s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:o, "
        "s:o}",
        "authority", a->id, "name", eb_json_text(a->name, pool), "output",
        eb_json_text(a->transport, pool), "folder", eb_json_text(a->folder, pool), "accepted",
        (json_int_t)s->accepted, "delivered", (json_int_t)s->delivered, "pending", s->pending,
        "held", s->held, "missing", (json_int_t)s->missing, "oldest", age, "last_success",
        eb_json_time(s->last_success, pool), "outbox", a->spool ? "spool" : "redis", "spool",
        eb_json_text(a->spool, pool), "spool_free", room(a->spool), "problem_id",
        eb_json_text(s->problem_id, pool), "problem", eb_json_text(s->problem, pool), "remedy",
        eb_json_text(s->remedy, pool));
}

static int status_one(const eb_ctl_t *ctl, eb_ctl_authority_t *a, void *rows, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    eb_outbox_summary_t s;
    eb_outbox_t *box;

    if (eb_ctl_open(&box, a, false, &problem, pool) ||
        box->engine->summary(&s, box, a->id, ctl->now, &problem, pool))
        return eb_ctl_complain(ctl, problem);
    json_array_append_new(rows, row(ctl, a, &s, pool));
    return s.held || eb_outbox_overdue(&s, a->transport, ctl->now) || s.missing ? EB_EXIT_WRONG
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
        {"AUTHORITY", "authority", EB_CELL_TEXT},       {"OUTPUT", "output", EB_CELL_TEXT},
        {"ACCEPTED", "accepted", EB_CELL_TEXT},         {"DELIVERED", "delivered", EB_CELL_TEXT},
        {"PENDING", "pending", EB_CELL_TEXT},           {"HELD", "held", EB_CELL_TEXT},
        {"MISSING", "missing", EB_CELL_TEXT},           {"OLDEST", "oldest", EB_CELL_AGE},
        {"SPOOL HAS FREE", "spool_free", EB_CELL_SIZE}, {"NAME", "name", EB_CELL_TEXT},
    };
    json_t *rows = json_array();
    int code = eb_ctl_each(ctl, status_one, rows);

    eb_table_print(ctl, json_incref(rows), columns, sizeof columns / sizeof *columns,
                   "There is no status.");
    if (!ctl->json)
        print_problems(rows, ctl->pool);
    json_decref(rows);
    return code;
}
