/* Taking the answers of a whole form at once, for forms whose pages carry what was answered before.
 * Each page sees its own parameters only, and the answers of the pages before it. */
#include "answers.h"

static const eb_page_t *page_of(const eb_form_t *form, const char *name)
{
    for (int i = 0; i < form->pages_count; i++)
        if (eb_answers_asked(form->pages[i], name))
            return form->pages[i];
    return NULL;
}

/* Which page each parameter belongs to; false when there is one that no page asks. */
static bool assign(const eb_page_t **owner, const eb_form_t *form, const eb_params_t *params,
                   const char **culprit)
{
    for (int i = 0; i < params->count; i++) {
        *culprit = params->list[i].name;
        owner[i] = **culprit == '_' ? NULL : page_of(form, *culprit);
        if (!owner[i] && **culprit != '_')
            return false;
    }
    return true;
}

eb_answers_verdict_t eb_answers_take_all(eb_instance_t *in, const eb_params_t *params,
                                         const eb_context_t *c, const char **culprit)
{
    const eb_form_t *form = in->form;
    apr_size_t count = (apr_size_t)params->count;
    const eb_page_t **owner = apr_pcalloc(c->pool, (count + 1) * sizeof(*owner));
    eb_param_t *list = apr_pcalloc(c->pool, (count + 1) * sizeof(*list));
    if (!assign(owner, form, params, culprit))
        return EB_ANSWERS_UNKNOWN;
    for (int page = 0; page < form->pages_count; page++) {
        eb_params_t own = {list, 0};
        for (int i = 0; i < params->count; i++)
            if (owner[i] == form->pages[page])
                list[own.count++] = params->list[i];
        eb_answers_verdict_t verdict = eb_answers_take(in, form->pages[page], &own, c, culprit);
        if (verdict != EB_ANSWERS_OK)
            return verdict;
    }
    *culprit = NULL;
    return EB_ANSWERS_OK;
}
