/* XPath 1.0 against an independent engine: an expression is evaluated over an instance here, and by
 * libxml2 over the same instance as a document; as a boolean, a number and a text. */
#ifndef XPATH_ORACLE_H
#define XPATH_ORACLE_H

#include "tap.h"
#include "sample.h"
#include "form/xpath.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <math.h>

typedef struct oracle_t {
    const eb_form_t *form;
    eb_instance_t *in;
    xmlDocPtr doc;
    apr_pool_t *pool;
    int compared, different;
} oracle_t;

typedef struct oracle_place_t {
    const eb_node_t *node;
    int entry;
} oracle_place_t;

/* Of `in` as it is now; to be ended with xmlFreeDoc(oracle.doc). */
static inline oracle_t oracle_new(eb_instance_t *in, apr_pool_t *pool)
{
    eb_buf_t b;
    eb_buf_init(&b, 1024, pool);
    sample_xml(&b, in, in->form->root, EB_ROOT);
    xmlDocPtr doc = xmlReadMemory(b.data, (int)b.len, "x", NULL, XML_PARSE_NONET);
    return (oracle_t){.form = in->form, .in = in, .doc = doc, .pool = pool};
}

/* The element of the document that `place` is. */
static inline xmlNodePtr oracle_element(const oracle_t *w, oracle_place_t place)
{
    if (!place.node->parent)
        return xmlDocGetRootElement(w->doc);
    bool repeat = place.node->kind == EB_NODE_REPEAT;
    oracle_place_t up = {place.node->parent, repeat ? EB_ROOT : place.entry};
    xmlNodePtr n = xmlFirstElementChild(oracle_element(w, up));
    for (int skip = repeat ? place.entry : 0; n; n = xmlNextElementSibling(n))
        if (strcmp((const char *)n->name, place.node->name) == 0 && skip-- == 0)
            break;
    return n;
}

static inline bool oracle_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static inline void oracle_report(oracle_t *w, oracle_place_t place, const char *text,
                                 const char *ours, const char *theirs)
{
    if (w->different++ < 10)
        printf("# %s [%d]: %s\n#   ours:    %s\n#   libxml2: %s\n", place.node->path, place.entry,
               text, ours, theirs);
}

static inline void oracle_values(oracle_t *w, oracle_place_t place, const char *text,
                                 const eb_expr_t *expr, xmlXPathObjectPtr theirs)
{
    eb_context_t c = {w->in, place.entry, 0, w->pool};
    bool truth = eb_expr_true(expr, &c), true_there = xmlXPathCastToBoolean(theirs);
    double number = eb_expr_number(expr, &c), number_there = xmlXPathCastToNumber(theirs);
    const char *string = eb_expr_string(expr, &c);
    xmlChar *string_there = xmlXPathCastToString(theirs);
    w->compared += 3;
    if (truth != true_there)
        oracle_report(w, place, text, truth ? "true" : "false", true_there ? "true" : "false");
    /* libxml2 reads "-" as 0; by the grammar of section 3.7 it is no Number */
    if (!oracle_same(number, number_there) && strcmp(string, "-") != 0) {
        char a[40], b[40];
        snprintf(a, sizeof a, "%.17g", number);
        snprintf(b, sizeof b, "%.17g", number_there);
        oracle_report(w, place, text, a, b);
    }
    if (strcmp(string, (const char *)string_there) != 0)
        oracle_report(w, place, text, string, (const char *)string_there);
    xmlFree(string_there);
}

static inline void oracle_compare(oracle_t *w, oracle_place_t place, const char *text)
{
    eb_expr_t *expr;
    eb_problem_t *problem = NULL;
    xmlXPathContextPtr context = xmlXPathNewContext(w->doc);
    context->node = oracle_element(w, place);
    context->proximityPosition = context->contextSize = 1;
    xmlXPathObjectPtr theirs = xmlXPathEvalExpression((const xmlChar *)text, context);
    if (eb_expr_compile(&expr, text, w->form, place.node, "x:1", &problem, w->pool))
        oracle_report(w, place, text, problem->what, "compiles");
    else if (!theirs)
        oracle_report(w, place, text, "compiles", "does not");
    else
        oracle_values(w, place, text, expr, theirs);
    xmlXPathFreeObject(theirs);
    xmlXPathFreeContext(context);
}

#endif
