/* PDF files, built here with tables that fit: what ordinary programs write is accepted, what acts
 * or hides is refused, however it is cut. */
#include "base/buf.h"
#include "content.h"
#include "tap.h"

#include <apr_strings.h>
#include <zlib.h>

static apr_pool_t *pool;

#define OBJECTS 64

typedef struct doc_t {
    eb_buf_t text;
    apr_size_t offsets[OBJECTS]; /* of objects; 0: none */
} doc_t;

static void begin_doc(doc_t *doc, const char *header)
{
    memset(doc, 0, sizeof(*doc));
    eb_buf_init(&doc->text, 4096, pool);
    eb_buf_puts(&doc->text, header);
    eb_buf_puts(&doc->text, "%\xE2\xE3\xCF\xD3\n");
}

static void object(doc_t *doc, int n, const char *body)
{
    doc->offsets[n] = doc->text.len;
    eb_buf_printf(&doc->text, "%d 0 obj\n", n);
    eb_buf_puts(&doc->text, body);
    eb_buf_puts(&doc->text, "\nendobj\n");
}

static void stream(doc_t *doc, int n, const char *dict, const void *data, apr_size_t len)
{
    doc->offsets[n] = doc->text.len;
    eb_buf_printf(&doc->text, "%d 0 obj\n<<%s /Length %d>>\nstream\n", n, dict, (int)len);
    eb_buf_add(&doc->text, data, len);
    eb_buf_puts(&doc->text, "\nendstream\nendobj\n");
}

static void deflated(eb_buf_t *out, const void *data, apr_size_t len)
{
    uLongf n = compressBound(len);
    compress2((Bytef *)eb_buf_reserve(out, n), &n, data, len, 9);
    out->len = n;
}

/* Objects 20, 21, … in an object stream, the text of each with a space behind it. */
static void object_stream(doc_t *doc, int n, const char *dict, const char *const *objects,
                          bool compressed)
{
    eb_buf_t table, text, packed;
    eb_buf_init(&table, 64, pool);
    eb_buf_init(&text, 256, pool);
    eb_buf_init(&packed, 256, pool);
    int count = 0;
    for (; objects[count]; count++) {
        eb_buf_printf(&table, "%d %d ", 20 + count, (int)text.len);
        eb_buf_puts(&text, objects[count]);
        eb_buf_puts(&text, " ");
    }
    const char *head = apr_psprintf(pool, "/Type/ObjStm/N %d/First %d%s%s", count, (int)table.len,
                                    compressed ? "/Filter/FlateDecode" : "", dict);
    eb_buf_add(&table, text.data, text.len);
    if (compressed)
        deflated(&packed, table.data, table.len);
    else
        packed = table;
    stream(doc, n, head, packed.data, packed.len);
}

