/* What people upload instead of PDF, JPEG and PNG, known by its first bytes, and what to do about
 * it: the most common mistakes get the most helpful sentences. The sentences say nothing of what is
 * in the file. */
#include "content_kinds.h"

#include <string.h>

static const char heic[] = EB_SAY(
    "Dieses Foto ist im Format HEIC gespeichert, das viele Programme nicht öffnen können. Bitte "
    "sichern Sie es als JPEG, und laden Sie es noch einmal hoch. Auf dem iPhone: „Einstellungen“, "
    "„Kamera“, „Formate“, „Maximale Kompatibilität“ wählen und neu fotografieren; auf anderen "
    "Telefonen in den Einstellungen der Kamera „HEIF“ oder „HEIC“ ausschalten.");
static const char image[] =
    EB_SAY("Dieses Bild hat ein Format, das hier nicht angenommen wird. Bitte "
           "öffnen Sie es, speichern Sie "
           "es als JPEG oder PNG, und laden Sie die neue Datei hoch.");
static const char tiff[] = EB_SAY(
    "Dieses Bild ist im Format TIFF gespeichert, das hier nicht angenommen wird. Bitte wählen Sie "
    "beim Scannen PDF oder JPEG, oder öffnen Sie das Bild und speichern es als JPEG oder PNG.");
static const char film[] = EB_SAY(
    "Diese Datei ist ein Film oder eine Tonaufnahme. Bitte fotografieren oder scannen Sie das "
    "Dokument, und laden Sie es als PDF, JPEG oder PNG hoch.");
static const char office[] = EB_SAY(
    "Dieses Dokument stammt aus einem Schreibprogramm oder einer Tabellenkalkulation, zum Beispiel "
    "Word. Bitte öffnen Sie es dort, speichern Sie es als PDF („Datei“, „Speichern unter“ oder "
    "„Exportieren“, „PDF“), und laden Sie die PDF-Datei hoch.");
static const char archive[] = EB_SAY(
    "Diese Datei ist ein Archiv, zum Beispiel ZIP. Bitte entpacken Sie es, und laden Sie die "
    "Dokumente einzeln als PDF, JPEG oder PNG hoch.");
static const char page[] = EB_SAY(
    "Diese Datei ist eine Internetseite. Bitte öffnen Sie sie im Browser, wählen Sie „Drucken“ und "
    "„Als PDF speichern“, und laden Sie die PDF-Datei hoch.");
static const char text[] =
    EB_SAY("Diese Datei enthält nur Text. Bitte öffnen Sie sie, wählen Sie „Drucken“ und „Als PDF "
           "speichern“, und laden Sie die PDF-Datei hoch.");
static const char postscript[] =
    EB_SAY("Diese Datei ist im Format PostScript. Bitte wandeln Sie sie in "
           "eine PDF-Datei um, zum Beispiel "
           "beim Drucken mit „Als PDF speichern“, und laden Sie diese hoch.");
static const char program[] = EB_SAY(
    "Diese Datei ist ein Programm und wird nicht angenommen. Bitte laden Sie das Dokument als PDF, "
    "JPEG oder PNG hoch.");
static const char shifted[] = EB_SAY(
    "Vor dem Anfang dieser PDF-Datei stehen noch andere Daten. Bitte öffnen Sie sie, speichern Sie "
    "sie über „Drucken“ und „Als PDF speichern“ neu, und laden Sie die neue Datei hoch.");
static const char broken[] = EB_SAY(
    "Diese Datei ist kein vollständiges Bild und kein vollständiges Dokument. Bitte öffnen Sie "
    "sie, "
    "speichern Sie sie neu als PDF, JPEG oder PNG, und laden Sie die neue Datei hoch.");
static const char unknown[] = EB_SAY(
    "Diese Datei hat ein Format, das hier nicht angenommen wird. Bitte speichern Sie das Dokument "
    "als PDF, JPEG oder PNG, und laden Sie die neue Datei hoch.");
static const char empty[] = EB_SAY(
    "Diese Datei ist leer. Bitte prüfen Sie, ob sie sich öffnen lässt, und laden Sie sie noch "
    "einmal hoch.");

