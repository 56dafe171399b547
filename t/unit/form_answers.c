/* From parameters to answers: what is understood, what is kept as typed, what is refused, and the
 * digest by which a page notices another tab. */
#include "rules_form.h"
#include "form/answers.h"

/* "name=value&…", decoded as a request would be. */
static eb_params_t params(const char *text, apr_pool_t *pool)
{
    eb_params_t list = {NULL, 0};
    char *body = apr_pstrdup(pool, text);
    if (eb_urlencoded_decode(&list, body, strlen(body), pool) != APR_SUCCESS)
        printf("# cannot decode %s\n", text);
    return list;
}

static eb_answers_verdict_t take(eb_instance_t *in, const char *step, const char *page, int entry,
                                 const char *text, const char **culprit, apr_pool_t *pool)
{
    eb_context_t c = rules_context(in, entry, pool);
    eb_params_t list = params(text, pool);
    return eb_answers_take(in, eb_step_page(eb_form_step(in->form, step), page), &list, &c,
                           culprit);
}

/* One parameter string at the page "person", and what then stands in one field. */
static const struct {
    const char *params, *path, *value;
} taken[] = {
    {"person.name=M%C3%BCller", "person/name", "Müller"},
    {"person.name=%20%09M%C3%BCller%C2%A0%0D%0A", "person/name", "Müller"},
    {"person.name=Mu%CC%88ller", "person/name", "Müller"},
    {"person.name=", "person/name", NULL},
    {"person.name=%20%0D%0A", "person/name", NULL},
    {"", "person/name", NULL},
    {"person.name=M%C3%BCller7", "person/name", "Müller7"},
    {"person.email=A%40B.example", "person/email", "A@B.example"},
    {"person.geboren.tag=24&person.geboren.monat=3&person.geboren.jahr=1990", "person/geboren",
     "1990-03-24"},
    {"person.geboren.tag=%2024.&person.geboren.monat=M%C3%A4rz&person.geboren.jahr=1990",
     "person/geboren", "1990-03-24"},
    {"person.geboren.tag=04&person.geboren.monat=Maerz&person.geboren.jahr=1990", "person/geboren",
     "1990-03-04"},
    {"person.geboren.tag=1&person.geboren.monat=Jan.&person.geboren.jahr=1990", "person/geboren",
     "1990-01-01"},
    {"person.geboren.tag=31&person.geboren.monat=dez&person.geboren.jahr=1990", "person/geboren",
     "1990-12-31"},
    {"person.geboren.tag=24.03.1990&person.geboren.monat=&person.geboren.jahr=", "person/geboren",
     "1990-03-24"},
    {"person.geboren.tag=1990-03-24", "person/geboren", "1990-03-24"},
    {"person.geboren.tag=%D9%A2%D9%A4&person.geboren.monat=%DB%B3&person.geboren.jahr=%D9%A1%D9%A9%"
     "D9%A9%D9%A0",
     "person/geboren", "1990-03-24"},
    {"person.geboren.tag=%D9%A1/%D9%A2/%D9%A1%D9%A9%D9%A9%D9%A0", "person/geboren", "1990-02-01"},
    {"person.name=Tor%20%D9%A7", "person/name", "Tor 7"},
    {"person.geboren.tag=31&person.geboren.monat=2&person.geboren.jahr=1990", "person/geboren",
     "31.2.1990"},
    {"person.geboren.jahr=1990", "person/geboren", "..1990"},
    {"person.geboren.tag=gestern", "person/geboren", "gestern.."},
    {"person.geboren.tag=&person.geboren.monat=&person.geboren.jahr=", "person/geboren", NULL},
    {"person.nur_jahr.jahr=1990", "person/nur_jahr", "1990"},
    {"person.nur_jahr.monat=Juni&person.nur_jahr.jahr=1990", "person/nur_jahr", "1990-06"},
    {"person.land=b", "person/land", "b"},
    {"person.land=", "person/land", NULL},
    {"person.sprachen=fr&person.sprachen=de", "person/sprachen", "de fr"},
    {"person.sprachen=en", "person/sprachen", "en"},
    {"_token=abc&_weiter=1&person.land=a", "person/land", "a"},
};

static void test_taken(const eb_form_t *form, apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        eb_instance_t *in = eb_instance_new(form, pool);
        const char *culprit = "?";
        rules_answer(in, "person/name=Alt\nperson/land=a\nperson/geboren=2000-01-01");
        is_int(take(in, "person", NULL, EB_ROOT, taken[i].params, &culprit, pool), EB_ANSWERS_OK,
               taken[i].params);
        is_str(eb_instance_get(in, eb_form_node(form, taken[i].path), EB_ROOT), taken[i].value,
               taken[i].path);
        is_str(culprit, NULL, "nobody is at fault");
    }
}