static void page_tree(doc_t *doc)
{
    static const char content[] = "BT /F1 12 Tf 72 720 Td (Urkunde \\(Kopie\\)) Tj ET";
    object(doc, 1, "<</Type/Catalog/Pages 2 0 R/OpenAction[3 0 R/XYZ null null 0]>>");
    object(doc, 2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>");
    object(
        doc, 3,
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots"
        "[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://example.org/JS/)>>>>]>>");
    stream(doc, 4, "", content, sizeof(content) - 1);
    object(doc, 5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
}

static void classic_tail(doc_t *doc, const char *trailer)
{
    apr_size_t at = doc->text.len;
    eb_buf_puts(&doc->text, "xref\n0 1\n0000000000 65535 f \n");
    for (int i = 1; i < OBJECTS; i++) {
        if (doc->offsets[i])
            eb_buf_printf(&doc->text, "%d 1\n%010d 00000 n \n", i, (int)doc->offsets[i]);
    }
    eb_buf_printf(&doc->text, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n",
                  OBJECTS, trailer, (int)at);
}

/* Type, a place of four bytes, an index. */
static void xref_stream_tail(doc_t *doc, const char *dict)
{
    eb_buf_t rows, packed;
    eb_buf_init(&rows, 512, pool);
    eb_buf_init(&packed, 512, pool);
    apr_size_t at = doc->text.len;
    for (int i = 0; i < OBJECTS; i++) {
        apr_size_t offset = doc->offsets[i];
        const char row[6] = {offset ? 1 : 0, 0, 0, (char)(offset >> 8), (char)offset, 0};
        eb_buf_add(&rows, row, sizeof(row));
    }
    deflated(&packed, rows.data, rows.len);
    stream(doc, OBJECTS - 1,
           apr_psprintf(pool, "/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R/Filter/FlateDecode%s",
                        OBJECTS, dict),
           packed.data, packed.len);
    eb_buf_printf(&doc->text, "startxref\n%d\n%%%%EOF\n", (int)at);
}

static const char *why_of(const eb_buf_t *text)
{
    return verdict_of("Urkunde.pdf", "application/pdf", text->data, text->len).why;
}

/* `part` is some words of the sentence that is expected; NULL: accepted. */
static void expect(const eb_buf_t *text, const char *part, const char *name)
{
    const char *why = why_of(text);
    bool good = part ? why && strstr(why, part) : !why;
    if (!ok(good, name))
        printf("#   said: %s\n", why ? why : "(accepted)");
}

#define DAMAGED     "ist beschädigt"
#define OPAQUE      "so gespeichert"
#define ENCRYPTED   "Kennwort"
#define ACTIVE      "Befehle"
#define ATTACHED    "stecken weitere"
#define INTERACTIVE "elektronisches Formular"
#define MEDIA       "Ton, Film"
#define REMOTE      "außerhalb"

/* Another object or two in a classic file. */
static const struct {
    const char *objects;
    const char *part;
    const char *name;
} cases[] = {
    {"", NULL, "classic table"},
    {"6 0 obj<</A/B/C(x)>>endobj ", NULL, "no space where none is needed"},
    {"6 0 obj\r<<\r/A\r/B\r>>\rendobj\r", NULL, "old line ends"},
    {"6 0 obj % a note\n<</A%(\n/B>>endobj\n", NULL, "comments"},
    {"6 0 obj (a(b(c)d)\\)\\(\\\\) endobj\n", NULL, "parentheses"},
    {"6 0 obj <FEFF 00\n41> endobj\n", NULL, "a hexadecimal string"},
    {"6 0 obj null endobj 7 0 obj 6 0 R endobj\n", NULL, "objects that are nearly nothing"},
    {"6 0 obj endobj\n", NULL, "an empty object"},
    {"6 0 obj<</AA<</O<</S/GoTo/D[3 0 R/Fit]>>>>>>endobj\n", NULL, "AA that goes to a page"},
    {"6 0 obj<</Differences[32/space/JS/EF/a]>>endobj\n", NULL, "letters named JS and EF"},
    {"6 0 obj<</Names/Nothing/#4a#53X 1>>endobj\n", NULL, "a name that only begins like JS"},
    {"6 0 obj(/JavaScript is a word)endobj\n", NULL, "a word in a string"},
    {"6 0 obj<</Length 9>>stream\r\n/JS (x) m\r\nendstream\r\nendobj\n", NULL, "words on a page"},
    {"6 0 obj<</Length 9>>stream\n obj 1 obj 5 0 ob j 1\nendstream\nendobj\n", NULL,
     "nearly an object in a stream"},
    {"6 0 obj<</ByteRange[0 1 2 3]/Contents<00>/Type/Sig>>endobj\n", NULL, "a signature"},

    {"6 0 obj<</S/JavaScript/JS(app.alert\\(1\\))>>endobj\n", ACTIVE, "JavaScript"},
    {"6 0 obj<</JS 7 0 R>>endobj\n", ACTIVE, "JS alone"},
    {"6 0 obj/JavaScript endobj\n", ACTIVE, "the name in an object of its own"},
    {"6 0 obj<</S/J#61vaScript>>endobj\n", ACTIVE, "an escaped name"},
    {"6 0 obj<</#4A#53 7 0 R>>endobj\n", ACTIVE, "a name wholly escaped"},
    {"6 0 obj<</#4a#5", DAMAGED, "a file within a name"},
    {"6 0 obj<</A[<</B[<</S/JavaScript>>]>>]>>endobj\n", ACTIVE, "deep in containers"},
    {"6 0 obj<</Names<</JavaScript 7 0 R>>>>endobj\n", ACTIVE, "a tree of scripts"},
    {"6 0 obj<</AA<</O<</S/JavaScript/JS 7 0 R>>>>>>endobj\n", ACTIVE, "AA with a script"},
    {"6 0 obj<</OpenAction<</S/Launch/F(x)>>>>endobj\n", ACTIVE, "Launch"},
    {"6 0 obj<</S/Launch/Win<</F(x)>>>>endobj\n", ACTIVE, "Launch for one system"},
    {"6 0 obj<</OnInstantiate 7 0 R>>endobj\n", ACTIVE, "scripts of models"},
    {"6 0 obj<</Names<</EmbeddedFiles 7 0 R>>>>endobj\n", ATTACHED, "a tree of files"},
    {"6 0 obj<</Type/EmbeddedFile/Length 1>>stream\nx\nendstream endobj\n", ATTACHED, "a file"},
    {"6 0 obj<</Type/Filespec/EF<</F 7 0 R>>>>endobj\n", ATTACHED, "EF alone"},
    {"6 0 obj<</Subtype/FileAttachment>>endobj\n", ATTACHED, "a file pinned to a page"},
    {"6 0 obj<</S/GoToE>>endobj\n", ATTACHED, "a way into an attachment"},
    {"6 0 obj<</AcroForm<</XFA 7 0 R>>>>endobj\n", INTERACTIVE, "XFA"},
    {"6 0 obj<</S/SubmitForm/F(https://x)>>endobj\n", INTERACTIVE, "SubmitForm"},
    {"6 0 obj<</S/ImportData>>endobj\n", INTERACTIVE, "ImportData"},
    {"6 0 obj<</Subtype/RichMedia>>endobj\n", MEDIA, "RichMedia"},
    {"6 0 obj<</S/Rendition>>endobj\n", MEDIA, "Rendition"},
    {"6 0 obj<</Subtype/Movie>>endobj\n", MEDIA, "Movie"},
    {"6 0 obj<</Subtype/3D>>endobj\n", MEDIA, "3D"},
    {"6 0 obj<</S/GoToR/F(\\\\\\\\host\\\\x)>>endobj\n", REMOTE, "GoToR"},
    {"6 0 obj<</F(x)/Length 0>>stream\nendstream endobj\n", OPAQUE, "a stream from elsewhere"},
    {"6 0 obj<</Encrypt 7 0 R>>endobj\n", ENCRYPTED, "Encrypt anywhere"},

    {"6 0 obj(7 0 obj<</S/Launch>>endobj)endobj\n", DAMAGED, "an object in a string"},
    {"6 0 obj(7  \r\n 0\tobj<<>>)endobj\n", DAMAGED, "an object in a string, spaced out"},
    {"6 0 obj(7 0obj<<>>)endobj\n", DAMAGED, "an object in a string, without space"},
    {"6 0 obj(endobj)endobj\n", DAMAGED, "the end of an object in a string"},
    {"% 7 0 obj <</S/Launch>>\n", DAMAGED, "an object in a comment"},
    {"% endobj\n", DAMAGED, "the end of an object in a comment"},
    {"6 0 obj<<>>stream\n7 0 obj<</S/Launch>>\nendstream endobj\n", DAMAGED,
     "an object in a stream"},
    {"6 0 obj<<>>stream\n7 0%x\nobj<</S/Launch>>\nendstream endobj\n", DAMAGED,
     "an object in a stream, with a comment"},
    {"6 0 obj<<>>stream\n7%x 1\n%y\r0%\n %\nobj<<>>\nendstream endobj\n", DAMAGED,
     "an object in a stream, with comments"},
    {"6 0 obj<<>>stream\n% 7 %x\n 0 obj<<>>\nendstream endobj\n", DAMAGED,
     "an object in a stream, half of it behind a comment's sign"},
    {"6 0 obj<<>>stream\n% 7 0 R %x obj<<>>\nendstream endobj\n", NULL,
     "a comment in a stream, with numbers"},
    {"%% Object\n% 7 0 ID\n6 0 obj<<>>endobj\n", NULL, "comments that number objects"},
    {"6 0 obj<<>>stream\nx endobj x\nendstream endobj\n", DAMAGED, "an end within a stream"},
    {"6 0 obj<<>>stream\nx\nendstream 7 0 obj<<>>endobj\n", DAMAGED, "no end behind a stream"},
    {"6 0 obj<</A 7 0 obj<<>>endobj>>endobj\n", DAMAGED, "an object in a dictionary"},
    {"6 0 obj<<>>7 0 obj<<>>endobj endobj\n", DAMAGED, "an object in an object"},
    {"6 0 obj[7 0obj]endobj\n", DAMAGED, "a word that ends like an object"},
    {"6 0 obj<</A[>>]endobj\n", DAMAGED, "crossed containers"},
    {"6 0 obj<</A 1 endobj\n", DAMAGED, "an open dictionary"},
    {"6 0 obj]endobj\n", DAMAGED, "an array without beginning"},
    {"6 0 obj(a))endobj\n", DAMAGED, "a string without beginning"},
    {"6 0 obj<0G>endobj\n", DAMAGED, "not hexadecimal"},
    {"6 0 obj<<>>endstream endobj\n", DAMAGED, "a stream without beginning"},
    {"6 0 obj 1 <<>>stream\nendstream endobj\n", DAMAGED, "a stream of two things"},
    {"6 0 obj[]stream\nendstream endobj\n", DAMAGED, "a stream of an array"},
    {"6 0 obj<<>>endobj endobj\n", DAMAGED, "two ends"},
    {"obj<<>>endobj\n", DAMAGED, "an object without numbers"},
    {"1 6 0 obj<<>>endobj\n", DAMAGED, "three numbers"},
    {"<html>", DAMAGED, "something else between objects"},
    {"(x)", DAMAGED, "a string between objects"},
    {"/Launch ", DAMAGED, "a name between objects"},
};

static void classic_files(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        doc_t doc;
        begin_doc(&doc, "%PDF-1.4\n");
        page_tree(&doc);
        eb_buf_puts(&doc.text, cases[i].objects);
        classic_tail(&doc, "");
        expect(&doc.text, cases[i].part, cases[i].name);
    }
}

static void far_looks(void)
{
    doc_t doc;
    begin_doc(&doc, "%PDF-1.4\n");
    page_tree(&doc);
    eb_buf_puts(&doc.text, "6 0 obj<<>>stream\n7 0");
    for (int i = 0; i < 1000; i++)
        eb_buf_putc(&doc.text, ' ');
    eb_buf_puts(&doc.text, "obj<<>>\nendstream endobj\n");
    classic_tail(&doc, "");
    expect(&doc.text, DAMAGED, "an object in a stream, behind much space");

    begin_doc(&doc, "%PDF-1.4\n");
    for (int i = 0; i < 101; i++)
        eb_buf_puts(&doc.text, i ? "[" : "6 0 obj[");
    expect(&doc.text, OPAQUE, "101 containers in one another");
}

static void streams_of_objects(void)
{
    static const struct {
        const char *objects[5];
        const char *dict;
        const char *part;
        const char *name;
    } streams[] = {
        {{"<</A/B>>", "[1 2 3]", "(x)", "5"}, "", NULL, "objects in a stream"},
        {{NULL}, "", NULL, "no objects in a stream"},
        {{"%% Object 20\n<</A/B>>", "% ]\n 1"}, "", NULL, "places before a comment"},
        {{"1 %", "<</A 1>>\n", "5"}, "", OPAQUE, "a place in a comment"},
        {{"<</S/JavaScript/JS(x)>>"}, "", ACTIVE, "JavaScript in an object stream"},
        {{"<</A 1>>", "<</B[<</#4CaunCh 1/L#61unch 1>>]>>"}, "", ACTIVE, "Launch there, escaped"},
        {{"<</Encrypt 1>>"}, "", ENCRYPTED, "Encrypt there"},
        {{"<</EF<<>>>>"}, "", ATTACHED, "a file there"},
        {{"<</A(7 0 obj)>>"}, "", DAMAGED, "an object in a string there"},
        {{"7 0 obj<<>>"}, "", DAMAGED, "an object there"},
        {{"<<>>stream"}, "", DAMAGED, "a stream there"},
        {{"<</A"}, "", OPAQUE, "half an object there"},
        {{"<</A(", "<</S/Launch>>", ")>>"}, "", OPAQUE, "a place in a string"},
        {{"<</A", "<</B 1>>>>"}, "", OPAQUE, "a place in a dictionary"},
        {{"1"}, "/N 1", OPAQUE, "two numbers of objects"},
        {{"1"}, "/First 9", OPAQUE, "two places of the first"},
        {{"1"}, "/DecodeParms<</Predictor 12>>", OPAQUE, "a predictor"},
        {{"1"}, "/DecodeParms 9 0 R", OPAQUE, "parameters elsewhere"},
        {{"1"}, "/DecodeParms null", NULL, "no parameters"},
        {{"1"}, "/DecodeParms[null]", NULL, "no parameters in an array"},
        {{"1"}, "/Extends 9 0 R", NULL, "a stream that extends another"},
    };
    for (size_t i = 0; i < 2 * sizeof(streams) / sizeof(streams[0]); i++) {
        doc_t doc;
        begin_doc(&doc, "%PDF-1.5\n");
        page_tree(&doc);
        object_stream(&doc, 9, streams[i / 2].dict, streams[i / 2].objects, i % 2);
        xref_stream_tail(&doc, "");
        expect(&doc.text, streams[i / 2].part,
               apr_psprintf(pool, "%s%s", streams[i / 2].name, i % 2 ? ", compressed" : ""));
    }
}

static void bad_streams(void)
{
    static const struct {
        const char *dict;
        const char *text;
        const char *name;
    } streams[] = {
        {"/Type/ObjStm/N 1", "20 0 1", "no First"},
        {"/N 1/First 5", "20 0 <</S/Lau", "no Type, and half an object"},
        {"/Type/ObjStm/N 9 0 R/First 5", "20 0 1", "N elsewhere"},
        {"/Type/ObjStm/N 1/First 9 0 R", "20 0 1", "First elsewhere"},
        {"/Type/ObjStm/N 2/First 5", "20 0 1", "too few places"},
        {"/Type/ObjStm/N 1/First 3", "20 0 1", "a table that is too long"},
        {"/Type/ObjStm/N 2/First 10", "20 2 21 0 1 2", "places that go back"},
        {"/Type/ObjStm/N 1/First 5", "20 9 1", "a place behind the end"},
        {"/Type/ObjStm/N 99999/First 5", "20 0 1", "too many objects"},
        {"/Type/ObjStm/N 1/First 5/Filter/LZWDecode", "20 0 1", "another filter"},
        {"/Type/ObjStm/N 1/First 5/Filter[/FlateDecode/FlateDecode]", "20 0 1", "two filters"},
        {"/Type/ObjStm/N 1/First 5/Filter[/ASCIIHexDecode/FlateDecode]", "20", "filters"},
        {"/Type/ObjStm/N 1/First 5/Filter 9 0 R", "20 0 1", "a filter elsewhere"},
        {"/Type/ObjStm/N 1/First 5/Filter/FlateDecode", "20 0 1", "not compressed"},
    };
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        doc_t doc;
        begin_doc(&doc, "%PDF-1.5\n");
        page_tree(&doc);
        stream(&doc, 9, streams[i].dict, streams[i].text, strlen(streams[i].text));
        xref_stream_tail(&doc, "");
        expect(&doc.text, OPAQUE, streams[i].name);
    }
}

