/* XPath 1.0 against libxml2 with expressions that a seeded generator makes up, over instances that
 * it fills with values worth converting. */
#include "xpath_oracle.h"

#define FORM                                                                                       \
    "antrag(person(familienname vornamen alter wohnort(ort plz)) kinder(kind*(vornamen alter "     \
    "eltern(mutter vater))) reisen(anlass reise*(land tage)) kommentar)"

static unsigned seed = 20261125;

static unsigned chance(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static const char *one_of(const char *const *list)
{
    unsigned n = 0;
    while (list[n])
        n++;
    return list[chance(n)];
}

/* Values and literals that make the conversions of XPath work for their living. */
static const char *const values[] = {
    "",       "0",       "1", "2",      "34",  "-3.5", " 7 ", "1.50", "Zoë", "true",     "false",
    "Müller", "a  b\tc", "x", "Ödön Õ", "12a", ".5",   "5.",  "0x1",  "NaN", "Infinity", NULL};

static void fill_row(eb_instance_t *in, const eb_scope_t *scope, int entry)
{
    for (int i = 0; i < scope->fields_count; i++)
        eb_instance_set(in, scope->fields[i], entry, one_of(values));
}

static oracle_t oracle(apr_pool_t *pool)
{
    eb_form_t *form = sample_form(FORM, pool);
    eb_instance_t *in = eb_instance_new(form, pool);
    fill_row(in, form->scope, EB_ROOT);
    for (int i = 0; i < form->repeats_count; i++)
        for (int entry, n = (int)chance(5); n > 0; n--) {
            eb_instance_add(in, form->repeats[i], 20, &entry);
            fill_row(in, form->repeats[i]->entries, entry);
        }
    return oracle_new(in, pool);
}

/* The generator: expressions of a wanted type around a context node of the definition. */

static const char *any_set(oracle_t *w, const eb_node_t *context, int depth);
static const char *any_boolean(oracle_t *w, const eb_node_t *context, int depth);
static const char *any_number(oracle_t *w, const eb_node_t *context, int depth);
static const char *any_string(oracle_t *w, const eb_node_t *context, int depth);

static const char *any_object(oracle_t *w, const eb_node_t *context, int depth)
{
    switch (chance(5)) {
    case 0: return any_boolean(w, context, depth);
    case 1: return any_number(w, context, depth);
    case 2: return any_string(w, context, depth);
    default: return any_set(w, context, depth);
    }
}

static const char *any_predicate(oracle_t *w, const eb_node_t *context, int depth)
{
    static const char *const simple[] = {"[1]",
                                         "[2]",
                                         "[last()]",
                                         "[position() > 1]",
                                         "[position() = last() - 1]",
                                         "[last() - position() < 2]",
                                         "[.]",
                                         "[. = 'x']",
                                         NULL};
    if (depth <= 0 || chance(2))
        return one_of(simple);
    return apr_psprintf(w->pool, "[%s]", any_boolean(w, context, depth - 1));
}

static const char *any_child(const eb_node_t **node)
{
    unsigned n = 0;
    for (const eb_node_t *child = (*node)->first; child; child = child->next)
        n++;
    n = chance(n);
    for (*node = (*node)->first; n; n--)
        *node = (*node)->next;
    return (*node)->name;
}

static const char *any_step(oracle_t *w, const eb_node_t **node, int depth)
{
    static const char *const up[] = {"..", "parent::node()", "parent::*", NULL};
    static const char *const here[] = {".", "self::node()", "self::*", NULL};
    const char *text;
    bool can_up = (*node)->parent != NULL, abbreviated = false;
    if ((*node)->first && chance(4)) {
        text = any_child(node);
        text = chance(4) ? text : apr_pstrcat(w->pool, "child::", text, NULL);
    } else if (can_up && chance(5)) {
        text = one_of(up);
        *node = (*node)->parent;
        abbreviated = text[0] == '.';
    } else {
        text = one_of(here);
        abbreviated = text[0] == '.';
    }
    if (!abbreviated && chance(3) == 0)
        text = apr_pstrcat(w->pool, text, any_predicate(w, *node, depth - 1), NULL);
    return text;
}

/* *node is moved to where the path leads. */
static const char *any_path(oracle_t *w, const eb_node_t **node, int depth)
{
    const char *text = "/antrag";
    switch (chance(6)) {
    case 0: *node = w->form->root; break;
    case 1:
        *node = sample_find(w->form, "kinder/kind");
        text = "/antrag/kinder/kind";
        break;
    default: text = any_step(w, node, depth); break;
    }
    for (int n = (int)chance(5); n > 0; n--)
        text = apr_pstrcat(w->pool, text, "/", any_step(w, node, depth), NULL);
    return text;
}

static const char *any_set(oracle_t *w, const eb_node_t *context, int depth)
{
    static const char *const some[] = {"[1]", "[last()]", "[position()<3]", NULL};
    const eb_node_t *node = context;
    const char *a = any_path(w, &node, depth);
    if (node->first && chance(4) == 0)
        return apr_pstrcat(w->pool, a, "/*", NULL);
    switch (depth > 0 ? chance(6) : 9) {
    case 0: return apr_pstrcat(w->pool, a, " | ", any_set(w, context, depth - 1), NULL);
    case 1: return apr_psprintf(w->pool, "(%s)%s", a, one_of(some));
    case 2:
        if (!node->parent)
            return a;
        return apr_psprintf(w->pool, "(%s | /antrag/kinder/kind/alter)%s/..", a, one_of(some));
    default: return a;
    }
}

static const char *any_boolean(oracle_t *w, const eb_node_t *n, int depth)
{
    static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">=", NULL};
    static const char *const plain[] = {"true()", "false()", NULL};
    int d = depth - 1;
    if (depth <= 0)
        return one_of(plain);
    switch (chance(8)) {
    case 0: return apr_psprintf(w->pool, "%s and %s", any_boolean(w, n, d), any_object(w, n, d));
    case 1: return apr_psprintf(w->pool, "(%s or %s)", any_object(w, n, d), any_boolean(w, n, d));
    case 2: return apr_psprintf(w->pool, "not(%s)", any_object(w, n, d));
    case 3:
        return apr_psprintf(w->pool, "contains(%s, %s)", any_object(w, n, d), any_string(w, n, d));
    case 4:
        return apr_psprintf(w->pool, "starts-with(%s,%s)", any_string(w, n, d),
                            any_object(w, n, d));
    default:
        return apr_psprintf(w->pool, "(%s) %s (%s)", any_object(w, n, d), one_of(signs),
                            any_object(w, n, d));
    }
}

