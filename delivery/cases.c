/* The journal knows every number and under which id each message went, and for how long it is kept
 * is the operator's decision; so there is no second index that could tell something else. It is
 * read from front to back for each message that comes, which is rare. What it says is believed when
 * the outbox has such a job. */
#include "cases.h"
#include "store/operator.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

#define SENT "message="

typedef struct search_t {
    const char *number;
    const char *const *messages;
    eb_case_t by_number, by_message; /* "": not met yet */
    bool torn;                       /* messages of two applications */
} search_t;

static void note(eb_case_t *found, char *const *fields)
{
    apr_cpystrn(found->uuid, fields[EB_JOURNAL_UUID], sizeof found->uuid);
    apr_cpystrn(found->number, fields[EB_JOURNAL_NUMBER], sizeof found->number);
}

static bool is_listed(const char *detail, const char *const *messages)
{
    if (strncmp(detail, SENT, strlen(SENT)) != 0)
        return false;
    while (*messages && strcmp(*messages, detail + strlen(SENT)) != 0)
        messages++;
    return *messages != NULL;
}

static bool look(char *line, void *baton)
{
    search_t *s = baton;
    char *fields[EB_JOURNAL_FIELDS];

    if (!eb_journal_cut(fields, line))
        return true;
    if (*s->number && !strcmp(fields[EB_JOURNAL_NUMBER], s->number))
        note(&s->by_number, fields);
    if (!strcmp(fields[EB_JOURNAL_STEP], eb_job_state_name(EB_JOB_ANNOUNCED)) &&
        is_listed(fields[EB_JOURNAL_DETAIL], s->messages)) {
        s->torn = s->torn ||
                  (*s->by_message.uuid && strcmp(s->by_message.uuid, fields[EB_JOURNAL_UUID]) != 0);
        note(&s->by_message, fields);
    }
    return true;
}

/* Whatever was given leads there. */
static bool agrees(const search_t *s, bool numbered)
{
    if (s->torn || (!numbered && !*s->messages))
        return false;
    if (!numbered)
        return *s->by_message.uuid != '\0';
    if (!*s->messages)
        return *s->by_number.uuid != '\0';
    return *s->by_number.uuid && !strcmp(s->by_number.uuid, s->by_message.uuid);
}

apr_status_t eb_case_find(eb_case_t *found, eb_outbox_t *box, const char *authority,
                          const char *number, const char *const *messages, eb_problem_t **problem,
                          apr_pool_t *pool)
{
    char known[EB_NUMBER_LEN + 1] = "";
    search_t s = {.number = known, .messages = messages};
    eb_job_t *job;

    if (*number && !eb_number_read(known, number))
        return APR_NOTFOUND;
    apr_status_t rv = box->engine->by_hand->journal(box, authority, look, &s, problem, pool);
    if (rv)
        return rv;
    if (!agrees(&s, *number != '\0'))
        return APR_NOTFOUND;
    *found = *s.messages ? s.by_message : s.by_number;
    return box->engine->find(&job, box, authority, found->uuid, problem, pool);
}