/* Compressed data with something cut off or added, and with more in it than anybody needs. */
static void bad_compression(void)
{
    static const struct {
        int cut;
        const char *more;
        const char *part;
        const char *name;
    } ends[] = {{0, "", NULL, "compressed"},
                {0, "\r\n", NULL, "a line's end more"},
                {5, "", OPAQUE, "cut"},
                {0, "x", OPAQUE, "a byte more"},
                {0, "\nendstream\nendobj 7 0 obj<<>>stream\n", NULL, "another stream behind"}};
    const char *table = "20 0 <</A/B>>";
    eb_buf_t packed;
    eb_buf_init(&packed, 64, pool);
    deflated(&packed, table, strlen(table));
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        doc_t doc;
        eb_buf_t data;
        eb_buf_init(&data, 64, pool);
        eb_buf_add(&data, packed.data, packed.len - (apr_size_t)ends[i].cut);
        eb_buf_puts(&data, ends[i].more);
        begin_doc(&doc, "%PDF-1.5\n");
        page_tree(&doc);
        stream(&doc, 9, "/Type/ObjStm/N 1/First 5/Filter/FlateDecode", data.data, data.len);
        xref_stream_tail(&doc, "");
        expect(&doc.text, ends[i].part, ends[i].name);
    }
}

static void bomb(void)
{
    doc_t doc;
    apr_size_t len = 40 * 1000 * 1000;
    char *text = malloc(len);
    memset(text, ' ', len);
    memcpy(text, "20 0 1", 6);
    eb_buf_t packed;
    eb_buf_init(&packed, 64, pool);
    deflated(&packed, text, len);
    free(text);
    begin_doc(&doc, "%PDF-1.5\n");
    page_tree(&doc);
    stream(&doc, 9, "/Type/ObjStm/N 1/First 5/Filter[/FlateDecode]", packed.data, packed.len);
    xref_stream_tail(&doc, "");
    verdict_t v = verdict_in("a.pdf", NULL, doc.text.data, doc.text.len, 5000, 0);
    ok(v.why && strstr(v.why, OPAQUE), "40 MB in 40 kB");
}

