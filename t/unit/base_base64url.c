/* The test vectors of RFC 4648, section 10, and that every other spelling is refused. */
#include "base/seal.h"
#include "tap.h"

#include <apr_errno.h>
#include <openssl/evp.h>

static void test_vectors(void)
{
    static const char *const rows[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[16], back[16] = "";
        size_t len = strlen(rows[i][0]), text_len = strlen(rows[i][1]);
        eb_base64url(out, rows[i][0], len);
        is_str(out, rows[i][1], "encoded");
        is_int(EB_BASE64URL_LEN(len), (long long)text_len, "as long as promised");
        is_int(eb_base64url_decode(back, len, out, text_len), APR_SUCCESS, "decodes");
        is_str(back, rows[i][0], "decoded");
    }
    char out[8];
    eb_base64url(out, "\xFB\xFF\xFE", 3);
    is_str(out, "-__-", "the two signs that differ from base64");
}

static void test_round_trip(void)
{
    bool same = true, bounded = true;
    unsigned char in[64], back[65];
    char text[128];

    for (size_t len = 0; len <= sizeof in; len++) {
        eb_random(in, len);
        memset(back, 0xEE, sizeof back);
        eb_base64url(text, in, len);
        same = same && strlen(text) == EB_BASE64URL_LEN(len) &&
               eb_base64url_decode(back, len, text, strlen(text)) == APR_SUCCESS &&
               memcmp(back, in, len) == 0;
        bounded = bounded && back[len] == 0xEE;
    }
    ok(same, "random bytes of every length come back");
    ok(bounded, "and not a byte more");
}

/* OpenSSL's base64, with two signs replaced and without padding, of every length up to some words.
 */
static void test_oracle(void)
{
    unsigned char in[600];
    char ours[801], theirs[804];
    bool same = true;

    eb_random(in, sizeof in);
    for (size_t len = 0; len <= sizeof in; len++) {
        EVP_EncodeBlock((unsigned char *)theirs, in, (int)len);
        theirs[strcspn(theirs, "=")] = '\0';
        for (char *c = theirs; *c; c++)
            *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
        eb_base64url(ours, in, len);
        same = same && strcmp(ours, theirs) == 0;
    }
    ok(same, "OpenSSL writes the same");
}

/* Of the 2^16 texts of two signs exactly 256 may stand for one byte. */
static void test_strict(void)
{
    int accepted = 0;
    unsigned char out[4];

    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            char text[2] = {(char)a, (char)b};
            accepted += eb_base64url_decode(out, 1, text, 2) == APR_SUCCESS;
        }
    is_int(accepted, 256, "each byte has exactly one spelling");
    is_int(eb_base64url_decode(out, 1, "Zg==", 4), APR_EINVAL, "no padding");
    is_int(eb_base64url_decode(out, 2, "Zg", 2), APR_EINVAL, "too short");
    is_int(eb_base64url_decode(out, 1, "Zm9", 3), APR_EINVAL, "too long");
    is_int(eb_base64url_decode(out, 3, "Zm 9", 4), APR_EINVAL, "no blank");
    is_int(eb_base64url_decode(out, 3, "Zm+v", 4), APR_EINVAL, "no sign of plain base64");
    is_int(eb_base64url_decode(out, 1, "Zh", 2), APR_EINVAL, "no bits left over");
}

int main(void)
{
    tap_begin();
    test_vectors();
    test_round_trip();
    test_oracle();
    test_strict();
    return done();
}
