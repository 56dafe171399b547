/* Vorgangsnummern: what is accepted has the one form there is, in either case, and stops being good
 * as soon as its check sign is another; base64url and UUIDs ride along, being as short. */
#include "base/ids.h"
#include "base/seal.h"
#include "fuzz.h"

#include <ctype.h>

static void check_number(const char *text)
{
    static const char signs[] = "23456789CDFHJKMNPQRTWXY";
    char other[EB_NUMBER_LEN + 1];
    int good = 0;

    if (!eb_number_valid(text))
        return;
    must(strlen(text) == EB_NUMBER_LEN);
    for (int i = 0; i <= EB_NUMBER_LEN; i++)
        other[i] = (char)toupper((unsigned char)text[i]);
    must(eb_number_valid(other));
    must(strspn(other, "EB-0123456789CDFHJKMNPQRTWXY") == EB_NUMBER_LEN);
    for (const char *s = signs; *s; s++) {
        other[EB_NUMBER_LEN - 1] = *s;
        good += eb_number_valid(other);
    }
    must(good == 1);
}

/* Whatever decodes is spelled exactly so. */
static void check_base64url(const char *text)
{
    unsigned char bytes[64];
    char again[EB_BASE64URL_LEN(sizeof bytes) + 1];
    size_t len = strlen(text), size = len * 3 / 4;

    if (size > sizeof bytes || eb_base64url_decode(bytes, size, text, len) != APR_SUCCESS)
        return;
    eb_base64url(again, bytes, size);
    must(strcmp(again, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    check_number(text);
    check_base64url(text);
    if (eb_uuid_valid(text))
        must(strlen(text) == EB_UUID_LEN && !strpbrk(text, "./ABCDEF"));
    free(text);
    return 0;
}
