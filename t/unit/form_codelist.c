/* Code lists: the order in which people search, codes by binary search, versions, and every way in
 * which a file can be wrong. */
#include "form/codelist_load.h"
#include "scratch.h"
#include "tap.h"

static apr_pool_t *pool;
static const char *dir;

#define HEAD(attributes)        "<codelist xmlns=\"urn:mod-einbuergerung:codelist:1\" " attributes ">\n"
#define LIST(attributes, codes) HEAD(attributes) "<title>T</title>\n" codes "</codelist>\n"

static void write_list(const char *name, const char *text)
{
    scratch_write(apr_pstrcat(pool, dir, "/", name, NULL), text);
}

static void remove_list(const char *name)
{
    remove(apr_pstrcat(pool, dir, "/", name, NULL));
}

static void order(void)
{
    static const char *const names[] = {"Zypern",   "Ägypten", "afghanisch", "Österreich",
                                        "Oman",     "Straße",  "Strasse",    "Strassen",
                                        "Łódź",     "Lodz",    "Ost-Bar",    "Ost Bar",
                                        "Osterode", "Çay",     "Äthiopien",  "Azoren"};
    static const char *const want[] = {"afghanisch", "Ägypten", "Äthiopien", "Azoren",
                                       "Çay",        "Lodz",    "Łódź",      "Oman",
                                       "Ost Bar",    "Ost-Bar", "Osterode",  "Österreich",
                                       "Strasse",    "Straße",  "Strassen",  "Zypern"};
    const char *codes = "";
    eb_problem_t *problem = NULL;
    eb_codelists_t *lists = NULL;
    for (int i = 0; i < 16; i++)
        codes = apr_psprintf(pool, "%s<code value=\"%d\"> %s\n </code>", codes, i, names[i]);
    write_list(
        "names.xml",
        apr_psprintf(
            pool, HEAD("urn=\"urn:x:names\" version=\"1\"") "<title>\n Namen </title>%s</codelist>",
            codes));
    if (!ok(!eb_codelists_load(&lists, dir, &problem, pool), "loads")) {
        printf("# %s\n", eb_problem_text(problem, pool));
        return;
    }
    const eb_codelist_t *list = eb_codelists_find(lists, "urn:x:names", NULL);
    is_str(list->title, "Namen", "the title");
    is_str(list->name, "names", "the file's name");
    for (int i = 0; i < 16; i++)
        is_str(list->codes[i].name, want[i], apr_psprintf(pool, "place %d by DIN 5007-1", i));
    for (int i = 0; i < 16; i++)
        is_str(eb_codelist_code(list, apr_itoa(pool, i))->name, names[i], "found by its code");
    ok(!eb_codelist_code(list, "16") && !eb_codelist_code(list, "") &&
           !eb_codelist_code(list, "99"),
       "codes that are not there");
    remove_list("names.xml");
}

static void versions(void)
{
    static const char *const all[] = {"9", "10", "2024-08-01", "2026-01-31", "2026-01-31a"};
    eb_problem_t *problem = NULL;
    eb_codelists_t *lists;
    for (int i = 0; i < 5; i++)
        write_list(apr_psprintf(pool, "v%d.xml", i),
                   apr_psprintf(pool,
                                LIST("urn=\"urn:x:%s\" version=\"%s\" order=\"given\"",
                                     "<code value=\"b\">B</code><code value=\"a\">A</code>"),
                                i < 2 ? "short" : "long", all[i]));
    write_list(".hidden.xml", "no list");
    write_list("readme.txt", "no list");
    is_int(eb_codelists_load(&lists, dir, &problem, pool), APR_SUCCESS, "loads five lists");
    is_int(lists->count, 5, "and nothing else");
    is_str(eb_codelists_find(lists, "urn:x:short", NULL)->version, "10", "10 is newer than 9");
    is_str(eb_codelists_find(lists, "urn:x:long", NULL)->version, "2026-01-31a", "the newest");
    is_str(eb_codelists_find(lists, "urn:x:long", "2024-08-01")->name, "v2", "a given version");
    ok(!eb_codelists_find(lists, "urn:x:long", "1") && !eb_codelists_find(lists, "urn:y", NULL),
       "an absent version, an absent list");
    ok(!eb_codelists_find(NULL, "urn:y", NULL), "no library at all");
    is_str(eb_codelists_find(lists, "urn:x:short", "9")->codes[0].code, "b", "order as given");
    ok(strstr(eb_codelists_names(lists, pool), "urn:x:short version 9, "),
       "what is loaded, for messages");

    write_list("w.xml", LIST("urn=\"urn:x:short\" version=\"9\"", "<code value=\"a\">A</code>"));
    is_int(eb_codelists_load(&lists, dir, &problem, pool), APR_EINVAL, "a list given twice");
    ok(strstr(problem->what, "also in v0.xml"), "and where the other is");
    remove_list("w.xml");
    for (int i = 0; i < 5; i++)
        remove_list(apr_psprintf(pool, "v%d.xml", i));
}

