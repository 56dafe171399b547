/* Files as an answer: the text and what it says are each other's inverse, nothing else is taken;
 * and what becomes of the names that devices give to files. */
#include "tap.h"
#include "form/files.h"
#include "base/utf8.h"

#include <apr_strings.h>

#define A "AAAAAAAAAAAAAAAAAAAAAA"
#define B "BBBBBBBBBBBBBBBBBBBBBA"

static apr_pool_t *pool;

static void test_good(void)
{
    static const struct {
        const char *value;
        bool later;
        int count;
    } cases[] = {
        {"spaeter", true, 0},
        {A " pdf 1 ok a.pdf", false, 1},
        {A " jpg 0 offen Mein Pass, Rückseite.JPG", false, 1},
        {"spaeter\n" A " png 999999999999999999 ohne spaeter", true, 1},
        {A " pdf 10485760 ok a.pdf\n" B " pdf 7 ok a.pdf", false, 2},
        {"spaeter\n" B " pdf 7 ok a.pdf\n" A " pdf 1 ok b c.pdf", true, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_files_t files;
        is_int(eb_files_parse(&files, cases[i].value, pool), APR_SUCCESS, cases[i].value);
        is_int(files.later, cases[i].later, "whether more will follow");
        is_int(files.count, cases[i].count, "how many there are");
        is_str(eb_files_text(&files, pool), cases[i].value, "and back");
    }
}

static void test_parts(void)
{
    eb_files_t files;
    eb_files_parse(&files, "spaeter\n" A " jpg 4711 offen Mein Pass.jpeg\n" B " png 0 ohne b",
                   pool);
    const eb_file_t *file = files.list;
    is_str(file->id, A, "the id");
    is_str(file->type, "image/jpeg", "the type");
    is_str(eb_file_ending(file), "jpg", "its ending, not the name's");
    is_int(file->size, 4711, "the size");
    is_int(file->scan, EB_FILE_PENDING, "still to be scanned");
    is_str(file->name, "Mein Pass.jpeg", "the name, with its space");
    is_str(file[1].type, "image/png", "another type");
    is_int(file[1].scan, EB_FILE_UNSCANNED, "nobody scans");
    is_int(eb_files_parse(&files, NULL, pool), APR_SUCCESS, "no answer");
    ok(!files.later && files.count == 0, "is nothing");
    is_str(eb_files_text(&files, pool), NULL, "and stays it");
}

static void test_bad(void)
{
    static const char *const values[] = {
        "",
        "ja",
        "spaeter\n",
        "\nspaeter",
        "spaeter\nspaeter",
        "spaeter ",
        A " pdf 1 ok a.pdf\nspaeter",
        A " pdf 1 ok a.pdf\n",
        A " pdf 1 ok a.pdf\n\n" B " pdf 1 ok a.pdf",
        A " pdf 1 ok a.pdf\n" A " pdf 1 ok b.pdf",
        A,
        A " pdf 1 ok",
        A " pdf 1 ok ",
        A "  pdf 1 ok a.pdf",
        A " pdf 1 ok  a.pdf",
        " " A " pdf 1 ok a.pdf",
        "AAAAAAAAAAAAAAAAAAAAA pdf 1 ok a.pdf",
        "AAAAAAAAAAAAAAAAAAAAAAA pdf 1 ok a.pdf",
        "AAAAAAAAAAAAAAAAAAAAAB pdf 1 ok a.pdf", /* the last sign has only two bits */
        "AAAAAAAAAAAAAAAAAAAA=A pdf 1 ok a.pdf",
        A " PDF 1 ok a.pdf",
        A " exe 1 ok a.pdf",
        A " application/pdf 1 ok a.pdf",
        A " pdf 01 ok a.pdf",
        A " pdf -1 ok a.pdf",
        A " pdf 1k ok a.pdf",
        A " pdf  ok a.pdf",
        A " pdf 1000000000000000000 ok a.pdf",
        A " pdf 1 gut a.pdf",
        A " pdf 1 OK a.pdf",
        A " pdf 1 ok a/b.pdf",
        A " pdf 1 ok a\\b.pdf",
        A " pdf 1 ok ..",
        A " pdf 1 ok .a.pdf",
        A " pdf 1 ok a\t.pdf",
        A " pdf 1 ok a.pdf ",
        A " pdf 1 ok \u0416.pdf",
        A " pdf 1 ok a\u0308.pdf",
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        eb_files_t files;
        int rv = eb_files_parse(&files, values[i], pool);
        ok(rv == APR_EINVAL && files.count == 0 && !files.later,
           apr_psprintf(pool, "refused: value %d", (int)i));
    }
}

/* As many as there may be, with the longest names: far from what an instance can hold. */
static void test_many(void)
{
    eb_files_t files = {.later = true}, again;
    char name[EB_FILE_NAME_MAX * 3 + 1] = "";
    for (int i = 0; i < EB_FILE_NAME_MAX; i++)
        strcat(name, "\u1E9E");
    files.list = apr_pcalloc(pool, (EB_FILES_MAX + 1) * sizeof *files.list);
    for (files.count = 0; files.count < EB_FILES_MAX; files.count++) {
        char *id = apr_pstrdup(pool, A);
        id[0] = (char)('A' + files.count / 26);
        id[1] = (char)('A' + files.count % 26);
        files.list[files.count] =
            (eb_file_t){id, name, "application/pdf", 10 * 1024 * 1024, EB_FILE_UNSCANNED};
    }
    const char *text = eb_files_text(&files, pool);
    is_int(eb_files_parse(&again, text, pool), APR_SUCCESS, "as many files as there may be");
    is_int(again.count, EB_FILES_MAX, "are all there");
    is_str(eb_files_text(&again, pool), text, "and back");
    ok(strlen(text) < EB_INSTANCE_MAX / 20, "twenty such answers fit into a draft");
    files.list[files.count++] = (eb_file_t){B, "b", "application/pdf", 1, EB_FILE_CLEAN};
    is_int(eb_files_parse(&again, eb_files_text(&files, pool), pool), APR_EINVAL, "one more");
    files.later = false;
    is_int(eb_files_parse(&again, eb_files_text(&files, pool), pool), APR_EINVAL,
           "in place of the promise");
}

#define X10  "xxxxxxxxxx"
#define X110 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10

static void test_names(void)
{
    static const struct {
        const char *typed, *name;
    } cases[] = {
        {"Pass.pdf", "Pass.pdf"},
        {"Geburtsurkunde Müller.PDF", "Geburtsurkunde Müller.PDF"},
        {"C:\\fakepath\\Pass.jpg", "Pass.jpg"},
        {"../../etc/passwd", "passwd"},
        {"a/b\\c.pdf", "c.pdf"},
        {"a\\b/c.pdf", "c.pdf"},
        {"ordner/", "Datei"},
        {"", "Datei"},
        {"   ", "Datei"},
        {".", "Datei"},
        {"..", "Datei"},
        {"...", "Datei"},
        {".pdf", "Datei.pdf"},
        {"..pdf", "Datei..pdf"},
        {". .pdf", "Datei. .pdf"},
        {"a.pdf.", "a.pdf"},
        {"a.pdf . .", "a.pdf"},
        {"  a   b .pdf ", "a b .pdf"},
        {"a\u00A0b.pdf", "a b.pdf"},
        {"\u00A0.pdf", "Datei.pdf"},
        {"a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"},
        {"a\tb.pdf", "ab.pdf"},
        {"a\x7F\xC2\x85.pdf", "a.pdf"},
        {"Rechnung\u202Efdp.exe", "Rechnungfdp.exe"},
        {"\u200Fa\u200B\u2066b\uFEFF.pdf", "ab.pdf"},
        {"Mu\u0308ller.pdf", "Müller.pdf"},
        {"Mu\u200D\u0308ller.pdf", "Müller.pdf"},
        {"\uFB01\u0301.pdf", "fí.pdf"},
        {"C\u0306.pdf", "C\u0306.pdf"}, /* a letter of DIN 91379 that has no code point */
        {"\u201EPass\u201C.pdf", "\"Pass\".pdf"},
        {"паспорт.pdf", "_______.pdf"},
        {"护照.jpg", "__.jpg"},
        {"Pass \U0001F600.pdf", "Pass _.pdf"},
        {"x\u20DD.pdf", "x_.pdf"},
        {"a\xFF\xC3.pdf", "a__.pdf"},
        {"<b>&\"'.pdf", "<b>&\"'.pdf"},
        {X110 "123456.pdf", X110 "123456.pdf"},
        {X110 "1234567.pdf", X110 "123456.pdf"},
        {X110 "12345. 7.pdf", X110 "12345.pdf"},
        {X110 X110, X110 X10},
        {X110 "12345678901.zu lang", X110 "1234567890"},
        {X110 "123456789 x", X110 "123456789"},
        {X110 "1234K\u035FH.pdf", X110 "1234_.pdf"}, /* cut within a letter */
        {X110 "1234567.", X110 "1234567"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *name = eb_file_name(cases[i].typed, pool);
        is_str(name, cases[i].name, apr_psprintf(pool, "name %d", (int)i));
        is_str(eb_file_name(name, pool), name, "stays");
        ok(name != cases[i].typed && eb_utf8_length(name) <= EB_FILE_NAME_MAX, "a short copy");
    }
}

int main(void)
{
    pool = tap_begin();
    test_good();
    test_parts();
    test_bad();
    test_many();
    test_names();
    return done();
}
