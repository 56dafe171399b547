/* Why a character was refused, for people. Someone whose name is written in another script has done
 * nothing wrong; the sentence names the script and says where the Latin spelling is to be found. */
#include "din91379.h"

#include "base/utf8.h"

#include <apr_strings.h>

typedef struct eb_script_t {
    apr_uint32_t first, last;
    const char *what; /* „ж“ ist … */
} eb_script_t;

static const eb_script_t scripts[] = {
    {0x0370, 0x03FF, EB_SAY("ein griechischer Buchstabe")},
    {0x0400, 0x052F, EB_SAY("ein kyrillischer Buchstabe")},
    {0x0530, 0x058F, EB_SAY("ein armenischer Buchstabe")},
    {0x0590, 0x05FF, EB_SAY("ein hebräischer Buchstabe")},
    {0x0600, 0x06FF, EB_SAY("ein arabischer Buchstabe")},
    {0x0700, 0x074F, EB_SAY("ein syrischer Buchstabe")},
    {0x0750, 0x077F, EB_SAY("ein arabischer Buchstabe")},
    {0x08A0, 0x08FF, EB_SAY("ein arabischer Buchstabe")},
    {0x0900, 0x097F, EB_SAY("ein Schriftzeichen der Devanagari (zum Beispiel Hindi, Nepali)")},
    {0x0980, 0x09FF, EB_SAY("ein bengalisches Schriftzeichen")},
    {0x0A00, 0x0A7F, EB_SAY("ein Schriftzeichen des Punjabi (Gurmukhi)")},
    {0x0B80, 0x0BFF, EB_SAY("ein tamilisches Schriftzeichen")},
    {0x0C00, 0x0C7F, EB_SAY("ein Schriftzeichen des Telugu")},
    {0x0D00, 0x0D7F, EB_SAY("ein Schriftzeichen des Malayalam")},
    {0x0D80, 0x0DFF, EB_SAY("ein singhalesisches Schriftzeichen")},
    {0x0E00, 0x0E7F, EB_SAY("ein thailändisches Schriftzeichen")},
    {0x1000, 0x109F, EB_SAY("ein birmanisches Schriftzeichen")},
    {0x10A0, 0x10FF, EB_SAY("ein georgischer Buchstabe")},
    {0x1100, 0x11FF, EB_SAY("ein koreanisches Schriftzeichen")},
    {0x1200, 0x139F, EB_SAY("ein äthiopisches Schriftzeichen")},
    {0x1780, 0x17FF, EB_SAY("ein Schriftzeichen des Khmer")},
    {0x1C90, 0x1CBF, EB_SAY("ein georgischer Buchstabe")},
    {0x1F00, 0x1FFF, EB_SAY("ein griechischer Buchstabe")},
    {0x2E80, 0x2FDF, EB_SAY("ein chinesisches Schriftzeichen")},
    {0x3040, 0x30FF, EB_SAY("ein japanisches Schriftzeichen")},
    {0x3130, 0x318F, EB_SAY("ein koreanisches Schriftzeichen")},
    {0x3400, 0x9FFF, EB_SAY("ein chinesisches oder japanisches Schriftzeichen")},
    {0xAC00, 0xD7AF, EB_SAY("ein koreanisches Schriftzeichen")},
    {0xF900, 0xFAFF, EB_SAY("ein chinesisches oder japanisches Schriftzeichen")},
    {0xFB1D, 0xFB4F, EB_SAY("ein hebräischer Buchstabe")},
    {0xFB50, 0xFDFF, EB_SAY("ein arabischer Buchstabe")},
    {0xFE70, 0xFEFE, EB_SAY("ein arabischer Buchstabe")},
    {0x20000, 0x3FFFF, EB_SAY("ein chinesisches oder japanisches Schriftzeichen")},
};

static const char *script(apr_uint32_t c)
{
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        if (c >= scripts[i].first && c <= scripts[i].last)
            return scripts[i].what;
    }
    return NULL;
}

static bool is_control(apr_uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x2029) ||
           (c >= 0xE000 && c <= 0xF8FF) || (c & 0xFFFE) == 0xFFFE || (c >= 0xFFF0 && c <= 0xFFFD);
}

