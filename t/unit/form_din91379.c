/* DIN 91379: the table against KoSIT's patterns as libxml2 understands them, over the whole of
 * Unicode, every sequence, and pairs and triples of what is in the table; then mending and
 * explaining. */
#include "form/din91379_table.h"
#include "tap.h"

#include "base/utf8.h"

#include <apr_strings.h>
#include <libxml/parser.h>
#include <libxml/xmlregexp.h>
#include <unistd.h>

#define XSD "../shared/data/xoev-bibliothek/din-norm-91379-datatypes.xsd"

static apr_pool_t *pool;
static const eb_din_t types[] = {EB_DIN_A, EB_DIN_B, EB_DIN_C};

static bool good(const char *text, eb_din_t type)
{
    int len;
    return !eb_din_offender(text, type, &len);
}

static void put(char *out, const apr_uint32_t *points, int n)
{
    for (int i = 0; i < n && points[i]; i++)
        out += eb_utf8_put(out, points[i]);
    *out = '\0';
}

/* The pattern of "datatypeA" … in the schema. */
static xmlRegexpPtr pattern(xmlDocPtr doc, const char *name)
{
    for (xmlNode *t = xmlDocGetRootElement(doc)->children; t; t = t->next) {
        xmlChar *is = t->type == XML_ELEMENT_NODE ? xmlGetProp(t, BAD_CAST "name") : NULL;
        bool found = is && strcmp((char *)is, name) == 0;
        xmlFree(is);
        for (xmlNode *r = found ? xmlFirstElementChild(t) : NULL; r; r = xmlNextElementSibling(r)) {
            if (strcmp((const char *)r->name, "restriction") != 0)
                continue;
            xmlChar *value = xmlGetProp(xmlFirstElementChild(r), BAD_CAST "value");
            xmlRegexpPtr regexp = xmlRegexpCompile(value);
            xmlFree(value);
            return regexp;
        }
    }
    return NULL;
}

static int differs(xmlRegexpPtr regexp, eb_din_t type, const apr_uint32_t *points, int n)
{
    char text[32];
    put(text, points, n);
    bool want = xmlRegexpExec(regexp, BAD_CAST text) == 1;
    if (want == good(text, type))
        return 0;
    printf("# U+%04X U+%04X U+%04X: the pattern says %d\n", points[0], n > 1 ? points[1] : 0,
           n > 2 ? points[2] : 0, want);
    return 1;
}

static int compare_singles(xmlRegexpPtr regexp, eb_din_t type)
{
    int wrong = 0;
    for (apr_uint32_t c = 1; c <= 0x10FFFF && wrong < 10; c++) {
        if (c < 0xD800 || (c > 0xDFFF && c != 0xFFFE && c != 0xFFFF)) /* no characters in XML */
            wrong += differs(regexp, type, &c, 1);
    }
    return wrong;
}

/* Every sequence alone, then with each mark behind it. */
static int compare_sequences(xmlRegexpPtr regexp, eb_din_t type)
{
    int wrong = 0;
    for (int i = 0; i < eb_din_sequences_count; i++) {
        apr_uint32_t p[4] = {0};
        memcpy(p, eb_din_sequences[i].points, sizeof(eb_din_sequences[i].points));
        int n = p[2] ? 3 : 2;
        wrong += differs(regexp, type, p, n);
        for (p[n] = 0x300; p[n] < 0x370; p[n]++)
            wrong += differs(regexp, type, p, n + 1);
    }
    return wrong;
}

/* What a text of the table's neighbourhood can be made of. */
static apr_uint32_t sample(unsigned *seed)
{
    int i = rand_r(seed) % (eb_din_ranges_count + 60);
    if (i < eb_din_ranges_count)
        return eb_din_ranges[i].first +
               (unsigned)rand_r(seed) % (eb_din_ranges[i].last - eb_din_ranges[i].first + 2);
    if (i < eb_din_ranges_count + 40)
        return eb_din_sequences[rand_r(seed) % eb_din_sequences_count].points[rand_r(seed) % 2];
    return 0x300 + (unsigned)rand_r(seed) % 0x70;
}

