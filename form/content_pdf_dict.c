/* What dictionaries say. A PDF acts through names: an action is a dictionary that names its kind,
 * and so is everything that carries scripts, files or forms along. Whether a name is a key or a
 * value makes no difference here, since a value may stand in an object of its own; only in arrays
 * the two short ones may stand for letters of a font.
 *
 * BSI TR-03172-3, A3.8.04 asks for no executable content. Refused is what runs or starts something,
 * fetches, sends or carries files, or cannot be looked into. Not refused are OpenAction and AA by
 * themselves: ordinary programs write them for "begin at page 1", and whatever else they would do
 * has one of the names below. Links are fine.
 *
 * Of a stream's own dictionary, what makes it an object stream is noted as well. */
#include "content_pdf.h"

#include <string.h>

const char eb_pdf_damaged[] = EB_SAY("Diese PDF-Datei ist beschädigt oder unvollständig. "
                                     "Bitte öffnen Sie sie, wählen Sie „Drucken“ und „Als PDF "
                                     "speichern“, und laden Sie die neue Datei hoch.");
const char eb_pdf_opaque[] =
    EB_SAY("Diese PDF-Datei ist so gespeichert, dass ihr Inhalt nicht geprüft werden kann. "
           "Bitte öffnen Sie sie, wählen Sie „Drucken“ und „Als PDF speichern“, und laden Sie die "
           "neue Datei hoch.");
static const char encrypted[] = EB_SAY(
    "Diese PDF-Datei ist verschlüsselt oder mit einem Kennwort geschützt und kann deshalb nicht "
    "geprüft werden. Bitte speichern Sie sie ohne Schutz, zum Beispiel über „Drucken“ und „Als PDF "
    "speichern“, und laden Sie die neue Datei hoch.");
static const char active[] =
    EB_SAY("Diese PDF-Datei enthält Befehle, die beim Öffnen ausgeführt werden können. "
           "Bitte öffnen Sie sie, wählen Sie „Drucken“ und „Als PDF speichern“, und laden Sie die "
           "neue Datei hoch.");
static const char attached[] = EB_SAY(
    "In dieser PDF-Datei stecken weitere Dateien. Bitte laden Sie diese einzeln hoch. Speichern "
    "Sie "
    "außerdem das Dokument ohne Anhänge, zum Beispiel über „Drucken“ und „Als PDF speichern“, und "
    "laden Sie auch diese neue Datei hoch.");
static const char interactive[] =
    EB_SAY("Diese PDF-Datei ist ein elektronisches Formular, das Daten laden oder versenden kann. "
           "Bitte öffnen Sie sie, wählen Sie „Drucken“ und „Als PDF speichern“, und laden Sie die "
           "neue Datei hoch.");
static const char media[] = EB_SAY("Diese PDF-Datei enthält Ton, Film oder 3D-Inhalte. "
                                   "Bitte öffnen Sie sie, wählen Sie „Drucken“ und „Als PDF "
                                   "speichern“, und laden Sie die neue Datei hoch.");
static const char remote[] = EB_SAY("Diese PDF-Datei greift auf Dateien außerhalb von ihr zu. "
                                    "Bitte öffnen Sie sie, wählen Sie „Drucken“ und „Als PDF "
                                    "speichern“, und laden Sie die neue Datei hoch.");

static const struct {
    const char *name;
    const char *why;
    bool letter; /* fine in an array */
} refused[] = {
    {"Encrypt", encrypted, false},
    {"JavaScript", active, false},
    {"JS", active, true},
    {"Launch", active, false},
    {"OnInstantiate", active, false}, /* scripts of 3D models */
    {"EmbeddedFile", attached, false},
    {"EmbeddedFiles", attached, false},
    {"EF", attached, true},
    {"GoToE", attached, false},
    {"FileAttachment", attached, false},
    {"XFA", interactive, false},
    {"SubmitForm", interactive, false},
    {"ImportData", interactive, false},
    {"Movie", media, true},
    {"Sound", media, true},
    {"3D", media, true},
    {"RichMedia", media, false},
    {"RichMediaExecute", media, false},
    {"Rendition", media, false},
    {"GoTo3DView", media, false},
    {"GoToR", remote, false},
};

enum { NO_KEY, TYPE, FIRST, COUNT, FILTER, PARMS, EXTERNAL };

static const struct {
    const char *name;
    int key;
} keys[] = {
    {"Type", TYPE},  {"First", FIRST},      {"N", COUNT},           {"Filter", FILTER},
    {"F", EXTERNAL}, {"FFilter", EXTERNAL}, {"DecodeParms", PARMS}, {"DP", PARMS},
};

