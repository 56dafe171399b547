/* Sections, steps and pages: the way an applicant walks. A step has one page; a step about a repeat
 * has a list of entries instead, and the pages of one entry. One step keeps the entries; steps
 * after it may ask more about them. */
#include "load.h"
#include "instance.h"

#include <apr_strings.h>
#include <string.h>

#define ENTRIES_DEFAULT 20

static apr_status_t need_label(const char **label, eb_loader_t *l, const xmlNode *xml)
{
    apr_status_t rv = eb_load_text(label, l, xml, EB_NS_XF, "label");
    if (rv == APR_SUCCESS && !*label)
        return eb_load_fail(l, xml, "<%s> needs an xf:label", (const char *)xml->name);
    return rv;
}

static apr_status_t load_page(eb_page_t **made, eb_loader_t *l, xmlNode *first, const char *id,
                              const char *title)
{
    eb_page_t *page = *made = apr_pcalloc(l->pool, sizeof(*page));
    page->id = id;
    page->title = title;
    page->step = l->step;
    page->number = l->form->pages_count++;
    l->page = page;
    l->after = NULL;
    return eb_load_controls(l, &page->controls, first);
}

static apr_status_t load_named_page(eb_page_t **made, eb_loader_t *l, xmlNode *xml)
{
    const char *id, *title;
    apr_status_t rv = eb_load_id(&id, l, xml);
    if (rv == APR_SUCCESS)
        rv = need_label(&title, l, xml);
    if (rv == APR_SUCCESS && l->step->pages && eb_step_page(l->step, id))
        rv = eb_load_fail(l, xml, "The step \"%s\" has two pages \"%s\"", l->step->id, id);
    return rv == APR_SUCCESS ? load_page(made, l, eb_xml_element(xml->children), id, title) : rv;
}

static apr_status_t load_entry_pages(eb_loader_t *l, xmlNode *repeat)
{
    eb_page_t **link = &l->step->pages;
    xmlNode *x = eb_load_child(repeat, EB_NS_FORM, "page");
    if (!x)
        return load_page(link, l, eb_xml_element(repeat->children), l->step->id,
                         l->step->entry_name);
    for (; x; x = eb_xml_element(x->next)) {
        if (!eb_xml_is(x, EB_NS_FORM, "page"))
            return eb_load_fail(l, x, "A repeat has either pages or controls, not both");
        apr_status_t rv = load_named_page(link, l, x);
        if (rv != APR_SUCCESS)
            return rv;
        link = &(*link)->next;
    }
    return APR_SUCCESS;
}

static apr_status_t load_entry_label(eb_loader_t *l, xmlNode *repeat)
{
    const char *text;
    const xmlNode *entry = eb_load_child(repeat, EB_NS_FORM, "entry");
    if (!entry)
        return eb_load_fail(l, repeat,
                            "<repeat> needs an eb:entry that says how an entry is called");
    apr_status_t rv = eb_load_attr(&text, l, entry, "value");
    if (rv != APR_SUCCESS)
        return rv;
    return eb_load_expr(&l->step->entry_label, l, entry, text, l->step->repeat);
}

static apr_status_t load_repeat_words(eb_loader_t *l, xmlNode *repeat)
{
    eb_step_t *step = l->step;
    apr_status_t rv = need_label(&step->entry_name, l, repeat);
    if (rv == APR_SUCCESS)
        rv = eb_load_text(&step->add_label, l, repeat, EB_NS_FORM, "add");
    if (rv == APR_SUCCESS)
        rv = eb_load_text(&step->empty_text, l, repeat, EB_NS_FORM, "empty");
    if (rv == APR_SUCCESS && !step->fixed && (!step->add_label || !step->empty_text))
        return eb_load_fail(l, repeat, "<repeat> needs eb:add and eb:empty");
    if (rv == APR_SUCCESS && step->fixed && (step->add_label || step->empty_text))
        return eb_load_fail(l, repeat,
                            "Nothing can be added where eb:entries=\"fixed\": expected neither "
                            "eb:add nor eb:empty");
    return rv;
}

/* The step that keeps the entries of a repeat. */
static const eb_step_t *keeper_of(const eb_form_t *form, const eb_node_t *repeat)
{
    for (const eb_section_t *section = form->sections; section; section = section->next)
        for (const eb_step_t *step = section->steps; step; step = step->next)
            if (step->repeat == repeat && !step->fixed)
                return step;
    return NULL;
}

static apr_status_t load_entries(eb_loader_t *l, const xmlNode *repeat)
{
    eb_step_t *step = l->step;
    const char *entries = eb_xml_attr(repeat, EB_NS_FORM, "entries", l->scratch);
    if (!entries)
        return eb_load_count(&step->max, l, repeat, "max", ENTRIES_DEFAULT, EB_ENTRIES_MAX);
    if (strcmp(entries, "fixed") != 0)
        return eb_load_fail(l, repeat, "eb:entries=\"%s\": expected \"fixed\", or no eb:entries",
                            entries);
    if (eb_xml_attr(repeat, EB_NS_FORM, "max", l->scratch))
        return eb_load_fail(l, repeat,
                            "Nothing can be added where eb:entries=\"fixed\": expected "
                            "no eb:max");
    const eb_step_t *keeper = keeper_of(l->form, step->repeat);
    if (!keeper)
        return eb_load_fail(l, repeat, "\"%s\" is kept by no step before", step->repeat->path);
    step->fixed = true;
    step->max = keeper->max;
    return APR_SUCCESS;
}

