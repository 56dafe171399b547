/* All files of an application. Which fields can have some is known since the form was loaded, so
 * that a form without documents has nothing to look for. */
#include "files.h"

#include <apr_strings.h>
#include <string.h>

static void add_files(apr_array_header_t *list, const eb_node_t *node, const eb_context_t *c)
{
    eb_files_t files;
    if (eb_files_parse(&files, eb_instance_get(c->in, node, c->entry), c->pool) != APR_SUCCESS)
        return;
    for (int i = 0; i < files.count; i++)
        APR_ARRAY_PUSH(list, eb_document_t) =
            (eb_document_t){.node = node, .entry = c->entry, .file = files.list[i]};
}

static void add_field(apr_array_header_t *list, const eb_node_t *node, eb_context_t *c,
                      bool applying)
{
    const eb_node_t *top = node->scope->top;
    bool in_entry = top->kind == EB_NODE_REPEAT;
    int count = in_entry ? c->in->lists[top->slot].count : 1;
    for (int entry = 0; entry < count; entry++) {
        c->entry = in_entry ? entry : EB_ROOT;
        if (eb_instance_get(c->in, node, c->entry) && (!applying || eb_rules_relevant(node, c)))
            add_files(list, node, c);
    }
}

/* Of letters, digits and hyphens only: element names have nothing else but "_". */
static const char *safe_name(const eb_document_t *document, int digits, apr_pool_t *pool)
{
    char *name = apr_psprintf(pool, "%0*d-%s.%s", digits, document->number, document->node->name,
                              eb_file_ending(&document->file));
    for (char *s = name; *s; s++)
        *s = *s == '_' ? '-' : *s;
    return name;
}

apr_array_header_t *eb_documents_list(const eb_context_t *c, bool applying)
{
    const eb_form_t *form = c->in->form;
    apr_array_header_t *list = apr_array_make(c->pool, 1, sizeof(eb_document_t));
    eb_context_t each = *c;
    for (int i = 0; i < form->documents_count; i++)
        add_field(list, form->documents[i], &each, applying);
    int digits = list->nelts > 99 ? 3 : 2;
    for (int i = 0; i < list->nelts; i++) {
        eb_document_t *document = &APR_ARRAY_IDX(list, i, eb_document_t);
        document->number = i + 1;
        document->safe_name = safe_name(document, digits, c->pool);
    }
    return list;
}

static bool has_file(const apr_array_header_t *list, const char *id)
{
    for (int i = 0; i < list->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(list, i, eb_document_t).file.id, id) == 0)
            return true;
    return false;
}

apr_array_header_t *eb_documents_gone(const apr_array_header_t *before,
                                      const apr_array_header_t *after, apr_pool_t *pool)
{
    apr_array_header_t *gone = apr_array_make(pool, 1, sizeof(eb_document_t));
    for (int i = 0; i < before->nelts; i++) {
        const eb_document_t *document = &APR_ARRAY_IDX(before, i, eb_document_t);
        if (!has_file(after, document->file.id))
            APR_ARRAY_PUSH(gone, eb_document_t) = *document;
    }
    return gone;
}
