/* Every kind of control: its answer, its error, what assistive technology is told, and that nothing
 * an applicant types becomes markup. */
#include "page_fixture.h"

#define EVIL "\"><script>alert(1)</script>'<b onclick='x'>&amp;&"

static void draw(fixture_t *f, const char *step, const eb_errors_t *errors)
{
    f->view.errors = errors;
    eb_page_step(fixture_out(f), &f->view, eb_form_step(f->form, step)->pages);
    ok(fixture_read(f), "well-formed");
}

static void test_text(fixture_t *f)
{
    draw(f, "name", NULL);
    is_int(page_count(f, "//h1"), 1, "one h1");
    is_str(page_string(f, "//label[@for='person.familienname']"), "Familienname", "label");
    is_str(page_string(f, "//*[@id='person.familienname-hint']"), "Zum Beispiel: García & O'Neill",
           "hint");
    is_str(page_string(f, "//input[@id='person.familienname']/@aria-describedby"),
           "person.familienname-hint", "the hint describes the field");
    is_str(page_string(f, "//input[@id='person.familienname']/@autocomplete"), "family-name",
           "autocomplete");
    is_str(page_string(f, "//input[@id='person.familienname']/@aria-required"), "true", "needed");
    is_int(page_count(f, "//input[@required or @maxlength]"), 0, "the browser decides nothing");
    is_str(page_string(f, "//input[@id='person.familienname']/@dir"), "ltr", "Latin letters");
    is_str(page_string(f, "//details/summary"), "Hilfe: Familienname", "help has a name");
    is_str(page_string(f, "//details/div"), "Der Name, der im Pass steht.", "help");
    is_int(page_count(f, "//*[@aria-invalid]"), 0, "nothing is wrong");
    ok(strstr(page_string(f, "//main"), "Schreiben Sie alles wie im Pass."), "prose");
    is_int(page_count(f, "//p[contains(., 'optional')]"), 0, "nothing optional, no note");

    fixture_set(f, "person/familienname", EB_ROOT, EVIL);
    draw(f, "name", NULL);
    is_str(page_string(f, "//input[@id='person.familienname']/@value"), EVIL,
           "typed text survives");
    is_int(page_count(f, "//script|//b"), 0, "and is no markup");
}

static void test_checkbox(fixture_t *f)
{
    draw(f, "name", NULL);
    is_int(page_count(f, "//input[@id='person.ohne_vorname'][@checked]"), 0, "not ticked");
    is_int(page_count(f, "//label[@for='person.ohne_vorname']/*"), 0, "a box is never optional");
    fixture_set(f, "person/ohne_vorname", EB_ROOT, "true");
    draw(f, "name", NULL);
    is_int(page_count(f, "//input[@type='checkbox'][@value='true'][@checked='checked']"), 1,
           "ticked");
    fixture_set(f, "person/ohne_vorname", EB_ROOT, NULL);
}

static void test_errors(fixture_t *f)
{
    eb_errors_t *errors = eb_errors_new(f->pool);
    eb_errors_add(errors, eb_form_node(f->form, "person/familienname"), EB_ROOT, 0,
                  "Das Zeichen <ж> geht nicht.");
    draw(f, "name", errors);
    ok(!strncmp(page_string(f, "//title"), "Fehler: Ihr Name – Muster & Probe", 20), "title");
    is_str(page_string(f, "//*[@id='fehler']/@role"), "alert", "error summary");
    is_str(page_string(f, "//*[@id='fehler']/@autofocus"), "autofocus", "takes the focus");
    is_str(page_string(f, "//*[@id='fehler']//h2"), "Bitte prüfen Sie eine Angabe", "one error");
    is_str(page_string(f, "//*[@id='fehler']//a/@href"), "#person.familienname", "link");
    is_str(page_string(f, "//*[@id='fehler']//a"), "Familienname: Das Zeichen <ж> geht nicht.",
           "label and text");
    is_str(page_string(f, "//input[@id='person.familienname']/@aria-invalid"), "true", "invalid");
    is_str(page_string(f, "//input[@id='person.familienname']/@aria-describedby"),
           "person.familienname-hint person.familienname-fehler", "hint and error describe it");
    is_str(page_string(f, "//*[@id='person.familienname-fehler']"), "Das Zeichen <ж> geht nicht.",
           "error at the field");
    is_int(page_count(f, "//div[contains(@class, 'kern-form-input--error')]"), 1,
           "one faulty field");
}

