/* What a form is, once loaded: the tree of its instance, the binds on it, and the steps with their
 * controls. Loaded and checked when httpd starts, read-only afterwards, shared by all threads. The
 * file format is schemas/form.rng (XForms 1.1 vocabulary, a subset; several constraints per bind
 * from XForms 2.0; our own eb:step around the controls).
 *
 * Where an answer lives is decided here, not in a request: every field has a *slot* in a *row*.
 * There is one root row for the form, and one row per entry of a repeat. Repeats do not nest. */
#ifndef EB_FORM_H
#define EB_FORM_H

#include "codelist.h"
#include "type.h"

typedef struct eb_form_t eb_form_t;
typedef struct eb_node_t eb_node_t;
typedef struct eb_scope_t eb_scope_t;
typedef struct eb_section_t eb_section_t;
typedef struct eb_step_t eb_step_t;
typedef struct eb_page_t eb_page_t;
typedef struct eb_control_t eb_control_t;
typedef struct eb_item_t eb_item_t;
typedef struct eb_expr_t eb_expr_t; /* a compiled XPath expression: xpath.h */

typedef enum { EB_NODE_GROUP, EB_NODE_FIELD, EB_NODE_REPEAT } eb_node_kind_t;

typedef struct eb_constraint_t {
    eb_expr_t *expr;   /* true = the answer is good */
    const char *alert; /* German sentence shown when it is not */
    bool warning;      /* shown, but nothing depends on it: the authority may know better */
} eb_constraint_t;

/* One element of the instance. A repeat node is the element that recurs (`kind` below `kinder`). */
struct eb_node_t {
    const char *name;  /* element name, as in XÖV */
    const char *path;  /* from below the root element: "person/familienname" */
    const char *param; /* name in HTML and requests: path within its scope with dots:
                          "person.familienname"; in an entry "familienname" */
    eb_node_kind_t kind;
    eb_node_t *parent, *first, *next;
    eb_scope_t *scope; /* where its value lives */
    int slot; /* FIELD: index into eb_row_t.values; REPEAT: index into eb_instance_t.lists; GROUP:
                 -1 */
    eb_scope_t *entries; /* REPEAT: scope of one entry */
    const char *line;    /* "file:line" of its bind, or of the element */

    const eb_type_t *type; /* FIELD; xs:string when the bind names none */
    eb_facets_t facets;
    eb_expr_t *relevant, *required, *readonly,
        *calculate; /* NULL = none; see rules.h for the defaults */
    const eb_constraint_t *constraints;
    int constraints_count;
    const eb_control_t
        *control; /* the control bound to it; NULL for groups and calculated fields */
};

struct eb_scope_t {
    eb_node_t *top;     /* the root element, or the repeat node */
    eb_node_t **fields; /* by slot */
    int fields_count;
};

typedef enum {
    EB_CONTROL_INPUT,
    EB_CONTROL_DATE,
    EB_CONTROL_TEXTAREA,
    EB_CONTROL_RADIO,
    EB_CONTROL_SELECT,
    EB_CONTROL_CHECKBOX /* input bound to xs:boolean: one box */,
    EB_CONTROL_CHECKBOXES /* xf:select */,
    EB_CONTROL_OUTPUT /* value of an expression */,
    EB_CONTROL_TEXT /* eb:text: prose */,
    EB_CONTROL_UPLOAD /* xf:upload: files, over eb:files (files.h) */,
    EB_CONTROL_GROUP
} eb_control_kind_t;

struct eb_item_t {
    const char *value, *label, *hint; /* hint may be NULL */
};

struct eb_control_t {
    eb_control_kind_t kind;
    eb_node_t *node;   /* what it is bound to; NULL for TEXT, OUTPUT and unbound groups */
    const char *label; /* plain text; NULL for TEXT */
    const char *hint, *help, *alert; /* plain text or NULL. alert: shown when a required answer is
                                        missing or of a wrong type */
    const char *html;                /* TEXT: checked XHTML, ready to be written */
    const char *help_html; /* the help as checked XHTML when it holds prose, `help` is NULL then */
    const char *german_html; /* what alone is binding, where it is shown translated; else NULL */
    eb_expr_t *value;        /* OUTPUT */
    const eb_item_t *items;  /* RADIO, CHECKBOXES, SELECT; NULL: the node's facets.codes */
    int items_count;
    const char *autocomplete;   /* HTML token, or NULL = "off" */
    int width;                  /* 0, 2 or 4: KERN's narrow inputs */
    eb_control_t *first, *next; /* GROUP: its controls; all: sibling */
    eb_control_t *after;        /* the next in reading order, into groups: see eb_control_next */
    const char *line;
};

