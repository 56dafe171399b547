/* Expressions: what compiles can be evaluated at every kind of context node, in every way, and
 * means the same when it is compiled again from its own text. The first byte chooses the context.
 */
#include "fuzz.h"
#include "sample.h"
#include "form/xpath.h"

#include <apr_errno.h>

#define FORM                                                                                       \
    "antrag(person(name alter wohnort(ort plz)) kinder(kind*(name alter geburt)) "                 \
    "reisen(anlass reise*(land)) notiz)"

static const char *const contexts[] = {"",
                                       "person/alter",
                                       "person/wohnort",
                                       "kinder",
                                       "kinder/kind",
                                       "kinder/kind/alter",
                                       "reisen/reise/land",
                                       "notiz"};

static void fill_row(eb_instance_t *in, const eb_scope_t *scope, int entry)
{
    static const char *const values[] = {"7", "Zoë", "1992-02-29", NULL, "-0.5", " a b "};
    for (int i = 0; i < scope->fields_count; i++)
        eb_instance_set(in, scope->fields[i], entry, values[(i + entry + 1) % 6]);
}

static eb_instance_t *instance(const eb_form_t *form, apr_pool_t *pool)
{
    eb_instance_t *in = eb_instance_new(form, pool);
    fill_row(in, form->scope, EB_ROOT);
    for (int n = 0, entry; n < 3; n++) {
        eb_instance_add(in, form->repeats[0], 3, &entry);
        fill_row(in, form->repeats[0]->entries, entry);
    }
    return in;
}

static void visit(void *baton, const eb_node_t *node)
{
    must(node->name);
    ++*(int *)baton;
}

static bool same_number(double a, double b)
{
    return a == b || (a != a && b != b);
}

static void check(const eb_expr_t *expr, const eb_expr_t *again, eb_instance_t *in, int entry,
                  apr_pool_t *pool)
{
    eb_context_t c = {in, entry, APR_TIME_C(1795604400000000), pool};
    must(eb_expr_true(expr, &c) == eb_expr_true(again, &c));
    must(same_number(eb_expr_number(expr, &c), eb_expr_number(again, &c)));
    must(strcmp(eb_expr_string(expr, &c), eb_expr_string(again, &c)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    if (size > 0) {
        char *text = fuzz_text(data + 1, size - 1);
        eb_form_t *form = sample_form(FORM, pool);
        const eb_node_t *context = sample_find(form, contexts[data[0] % 8]);
        eb_expr_t *expr = NULL, *again = NULL;
        eb_problem_t *problem = NULL;
        int named = 0;
        if (eb_expr_compile(&expr, text, form, context, "fuzz:1", &problem, pool)) {
            must(problem && problem->status == APR_EINVAL && problem->what);
        } else {
            must(!eb_expr_compile(&again, eb_expr_text(expr), form, context, "", NULL, pool));
            eb_expr_nodes(expr, visit, &named);
            eb_instance_t *full = instance(form, pool), *empty = eb_instance_new(form, pool);
            for (int entry = EB_ROOT; entry < 4; entry++) {
                check(expr, again, full, entry, pool);
                check(expr, again, empty, entry, pool);
            }
        }
        free(text);
    }
    apr_pool_destroy(pool);
    return 0;
}
