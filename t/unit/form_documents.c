/* Documents in a form: asked of the applicant and of each child, whose entries another step keeps;
 * what a request can change of them, when they are missing, and the list of all files. */
#include "rules_form.h"
#include "form/answers.h"
#include "form/files.h"

#define FILE_A "AAAAAAAAAAAAAAAAAAAAAA pdf 11 ok a.pdf"
#define FILE_B "BBBBBBBBBBBBBBBBBBBBBA jpg 12 offen b.jpg"
#define FILE_C "CCCCCCCCCCCCCCCCCCCCCA png 13 ohne c.png"
#define FILE_D "DDDDDDDDDDDDDDDDDDDDDA pdf 14 ok d.pdf"

static const char xml[] =
    "<eb:form xmlns:eb='urn:mod-einbuergerung:form:1' xmlns:xf='http://www.w3.org/2002/xforms'"
    " id='probe' version='1' xml:lang='de'>"
    "<eb:title>Probe</eb:title><xf:model><xf:instance><probe xmlns=''>"
    "<person><name/><weitere_unterlagen/><pass/></person>"
    "<kinder><kind><name/><alter/><geburts_urkunde/><pass/></kind></kinder>"
    "</probe></xf:instance>"
    "<xf:bind nodeset='person/pass' type='eb:files' required='true()'/>"
    "<xf:bind nodeset='person/weitere_unterlagen' type='eb:files' readonly=\"../name = 'Fest'\" "
    "relevant=\"../name != 'Ada'\"/>"
    "<xf:bind nodeset='kinder'><xf:constraint value='count(kind) != 1'>"
    "<xf:alert>Nicht nur eines.</xf:alert></xf:constraint></xf:bind>"
    "<xf:bind nodeset='kinder/kind'><xf:constraint value=\"name != 'X'\">"
    "<xf:alert>Nicht X.</xf:alert></xf:constraint></xf:bind>"
    "<xf:bind nodeset='kinder/kind/alter' type='xs:nonNegativeInteger'/>"
    "<xf:bind nodeset='kinder/kind/geburts_urkunde' type='eb:files' required='true()' "
    "relevant='../alter &lt; 16'/>"
    "<xf:bind nodeset='kinder/kind/pass' type='eb:files' relevant='../alter &lt; 18'/>"
    "</xf:model>"
    "<eb:section><xf:label>Eins</xf:label>"
    "<eb:step id='name'><xf:label>Name</xf:label>"
    "<xf:input ref='person/name'><xf:label>Name</xf:label></xf:input></eb:step>"
    "<eb:step id='kinder'><xf:label>Kinder</xf:label>"
    "<xf:repeat nodeset='kinder/kind' eb:max='2'><xf:label>Kind</xf:label>"
    "<eb:add>Noch eins</eb:add><eb:empty>Keins.</eb:empty><eb:entry value='name'/>"
    "<xf:input ref='kinder/kind/name'><xf:label>Name</xf:label></xf:input>"
    "<xf:input ref='kinder/kind/alter'><xf:label>Alter</xf:label></xf:input>"
    "</xf:repeat></eb:step></eb:section>"
    "<eb:section><xf:label>Zwei</xf:label>"
    "<eb:step id='je-kind'><xf:label>Je Kind</xf:label>"
    "<xf:repeat nodeset='kinder/kind' eb:entries='fixed'><xf:label>Kind</xf:label>"
    "<eb:entry value='name'/>"
    "<eb:page id='geburt'><xf:label>Geburt</xf:label>"
    "<xf:upload ref='kinder/kind/geburts_urkunde'><xf:label>Geburtsurkunde</xf:label></xf:upload>"
    "</eb:page><eb:page id='pass'><xf:label>Pass</xf:label>"
    "<xf:upload ref='kinder/kind/pass'><xf:label>Pass</xf:label></xf:upload></eb:page>"
    "</xf:repeat></eb:step>"
    "<eb:step id='eigene'><xf:label>Eigene</xf:label>"
    "<xf:upload ref='person/pass'><xf:label>Ihr Pass</xf:label></xf:upload>"
    "<xf:group><xf:label>Weiteres</xf:label>"
    "<xf:upload ref='person/weitere_unterlagen'><xf:label>Weitere</xf:label></xf:upload>"
    "</xf:group></eb:step></eb:section></eb:form>";

static apr_pool_t *pool;
static const eb_form_t *form;