/* One page with controls: a step has one, or, when it is about a repeat, one or several per entry.
 * A page that the form does not name has the step's id, and for its title the step's label or, in a
 * repeat, the entry's name. */
struct eb_page_t {
    const char *id;
    const char *title;
    eb_step_t *step;
    eb_control_t *controls; /* in order */
    eb_page_t *next;
    bool uploads; /* has an EB_CONTROL_UPLOAD: posted as multipart/form-data */
    int number;   /* index into eb_form_t.pages: page room hangs its templates there */
};

struct eb_step_t {
    const char *id; /* path segment, unique in the form */
    const char *title;
    const char *intro_html; /* repeat: checked XHTML above the list of entries, or NULL */
    eb_section_t *section;
    eb_node_t *repeat;      /* NULL, or the repeat node whose entries this step keeps */
    const char *entry_name; /* repeat: "Kind" */
    const char *add_label;  /* repeat: "Weiteres Kind hinzufügen" */
    const char *empty_text; /* repeat: shown while there are no entries */
    eb_expr_t
        *entry_label; /* repeat: e.g. concat(vornamen, ' ', familienname); context: the entry */
    int max;          /* repeat: most entries; default 20 */
    /* repeat: asks more about the entries that a step before keeps. Nothing can be added or removed
     * here; add_label and empty_text are NULL, max is that of the other step. */
    bool fixed;
    eb_page_t *pages;
    int number; /* counts through the form; below EB_STEPS_MAX */
    eb_step_t *next;
    const char *line;
};

#define EB_STEPS_MAX 128

struct eb_section_t {
    const char *title;
    eb_step_t *steps; /* linked through eb_step_t.next, which ends with the section */
    eb_section_t *next;
};

struct eb_form_t {
    const char *id, *version, *title, *file;
    unsigned char hash[16]; /* of the file's canonical content: named in drafts */
    eb_node_t *root;
    eb_scope_t *scope;   /* of the root row */
    eb_node_t **repeats; /* by slot */
    int repeats_count;
    eb_node_t **calculated; /* fields with `calculate`, in document order */
    int calculated_count;
    eb_node_t **documents; /* fields of eb:files, in the order in which they are asked */
    int documents_count;
    eb_section_t *sections;
    eb_page_t **pages;
    int pages_count;
    const struct eb_outcome_t *outcome; /* of a Quick-Check: outcome.h; NULL for an application */
    eb_words_t *words;                  /* of the language it is in; NULL: German */
};

/* Loads and checks a form: well-formed (no DTD, no network), valid against the RELAX NG schema
 * `rng`, every ref and path names an existing node, every expression compiles, every type and code
 * list exists, ids are unique, controls fit their types, and no `relevant` of a control depends on
 * a field of the same page (without JavaScript nobody could see the effect). The problem says
 * file:line. */
apr_status_t eb_form_load(eb_form_t **form, const char *file, const char *rng,
                          const eb_codelists_t *lists, eb_problem_t **problem, apr_pool_t *pool);
/* The same from memory, for tests and fuzzing; `name` stands for the file in messages. At most 4
 * MiB. `rng` may be NULL for the fuzzer: everything but the grammar is checked. */
apr_status_t eb_form_parse(eb_form_t **form, const char *data, apr_size_t len, const char *name,
                           const char *rng, const eb_codelists_t *lists, eb_problem_t **problem,
                           apr_pool_t *pool);

/* A language that a form can be loaded in: its words, and the code lists with their names in it.
 * The first of several is German: words NULL. */
typedef struct eb_speech_t {
    eb_words_t *words;
    const eb_codelists_t *lists;
} eb_speech_t;
/* The same form once for each of `count` languages, from one reading of the file: alike in
 * everything but texts and the order of lists, so that a draft of one is a draft of all. */
apr_status_t eb_form_load_all(eb_form_t **forms, const eb_speech_t *speeches, int count,
                              const char *file, const char *rng, eb_problem_t **problem,
                              apr_pool_t *pool);

eb_step_t *eb_form_step(const eb_form_t *form, const char *id);   /* NULL when absent */
eb_page_t *eb_step_page(const eb_step_t *step, const char *id);   /* id NULL: the first */
eb_node_t *eb_form_node(const eb_form_t *form, const char *path); /* NULL when absent */
eb_node_t *eb_node_child(const eb_node_t *node, const char *name);
const eb_page_t *eb_control_page(const eb_form_t *form,
                                 const eb_control_t *control); /* on which it stands */
/* The controls of a page one after another, into groups: pass NULL to begin; NULL at the end. */
const eb_control_t *eb_control_next(const eb_page_t *page, const eb_control_t *control);
const char *eb_control_item_label(const eb_control_t *control,
                                  const char *value); /* items or code list; NULL when absent */

#endif
