/* The binds: which type an answer has, which rules apply to it. Types come first, for all binds,
 * since an expression may name any node. What was bound where is remembered, so that the second of
 * two contradicting binds can point at the first. */
#include "load.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <string.h>

/* Remembers a property of a node; a problem when it was bound before. */
static apr_status_t note(eb_loader_t *l, const xmlNode *xml, const eb_node_t *node,
                         const char *property)
{
    const char *key = apr_pstrcat(l->scratch, node->path, "@", property, NULL);
    const char *first = apr_hash_get(l->bound, key, APR_HASH_KEY_STRING);
    if (first)
        return eb_load_fail(l, xml, "%s of \"%s\" is bound twice, first at %s", property,
                            node->path, first);
    apr_hash_set(l->bound, key, APR_HASH_KEY_STRING, eb_load_where(l, xml));
    return APR_SUCCESS;
}

static apr_status_t load_type(eb_loader_t *l, const xmlNode *xml, eb_node_t *node)
{
    const char *name = eb_xml_attr(xml, NULL, "type", l->scratch);
    if (!name)
        return APR_SUCCESS;
    if (node->kind != EB_NODE_FIELD)
        return eb_load_fail(l, xml, "\"%s\" contains elements and can have no type", node->path);
    node->type = eb_type_find(name);
    if (!node->type)
        return eb_load_fail(l, xml,
                            "There is no type \"%s\"; known are xs:string, xs:normalizedString, "
                            "xs:date, xs:boolean, xs:integer, xs:nonNegativeInteger, "
                            "xs:positiveInteger, xs:decimal, eb:datatypeA, eb:datatypeB, "
                            "eb:datatypeC, eb:partialDate, eb:amount, eb:email, eb:phone, "
                            "eb:postcode, eb:year, eb:code, eb:files",
                            name);
    return note(l, xml, node, "type");
}

static apr_status_t load_codelist(eb_loader_t *l, const xmlNode *xml, eb_node_t *node)
{
    const char *urn = eb_xml_attr(xml, EB_NS_FORM, "codelist", l->scratch);
    const char *version = eb_xml_attr(xml, EB_NS_FORM, "codelistVersion", l->scratch);
    if (!urn && version)
        return eb_load_fail(l, xml, "eb:codelistVersion needs eb:codelist beside it");
    if (!urn)
        return APR_SUCCESS;
    if (node->kind != EB_NODE_FIELD || strcmp(node->type->name, "eb:code") != 0)
        return eb_load_fail(l, xml, "eb:codelist needs type=\"eb:code\" beside it");
    node->facets.codes = eb_codelists_find(l->lists, urn, version);
    if (node->facets.codes)
        return note(l, xml, node, "eb:codelist");
    return eb_load_fail(l, xml, "There is no code list %s%s%s; loaded are: %s", urn,
                        version ? " version " : "", version ? version : "",
                        eb_codelists_names(l->lists, l->scratch));
}

static apr_status_t load_lengths(eb_loader_t *l, const xmlNode *xml, eb_node_t *node)
{
    int most, least;
    apr_status_t rv = eb_load_count(&most, l, xml, "maxLength", 0, EB_TEXT_MAX);
    if (rv == APR_SUCCESS)
        rv = eb_load_count(&least, l, xml, "minLength", 0, EB_TEXT_MAX);
    if (rv != APR_SUCCESS || (!most && !least))
        return rv;
    if (node->kind != EB_NODE_FIELD || node->type->date || node->type->number ||
        strcmp(node->type->name, "xs:boolean") == 0 || strcmp(node->type->name, "eb:code") == 0 ||
        strcmp(node->type->name, "eb:files") == 0)
        return eb_load_fail(l, xml, "eb:maxLength and eb:minLength are for texts, not for %s",
                            node->kind == EB_NODE_FIELD ? node->type->name : "groups");
    if (most && least > most)
        return eb_load_fail(l, xml, "eb:minLength %d is more than eb:maxLength %d", least, most);
    node->facets.max_length = most;
    node->facets.min_length = least;
    return note(l, xml, node, "eb:maxLength, eb:minLength");
}

/* A limit has to be a good answer itself; it is kept in canonical form. */
static apr_status_t load_limit(const char **limit, eb_loader_t *l, const xmlNode *xml,
                               const eb_node_t *node, const char *name)
{
    static const eb_facets_t none;
    const char *why, *text = eb_xml_attr(xml, EB_NS_FORM, name, l->pool);
    if (!text)
        return APR_SUCCESS;
    if (node->kind != EB_NODE_FIELD ||
        !(node->type->date || node->type->number || strcmp(node->type->name, "eb:year") == 0))
        return eb_load_fail(l, xml, "eb:%s is for numbers and dates", name);
    const eb_type_t *type = node->type->date ? eb_type_find("eb:partialDate") : node->type;
    if (type->parse(limit, &why, type, &none, text, l->pool) != APR_SUCCESS ||
        strcmp(*limit, text) != 0)
        return eb_load_fail(l, xml, "eb:%s=\"%s\" is no %s in the way XML Schema writes it", name,
                            text, node->type->name);
    return note(l, xml, node, name);
}