static eb_instance_t *instance(const char *lines)
{
    eb_instance_t *in = eb_instance_new(form, pool);
    rules_answer(in, lines);
    return in;
}

/* Like rules_answer(), for a value of several lines. */
static void set(eb_instance_t *in, const char *path, int entry, const char *value)
{
    eb_instance_set(in, eb_form_node(form, path), entry, value);
}

static const char *get(const eb_instance_t *in, const char *path, int entry)
{
    return eb_instance_get(in, eb_form_node(form, path), entry);
}

static eb_answers_verdict_t take(eb_instance_t *in, const char *step, int entry, const char *text,
                                 const char **culprit)
{
    eb_context_t c = rules_context(in, entry, pool);
    eb_params_t params = {NULL, 0};
    char *body = apr_pstrdup(pool, text);
    eb_urlencoded_decode(&params, body, strlen(body), pool);
    return eb_answers_take(in, eb_form_step(form, step)->pages, &params, &c, culprit);
}

static void test_loaded(void)
{
    static const char *const paths[] = {"kinder/kind/geburts_urkunde", "kinder/kind/pass",
                                        "person/pass", "person/weitere_unterlagen"};
    const eb_step_t *fixed = eb_form_step(form, "je-kind"), *keeper = eb_form_step(form, "kinder");
    ok(fixed->fixed && !keeper->fixed && fixed->repeat == keeper->repeat, "one repeat, two steps");
    is_int(fixed->max, 2, "as many entries as the other step allows");
    ok(!fixed->add_label && !fixed->empty_text, "without words for adding");
    ok(fixed->pages->uploads && fixed->pages->next->uploads, "pages with uploads");
    ok(eb_form_step(form, "eigene")->pages->uploads, "one within a group");
    ok(!keeper->pages->uploads && !eb_form_step(form, "name")->pages->uploads, "pages without");
    is_int(form->documents_count, 4, "all documents");
    for (int i = 0; i < 4; i++)
        is_str(form->documents[i]->path, paths[i], "in the order in which they are asked");
    is_int(form->documents[0]->control->kind, EB_CONTROL_UPLOAD, "their control");
    is_int(form->repeats_count, 1, "one repeat");
}

static void test_answers(void)
{
    static const struct {
        const char *before, *params, *after;
    } cases[] = {
        {NULL, "person.pass.spaeter=ja", "spaeter"},
        {NULL, "", NULL},
        {"spaeter", "person.pass.spaeter=ja", "spaeter"},
        {"spaeter", "", NULL},
        {FILE_A, "", FILE_A},
        {FILE_A "\n" FILE_B, "person.pass.spaeter=ja&_weiter=", "spaeter\n" FILE_A "\n" FILE_B},
        {"spaeter\n" FILE_A "\n" FILE_B, "_hochladen=1", FILE_A "\n" FILE_B},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *culprit = "?";
        eb_instance_t *in = instance("");
        set(in, "person/pass", EB_ROOT, cases[i].before);
        is_int(take(in, "eigene", EB_ROOT, cases[i].params, &culprit), EB_ANSWERS_OK,
               cases[i].params);
        is_str(get(in, "person/pass", EB_ROOT), cases[i].after, "the box; the files stay");
        is_str(culprit, NULL, "nobody is at fault");
    }
    const char *culprit;
    eb_instance_t *in = instance("kinder/kind[2]/alter=5");
    take(in, "je-kind", 1, "geburts_urkunde.spaeter=ja", &culprit);
    is_str(get(in, "kinder/kind/geburts_urkunde", 1), "spaeter", "of an entry");
    is_str(get(in, "kinder/kind/geburts_urkunde", 0), NULL, "not of the other");
    in = instance("person/name=Fest\nperson/weitere_unterlagen=spaeter");
    take(in, "eigene", EB_ROOT, "", &culprit);
    is_str(get(in, "person/weitere_unterlagen", EB_ROOT), "spaeter", "read-only takes nothing");
    in = instance("person/name=Ada\nperson/weitere_unterlagen=spaeter");
    take(in, "eigene", EB_ROOT, "", &culprit);
    is_str(get(in, "person/weitere_unterlagen", EB_ROOT), "spaeter", "nor what is not asked");
}