static void broken(void)
{
#define U "urn=\"urn:x\" version=\"1\" "
    static const struct {
        const char *text;
        int line;
        const char *phrase;
    } files[] = {
        {"", 1, "not well-formed"},
        {"<codelist>\n<title>", 2, "not well-formed"},
        {"<!DOCTYPE codelist [<!ENTITY x 'y'>]>\n" LIST(U, "<code value='1'>&x;</code>"), 1,
         "DOCTYPE"},
        {"<codelist/>", 1, "The root element must be <codelist xmlns"},
        {LIST("version=\"1\"", "<code value='1'>a</code>"), 1, "needs a urn"},
        {LIST("urn=\"x\" version=\"1\"", "<code value='1'>a</code>"), 1, "needs a urn"},
        {LIST("urn=\"urn:x\"", "<code value='1'>a</code>"), 1, "needs a version"},
        {LIST(U "order=\"random\"", "<code value='1'>a</code>"), 1, "order is"},
        {LIST(U "foo=\"1\"", "<code value='1'>a</code>"), 1, "Unknown attribute foo"},
        {HEAD(U) "<code value='1'>a</code></codelist>", 2, "begins with a <title>"},
        {HEAD(U) "<title> </title><code value='1'>a</code></codelist>", 2, "begins with a <title>"},
        {LIST(U, ""), 1, "no <code>"},
        {LIST(U, "<code value='1'>a</code>\n<kode value='2'>b</kode>"), 4, "Expected <code>"},
        {LIST(U, "<code>a</code>"), 3, "needs a value"},
        {LIST(U, "<code value='a b'>a</code>"), 3, "needs a value"},
        {LIST(U, "<code value='12345678901234567890123456789012345678901'>a</code>"), 3, "1 to 40"},
        {LIST(U, "<code value='1'> </code>"), 3, "needs a name"},
        {LIST(U, "<code value='1'>a<b/></code>"), 3, "needs a name"},
        {LIST(U, "<code value='1' offered='no'>a</code>"), 3, "\"true\" or \"false\""},
        {LIST(U, "<code value='1' suggested='true' offered='false'>a</code>"), 3,
         "cannot be suggested"},
        {LIST(U, "<code value='1' titel='x'>a</code>"), 3, "Unknown attribute titel"},
        {LIST(U, "<code value='1'>a</code><code value='2'>b</code><code value='1'>c</code>"), 1,
         "The code \"1\" occurs twice"},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        eb_problem_t *problem = NULL;
        eb_codelists_t *lists;
        write_list("bad.xml", files[i].text);
        apr_status_t rv = eb_codelists_load(&lists, dir, &problem, pool);
        const char *where = apr_psprintf(pool, "%s/bad.xml:%d", dir, files[i].line);
        if (!ok(rv != APR_SUCCESS && strstr(problem->what, files[i].phrase), files[i].phrase))
            printf("# %s\n", rv ? problem->what : "no problem");
        if (rv)
            is_str(problem->where, where, "with its line");
    }
    remove_list("bad.xml");
}

static void delivered(void)
{
    eb_problem_t *problem = NULL;
    eb_codelists_t *lists = NULL;
    if (!ok(!eb_codelists_load(&lists, "schemas/codelists", &problem, pool),
            "the delivered lists load"))
        printf("# %s\n", eb_problem_text(problem, pool));
    for (int i = 0; lists && i < lists->count; i++) {
        const char *command = apr_psprintf(pool,
                                           "xmllint --noout --relaxng schemas/codelist.rng "
                                           "schemas/codelists/%s.xml >/dev/null 2>&1",
                                           lists->list[i].name);
        if (system("command -v xmllint >/dev/null 2>&1") != 0)
            skip(1, "xmllint is not installed");
        else
            is_int(system(command), 0,
                   apr_psprintf(pool, "%s follows codelist.rng", lists->list[i].name));
    }
}

int main(void)
{
    eb_problem_t *problem = NULL;
    eb_codelists_t *lists;
    pool = tap_begin();
    dir = scratch_make(pool);
    is_int(eb_codelists_load(&lists, dir, &problem, pool), APR_SUCCESS,
           "an empty folder is no problem");
    is_str(eb_codelists_names(lists, pool), "none", "it has no lists");
    ok(eb_codelists_load(&lists, "/nonexistent", &problem, pool) != APR_SUCCESS &&
           strstr(problem->what, "cannot be read"),
       "an absent folder is one");
    order();
    versions();
    broken();
    delivered();
    scratch_remove(dir);
    return done();
}