static apr_status_t load_types(eb_loader_t *l, const xmlNode *xml, eb_node_t *node)
{
    apr_status_t rv = load_type(l, xml, node);
    if (rv == APR_SUCCESS)
        rv = load_codelist(l, xml, node);
    if (rv == APR_SUCCESS)
        rv = load_lengths(l, xml, node);
    if (rv == APR_SUCCESS)
        rv = load_limit(&node->facets.min, l, xml, node, "min");
    if (rv == APR_SUCCESS)
        rv = load_limit(&node->facets.max, l, xml, node, "max");
    node->line = eb_load_where(l, xml);
    return rv;
}

static apr_status_t load_rule(eb_expr_t **expr, eb_loader_t *l, const xmlNode *xml,
                              const eb_node_t *node, const char *name)
{
    const char *text = eb_xml_attr(xml, NULL, name, l->pool);
    if (!text)
        return APR_SUCCESS;
    if (node->kind != EB_NODE_FIELD && strcmp(name, "relevant") != 0)
        return eb_load_fail(l, xml,
                            "\"%s\" contains elements; it can have relevant and constraints, but "
                            "not %s",
                            node->path, name);
    if (strcmp(name, "calculate") == 0 && strcmp(node->type->name, "eb:files") == 0)
        return eb_load_fail(l, xml, "\"%s\" is of type eb:files and cannot be calculated",
                            node->path);
    apr_status_t rv = note(l, xml, node, name);
    return rv == APR_SUCCESS ? eb_load_expr(expr, l, xml, text, node) : rv;
}

static apr_status_t add_constraint(eb_loader_t *l, apr_array_header_t *list, const xmlNode *xml,
                                   const eb_node_t *node, const char *text, const char *alert)
{
    const char *level = eb_xml_attr(xml, EB_NS_FORM, "level", l->scratch);
    eb_constraint_t *c = apr_array_push(list);
    c->alert = alert;
    c->warning = level && strcmp(level, "warning") == 0;
    return eb_load_expr(&c->expr, l, xml, text, node);
}

static apr_status_t load_constraints(eb_loader_t *l, const xmlNode *bind, eb_node_t *node)
{
    apr_array_header_t *list = apr_array_make(l->pool, 2, sizeof(eb_constraint_t));
    const char *text = eb_xml_attr(bind, NULL, "constraint", l->pool), *alert;
    apr_status_t rv = APR_SUCCESS;
    if (text)
        rv = add_constraint(l, list, bind, node, text, NULL);
    for (xmlNode *x = eb_xml_element(bind->children); x && rv == APR_SUCCESS;
         x = eb_xml_element(x->next)) {
        rv = eb_load_attr(&text, l, x, "value");
        if (rv == APR_SUCCESS)
            rv = eb_load_text(&alert, l, x, EB_NS_XF, "alert");
        if (rv == APR_SUCCESS && !alert)
            rv = eb_load_fail(l, x, "<constraint> needs an xf:alert that says what to do");
        if (rv == APR_SUCCESS)
            rv = add_constraint(l, list, x, node, text, alert);
    }
    if (rv != APR_SUCCESS || list->nelts == 0)
        return rv;
    node->constraints = (const eb_constraint_t *)list->elts;
    node->constraints_count = list->nelts;
    return note(l, bind, node, "constraint");
}

static apr_status_t load_rules(eb_loader_t *l, const xmlNode *xml, eb_node_t *node)
{
    apr_status_t rv = load_rule(&node->relevant, l, xml, node, "relevant");
    if (rv == APR_SUCCESS)
        rv = load_rule(&node->required, l, xml, node, "required");
    if (rv == APR_SUCCESS)
        rv = load_rule(&node->readonly, l, xml, node, "readonly");
    if (rv == APR_SUCCESS)
        rv = load_rule(&node->calculate, l, xml, node, "calculate");
    return rv == APR_SUCCESS ? load_constraints(l, xml, node) : rv;
}

typedef apr_status_t (*load_bind_t)(eb_loader_t *l, const xmlNode *xml, eb_node_t *node);

static apr_status_t each_bind(eb_loader_t *l, const xmlNode *model, load_bind_t load)
{
    for (xmlNode *x = eb_xml_element(model->children); x; x = eb_xml_element(x->next)) {
        const char *path;
        eb_node_t *node;
        if (!eb_xml_is(x, EB_NS_XF, "bind"))
            continue;
        apr_status_t rv = eb_load_attr(&path, l, x, "nodeset");
        if (rv == APR_SUCCESS)
            rv = eb_load_node(&node, l, x, path);
        if (rv == APR_SUCCESS)
            rv = load(l, x, node);
        if (rv != APR_SUCCESS)
            return rv;
    }
    return APR_SUCCESS;
}

static void collect_calculated(eb_loader_t *l)
{
    apr_array_header_t *list = apr_array_make(l->pool, 8, sizeof(eb_node_t *));
    for (eb_node_t *n = l->form->root; n; n = eb_load_next(n)) {
        if (n->calculate)
            APR_ARRAY_PUSH(list, eb_node_t *) = n;
    }
    l->form->calculated = (eb_node_t **)list->elts;
    l->form->calculated_count = list->nelts;
}

apr_status_t eb_load_binds(eb_loader_t *l, xmlNode *model)
{
    apr_status_t rv = each_bind(l, model, load_types);
    if (rv == APR_SUCCESS)
        rv = each_bind(l, model, load_rules);
    if (rv == APR_SUCCESS)
        collect_calculated(l);
    return rv;
}
