/* Every page there is: well-formed, one h1, its links and forms, the texts that the law asks for,
 * and only classes that the pinned KERN has. */
#include "page_checks.h"

#define EVIL "\"><script>alert(1)</script>'"

static void fill(fixture_t *f)
{
    int entry;
    fixture_set(f, "person/familienname", EB_ROOT, "Özgür");
    fixture_set(f, "person/vornamen", EB_ROOT, "Ayşe");
    fixture_set(f, "person/geburtsdatum", EB_ROOT, "1990-03");
    fixture_set(f, "person/staat", EB_ROOT, "163");
    fixture_set(f, "person/stand", EB_ROOT, "VH");
    fixture_set(f, "person/hat_kinder", EB_ROOT, "true");
    fixture_set(f, "person/sprachen", EB_ROOT, "de uk");
    fixture_set(f, "person/grund", EB_ROOT, "Eins\nZwei " EVIL);
    fixture_set(f, "anschrift/strasse", EB_ROOT, "Weg 1");
    fixture_set(f, "anschrift/ort", EB_ROOT, "Ort");
    fixture_set(f, "geld/lohn", EB_ROOT, "1234.50");
    fixture_set(f, "geld/arbeitgeber", EB_ROOT, "Firma");
    eb_node_t *kind = eb_form_node(f->form, "kinder/kind");
    eb_instance_add(f->in, kind, 2, &entry);
    fixture_set(f, "kinder/kind/vornamen", 0, "Deniz" EVIL);
    fixture_set(f, "kinder/kind/geburtsdatum", 0, "2015-01-31");
    for (const eb_section_t *s = f->form->sections; s; s = s->next) {
        for (const eb_step_t *step = s->steps; step; step = step->next)
            eb_instance_set_seen(f->in, step, true);
    }
    f->view.deletion = (eb_date_t){2026, 12, 25};
}

static void test_start(fixture_t *f)
{
    eb_page_start(fixture_out(f), &f->view);
    check(f, "start, new");
    ok(strstr(page_string(f, "//main"), "255 €") && strstr(page_string(f, "//main"), "51 €"),
       "the fees");
    is_int(page_count(f, "//main//a[@href='https://musterstadt.example/datenschutz']"), 1,
           "privacy before the first entry");
    is_str(page_string(f, "//a[contains(@class, 'primary')]/@href"), "/antrag/name", "first step");
    is_int(page_count(f, "//footer//a"), 4, "legal links");
    static const char *const told[] = {"Für wen ist der Antrag?", "Was Sie brauchen",
                                       "Wie lange es dauert", "Was es kostet", "Ihre Daten"};
    for (int i = 0; i < 5; i++)
        is_int(page_count(f, apr_psprintf(f->pool, "//h2[.='%s']/following-sibling::p", told[i])) >
                   0,
               1, told[i]);
    ok(strstr(page_string(f, "//address"), "Musterplatz 1"), "who is responsible");
    is_int(page_count(f, "//main//nav//a"), 2, "explanations that the authority has");
    is_str(page_string(f, "//footer//a/@href"), "https://musterstadt.example/impressum?a=1&b=2",
           "escaped once");
    is_str(page_string(f, "//title"),
           "Muster & Probe – Muster & Probe – Stadt Musterstadt & Umland", "title");
    f->view.deletion = (eb_date_t){2026, 12, 25};
    eb_page_start(fixture_out(f), &f->view);
    check(f, "start, with a draft");
    is_str(page_string(f, "//a[contains(@class, 'primary')]"), "Antrag fortsetzen", "continue");
    ok(strstr(page_string(f, "//main"), "25.12.2026 um Mitternacht gelöscht"), "deletion date");
    f->view.deletion.year = 0;
}

static void test_site(fixture_t *f)
{
    eb_site_t plain = {.test = true, .theme_url = "/x.css?a=1&b='"};
    eb_site_prepare(&plain, f->pool);
    f->view.site = &plain;
    eb_page_start(fixture_out(f), &f->view);
    check(f, "nothing configured");
    is_int(page_count(f, "//footer"), 0, "no empty footer");
    is_int(page_count(f, "//main//nav"), 0, "no empty list of languages");
    is_int(page_count(f, "//p[contains(@class, 'ez-test')]"), 1, "a test installation says so");
    is_str(page_string(f, "//link[last()]/@href"), "/x.css?a=1&b='", "its theme comes last");
    f->view.site = &f->site;
}

