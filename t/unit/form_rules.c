/* The binds at work: relevance and its inheritance, what is asked of an answer and with which
 * words, whole steps and the whole application, states of steps, calculations. */
#include "rules_form.h"

#define GOOD_PERSON "person/name=Müller\nperson/geboren=1990-03-24\nperson/land=a\n"
#define GOOD_CHILD  "kinder/kind[1]/name=Ada\nkinder/kind[1]/wohnt_hier=true\n"
#define GOOD        GOOD_PERSON "ehe/hat=false\n" GOOD_CHILD "zustimmung=true\n"

static eb_instance_t *instance(const eb_form_t *form, const char *lines, apr_pool_t *pool)
{
    eb_instance_t *in = eb_instance_new(form, pool);
    rules_answer(in, lines);
    eb_context_t c = rules_context(in, EB_ROOT, pool);
    eb_rules_calculate(in, &c);
    return in;
}

/* "path[entry]/parts: text" for each error, one after another. */
static const char *listed(const eb_errors_t *errors, apr_pool_t *pool)
{
    const char *out = "";
    for (int i = 0; i < errors->list->nelts; i++) {
        const eb_error_t *e = &APR_ARRAY_IDX(errors->list, i, eb_error_t);
        const char *entry = e->entry == EB_ROOT ? "" : apr_psprintf(pool, "[%d]", e->entry);
        const char *parts = e->parts ? apr_psprintf(pool, "/%u", e->parts) : "";
        out = apr_pstrcat(pool, out, *out ? " | " : "", e->node->path, entry, parts, ": ", e->text,
                          NULL);
    }
    return out;
}

