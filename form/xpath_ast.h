/* The inside of a compiled expression, for the xpath_*.c files only. Every node of the tree knows
 * its XPath type when it is compiled, so that evaluation needs no variant value: whoever wants a
 * boolean asks eb_ast_true(), whoever wants a number asks eb_ast_number(), and the conversions of
 * XPath 1.0 happen where the two differ. */
#ifndef EB_XPATH_AST_H
#define EB_XPATH_AST_H

#include "xpath.h"

#define EB_EXPR_MAX   4000 /* bytes of an expression */
#define EB_EXPR_DEPTH 64   /* levels of its tree, and so of recursion */

typedef struct eb_ast_t eb_ast_t;
typedef struct eb_path_t eb_path_t;
typedef struct eb_function_t eb_function_t;

typedef enum {
    EB_XPATH_SET,
    EB_XPATH_BOOLEAN,
    EB_XPATH_NUMBER,
    EB_XPATH_STRING,
    EB_XPATH_OBJECT /* choose() between different types: known once eb_ast_settle() has chosen */
} eb_xpath_type_t;

typedef enum {
    EB_AST_OR,
    EB_AST_AND,
    EB_AST_EQUAL,
    EB_AST_UNEQUAL,
    EB_AST_LESS,
    EB_AST_LESS_EQUAL,
    EB_AST_GREATER,
    EB_AST_GREATER_EQUAL,
    EB_AST_ADD,
    EB_AST_SUBTRACT,
    EB_AST_MULTIPLY,
    EB_AST_DIVIDE,
    EB_AST_MODULO,
    EB_AST_NEGATE,
    EB_AST_NUMBER,
    EB_AST_LITERAL,
    EB_AST_CALL,
    EB_AST_CHOOSE,
    EB_AST_FIELD,  /* a path that always names exactly one field: an index into a row */
    EB_AST_PATH,   /* any other location path */
    EB_AST_FILTER, /* args[0] is a set, the others are predicates over it */
    EB_AST_UNION
} eb_ast_op_t;

/* Nodes of the definition that something may name, in document order. */
typedef struct eb_nodes_t {
    const eb_node_t **list;
    int count;
} eb_nodes_t;

struct eb_ast_t {
    eb_ast_op_t op;
    eb_xpath_type_t type;
    int depth;
    int count; /* args */
    eb_ast_t **args;
    eb_nodes_t nodes; /* of a SET: what it may hold */
    union {
        double number;
        const char *literal;
        const eb_function_t *function;
        const eb_path_t *path;
        struct {
            int slot;
            int list;     /* of eb_instance_t.lists; -1: the root row */
            bool current; /* counted from current() instead of the context node */
        } field;
    } u;
};

typedef enum { EB_AXIS_CHILD, EB_AXIS_PARENT, EB_AXIS_SELF } eb_axis_t;

/* Names are gone after compiling: the child axis goes to those targets whose parent it stands on.
 */
typedef struct eb_path_step_t {
    eb_axis_t axis;
    eb_nodes_t targets;
    eb_ast_t **predicates;
    int predicates_count;
} eb_path_step_t;

typedef enum {
    EB_START_CONTEXT,
    EB_START_CURRENT,
    EB_START_ROOT, /* the root element */
    EB_START_SET   /* of an expression */
} eb_path_start_t;

struct eb_path_t {
    eb_path_start_t start;
    const eb_ast_t *set; /* EB_START_SET */
    const eb_path_step_t *steps;
    int count;
};

/* A node of an instance: which element, of which entry (EB_ROOT outside of repeats). */
typedef struct eb_place_t {
    const eb_node_t *node;
    int entry;
} eb_place_t;

/* A node-set: distinct places in document order. Small ones live on the stack, so it is set up with
 * eb_places_init() and never copied. */
typedef struct eb_places_t {
    eb_place_t *list;
    int count, room;
    apr_pool_t *pool;
    eb_place_t few[8];
} eb_places_t;

/* What XPath calls the context of an expression. */
typedef struct eb_focus_t {
    const eb_context_t *c;
    eb_place_t here, current;
    int position, size;
} eb_focus_t;

/* A function evaluates its arguments itself, as the types it wants. `params` has a letter for each:
 * b n s, o for any, N for a node-set; what stands behind '?' may be left out, what stands behind
 * '.' is then the context node, '*' allows more of the letter before it. */
struct eb_function_t {
    const char *name, *params;
    eb_xpath_type_t type;
    bool (*boolean)(const eb_ast_t *call, const eb_focus_t *f);
    double (*number)(const eb_ast_t *call, const eb_focus_t *f);
    const char *(*string)(const eb_ast_t *call, const eb_focus_t *f);
};

/* The two tables end with a NULL name. */
extern const eb_function_t eb_functions_core[], eb_functions_dates[];

/* xpath_parse.c. NULL after eb_problem_set(). */
eb_ast_t *eb_ast_parse(const char *text, const eb_form_t *form, const eb_node_t *context,
                       const char *where, eb_problem_t **problem, apr_pool_t *pool);

/* xpath_eval.c */
const eb_ast_t *eb_ast_settle(const eb_ast_t *ast, const eb_focus_t *f); /* through choose() */
bool eb_ast_true(const eb_ast_t *ast, const eb_focus_t *f);
double eb_ast_number(const eb_ast_t *ast, const eb_focus_t *f);
const char *eb_ast_string(const eb_ast_t *ast, const eb_focus_t *f);

/* xpath_set.c */
void eb_places_init(eb_places_t *set, apr_pool_t *pool);
void eb_places_add(eb_places_t *set, const eb_node_t *node, int entry);
const char *eb_place_string(eb_place_t place, const eb_context_t *c);
const char *eb_field_string(const eb_ast_t *field, const eb_focus_t *f);
void eb_ast_set(eb_places_t *set, const eb_ast_t *ast, const eb_focus_t *f); /* `set` is empty */

/* xpath_number.c: the conversions of XPath 1.0, sections 4.4 and 4.2. */
double eb_xpath_number(const char *text);
const char *eb_xpath_number_text(double number, apr_pool_t *pool);

#endif
