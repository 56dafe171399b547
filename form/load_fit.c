/* Does a control fit the type of what it asks for? Inputs take the shape that the type calls for,
 * choices need something to choose from, and a node is asked for once. */
#include "load.h"

#include <apr_strings.h>
#include <string.h>

static bool is_type(const eb_node_t *node, const char *name)
{
    return strcmp(node->type->name, name) == 0;
}

/* Only codes and booleans are chosen; a node without a type that has items is a code. */
static apr_status_t fit_choice_type(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    eb_node_t *node = c->node;
    const char *key = apr_pstrcat(l->scratch, node->path, "@type", NULL);
    if (!apr_hash_get(l->bound, key, APR_HASH_KEY_STRING) && c->items)
        node->type = eb_type_find("eb:code");
    bool boolean = c->kind != EB_CONTROL_CHECKBOXES && is_type(node, "xs:boolean");
    if (boolean || is_type(node, "eb:code"))
        return APR_SUCCESS;
    return eb_load_fail(
        l, xml, "<%s> needs type=\"eb:code\"%s, but \"%s\" is of type %s", (const char *)xml->name,
        c->kind == EB_CONTROL_CHECKBOXES ? "" : " or \"xs:boolean\"", node->path, node->type->name);
}

static apr_status_t fit_boolean(eb_loader_t *l, const eb_control_t *c, const xmlNode *xml)
{
    int seen[2] = {0, 0};
    for (int i = 0; i < c->items_count; i++) {
        seen[0] += strcmp(c->items[i].value, "false") == 0;
        seen[1] += strcmp(c->items[i].value, "true") == 0;
    }
    if (c->items_count == 2 && seen[0] == 1 && seen[1] == 1)
        return APR_SUCCESS;
    return eb_load_fail(l, xml, "\"%s\" is an xs:boolean: its items must be \"true\" and \"false\"",
                        c->node->path);
}

/* A list of just the items, so that the type knows what may be chosen and how it is called. */
static apr_status_t list_items(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    const eb_codelist_t *whole = c->node->facets.codes;
    eb_codelist_t *list = apr_pcalloc(l->pool, sizeof(*list));
    eb_code_t *codes = apr_pcalloc(l->pool, (apr_size_t)c->items_count * sizeof(*codes));
    const char *twice;
    if (whole)
        *list = *whole;
    for (int i = 0; i < c->items_count; i++) {
        const eb_item_t *item = &c->items[i];
        if (whole && !eb_codelist_code(whole, item->value))
            return eb_load_fail(l, xml, "The item \"%s\" is no code of %s version %s", item->value,
                                whole->urn, whole->version);
        codes[i] = (eb_code_t){.code = item->value, .name = item->label, .offered = true};
    }
    list->codes = codes;
    list->count = c->items_count;
    if (!eb_codelist_index(list, &twice, l->pool))
        return eb_load_fail(l, xml, "Two items have the value \"%s\"", twice);
    c->node->facets.codes = list;
    return APR_SUCCESS;
}

static apr_status_t fit_choice(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    apr_status_t rv = fit_choice_type(l, c, xml);
    if (rv != APR_SUCCESS)
        return rv;
    if (is_type(c->node, "xs:boolean"))
        return fit_boolean(l, c, xml);
    c->node->facets.multiple = c->kind == EB_CONTROL_CHECKBOXES;
    if (c->items)
        return list_items(l, c, xml);
    if (c->kind == EB_CONTROL_CHECKBOXES)
        return eb_load_fail(l, xml, "<select> needs an xf:item for each choice");
    if (c->node->facets.codes)
        return APR_SUCCESS;
    return eb_load_fail(
        l, xml,
        "There is nothing to choose for \"%s\": add xf:items here, or eb:codelist to "
        "its bind",
        c->node->path);
}

static apr_status_t fit_input(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    if (is_type(c->node, "eb:code"))
        return eb_load_fail(l, xml, "\"%s\" is a code: ask for it with xf:select1 or xf:select",
                            c->node->path);
    if (is_type(c->node, "eb:files"))
        return eb_load_fail(l, xml, "\"%s\" is of type eb:files: ask for it with xf:upload",
                            c->node->path);
    if (is_type(c->node, "xs:boolean"))
        c->kind = EB_CONTROL_CHECKBOX;
    else if (c->node->type->date)
        c->kind = EB_CONTROL_DATE;
    return APR_SUCCESS;
}

static apr_status_t fit_textarea(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    if (c->node->type->multiline)
        return APR_SUCCESS;
    return eb_load_fail(l, xml,
                        "<textarea> needs type=\"xs:string\" or \"eb:datatypeC\", but \"%s\" is of "
                        "type %s",
                        c->node->path, c->node->type->name);
}

static apr_status_t fit_upload(eb_loader_t *l, const eb_control_t *c, const xmlNode *xml)
{
    if (!is_type(c->node, "eb:files"))
        return eb_load_fail(l, xml, "<upload> needs type=\"eb:files\", but \"%s\" is of type %s",
                            c->node->path, c->node->type->name);
    l->page->uploads = true;
    l->form->documents_count++;
    return APR_SUCCESS;
}

static apr_status_t fit_kind(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    switch (c->kind) {
    case EB_CONTROL_INPUT: return fit_input(l, c, xml);
    case EB_CONTROL_TEXTAREA: return fit_textarea(l, c, xml);
    case EB_CONTROL_UPLOAD: return fit_upload(l, c, xml);
    default: return fit_choice(l, c, xml);
    }
}

apr_status_t eb_load_fit(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    eb_node_t *node = c->node;
    if (node->kind != EB_NODE_FIELD)
        return eb_load_fail(l, xml,
                            "\"%s\" contains elements; <%s> can ask for a single answer only",
                            node->path, (const char *)xml->name);
    if (node->calculate)
        return eb_load_fail(l, xml, "\"%s\" is calculated; show it with xf:output", node->path);
    if (node->control)
        return eb_load_fail(l, xml, "\"%s\" is asked twice, first at %s", node->path,
                            node->control->line);
    apr_status_t rv = fit_kind(l, c, xml);
    if (rv == APR_SUCCESS)
        node->control = c;
    return rv;
}