static void test_relevance(const eb_form_t *form, apr_pool_t *pool)
{
    static const struct {
        const char *answers, *path;
        int entry;
        bool relevant;
    } cases[] = {
        {"", "person/name", EB_ROOT, true},
        {"", "ehe/partner", EB_ROOT, false},
        {"", "ehe/partner/name", EB_ROOT, false},
        {"ehe/hat=true", "ehe/partner/name", EB_ROOT, true},
        {"ehe/hat=true", "ehe/partner/seit", EB_ROOT, true},
        {"ehe/hat=true\nehe/partner/name=Zoë", "ehe/partner/seit", EB_ROOT, false},
        {"ehe/hat=false\nehe/partner/name=Ada", "ehe/partner/seit", EB_ROOT, false},
        {"", "kinder/kind/name", 0, false},
        {"ehe/hat=false", "kinder/kind/name", 0, true},
        {"ehe/hat=false\n" GOOD_CHILD "kinder/kind[2]/wohnt_hier=false", "kinder/kind/anschrift", 0,
         false},
        {"ehe/hat=false\n" GOOD_CHILD "kinder/kind[2]/wohnt_hier=false", "kinder/kind/anschrift", 1,
         true},
        {GOOD_CHILD "kinder/kind[2]/wohnt_hier=false", "kinder/kind/anschrift", 1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_instance_t *in = instance(form, cases[i].answers, pool);
        eb_context_t c = rules_context(in, cases[i].entry, pool);
        is_int(eb_rules_relevant(eb_form_node(form, cases[i].path), &c), cases[i].relevant,
               apr_psprintf(pool, "relevance %d of %s", (int)i, cases[i].path));
    }
}

static void test_properties(const eb_form_t *form, apr_pool_t *pool)
{
    eb_instance_t *in = instance(form, "person/name=Fest", pool);
    eb_context_t c = rules_context(in, EB_ROOT, pool);
    ok(eb_rules_readonly(eb_form_node(form, "person/email"), &c), "read-only by expression");
    ok(eb_rules_readonly(eb_form_node(form, "person/alter"), &c), "calculated is read-only");
    ok(!eb_rules_readonly(eb_form_node(form, "person/name"), &c), "others are not");
    ok(eb_rules_required(eb_form_node(form, "person/land"), &c), "required by expression");
    ok(!eb_rules_required(eb_form_node(form, "person/email"), &c), "not required by default");
    rules_answer(in, "person/name=Niemand");
    ok(!eb_rules_required(eb_form_node(form, "person/land"), &c), "no longer required");
    ok(!eb_rules_readonly(eb_form_node(form, "person/email"), &c), "no longer read-only");
    eb_node_t group = *eb_form_node(form, "person"), field = *eb_form_node(form, "person/name");
    group.readonly = eb_form_node(form, "person/geboren")->required;
    field.parent = &group;
    ok(eb_rules_readonly(&field, &c), "read-only is handed down");
}

static void test_step_relevance(const eb_form_t *form, apr_pool_t *pool)
{
    eb_instance_t *in = instance(form, "", pool);
    eb_context_t c = rules_context(in, EB_ROOT, pool);
    ok(eb_rules_step_relevant(eb_form_step(form, "hinweis"), &c), "prose always applies");
    ok(eb_rules_step_relevant(eb_form_step(form, "person"), &c), "questions without conditions");
    ok(!eb_rules_step_relevant(eb_form_step(form, "partner"), &c), "no partner");
    ok(!eb_rules_step_relevant(eb_form_step(form, "kinder"), &c), "no children yet");
    rules_answer(in, "ehe/hat=true\nkinder/kind[1]/wohnt_hier=true");
    ok(eb_rules_step_relevant(eb_form_step(form, "partner"), &c), "a partner");
    ok(eb_rules_step_relevant(eb_form_step(form, "kinder"), &c), "children");
    const eb_page_t *page = eb_step_page(eb_form_step(form, "kinder"), "anschrift");
    c.entry = 0;
    ok(!eb_rules_page_relevant(page, &c), "an entry's page that is not asked");
    rules_answer(in, "kinder/kind[1]/wohnt_hier=false");
    ok(eb_rules_page_relevant(page, &c), "and when it is");
}

/* Each case is a whole step, or with step NULL the whole application. */
static const struct {
    const char *step, *answers, *errors;
} checks[] = {
    {"person", GOOD_PERSON, ""},
    {"hinweis", "", ""},
    {"person", "",
     "person/name: Wie heißen Sie? | person/geboren: Bitte geben Sie das Datum an: Geburtsdatum. | "
     "person/land: Bitte wählen Sie eine Antwort aus: In welchem Land?"},
    {"person", GOOD_PERSON "person/name=Niemand\nperson/land=", ""},
    {"person", GOOD_PERSON "person/name=M-", "person/name: Ohne Bindestrich."},
    {"person", GOOD_PERSON "person/name=-", "person/name: Ohne Bindestrich."},
    {"person", GOOD_PERSON "person/name=M", "person/name: Zu kurz."},
    {"person", GOOD_PERSON "person/geboren=2026-11-25", ""},
    {"person", GOOD_PERSON "person/geboren=2026-11-26",
     "person/geboren: Bitte prüfen Sie diese Angabe: Geburtsdatum."},
    {"ehe", "", "ehe/hat: Bitte wählen Sie eine Antwort aus: Verheiratet?"},
    {"partner", "", ""},
    {"partner", "ehe/hat=false\nehe/partner/name=-", ""},
    {"partner", "ehe/hat=true",
     "ehe/partner: Beides gleich. | ehe/partner/name: Bitte geben Sie Folgendes an: Name."},
    {"partner", "ehe/hat=true\nehe/partner/name=Ada", ""},
    {"kinder", "", ""},
    {"kinder", "ehe/hat=false", "kinder: Mindestens ein Kind."},
    {"kinder", "ehe/hat=false\n" GOOD_CHILD, ""},
    {"kinder", "ehe/hat=false\nkinder/kind[2]/name=Ben",
     "kinder/kind/name[0]: Bitte geben Sie Folgendes an: Name. | "
     "kinder/kind/wohnt_hier[0]: Bitte wählen Sie eine Antwort aus: Wohnt hier? | "
     "kinder/kind/wohnt_hier[1]: Bitte wählen Sie eine Antwort aus: Wohnt hier?"},
    {"kinder", "ehe/hat=false\nkinder/kind[1]/name=Ada\nkinder/kind[1]/wohnt_hier=false",
     "kinder/kind/anschrift[0]: Bitte geben Sie Folgendes an: Anschrift."},
    {"kinder", GOOD_PERSON "ehe/hat=false\n" GOOD_CHILD "kinder/kind[1]/alter=36",
     "kinder/kind/alter[0]: 36 ist*"},
    {"kinder", "person/geboren=2000-01-01\nehe/hat=false\n" GOOD_CHILD "kinder/kind[1]/alter=26",
     "kinder/kind/alter[0]: Bitte prüfen Sie diese Angabe: Alter."},
    {"kinder",
     "ehe/hat=true\n" GOOD_CHILD "kinder/kind[2]/name=Ada\nkinder/kind[2]/wohnt_hier=true",
     "kinder/kind[0]: Zweimal dasselbe Kind. | kinder/kind[1]: Zweimal dasselbe Kind."},
    {"kinder",
     "ehe/hat=true\n" GOOD_CHILD "kinder/kind[4]/name=D\nkinder/kind[2]/name=B\n"
     "kinder/kind[3]/name=C\nkinder/kind[2]/wohnt_hier=true\nkinder/kind[3]/wohnt_hier=true\n"
     "kinder/kind[4]/wohnt_hier=true",
     "kinder/kind: Hier sind höchstens 3 Einträge möglich. Bitte entfernen Sie 1 davon."},
    {"ende", "", "zustimmung: Bitte bestätigen Sie Folgendes: Ich stimme zu."},
    {NULL, GOOD, ""},
    {NULL, GOOD "person/geboren=1900-01-01", "person/alter: Bitte prüfen Sie diese Angabe: alter."},
    {NULL, GOOD "ehe/hat=true\nehe/partner/name=2001\nehe/partner/seit=2001",
     "ehe/partner: Beides gleich. | ehe/partner/name: „2“*"},
    {NULL, GOOD "kinder/kind[2]/name=Ada\nkinder/kind[2]/wohnt_hier=false",
     "kinder/kind[0]: Zweimal dasselbe Kind. | kinder/kind[1]: Zweimal dasselbe Kind. | "
     "kinder/kind/anschrift[1]: Bitte geben Sie Folgendes an: Anschrift."},
    {NULL, GOOD_PERSON "ehe/hat=true",
     "ehe/partner: Beides gleich. | ehe/partner/name: Bitte geben Sie Folgendes an: Name. | "
     "kinder: Mindestens ein Kind. | "
     "zustimmung: Bitte bestätigen Sie Folgendes: Ich stimme zu."},
};

/* A star at the end of `want` stands for the words of the type. */
static void is_listed(const char *got, const char *want, const char *name)
{
    apr_size_t len = strcspn(want, "*");
    if (want[len] && strncmp(got, want, len) == 0)
        want = got;
    is_str(got, want, name);
}

static void test_checks(const eb_form_t *form, apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        eb_instance_t *in = instance(form, checks[i].answers, pool);
        eb_context_t c = rules_context(in, EB_ROOT, pool);
        eb_errors_t *errors = eb_errors_new(pool);
        if (checks[i].step)
            eb_rules_check_step(errors, eb_form_step(form, checks[i].step), &c);
        else
            eb_rules_check_all(errors, form, &c);
        is_listed(listed(errors, pool), checks[i].errors,
                  apr_psprintf(pool, "check %d: %s", (int)i,
                               checks[i].step ? checks[i].step : "everything"));
    }
}

