/* The real application form: it loads, asks enough, asks it well, lets good applications pass and
 * stops slips with the text that was written for them. Its quotations are compared with the
 * statute, where that lies beside the repository. */
#include "tap.h"
#include "antrag.h"

#define STAG "../shared/data/law/StAG.md"

static const char *const samples[] = {"allein", "familie", "kind", "alles", "ohne-pass"};
#define SAMPLES ((int)(sizeof(samples) / sizeof(samples[0])))

/* 25 November 2026, noon in Berlin */
static eb_context_t context(const eb_instance_t *in, apr_pool_t *pool)
{
    return (eb_context_t){in, EB_ROOT, apr_time_from_sec(1795604400), pool};
}

/* Every field of the form, scope by scope; NULL at the end. */
static eb_node_t *field_at(const eb_form_t *form, int at)
{
    if (at < form->scope->fields_count)
        return form->scope->fields[at];
    at -= form->scope->fields_count;
    for (int i = 0; i < form->repeats_count; i++) {
        const eb_scope_t *scope = form->repeats[i]->entries;
        if (at < scope->fields_count)
            return scope->fields[at];
        at -= scope->fields_count;
    }
    return NULL;
}

static bool text_missing(const char *text)
{
    return text && !*text;
}

static const char *fault_of(const eb_node_t *field)
{
    const eb_control_t *c = field->control;
    if (!c)
        return field->calculate ? NULL : "has no control";
    if (!c->label || !*c->label)
        return "has no label";
    if (text_missing(c->hint) || text_missing(c->help) || text_missing(c->help_html) ||
        text_missing(c->alert))
        return "has an empty text";
    if (field->required && !c->alert)
        return "is required without an alert";
    if (strcmp(field->type->name, "xs:string") == 0 && c->kind != EB_CONTROL_TEXTAREA &&
        !field->calculate)
        return "has no type";
    return NULL;
}

static void test_fields(const eb_form_t *form)
{
    int count = 0, faults = 0;
    for (eb_node_t *f; (f = field_at(form, count)); count++) {
        const char *fault = fault_of(f);
        if (fault)
            printf("# %s %s: %s\n", f->line, f->path, fault);
        faults += fault != NULL;
    }
    printf("# %d fields, %d repeats, %d pages\n", count, form->repeats_count, form->pages_count);
    ok(count >= 200, "the form asks 200 things and more");
    is_int(faults, 0, "every field has a control, a label, and an alert when it is required");
}

static int bound_controls(const eb_page_t *page)
{
    int count = 0;
    for (const eb_control_t *c = NULL; (c = eb_control_next(page, c));)
        count += c->node != NULL;
    return count;
}

static void test_pages(const eb_form_t *form)
{
    int crowded = 0, silent = 0, steps = 0;
    for (int i = 0; i < form->pages_count; i++) {
        int count = bound_controls(form->pages[i]);
        crowded += count > 7;
        silent += !form->pages[i]->title || !*form->pages[i]->title || !count;
        steps += i == 0 || form->pages[i]->step != form->pages[i - 1]->step;
    }
    is_int(crowded, 0, "no page asks more than seven questions");
    is_int(silent, 0, "every page has a title and a question");
    ok(steps <= EB_STEPS_MAX, "the steps fit into a draft");
    const eb_page_t *first = form->sections->steps->pages;
    is_str(form->sections->steps->id, "name", "the first step is the name");
    is_int(bound_controls(first), 5, "with five questions");
}

/* Samples hold canonical values, so that what the types accept is what the rules see. */
static const char *noncanonical(const eb_instance_t *in, apr_pool_t *pool)
{
    for (int i = 0; field_at(in->form, i); i++) {
        const eb_node_t *f = field_at(in->form, i);
        const char *value = eb_instance_get(in, f, 0), *parsed = NULL, *why = NULL;
        if (!value)
            continue;
        if (f->type->parse(&parsed, &why, f->type, &f->facets, value, pool) ||
            strcmp(parsed, value) != 0)
            return apr_psprintf(pool, "%s = %s (%s)", f->path, value, why ? why : parsed);
    }
    return NULL;
}

static eb_errors_t *errors_of(const eb_instance_t *in, apr_pool_t *pool)
{
    eb_errors_t *errors = eb_errors_new(pool);
    eb_context_t c = context(in, pool);
    eb_rules_check_all(errors, in->form, &c);
    return errors;
}

