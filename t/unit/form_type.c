/* Data types: what people type, what it becomes, and what they are told when it cannot be. */
#include "form/type.h"
#include "tap.h"

#include <apr_strings.h>

static apr_pool_t *pool;
static const eb_facets_t no_facets;

static void good(const char *type, const eb_facets_t *facets, const char *typed, const char *want)
{
    const char *value = NULL, *why = NULL, *again = NULL;
    const eb_type_t *t = eb_type_find(type);
    char name[200];
    snprintf(name, sizeof(name), "%s: \"%.60s\"", type, typed);
    for (char *c = name; *c; c++)
        *c = (unsigned char)*c < ' ' ? '_' : *c;
    if (t->parse(&value, &why, t, facets, typed, pool) != APR_SUCCESS) {
        is_str(why, want, name);
        return;
    }
    is_str(value, want, name);
    if (t->parse(&again, &why, t, facets, value, pool) != APR_SUCCESS || again != value)
        ok(false, "its canonical form is taken as it is");
}

/* Every word of `phrase` up to the next '|' must occur in the message. */
static void bad(const char *type, const eb_facets_t *facets, const char *typed, const char *phrase)
{
    const char *value = NULL, *why = NULL;
    const eb_type_t *t = eb_type_find(type);
    char name[200];
    snprintf(name, sizeof(name), "%s: \"%.60s\" is refused", type, typed);
    apr_status_t rv = t->parse(&value, &why, t, facets, typed, pool);
    if (!ok(rv == APR_EINVAL && why && strstr(why, phrase), name))
        printf("#   rv %d, value %s, why: %s\n", rv, value ? value : "-", why ? why : "-");
}

#define GOOD(type, typed, want)  good((type), &no_facets, (typed), (want))
#define BAD(type, typed, phrase) bad((type), &no_facets, (typed), (phrase))

static void dates(void)
{
    GOOD("xs:date", "24.3.1990", "1990-03-24");
    GOOD("xs:date", "24.03.1990", "1990-03-24");
    GOOD("xs:date", "24. 3. 1990", "1990-03-24");
    GOOD("xs:date", "24/3/1990", "1990-03-24");
    GOOD("xs:date", "1990-03-24", "1990-03-24");
    GOOD("xs:date", "1990/3/24", "1990-03-24");
    GOOD("xs:date", "24. März 1990", "1990-03-24");
    GOOD("xs:date", "24.MÄRZ.1990", "1990-03-24");
    GOOD("xs:date", "24 Mrz 1990", "1990-03-24");
    GOOD("xs:date", "1.dez.2001", "2001-12-01");
    GOOD("xs:date", "1. Jänner 2001", "2001-01-01");
    GOOD("xs:date", "1. Maerz 2001", "2001-03-01");
    GOOD("xs:date", "1 Jun 2001", "2001-06-01");
    GOOD("xs:date", "1 july 2001", "2001-07-01");
    GOOD("xs:date", "9. мая 2001", "2001-05-09");
    GOOD("xs:date", "29.2.2000", "2000-02-29");
    GOOD("eb:partialDate", "03.1990", "1990-03");
    GOOD("eb:partialDate", "3/1990", "1990-03");
    GOOD("eb:partialDate", "1990", "1990");
    GOOD("eb:partialDate", "..1990", "1990");
    GOOD("eb:partialDate", ".3.1990", "1990-03");
    GOOD("eb:partialDate", "1990-03", "1990-03");
    GOOD("eb:partialDate", "24.03.1990", "1990-03-24");
    GOOD("eb:partialDate", "März 1990", "1990-03");
    BAD("xs:date", "29.2.1900", "Der Februar 1900 hat nur 28 Tage");
    BAD("xs:date", "31.4.1990", "Der April 1990 hat nur 30 Tage");
    BAD("xs:date", "32.1.1990", "Den Tag gibt es nicht");
    BAD("xs:date", "0.1.1990", "Den Tag gibt es nicht");
    BAD("xs:date", "3.24.1990", "Den Monat gibt es nicht");
    BAD("xs:date", "3.0.1990", "Den Monat gibt es nicht");
    BAD("xs:date", "3. Ju 1990", "Den Monat gibt es nicht");
    BAD("xs:date", "3. Mond 1990", "Den Monat gibt es nicht");
    BAD("xs:date", "3. so oder so 1990", "Den Monat gibt es nicht");
    BAD("xs:date", "24.3.90", "vier Ziffern");
    BAD("xs:date", "24.3.", "Das Jahr fehlt");
    BAD("xs:date", ".3.1990", "Der Tag fehlt");
    BAD("xs:date", "24..1990", "Der Monat fehlt");
    BAD("xs:date", "1990", "Der Monat fehlt");
    BAD("xs:date", "gestern", "Das ist kein Datum");
    BAD("xs:date", "1.2.3.1990", "Das ist kein Datum");
    BAD("xs:date", "24.3.0090", "vier Ziffern");
    BAD("xs:date", "0090-03-24", "vier Ziffern");
    BAD("xs:date", "24.3.19900", "vier Ziffern");
    BAD("xs:date", "24.Foo.1990", "Den Monat gibt es nicht");
    BAD("eb:partialDate", "24..1990", "Der Monat fehlt");
    GOOD("eb:year", "1990", "1990");
    BAD("eb:year", "90", "vier Ziffern");
    BAD("eb:year", "1 90", "vier Ziffern");

    eb_facets_t range = {.min = "1900-01-01", .max = "2026"};
    good("eb:partialDate", &range, "1900", "1900");
    good("eb:partialDate", &range, "31.12.2026", "2026-12-31");
    bad("eb:partialDate", &range, "31.12.1899",
        "31.12.1899 liegt zu weit zurück. Möglich ist alles ab "
        "01.01.1900");
    bad("eb:partialDate", &range, "1.1.2027", "bis 2026");
}