static void test_refused(const eb_form_t *form, apr_pool_t *pool)
{
    static const struct {
        const char *step, *params;
        eb_answers_verdict_t verdict;
        const char *culprit;
    } cases[] = {
        {"person", "person.name=A&person.alter=3", EB_ANSWERS_UNKNOWN, "person.alter"},
        {"person", "person.name=A&ehe.hat=true", EB_ANSWERS_UNKNOWN, "ehe.hat"},
        {"person", "person.nam=A", EB_ANSWERS_UNKNOWN, "person.nam"},
        {"person", "person.name.x=A", EB_ANSWERS_UNKNOWN, "person.name.x"},
        {"person", "person.geboren=1990-03-24", EB_ANSWERS_UNKNOWN, "person.geboren"},
        {"person", "person.geboren.stunde=1", EB_ANSWERS_UNKNOWN, "person.geboren.stunde"},
        {"person", "=x", EB_ANSWERS_UNKNOWN, ""},
        {"person", "person.name=A&person.name=A", EB_ANSWERS_TWICE, "person.name"},
        {"person", "person.geboren.tag=1&person.geboren.tag=2", EB_ANSWERS_TWICE,
         "person.geboren.tag"},
        {"person", "person.land=a&person.land=b", EB_ANSWERS_TWICE, "person.land"},
        {"person", "person.name=A&person.land=c", EB_ANSWERS_UNKNOWN, "person.land"},
        {"person", "person.name=A&person.land=%20a", EB_ANSWERS_UNKNOWN, "person.land"},
        {"person", "person.name=A&person.sprachen=de&person.sprachen=xx", EB_ANSWERS_UNKNOWN,
         "person.sprachen"},
        {"ehe", "ehe.hat=ja", EB_ANSWERS_UNKNOWN, "ehe.hat"},
        {"ende", "zustimmung=false", EB_ANSWERS_UNKNOWN, "zustimmung"},
        {"ende", "zustimmung=x", EB_ANSWERS_UNKNOWN, "zustimmung"},
        {"hinweis", "x=1", EB_ANSWERS_UNKNOWN, "x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_instance_t *in = eb_instance_new(form, pool);
        const char *culprit = NULL;
        rules_answer(in, "person/name=Alt\nehe/hat=true\nzustimmung=true");
        is_int(take(in, cases[i].step, NULL, EB_ROOT, cases[i].params, &culprit, pool),
               cases[i].verdict, cases[i].params);
        is_str(culprit, cases[i].culprit, "the culprit is named");
        is_str(eb_instance_get(in, eb_form_node(form, "person/name"), EB_ROOT), "Alt",
               "the instance is as it was");
        is_str(eb_instance_get(in, eb_form_node(form, "zustimmung"), EB_ROOT), "true", "all of it");
    }
}

static void test_pages(const eb_form_t *form, apr_pool_t *pool)
{
    eb_instance_t *in = eb_instance_new(form, pool);
    const eb_node_t *email = eb_form_node(form, "person/email");
    const eb_node_t *partner = eb_form_node(form, "ehe/partner/name");
    const char *culprit;
    rules_answer(in, "person/name=Fest\nperson/email=a@b.example\nehe/partner/name=Alt\n"
                     "kinder/kind[2]/name=Ben\nehe/hat=false\nzustimmung=true");
    is_int(take(in, "person", NULL, EB_ROOT, "person.name=Neu&person.email=c%40d.example", &culprit,
                pool),
           EB_ANSWERS_OK, "a read-only control may be sent");
    is_str(eb_instance_get(in, email, EB_ROOT), "a@b.example", "but takes nothing");
    is_str(eb_instance_get(in, eb_form_node(form, "person/name"), EB_ROOT), "Neu", "the others do");
    is_int(take(in, "partner", NULL, EB_ROOT, "ehe.partner.name=Neu", &culprit, pool),
           EB_ANSWERS_OK, "an irrelevant control may be sent");
    is_str(eb_instance_get(in, partner, EB_ROOT), "Alt", "and keeps its answer");
    is_int(take(in, "kinder", "name", 1, "name=Cem&alter=1.000", &culprit, pool), EB_ANSWERS_OK,
           "an entry's page");
    is_str(eb_instance_get(in, eb_form_node(form, "kinder/kind/name"), 1), "Cem", "second entry");
    is_str(eb_instance_get(in, eb_form_node(form, "kinder/kind/name"), 0), NULL, "not the first");
    is_int(take(in, "kinder", "name", 7, "name=Cem", &culprit, pool), EB_ANSWERS_OK,
           "an entry that is gone takes nothing");
    is_int(take(in, "ende", NULL, EB_ROOT, "notiz=%0D%0Aeins%0D%0Azwei%0Ddrei%0A", &culprit, pool),
           EB_ANSWERS_OK, "a text area");
    is_str(eb_instance_get(in, eb_form_node(form, "notiz"), EB_ROOT), "eins\nzwei\ndrei",
           "line breaks are LF");
    is_str(eb_instance_get(in, eb_form_node(form, "zustimmung"), EB_ROOT), NULL,
           "a box that is not ticked is unanswered");
    take(in, "ende", NULL, EB_ROOT, "zustimmung=true", &culprit, pool);
    is_str(eb_instance_get(in, eb_form_node(form, "zustimmung"), EB_ROOT), "true", "ticked");
}

/* Too long for any answer: kept for the page, cut at a character. */
static void test_long(const eb_form_t *form, apr_pool_t *pool)
{
    eb_instance_t *in = eb_instance_new(form, pool);
    const eb_node_t *name = eb_form_node(form, "person/name");
    eb_context_t c = rules_context(in, EB_ROOT, pool);
    char text[12001];
    const char *culprit;
    text[0] = 'x';
    for (int i = 1; i < 12000; i++)
        text[i] = i % 2 ? '\xC3' : '\xA4';
    text[11999] = '\0';
    eb_param_t param = {"person.name", text};
    eb_params_t list = {&param, 1};
    is_int(eb_answers_take(in, eb_form_step(form, "person")->pages, &list, &c, &culprit),
           EB_ANSWERS_OK, "a very long name is taken");
    is_int(strlen(eb_instance_get(in, name, EB_ROOT)), 4 * EB_TEXT_MAX - 1, "and cut");
    memset(text, 0, sizeof text);
    eb_errors_t *errors = eb_errors_new(pool);
    eb_rules_check_page(errors, eb_form_step(form, "person")->pages, &c);
    ok(eb_errors_find(errors, name, EB_ROOT), "the rules refuse it, from their own copy");
}

static void test_date_parts(apr_pool_t *pool)
{
    static const char *const cases[][4] = {
        {"1990-03-24", "24", "3", "1990"},
        {"1990-03", "", "3", "1990"},
        {"1990", "", "", "1990"},
        {"31.2.1990", "31", "2", "1990"},
        {"..1990", "", "", "1990"},
        {"24..", "24", "", ""},
        {".März.", "", "März", ""},
        {"a.b.c.d", "a", "b.c", "d"},
        {"gestern", "gestern", "", ""},
        {"1.2", "1", "", "2"},
        {"", "", "", ""},
        {"1990-02-30", "1990-02-30", "", ""},
        {NULL, "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *day, *month, *year;
        eb_answers_date_parts(cases[i][0], &day, &month, &year, pool);
        is_str(day, cases[i][1],
               apr_psprintf(pool, "day of %s", cases[i][0] ? cases[i][0] : "nothing"));
        is_str(month, cases[i][2], "its month");
        is_str(year, cases[i][3], "its year");
    }
}

static void test_digest(const eb_form_t *form, apr_pool_t *pool)
{
    eb_instance_t *in = eb_instance_new(form, pool);
    const eb_page_t *person = eb_form_step(form, "person")->pages,
                    *ende = eb_form_step(form, "ende")->pages;
    const eb_page_t *kind = eb_step_page(eb_form_step(form, "kinder"), "name");
    apr_uint64_t empty = eb_answers_digest(in, person, EB_ROOT),
                 end = eb_answers_digest(in, ende, EB_ROOT);
    rules_answer(in, "person/name=a");
    apr_uint64_t named = eb_answers_digest(in, person, EB_ROOT);
    ok(named != empty, "an answer changes it");
    ok(eb_answers_digest(in, ende, EB_ROOT) == end, "of its own page only");
    rules_answer(in, "person/name=");
    ok(eb_answers_digest(in, person, EB_ROOT) == empty, "undone, it is as before");
    rules_answer(in, "person/email=a");
    apr_uint64_t moved = eb_answers_digest(in, person, EB_ROOT);
    ok(moved != named && moved != empty, "the same text elsewhere is something else");
    rules_answer(in, "person/alter=44");
    ok(eb_answers_digest(in, person, EB_ROOT) == moved,
       "what the page does not ask does not count");
    rules_answer(in, "kinder/kind[1]/name=Ada\nkinder/kind[2]/name=Ben");
    apr_uint64_t ada = eb_answers_digest(in, kind, 0), ben = eb_answers_digest(in, kind, 1);
    ok(ada != ben, "entries have their own");
    rules_answer(in, "kinder/kind[2]/name=Ada");
    ok(eb_answers_digest(in, kind, 1) == ada, "equal answers, equal digest");
    /* FNV-1a of "zustimmung" NUL "true" NUL "notiz" NUL NUL, by an independent program */
    rules_answer(in, "zustimmung=true");
    ok(eb_answers_digest(in, ende, EB_ROOT) == 0xe14fe48d087f5642u, "the known value");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_form_t *form = rules_form(pool);
    test_taken(form, pool);
    test_refused(form, pool);
    test_pages(form, pool);
    test_long(form, pool);
    test_date_parts(pool);
    test_digest(form, pool);
    return done();
}