static const char *any_number(oracle_t *w, const eb_node_t *n, int depth)
{
    static const char *const plain[] = {
        "0", "1", "2", "0.5", "-1.5", "34", "1 div 0", "-(1 div 0)", "position()", "last()", NULL};
    int d = depth - 1;
    if (depth <= 0)
        return one_of(plain);
    switch (chance(11)) {
    case 0: return apr_psprintf(w->pool, "%s + %s", any_number(w, n, d), any_object(w, n, d));
    case 1: return apr_psprintf(w->pool, "%s - %s", any_object(w, n, d), any_number(w, n, d));
    case 2: return apr_psprintf(w->pool, "(%s)*%s", any_number(w, n, d), one_of(plain));
    case 3: return apr_psprintf(w->pool, "(%s) div 4", any_object(w, n, d));
    case 4: return apr_psprintf(w->pool, "(%s) mod 3", any_object(w, n, d));
    case 5: return apr_psprintf(w->pool, "-(%s)", any_object(w, n, d));
    case 6: return apr_psprintf(w->pool, "count(%s)", any_set(w, n, d));
    case 7: return apr_psprintf(w->pool, "sum(%s)", any_set(w, n, d));
    case 8:
        return apr_psprintf(w->pool, "%s(%s)",
                            one_of((const char *[]){"round", "floor", "ceiling", NULL}),
                            any_object(w, n, d));
    case 9: return apr_psprintf(w->pool, "string-length(%s)", any_object(w, n, d));
    default: return apr_psprintf(w->pool, "number(%s)", any_object(w, n, d));
    }
}