static void test_tasks(fixture_t *f)
{
    eb_page_tasks(fixture_out(f), &f->view);
    check(f, "tasks");
    ok(strstr(page_string(f, "//main"), "6 von 7 Schritten vollständig"), "counted");
    is_int(page_count(f, "//li[contains(@class, 'task-list__item')]"), 8,
           "all steps and the review");
    is_int(page_count(f, "//a[@href='/antrag/pruefen']"), 0, "no way to the review yet");
    is_str(page_string(f, "//a[contains(@class, 'primary')]/@href"), "/antrag/kinder", "next open");
    is_str(page_string(f, "//*[@id='ez-stand-name']"), "Vollständig", "done");
    is_str(page_string(f, "//*[@id='ez-stand-kinder']"), "In Bearbeitung", "started");
    is_int(page_count(f, "//a[@href='/antrag/loeschen']"), 1, "the draft can be deleted");

    fixture_set(f, "person/hat_kinder", EB_ROOT, "false");
    fixture_set(f, "person/grund", EB_ROOT, NULL);
    eb_page_tasks(fixture_out(f), &f->view);
    check(f, "tasks, all done");
    ok(strstr(page_string(f, "//main"), "6 von 6 Schritten vollständig"), "one step fewer");
    is_int(page_count(f, "//a[@href='/antrag/pruefen']"), 2, "the review is open");
    fixture_set(f, "person/hat_kinder", EB_ROOT, "true");
    fixture_set(f, "person/grund", EB_ROOT, "Eins\nZwei " EVIL);
}

static void test_entries(fixture_t *f)
{
    eb_step_t *step = eb_form_step(f->form, "kinder");
    eb_page_entries(fixture_out(f), &f->view, step);
    check(f, "entries");
    is_str(page_string(f, "//li[@class='ez-entry']/span"), "Kind 1: Deniz" EVIL, "an entry");
    is_str(page_string(f, "//li[@class='ez-entry']//a[1]/@href"), "/antrag/kinder/1", "change");
    is_str(page_string(f, "//li[@class='ez-entry']//a[1]"), "Ändern: Kind 1: Deniz" EVIL,
           "the link says what");
    is_int(page_count(f, "//a[@href='/antrag/kinder/1/entfernen']"), 1, "remove");
    is_int(page_count(f, "//a[@href='/antrag/kinder/2']"), 1, "add");
    ok(strstr(page_string(f, "//label[@for='ez-fortschritt']"), "Schritt 5 von 7: Ihre Kinder"),
       "progress");

    eb_errors_t *errors = eb_errors_new(f->pool);
    eb_errors_add(errors, eb_form_node(f->form, "kinder"), EB_ROOT, 0, "Bitte mehr Kinder.");
    eb_errors_add(errors, eb_form_node(f->form, "kinder/kind/staat"), 0, 0, "Bitte wählen.");
    f->view.errors = errors;
    eb_page_entries(fixture_out(f), &f->view, step);
    check(f, "entries with errors");
    is_str(page_string(f, "//*[@id='fehler']//li[1]"), "Bitte mehr Kinder.", "of the list");
    is_str(page_string(f, "//*[@id='fehler']//li[1]/a/@href"), "#ez-neu",
           "with a link to the way out");
    is_str(page_string(f, "//a[@id='ez-neu']/@href"), "/antrag/kinder/2", "which adds one");
    is_str(page_string(f, "//*[@id='fehler']//li[2]/a/@href"), "/antrag/kinder/1/staat#staat",
           "a link to the entry's page");
    f->view.errors = NULL;

    int entry;
    eb_instance_add(f->in, eb_form_node(f->form, "kinder/kind"), 2, &entry);
    eb_page_entries(fixture_out(f), &f->view, step);
    check(f, "entries, full");
    is_int(page_count(f, "//a[@href='/antrag/kinder/3']"), 0, "no more than `max`");
    eb_instance_remove(f->in, eb_form_node(f->form, "kinder/kind"), 1);
}