static void faults(void)
{
    const eb_type_t *date = eb_type_find("xs:date");
    is_int(eb_type_date_faults(date, &no_facets, "31.2.1990", pool), 1, "the day is at fault");
    is_int(eb_type_date_faults(date, &no_facets, "3.13.1990", pool), 2, "the month is at fault");
    is_int(eb_type_date_faults(date, &no_facets, "3.1.90", pool), 4, "the year is at fault");
    is_int(eb_type_date_faults(date, &no_facets, "nie", pool), 0, "the whole is at fault");
    is_int(eb_type_date_faults(date, &no_facets, "3.1.1990", pool), 0, "nothing is at fault");
}

static void numbers(void)
{
    GOOD("xs:integer", "12", "12");
    GOOD("xs:integer", "-0", "0");
    GOOD("xs:integer", "+7", "7");
    GOOD("xs:integer", "007", "7");
    GOOD("xs:integer", "1.234", "1234");
    GOOD("xs:integer", "1 234 567", "1234567");
    GOOD("xs:integer", "1'234", "1234");
    GOOD("xs:integer", "1\u00A0234", "1234");
    BAD("xs:integer", "1,5", "ganze Zahl");
    BAD("xs:integer", "1.5", "ganze Zahl");
    BAD("xs:integer", "zwei", "Das ist keine Zahl");
    BAD("xs:integer", "1.23.456", "Das ist keine Zahl");
    BAD("xs:integer", "1 23", "Das ist keine Zahl");
    BAD("xs:integer", "-", "Das ist keine Zahl");
    BAD("xs:integer", "1234567890123456", "zu viele Stellen");
    BAD("xs:integer", "12345678901234567890123456789012345678901234567890123456789012345678901",
        "zu viele");
    BAD("xs:nonNegativeInteger", "-1", "-1 ist zu wenig. Bitte geben Sie mindestens 0 ein");
    GOOD("xs:nonNegativeInteger", "0", "0");
    BAD("xs:positiveInteger", "0", "mindestens 1");
    GOOD("xs:decimal", "1.234,56", "1234.56");
    GOOD("xs:decimal", "1,234.56", "1234.56");
    GOOD("xs:decimal", "1234.56", "1234.56");
    GOOD("xs:decimal", "1234,5", "1234.5");
    GOOD("xs:decimal", "1,234", "1.2340");
    GOOD("xs:decimal", "1.234.567", "1234567");
    GOOD("xs:decimal", "-0,50", "-0.5");
    GOOD("xs:decimal", "0.125", "0.1250");
    GOOD("xs:decimal", "-0,00", "0");
    GOOD("xs:decimal", "1\u066C234\u066C567\u066B5", "1234567.5");
    GOOD("xs:decimal", "0\u066B125", "0.1250");
    BAD("xs:decimal", "1\u066B2\u066B3", "Das ist keine Zahl");
    BAD("xs:decimal", "1.234", "Meinen Sie 1234 oder 1,234?");
    BAD("xs:decimal", "1,2,3.4", "Das ist keine Zahl");
    BAD("xs:decimal", "1.", "Das ist keine Zahl");
    BAD("xs:decimal", ".5", "Das ist keine Zahl");
    GOOD("eb:amount", "1.234", "1234.00");
    GOOD("eb:amount", "1.234,5", "1234.50");
    GOOD("eb:amount", "50,- €", "50.00");
    GOOD("eb:amount", "50 Euro", "50.00");
    GOOD("eb:amount", "2500", "2500.00");
    GOOD("eb:amount", "2.500,00 EUR", "2500.00");
    GOOD("eb:amount", "1234567890123", "1234567890123.00");
    BAD("eb:amount", "12345678901234", "zu viele Stellen");
    BAD("eb:amount", "1,234", "zwei Stellen");
    BAD("eb:amount", "viel", "1.234,56");
    BAD("eb:amount", "-5", "mindestens 0");

    eb_facets_t range = {.min = "1.5", .max = "1200"};
    good("xs:decimal", &range, "1,5", "1.5");
    good("xs:decimal", &range, "1200,00", "1200");
    bad("xs:decimal", &range, "1,49", "1,49 ist zu wenig. Bitte geben Sie mindestens 1,5 ein");
    bad("xs:decimal", &range, "1200,01",
        "1.200,01 ist zu viel. Bitte geben Sie höchstens 1.200 ein");
    bad("xs:decimal", &range, "-1500", "mindestens 1,5");
}

