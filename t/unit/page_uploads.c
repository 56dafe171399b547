/* Pages that ask for documents: what is told before, the lists, every error of every file, the
 * question before one is removed, fixed lists of entries; and that no file name becomes markup. */
#include "page_checks.h"

#define EVIL     "\"><script>alert(1)'&amp;.pdf"
#define ID(last) "AAAAAAAAAAAAAAAAAAAAA" last

static const eb_file_t pdf = {ID("A"), EVIL, "application/pdf", 1258291, EB_FILE_CLEAN};
static const eb_file_t jpeg = {ID("Q"), "Seite 2.jpg", "image/jpeg", 2048, EB_FILE_PENDING};
static const eb_file_t png = {ID("g"), "Seite 3.png", "image/png", 12, EB_FILE_UNSCANNED};

static void set(fixture_t *f, const char *path, int entry, bool later, int count)
{
    eb_file_t list[] = {pdf, jpeg, png};
    eb_files_t files = {later, list, count};
    fixture_set(f, path, entry, eb_files_text(&files, f->pool));
}

static const eb_page_t *draw(fixture_t *f, const char *step, const char *name)
{
    const eb_page_t *page = eb_form_step(f->form, step)->pages;
    eb_page_step(fixture_out(f), &f->view, page);
    check(f, name);
    return page;
}

static void test_empty(fixture_t *f)
{
    draw(f, "pass", "nothing uploaded");
    is_str(page_string(f, "//form/@enctype"), "multipart/form-data", "sent as multipart");
    is_str(page_string(f, "//form/@action"), "/antrag/pass", "to the page itself");
    is_str(page_string(f, "//*[@id='ez-belegt']"),
           "Bisher in Ihrem Antrag: 0 von 30 Dateien, 0 Byte von 80 MB.", "what is used");
    is_str(page_string(f, "//*[@id='nachweise.pass-grenzen']"),
           "PDF, JPEG oder PNG, höchstens 10 MB je Datei", "limits are told before");
    is_int(page_count(f, "//input[@type='file'][@name][@multiple][contains(@accept, '.pdf')]"), 2,
           "a file input each");
    is_str(page_string(f, "//label[@for='nachweise.pass']"),
           "Dateien auswählen: Pass <oder> Ausweis", "its name says for what");
    is_int(page_count(f, "//fieldset[legend[contains(., 'Pass')]]/legend/span"), 0, "needed");
    is_int(page_count(f, "//fieldset[legend[contains(., 'Foto')]]/legend/span"), 1, "optional");
    is_str(page_string(f, "//fieldset[1]/@aria-describedby"), "nachweise.pass-hint", "the hint");
    is_str(page_string(f, "//fieldset[1]/details/summary"), "Hilfe: Pass <oder> Ausweis", "help");
    is_int(page_count(f, "//input[@name='nachweise.pass.spaeter'][@value='ja'][not(@checked)]"), 1,
           "a box for later");
    is_int(page_count(f, "//button[@name='_hochladen']"), 1, "one button that uploads");
    is_int(page_count(f, "//button[@name='_weiter']"), 1, "one that goes on");
    is_int(page_count(f, "//form//button[@type='submit'][1][not(@name)][@tabindex='-1']"), 1,
           "Enter goes on");
    is_int(page_count(f, "//ol[@class='ez-files']|//template/*/descendant-or-self::*/@id"), 0,
           "no list yet");
}

static void test_script(fixture_t *f)
{
    is_str(page_string(f, "//script/@src"), "/antrag/-/0/upload.js", "the script is a file");
    is_str(page_string(f, "//form/@data-max"), "10485760", "it knows the limit");
    is_str(page_string(f, "//form/@data-too-large"),
           "Sie ist größer als 10 MB. Bitte verkleinern Sie sie, oder teilen Sie das Dokument auf "
           "mehrere Dateien auf.",
           "and what the server would say");
    is_str(page_string(f, "//form/@data-errors"),
           "Bitte prüfen Sie eine Angabe|Bitte prüfen Sie {count} Angaben",
           "its forms for a count");
    is_int(page_count(f, "//template/*[@data-part]"), 4, "and what to draw");
    is_int(page_count(f, "//main//*[@role='status']"), 0, "its voice outlives the page's content");
}