static int compare_samples(xmlRegexpPtr regexp, eb_din_t type)
{
    int wrong = 0;
    unsigned seed = 91379;
    for (int i = 0; i < 60000 && wrong < 10; i++) {
        apr_uint32_t p[4];
        for (int k = 0; k < 4; k++)
            p[k] = sample(&seed);
        wrong += differs(regexp, type, p, 2 + i % 3);
    }
    return wrong;
}

static void against_kosit(void)
{
    xmlDocPtr doc = access(XSD, R_OK) == 0 ? xmlReadFile(XSD, NULL, XML_PARSE_NONET) : NULL;
    if (!doc) {
        skip(9, "../shared/data/xoev-bibliothek is missing");
        return;
    }
    for (int i = 0; i < 3; i++) {
        const char *name = apr_psprintf(pool, "datatype%c", 'A' + i);
        xmlRegexpPtr regexp = pattern(doc, name);
        is_int(compare_singles(regexp, types[i]), 0,
               apr_pstrcat(pool, name, ": every character", NULL));
        is_int(compare_sequences(regexp, types[i]), 0,
               apr_pstrcat(pool, name, ": sequences", NULL));
        is_int(compare_samples(regexp, types[i]), 0,
               apr_pstrcat(pool, name, ": 60,000 texts", NULL));
        xmlRegFreeRegexp(regexp);
    }
    xmlFreeDoc(doc);
}

static void table(void)
{
    int rising = 0, composed = 0;
    for (int i = 1; i < eb_din_ranges_count; i++)
        rising += eb_din_ranges[i].first > eb_din_ranges[i - 1].last;
    is_int(rising, eb_din_ranges_count - 1, "the ranges rise, for binary search");
    for (int i = 0; i < eb_din_sequences_count; i++) {
        char text[16];
        const char *nfc;
        put(text, eb_din_sequences[i].points, 3);
        composed += eb_utf8_nfc(&nfc, text, pool) == APR_SUCCESS && strcmp(nfc, text) == 0;
    }
    is_int(composed, eb_din_sequences_count, "every sequence is in NFC: a typed one can match");
    int ascii = 0;
    for (int t = 0; t < 3; t++) {
        for (int c = 1; c < 128; c++) {
            char text[2] = {(char)c, 0};
            bool in = false;
            for (int i = 0; i < eb_din_ranges_count; i++)
                in |= (eb_din_ranges[i].types & types[t]) &&
                      (apr_uint32_t)c >= eb_din_ranges[i].first &&
                      (apr_uint32_t)c <= eb_din_ranges[i].last;
            ascii += in == good(text, types[t]);
        }
    }
    is_int(ascii, 3 * 127, "the bitmaps of ASCII say what the ranges say");
}

static void offender(const char *text, eb_din_t type, const char *want, const char *name)
{
    int len = 0;
    const char *at = eb_din_offender(text, type, &len);
    is_str(at ? apr_pstrmemdup(pool, at, (apr_size_t)len) : NULL, want, name);
}

static void offenders(void)
{
    offender("", EB_DIN_A, NULL, "nothing offends nobody");
    offender("García Márquez", EB_DIN_A, NULL, "letters with accents");
    offender("K\u035FHan", EB_DIN_A, NULL, "a sequence of three");
    offender("C\u0328\u0306", EB_DIN_A, NULL, "a base with two marks");
    offender("Anna 2", EB_DIN_A, "2", "a digit in a name");
    offender("Anna 2", EB_DIN_B, NULL, "and in a place");
    offender("a\nb", EB_DIN_B, "\n", "a line break in a place");
    offender("a\nb", EB_DIN_C, NULL, "and in free text");
    offender("Anx\u0302a", EB_DIN_C, "x\u0302", "a letter is named together with its mark");
    offender("\u0302", EB_DIN_C, "\u0302", "a mark alone");
    offender("Ива", EB_DIN_C, "И", "the first of several");
    offender("gut \u2764\uFE0F!", EB_DIN_C, "\u2764\uFE0F", "an emoji with its selector");
}

