/* The rules of the Quick-Check against the decision table and whole people, from readable files
 * (t/unit/data/quickcheck). Answers go in by the door that requests use. */
#include "tap.h"
#include "quickcheck.h"

#include "base/date.h"

static const char *names(const eb_form_t *form, const eb_result_t *result, apr_pool_t *pool)
{
    const char *text = "";
    for (const eb_finding_t *f = NULL; (f = eb_outcome_next(form->outcome, f));)
        if (result->holds[f->number])
            text = apr_pstrcat(pool, text, f->id, " ", NULL);
    return text;
}

/* "+ finding, kind, paragraph" */
static void expect(const case_t *k, const eb_form_t *form, const eb_result_t *result, char *line,
                   apr_pool_t *pool)
{
    char *last, *id = antrag_trim(apr_strtok(line, ",", &last));
    char *kind = antrag_trim(apr_strtok(NULL, ",", &last)), *paragraph = antrag_trim(last);
    const eb_finding_t *f = quickcheck_finding(form, id);
    const char *name = apr_pstrcat(pool, k->name, ": ", id, NULL);

    if (!f) {
        ok(false, apr_pstrcat(pool, name, " is a finding", NULL));
        return;
    }
    ok(result->holds[f->number], name);
    is_str(quickcheck_kinds[f->kind], kind, apr_pstrcat(pool, name, " is of its kind", NULL));
    is_str(f->paragraph ? f->paragraph : "-", paragraph,
           apr_pstrcat(pool, name, " names its paragraph", NULL));
}

static void expect_not(const case_t *k, const eb_form_t *form, const eb_result_t *result,
                       const char *id, apr_pool_t *pool)
{
    const eb_finding_t *f = quickcheck_finding(form, id);
    ok(f && !result->holds[f->number], apr_pstrcat(pool, k->name, ": not ", id, NULL));
}

static void expect_field(const case_t *k, const eb_instance_t *in, const char *path,
                         const char *want, apr_pool_t *pool)
{
    const char *value = eb_instance_get(in, eb_form_node(in->form, path), EB_ROOT);
    is_str(value ? value : "", want, apr_pstrcat(pool, k->name, ": ", path, NULL));
}

static void check_expectation(const case_t *k, const eb_instance_t *in, const eb_result_t *result,
                              const char *text, apr_pool_t *pool)
{
    char *line = apr_pstrdup(pool, text);
    if (*line == '+')
        expect(k, in->form, result, line + 1, pool);
    else if (*line == '-')
        expect_not(k, in->form, result, antrag_trim(line + 1), pool);
    else if (*line == '=')
        is_str(quickcheck_kinds[result->verdict], antrag_trim(line + 1), k->name);
    else if (strncmp(line, "earliest ", 9) == 0)
        expect_field(k, in, "zahlen/fruehestens", line + 9, pool);
    else if (strncmp(line, "fee ", 4) == 0)
        expect_field(k, in, "zahlen/gebuehr", line + 4, pool);
}

/* How many findings the case names; for whole people that is all of them. */
static int run_case(const case_t *k, const eb_form_t *form, bool whole, apr_hash_t *seen,
                    apr_pool_t *pool)
{
    eb_result_t result;
    eb_instance_t *in = eb_instance_new(form, pool);
    eb_context_t c = {in, EB_ROOT, k->now, pool};
    eb_errors_t *errors = eb_errors_new(pool);
    int named = 0, found = 0;

    ok(quickcheck_answer(in, k, &c), apr_pstrcat(pool, k->name, ": answers are taken", NULL));
    eb_rules_calculate(in, &c);
    eb_rules_check_all(errors, form, &c);
    is_int(errors->list->nelts, 0, apr_pstrcat(pool, k->name, ": answers are complete", NULL));
    for (int i = 0; i < errors->list->nelts; i++)
        printf("# %s: %s\n", APR_ARRAY_IDX(errors->list, i, eb_error_t).node->path,
               APR_ARRAY_IDX(errors->list, i, eb_error_t).text);
    eb_outcome_decide(&result, form->outcome, &c);
    for (int i = 0; i < k->expected->nelts; i++) {
        const char *line = APR_ARRAY_IDX(k->expected, i, const char *);
        named += *line == '+';
        check_expectation(k, in, &result, line, pool);
    }
    for (const eb_finding_t *f = NULL; (f = eb_outcome_next(form->outcome, f));) {
        found += result.holds[f->number];
        if (result.holds[f->number])
            apr_hash_set(seen, f->id, APR_HASH_KEY_STRING, f);
    }
    if (whole && named != found)
        printf("# found: %s\n", names(form, &result, pool));
    if (whole)
        is_int(found, named, apr_pstrcat(pool, k->name, ": and nothing else", NULL));
    return named;
}