/* Dates as they were typed: which of the three fields is marked. */
static void test_date_parts(const eb_form_t *form, apr_pool_t *pool)
{
    static const struct {
        const char *typed;
        unsigned parts;
    } cases[] = {{"32.1.1990", 1}, {"31.2.1990", 1}, {".3.1990", 1},
                 {"1.13.1990", 2}, {"1.x.1990", 2},  {"1.1.90", 4},
                 {"1.1.", 4},      {"gestern", 0},   {"1990-02-30", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_instance_t *in = instance(form, GOOD_PERSON, pool);
        eb_context_t c = rules_context(in, EB_ROOT, pool);
        eb_errors_t *errors = eb_errors_new(pool);
        const eb_node_t *field = eb_form_node(form, "person/geboren");
        eb_instance_set(in, field, EB_ROOT, cases[i].typed);
        eb_rules_check_page(errors, eb_form_step(form, "person")->pages, &c);
        const eb_error_t *e = eb_errors_find(errors, field, EB_ROOT);
        is_int(e ? (int)e->parts : -1, cases[i].parts, cases[i].typed);
        is_int(errors->list->nelts, 1, "nothing else");
        ok(e && strlen(e->text) > 20, "with words");
    }
    ok(!eb_errors_find(NULL, form->root, EB_ROOT), "no list, no error");
}

static void test_states(const eb_form_t *form, apr_pool_t *pool)
{
    static const struct {
        const char *step, *answers;
        bool seen;
        eb_step_state_t state;
    } cases[] = {
        {"person", "", false, EB_STEP_OPEN},
        {"person", "person/email=a@b.example", false, EB_STEP_STARTED},
        {"person", GOOD_PERSON, false, EB_STEP_STARTED},
        {"person", GOOD_PERSON, true, EB_STEP_DONE},
        {"person", GOOD_PERSON "person/geboren=", true, EB_STEP_STARTED},
        {"hinweis", "", false, EB_STEP_OPEN},
        {"hinweis", "", true, EB_STEP_DONE},
        {"kinder", "ehe/hat=false", false, EB_STEP_OPEN},
        {"kinder", "ehe/hat=false", true, EB_STEP_STARTED},
        {"kinder", "ehe/hat=false\n" GOOD_CHILD, false, EB_STEP_STARTED},
        {"kinder", "ehe/hat=false\n" GOOD_CHILD, true, EB_STEP_DONE},
        {"kinder", "ehe/hat=false\n" GOOD_CHILD "kinder/kind[2]/alter=1", true, EB_STEP_STARTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_instance_t *in = instance(form, cases[i].answers, pool);
        eb_context_t c = rules_context(in, EB_ROOT, pool);
        const eb_step_t *step = eb_form_step(form, cases[i].step);
        eb_instance_set_seen(in, step, cases[i].seen);
        is_int(eb_rules_step_state(step, &c), cases[i].state,
               apr_psprintf(pool, "state %d of %s", (int)i, cases[i].step));
    }
}

static void test_calculate(const eb_form_t *form, apr_pool_t *pool)
{
    eb_instance_t *in = instance(form,
                                 GOOD_PERSON GOOD_CHILD "kinder/kind[1]/alter=7\n"
                                                        "kinder/kind[2]/name=Ben",
                                 pool);
    eb_context_t c = rules_context(in, EB_ROOT, pool);
    const eb_node_t *age = eb_form_node(form, "person/alter");
    const eb_node_t *kurz = eb_form_node(form, "kinder/kind/kurz");
    is_str(eb_instance_get(in, age, EB_ROOT), "36", "a number");
    is_str(eb_instance_get(in, eb_form_node(form, "person/initiale"), EB_ROOT), "M", "a text");
    is_str(eb_instance_get(in, eb_form_node(form, "anzahl"), EB_ROOT), "2", "a count");
    is_str(eb_instance_get(in, kurz, 0), "Ada/7", "in the first entry");
    is_str(eb_instance_get(in, kurz, 1), "Ben/", "in the second entry");
    const char *before = eb_instance_get(in, kurz, 0);
    eb_rules_calculate(in, &c);
    ok(eb_instance_get(in, kurz, 0) == before, "what stays the same is not written again");
    apr_pool_t *request;
    apr_pool_create(&request, pool);
    c.pool = request;
    rules_answer(in, "kinder/kind[1]/alter=8");
    eb_rules_calculate(in, &c);
    apr_pool_destroy(request);
    is_str(eb_instance_get(in, kurz, 0), "Ada/8", "values outlive the request's pool");
    rules_answer(in, "person/name=");
    c.pool = pool;
    eb_rules_calculate(in, &c);
    is_str(eb_instance_get(in, eb_form_node(form, "person/initiale"), EB_ROOT), NULL,
           "empty is unanswered");
}

/* Warned of, and good all the same. */
static void test_warnings(const eb_form_t *form, apr_pool_t *pool)
{
    static const struct {
        const char *answers, *step, *said;
    } cases[] = {
        {GOOD, "person", ""},
        {GOOD "person/nur_jahr=1929", "person", "person/nur_jahr: Lange her."},
        {GOOD "person/nur_jahr=heute", "person", ""}, /* that is an error's business */
        {GOOD, "kinder", ""},
        {GOOD GOOD_CHILD "kinder/kind[2]/name=Bo\nkinder/kind[3]/name=Cy", "kinder",
         "kinder: Viele Kinder."},
        {"", "person", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_instance_t *in = instance(form, cases[i].answers, pool);
        eb_context_t c = rules_context(in, EB_ROOT, pool);
        eb_errors_t *warnings = eb_errors_new(pool), *errors = eb_errors_new(pool);
        eb_rules_warn_step(warnings, eb_form_step(form, cases[i].step), &c);
        is_str(listed(warnings, pool), cases[i].said, apr_psprintf(pool, "warnings %d", (int)i));
        apr_uint32_t mark = eb_rules_warn_mark(warnings);
        is_int(mark != 0, *cases[i].said != 0, "… with a mark");
        for (int n = 0; n < warnings->list->nelts; n++)
            APR_ARRAY_IDX(warnings->list, n, eb_error_t).text = "Uzun zaman önce.";
        is_int(eb_rules_warn_mark(warnings), mark, "… that does not depend on the language");
        eb_rules_check_all(errors, form, &c);
        ok(!strstr(listed(errors, pool), "Lange her") && !strstr(listed(errors, pool), "Viele"),
           "… and no error");
    }
    eb_instance_t *in = instance(form, GOOD "person/nur_jahr=1929", pool);
    eb_context_t c = rules_context(in, EB_ROOT, pool);
    eb_instance_set_seen(in, eb_form_step(form, "person"), true);
    is_int(eb_rules_step_state(eb_form_step(form, "person"), &c), EB_STEP_DONE,
           "a step with a warning is done");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_form_t *form = rules_form(pool);
    test_relevance(form, pool);
    test_properties(form, pool);
    test_step_relevance(form, pool);
    test_checks(form, pool);
    test_date_parts(form, pool);
    test_states(form, pool);
    test_calculate(form, pool);
    test_warnings(form, pool);
    return done();
}