static void texts(void)
{
    GOOD("eb:datatypeA", "  Anna   Lena ", "Anna Lena");
    GOOD("eb:datatypeA", "O\u2018Neill", "O\u2019Neill");
    GOOD("eb:datatypeA", "M\u00FCller\u2013L\u00FCdenscheidt", "M\u00FCller-L\u00FCdenscheidt");
    GOOD("eb:datatypeA", "\u200EŞahin\u200F", "Şahin");
    BAD("eb:datatypeA", "Иван", "„И“ ist ein kyrillischer Buchstabe");
    BAD("eb:datatypeA", "Anna2", "„2“ ist eine Ziffer");
    BAD("eb:datatypeA", "\u200B", "unsichtbaren Zeichen");
    GOOD("eb:datatypeB", "Straße 5 „Am Berg“", "Straße 5 \"Am Berg\"");
    GOOD("xs:string", "eins\r\nzwei\rdrei\n", "eins\nzwei\ndrei");
    GOOD("xs:normalizedString", "eins\r\nzwei\tdrei", "eins zwei drei");
    GOOD("xs:string", "Er sagte „nein“ – und ging…", "Er sagte \"nein\" - und ging...");
    BAD("xs:string", "gut \U0001F600", "Emojis");

    eb_facets_t short_one = {.max_length = 5, .min_length = 3};
    good("xs:string", &short_one, "Äpfel", "Äpfel");
    bad("xs:string", &short_one, "Zürich!",
        "um 2 Zeichen zu lang. Möglich sind höchstens 5 Zeichen");
    bad("xs:string", &short_one, "Äu", "mindestens 3 Zeichen");
    char *text = memset(apr_pcalloc(pool, 2002), 'x', 2001);
    BAD("xs:string", text, "um 1 Zeichen zu lang");
}

static void contacts(void)
{
    GOOD("eb:email", "anna.berg+antrag@post.example.org", "anna.berg+antrag@post.example.org");
    GOOD("eb:email", "jörg@müller.de", "jörg@müller.de");
    BAD("eb:email", "anna", "genau ein @-Zeichen");
    BAD("eb:email", "@example.org", "genau ein @-Zeichen");
    BAD("eb:email", "a@b@example.org", "genau ein @-Zeichen");
    BAD("eb:email", "anna@localhost", "Nach dem @-Zeichen");
    BAD("eb:email", "anna@example.", "Nach dem @-Zeichen");
    BAD("eb:email", "anna@-example.org", "Nach dem @-Zeichen");
    BAD("eb:email", "anna@10.0.0.1", "Nach dem @-Zeichen");
    BAD("eb:email", "anna@exa/mple.org", "Nach dem @-Zeichen");
    BAD("eb:email", "anna berg@example.org", "keine Leerzeichen");
    BAD("eb:email", "a,b@example.org", "ein Zeichen, das dort nicht möglich ist");
    BAD("eb:email", "анна@example.org", "ein Zeichen, das dort nicht möglich ist");
    char *text = memset(apr_pcalloc(pool, 300), 'x', 243);
    BAD("eb:email", strcat(text, "@example.org"), "um 1 Zeichen zu lang");
    GOOD("eb:phone", "+49 2381 17-0", "+49 2381 17-0");
    GOOD("eb:phone", "(02381)  17 / 0", "(02381) 17 / 0");
    GOOD("eb:phone", "0049\u00A02381\u201317", "0049 2381-17");
    BAD("eb:phone", "02381 17 ext. 5", "besteht aus Ziffern");
    BAD("eb:phone", "49+2381", "besteht aus Ziffern");
    BAD("eb:phone", "110", "zu kurz");
    BAD("eb:phone", "012345678901234567890", "zu lang");
    GOOD("eb:postcode", "01067", "01067");
    BAD("eb:postcode", "1067", "fünf Ziffern");
    BAD("eb:postcode", "ABCDE", "fünf Ziffern");
    BAD("eb:postcode", "00123", "fünf Ziffern");
}

