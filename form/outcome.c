/* Asking the rules. All of them are asked, whatever the first one says: a person wants to know
 * everything at once. */
#include "outcome.h"
#include "base/date.h"

#include <string.h>

/* Rules come and go with the law; ISO dates compare as texts. */
static bool in_force(const eb_finding_t *f, const char *today)
{
    return (!f->from || strcmp(f->from, today) <= 0) && (!f->until || strcmp(today, f->until) <= 0);
}

static void count(eb_result_t *result, const bool *replaced, const eb_finding_t *f)
{
    if (result->holds[f->number] && !replaced[f->number] && f->kind > result->verdict)
        result->verdict = f->kind;
}

static void replace(bool *replaced, const eb_finding_t *f)
{
    for (const eb_finding_t **other = f->instead_of; other && *other; other++)
        replaced[(*other)->number] = true;
}

void eb_outcome_decide(eb_result_t *result, const eb_outcome_t *outcome, const eb_context_t *c)
{
    const char *today = eb_date_iso(eb_local_date(c->now), c->pool);
    apr_size_t size = (apr_size_t)outcome->findings_count * sizeof(bool);
    bool *replaced = apr_pcalloc(c->pool, size + 1);

    result->verdict = EB_FINDING_MET;
    result->holds = apr_pcalloc(c->pool, size + 1);
    for (const eb_finding_t *f = NULL; (f = eb_outcome_next(outcome, f));) {
        result->holds[f->number] = in_force(f, today) && eb_expr_true(f->condition, c);
        if (result->holds[f->number])
            replace(replaced, f);
    }
    for (const eb_finding_t *f = NULL; (f = eb_outcome_next(outcome, f));)
        count(result, replaced, f);
}

/* Findings are numbered in their order, so that the topic of one is where its number lies. */
const eb_finding_t *eb_outcome_next(const eb_outcome_t *outcome, const eb_finding_t *finding)
{
    if (finding && finding->next)
        return finding->next;
    for (const eb_topic_t *topic = outcome->topics; topic; topic = topic->next)
        if (topic->findings && (!finding || topic->findings->number > finding->number))
            return topic->findings;
    return NULL;
}
