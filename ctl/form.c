/* A form, loaded with the code lists and the grammar of the share, as httpd loads it. */
#include "config.h"
#include "table.h"
#include "form/form.h"
#include "page/page.h"

#include <apr_errno.h>
#include <apr_strings.h>

typedef struct sums_t {
    int sections, steps, pages, fields, repeats, documents;
} sums_t;

static sums_t sum(const eb_form_t *form)
{
    sums_t sums = {.pages = form->pages_count,
                   .repeats = form->repeats_count,
                   .documents = form->documents_count,
                   .fields = form->scope->fields_count};

    for (const eb_section_t *s = form->sections; s; s = s->next) {
        sums.sections++;
        for (const eb_step_t *step = s->steps; step; step = step->next)
            sums.steps++;
    }
    for (int i = 0; i < form->repeats_count; i++)
        sums.fields += form->repeats[i]->entries->fields_count;
    return sums;
}

static const char *share_of(const eb_ctl_t *ctl)
{
    const char *share = eb_config_text(json_array_get(ctl->config->vhosts, 0), "share");
    return share ? share : "/usr/share/mod_einbuergerung";
}

static apr_status_t load(eb_form_t **form, const eb_ctl_t *ctl, eb_problem_t **problem)
{
    const char *share = share_of(ctl);
    eb_codelists_t *lists;
    eb_pages_t *pages;
    apr_status_t rv = eb_codelists_load(
        &lists, apr_pstrcat(ctl->pool, share, "/schemas/codelists", NULL), problem, ctl->pool);

    if (!rv)
        rv = eb_form_load(form, ctl->words[0],
                          apr_pstrcat(ctl->pool, share, "/schemas/form.rng", NULL), lists, problem,
                          ctl->pool);
    return rv ? rv : eb_pages_compile(&pages, *form, problem, ctl->pool);
}

int eb_ctl_form_check(eb_ctl_t *ctl)
{
    static const eb_column_t lines[] = {
        {"form", "id", EB_CELL_TEXT},
        {"version", "version", EB_CELL_TEXT},
        {"title", "title", EB_CELL_TEXT},
        {"sections", "sections", EB_CELL_TEXT},
        {"steps", "steps", EB_CELL_TEXT},
        {"pages", "pages", EB_CELL_TEXT},
        {"fields", "fields", EB_CELL_TEXT},
        {"repeats", "repeats", EB_CELL_TEXT},
        {"documents", "documents", EB_CELL_TEXT},
    };
    eb_problem_t *problem = NULL;
    eb_form_t *form;

    if (load(&form, ctl, &problem))
        return eb_ctl_complain(ctl, problem);
    sums_t s = sum(form);
    json_t *json = json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i}", "id", form->id,
                             "version", form->version, "title", form->title, "sections", s.sections,
                             "steps", s.steps, "pages", s.pages, "fields", s.fields, "repeats",
                             s.repeats, "documents", s.documents);
    eb_table_show(ctl, json, lines, 9);
    return EB_EXIT_GOOD;
}