static void test_entry_pages(fixture_t *f)
{
    eb_step_t *step = eb_form_step(f->form, "kinder");
    f->view.c.entry = 0;
    eb_page_step(fixture_out(f), &f->view, step->pages->next);
    check(f, "second page of an entry");
    is_str(page_string(f, "//p[@class='kern-preline']"), "Kind 1: Deniz" EVIL, "named above");
    is_str(page_string(f, "//form/@action"), "/antrag/kinder/1/staat", "action");
    eb_page_remove(fixture_out(f), &f->view, step);
    check(f, "remove");
    is_str(page_string(f, "//form/@action"), "/antrag/kinder/1/entfernen", "action");
    f->view.c.entry = 1;
    eb_page_step(fixture_out(f), &f->view, step->pages);
    check(f, "a new entry");
    is_str(page_string(f, "//p[@class='kern-preline']"), "Kind 2", "without a name yet");
    is_str(page_string(f, "//form/@action"), "/antrag/kinder/2", "action");
    f->view.c.entry = EB_ROOT;
}

static void test_review(fixture_t *f)
{
    eb_page_review(fixture_out(f), &f->view);
    check(f, "review");
    is_str(page_string(f, "//dt[.='Familienname']/../dd"), "Özgür", "a text");
    is_str(page_string(f, "//dt[.='Geburtsdatum']/../dd"), "03/1990", "a partial date");
    is_str(page_string(f, "//dt[.='Geburtsstaat']/../dd"), "Türkei", "a code's name");
    is_str(page_string(f, "//dt[.='Haben Sie Kinder?']/../dd"), "Ja", "an item's label");
    is_str(page_string(f, "//dt[.='Sprachen']/../dd"), "DeutschUkrainisch", "several");
    is_str(page_string(f, "//dt[.='Ich habe nur einen Namen']/../dd"), "nein", "a box not ticked");
    is_str(page_string(f, "//dt[.='Tag der Einreise']/../dd"), "keine Angabe", "not answered");
    is_str(page_string(f, "//dt[.='Lohn']/../dd"), "1.234,50 €", "an amount");
    is_str(page_string(f, "//dt[.='Warum?']/../dd/bdi"), "Eins\nZwei " EVIL, "a long text");
    is_int(page_count(f, "//h3[starts-with(., 'Kind 1: Deniz')]"), 1, "an entry's heading");
    is_int(page_count(f, "//h3[.='Hauptwohnung']"), 1, "a group's heading");
    is_str(page_string(f, "//dt[.='Geburtsdatum']/..//a/@href"),
           "/antrag/herkunft#person.geburtsdatum.tag", "a link to the field");
    is_str(page_string(f, "//dt[.='Staat']/..//a/@href"), "/antrag/kinder/1/staat#staat",
           "of an entry");
    is_int(page_count(f, "//input[@name='_bestaetigt'][@value='ja'][not(@checked)]"), 1,
           "an active confirmation");
    is_str(page_string(f, "//button"), "Antrag verbindlich absenden", "the button says it");
    ok(strstr(page_string(f, "//address"), "Musterplatz 1"), "the receiver");

    eb_errors_t *errors = eb_errors_new(f->pool);
    eb_errors_add(errors, NULL, EB_ROOT, 0, "Bitte bestätigen Sie.");
    f->view.errors = errors;
    eb_page_review(fixture_out(f), &f->view);
    check(f, "review, not confirmed");
    is_str(page_string(f, "//*[@id='fehler']//a/@href"), "#_bestaetigt", "link");
    is_int(page_count(f, "//*[@id='_bestaetigt-fehler']"), 1, "error at the box");
    f->view.errors = NULL;
}

