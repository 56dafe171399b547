/* What can only be seen of the whole form: who depends on whom, and whether an applicant can get
 * through. */
#include "load.h"
#include "xpath.h"

#include <apr_strings.h>
#include <string.h>

#define CHAIN_MAX 16 /* calculated from calculated from … */

typedef struct eb_search_t {
    const eb_page_t *page;
    const eb_node_t *found; /* asked on that page */
    int depth;
} eb_search_t;

static bool on_page(const eb_page_t *page, const eb_node_t *node)
{
    for (const eb_control_t *c = eb_control_next(page, NULL); c; c = eb_control_next(page, c)) {
        if (c == node->control)
            return true;
    }
    return false;
}

static void find_on_page(void *baton, const eb_node_t *node)
{
    eb_search_t *search = baton;
    if (search->found)
        return;
    if (node->control && on_page(search->page, node))
        search->found = node;
    if (!node->calculate || search->depth >= CHAIN_MAX)
        return;
    search->depth++;
    eb_expr_nodes(node->calculate, find_on_page, search);
    search->depth--;
}

/* Without JavaScript a page cannot show a question because of an answer given on it. */
static apr_status_t check_relevant(eb_loader_t *l, const eb_page_t *page, const eb_control_t *c)
{
    for (const eb_node_t *n = c->node; n; n = n->parent) {
        eb_search_t search = {page, NULL, 0};
        if (n->relevant)
            eb_expr_nodes(n->relevant, find_on_page, &search);
        if (search.found)
            return eb_load_fail_at(
                l, c->line,
                "Whether \"%s\" is asked depends on \"%s\", which is asked on the "
                "same page; put that question on a page before",
                c->node->path, search.found->path);
    }
    return APR_SUCCESS;
}

static apr_status_t check_page(eb_loader_t *l, const eb_page_t *page)
{
    for (const eb_control_t *c = eb_control_next(page, NULL); c; c = eb_control_next(page, c)) {
        apr_status_t rv = c->node ? check_relevant(l, page, c) : APR_SUCCESS;
        if (rv != APR_SUCCESS)
            return rv;
    }
    return APR_SUCCESS;
}

typedef struct eb_order_t {
    apr_hash_t *done;
    const eb_node_t *found; /* calculated, but later */
} eb_order_t;

static void find_later(void *baton, const eb_node_t *node)
{
    eb_order_t *order = baton;
    if (node->kind == EB_NODE_FIELD && node->calculate &&
        !apr_hash_get(order->done, &node, sizeof(node)))
        order->found = node;
}

/* Values are calculated in document order, once: what one needs must come before it. This excludes
 * circles too. */
static apr_status_t check_order(eb_loader_t *l)
{
    eb_order_t order = {apr_hash_make(l->scratch), NULL};
    for (int i = 0; i < l->form->calculated_count; i++) {
        eb_node_t **node = &l->form->calculated[i];
        eb_expr_nodes((*node)->calculate, find_later, &order);
        if (order.found == *node)
            return eb_load_fail_at(l, (*node)->line, "\"%s\" is calculated from itself",
                                   (*node)->path);
        if (order.found)
            return eb_load_fail_at(l, (*node)->line,
                                   "\"%s\" is calculated from \"%s\", which comes after it in the "
                                   "instance; put it before",
                                   (*node)->path, order.found->path);
        apr_hash_set(order.done, node, sizeof(*node), *node);
    }
    return APR_SUCCESS;
}

static apr_status_t check_node(eb_loader_t *l, const eb_node_t *node)
{
    if (node->kind != EB_NODE_FIELD)
        return APR_SUCCESS;
    if (node->required && !node->control && !node->calculate)
        return eb_load_fail_at(
            l, node->line,
            "\"%s\" is required, but no control asks for it: the form could never "
            "be completed",
            node->path);
    if (strcmp(node->type->name, "eb:code") == 0 && !node->facets.codes)
        return eb_load_fail_at(l, node->line,
                               "\"%s\" is a code, but has neither eb:codelist nor a control with "
                               "xf:items",
                               node->path);
    return APR_SUCCESS;
}

apr_status_t eb_load_check(eb_loader_t *l)
{
    apr_status_t rv = check_order(l);
    for (const eb_node_t *n = l->form->root; n && rv == APR_SUCCESS; n = eb_load_next(n))
        rv = check_node(l, n);
    for (int i = 0; i < l->form->pages_count && rv == APR_SUCCESS; i++)
        rv = check_page(l, l->form->pages[i]);
    return rv;
}
