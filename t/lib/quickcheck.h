/* The real Quick-Check, and cases for it: t/unit/data/quickcheck/NAME.txt, laid over basis.txt. */
#ifndef QUICKCHECK_H
#define QUICKCHECK_H

#include "antrag.h"
#include "form/answers.h"
#include "form/outcome.h"
#include "base/date.h"

#include <apr_hash.h>

#define QUICKCHECK_FOLDER "t/unit/data/quickcheck/"

static const char *const quickcheck_kinds[] = {"hint", "met", "check", "unmet", "elsewhere"};

typedef struct case_t {
    const char *name;
    apr_time_t now;
    apr_table_t *answers; /* path -> value */
    apr_array_header_t *expected;
} case_t;

static inline eb_form_t *quickcheck_form(apr_pool_t *pool)
{
    eb_codelists_t *lists;
    eb_form_t *form = NULL;
    eb_problem_t *problem = NULL;
    apr_status_t rv = eb_codelists_load(&lists, "schemas/codelists", &problem, pool);
    if (!rv)
        rv = eb_form_load(&form, "schemas/forms/quickcheck.xml", "schemas/form.rng", lists,
                          &problem, pool);
    if (rv)
        printf("Bail out! %s\n", problem ? eb_problem_text(problem, pool) : "no form");
    return rv ? NULL : form;
}

static inline const eb_finding_t *quickcheck_finding(const eb_form_t *form, const char *id)
{
    const eb_finding_t *f = NULL;
    while ((f = eb_outcome_next(form->outcome, f)) && strcmp(f->id, id) != 0)
        continue;
    return f;
}

static inline void quickcheck_line(case_t *k, char *line, apr_pool_t *pool)
{
    char *is = strchr(line, '=');
    eb_date_t today;
    if (!*line || *line == '#')
        return;
    if (!is || *line == '+' || *line == '-' || *line == '=') {
        APR_ARRAY_PUSH(k->expected, const char *) = line;
        return;
    }
    *is = '\0';
    line = antrag_trim(line);
    if (strcmp(line, "heute") != 0)
        apr_table_set(k->answers, line, antrag_trim(is + 1));
    else if (eb_date_parse(&today, antrag_trim(is + 1), false))
        k->now = eb_local_midnight(today) + apr_time_from_sec(12 * 3600);
    (void)pool;
}

static inline case_t quickcheck_basis(apr_pool_t *pool)
{
    char *last, *text = antrag_read(QUICKCHECK_FOLDER "basis.txt", pool);
    case_t k = {"basis", 0, apr_table_make(pool, 40), apr_array_make(pool, 8, sizeof(char *))};
    for (char *line = text ? apr_strtok(text, "\n", &last) : NULL; line;
         line = apr_strtok(NULL, "\n", &last))
        quickcheck_line(&k, line, pool);
    return k;
}

static inline apr_array_header_t *quickcheck_cases(const char *name, apr_pool_t *pool)
{
    char *last, *text = antrag_read(apr_pstrcat(pool, QUICKCHECK_FOLDER, name, ".txt", NULL), pool);
    apr_array_header_t *cases = apr_array_make(pool, 128, sizeof(case_t));
    case_t *k = NULL;
    for (char *line = text ? apr_strtok(text, "\n", &last) : NULL; line;
         line = apr_strtok(NULL, "\n", &last)) {
        if (*line == '[') {
            k = apr_array_push(cases);
            *k = quickcheck_basis(pool);
            k->name = apr_pstrmemdup(pool, line + 1, strcspn(line + 1, "]"));
        } else if (k) {
            quickcheck_line(k, line, pool);
        }
    }
    return cases;
}

static inline void quickcheck_push(apr_array_header_t *params, const char *name, const char *value)
{
    eb_param_t *param = apr_array_push(params);
    *param = (eb_param_t){name, value};
}

/* As a browser would send it: a date in three fields. */
static inline void quickcheck_param(apr_array_header_t *params, const eb_node_t *node,
                                    const char *value, apr_pool_t *pool)
{
    const char *day, *month, *year;
    if (node->control->kind != EB_CONTROL_DATE) {
        quickcheck_push(params, node->param, value);
        return;
    }
    eb_answers_date_parts(value, &day, &month, &year, pool);
    quickcheck_push(params, apr_pstrcat(pool, node->param, ".tag", NULL), day);
    quickcheck_push(params, apr_pstrcat(pool, node->param, ".monat", NULL), month);
    quickcheck_push(params, apr_pstrcat(pool, node->param, ".jahr", NULL), year);
}

static inline bool quickcheck_answer(eb_instance_t *in, const case_t *k, const eb_context_t *c)
{
    const apr_array_header_t *answers = apr_table_elts(k->answers);
    apr_array_header_t *params = apr_array_make(c->pool, 40, sizeof(eb_param_t));
    const char *culprit;
    for (int i = 0; i < answers->nelts; i++) {
        const apr_table_entry_t *a = &APR_ARRAY_IDX(answers, i, apr_table_entry_t);
        const eb_node_t *node = eb_form_node(in->form, a->key);
        if (!node || !node->control) {
            printf("# no field %s\n", a->key);
            return false;
        }
        quickcheck_param(params, node, a->val, c->pool);
    }
    eb_params_t all = {(const eb_param_t *)params->elts, params->nelts};
    eb_answers_verdict_t verdict = eb_answers_take_all(in, &all, c, &culprit);
    if (verdict != EB_ANSWERS_OK)
        printf("# refused: %s\n", culprit);
    return verdict == EB_ANSWERS_OK;
}

#endif