static void test_receipt(fixture_t *f)
{
    eb_receipt_t receipt = {"EB-2026-7K4M-92QX-3", apr_time_from_sec(1795633200),
                            "K7M4QX-9D2PRT-CDFHJK", "https://stadt.example/antrag/status"};
    eb_page_receipt(fixture_out(f), &f->view, &receipt);
    check(f, "receipt");
    is_int(page_count(f, "//bdi[.='EB-2026-7K4M-92QX-3']"), 1, "the number");
    is_int(page_count(f, "//bdi[.='K7M4QX-9D2PRT-CDFHJK']"), 1,
           "the code, in its own direction: it may begin with a digit");
    ok(strstr(page_string(f, "//main"), "25.11.2026, 20:00:00 MEZ"), "date, time and zone");
    is_int(page_count(f, "//dt[.='Familienname']"), 1, "a copy of the answers");
    is_int(page_count(f, "//dl//a"), 0, "without links to change them");
    receipt.accepted = apr_time_from_sec(1782900000);
    eb_page_receipt(fixture_out(f), &f->view, &receipt);
    check(f, "receipt in summer");
    ok(strstr(page_string(f, "//main"), "01.07.2026, 12:00:00 MESZ"), "summer time");
}

static void test_pause(fixture_t *f)
{
    eb_pause_t pause = {NULL, "https://stadt.example/antrag/fortsetzen"};
    f->view.deletion = (eb_date_t){2026, 12, 25};
    eb_page_pause(fixture_out(f), &f->view, &pause);
    check(f, "pause");
    is_int(page_count(f, "//*[@class='ez-code']"), 0, "no code unasked");
    ok(strstr(page_string(f, "//main"), "25.12.2026"), "the day of deletion");
    pause.code = "K7M4QX-9D2PRT-CDFHJK";
    eb_page_pause(fixture_out(f), &f->view, &pause);
    check(f, "code");
    is_str(page_string(f, "//*[@class='ez-code']"), pause.code, "the code");
    ok(strstr(page_string(f, "//main"), pause.url), "where it is typed");
    is_int(page_count(f, "//form//*[@class='ez-code']"), 0,
           "not in the form, which is not printed");

    eb_errors_t *errors = eb_errors_new(f->pool);
    eb_errors_add(errors, NULL, EB_ROOT, 0, "Bitte bestätigen Sie.");
    f->view.errors = errors;
    eb_page_pause(fixture_out(f), &f->view, &pause);
    check(f, "code, not noted");
    is_str(page_string(f, "//*[@id='fehler']//a/@href"), "#_bestaetigt", "link to the box");
    eb_page_resume(fixture_out(f), &f->view, EVIL);
    check(f, "resume, with an error");
    is_str(page_string(f, "//*[@id='fehler']//a/@href"), "#code", "link to the field");
    is_str(page_string(f, "//textarea"), EVIL, "what was typed");
    is_str(page_string(f, "//textarea/@aria-describedby"), "code-hint code-fehler", "described");
    f->view.errors = NULL;
    f->view.deletion.year = 0;
    eb_page_resume(fixture_out(f), &f->view, NULL);
    check(f, "resume");
}

static void test_standing(fixture_t *f)
{
    eb_standing_t standing = {.number = "EB-2026-7K4M-92QX-3",
                              .accepted = apr_time_from_sec(1795633200),
                              .changed = apr_time_from_sec(1795633260)};
    static const int reached[] = {
        [EB_STANDING_RECEIVED] = 1, [EB_STANDING_LATE] = 1,   [EB_STANDING_PROBLEM] = 1,
        [EB_STANDING_HANDED] = 2,   [EB_STANDING_ASTRAY] = 2, [EB_STANDING_ARRIVED] = 3};

    for (int i = EB_STANDING_RECEIVED; i <= EB_STANDING_ARRIVED; i++) {
        standing.state = (eb_standing_state_t)i;
        eb_page_standing(fixture_out(f), &f->view, &standing);
        check(f, apr_psprintf(f->pool, "standing %d", i));
        is_int(page_count(f, "//ol/li[span[2]='noch nicht']"), 3 - reached[i], "stations to come");
        is_str(page_string(f, "//ol/li[1]/span[2]"), "25.11.2026, 20:00:00 MEZ", "received");
        ok(strstr(page_string(f, "//main"), "Sie müssen nichts tun"), "nothing to do");
        ok(strstr(page_string(f, "//address"), "Musterplatz 1"), "whom to ask");
    }
    is_str(page_string(f, "//ol/li[3]/span[2]"), "25.11.2026, 20:01:00 MEZ", "arrived");

    eb_errors_t *errors = eb_errors_new(f->pool);
    eb_errors_add(errors, NULL, EB_ROOT, 1, "Bitte geben Sie Ihren Code ein.");
    f->view.errors = errors;
    eb_page_ask(fixture_out(f), &f->view, "EB-1", "");
    check(f, "asking, with an error");
    is_str(page_string(f, "//*[@id='fehler']//a/@href"), "#code", "about the second field");
    is_str(page_string(f, "//input[@id='nummer']/@value"), "EB-1", "the first one is kept");
    is_int(page_count(f, "//*[@aria-invalid]"), 1, "only one is wrong");
    f->view.errors = NULL;
}

