/* Everything a form's pages need is compiled here, once; afterwards it is read-only and shared by
 * all threads. */
#include "outcome.h"

#include <apr_hash.h>
#include <apr_strings.h>

static const eb_layout_t *const layouts[EB_L_COUNT] = {
#define L(name) [EB_L_##name] = &eb_layout_##name,
    EB_LAYOUTS(L)
#undef L
};

static apr_status_t compile_layouts(eb_pages_t *pages, eb_problem_t **problem, apr_pool_t *pool)
{
    for (int i = 0; i < EB_L_COUNT; i++) {
        const eb_name_t *const scopes[] = {layouts[i]->names, eb_shell_names, NULL};
        apr_status_t rv = eb_template_compile(&pages->layouts[i], layouts[i]->html, scopes,
                                              pages->texts, problem, pool);
        if (rv != APR_SUCCESS)
            return rv;
    }
    return APR_SUCCESS;
}

static apr_status_t plan_pages(eb_pages_t *pages, eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_form_t *form = pages->form;
    apr_hash_t *lists = apr_hash_make(pool);
    pages->plans = apr_pcalloc(pool, (apr_size_t)form->pages_count * sizeof(*pages->plans));
    for (int i = 0; i < form->pages_count; i++) {
        apr_status_t rv =
            eb_plan_make(&pages->plans[i], form->pages[i], pages->texts, lists, problem, pool);
        pages->uploads = pages->uploads || form->pages[i]->uploads;
        if (rv != APR_SUCCESS)
            return rv;
    }
    return APR_SUCCESS;
}

apr_status_t eb_pages_compile(eb_pages_t **pages, const eb_form_t *form, eb_problem_t **problem,
                              apr_pool_t *pool)
{
    eb_pages_t *p = apr_pcalloc(pool, sizeof(*p));
    p->form = form;
    p->texts = eb_texts_make(form->words, pool);
    p->first_step = eb_step_after(form, NULL);
    for (const eb_step_t *s = p->first_step; s; s = eb_step_after(form, s))
        p->gates[s->number] = eb_gate_find(s);
    p->outcome = form->outcome ? eb_outcome_plan(form, p->texts, pool) : NULL;
    apr_status_t rv = compile_layouts(p, problem, pool);
    if (rv == APR_SUCCESS)
        rv = plan_pages(p, problem, pool);
    if (rv == APR_SUCCESS)
        *pages = p;
    return rv;
}

const char *eb_pages_text(const eb_pages_t *pages, eb_text_id_t id)
{
    return pages->texts->text[id];
}

const eb_step_t *eb_step_after(const eb_form_t *form, const eb_step_t *step)
{
    if (step && step->next)
        return step->next;
    const eb_section_t *section = step ? step->section->next : form->sections;
    while (section && !section->steps)
        section = section->next;
    return section ? section->steps : NULL;
}

eb_job_t eb_job(const eb_view_t *v, const char *title)
{
    bool errors = v->errors && v->errors->list->nelts > 0;
    return (eb_job_t){.v = v, .c = v->c, .errors = errors ? v->errors : NULL, .title = title};
}

void eb_draw(eb_buf_t *out, eb_job_t *job, int layout)
{
    eb_template_write(out, job->v->pages->layouts[layout], job);
}

int eb_entries_count(const eb_job_t *job, const eb_step_t *step)
{
    return job->c.in->lists[step->repeat->slot].count;
}