/* Words of an object stream's compressed data that end it early for readers who look for them. */
static void stored_words(void)
{
    static const struct {
        const char *text;
        const char *part;
    } words[] = {{"20 0 (endstream)", DAMAGED}, {"20 0 (7 0 obj)", DAMAGED}, {"20 0 (x)", NULL}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        doc_t doc;
        Bytef out[256];
        uLongf n = sizeof(out);
        compress2(out, &n, (const Bytef *)words[i].text, strlen(words[i].text), 0);
        begin_doc(&doc, "%PDF-1.5\n");
        page_tree(&doc);
        stream(&doc, 9, "/Type/ObjStm/N 1/First 5/Filter/FlateDecode", out, n);
        xref_stream_tail(&doc, "");
        expect(&doc.text, words[i].part, apr_pstrcat(pool, "stored: ", words[i].text, NULL));
    }
}

static void structures(void)
{
    static const char *const objects[] = {"<</A/B>>", NULL};
    doc_t doc;
    begin_doc(&doc, "%PDF-1.5\r\n");
    page_tree(&doc);
    object_stream(&doc, 9, "", objects, true);
    xref_stream_tail(&doc, "/DecodeParms<</Columns 6/Predictor 12>>");
    expect(&doc.text, NULL, "a table in a stream");

    page_tree(&doc);
    classic_tail(&doc, "/Prev 9");
    object(&doc, 3, "<</Type/Page/Parent 2 0 R>>");
    xref_stream_tail(&doc, "/Prev 9");
    expect(&doc.text, NULL, "two updates");
    object(&doc, 3, "<</Type/Page/Parent 2 0 R/AA<</O<</S/JavaScript>>>>>>");
    classic_tail(&doc, "");
    expect(&doc.text, ACTIVE, "a third one that acts");

    begin_doc(&doc, "%PDF-1.5\n");
    page_tree(&doc);
    xref_stream_tail(&doc, "/Encrypt 9 0 R");
    expect(&doc.text, ENCRYPTED, "Encrypt in a table's stream");

    begin_doc(&doc, "%PDF-1.5\n");
    stream(&doc, 9, "/Type/ObjStm/N 1/First 5/Filter/FlateDecode", "encrypted", 9);
    xref_stream_tail(&doc, "/Encrypt 9 0 R");
    expect(&doc.text, ENCRYPTED, "Encrypt behind object streams that cannot be read");

    begin_doc(&doc, "%PDF-1.3\n");
    page_tree(&doc);
    classic_tail(&doc, "/Encrypt 9 0 R/ID[<00><00>]");
    expect(&doc.text, ENCRYPTED, "Encrypt in the trailer");

    begin_doc(&doc, "%PDF-1.5\n");
    page_tree(&doc);
    classic_tail(&doc, "/XRefStm 99");
    expect(&doc.text, NULL, "hybrid");

    begin_doc(&doc, "%PDF-2.0\n");
    object(&doc, 8, "<</Linearized 1/L 999/H[1 2]/O 3/E 9/N 1/T 9>>");
    classic_tail(&doc, "/Prev 999");
    page_tree(&doc);
    classic_tail(&doc, "");
    expect(&doc.text, NULL, "linearized");
}

