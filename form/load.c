/* What every part of the loader needs: saying where something is wrong, and taking attributes,
 * texts, paths and expressions out of the file. */
#include "load.h"
#include "xpath.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ID_MAX 60

static apr_status_t fail(eb_loader_t *l, const char *where, const char *format, va_list args)
{
    return eb_problem_set(l->problem, EB_P_FORM_MEANING, APR_EINVAL, where, l->pool, "%s",
                          apr_pvsprintf(l->pool, format, args));
}

apr_status_t eb_load_fail(eb_loader_t *l, const xmlNode *xml, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    apr_status_t rv = fail(l, eb_load_where(l, xml), format, args);
    va_end(args);
    return rv;
}

apr_status_t eb_load_fail_at(eb_loader_t *l, const char *where, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    apr_status_t rv = fail(l, where, format, args);
    va_end(args);
    return rv;
}

const char *eb_load_where(eb_loader_t *l, const xmlNode *xml)
{
    return eb_xml_where(l->form->file, xml, l->pool);
}

apr_status_t eb_load_attr(const char **value, eb_loader_t *l, const xmlNode *xml, const char *name)
{
    *value = eb_xml_attr(xml, NULL, name, l->pool);
    if (*value)
        return APR_SUCCESS;
    return eb_load_fail(l, xml, "<%s> needs the attribute %s", (const char *)xml->name, name);
}

apr_status_t eb_load_id(const char **id, eb_loader_t *l, const xmlNode *xml)
{
    apr_status_t rv = eb_load_attr(id, l, xml, "id");
    if (rv != APR_SUCCESS)
        return rv;
    apr_size_t len = strlen(*id);
    if (len >= 1 && len <= ID_MAX && strspn(*id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len)
        return APR_SUCCESS;
    return eb_load_fail(
        l, xml,
        "id=\"%s\" becomes part of an address: expected 1 to %d signs out of a to z, "
        "0 to 9 and -",
        *id, ID_MAX);
}

apr_status_t eb_load_count(int *value, eb_loader_t *l, const xmlNode *xml, const char *name,
                           int otherwise, int most)
{
    const char *text = eb_xml_attr(xml, EB_NS_FORM, name, l->scratch);
    *value = otherwise;
    if (!text)
        return APR_SUCCESS;
    if (strlen(text) <= 6 && !text[strspn(text, "0123456789")])
        *value = atoi(text);
    if (*text && *value >= 1 && *value <= most)
        return APR_SUCCESS;
    return eb_load_fail(l, xml, "eb:%s=\"%s\": expected a whole number from 1 to %d", name, text,
                        most);
}

xmlNode *eb_load_child(const xmlNode *parent, const char *ns, const char *name)
{
    for (xmlNode *c = eb_xml_element(parent->children); c; c = eb_xml_element(c->next)) {
        if (eb_xml_is(c, ns, name))
            return c;
    }
    return NULL;
}

apr_status_t eb_load_data(const char **text, eb_loader_t *l, const xmlNode *parent, const char *ns,
                          const char *name)
{
    const xmlNode *child = eb_load_child(parent, ns, name);
    *text = child ? eb_xml_text(child, l->pool) : NULL;
    if (!*text || **text)
        return APR_SUCCESS;
    return eb_load_fail(l, child, "The %s of <%s> is empty", name, (const char *)parent->name);
}

apr_status_t eb_load_text(const char **text, eb_loader_t *l, const xmlNode *parent, const char *ns,
                          const char *name)
{
    apr_status_t rv = eb_load_data(text, l, parent, ns, name);
    if (rv == APR_SUCCESS && *text)
        *text = eb_words_take(l->words, *text);
    return rv;
}

apr_status_t eb_load_node(eb_node_t **node, eb_loader_t *l, const xmlNode *xml, const char *path)
{
    *node = *path ? eb_form_node(l->form, path) : NULL;
    if (*node)
        return APR_SUCCESS;
    /* say how far the path leads: most often a single name is misspelt */
    const eb_node_t *known = l->form->root;
    const char *rest = path;
    for (const eb_node_t *next; *rest; known = next) {
        apr_size_t len = strcspn(rest, "/");
        next = eb_node_child(known, apr_pstrmemdup(l->scratch, rest, len));
        if (!next)
            break;
        rest += len + (rest[len] == '/');
    }
    return eb_load_fail(l, xml, "The instance has no \"%s\": there is no \"%s\" below <%s>", path,
                        rest, known->name);
}

apr_status_t eb_load_expr(eb_expr_t **expr, eb_loader_t *l, const xmlNode *xml, const char *text,
                          const eb_node_t *context)
{
    return eb_expr_compile(expr, text, l->form, context, eb_load_where(l, xml), l->problem,
                           l->pool);
}

eb_node_t *eb_load_next(const eb_node_t *node)
{
    if (node->first)
        return node->first;
    while (node && !node->next)
        node = node->parent;
    return node ? node->next : NULL;
}
