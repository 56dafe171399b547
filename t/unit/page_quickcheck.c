/* The pages of the Quick-Check: well-formed, without a ticket or a cookie's trace, every answer
 * carried on to the next page, and only classes that the pinned KERN or our own sheet has. */
#include "page_checks.h"
#include "page/quickcheck.h"

/* What page_checks.h asks of every page, but for the ticket: there is nothing that it would guard.
 */
static void check_page(fixture_t *f, const char *name)
{
    ok(fixture_read(f), apr_pstrcat(f->pool, name, ": well-formed", NULL));
    is_int(page_count(f, "//h1"), 1, "one h1");
    is_int(page_count(f, "//script|//*[@style]|//@onclick"), 0, "no script, nothing inline");
    is_int(page_count(f, "//*[@id=preceding::*/@id or @id=ancestor::*/@id]"), 0, "no id twice");
    is_int(page_count(f, "//label[not(@for=//@id)]"), 0, "labels have their fields");
    is_int(page_count(f, "//form[not(@method='post')]"), 0, "answers are posted, never addressed");
    is_int(page_count(f, "//*[@name='_ticket']"), 0, "no ticket");
    is_int(page_count(f, "//a[contains(@href,'?')][not(contains(@href,'musterstadt'))]"), 0,
           "no answer in an address");
    collect_classes(f);
}

static void answer_all(fixture_t *f)
{
    static const char *const answers[][2] = {{"person/alter", "ab18"},
                                             {"person/wohnsitz", "DE"},
                                             {"person/staatsangehoerigkeit", "andere"},
                                             {"person/herkunft", "nichts"},
                                             {"fall/status/identitaet", "andere"},
                                             {"fall/status/titel", "16b"},
                                             {"fall/aufenthalt/seit", "2024-05"},
                                             {"fall/aufenthalt/ausland", "nein"},
                                             {"fall/aufenthalt/monate", "3"},
                                             {"fall/familie/ehe", "keine"},
                                             {"fall/familie/mit", "false"},
                                             {"fall/unterhalt/leistungen", "keine"},
                                             {"fall/unterhalt/gesichert", "ja"},
                                             {"fall/recht/strafen", "keine"}};
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        fixture_set(f, answers[i][0], EB_ROOT, answers[i][1]);
    eb_rules_calculate(f->in, &f->view.c);
}

static void check_start(fixture_t *f)
{
    eb_page_quickcheck_start(fixture_out(f), &f->view);
    check_page(f, "start");
    is_int(page_count(f, "//a[@href='/quickcheck/fragen']"), 1, "leads to the questions");
    ok(strstr(page_string(f, "string(//main)"), "seit dem 30.12.2025"), "says since when");
}

static void check_steps(fixture_t *f)
{
    for (int i = 0; i < f->form->pages_count; i++) {
        eb_page_quickcheck_step(fixture_out(f), &f->view, f->form->pages[i]);
        check_page(f, f->form->pages[i]->id);
    }
    eb_page_quickcheck_step(fixture_out(f), &f->view, eb_form_step(f->form, "familie")->pages);
    fixture_read(f);
    is_str(page_string(f, "//input[@name='fall.status.titel']/@value"), "16b", "carries a choice");
    is_str(page_string(f, "//input[@name='fall.aufenthalt.seit.monat']/@value"), "5",
           "carries the parts of a date");
    is_int(page_count(f, "//input[@type='hidden'][@name='fall.familie.ehe']"), 0,
           "what is asked here is not carried twice");
    is_str(page_string(f, "//button[@name='_zu']/@value"), "aufenthalt", "leads back");
}

static void check_result(fixture_t *f)
{
    eb_page_quickcheck_result(fixture_out(f), &f->view);
    check_page(f, "result");
    is_int(page_count(f, "//li[@class='ez-finding']"),
           page_count(f, "//section//li[p[@class='kern-body kern-body--bold']]"),
           "every finding says something");
    is_int(page_count(f, "//section[contains(@class,'ez-kind-danger')]"), 1,
           "something is missing");
    ok(strstr(page_string(f, "string(//section[contains(@class,'ez-kind-danger')])"),
              "ab: 01.05.2029"),
       "and from when it is there");
    is_int(page_count(f, "//a[@href='/antrag/']"), 1, "leads to the application all the same");
    ok(strstr(page_string(f, "string(//main)"), "Musterplatz 1"), "names the authority");
    f->view.neighbour = NULL;
    eb_page_quickcheck_result(fixture_out(f), &f->view);
    check_page(f, "result without an application");
    is_int(page_count(f, "//a[@href='/antrag/']"), 0, "leads to none");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    fixture_t f;
    checks_begin(pool);
    fixture_load(&f, "schemas/forms/quickcheck.xml", "schemas/codelists", pool);
    f.view.base = "/quickcheck";
    f.view.neighbour = "/antrag";
    check_start(&f);
    answer_all(&f);
    check_steps(&f);
    check_result(&f);
    check_classes(pool);
    fixture_end(&f);
    return done();
}