static void ends(void)
{
    static const struct {
        const char *more;
        const char *part;
        const char *name;
    } tails[] = {
        {"\r\n\r\n  \t", NULL, "line ends behind"},
        {"x", DAMAGED, "a letter behind"},
        {"PK\3\4", DAMAGED, "an archive behind"},
        {"%PK\3\4", DAMAGED, "an archive in a comment behind"},
        {"<html>", DAMAGED, "HTML behind"},
        {"%%EOF", DAMAGED, "EOF without startxref"},
        {"startxref\n9\n%%EOF", NULL, "once more"},
        {"startxref\n9\n%%EOFx", DAMAGED, "a word that is longer than EOF"},
        {"startxref\n%%EOF", DAMAGED, "no number"},
        {"startxref 9", DAMAGED, "no EOF"},
        {"9 0 obj", DAMAGED, "an object begun"},
        {"9 0 obj<<>>stream\n", DAMAGED, "a stream begun"},
        {"9 0 obj(", DAMAGED, "a string begun"},
        {"xref", DAMAGED, "a table begun"},
        {"xref 0 0 trailer", DAMAGED, "a trailer begun"},
        {"xref 0 0 trailer 5", DAMAGED, "no trailer"},
        {"xref 0 0 (x) trailer", DAMAGED, "a string in a table"},
        {"xref 0 0 w trailer", DAMAGED, "a word in a table"},
    };
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        doc_t doc;
        begin_doc(&doc, "%PDF-1.4\n");
        page_tree(&doc);
        classic_tail(&doc, "");
        eb_buf_puts(&doc.text, tails[i].more);
        expect(&doc.text, tails[i].part, tails[i].name);
    }
}

