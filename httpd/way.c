/* The way through a form: forwards to the next page that applies, backwards to the one before, and
 * at the end to the review, or to the task list while something is open. */
#include "visit.h"

const eb_step_t *eb_way_step_after(const eb_form_t *form, const eb_step_t *step)
{
    const eb_section_t *section = step == NULL ? form->sections : step->section->next;

    if (step != NULL && step->next != NULL)
        return step->next;
    while (section != NULL && section->steps == NULL)
        section = section->next;
    return section == NULL ? NULL : section->steps;
}

static eb_context_t root(const eb_visit_t *v)
{
    eb_context_t c = v->c;

    c.entry = EB_ROOT;
    return c;
}

bool eb_way_complete(const eb_visit_t *v)
{
    eb_context_t c = root(v);
    const eb_form_t *form = v->edition->form;

    for (const eb_step_t *s = eb_way_step_after(form, NULL); s != NULL;
         s = eb_way_step_after(form, s))
        if (eb_rules_step_relevant(s, &c) && eb_rules_step_state(s, &c) != EB_STEP_DONE)
            return false;
    return true;
}

static const char *step_after(const eb_visit_t *v)
{
    eb_context_t c = root(v);
    const eb_step_t *s = v->step;

    do
        s = eb_way_step_after(v->edition->form, s);
    while (s != NULL && !eb_rules_step_relevant(s, &c));
    if (s != NULL)
        return apr_pstrcat(v->pool, "/", s->id, NULL);
    return eb_way_complete(v) ? "/pruefen" : "/aufgaben";
}

static const char *step_before(const eb_visit_t *v)
{
    eb_context_t c = root(v);
    const eb_step_t *before = NULL;

    for (const eb_step_t *s = eb_way_step_after(v->edition->form, NULL); s != v->step;
         s = eb_way_step_after(v->edition->form, s))
        if (eb_rules_step_relevant(s, &c))
            before = s;
    return before != NULL ? apr_pstrcat(v->pool, "/", before->id, NULL) : "/aufgaben";
}

/* "/kinder/2", "/kinder/2/geburt", and "/kinder" for no page. */
static const char *entry_path(const eb_visit_t *v, const eb_page_t *page)
{
    if (page == NULL)
        return apr_pstrcat(v->pool, "/", v->step->id, NULL);
    if (page == v->step->pages)
        return apr_psprintf(v->pool, "/%s/%d", v->step->id, v->entry + 1);
    return apr_psprintf(v->pool, "/%s/%d/%s", v->step->id, v->entry + 1, page->id);
}

const char *eb_way_here(const eb_visit_t *v)
{
    return v->entry == EB_ROOT ? apr_pstrcat(v->pool, "/", v->step->id, NULL)
                               : entry_path(v, v->page);
}

const char *eb_way_next(const eb_visit_t *v)
{
    const eb_page_t *page;

    if (v->entry == EB_ROOT)
        return step_after(v);
    page = v->page->next;
    while (page != NULL && !eb_rules_page_relevant(page, &v->c))
        page = page->next;
    return entry_path(v, page);
}

const char *eb_way_back(const eb_visit_t *v)
{
    const eb_page_t *before = NULL;

    if (v->entry == EB_ROOT)
        return step_before(v);
    for (const eb_page_t *page = v->step->pages; page != v->page; page = page->next)
        if (eb_rules_page_relevant(page, &v->c))
            before = page;
    return entry_path(v, before);
}
