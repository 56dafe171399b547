/* The short way to know whether a step applies says what the rules say: compared over random
 * answers to the application form and to the sample form. */
#include "page_fixture.h"
#include "page/pages.h"

static apr_uint32_t seed = 20261125;

static apr_uint32_t draw(apr_uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static const char *random_answer(const eb_node_t *field)
{
    const eb_control_t *c = field->control;
    if (!draw(3))
        return NULL;
    if (c && c->items_count)
        return c->items[draw((apr_uint32_t)c->items_count)].value;
    if (field->facets.codes)
        return field->facets.codes->codes[draw((apr_uint32_t)field->facets.codes->count)].code;
    return draw(2) ? "true" : "2001-02-03";
}

static int differences(fixture_t *f, int *applied)
{
    int count = 0;
    eb_job_t job = eb_job(&f->view, "");
    for (const eb_step_t *s = f->pages->first_step; s; s = eb_step_after(f->form, s)) {
        bool applies = eb_step_applies(&job, s);
        *applied += applies;
        count += applies != eb_rules_step_relevant(s, &f->view.c);
    }
    return count;
}

static void compare(fixture_t *f, const char *name)
{
    int wrong = 0, applied = 0, steps = 0;
    for (const eb_step_t *s = f->pages->first_step; s; s = eb_step_after(f->form, s))
        steps++;
    for (int round = 0; round < 500; round++) {
        for (int i = 0; i < f->form->scope->fields_count; i++) {
            eb_node_t *field = f->form->scope->fields[i];
            eb_instance_set(f->in, field, EB_ROOT, random_answer(field));
        }
        wrong += differences(f, &applied);
    }
    is_int(wrong, 0, name);
    ok(applied > 0 && applied < 500 * steps, "and steps do come and go");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    fixture_t f;
    fixture_sample(&f, pool);
    compare(&f, "sample form");
    fixture_load(&f, "schemas/forms/einbuergerung.xml", "schemas/codelists", pool);
    compare(&f, "application form");
    return done();
}