static void truncated(void)
{
    static const char *const objects[] = {"<</A/B>>", NULL};
    doc_t doc;
    begin_doc(&doc, "%PDF-1.5\n");
    page_tree(&doc);
    object_stream(&doc, 9, "", objects, true);
    xref_stream_tail(&doc, "");
    int accepted = 0;
    apr_size_t len = doc.text.len;
    for (apr_size_t n = 0; n < len - 1; n++)
        accepted += verdict_in("a.pdf", NULL, doc.text.data, n, n + 1, 0).why == NULL;
    is_int(accepted, 0, "no part of a file is accepted");
    doc.text.len = len;
    expect(&doc.text, NULL, "but the whole file is");
}

static void headers(void)
{
    static const char *const bad[] = {"%PDF-\n",    "%PDF-1\n", "%PDF-1.x\n",
                                      "%PDF-3.0\n", "%PDF-1.4", "%PDF-7 1.4\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        doc_t doc;
        begin_doc(&doc, bad[i]);
        page_tree(&doc);
        classic_tail(&doc, "");
        expect(&doc.text, i == 4 ? NULL : DAMAGED, apr_psprintf(pool, "header %d", (int)i));
    }
    doc_t doc;
    begin_doc(&doc, "\n%PDF-1.4\n");
    page_tree(&doc);
    classic_tail(&doc, "");
    expect(&doc.text, "Vor dem Anfang", "a line before the header");
}