static void test_refused(void)
{
    static const struct {
        const char *params;
        eb_answers_verdict_t verdict;
        const char *culprit;
    } cases[] = {
        {"person.pass=", EB_ANSWERS_UNKNOWN, "person.pass"},
        {"person.pass=spaeter", EB_ANSWERS_UNKNOWN, "person.pass"},
        {"person.pass.spaeter=nein", EB_ANSWERS_UNKNOWN, "person.pass"},
        {"person.pass.spaeter=", EB_ANSWERS_UNKNOWN, "person.pass"},
        {"person.pass.spaeterx=ja", EB_ANSWERS_UNKNOWN, "person.pass.spaeterx"},
        {"person.pass.spaeter=ja&person.pass.spaeter=ja", EB_ANSWERS_TWICE, "person.pass.spaeter"},
        {"person.name.spaeter=ja", EB_ANSWERS_UNKNOWN, "person.name.spaeter"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *culprit = NULL;
        eb_instance_t *in = instance("person/pass=" FILE_A);
        is_int(take(in, "eigene", EB_ROOT, cases[i].params, &culprit), cases[i].verdict,
               cases[i].params);
        is_str(culprit, cases[i].culprit, "the culprit is named");
        is_str(get(in, "person/pass", EB_ROOT), FILE_A, "the answer is as it was");
    }
}

static void test_digest(void)
{
    eb_instance_t *in = instance("");
    const eb_page_t *page = eb_form_step(form, "eigene")->pages;
    apr_uint64_t before = eb_answers_digest(in, page, EB_ROOT);
    rules_answer(in, "person/pass=" FILE_A);
    ok(eb_answers_digest(in, page, EB_ROOT) == before, "files that came contradict nothing");
}

/* "path[entry]: text" for each error. */
static const char *errors_of(const eb_instance_t *in, const char *step)
{
    const char *out = "";
    eb_errors_t *errors = eb_errors_new(pool);
    eb_context_t c = rules_context(in, EB_ROOT, pool);
    if (step)
        eb_rules_check_step(errors, eb_form_step(form, step), &c);
    else
        eb_rules_check_all(errors, form, &c);
    for (int i = 0; i < errors->list->nelts; i++) {
        const eb_error_t *e = &APR_ARRAY_IDX(errors->list, i, eb_error_t);
        out = apr_psprintf(pool, "%s%s%s[%d]: %s", out, *out ? " | " : "", e->node->path, e->entry,
                           e->text);
    }
    return out;
}

#define MISSING                                                                                    \
    "Bitte laden Sie dieses Dokument hoch, oder kreuzen Sie an, dass Sie es nachreichen: "

static void test_checks(void)
{
    static const struct {
        const char *step, *answers, *errors;
    } cases[] = {
        {"eigene", "", "person/pass[-1]: " MISSING "Ihr Pass."},
        {"eigene", "person/pass=spaeter", ""},
        {"eigene", "person/pass=" FILE_A, ""},
        {"eigene", "person/pass=a.pdf", "person/pass[-1]: *"},
        {"je-kind", "", ""},
        {"je-kind", "kinder/kind[1]/alter=17", ""},
        {"je-kind", "kinder/kind[2]/alter=7",
         "kinder/kind/geburts_urkunde[1]: " MISSING "Geburtsurkunde."},
        {"je-kind", "kinder/kind[2]/alter=7\nkinder/kind[2]/geburts_urkunde=spaeter", ""},
        {"je-kind", "kinder/kind[1]/name=X", ""}, /* the business of the step before */
        {"kinder", "kinder/kind[1]/name=X",
         "kinder[-1]: Nicht nur eines. | kinder/kind[0]: Nicht X."},
        {"je-kind", "kinder/kind[3]/name=C", ""},
        {NULL, "person/pass=spaeter\nkinder/kind[3]/name=X",
         "kinder/kind[-1]: Hier sind höchstens 2 Einträge möglich. Bitte entfernen Sie 1 davon. | "
         "kinder/kind[2]: Nicht X."},
        {NULL, "person/pass=spaeter\nkinder/kind[2]/alter=1\nkinder/kind[2]/pass=b",
         "kinder/kind/geburts_urkunde[1]: " MISSING "Geburtsurkunde. | kinder/kind/pass[1]: *"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = errors_of(instance(cases[i].answers), cases[i].step);
        apr_size_t len = strcspn(cases[i].errors, "*"); /* stands for the words of the type */
        if (cases[i].errors[len] && strncmp(got, cases[i].errors, len) == 0 && got[len])
            got = cases[i].errors;
        is_str(got, cases[i].errors, apr_psprintf(pool, "check %d", (int)i));
    }
}

static void test_states(void)
{
    static const struct {
        const char *answers;
        bool seen, relevant;
        eb_step_state_t state;
    } cases[] = {
        {"", false, false, EB_STEP_DONE},
        {"kinder/kind[1]/name=A", false, false, EB_STEP_DONE},
        {"kinder/kind[1]/alter=30", false, false, EB_STEP_DONE},
        {"kinder/kind[2]/alter=17", false, true, EB_STEP_OPEN},
        {"kinder/kind[2]/alter=17", true, true, EB_STEP_DONE},
        {"kinder/kind[2]/alter=17\nkinder/kind[2]/pass=spaeter", false, true, EB_STEP_STARTED},
        {"kinder/kind[2]/alter=7", true, true, EB_STEP_STARTED},
        {"kinder/kind[2]/alter=7\nkinder/kind[2]/geburts_urkunde=spaeter", true, true,
         EB_STEP_DONE},
    };
    const eb_step_t *step = eb_form_step(form, "je-kind");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_instance_t *in = instance(cases[i].answers);
        eb_context_t c = rules_context(in, EB_ROOT, pool);
        eb_instance_set_seen(in, step, cases[i].seen);
        is_int(eb_rules_step_relevant(step, &c), cases[i].relevant,
               apr_psprintf(pool, "relevance %d", (int)i));
        is_int(eb_rules_step_state(step, &c), cases[i].state,
               apr_psprintf(pool, "state %d", (int)i));
    }
    int entry;
    eb_instance_t *in = instance("kinder/kind[1]/alter=17");
    eb_instance_set_seen(in, step, true);
    eb_instance_set_seen(in, eb_form_step(form, "kinder"), true);
    eb_instance_add(in, step->repeat, 2, &entry);
    ok(!eb_instance_seen(in, step), "another child: its documents were not seen");
    ok(eb_instance_seen(in, eb_form_step(form, "kinder")), "the step that keeps it was");
    eb_instance_set_seen(in, step, true);
    ok(eb_instance_add(in, step->repeat, 2, &entry) == APR_ENOSPC && eb_instance_seen(in, step),
       "nothing added, nothing changed");
}

/* What conf/forms.md says that expressions see of a document. */
static void test_expressions(void)
{
    static const struct {
        const char *value, *results;
    } cases[] = {
        {NULL, "true false false "},
        {"spaeter", "false true true wird nachgereicht"},
        {FILE_A, "false false false 1 Datei: a.pdf"},
        {"spaeter\n" FILE_A, "false false true 1 Datei: a.pdf; wird nachgereicht"},
    };
    eb_problem_t *problem = NULL;
    eb_expr_t *expr = NULL;
    eb_expr_compile(&expr,
                    "concat(pass = '', ' ', pass = 'spaeter', ' ', starts-with(pass, 'spaeter'), "
                    "' ', label(pass))",
                    form, eb_form_node(form, "person"), "here:1", &problem, pool);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_instance_t *in = instance("");
        eb_context_t c = rules_context(in, EB_ROOT, pool);
        set(in, "person/pass", EB_ROOT, cases[i].value);
        is_str(eb_expr_string(expr, &c), cases[i].results, "in expressions");
    }
}