static void test_list(fixture_t *f)
{
    set(f, "nachweise/pass", EB_ROOT, true, 3);
    draw(f, "pass", "three files");
    is_int(page_count(f, "//ol[@class='ez-files']/li"), 3, "three rows");
    is_str(page_string(f, "//ol/@aria-label"), "Hochgeladene Dateien: Pass <oder> Ausweis",
           "named");
    is_str(page_string(f, "//ol/li[1]//bdi"), EVIL, "a name is a text");
    is_str(page_string(f, "//ol/li[1]/div/span"), "PDF, 1,2 MB, geprüft", "kind, size, state");
    is_str(page_string(f, "//ol/li[2]/div/span"), "JPEG, 2 KB, wird noch auf Schadsoftware geprüft",
           "not seen by a scanner yet");
    is_str(page_string(f, "//ol/li[3]/div/span"), "PNG, 12 Byte", "no scanner here");
    is_str(page_string(f, "//ol/li[1]/@data-size"), "1258291", "its size, for the script");
    is_int(page_count(f, "//ol/li[1]//button"), 0, "the first is at the top");
    is_str(page_string(f, "//ol/li[2]//button/@name"), "_hoch." ID("Q"), "moved up by its id");
    is_str(page_string(f, "//ol/li[2]//button"), "Nach oben: Seite 2.jpg", "the button says which");
    is_str(page_string(f, "//ol/li[1]//a/@href"), "/antrag/pass/datei/" ID("A"), "removed by id");
    is_str(page_string(f, "//ol/li[1]//a"), "Entfernen: " EVIL, "the link says which");
    is_int(page_count(f, "//input[@name='nachweise.pass.spaeter'][@checked='checked']"), 1,
           "later");
    is_str(page_string(f, "//*[@id='ez-belegt']"),
           "Bisher in Ihrem Antrag: 3 von 30 Dateien, 1,2 MB von 80 MB.", "what is used");
}

static void test_errors(fixture_t *f)
{
    const eb_node_t *pass = eb_form_node(f->form, "nachweise/pass");
    eb_errors_t *errors = eb_errors_new(f->pool);
    eb_errors_add(errors, pass, EB_ROOT, 0, "Die Datei „" EVIL "“ ist zu groß.");
    eb_errors_add(errors, eb_form_node(f->form, "name"), EB_ROOT, 0, "Bitte nennen.");
    eb_errors_add(errors, pass, EB_ROOT, 0, "Die Datei „b.exe“ ist kein Dokument.");
    f->view.errors = errors;
    draw(f, "pass", "three errors");
    is_int(page_count(f, "//*[@id='fehler']//li"), 3, "all in the summary");
    is_str(page_string(f, "//*[@id='fehler']//li[1]/a/@href"), "#nachweise.pass", "link");
    is_int(page_count(f, "//input[@type='file'][@id='nachweise.pass'][@aria-invalid]"), 1,
           "to the file input");
    is_int(page_count(f, "//*[@id='nachweise.pass-fehler']/p[@class='kern-error']"), 2,
           "both at the control");
    ok(strstr(page_string(f, "//*[@id='nachweise.pass-fehler']"), "„" EVIL "“"), "as texts");
    is_int(page_count(f, "//*[@id='nachweise.foto-fehler']/p"), 0, "none at the other");
    is_int(page_count(f, "//fieldset[contains(@class, 'kern-fieldset--error')]"), 1, "one faulty");
    ok(strstr(page_string(f, "//input[@id='nachweise.pass']/@aria-describedby"),
              "nachweise.pass-fehler"),
       "they describe the input");
    f->view.errors = NULL;
}