static void choices(void)
{
    static const eb_code_t codes[] = {{"VH", "verheiratet", false, true},
                                      {"LD", "ledig", true, true},
                                      {"GS", "geschieden", false, true}};
    eb_codelist_t list = {.codes = codes, .count = 3};
    const char *twice;
    ok(eb_codelist_index(&list, &twice, pool), "a list without doubles");
    eb_facets_t one = {.codes = &list}, several = {.codes = &list, .multiple = true};
    good("eb:code", &one, "LD", "LD");
    bad("eb:code", &one, "XX", "steht nicht zur Auswahl");
    bad("eb:code", &one, "ld", "steht nicht zur Auswahl");
    bad("eb:code", &no_facets, "LD", "steht nicht zur Auswahl");
    const char *value, *why;
    const eb_type_t *code = eb_type_find("eb:code");
    is_int(code->parse(&value, &why, code, &several, "GS VH  GS", pool), APR_SUCCESS,
           "several codes");
    is_str(value, "VH GS", "in the order of the list, once each");
    bad("eb:code", &several, "VH XX", "steht nicht zur Auswahl");
    is_str(code->show(code, &one, "LD", pool), "ledig", "a code is shown by its name");
    is_str(code->show(code, &several, "VH GS", pool), "verheiratet, geschieden", "several too");
    GOOD("xs:boolean", "true", "true");
    GOOD("xs:boolean", "0", "false");
    BAD("xs:boolean", "vielleicht", "„Ja“ oder „Nein“");
}

static void show(const char *type, const char *value, const char *want)
{
    const eb_type_t *t = eb_type_find(type);
    is_str(t->show(t, &no_facets, value, pool), want, want);
}

/* Never typed: what comes is ours already, or is refused. */
static void files(void)
{
#define FILE_A "AAAAAAAAAAAAAAAAAAAAAA pdf 1 ok Pass.pdf"
#define FILE_B "BBBBBBBBBBBBBBBBBBBBBA jpg 2 offen Pass-Rückseite.jpg"
    static const struct {
        const char *value, *shown;
    } values[] = {
        {"spaeter", "wird nachgereicht"},
        {FILE_A, "1 Datei: Pass.pdf"},
        {"spaeter\n" FILE_A, "1 Datei: Pass.pdf; wird nachgereicht"},
        {"spaeter\n" FILE_A "\n" FILE_B,
         "2 Dateien: Pass.pdf, Pass-Rückseite.jpg; wird nachgereicht"},
    };
    const eb_type_t *type = eb_type_find("eb:files");
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        GOOD("eb:files", values[i].value, values[i].value);
        is_str(type->show(type, &no_facets, values[i].value, pool), values[i].shown, "shown");
    }
    BAD("eb:files", "Pass.pdf", "nicht möglich");
    BAD("eb:files", " spaeter", "nicht möglich");
    BAD("eb:files", FILE_A "\n", "nicht möglich");
    is_str(type->show(type, &no_facets, "Pass.pdf", pool), "Pass.pdf", "what is none, as it is");
    char *many = apr_pstrdup(pool, FILE_A);
    for (int i = 1; i < 60; i++)
        many = apr_psprintf(pool, "%s\n%02dAAAAAAAAAAAAAAAAAAAA pdf 1 ok %0100d.pdf", many, i, i);
    GOOD("eb:files", many, many); /* longer than any typed text may be */
}

int main(void)
{
    pool = tap_begin();
    ok(!eb_type_find("xs:anyURI"), "an unknown type is not found");
    dates();
    faults();
    numbers();
    texts();
    contacts();
    choices();
    show("xs:date", "1990-03-24", "24.03.1990");
    show("eb:partialDate", "1990-03", "03/1990");
    show("eb:partialDate", "1990", "1990");
    show("xs:date", "32.13.", "32.13.");
    show("eb:amount", "1234567.50", "1.234.567,50 €");
    show("eb:amount", "viel", "viel");
    show("xs:integer", "-123456", "-123.456");
    show("xs:integer", "-1234", "-1.234");
    show("xs:decimal", "0.5", "0,5");
    show("xs:boolean", "true", "ja");
    show("xs:boolean", "false", "nein");
    files();
    return done();
}