/* "number safe-name entry" for each document. */
static const char *listed(const eb_instance_t *in, bool applying)
{
    const char *out = "";
    eb_context_t c = rules_context(in, 1, pool);
    apr_array_header_t *list = eb_documents_list(&c, applying);
    for (int i = 0; i < list->nelts; i++) {
        const eb_document_t *d = &APR_ARRAY_IDX(list, i, eb_document_t);
        out = apr_psprintf(pool, "%s%s%d %s %d %s", out, *out ? " | " : "", d->number, d->safe_name,
                           d->entry, d->file.name);
    }
    return out;
}

static void test_list(void)
{
    eb_instance_t *in = instance("");
    is_str(listed(in, false), "", "none");
    rules_answer(in, "person/name=Ada\nperson/pass=spaeter\nperson/weitere_unterlagen=" FILE_D
                     "\nkinder/kind[1]/alter=17\nkinder/kind[2]/alter=7\nkinder/kind[1]/pass=" //
                 FILE_C "\nkinder/kind[2]/geburts_urkunde=" FILE_A);
    set(in, "kinder/kind/geburts_urkunde", 0, FILE_B);
    is_str(listed(in, false),
           "1 01-geburts-urkunde.jpg 0 b.jpg | 2 02-geburts-urkunde.pdf 1 a.pdf | "
           "3 03-pass.png 0 c.png | 4 04-weitere-unterlagen.pdf -1 d.pdf",
           "in the order of the form, then of the entries");
    is_str(listed(in, true), "1 01-geburts-urkunde.pdf 1 a.pdf | 2 02-pass.png 0 c.png",
           "those that apply, counted anew");
    set(in, "person/pass", EB_ROOT, "spaeter\n" FILE_A "\n" FILE_B);
    set(in, "kinder/kind/geburts_urkunde", 0, "nonsense");
    is_str(listed(in, true),
           "1 01-geburts-urkunde.pdf 1 a.pdf | 2 02-pass.png 0 c.png | 3 03-pass.pdf -1 a.pdf | "
           "4 04-pass.jpg -1 b.jpg",
           "several of one document");
}

