/* The controls of a page: what is asked, in which words. */
#include "load.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 12 /* of elements from the root */
#define ITEM_MAX  40

static apr_status_t load_help(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    const xmlNode *help = eb_load_child(xml, EB_NS_XF, "help");
    if (help && eb_xml_element(help->children))
        return eb_load_prose(&c->help_html, l, help, true);
    return eb_load_text(&c->help, l, xml, EB_NS_XF, "help");
}

static apr_status_t load_words(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    apr_status_t rv = eb_load_text(&c->label, l, xml, EB_NS_XF, "label");
    if (rv == APR_SUCCESS && !c->label)
        return eb_load_fail(l, xml, "<%s> needs an xf:label", (const char *)xml->name);
    if (rv == APR_SUCCESS)
        rv = eb_load_text(&c->hint, l, xml, EB_NS_XF, "hint");
    if (rv == APR_SUCCESS)
        rv = eb_load_text(&c->alert, l, xml, EB_NS_XF, "alert");
    return rv == APR_SUCCESS ? load_help(l, c, xml) : rv;
}

static apr_status_t load_item(eb_loader_t *l, eb_item_t *item, const xmlNode *xml)
{
    apr_status_t rv = eb_load_text(&item->label, l, xml, EB_NS_XF, "label");
    if (rv == APR_SUCCESS)
        rv = eb_load_data(&item->value, l, xml, EB_NS_XF, "value");
    if (rv == APR_SUCCESS)
        rv = eb_load_text(&item->hint, l, xml, EB_NS_XF, "hint");
    if (rv == APR_SUCCESS && (!item->label || !item->value))
        return eb_load_fail(l, xml, "<item> needs an xf:label and an xf:value");
    if (rv == APR_SUCCESS && (strchr(item->value, ' ') || strlen(item->value) > ITEM_MAX))
        return eb_load_fail(l, xml, "The value \"%s\" has a space or is longer than %d bytes",
                            item->value, ITEM_MAX);
    return rv;
}

static apr_status_t load_items(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    apr_array_header_t *list = apr_array_make(l->scratch, 8, sizeof(eb_item_t));
    for (xmlNode *x = eb_xml_element(xml->children); x; x = eb_xml_element(x->next)) {
        if (!eb_xml_is(x, EB_NS_XF, "item"))
            continue;
        eb_item_t *item = apr_array_push(list);
        *item = (eb_item_t){0};
        apr_status_t rv = load_item(l, item, x);
        if (rv != APR_SUCCESS)
            return rv;
    }
    c->items_count = list->nelts;
    if (list->nelts)
        c->items = apr_pmemdup(l->pool, list->elts, list->nelts * sizeof(eb_item_t));
    return APR_SUCCESS;
}

/* Binds a control to its node, which must be of the entry on a page of a repeat, and otherwise of
 * none. */
static apr_status_t bind_control(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    const char *path;
    const eb_node_t *repeat = l->step->repeat;
    apr_status_t rv = eb_load_attr(&path, l, xml, "ref");
    if (rv == APR_SUCCESS)
        rv = eb_load_node(&c->node, l, xml, path);
    if (rv != APR_SUCCESS)
        return rv;
    if (c->node->scope == (repeat ? repeat->entries : l->form->scope))
        return APR_SUCCESS;
    if (repeat)
        return eb_load_fail(l, xml, "\"%s\" is asked once for each \"%s\", but is not below it",
                            path, repeat->path);
    return eb_load_fail(l, xml,
                        "\"%s\" belongs to an entry of \"%s\" and can be asked on its pages only",
                        path, c->node->scope->top->path);
}

static apr_status_t load_bound(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    apr_status_t rv = bind_control(l, c, xml);
    if (rv == APR_SUCCESS)
        rv = load_words(l, c, xml);
    if (rv == APR_SUCCESS)
        rv = load_items(l, c, xml);
    if (rv == APR_SUCCESS)
        rv = eb_load_count(&c->width, l, xml, "width", 0, 4);
    c->autocomplete = eb_xml_attr(xml, EB_NS_FORM, "autocomplete", l->pool);
    return rv == APR_SUCCESS ? eb_load_fit(l, c, xml) : rv;
}