/* What a byte more or less does must never depend on the pieces. */
static void mutations(void)
{
    static const char *const objects[] = {"<</A(b)/C<00>>>", "[/D 1 0 R]", NULL};
    static const char bytes[] = {'(', ')', '<', '>', '%', '/', '\\', '\n', ' ', 'j', 'm', 0x78};
    doc_t doc;
    int differing = 0;
    begin_doc(&doc, "%PDF-1.5\n");
    page_tree(&doc);
    object_stream(&doc, 9, "", objects, true);
    object_stream(&doc, 10, "", objects, false);
    xref_stream_tail(&doc, "");
    for (apr_size_t i = 0; i < doc.text.len; i++) {
        char was = doc.text.data[i];
        doc.text.data[i] = bytes[i % sizeof(bytes)];
        verdict_t a = verdict_in("a.pdf", NULL, doc.text.data, doc.text.len, doc.text.len, 0);
        verdict_t b = verdict_in("a.pdf", NULL, doc.text.data, doc.text.len, 1 + i % 9, 0);
        differing += !same_verdict(a, b);
        doc.text.data[i] = was;
    }
    is_int(differing, 0, "a byte changed anywhere: pieces do not matter");
}

int main(void)
{
    pool = tap_begin();
    classic_files();
    far_looks();
    streams_of_objects();
    bad_streams();
    bad_compression();
    bomb();
    stored_words();
    structures();
    ends();
    truncated();
    headers();
    mutations();
    return done();
}
