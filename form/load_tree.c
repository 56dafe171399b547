/* The tree of the instance: every element becomes a node, every leaf a field with its slot. Which
 * elements recur is told by the xf:repeats of the steps, so these are looked for first. */
#include "load.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define PATH_MAX_BYTES 180 /* as a parameter, with ".spaeter" behind it, below EB_PARAM_NAME_MAX   \
                            */
#define FIELDS_MAX 5000

/* The entries of a repeat are kept by one step; others, after it, may ask more about them. */
static apr_status_t note_repeat(eb_loader_t *l, const xmlNode *repeat)
{
    const char *path;
    bool fixed = eb_xml_attr(repeat, EB_NS_FORM, "entries", l->scratch) != NULL;
    apr_status_t rv = eb_load_attr(&path, l, repeat, "nodeset");
    if (rv != APR_SUCCESS)
        return rv;
    const char *keeper = apr_hash_get(l->repeats, path, APR_HASH_KEY_STRING);
    if (fixed && !keeper)
        return eb_load_fail(l, repeat,
                            "eb:entries=\"fixed\" asks more about entries that are there: expected "
                            "an xf:repeat over \"%s\" without it in a step before",
                            path);
    if (keeper && !fixed)
        return eb_load_fail(l, repeat,
                            "\"%s\" is repeated twice, first at %s; to ask more about the same "
                            "entries, write eb:entries=\"fixed\"",
                            path, keeper);
    if (!keeper)
        apr_hash_set(l->repeats, path, APR_HASH_KEY_STRING, eb_load_where(l, repeat));
    return APR_SUCCESS;
}

static apr_status_t find_repeats(eb_loader_t *l, const xmlNode *parent)
{
    for (xmlNode *x = eb_xml_element(parent->children); x; x = eb_xml_element(x->next)) {
        apr_status_t rv = APR_SUCCESS;
        if (eb_xml_is(x, EB_NS_XF, "repeat"))
            rv = note_repeat(l, x);
        else if (!eb_xml_is(x, EB_NS_XF, "model"))
            rv = find_repeats(l, x);
        if (rv != APR_SUCCESS)
            return rv;
    }
    return APR_SUCCESS;
}

/* A letter, then letters, digits, "_" and "-": the name becomes part of an HTML name, where "."
 * stands for "/" and a leading "_" is ours. */
static bool good_name(const char *name)
{
    if (!apr_isalpha(*name))
        return false;
    for (; *name; name++) {
        if (!apr_isalnum(*name) && *name != '_' && *name != '-')
            return false;
    }
    return true;
}

static apr_status_t check_element(eb_loader_t *l, const xmlNode *xml, const eb_node_t *parent)
{
    const char *name = (const char *)xml->name;
    if (xml->ns || xml->properties)
        return eb_load_fail(l, xml,
                            "<%s> in the instance must be in no namespace (xmlns=\"\") and "
                            "have no attributes",
                            name);
    if (!good_name(name))
        return eb_load_fail(l, xml,
                            "<%s> is no name for an element of the instance: expected ASCII "
                            "letters, digits, \"_\" and \"-\", a letter first",
                            name);
    if (parent && eb_node_child(parent, name))
        return eb_load_fail(l, xml,
                            "<%s> occurs twice below <%s>; what recurs is written once and "
                            "named by an xf:repeat",
                            name, parent->name);
    if (!eb_xml_element(xml->children) && *eb_xml_text(xml, l->scratch))
        return eb_load_fail(l, xml, "<%s> has content; the instance is the empty application",
                            name);
    return APR_SUCCESS;
}

static void name_node(eb_loader_t *l, eb_node_t *node)
{
    const char *prefix = node->parent && node->parent->parent ? node->parent->path : NULL;
    const eb_node_t *top = node->scope->top;
    if (!node->parent) {
        node->path = node->param = "";
        return;
    }
    node->path = prefix ? apr_pstrcat(l->pool, prefix, "/", node->name, NULL) : node->name;
    bool below_entry = top && top->kind == EB_NODE_REPEAT && top != node;
    char *param = apr_pstrdup(l->pool, node->path + (below_entry ? strlen(top->path) + 1 : 0));
    for (char *c = param; *c; c++)
        *c = *c == '/' ? '.' : *c;
    node->param = param;
}