static void test_remove(fixture_t *f)
{
    const eb_page_t *page = eb_form_step(f->form, "pass")->pages;
    const eb_node_t *pass = eb_form_node(f->form, "nachweise/pass");
    eb_page_file(fixture_out(f), &f->view, page, pass->control, &pdf);
    check(f, "remove a file");
    is_str(page_string(f, "//form/@action"), "/antrag/pass/datei/" ID("A"), "action");
    is_int(page_count(f, "//form[@enctype]"), 0, "sent as other forms are");
    is_str(page_string(f, "//main//bdi"), EVIL, "which file");
    is_int(page_count(f, "//button[@name='_weiter']"), 1, "the button removes");
    is_str(page_string(f, "//form//a/@href"), "/antrag/pass#nachweise.pass", "or back");

    f->view.c.entry = 1;
    page = eb_form_step(f->form, "kinder-dokumente")->pages->next;
    eb_page_file(fixture_out(f), &f->view, page, page->controls, &png);
    check(f, "remove a file of an entry");
    is_str(page_string(f, "//form/@action"), "/antrag/kinder-dokumente/2/schule/datei/" ID("g"),
           "action");
    f->view.c.entry = EB_ROOT;
}

static void test_fixed(fixture_t *f)
{
    eb_node_t *kind = eb_form_node(f->form, "kinder/kind");
    const eb_step_t *step = eb_form_step(f->form, "kinder-dokumente");
    int entry;
    for (int i = 0; i < 3; i++)
        eb_instance_add(f->in, kind, 3, &entry);
    fixture_set(f, "kinder/kind/vornamen", 0, "Ayşe" EVIL);
    fixture_set(f, "kinder/kind/vornamen", 1, "Groß");
    fixture_set(f, "kinder/kind/volljaehrig", 1, "true");
    fixture_set(f, "kinder/kind/vornamen", 2, "Deniz");
    set(f, "kinder/kind/nachweise/urkunde", 2, false, 1);
    eb_page_entries(fixture_out(f), &f->view, step);
    check(f, "a fixed list");
    is_int(page_count(f, "//li[@class='ez-entry']"), 2, "the grown-up is not asked for");
    is_str(page_string(f, "//li[@class='ez-entry'][1]/a"), "Unterlagen für Kind 1: Ayşe" EVIL,
           "an entry");
    is_str(page_string(f, "//li[@class='ez-entry'][2]/a/@href"), "/antrag/kinder-dokumente/3",
           "its own number");
    is_str(page_string(f, "//*[@id='ez-stand-1']"), "Noch offen", "nothing there");
    is_str(page_string(f, "//*[@id='ez-stand-3']"), "Vollständig", "all there");
    is_int(page_count(f, "//main//a[contains(., 'Entfernen') or contains(@class, 'kern-btn')]"), 0,
           "nothing to add or remove");

    fixture_set(f, "kinder/kind/volljaehrig", 0, "true");
    fixture_set(f, "kinder/kind/volljaehrig", 2, "true");
    eb_page_tasks(fixture_out(f), &f->view);
    check(f, "tasks without it");
    is_int(page_count(f, "//a[@href='/antrag/kinder-dokumente']"), 0, "no child, no step");
    fixture_set(f, "kinder/kind/volljaehrig", 2, NULL);
    eb_page_tasks(fixture_out(f), &f->view);
    check(f, "tasks with it");
    is_int(page_count(f, "//a[@href='/antrag/kinder-dokumente']"), 1, "one child is enough");
}

static void test_review(fixture_t *f)
{
    eb_page_review(fixture_out(f), &f->view);
    check(f, "review");
    is_str(page_string(f, "//dt[starts-with(., 'Pass')]/../dd//li[1]/bdi"), EVIL, "a file's name");
    is_str(page_string(f, "//dt[starts-with(., 'Pass')]/../dd//li[2]"),
           "Seite 2.jpg (JPEG, 2 KB, wird noch auf Schadsoftware geprüft)", "and what it is");
    ok(strstr(page_string(f, "//dt[starts-with(., 'Pass')]/../dd[1]"),
              "Weiteres wird nachgereicht"),
       "more will follow");
    is_str(page_string(f, "//dt[starts-with(., 'Pass')]/..//a/@href"),
           "/antrag/pass#nachweise.pass", "a link to change it");
    is_int(page_count(f, "//h3[starts-with(., 'Unterlagen für Kind')]"), 1, "who is asked");
    is_int(page_count(f, "//a[@href='/antrag/kinder-dokumente']"), 0,
           "that list cannot be changed");
    is_str(page_string(f, "//dt[.='Geburtsurkunde']/..//a/@href"),
           "/antrag/kinder-dokumente/3#nachweise.urkunde", "but its answers");
    set(f, "nachweise/foto", EB_ROOT, true, 0);
    eb_page_review(fixture_out(f), &f->view);
    check(f, "review with a promise");
    is_str(page_string(f, "//dt[.='Foto']/../dd"), "wird nachgereicht", "promised");
}