/* A row without bytes matches nothing; several rows may name one kind. */
static const struct {
    int at, len;
    const char *bytes;
    const char *why;
} kinds[] = {
    {4, 8, "ftypheic", heic},
    {4, 8, "ftypheix", heic},
    {4, 8, "ftypheim", heic},
    {4, 8, "ftypheis", heic},
    {4, 8, "ftyphevc", heic},
    {4, 8, "ftyphevx", heic},
    {4, 8, "ftypmif1", heic},
    {4, 8, "ftypmsf1", heic},
    {4, 7, "ftypavi", image}, /* avif, avis */
    {4, 8, "ftypcrx ", image},
    {4, 4, "ftyp", film},
    {8, 4, "WEBP", image},
    {0, 4, "RIFF", film},
    {0, 4, "\x1A\x45\xDF\xA3", film},
    {0, 3, "ID3", film},
    {0, 4, "OggS", film},
    {0, 4, "II*\0", tiff},
    {0, 4, "MM\0*", tiff},
    {0, 4, "II+\0", tiff},
    {0, 4, "MM\0+", tiff},
    {0, 4, "GIF8", image},
    {0, 4, "8BPS", image},
    {0, 2, "\xFF\x0A", image},
    {0, 8, "\0\0\0\x0CJXL ", image},
    {0, 8, "\0\0\0\x0CjP  ", image},
    {0, 4, "\xFF\x4F\xFF\x51", image},
    {0, 8, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", office},
    {0, 5, "{\\rtf", office},
    {30, 27, "mimetypeapplication/vnd.oas", office},
    {30, 19, "[Content_Types].xml", office},
    {30, 6, "_rels/", office},
    {30, 8, "docProps", office},
    {30, 5, "word/", office},
    {30, 6, "Index/", office}, /* Pages, Numbers */
    {0, 2, "PK", archive},
    {0, 4, "Rar!", archive},
    {0, 6, "7z\xBC\xAF\x27\x1C", archive},
    {0, 2, "\x1F\x8B", archive},
    {0, 3, "BZh", archive},
    {0, 6, "\xFD\x37zXZ\0", archive},
    {0, 4, "\x28\xB5\x2F\xFD", archive},
    {0, 4, "MSCF", archive},
    {0, 4, "%!PS", postscript},
    {0, 4, "\x7F\x45LF", program},
    {0, 2, "MZ", program},
    {0, 2, "#!", program},
    {0, 4, "\xFE\xED\xFA\xCE", program},
    {0, 4, "\xFE\xED\xFA\xCF", program},
    {0, 4, "\xCE\xFA\xED\xFE", program},
    {0, 4, "\xCF\xFA\xED\xFE", program},
    {0, 4, "\xCA\xFE\xBA\xBE", program},
    {0, 3, "\xFF\xD8\xFF", broken},
    {0, 8, "\x89PNG\r\n\x1A\n", broken},
    {0, 5, "%PDF-", broken},
    {14, 2, "\x28\0", image}, /* BMP: the length of its second header */
};

static bool is_text(const unsigned char *head, apr_size_t len)
{
    for (apr_size_t i = 0; i < len; i++) {
        if (head[i] == 0x7F || (head[i] < 0x20 && !strchr("\t\n\f\r", head[i])) || !head[i])
            return false;
    }
    return true;
}

static bool begins_with_tag(const unsigned char *head, apr_size_t len)
{
    apr_size_t i = len >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (i < len && strchr(" \t\r\n", head[i]))
        i++;
    return i < len && head[i] == '<';
}

const char *eb_kind_why(const unsigned char *head, apr_size_t len)
{
    if (len == 0)
        return empty;
    for (apr_size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        apr_size_t end = (apr_size_t)(kinds[i].at + kinds[i].len);
        bool bmp = kinds[i].at == 14 && memcmp(head, "BM", 2) != 0;
        if (len >= end && !bmp &&
            memcmp(head + kinds[i].at, kinds[i].bytes, (apr_size_t)kinds[i].len) == 0)
            return kinds[i].why;
    }
    if (memmem(head, len, "%PDF-", 5))
        return shifted;
    if (!is_text(head, len))
        return unknown;
    return begins_with_tag(head, len) ? page : text;
}