static void test_sample(const eb_form_t *form, const char *name, apr_pool_t *pool)
{
    eb_instance_t *in = antrag_sample(form, name, pool);
    ok(in != NULL, name);
    if (!in)
        return;
    is_str(noncanonical(in, pool), NULL, "its answers are canonical");
    eb_errors_t *errors = errors_of(in, pool);
    for (int i = 0; i < errors->list->nelts; i++) {
        const eb_error_t *e = &APR_ARRAY_IDX(errors->list, i, eb_error_t);
        printf("# %s[%d]: %s\n", e->node->path, e->entry, e->text);
    }
    is_int(errors->list->nelts, 0, "it has no errors");
}

static int entries_of(const eb_instance_t *in, const eb_step_t *step)
{
    return step->repeat ? in->lists[step->repeat->slot].count : 1;
}

static void mark_pages(bool *seen, const eb_instance_t *in, apr_pool_t *pool)
{
    for (int i = 0; i < in->form->pages_count; i++) {
        const eb_page_t *page = in->form->pages[i];
        for (int entry = 0; entry < entries_of(in, page->step); entry++) {
            eb_context_t c = context(in, pool);
            c.entry = page->step->repeat ? entry : EB_ROOT;
            seen[i] |= eb_rules_page_relevant(page, &c);
        }
    }
}

/* How many steps a sample's applicant goes through. */
static int steps_of(const eb_instance_t *in, apr_pool_t *pool)
{
    int count = 0;
    eb_context_t c = context(in, pool);
    for (const eb_section_t *section = in->form->sections; section; section = section->next)
        for (const eb_step_t *step = section->steps; step; step = step->next)
            count += eb_rules_step_relevant(step, &c);
    return count;
}

static void test_reach(const eb_form_t *form, apr_pool_t *pool)
{
    bool *seen = apr_pcalloc(pool, (apr_size_t)form->pages_count * sizeof(bool));
    int unseen = 0;
    for (int i = 0; i < SAMPLES; i++) {
        eb_instance_t *in = antrag_sample(form, samples[i], pool);
        mark_pages(seen, in, pool);
        printf("# %s: %d steps\n", samples[i], steps_of(in, pool));
    }
    for (int i = 0; i < form->pages_count; i++) {
        unseen += !seen[i];
        if (!seen[i])
            printf("# nobody sees %s/%s\n", form->pages[i]->step->id, form->pages[i]->id);
    }
    is_int(unseen, 0, "every page is reached by one of the samples");
    ok(steps_of(antrag_sample(form, "allein", pool), pool) <= 60,
       "a single person has 60 steps at most");
}

typedef struct slip_t {
    const char *sample, *path, *value; /* the slip */
    const char *at;                    /* where the text is expected; NULL: at the slip */
    const char *text;                  /* its beginning */
} slip_t;

static const slip_t slips[] = {
#include "data/einbuergerung/slips.inc"
};

static bool has_error(const eb_errors_t *errors, const eb_node_t *node, const char *text)
{
    for (int i = 0; i < errors->list->nelts; i++) {
        const eb_error_t *e = &APR_ARRAY_IDX(errors->list, i, eb_error_t);
        if (e->node == node && strncmp(e->text, text, strlen(text)) == 0)
            return true;
    }
    return false;
}

static void test_slip(const eb_form_t *form, const slip_t *slip, apr_pool_t *pool)
{
    eb_instance_t *in = antrag_sample(form, slip->sample, pool);
    antrag_answer(in, slip->path, slip->value);
    const char *at = slip->at ? slip->at : slip->path;
    eb_errors_t *errors = errors_of(in, pool);
    const char *name = apr_psprintf(pool, "%s, %s = %s", slip->sample, slip->path, slip->value);
    if (ok(has_error(errors, antrag_node(form, at, pool), slip->text), name))
        return;
    for (int i = 0; i < errors->list->nelts; i++) {
        const eb_error_t *e = &APR_ARRAY_IDX(errors->list, i, eb_error_t);
        printf("#   %s: %s\n", e->node->path, e->text);
    }
}

static const slip_t warnings[] = {
#include "data/einbuergerung/warnings.inc"
};

static eb_errors_t *warnings_of(const eb_instance_t *in, apr_pool_t *pool)
{
    eb_errors_t *found = eb_errors_new(pool);
    eb_context_t c = context(in, pool);
    for (const eb_section_t *section = in->form->sections; section; section = section->next)
        for (const eb_step_t *step = section->steps; step; step = step->next)
            eb_rules_warn_step(found, step, &c);
    return found;
}