static eb_scope_t *new_scope(eb_loader_t *l, eb_node_t *top)
{
    eb_scope_t *scope = apr_pcalloc(l->pool, sizeof(*scope));
    scope->top = top;
    return scope;
}

static apr_status_t place(eb_loader_t *l, eb_node_t *node, const xmlNode *xml)
{
    bool leaf = !eb_xml_element(xml->children);
    node->slot = -1;
    if (apr_hash_get(l->repeats, node->path, APR_HASH_KEY_STRING) && node->parent) {
        if (leaf)
            return eb_load_fail(l, xml, "<%s> is repeated, but has no elements", node->name);
        if (node->scope->top->kind == EB_NODE_REPEAT)
            return eb_load_fail(l, xml, "\"%s\" is repeated inside of \"%s\": repeats do not nest",
                                node->path, node->scope->top->path);
        node->kind = EB_NODE_REPEAT;
        node->slot = l->form->repeats_count++;
        node->entries = new_scope(l, node);
    } else if (leaf) {
        node->kind = EB_NODE_FIELD;
        node->type = eb_type_find("xs:string");
        node->slot = node->scope->fields_count++;
    }
    if (node->scope->fields_count > FIELDS_MAX)
        return eb_load_fail(l, xml, "The instance has more than %d fields", FIELDS_MAX);
    return APR_SUCCESS;
}

static apr_status_t build(eb_node_t **made, eb_loader_t *l, xmlNode *xml, eb_node_t *parent)
{
    apr_status_t rv = check_element(l, xml, parent);
    if (rv != APR_SUCCESS)
        return rv;
    eb_node_t *node = *made = apr_pcalloc(l->pool, sizeof(*node));
    node->facets.words = l->words;
    node->name = apr_pstrdup(l->pool, (const char *)xml->name);
    node->parent = parent;
    node->line = eb_load_where(l, xml);
    node->scope = !parent ? new_scope(l, node) : parent->entries ? parent->entries : parent->scope;
    name_node(l, node);
    if (strlen(node->path) > PATH_MAX_BYTES)
        return eb_load_fail(l, xml, "The path \"%s\" is longer than %d bytes", node->path,
                            PATH_MAX_BYTES);
    rv = place(l, node, xml);
    eb_node_t **link = &node->first;
    for (xmlNode *x = eb_xml_element(xml->children); x && rv == APR_SUCCESS;
         x = eb_xml_element(x->next)) {
        rv = build(link, l, x, node);
        if (rv == APR_SUCCESS)
            link = &(*link)->next;
    }
    return rv;
}

/* Slots are given; now the way back, from slot to node. */
static void index_slots(eb_loader_t *l)
{
    eb_form_t *form = l->form;
    form->repeats = apr_pcalloc(l->pool, (apr_size_t)form->repeats_count * sizeof(eb_node_t *) + 1);
    for (eb_node_t *n = form->root; n; n = eb_load_next(n)) {
        eb_scope_t *scope = n->scope;
        if (!scope->fields)
            scope->fields =
                apr_pcalloc(l->pool, (apr_size_t)scope->fields_count * sizeof(eb_node_t *) + 1);
        if (n->kind == EB_NODE_FIELD)
            scope->fields[n->slot] = n;
        else if (n->kind == EB_NODE_REPEAT)
            form->repeats[n->slot] = n;
    }
}

apr_status_t eb_load_tree(eb_loader_t *l, xmlNode *form)
{
    apr_status_t rv = find_repeats(l, form);
    if (rv != APR_SUCCESS)
        return rv;
    const xmlNode *model = eb_load_child(form, EB_NS_XF, "model");
    const xmlNode *instance = model ? eb_load_child(model, EB_NS_XF, "instance") : NULL;
    xmlNode *root = instance ? eb_xml_element(instance->children) : NULL;
    if (!root)
        return eb_load_fail(l, form, "The form has no xf:model with an xf:instance");
    if (!eb_xml_element(root->children))
        return eb_load_fail(l, root, "The instance has no elements below <%s>",
                            (const char *)root->name);
    rv = build(&l->form->root, l, root, NULL);
    if (rv != APR_SUCCESS)
        return rv;
    l->form->scope = l->form->root->scope;
    index_slots(l);
    return APR_SUCCESS;
}