static void run_file(const eb_form_t *form, const char *file, bool whole, apr_hash_t *seen,
                     apr_pool_t *pool)
{
    apr_array_header_t *cases = quickcheck_cases(file, pool);
    ok(cases->nelts >= (whole ? 20 : 90), apr_psprintf(pool, "%s: %d cases", file, cases->nelts));
    for (int i = 0; i < cases->nelts; i++)
        run_case(&APR_ARRAY_IDX(cases, i, case_t), form, whole, seen, pool);
}

/* "D1: codes …": every title of the code list is in one of the three groups. */
static void check_titles(const eb_form_t *form, apr_pool_t *pool)
{
    const eb_codelist_t *list = eb_form_node(form, "fall/status/titel")->facets.codes;
    char *last, *code, *end, *text = antrag_read(QUICKCHECK_FOLDER "titel.txt", pool);
    int count = 0;

    for (char *line = apr_strtok(text, "\n", &last); line; line = apr_strtok(NULL, "\n", &last)) {
        if (line[0] != 'D')
            continue;
        line[2] = '\0';
        for (code = apr_strtok(line + 3, " ", &end); code; code = apr_strtok(NULL, " ", &end)) {
            case_t k = quickcheck_basis(pool);
            eb_instance_t *in = eb_instance_new(form, pool);
            eb_context_t c = {in, EB_ROOT, k.now, pool};
            eb_result_t result;

            apr_table_setn(k.answers, "fall/status/titel", code);
            bool taken = quickcheck_answer(in, &k, &c) && eb_codelist_code(list, code);
            eb_rules_calculate(in, &c);
            eb_outcome_decide(&result, form->outcome, &c);
            bool only = true;
            for (const char *const *id = (const char *[]){"D1", "D2", "D3", NULL}; *id; id++)
                only &= result.holds[quickcheck_finding(form, *id)->number] == !strcmp(*id, line);
            ok(taken && only, apr_psprintf(pool, "title %s: %s", code, line));
            count++;
        }
    }
    is_int(count, list->count, "all titles of the code list");
}

/* Every rule has been seen to hold: none is written so that it never can. */
static void check_all_seen(const eb_form_t *form, apr_hash_t *seen, apr_pool_t *pool)
{
    for (const eb_finding_t *f = NULL; (f = eb_outcome_next(form->outcome, f));)
        ok(apr_hash_get(seen, f->id, APR_HASH_KEY_STRING),
           apr_pstrcat(pool, f->id, " was found in some case", NULL));
}

/* What is not asked has no effect, and what no page asks is refused. */
static void check_door(const eb_form_t *form, apr_pool_t *pool)
{
    eb_instance_t *in = eb_instance_new(form, pool);
    eb_context_t c = {in, EB_ROOT, 0, pool};
    const eb_param_t pointless[] = {{"person.wohnsitz", "ausland"}, {"fall.status.titel", "9"}};
    const eb_param_t foreign[] = {{"person.name", "x"}};
    const eb_param_t wrong[] = {{"person.wohnsitz", "Mond"}};
    const char *culprit;

    is_int(eb_answers_take_all(in, &(eb_params_t){pointless, 2}, &c, &culprit), EB_ANSWERS_OK,
           "an answer that is not asked is accepted");
    ok(!eb_instance_get(in, eb_form_node(form, "fall/status/titel"), EB_ROOT), "and not taken");
    is_int(eb_answers_take_all(in, &(eb_params_t){foreign, 1}, &c, &culprit), EB_ANSWERS_UNKNOWN,
           "a parameter that no page asks is refused");
    is_str(culprit, "person.name", "and named");
    is_int(eb_answers_take_all(in, &(eb_params_t){wrong, 1}, &c, &culprit), EB_ANSWERS_UNKNOWN,
           "so is a choice that no page offers");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_form_t *form = quickcheck_form(pool);
    if (!form)
        return 1;
    apr_hash_t *seen = apr_hash_make(pool);
    run_file(form, "zeilen", false, seen, pool);
    run_file(form, "menschen", true, seen, pool);
    check_titles(form, pool);
    check_all_seen(form, seen, pool);
    check_door(form, pool);
    return done();
}
