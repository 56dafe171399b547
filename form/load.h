/* Inside of the loader of forms: what its parts share. The order is: tree (which nodes there are
 * and where their values live), binds (types, then expressions), sections (steps, pages, controls),
 * check (what can only be seen of the whole). The first problem ends it. */
#ifndef EB_LOAD_H
#define EB_LOAD_H

#include "form.h"
#include "xml.h"

#include <apr_hash.h>

#define EB_NS_FORM  "urn:mod-einbuergerung:form:1"
#define EB_NS_XF    "http://www.w3.org/2002/xforms"
#define EB_NS_XHTML "http://www.w3.org/1999/xhtml"

typedef struct eb_loader_t {
    eb_form_t *form;
    const eb_codelists_t *lists;
    eb_words_t *words; /* of the language; NULL: German */
    eb_problem_t **problem;
    apr_pool_t *pool;    /* of the form */
    apr_pool_t *scratch; /* gone after loading, unless there was a problem */
    apr_hash_t *repeats; /* path -> where its xf:repeat is */
    apr_hash_t *bound;   /* "path@property" -> where it was bound */
    eb_step_t *step;     /* being loaded */
    eb_page_t *page;
    eb_control_t **after; /* where the next control in reading order is to be linked */
} eb_loader_t;

apr_status_t eb_load_grammar(eb_loader_t *l, xmlDocPtr doc, const char *rng);
apr_status_t eb_load_tree(eb_loader_t *l, xmlNode *form);
apr_status_t eb_load_binds(eb_loader_t *l, xmlNode *model);
apr_status_t eb_load_sections(eb_loader_t *l, xmlNode *form);
/* The controls among the children of `parent`, from `xml` on, linked at *first. */
apr_status_t eb_load_controls(eb_loader_t *l, eb_control_t **first, xmlNode *xml);
/* Checks a control against its node, once label and items are there. */
apr_status_t eb_load_fit(eb_loader_t *l, eb_control_t *control, const xmlNode *xml);
/* Its German original where that alone is binding, once it is there in another language; the counts
 * are those of the words before. */
apr_status_t eb_load_binding(eb_loader_t *l, eb_control_t *c, const xmlNode *xml, int taken,
                             int missing);
apr_status_t eb_load_check(eb_loader_t *l);
apr_status_t eb_load_outcome(eb_loader_t *l, xmlNode *form); /* where there is one */

/* EB0204 at an element, or at "file:line". */
apr_status_t eb_load_fail(eb_loader_t *l, const xmlNode *xml, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
apr_status_t eb_load_fail_at(eb_loader_t *l, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

const char *eb_load_where(eb_loader_t *l, const xmlNode *xml); /* in the form's pool */
/* An attribute; when it is missing, a problem. */
apr_status_t eb_load_attr(const char **value, eb_loader_t *l, const xmlNode *xml, const char *name);
/* The id of a form, step or page. */
apr_status_t eb_load_id(const char **id, eb_loader_t *l, const xmlNode *xml);
/* A whole number from an attribute in our namespace, `otherwise` when it is not there. */
apr_status_t eb_load_count(int *value, eb_loader_t *l, const xmlNode *xml, const char *name,
                           int otherwise, int most);
/* The text of a child element, NULL when there is no such child; a problem when it is empty. The
 * first is for people, in the language that is loaded, the second is data. */
apr_status_t eb_load_text(const char **text, eb_loader_t *l, const xmlNode *parent, const char *ns,
                          const char *name);
apr_status_t eb_load_data(const char **text, eb_loader_t *l, const xmlNode *parent, const char *ns,
                          const char *name);
/* The node that a path names; a problem when there is none. */
apr_status_t eb_load_node(eb_node_t **node, eb_loader_t *l, const xmlNode *xml, const char *path);
apr_status_t eb_load_expr(eb_expr_t **expr, eb_loader_t *l, const xmlNode *xml, const char *text,
                          const eb_node_t *context);
/* The prose in `parent` as plain HTML, in the language that is loaded: h:* elements without prefix,
 * everything else refused. With `wrap`, text outside of blocks becomes a paragraph. */
apr_status_t eb_load_prose(const char **html, eb_loader_t *l, const xmlNode *parent, bool wrap);

xmlNode *eb_load_child(const xmlNode *parent, const char *ns, const char *name);
eb_node_t *eb_load_next(const eb_node_t *node); /* document order; NULL at the end */

#endif