static void test_conflict(fixture_t *f)
{
    eb_instance_t *typed = eb_instance_new(f->form, f->pool);
    const eb_page_t *page = eb_form_step(f->form, "herkunft")->pages;
    eb_instance_set(typed, eb_form_node(f->form, "person/geburtsdatum"), EB_ROOT, "31.02." EVIL);
    eb_instance_set(typed, eb_form_node(f->form, "person/sprachen"), EB_ROOT, "tr uk");
    eb_instance_set(typed, eb_form_node(f->form, "person/stand"), EB_ROOT, "VH");
    eb_page_conflict(fixture_out(f), &f->view, page, typed);
    check(f, "conflict");
    is_str(page_string(f, "//tr[th='Geburtsdatum']/td[1]"), "03/1990", "stored");
    is_str(page_string(f, "//tr[th='Geburtsdatum']/td[2]"), "31.02." EVIL, "typed");
    is_int(page_count(f, "//tr[th='Familienstand']"), 0, "what is the same is not asked");
    is_str(page_string(f, "//input[@name='person.geburtsdatum.tag']/@value"), "31", "kept: day");
    is_int(page_count(f, "//input[@name='person.sprachen']"), 2, "kept: both boxes");
    is_str(page_string(f, "//input[@name='person.stand']/@value"), "VH", "kept: the same, too");
    is_str(page_string(f, "//form/@action"), "/antrag/herkunft", "action");
}

static void test_notices(fixture_t *f)
{
    for (int i = 0; i < EB_NOTICE_COUNT; i++) {
        eb_page_notice(fixture_out(f), &f->view, (eb_notice_t)i);
        check(f, apr_psprintf(f->pool, "notice %d", i));
        bool wanted = i == EB_NOTICE_CLOSED || i == EB_NOTICE_DISCARDED;
        ok(wanted ? eb_notice_status((eb_notice_t)i) == 200
                  : eb_notice_status((eb_notice_t)i) >= 400,
           "has a status");
        ok(*page_string(f, "//h1") && *page_string(f, "//main/div/p[3]"), "and its texts");
    }
    eb_page_notice(fixture_out(f), &f->view, EB_NOTICE_INCOMPLETE);
    fixture_read(f);
    is_str(page_string(f, "//main//li/a/@href"), "/antrag/kinder", "names what is open");
}

static void test_stale(fixture_t *f)
{
    f->view.stale = true;
    f->view.ticket = "t1";
    eb_page_step(fixture_out(f), &f->view, eb_form_step(f->form, "name")->pages);
    check(f, "stale");
    is_int(page_count(f, "//div[contains(@class, 'warning')][@role='alert']"), 1, "a warning");
    f->view.ended = true;
    eb_page_step(fixture_out(f), &f->view, eb_form_step(f->form, "name")->pages);
    check(f, "ended");
    is_int(page_count(f, "//div[@role='alert']//a[@href='/antrag/fortsetzen']"), 1, "the way back");
    f->view.stale = f->view.ended = false;
    eb_page_discard(fixture_out(f), &f->view);
    check(f, "discard");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    fixture_t f;
    checks_begin(pool);
    fixture_sample(&f, pool);
    test_start(&f);
    test_site(&f);
    fill(&f);
    test_tasks(&f);
    test_entries(&f);
    test_entry_pages(&f);
    test_review(&f);
    test_receipt(&f);
    test_pause(&f);
    test_standing(&f);
    test_conflict(&f);
    test_notices(&f);
    test_stale(&f);
    fixture_end(&f);
    check_classes(pool);
    return done();
}
