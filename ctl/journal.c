/* The journals of the authorities, wherever their outboxes keep them. */
#include "jobs.h"
#include "table.h"
#include "base/date.h"
#include "base/ids.h"
#include "store/operator.h"

#include <apr_strings.h>
#include <string.h>

static const char *const names[EB_JOURNAL_FIELDS] = {"time", "authority", "number", "uuid",
                                                     "step", "transport", "detail"};

typedef struct search_t {
    const char *number;
    char uuid[EB_UUID_LEN + 1];
} search_t;

static bool is_wanted(char *line, void *baton)
{
    search_t *search = baton;
    char *fields[EB_JOURNAL_FIELDS];

    if (!eb_journal_cut(fields, line) || strcasecmp(fields[EB_JOURNAL_NUMBER], search->number) != 0)
        return true;
    apr_cpystrn(search->uuid, fields[EB_JOURNAL_UUID], sizeof search->uuid);
    return false;
}

apr_status_t eb_ctl_journal_uuid(const char **uuid, eb_outbox_t *box,
                                 const eb_ctl_authority_t *authority, const char *number,
                                 eb_problem_t **problem, apr_pool_t *pool)
{
    search_t search = {.number = number};
    apr_status_t rv =
        box->engine->by_hand->journal(box, authority->id, is_wanted, &search, problem, pool);

    *uuid = search.uuid[0] ? apr_pstrdup(pool, search.uuid) : NULL;
    return rv;
}

typedef struct report_t {
    const eb_ctl_t *ctl;
    json_t *rows;
    apr_pool_t *pool;
} report_t;

/* Times begin with the date, so that they are in order as texts. */
static bool keep(char *line, void *baton)
{
    const report_t *r = baton;
    char *fields[EB_JOURNAL_FIELDS];

    if (!eb_journal_cut(fields, line))
        return true;
    if (r->ctl->since && strcmp(fields[EB_JOURNAL_TIME], r->ctl->since) < 0)
        return true;
    if (r->ctl->number && strcasecmp(fields[EB_JOURNAL_NUMBER], r->ctl->number) != 0)
        return true;
    json_t *row = json_object();
    for (int i = 0; i < EB_JOURNAL_FIELDS; i++)
        json_object_set_new(row, names[i],
                            *fields[i] ? eb_json_text(fields[i], r->pool) : json_null());
    json_array_append_new(r->rows, row);
    return true;
}

static int journal_one(const eb_ctl_t *ctl, eb_ctl_authority_t *a, void *rows, apr_pool_t *pool)
{
    report_t report = {ctl, rows, pool};
    eb_problem_t *problem = NULL;
    eb_outbox_t *box;

    if (eb_ctl_open(&box, a, false, &problem, pool) ||
        box->engine->by_hand->journal(box, a->id, keep, &report, &problem, pool))
        return eb_ctl_complain(ctl, problem);
    return EB_EXIT_GOOD;
}

int eb_ctl_journal(eb_ctl_t *ctl)
{
    static const eb_column_t columns[] = {
        {"TIME", "time", EB_CELL_TIME},     {"AUTHORITY", "authority", EB_CELL_TEXT},
        {"NUMBER", "number", EB_CELL_TEXT}, {"STEP", "step", EB_CELL_TEXT},
        {"BY", "transport", EB_CELL_TEXT},  {"DETAIL", "detail", EB_CELL_TEXT},
    };
    json_t *rows = json_array();
    eb_date_t date;

    if (ctl->since && !eb_date_parse(&date, ctl->since, true))
        return eb_ctl_usage("\"%s\" is no date; write it as 2026-11-25", ctl->since);
    if (ctl->number && !eb_number_valid(ctl->number))
        return eb_ctl_usage("\"%s\" is no Vorgangsnummer", ctl->number);
    int code = eb_ctl_each(ctl, journal_one, rows);
    eb_table_print(ctl, rows, columns, 6, "The journal has no such line.");
    return code;
}
