/* The journal: who reads it asks "what happened to EB-2026-…", with grep. A line is the same in
 * every engine; where it is kept is the engine's. */
#include "operator.h"
#include "base/buf.h"
#include "base/date.h"

#include <string.h>

/* What a transport got from outside must not make fields or lines of its own. */
static void add_field(eb_buf_t *line, const char *text)
{
    eb_buf_putc(line, '\t');
    for (const char *s = text ? text : ""; *s; s++)
        eb_buf_putc(line, (unsigned char)*s < 0x20 || *s == 0x7F ? '?' : *s);
}

apr_status_t eb_journal_write(eb_outbox_t *box, const eb_job_t *job, const char *step,
                              const char *detail, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_buf_t line;

    eb_buf_init(&line, 256, pool);
    eb_buf_puts(&line, eb_local_iso(job->changed, pool));
    add_field(&line, job->authority);
    add_field(&line, job->number);
    add_field(&line, job->uuid);
    add_field(&line, step);
    add_field(&line, job->transport);
    add_field(&line, detail);
    eb_buf_putc(&line, '\n');
    return box->engine->journal(box, job, line.data, line.len, problem, pool);
}

bool eb_journal_cut(char *fields[EB_JOURNAL_FIELDS], char *line)
{
    int count = 0;

    for (char *field = line; field && count < EB_JOURNAL_FIELDS;) {
        char *tab = strchr(field, '\t');
        fields[count++] = field;
        if (tab)
            *tab++ = '\0';
        field = tab;
    }
    return count == EB_JOURNAL_FIELDS;
}
