/* How a person is reached: e-mail, telephone, postcode. Pragmatic: what a mail server or a
 * telephone decides is not decided here; typing errors that can be seen are. */
#include "din91379.h"
#include "type_parts.h"

#include <apr_lib.h>
#include <string.h>

#define EMAIL_MAX        254 /* RFC 5321, 4.5.3.1.3 */
#define PHONE_MAX        40
#define PHONE_DIGITS_MIN 5
#define PHONE_DIGITS_MAX 20

static apr_status_t refuse(const char **why, const char *text)
{
    *why = text;
    return APR_EINVAL;
}

/* Labels of letters, digits and hyphens, at least two, the last one not a number. Letters beyond
 * ASCII are left to the mail server. */
static bool is_domain(const char *s)
{
    int labels = 0;
    for (const char *c = s; *c; c++) {
        if ((unsigned char)*c < 0x80 && !apr_isalnum(*c) && *c != '-' && *c != '.')
            return false;
    }
    for (;;) {
        apr_size_t len = strcspn(s, ".");
        if (len == 0 || len > 63 || s[0] == '-' || s[len - 1] == '-')
            return false;
        labels++;
        if (!s[len])
            return labels >= 2 && len >= 2 && !apr_isdigit(s[0]);
        s += len + 1;
    }
}

EB_TYPE_PARSE(email)
{
    int len;
    const char *at = strchr(text, '@');
    (void)type;
    if (strpbrk(text, " \t\r\n"))
        return refuse(why,
                      eb_say(facets->words,
                             "Eine E-Mail-Adresse enthält keine Leerzeichen. Bitte geben Sie eine "
                             "einzelne Adresse ein, zum Beispiel name@example.org."));
    if (!at || at == text || strchr(at + 1, '@'))
        return refuse(
            why, eb_say(facets->words,
                        "Eine E-Mail-Adresse enthält genau ein @-Zeichen. Bitte prüfen Sie Ihre "
                        "Eingabe. Ein Beispiel: name@example.org."));
    if (!is_domain(at + 1))
        return refuse(
            why, eb_say(facets->words,
                        "Nach dem @-Zeichen fehlt etwas oder ist etwas zu viel. Bitte prüfen Sie "
                        "Ihre Eingabe. Ein Beispiel: name@example.org."));
    if (strpbrk(text, "\"<>()[],;:\\") || eb_din_offender(text, EB_DIN_C, &len) || at[-1] == '.' ||
        text[0] == '.' || strstr(text, ".."))
        return refuse(why,
                      eb_say(facets->words,
                             "Die E-Mail-Adresse enthält ein Zeichen, das dort nicht möglich ist. "
                             "Bitte prüfen Sie Ihre Eingabe. Ein Beispiel: name@example.org."));
    *value = text;
    return eb_type_check_length(why, facets, text, EMAIL_MAX, pool);
}

EB_TYPE_PARSE(phone)
{
    int digits = 0;
    const char *number = eb_type_one_line(eb_din_mend(text, EB_DIN_B, pool), pool);
    (void)type;
    for (const char *s = number; *s; s++) {
        if (apr_isdigit(*s))
            digits++;
        else if (!strchr(" /-()", *s) && !(*s == '+' && s == number))
            return refuse(
                why, eb_say(facets->words,
                            "Eine Telefonnummer besteht aus Ziffern; davor ist ein + möglich, "
                            "dazwischen Leerzeichen, / - ( und ). Ein Beispiel: +49 2381 17-0."));
    }
    if (digits < PHONE_DIGITS_MIN)
        return refuse(
            why, eb_say(facets->words,
                        "Die Telefonnummer ist zu kurz. Bitte geben Sie sie mit Vorwahl ein, zum "
                        "Beispiel 02381 17-0."));
    if (digits > PHONE_DIGITS_MAX)
        return refuse(
            why, eb_say(facets->words,
                        "Die Telefonnummer ist zu lang. Bitte geben Sie nur eine Nummer ein, zum "
                        "Beispiel 02381 17-0."));
    *value = number;
    return eb_type_check_length(why, facets, number, PHONE_MAX, pool);
}

EB_TYPE_PARSE(postcode)
{
    (void)type;
    (void)pool;
    if (strlen(text) != 5 || strspn(text, "0123456789") != 5 || strncmp(text, "00", 2) == 0)
        return refuse(why,
                      eb_say(facets->words,
                             "Eine deutsche Postleitzahl hat fünf Ziffern. Bitte prüfen Sie Ihre "
                             "Eingabe. Ein Beispiel: 59065."));
    *value = text;
    return APR_SUCCESS;
}
