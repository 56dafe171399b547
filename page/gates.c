/* Which steps belong to this application, asked for every step of every page that counts them. Most
 * steps stand behind one condition ("has children"), which all their questions inherit: their gate,
 * found when httpd starts. Then one expression answers for the whole step, and for its neighbours
 * behind the same gate. */
#include "pages.h"

static bool asks(const eb_control_t *c)
{
    return c->node && c->kind != EB_CONTROL_GROUP;
}

static bool conditional(const eb_node_t *node, const eb_node_t *below)
{
    for (; node != below; node = node->parent) {
        if (node->relevant)
            return true;
    }
    return false;
}

bool eb_node_always(const eb_node_t *node)
{
    return !conditional(node, NULL);
}

static bool is_within(const eb_node_t *node, const eb_node_t *ancestor)
{
    while (node && node != ancestor)
        node = node->parent;
    return node == ancestor;
}

/* The innermost element around all questions of the step. */
static const eb_node_t *common_ancestor(const eb_step_t *step)
{
    const eb_node_t *common = NULL;
    const eb_control_t *c = NULL;
    while ((c = eb_control_next(step->pages, c)) != NULL) {
        if (!asks(c))
            continue;
        if (!common)
            common = c->node;
        while (!is_within(c->node, common))
            common = common->parent;
    }
    return common;
}

static bool has_plain_question(const eb_step_t *step, const eb_node_t *gate)
{
    const eb_control_t *c = NULL;
    while ((c = eb_control_next(step->pages, c)) != NULL) {
        if (asks(c) && !conditional(c->node, gate))
            return true;
    }
    return !gate;
}

/* A list that can be added to is always shown; one that is fixed, where it asks about an entry.
 * A gate above which nothing is conditional is open for ever; one that is not conditional itself
 * says the same as the next above it that is. */
eb_gate_t eb_gate_find(const eb_step_t *step)
{
    const eb_node_t *gate = step->repeat ? step->repeat : common_ancestor(step);
    bool plain = step->repeat ? !step->fixed : has_plain_question(step, gate);
    while (gate && !gate->relevant)
        gate = gate->parent;
    return (eb_gate_t){gate, plain};
}

bool eb_step_applies(eb_job_t *job, const eb_step_t *step)
{
    const eb_gate_t *gate = &job->v->pages->gates[step->number];
    eb_context_t root = job->c;
    root.entry = EB_ROOT;
    if (gate->node && gate->node != job->gate) {
        job->gate = gate->node;
        job->gate_open = eb_rules_relevant(gate->node, &root);
    }
    if (gate->node && !job->gate_open)
        return false;
    return gate->plain || eb_rules_step_relevant(step, &root);
}

const eb_page_t *eb_entry_page(const eb_step_t *step, const eb_context_t *c)
{
    const eb_page_t *page = step->pages;
    while (page && !eb_rules_page_relevant(page, c))
        page = page->next;
    return page;
}