static void list_warnings(const eb_errors_t *found)
{
    for (int i = 0; i < found->list->nelts; i++) {
        const eb_error_t *e = &APR_ARRAY_IDX(found->list, i, eb_error_t);
        printf("#   %s[%d]: %s\n", e->node->path, e->entry, e->text);
    }
}

/* Without a text: what is not to be warned of at this place. */
static void test_warning(const eb_form_t *form, const slip_t *slip, apr_pool_t *pool)
{
    eb_instance_t *in = antrag_sample(form, slip->sample, pool);
    antrag_answer(in, slip->path, slip->value);
    const eb_node_t *at = antrag_node(form, slip->at ? slip->at : slip->path, pool);
    eb_errors_t *found = warnings_of(in, pool);
    const char *name =
        apr_psprintf(pool, "warned of: %s, %s = %s", slip->sample, slip->path, slip->value);
    if (!ok(has_error(found, at, slip->text ? slip->text : "") == (slip->text != NULL), name))
        list_warnings(found);
}

static void test_calm(const eb_form_t *form, apr_pool_t *pool)
{
    for (int i = 0; i < SAMPLES; i++) {
        eb_errors_t *found = warnings_of(antrag_sample(form, samples[i], pool), pool);
        int want = strcmp(samples[i], "familie") == 0; /* a child of 16 */
        if (!is_int(found->list->nelts, want, apr_psprintf(pool, "%s warns of this", samples[i])))
            list_warnings(found);
    }
}

static void test_leika(const eb_form_t *form, apr_pool_t *pool)
{
    static const char *const keys[][2] = {{"stag10", "99099002006002"},
                                          {"stag9", "99099002006001"},
                                          {"stag8", "99099002006003"},
                                          {"unbekannt", "99099002000000"}};
    eb_instance_t *in = antrag_sample(form, "allein", pool);
    eb_context_t c = context(in, pool);
    for (int i = 0; i < 4; i++) {
        antrag_answer(in, "antrag/rechtsgrundlage_wunsch", keys[i][0]);
        eb_rules_calculate(in, &c);
        is_str(eb_instance_get(in, eb_form_node(form, "antrag/leika"), EB_ROOT), keys[i][1],
               keys[i][0]);
    }
}

/* Text without tags, white space made single: how a reader sees it. */
static const char *bare(char *text)
{
    char *out = text;
    bool tag = false, gap = false;
    for (char *in = text; *in; in++) {
        if (*in == '<' || *in == '>') {
            tag = *in == '<';
            gap = true;
        } else if (!tag && isspace((unsigned char)*in)) {
            gap = true;
        } else if (!tag) {
            if (gap && out > text)
                *out++ = ' ';
            gap = false;
            *out++ = *in;
        }
    }
    *out = '\0';
    return text;
}

/* Each quotation: its first and last words; between them the form and the statute must agree. */
static const char *const quotes[][2] = {
    {"sich zur freiheitlichen demokratischen", "derartiger Bestrebungen abgewandt hat"},
    {"sich zur besonderen historischen", "eines Angriffskrieges bekennt"},
    {"Antisemitisch, rassistisch oder sonstige", "im Sinne dieses Gesetzes."},
    {"Die Einbürgerung ist für die Dauer von zehn Jahren", "haben keine aufschiebende Wirkung."},
    {"Mit Freiheitsstrafe bis zu fünf Jahren", "eine Einbürgerung zu erschleichen."},
};

static const char *passage(const char *text, const char *const quote[2], apr_pool_t *pool)
{
    const char *from = strstr(text, quote[0]), *to = from ? strstr(from, quote[1]) : NULL;
    return to ? apr_pstrmemdup(pool, from, (apr_size_t)(to - from) + strlen(quote[1])) : "(absent)";
}

static void test_statute(apr_pool_t *pool)
{
    char *law = antrag_read(STAG, pool);
    if (!law) {
        skip(5, "the statute is not beside the repository: " STAG);
        return;
    }
    const char *form = bare(antrag_read("schemas/forms/einbuergerung.xml", pool));
    const char *statute = bare(law);
    for (int i = 0; i < 5; i++)
        is_str(passage(form, quotes[i], pool), passage(statute, quotes[i], pool), quotes[i][0]);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_form_t *form = antrag_form(pool);
    if (!form)
        return 1;
    test_fields(form);
    test_pages(form);
    for (int i = 0; i < SAMPLES; i++)
        test_sample(form, samples[i], pool);
    test_reach(form, pool);
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++)
        test_slip(form, &slips[i], pool);
    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++)
        test_warning(form, &warnings[i], pool);
    test_calm(form, pool);
    test_leika(form, pool);
    test_statute(pool);
    return done();
}