static bool is_emoji(apr_uint32_t c)
{
    return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF) ||
           (c >= 0x2B00 && c <= 0x2BFF) || (c >= 0xE0000 && c <= 0xE007F);
}

static const char *in_latin(eb_din_t datatype)
{
    switch (datatype) {
    case EB_DIN_A:
        return EB_SAY(
            "Bitte schreiben Sie den Namen in lateinischen Buchstaben, so wie im Pass. Zum "
            "Beispiel: Şahin oder Kowalczyk.");
    case EB_DIN_B:
        return EB_SAY("Bitte schreiben Sie in lateinischen Buchstaben, so wie in deutschen "
                      "Dokumenten. Zum Beispiel: Thessaloniki oder Kyjiw.");
    default: return EB_SAY("Bitte schreiben Sie auf Deutsch, in lateinischen Buchstaben.");
    }
}

/* An ASCII sign: only names refuse any. */
static const char *explain_sign(const char *sign, apr_uint32_t c, const eb_words_t *words,
                                apr_pool_t *pool)
{
    const char *what = c >= '0' && c <= '9' ? EB_SAY("„{sign}“ ist eine Ziffer.")
                                            : EB_SAY("„{sign}“ ist hier nicht möglich.");
    return apr_pstrcat(
        pool, eb_say_with(words, pool, what, "sign", sign, NULL), " ",
        eb_say(words, "In einem Namen sind nur Buchstaben, Leerzeichen, Punkt, Komma, Bindestrich "
                      "und Apostroph möglich. Zum Beispiel: Anna-Lena d'Angelo."),
        NULL);
}

/* What is said of it; {sign} and {code} name it. */
static const char *explain(apr_uint32_t c, bool combined, eb_din_t datatype)
{
    if (c == EB_UTF8_BAD || is_control(c))
        return EB_SAY("Ihr Text enthält ein unsichtbares Zeichen ({code}), das vermutlich beim "
                      "Kopieren hineingeraten ist. Bitte löschen Sie die Eingabe und tippen Sie "
                      "den Text neu ein.");
    if (is_emoji(c))
        return EB_SAY("Emojis und Bildzeichen wie „{sign}“ ({code}) sind nicht möglich. Bitte "
                      "löschen Sie das Zeichen oder schreiben Sie ein Wort dafür.");
    if (combined)
        return EB_SAY("„{sign}“ gehört nicht zu den Buchstaben, die deutsche Behörden verarbeiten "
                      "können ({code} mit Zusatzzeichen). Bitte schreiben Sie so wie in Ihrem "
                      "Pass, oder ohne das Zusatzzeichen.");
    return datatype == EB_DIN_A
               ? EB_SAY("„{sign}“ ({code}) gehört nicht zu den Zeichen, die in Namen möglich sind. "
                        "Bitte lassen Sie das Zeichen weg oder schreiben Sie es mit Buchstaben "
                        "aus.")
               : EB_SAY("„{sign}“ ({code}) gehört nicht zu den Zeichen, die hier möglich sind. "
                        "Bitte lassen Sie das Zeichen weg oder schreiben Sie es mit Buchstaben "
                        "aus.");
}

const char *eb_din_explain(const char *offender, int len, eb_din_t datatype,
                           const eb_words_t *words, apr_pool_t *pool)
{
    const char *sign = apr_pstrmemdup(pool, offender, (apr_size_t)len), *next = sign;
    apr_uint32_t c = eb_utf8_next(&next, sign + len);
    const char *what = script(c);

    if (what)
        return apr_pstrcat(pool,
                           eb_say_with(words, pool, EB_SAY("„{sign}“ ist {what}."), "sign", sign,
                                       "what", eb_say(words, what), NULL),
                           " ", eb_say(words, in_latin(datatype)), NULL);
    if (c < 0x80 && !is_control(c) && next == sign + len)
        return explain_sign(sign, c, words, pool);
    return eb_say_with(words, pool, explain(c, next < sign + len, datatype), "sign", sign, "code",
                       apr_psprintf(pool, "U+%04X", c == EB_UTF8_BAD ? 0xFFFD : c), NULL);
}
