/* Form files: any bytes end in a form that can be walked, or in a problem that says where. The
 * grammar would stop nearly every input at its first element, so the loader is tried without it. */
#include "form/codelist_load.h"
#include "form/xpath.h"
#include "base/utf8.h"
#include "fuzz.h"

#include <apr_errno.h>

static void check_problem(const eb_problem_t *problem)
{
    must(problem && problem->where && problem->what && *problem->what);
    must(problem->status != APR_SUCCESS && problem->remedy);
}

static void walk_node(const eb_form_t *form, const eb_node_t *node)
{
    must(eb_form_node(form, node->path) == node);
    must(node->kind != EB_NODE_FIELD || (node->type && node->scope->fields[node->slot] == node));
    must(node->kind != EB_NODE_REPEAT || (node->entries && form->repeats[node->slot] == node));
    for (const eb_node_t *n = node->first; n; n = n->next)
        walk_node(form, n);
}

static void walk_page(const eb_form_t *form, const eb_page_t *page)
{
    must(form->pages[page->number] == page && page->id && page->title);
    for (const eb_control_t *c = eb_control_next(page, NULL); c; c = eb_control_next(page, c)) {
        must(c->kind == EB_CONTROL_TEXT ? c->html && *c->html : c->label && *c->label);
        must(!c->node || c->kind == EB_CONTROL_GROUP || c->node->control == c);
        must(c->kind != EB_CONTROL_OUTPUT || c->value);
        must(!c->html || eb_utf8_valid(c->html, strlen(c->html)));
    }
}

static void walk(const eb_form_t *form)
{
    walk_node(form, form->root);
    for (const eb_section_t *section = form->sections; section; section = section->next) {
        for (const eb_step_t *step = section->steps; step; step = step->next) {
            must(eb_form_step(form, step->id) == step && step->pages);
            for (const eb_page_t *page = step->pages; page; page = page->next)
                walk_page(form, page);
        }
    }
}

/* One list, so that code lists can be found. */
static eb_codelists_t *lists_make(apr_pool_t *pool)
{
    static const eb_code_t codes[] = {{"LD", "ledig", false, true},
                                      {"VH", "verheiratet", false, true}};
    const char *twice;
    eb_codelists_t *lists = apr_pcalloc(pool, sizeof(*lists));
    lists->list = apr_pcalloc(pool, sizeof(*lists->list));
    lists->count = 1;
    *lists->list = (eb_codelist_t){.urn = "urn:x:stand",
                                   .version = "1",
                                   .name = "stand",
                                   .title = "Stand",
                                   .codes = codes,
                                   .count = 2};
    must(eb_codelist_index(lists->list, &twice, pool));
    return lists;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    const eb_codelists_t *lists = lists_make(pool);
    const char *bytes = (const char *)data;
    eb_problem_t *problem = NULL;
    eb_form_t *form = NULL;
    if (eb_form_parse(&form, bytes, size, "fuzz.xml", NULL, lists, &problem, pool) == APR_SUCCESS) {
        walk(form);
        if (eb_form_parse(&form, bytes, size, "fuzz.xml", "schemas/form.rng", lists, &problem,
                          pool))
            check_problem(problem);
    } else {
        check_problem(problem);
    }
    apr_pool_destroy(pool);
    return 0;
}