static const char *any_string(oracle_t *w, const eb_node_t *n, int depth)
{
    int d = depth - 1;
    if (depth <= 0)
        return apr_psprintf(w->pool, "'%s'", one_of(values));
    switch (chance(9)) {
    case 0:
        return apr_psprintf(w->pool, "concat(%s, %s)", any_object(w, n, d), any_object(w, n, d));
    case 1:
        return apr_psprintf(w->pool, "substring(%s, %s)", any_object(w, n, d), any_number(w, n, d));
    case 2:
        return apr_psprintf(w->pool, "substring(%s, %s, %s)", any_object(w, n, d),
                            any_number(w, n, d), any_object(w, n, d));
    case 3:
        return apr_psprintf(w->pool, "substring-before(%s, %s)", any_object(w, n, d),
                            any_string(w, n, 0));
    case 4:
        return apr_psprintf(w->pool, "substring-after(%s, %s)", any_object(w, n, d),
                            any_string(w, n, 0));
    case 5: return apr_psprintf(w->pool, "normalize-space(%s)", any_object(w, n, d));
    case 6: return apr_psprintf(w->pool, "translate(%s, 'aeüÖ1', 'AEo')", any_object(w, n, d));
    default: return apr_psprintf(w->pool, "string(%s)", any_object(w, n, d));
    }
}

/* A node of the definition, and where it is about an entry, one that exists. */
static bool any_place(const oracle_t *w, oracle_place_t *place)
{
    place->node = w->form->root;
    place->entry = EB_ROOT;
    for (int n = (int)chance(5); n > 0 && place->node->first; n--) {
        any_child(&place->node);
        if (place->node->kind == EB_NODE_REPEAT) {
            int count = w->in->lists[place->node->slot].count;
            place->entry = count ? (int)chance(count) : EB_ROOT;
            if (!count)
                return false;
        }
    }
    return true;
}

static void test_generated(apr_pool_t *pool)
{
    int compared = 0, different = 0;
    for (int i = 0; i < 60; i++) {
        apr_pool_t *scratch;
        apr_pool_create(&scratch, pool);
        oracle_t w = oracle(scratch);
        for (int n = 0; n < 100; n++) {
            oracle_place_t place;
            if (any_place(&w, &place))
                oracle_compare(&w, place, any_object(&w, place.node, 1 + (int)chance(4)));
        }
        compared += w.compared;
        different += w.different;
        xmlFreeDoc(w.doc);
        apr_pool_destroy(scratch);
    }
    printf("# %d comparisons of generated expressions\n", compared);
    ok(compared >= 5000, "enough generated expressions");
    is_int(different, 0, "generated expressions agree with libxml2");
}

/* What an evaluation costs, beside the same in libxml2; for people, not a test. */
static void measure(oracle_t *w, const char *text)
{
    enum { ROUNDS = 100000 };
    oracle_place_t place = {sample_find(w->form, "person/alter"), EB_ROOT};
    eb_context_t c = {w->in, EB_ROOT, 0, w->pool};
    eb_expr_t *expr;
    eb_expr_compile(&expr, text, w->form, place.node, "x:1", NULL, w->pool);
    apr_time_t start = apr_time_now();
    int truths = 0;
    for (int i = 0; i < ROUNDS; i++)
        truths += eb_expr_true(expr, &c);
    double ours = (double)(apr_time_now() - start) * 1000 / ROUNDS;
    xmlXPathContextPtr context = xmlXPathNewContext(w->doc);
    xmlXPathCompExprPtr compiled = xmlXPathCompile((const xmlChar *)text);
    context->node = oracle_element(w, place);
    start = apr_time_now();
    for (int i = 0; i < ROUNDS; i++)
        truths -= xmlXPathCompiledEvalToBoolean(compiled, context);
    double theirs = (double)(apr_time_now() - start) * 1000 / ROUNDS;
    printf("# %s: %.0f ns, libxml2 %.0f ns\n", text, ours, theirs);
    is_int(truths, 0, "both engines agree in the end");
    xmlXPathFreeCompExpr(compiled);
    xmlXPathFreeContext(context);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_generated(pool);
    oracle_t w = oracle(pool);
    measure(&w, "../vornamen = 'x' and not(../familienname = 'true')");
    measure(&w, "../vornamen = 'x' or ../alter > 17 or ../wohnort/plz = '12345'");
    measure(&w, "count(/antrag/kinder/kind[alter > 15]) > 0");
    xmlFreeDoc(w.doc);
    return done();
}
