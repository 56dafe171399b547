/* The journals of the authorities, read line by line: they grow for years. */
#include "jobs.h"
#include "table.h"
#include "base/date.h"
#include "base/ids.h"

#include <apr_strings.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fields[] = {"time", "authority", "number", "uuid",
                                     "step", "transport", "detail"};
enum { FIELDS = sizeof fields / sizeof *fields, NUMBER = 2, UUID = 3 };

/* Cuts a line at its tabs; false when it is no line of a journal. */
static bool cut(char *parts[FIELDS], char *line)
{
    int count = 0;

    line[strcspn(line, "\n")] = '\0';
    for (char *part = line; part && count < FIELDS;) {
        char *tab = strchr(part, '\t');
        parts[count++] = part;
        if (tab)
            *tab++ = '\0';
        part = tab;
    }
    return count == FIELDS;
}

/* Calls `each` for every line until it says false. An absent journal has none. */
typedef bool (*line_t)(char *const parts[FIELDS], void *baton);
static int read_journal(const eb_ctl_authority_t *a, line_t each, void *baton, apr_pool_t *pool)
{
    const char *name = apr_pstrcat(pool, a->spool, "/", a->id, "/journal.log", NULL);
    FILE *file = fopen(name, "re");
    char *line = NULL, *parts[FIELDS];
    size_t size = 0;
    bool more = true;

    if (!file)
        return errno == ENOENT ? 0 : errno;
    while (more && getline(&line, &size, file) >= 0)
        more = !cut(parts, line) || each(parts, baton);
    free(line);
    fclose(file);
    return 0;
}

typedef struct search_t {
    const char *number;
    char uuid[EB_UUID_LEN + 1];
} search_t;

static bool is_wanted(char *const parts[FIELDS], void *baton)
{
    search_t *search = baton;

    if (strcasecmp(parts[NUMBER], search->number) != 0)
        return true;
    apr_cpystrn(search->uuid, parts[UUID], sizeof search->uuid);
    return false;
}

const char *eb_ctl_journal_uuid(const eb_ctl_authority_t *authority, const char *number,
                                apr_pool_t *pool)
{
    search_t search = {.number = number};

    read_journal(authority, is_wanted, &search, pool);
    return search.uuid[0] ? apr_pstrdup(pool, search.uuid) : NULL;
}

typedef struct report_t {
    const eb_ctl_t *ctl;
    json_t *rows;
    apr_pool_t *pool;
} report_t;

/* Times begin with the date, so that they are in order as texts. */
static bool keep(char *const parts[FIELDS], void *baton)
{
    const report_t *r = baton;

    if (r->ctl->since && strcmp(parts[0], r->ctl->since) < 0)
        return true;
    if (r->ctl->number && strcasecmp(parts[NUMBER], r->ctl->number) != 0)
        return true;
    json_t *row = json_object();
    for (int i = 0; i < FIELDS; i++)
        json_object_set_new(row, fields[i],
                            *parts[i] ? eb_json_text(parts[i], r->pool) : json_null());
    json_array_append_new(r->rows, row);
    return true;
}

static int journal_one(const eb_ctl_t *ctl, eb_ctl_authority_t *a, void *rows, apr_pool_t *pool)
{
    report_t report = {ctl, rows, pool};
    eb_problem_t *problem = NULL;
    int rv = read_journal(a, keep, &report, pool);

    if (!rv)
        return EB_EXIT_GOOD;
    eb_problem_set(&problem, EB_P_SPOOL_READ, rv, NULL, pool,
                   "The journal of authority %s cannot be read: %s", a->id, strerror(rv));
    return eb_ctl_complain(ctl, problem);
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