static apr_status_t load_repeat(eb_loader_t *l, xmlNode *repeat)
{
    const char *path;
    eb_step_t *step = l->step;
    apr_status_t rv = eb_load_attr(&path, l, repeat, "nodeset");
    if (rv == APR_SUCCESS)
        rv = eb_load_node(&step->repeat, l, repeat, path);
    if (rv == APR_SUCCESS && step->repeat->kind != EB_NODE_REPEAT)
        rv = eb_load_fail(l, repeat, "\"%s\" cannot be repeated", path);
    if (rv == APR_SUCCESS)
        rv = load_entries(l, repeat);
    if (rv == APR_SUCCESS)
        rv = load_repeat_words(l, repeat);
    if (rv == APR_SUCCESS)
        rv = load_entry_label(l, repeat);
    return rv == APR_SUCCESS ? load_entry_pages(l, repeat) : rv;
}

/* Above the list of entries there is room for prose, and for nothing else. */
static apr_status_t load_intro(eb_loader_t *l, xmlNode *step, const xmlNode *repeat)
{
    const char *html, *intro = NULL;
    for (xmlNode *x = eb_xml_element(step->children); x; x = eb_xml_element(x->next)) {
        if (x == repeat || eb_xml_is(x, EB_NS_XF, "label"))
            continue;
        if (!eb_xml_is(x, EB_NS_FORM, "text"))
            return eb_load_fail(l, x,
                                "A step with an xf:repeat has only eb:text beside it, not <%s>",
                                (const char *)x->name);
        if (eb_xml_attr(x, EB_NS_FORM, "binding", l->scratch))
            return eb_load_fail(l, x, "Prose above a list of entries cannot be eb:binding");
        apr_status_t rv = eb_load_prose(&html, l, x, false);
        if (rv != APR_SUCCESS)
            return rv;
        intro = intro ? apr_pstrcat(l->pool, intro, html, NULL) : html;
    }
    l->step->intro_html = intro;
    return APR_SUCCESS;
}

static apr_status_t load_step_body(eb_loader_t *l, xmlNode *xml)
{
    xmlNode *repeat = eb_load_child(xml, EB_NS_XF, "repeat");
    if (!repeat)
        return load_page(&l->step->pages, l, eb_xml_element(xml->children), l->step->id,
                         l->step->title);
    apr_status_t rv = load_intro(l, xml, repeat);
    return rv == APR_SUCCESS ? load_repeat(l, repeat) : rv;
}

static apr_status_t load_step(eb_step_t **made, eb_loader_t *l, xmlNode *xml, eb_section_t *section,
                              int number)
{
    eb_step_t *step = apr_pcalloc(l->pool, sizeof(*step));
    step->section = section;
    step->number = number;
    step->line = eb_load_where(l, xml);
    l->step = step;
    apr_status_t rv = eb_load_id(&step->id, l, xml);
    if (rv == APR_SUCCESS)
        rv = need_label(&step->title, l, xml);
    if (rv != APR_SUCCESS)
        return rv;
    const eb_step_t *same = eb_form_step(l->form, step->id);
    if (same)
        return eb_load_fail(l, xml, "There are two steps \"%s\", the first is at %s", step->id,
                            same->line);
    if (number >= EB_STEPS_MAX)
        return eb_load_fail(l, xml, "The form has more than %d steps", EB_STEPS_MAX);
    *made = step;
    return load_step_body(l, xml);
}

static apr_status_t load_section(eb_section_t **made, eb_loader_t *l, xmlNode *xml, int *steps)
{
    eb_section_t *section = *made = apr_pcalloc(l->pool, sizeof(*section));
    eb_step_t **link = &section->steps;
    apr_status_t rv = need_label(&section->title, l, xml);
    for (xmlNode *x = eb_xml_element(xml->children); x && rv == APR_SUCCESS;
         x = eb_xml_element(x->next)) {
        if (!eb_xml_is(x, EB_NS_FORM, "step"))
            continue;
        rv = load_step(link, l, x, section, (*steps)++);
        if (rv == APR_SUCCESS)
            link = &(*link)->next;
    }
    return rv;
}

static void index_pages(eb_loader_t *l)
{
    eb_form_t *form = l->form;
    form->pages = apr_pcalloc(l->pool, (apr_size_t)form->pages_count * sizeof(eb_page_t *) + 1);
    for (const eb_section_t *section = form->sections; section; section = section->next) {
        for (const eb_step_t *step = section->steps; step; step = step->next) {
            for (eb_page_t *page = step->pages; page; page = page->next)
                form->pages[page->number] = page;
        }
    }
}

static void index_documents(eb_loader_t *l)
{
    eb_form_t *form = l->form;
    eb_node_t **next = form->documents =
        apr_pcalloc(l->pool, (apr_size_t)form->documents_count * sizeof(eb_node_t *) + 1);
    for (int i = 0; i < form->pages_count; i++) {
        const eb_control_t *c = NULL;
        while ((c = eb_control_next(form->pages[i], c)))
            if (c->kind == EB_CONTROL_UPLOAD)
                *next++ = c->node;
    }
}

apr_status_t eb_load_sections(eb_loader_t *l, xmlNode *form)
{
    eb_section_t **link = &l->form->sections;
    int steps = 0;
    for (xmlNode *x = eb_xml_element(form->children); x; x = eb_xml_element(x->next)) {
        if (!eb_xml_is(x, EB_NS_FORM, "section"))
            continue;
        apr_status_t rv = load_section(link, l, x, &steps);
        if (rv != APR_SUCCESS)
            return rv;
        link = &(*link)->next;
    }
    if (steps == 0)
        return eb_load_fail(l, form, "The form has no eb:step");
    index_pages(l);
    index_documents(l);
    return APR_SUCCESS;
}
