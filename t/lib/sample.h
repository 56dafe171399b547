/* Forms for the tests of the form room, built without the loader from a line such as
 * "antrag(person(name alter) kinder(kind*(name)))": brackets hold children, a star marks a repeat.
 * sample_xml() writes an instance as the XML document it stands for, for other XPath engines. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "form/instance.h"

#include <apr_strings.h>

typedef struct sample_t {
    eb_form_t *form;
    apr_pool_t *pool;
    const char *at;
} sample_t;

static inline eb_scope_t *sample_scope(eb_node_t *top, apr_pool_t *pool)
{
    eb_scope_t *scope = apr_pcalloc(pool, sizeof *scope);
    scope->top = top;
    scope->fields = apr_pcalloc(pool, 64 * sizeof *scope->fields);
    return scope;
}

static inline const char *sample_param(const eb_node_t *node, apr_pool_t *pool)
{
    const char *param = node->name;
    for (const eb_node_t *n = node->parent; n && n != node->scope->top; n = n->parent)
        param = apr_pstrcat(pool, n->name, ".", param, NULL);
    return param;
}

static inline eb_node_t *sample_node(sample_t *s, eb_node_t *parent, eb_scope_t *scope)
{
    eb_node_t *node = apr_pcalloc(s->pool, sizeof *node), **last;
    size_t len = strcspn(s->at, "( )*");
    node->name = apr_pstrmemdup(s->pool, s->at, len);
    s->at += len;
    node->parent = parent;
    node->scope = scope ? scope : sample_scope(node, s->pool);
    bool inner = parent && parent->parent;
    node->path = inner ? apr_pstrcat(s->pool, parent->path, "/", node->name, NULL) : node->name;
    node->param = sample_param(node, s->pool);
    node->slot = -1;
    node->line = "sample:1";
    scope = node->scope;
    if (*s->at == '*') {
        s->at++;
        node->kind = EB_NODE_REPEAT;
        node->slot = s->form->repeats_count++;
        s->form->repeats[node->slot] = node;
        node->entries = scope = sample_scope(node, s->pool);
    }
    if (*s->at != '(') {
        node->kind = EB_NODE_FIELD;
        node->slot = scope->fields_count++;
        scope->fields[node->slot] = node;
        return node;
    }
    for (last = &node->first; *s->at != ')'; last = &(*last)->next) {
        s->at++;
        *last = sample_node(s, node, scope);
    }
    s->at++;
    return node;
}

static inline eb_form_t *sample_form(const char *text, apr_pool_t *pool)
{
    sample_t s = {apr_pcalloc(pool, sizeof(eb_form_t)), pool, text};
    s.form->repeats = apr_pcalloc(pool, 16 * sizeof *s.form->repeats);
    s.form->calculated = apr_pcalloc(pool, 16 * sizeof *s.form->calculated);
    s.form->id = "sample";
    s.form->root = sample_node(&s, NULL, NULL);
    s.form->scope = s.form->root->scope;
    return s.form;
}

/* `path` from below the root element; NULL or "" is the root. */
static inline eb_node_t *sample_find(const eb_form_t *form, const char *path)
{
    eb_node_t *node = form->root;
    while (node && path && *path) {
        size_t len = strcspn(path, "/");
        node = node->first;
        while (node && (strncmp(node->name, path, len) != 0 || node->name[len]))
            node = node->next;
        path += len + (path[len] == '/');
    }
    return node;
}

static inline void sample_xml(eb_buf_t *b, const eb_instance_t *in, const eb_node_t *node,
                              int entry)
{
    eb_buf_printf(b, "<%s>", node->name);
    if (node->kind == EB_NODE_FIELD)
        eb_buf_html(b, eb_instance_get(in, node, entry));
    for (const eb_node_t *child = node->first; child; child = child->next) {
        bool repeat = child->kind == EB_NODE_REPEAT;
        int count = repeat ? in->lists[child->slot].count : 1;
        for (int i = 0; i < count; i++)
            sample_xml(b, in, child, repeat ? i : entry);
    }
    eb_buf_printf(b, "</%s>", node->name);
}

#endif