/* More than 99: three digits for all of them. */
static void test_long_list(void)
{
    eb_instance_t *in = instance("");
    eb_context_t c = rules_context(in, EB_ROOT, pool);
    const char *const paths[] = {"person/pass", "person/weitere_unterlagen"};
    for (int p = 0; p < 2; p++) {
        eb_file_t list[50];
        eb_files_t files = {false, list, p ? 50 : 49};
        for (int i = 0; i < files.count; i++)
            list[i] = (eb_file_t){apr_psprintf(pool, "%c%02dAAAAAAAAAAAAAAAAAAA", 'a' + p, i), "x",
                                  "image/png", 1, EB_FILE_CLEAN};
        set(in, paths[p], EB_ROOT, eb_files_text(&files, pool));
    }
    apr_array_header_t *list = eb_documents_list(&c, true);
    is_int(list->nelts, 99, "99 files");
    is_str(APR_ARRAY_IDX(list, 98, eb_document_t).safe_name, "99-weitere-unterlagen.png",
           "two digits");
    rules_answer(in, "kinder/kind[1]/alter=1\nkinder/kind[1]/pass=" FILE_A);
    list = eb_documents_list(&c, true);
    is_str(APR_ARRAY_IDX(list, 0, eb_document_t).safe_name, "001-pass.pdf", "three digits");
    is_str(APR_ARRAY_IDX(list, 99, eb_document_t).safe_name, "100-weitere-unterlagen.png",
           "to the last");
}

static void test_gone(void)
{
    eb_instance_t *in = instance("person/pass=" FILE_D "\nkinder/kind[1]/pass=" FILE_C
                                 "\nkinder/kind[2]/geburts_urkunde=" FILE_A);
    set(in, "kinder/kind/geburts_urkunde", 0, FILE_B);
    eb_context_t c = rules_context(in, EB_ROOT, pool);
    apr_array_header_t *before = eb_documents_list(&c, false);
    is_int(eb_documents_gone(before, before, pool)->nelts, 0, "nothing happened");
    eb_instance_remove(in, eb_form_node(form, "kinder/kind"), 0);
    apr_array_header_t *after = eb_documents_list(&c, false);
    apr_array_header_t *gone = eb_documents_gone(before, after, pool);
    is_int(gone->nelts, 2, "with a child go its files");
    is_str(APR_ARRAY_IDX(gone, 0, eb_document_t).file.name, "b.jpg", "one");
    is_str(APR_ARRAY_IDX(gone, 1, eb_document_t).file.name, "c.png", "the other");
    is_str(get(in, "kinder/kind/geburts_urkunde", 0), FILE_A, "those of the next child stay");
    is_int(eb_documents_gone(after, before, pool)->nelts, 0, "what came has not gone");
}

int main(void)
{
    eb_form_t *made = NULL;
    eb_problem_t *problem = NULL;
    pool = tap_begin();
    if (eb_form_parse(&made, xml, strlen(xml), "form_documents.c", "schemas/form.rng", NULL,
                      &problem, pool) != APR_SUCCESS) {
        printf("# %s\n", eb_problem_text(problem, pool));
        return 1;
    }
    form = made;
    test_loaded();
    test_answers();
    test_refused();
    test_digest();
    test_checks();
    test_states();
    test_expressions();
    test_list();
    test_long_list();
    test_gone();
    return done();
}
