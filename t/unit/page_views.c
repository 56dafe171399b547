/* Every page there is: well-formed, one h1, its links and forms, the texts that the law asks for,
 * and only classes that the pinned KERN has. */
#include "page_fixture.h"

#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_lib.h>

#define EVIL "\"><script>alert(1)</script>'"

/* Classes seen on any page; checked against KERN at the end. */
static apr_hash_t *classes;

static void collect_classes(fixture_t *f)
{
    xmlXPathObjectPtr all = fixture_eval(f, "//@class");
    for (int i = 0; all->nodesetval && i < all->nodesetval->nodeNr; i++) {
        xmlChar *text = xmlNodeGetContent(all->nodesetval->nodeTab[i]);
        char *last, *copy = apr_pstrdup(f->pool, (const char *)text);
        for (char *c = apr_strtok(copy, " ", &last); c; c = apr_strtok(NULL, " ", &last))
            apr_hash_set(classes, c, APR_HASH_KEY_STRING, c);
        xmlFree(text);
    }
    xmlXPathFreeObject(all);
}

static void check(fixture_t *f, const char *name)
{
    ok(fixture_read(f), apr_pstrcat(f->pool, name, ": well-formed", NULL));
    if (!f->doc)
        return;
    is_int(page_count(f, "//h1"), 1, "one h1");
    is_int(page_count(f, "//main"), 1, "one main");
    is_int(page_count(f, "//script|//*[@style]|//@onclick"), 0, "no script, no inline style");
    is_int(page_count(f, "//*[@id=preceding::*/@id or @id=ancestor::*/@id]"), 0, "no id twice");
    is_int(page_count(f, "//form[@method='post']"),
           page_count(f, "//form/input[@name='_ticket'][@value='t1']"), "forms have their ticket");
    is_int(page_count(f, "//label[not(@for=//@id)]"), 0, "labels have their fields");
    collect_classes(f);
}

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
    is_int(page_count(f, "//footer//a"), 3, "legal links");
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
    is_str(page_string(f, "//*[@id='fehler']//a/@href"), "/antrag/kinder/1/staat#staat",
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
    eb_receipt_t receipt = {"EB-2026-7K4M-92QX-3", apr_time_from_sec(1795633200)};
    eb_page_receipt(fixture_out(f), &f->view, &receipt);
    check(f, "receipt");
    ok(strstr(page_string(f, "//main"), "EB-2026-7K4M-92QX-3"), "the number");
    ok(strstr(page_string(f, "//main"), "25.11.2026, 20:00:00 MEZ"), "date, time and zone");
    is_int(page_count(f, "//dt[.='Familienname']"), 1, "a copy of the answers");
    is_int(page_count(f, "//dl//a"), 0, "without links to change them");
    receipt.accepted = apr_time_from_sec(1782900000);
    eb_page_receipt(fixture_out(f), &f->view, &receipt);
    check(f, "receipt in summer");
    ok(strstr(page_string(f, "//main"), "01.07.2026, 12:00:00 MESZ"), "summer time");
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
        ok(eb_notice_status((eb_notice_t)i) >= 400, "has a status");
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
    f->view.stale = false;
    eb_page_discard(fixture_out(f), &f->view);
    check(f, "discard");
}

static const char *slurp(const char *path, apr_pool_t *pool)
{
    apr_file_t *file;
    apr_finfo_t info;
    if (apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool) != APR_SUCCESS ||
        apr_file_info_get(&info, APR_FINFO_SIZE, file) != APR_SUCCESS)
        return NULL;
    char *text = apr_palloc(pool, (apr_size_t)info.size + 1);
    apr_size_t len = (apr_size_t)info.size;
    apr_file_read_full(file, text, len, &len);
    text[len] = '\0';
    apr_file_close(file);
    return text;
}

static bool has_class(const char *css, const char *class, apr_pool_t *pool)
{
    const char *rule = apr_pstrcat(pool, ".", class, NULL);
    for (const char *s = css; (s = strstr(s, rule)) != NULL; s++) {
        char next = s[strlen(rule)];
        if (!apr_isalnum(next) && next != '-' && next != '_')
            return true;
    }
    return false;
}

static void test_classes(apr_pool_t *pool)
{
    const char *kern = slurp("node_modules/@kern-ux/native/dist/kern.css", pool);
    const char *own = slurp("conf/theme/app.css", pool);
    if (!kern)
        skip(1, "node_modules/@kern-ux/native is not installed");
    for (apr_hash_index_t *i = apr_hash_first(pool, classes); i; i = apr_hash_next(i)) {
        const char *class = apr_hash_this_key(i);
        bool ours = !strncmp(class, "ez-", 3);
        if (ours || kern)
            ok(has_class(ours ? own : kern, class, pool), class);
    }
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    fixture_t f;
    classes = apr_hash_make(pool);
    fixture_sample(&f, pool);
    test_start(&f);
    test_site(&f);
    fill(&f);
    test_tasks(&f);
    test_entries(&f);
    test_entry_pages(&f);
    test_review(&f);
    test_receipt(&f);
    test_conflict(&f);
    test_notices(&f);
    test_stale(&f);
    fixture_end(&f);
    test_classes(pool);
    return done();
}