static void test_date(fixture_t *f)
{
    fixture_set(f, "person/geburtsdatum", EB_ROOT, "1990-03-24");
    draw(f, "herkunft", NULL);
    is_str(page_string(f, "//input[@name='person.geburtsdatum.tag']/@value"), "24", "day");
    is_str(page_string(f, "//input[@name='person.geburtsdatum.monat']/@value"), "3", "month");
    is_str(page_string(f, "//input[@name='person.geburtsdatum.jahr']/@value"), "1990", "year");
    is_str(page_string(f, "//input[@name='person.geburtsdatum.tag']/@autocomplete"), "bday-day",
           "autocomplete");
    is_int(page_count(f, "//input[@name='person.geburtsdatum.tag'][@aria-required]"), 0,
           "a partial date needs no day");
    is_int(page_count(f, "//input[@name='person.geburtsdatum.jahr'][@aria-required]"), 1, "a year");
    is_int(page_count(f, "//fieldset[legend[contains(., 'Geburtsdatum')]]//ul/li"), 1,
           "help may be prose");

    fixture_set(f, "person/geburtsdatum", EB_ROOT, "1957");
    draw(f, "herkunft", NULL);
    is_str(page_string(f, "//input[@name='person.geburtsdatum.tag']/@value"), "", "no day");
    is_str(page_string(f, "//input[@name='person.geburtsdatum.jahr']/@value"), "1957", "the year");

    fixture_set(f, "person/geburtsdatum", EB_ROOT, "31.<b>.1990");
    eb_errors_t *errors = eb_errors_new(f->pool);
    eb_errors_add(errors, eb_form_node(f->form, "person/geburtsdatum"), EB_ROOT, 2, "Den Monat …");
    eb_errors_add(errors, eb_form_node(f->form, "person/hat_kinder"), EB_ROOT, 0, "Bitte wählen.");
    draw(f, "herkunft", errors);
    is_str(page_string(f, "//input[@name='person.geburtsdatum.monat']/@value"), "<b>", "as typed");
    is_str(page_string(f, "//*[@id='fehler']//a/@href"), "#person.geburtsdatum.monat",
           "the link leads to the wrong part");
    is_int(page_count(f, "//input[@aria-invalid]"), 1, "only the wrong part is invalid");
    is_str(page_string(f, "//input[@aria-invalid]/@id"), "person.geburtsdatum.monat", "this one");
    is_str(page_string(f, "(//*[@id='fehler']//a)[2]"), "Haben Sie Kinder? Bitte wählen.",
           "no colon behind a question");
    is_int(page_count(f, "//input[contains(@class, 'kern-form-check__radio--error')]"), 2,
           "both buttons are drawn as faulty");
    is_int(page_count(f, "//*[@id=substring(//*[@id='fehler']//li[2]/a/@href, 2)]"), 1,
           "the link of a question arrives");
    fixture_set(f, "person/geburtsdatum", EB_ROOT, NULL);
}

static void test_choices(fixture_t *f)
{
    draw(f, "herkunft", NULL);
    is_int(page_count(f, "//option[@selected]|//input[@checked]"), 0, "nothing chosen yet");
    is_int(page_count(f, "//legend[contains(., 'Sprachen')]/span"), 1, "optional");
    is_int(page_count(f, "//legend[contains(., 'Kinder')]/span"), 0, "not optional");
    is_int(page_count(f, "//p[contains(., 'nicht mit „optional“')]"), 1, "and a note that says so");
    fixture_set(f, "person/staat", EB_ROOT, "x&y");
    fixture_set(f, "person/stand", EB_ROOT, "VH");
    fixture_set(f, "person/hat_kinder", EB_ROOT, "false");
    fixture_set(f, "person/sprachen", EB_ROOT, "de uk");
    draw(f, "herkunft", NULL);
    is_str(page_string(f, "//select[@id='person.staat']//option[@selected]"),
           "Côte d'Ivoire & <mehr>", "a code of the list");
    is_str(page_string(f, "//select[@id='person.stand']/option[@selected]/@value"), "VH",
           "an item");
    is_str(page_string(f, "//input[@type='radio'][@checked]/@value"), "false", "a radio button");
    is_int(page_count(f, "//input[@type='checkbox'][@checked]"), 2, "two boxes");
    fixture_set(f, "person/staat", EB_ROOT, EVIL);
    fixture_set(f, "person/stand", EB_ROOT, EVIL);
    fixture_set(f, "person/hat_kinder", EB_ROOT, EVIL);
    fixture_set(f, "person/sprachen", EB_ROOT, EVIL);
    draw(f, "herkunft", NULL);
    is_int(page_count(f, "//script|//b"), 0, "invented choices are no markup");
    fixture_set(f, "person/staat", EB_ROOT, "138");
    draw(f, "herkunft", NULL);
    is_str(page_string(f, "//select[@id='person.staat']//option[@selected]"), "Jugoslawien",
           "a state of old data is kept");
    is_str(page_string(f, "//dt[.='Kennung']/following-sibling::dd"), "K-" EVIL, "an output");
}