static void test_receipt(fixture_t *f)
{
    eb_receipt_t receipt = {.number = "EB-2026-7K4M-92QX-3",
                            .accepted = apr_time_from_sec(1795633200),
                            .code = "",
                            .url = ""};
    eb_instance_set_seen(f->in, eb_form_step(f->form, "pass"), true);
    eb_page_receipt(fixture_out(f), &f->view, &receipt);
    check(f, "receipt");
    is_int(page_count(f, "//dd//li/bdi"), 4, "the copy names the files");
    is_int(page_count(f, "//ol/li[contains(., 'nachreichen wollen')]"), 1,
           "where to send the rest");
    fixture_set(f, "nachweise/foto", EB_ROOT, NULL);
    set(f, "nachweise/pass", EB_ROOT, false, 1);
    eb_page_receipt(fixture_out(f), &f->view, &receipt);
    check(f, "receipt without promises");
    is_int(page_count(f, "//ol/li[contains(., 'nachreichen wollen')]"), 0, "nothing to send");
}

static void test_conflict(fixture_t *f)
{
    eb_instance_t *typed = eb_instance_new(f->form, f->pool);
    eb_files_t files = {.later = true};
    eb_instance_set(typed, eb_form_node(f->form, "nachweise/pass"), EB_ROOT,
                    eb_files_text(&files, f->pool));
    eb_page_conflict(fixture_out(f), &f->view, eb_form_step(f->form, "pass")->pages, typed);
    check(f, "conflict");
    is_str(page_string(f, "//form/@enctype"), "multipart/form-data", "as the page itself");
    is_str(page_string(f, "//input[@name='nachweise.pass.spaeter']/@value"), "ja", "the promise");
    is_int(page_count(f, "//input[@name='nachweise.pass']"), 0, "files are not typed");
}

static void test_sizes(const fixture_t *f)
{
    apr_pool_t *pool = f->pool;
    is_str(eb_size(f->pages, 0, pool), "0 Byte", "nothing");
    is_str(eb_size(f->pages, 1023, pool), "1023 Byte", "bytes");
    is_str(eb_size(f->pages, 1024, pool), "1 KB", "a kilobyte");
    is_str(eb_size(f->pages, 999 * 1024, pool), "999 KB", "many");
    is_str(eb_size(f->pages, 999 * 1024 + 1, pool), "1 MB", "about a megabyte");
    is_str(eb_size(f->pages, 10 << 20, pool), "10 MB", "no comma without need");
    is_str(eb_size(f->pages, 13 * 1024 * 1024 / 2, pool), "6,5 MB", "a comma");
    is_str(eb_size(f->pages, (10 << 20) - 1, pool), "10 MB", "rounded");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    fixture_t f;
    checks_begin(pool);
    fixture_documents(&f, pool);
    eb_page_start(fixture_out(&f), &f.view);
    check(&f, "start");
    ok(strstr(page_string(&f, "//main"), "PDF oder als Foto"), "documents can be uploaded");
    test_empty(&f);
    test_script(&f);
    test_list(&f);
    test_errors(&f);
    test_remove(&f);
    test_fixed(&f);
    test_review(&f);
    test_receipt(&f);
    test_conflict(&f);
    test_sizes(&f);
    fixture_end(&f);
    check_classes(pool);
    return done();
}