static void mending(void)
{
    const char *clean = "Er sagte \"ja\" - gut";
    ok(eb_din_mend(clean, EB_DIN_C, pool) == clean, "what is good already is not copied");
    is_str(eb_din_mend("„ja“ – ‚gut‘…", EB_DIN_C, pool), "\"ja\" - 'gut\u2019...",
           "quotes and dashes");
    is_str(eb_din_mend("„ja“", EB_DIN_A, pool), "„ja“", "in names there is no quotation mark");
    is_str(eb_din_mend("a\u00A0b\u202Fc\td", EB_DIN_B, pool), "a b c d", "spaces");
    is_str(eb_din_mend("a\u00A0b\tc", EB_DIN_C, pool), "a\u00A0b\tc", "which C knows itself");
    is_str(eb_din_mend("\uFEFFMül\u00ADler\u200B", EB_DIN_A, pool), "Müller", "invisible ones go");
    is_str(eb_din_mend("\uFB01n", EB_DIN_A, pool), "fin", "ligatures of PDF files");
    is_str(eb_din_mend("жук", EB_DIN_C, pool), "жук", "what has no likeness stays");
}

static void explains(const char *text, eb_din_t type, const char *phrase)
{
    int len;
    const char *at = eb_din_offender(text, type, &len);
    const char *why = at ? eb_din_explain(at, len, type, NULL, pool) : "(good)";
    if (!ok(strstr(why, phrase), phrase))
        printf("# %s\n", why);
    ok(!at || (why[strlen(why) - 1] == '.' && eb_utf8_valid(why, strlen(why))), "a whole sentence");
}

static void explanations(void)
{
    explains("жук", EB_DIN_A,
             "„ж“ ist ein kyrillischer Buchstabe. Bitte schreiben Sie den Namen in "
             "lateinischen Buchstaben, so wie im Pass.");
    explains("ωμέγα", EB_DIN_B, "„ω“ ist ein griechischer Buchstabe");
    explains("محمد", EB_DIN_A, "„م“ ist ein arabischer Buchstabe");
    explains("שלום", EB_DIN_A, "„ש“ ist ein hebräischer Buchstabe");
    explains("王", EB_DIN_A, "„王“ ist ein chinesisches oder japanisches Schriftzeichen");
    explains("한", EB_DIN_A, "koreanisches");
    explains("नेपाल", EB_DIN_A, "Devanagari");
    explains("გია", EB_DIN_C, "auf Deutsch, in lateinischen Buchstaben");
    explains("R2D2", EB_DIN_A, "„2“ ist eine Ziffer");
    explains("a@b", EB_DIN_A, "„@“ ist hier nicht möglich");
    explains("\U0001F600", EB_DIN_C, "Emojis und Bildzeichen wie „\U0001F600“ (U+1F600)");
    explains("a\x01", EB_DIN_C, "unsichtbares Zeichen (U+0001)");
    explains("a\xC2\x85", EB_DIN_C, "unsichtbares Zeichen (U+0085)");
    explains("x\u0302", EB_DIN_C, "„x\u0302“ gehört nicht zu den Buchstaben");
    explains("\u2603", EB_DIN_C, "(U+2603)");
    explains("\u221E", EB_DIN_A,
             "„\u221E“ (U+221E) gehört nicht zu den Zeichen, die in Namen möglich");
}

/* A matcher that goes back would still be at it tomorrow. */
static void linear(void)
{
    char *text = apr_palloc(pool, 3000001);
    for (int i = 0; i < 1000000; i++)
        memcpy(text + (apr_size_t)i * 3, "K\u0304", 3);
    text[3000000] = '\0';
    ok(good(text, EB_DIN_A), "three million bytes of sequences");
}

int main(void)
{
    pool = tap_begin();
    table();
    against_kosit();
    offenders();
    mending();
    explanations();
    linear();
    return done();
}