static void test_money(fixture_t *f)
{
    draw(f, "geld", NULL);
    is_str(page_string(f, "//label[@for='geld.arbeitgeber']/span"), "– optional",
           "optional by the answer to another question");
    fixture_set(f, "geld/lohn", EB_ROOT, "1234.56");
    fixture_set(f, "geld/anmerkung", EB_ROOT, "\nZeile <1>\nZeile 2");
    draw(f, "geld", NULL);
    is_str(page_string(f, "//input[@id='geld.lohn']/@value"), "1234,56", "a German number");
    is_str(page_string(f, "//input[@id='geld.lohn']/@inputmode"), "decimal", "input mode");
    ok(strstr(page_string(f, "//input[@id='geld.lohn']/@class"), "width-4"), "narrow");
    is_int(page_count(f, "//label[@for='geld.arbeitgeber']/span"), 0, "needed now");
    is_int(page_count(f, "//input[@id='geld.arbeitgeber'][@aria-required]"), 1, "and it says so");
    is_str(page_string(f, "//textarea"), "\n\nZeile <1>\nZeile 2",
           "lines; HTML drops the first LF");
    fixture_set(f, "geld/lohn", EB_ROOT, "1.2.3");
    draw(f, "geld", NULL);
    is_str(page_string(f, "//input[@id='geld.lohn']/@value"), "1.2.3", "no number: as typed");
}

static void test_readonly(fixture_t *f)
{
    fixture_set(f, "person/hat_kinder", EB_ROOT, NULL);
    fixture_set(f, "person/kennung", EB_ROOT, "<b>K</b>");
    draw(f, "grund", NULL);
    is_int(page_count(f, "//*[@name='person.kennung']"), 0, "a computed answer is no field");
    is_str(page_string(f, "//dt[.='Ihre Kennung']/following-sibling::dd/bdi"), "<b>K</b>",
           "but text");
    is_int(page_count(f, "//textarea"), 0, "what does not apply is not asked");
    fixture_set(f, "person/hat_kinder", EB_ROOT, "true");
    draw(f, "grund", NULL);
    is_int(page_count(f, "//textarea"), 1, "until it applies");
}

static void test_group(fixture_t *f)
{
    draw(f, "anschrift", NULL);
    is_str(page_string(f, "//fieldset/legend"), "Hauptwohnung", "a group has its legend");
    is_int(page_count(f, "//fieldset//input[@type='text']"), 2, "and its controls");
    eb_errors_t *errors = eb_errors_new(f->pool);
    eb_errors_add(errors, eb_form_node(f->form, "anschrift/ort"), EB_ROOT, 0, "Bitte …");
    draw(f, "anschrift", errors);
    is_str(page_string(f, "//*[@id='anschrift.ort-fehler']"), "Bitte …", "an error within a group");
    is_int(page_count(f, "//fieldset[contains(@class, 'error')]"), 0, "not of the group");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    fixture_t f;
    fixture_sample(&f, pool);
    test_text(&f);
    test_checkbox(&f);
    test_errors(&f);
    test_date(&f);
    test_choices(&f);
    test_money(&f);
    test_readonly(&f);
    test_group(&f);
    fixture_end(&f);
    return done();
}