static const char *check_name(const eb_pdf_dict_t *dict, const eb_pdf_lex_t *lex)
{
    bool in_array = dict->depth && dict->is_array[dict->depth - 1];
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (eb_pdf_lex_is(lex, refused[i].name) && !(refused[i].letter && in_array))
            return refused[i].why;
    }
    return NULL;
}

void eb_pdf_dict_begin(eb_pdf_dict_t *dict)
{
    memset(dict, 0, sizeof(*dict));
    dict->first = dict->count = -1;
}

static void take_key(eb_pdf_dict_t *dict, const eb_pdf_lex_t *lex)
{
    dict->key = NO_KEY;
    dict->has_value = false;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (eb_pdf_lex_is(lex, keys[i].name))
            dict->key = keys[i].key;
    }
    if (!dict->key)
        return;
    dict->twice |= (dict->seen & 1u << dict->key) != 0;
    dict->seen |= 1u << dict->key;
    dict->external |= dict->key == EXTERNAL;
}

/* A number: one word; a reference is three, and is not followed. */
static apr_int64_t take_number(const eb_pdf_dict_t *dict, eb_pdf_kind_t kind,
                               const eb_pdf_lex_t *lex)
{
    bool plain = kind == EB_PDF_WORD && dict->depth == 1 && !dict->has_value;
    return plain ? eb_pdf_lex_number(lex) : -1;
}

static void take_filter(eb_pdf_dict_t *dict, eb_pdf_kind_t kind, const eb_pdf_lex_t *lex)
{
    if (kind == EB_PDF_OPEN_ARRAY && dict->depth == 1)
        return;
    if (kind == EB_PDF_WORD && dict->depth == 1 && !dict->has_value && eb_pdf_lex_is(lex, "null"))
        return;
    bool flate = kind == EB_PDF_NAME && eb_pdf_lex_is(lex, "FlateDecode") && ++dict->filters == 1;
    dict->filter = flate ? EB_PDF_FLATE : EB_PDF_OTHER;
}

/* A token of a value in the outermost dictionary, at whatever depth. */
static void take_value(eb_pdf_dict_t *dict, eb_pdf_kind_t kind, const eb_pdf_lex_t *lex)
{
    switch (dict->key) {
    case TYPE: dict->objstm |= kind == EB_PDF_NAME && eb_pdf_lex_is(lex, "ObjStm"); break;
    case FIRST: dict->first = take_number(dict, kind, lex); break;
    case COUNT: dict->count = take_number(dict, kind, lex); break;
    case FILTER: take_filter(dict, kind, lex); break;
    case PARMS:
        dict->parms |= kind == EB_PDF_NAME || (kind == EB_PDF_WORD && !eb_pdf_lex_is(lex, "null"));
        break;
    }
    if (dict->depth == 1)
        dict->has_value = true;
}

static const char *open_nest(eb_pdf_dict_t *dict, bool is_array)
{
    if (dict->depth == EB_PDF_DEPTH_MAX)
        return eb_pdf_opaque;
    dict->is_array[dict->depth++] = is_array;
    if (dict->depth == 1)
        dict->has_value = true;
    return NULL;
}

static const char *close_nest(eb_pdf_dict_t *dict, bool is_array)
{
    if (!dict->depth || dict->is_array[dict->depth - 1] != is_array)
        return eb_pdf_damaged;
    dict->depth--;
    return NULL;
}

const char *eb_pdf_dict_token(eb_pdf_dict_t *dict, eb_pdf_kind_t kind, const eb_pdf_lex_t *lex)
{
    const char *why = kind == EB_PDF_NAME ? check_name(dict, lex) : NULL;
    bool closing = kind == EB_PDF_CLOSE_DICT || kind == EB_PDF_CLOSE_ARRAY;
    if (why || kind == EB_PDF_COMMENT)
        return why;
    if (dict->depth && !dict->is_array[0] && !closing) {
        if (kind == EB_PDF_NAME && dict->depth == 1 && dict->has_value)
            take_key(dict, lex);
        else
            take_value(dict, kind, lex);
    }
    if (kind == EB_PDF_OPEN_DICT || kind == EB_PDF_OPEN_ARRAY)
        return open_nest(dict, kind == EB_PDF_OPEN_ARRAY);
    return closing ? close_nest(dict, kind == EB_PDF_CLOSE_ARRAY) : NULL;
}

/* By what it has, too: readers that were told so by the table of the file do not ask for the type.
 */
bool eb_pdf_dict_is_objstm(const eb_pdf_dict_t *dict)
{
    return dict->objstm || (dict->seen & 1u << FIRST) != 0;
}