static apr_status_t load_output(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    const char *text;
    const eb_node_t *context = l->step->repeat ? l->step->repeat : l->form->root;
    apr_status_t rv = load_words(l, c, xml);
    if (rv == APR_SUCCESS)
        rv = eb_load_attr(&text, l, xml, "value");
    return rv == APR_SUCCESS ? eb_load_expr(&c->value, l, xml, text, context) : rv;
}

static apr_status_t load_group(eb_loader_t *l, eb_control_t *c, xmlNode *xml)
{
    apr_status_t rv = load_words(l, c, xml);
    if (rv == APR_SUCCESS && eb_xml_attr(xml, NULL, "ref", l->scratch)) {
        rv = bind_control(l, c, xml);
        if (rv == APR_SUCCESS && c->node->kind != EB_NODE_GROUP)
            rv = eb_load_fail(l, xml, "\"%s\" is no group of the instance", c->node->path);
    }
    return rv == APR_SUCCESS ? eb_load_controls(l, &c->first, eb_xml_element(xml->children)) : rv;
}

/* The kind that an element asks for; eb_load_fit() turns inputs and selects into the kind that fits
 * their type. -1: no control. */
static int control_kind(const xmlNode *x, apr_pool_t *pool)
{
    const char *look = eb_xml_attr(x, NULL, "appearance", pool);
    if (eb_xml_is(x, EB_NS_XF, "input"))
        return EB_CONTROL_INPUT;
    if (eb_xml_is(x, EB_NS_XF, "textarea"))
        return EB_CONTROL_TEXTAREA;
    if (eb_xml_is(x, EB_NS_XF, "select1"))
        return look && strcmp(look, "full") == 0 ? EB_CONTROL_RADIO : EB_CONTROL_SELECT;
    if (eb_xml_is(x, EB_NS_XF, "select"))
        return EB_CONTROL_CHECKBOXES;
    if (eb_xml_is(x, EB_NS_XF, "upload"))
        return EB_CONTROL_UPLOAD;
    if (eb_xml_is(x, EB_NS_XF, "output"))
        return EB_CONTROL_OUTPUT;
    if (eb_xml_is(x, EB_NS_XF, "group"))
        return EB_CONTROL_GROUP;
    return eb_xml_is(x, EB_NS_FORM, "text") ? EB_CONTROL_TEXT : -1;
}

static apr_status_t load_control(eb_loader_t *l, eb_control_t *c, xmlNode *xml)
{
    switch (c->kind) {
    case EB_CONTROL_TEXT: return eb_load_prose(&c->html, l, xml, false);
    case EB_CONTROL_OUTPUT: return load_output(l, c, xml);
    case EB_CONTROL_GROUP: return load_group(l, c, xml);
    default: return load_bound(l, c, xml);
    }
}

static int depth(const xmlNode *xml)
{
    int n = 0;
    for (; xml && xml->type == XML_ELEMENT_NODE; xml = xml->parent)
        n++;
    return n;
}

apr_status_t eb_load_controls(eb_loader_t *l, eb_control_t **first, xmlNode *xml)
{
    if (xml && depth(xml) > DEPTH_MAX)
        return eb_load_fail(l, xml, "Groups are nested too deep");
    for (; xml; xml = eb_xml_element(xml->next)) {
        int kind = control_kind(xml, l->scratch);
        if (kind < 0)
            continue; /* labels and the like; the grammar knows what else may stand here */
        eb_control_t *c = *first = apr_pcalloc(l->pool, sizeof(*c));
        c->kind = (eb_control_kind_t)kind;
        c->line = eb_load_where(l, xml);
        if (l->after)
            *l->after = c;
        l->after = &c->after;
        int taken, missing;
        eb_words_counts(l->words, &taken, &missing);
        apr_status_t rv = load_control(l, c, xml);
        if (rv == APR_SUCCESS)
            rv = eb_load_binding(l, c, xml, taken, missing);
        if (rv != APR_SUCCESS)
            return rv;
        first = &c->next;
    }
    return APR_SUCCESS;
}
