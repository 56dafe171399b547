/* UTF-8 is compared with utf8proc's own decoder, sign by sign; the fast path of normalisation with
 * the whole of Unicode, and its results with Python's unicodedata where that is installed. */
#include "base/utf8.h"
#include "tap.h"

#include <apr_strings.h>
#include <utf8proc.h>

/* Both decoders agree about the first code point of these bytes. */
static bool agree(const char *bytes, int len)
{
    const char *s = bytes;
    utf8proc_int32_t want;
    utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)bytes, len, &want);
    apr_uint32_t got = eb_utf8_next(&s, bytes + len);
    if (used <= 0)
        return got == EB_UTF8_BAD && s == bytes;
    return got == (apr_uint32_t)want && s == bytes + used;
}

static void test_decoder(void)
{
    static const unsigned char edges[] = {0x00, 0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
                                          0xA0, 0xBF, 0xC0, 0xE1, 0xF0, 0xFF};
    bool same = true;

    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            char two[2] = {(char)a, (char)b};
            same = same && agree(two, 1) && agree(two, 2);
            for (size_t c = 0; c < sizeof edges; c++)
                for (size_t d = 0; d < sizeof edges; d++) {
                    char four[4] = {(char)a, (char)b, (char)edges[c], (char)edges[d]};
                    same = same && agree(four, 3) && agree(four, 4);
                }
        }
    ok(same, "the decoder agrees with utf8proc about every pair of bytes and what may follow");
}

static void test_encoder(void)
{
    bool same = true, valid = true;
    for (apr_uint32_t c = 0; c <= 0x10FFFF; c++) {
        char out[5] = "";
        utf8proc_uint8_t want[4];
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        int len = eb_utf8_put(out, c);
        same = same && len == utf8proc_encode_char((utf8proc_int32_t)c, want) &&
               memcmp(out, want, (size_t)len) == 0;
        const char *s = out;
        valid = valid && eb_utf8_next(&s, out + len) == c && s == out + len &&
                eb_utf8_valid(out, (apr_size_t)len);
    }
    ok(same, "every code point is written as utf8proc writes it");
    ok(valid, "and read back");
}

static void test_valid(void)
{
    char text[64];
    bool found = true;

    for (size_t at = 0; at < 40; at++) {
        memset(text, 'a', sizeof text);
        text[at] = (char)0xFF;
        found = found && !eb_utf8_valid(text, 40) && eb_utf8_valid(text, at);
    }
    ok(found, "one bad byte is found wherever it stands, and none behind the end");
    ok(eb_utf8_valid("", 0), "nothing is valid");
    ok(!eb_utf8_valid("\xC3", 1), "half a letter is not");
    ok(eb_utf8_valid("\xC3\xA4", 2) && !eb_utf8_valid("\xC3\xA4", 1), "the length decides");
    ok(!eb_utf8_valid("\xC0\xAF", 2), "an overlong slash");
    ok(!eb_utf8_valid("\xED\xA0\x80", 3), "a surrogate");
    ok(!eb_utf8_valid("\xF4\x90\x80\x80", 4), "beyond U+10FFFF");
    is_int((long long)eb_utf8_length("Çağlar \xF0\x9F\x98\x80"), 8, "length in code points");
    is_int((long long)eb_utf8_length(""), 0, "length of nothing");
}

static const char *nfc(const char *in, apr_pool_t *pool)
{
    const char *out = NULL;
    return eb_utf8_nfc(&out, in, pool) == APR_SUCCESS ? out : NULL;
}

static void test_nfc(apr_pool_t *pool)
{
    const char *same[] = {"",       "Anna",       "Müller", "Łódź", "Ивано́в",
                          "Nguyễn", "„Straße“ €", "محمد",   "日本"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        ok(nfc(same[i], pool) == same[i], apr_psprintf(pool, "\"%s\" is not copied", same[i]));

    is_str(nfc("Mu\xCC\x88ller", pool), "Müller", "u and diaeresis are composed");
    is_str(nfc("Nguye\xCC\x82\xCC\x83n", pool), "Nguyễn", "two marks on one letter");
    is_str(nfc("e\xCC\xA3\xCC\x82", pool), nfc("e\xCC\x82\xCC\xA3", pool),
           "marks in either order give the same text");
    is_str(nfc("\xE2\x84\xAB", pool), "Å", "the angstrom sign is a letter");
    is_str(nfc("M\xCC\x82", pool), "M\xCC\x82", "a letter of DIN 91379 that has no single sign");
    is_str(nfc("Иванова и\xCC\x86", pool), "Иванова й", "a mark behind letters of the fast path");
}

/* NFC leaves `c` alone in every text: it is a starter that does not change, and no decomposition of
 * any code point has it in second place, so nothing can be composed with it from the left. */
static bool is_second[0x110000];

static void find_seconds(void)
{
    for (utf8proc_int32_t c = 0; c < 0x110000; c++) {
        utf8proc_int32_t parts[8];
        int boundary = 0;
        if (!utf8proc_codepoint_valid(c))
            continue;
        utf8proc_ssize_t n =
            utf8proc_decompose_char(c, parts, 8, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, &boundary);
        for (utf8proc_ssize_t i = 1; i < n && i < 8; i++)
            is_second[parts[i]] = true;
    }
}

/* The ranges of is_stable() in base/utf8.c. */
static void test_fast_path(apr_pool_t *pool)
{
    const apr_uint32_t ranges[][2] = {
        {0x80, 0x2FF}, {0x400, 0x482}, {0x1E00, 0x1EFF}, {0x2010, 0x2027}, {0x20AC, 0x20AC}};
    bool starters = true, alone = true, never_second = true;

    find_seconds();
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (apr_uint32_t c = ranges[i][0]; c <= ranges[i][1]; c++) {
            char text[5] = "";
            eb_utf8_put(text, c);
            utf8proc_uint8_t *want = utf8proc_NFC((const utf8proc_uint8_t *)text);
            starters = starters && utf8proc_get_property((utf8proc_int32_t)c)->combining_class == 0;
            alone = alone && strcmp((const char *)want, text) == 0 && nfc(text, pool) == text;
            never_second = never_second && !is_second[c];
            free(want);
        }
    ok(starters, "no code point of the fast path is a combining mark");
    ok(alone, "none is changed by NFC");
    ok(never_second, "none can be composed with its predecessor");
}

/* A wrong sign in the fast path shows when its letter should have been composed with it. */
static void test_every_mark(apr_pool_t *parent)
{
    static const char *const letters[] = {"A", "o", "И", "ư"};
    bool same = true;
    apr_pool_t *pool;

    apr_pool_create(&pool, parent);
    for (apr_uint32_t c = 1; c <= 0x10FFFF; c += c == 0xD7FF ? 0x801 : 1) {
        for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
            char text[16] = "";
            strcpy(text, letters[i]);
            eb_utf8_put(text + strlen(text), c);
            utf8proc_uint8_t *want = utf8proc_NFC((const utf8proc_uint8_t *)text);
            const char *out = nfc(text, pool);
            same = same && out && strcmp(out, (const char *)want) == 0;
            free(want);
        }
        apr_pool_clear(pool);
    }
    ok(same, "behind a letter, every code point is treated as utf8proc treats it");
}

/* However short, what is left begins the whole, is valid, and as long as it can be. */
static void test_cut(apr_pool_t *pool)
{
    static const char text[] = "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80z";
    static const apr_size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11, 11};
    bool as_wanted = true;

    for (apr_size_t max = 0; max < sizeof want / sizeof *want; max++) {
        const char *cut = eb_utf8_cut(text, max, pool);
        as_wanted = as_wanted && strlen(cut) == want[max] && !strncmp(cut, text, want[max]);
    }
    ok(as_wanted, "no character is cut in two");
    is_str(eb_utf8_cut("", 5, pool), "", "of nothing nothing is left");
}

static const char oracle[] =
    "python3 -c \""
    "import random, unicodedata as u;"
    "random.seed(91379);"
    "a = [chr(c) for c in range(0x20, 0x2100) if u.category(chr(c)) != 'Cn'];"
    "a += [chr(c) for c in range(0x300, 0x370)] * 10;"
    "t = [''.join(random.choices(a, k=random.randint(1, 12))) for i in range(5000)];"
    "h = lambda s: s.encode().hex();"
    "[print(h(s), h(u.normalize('NFC', s))) for s in t]\" 2>/dev/null";

static void unhex(char *out, const char *hex)
{
    unsigned byte;
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
        *out++ = (char)byte;
    *out = '\0';
}

static void test_python(apr_pool_t *pool)
{
    char in_hex[256], want_hex[512], in[128], want[256];
    int count = 0;
    bool same = true;
    FILE *f = popen(oracle, "r");

    while (f && fscanf(f, "%255s %511s", in_hex, want_hex) == 2) {
        unhex(in, in_hex);
        unhex(want, want_hex);
        const char *out = nfc(in, pool);
        same = same && out && strcmp(out, want) == 0;
        count++;
    }
    if (f)
        pclose(f);
    if (count == 0)
        skip(1, "python3 is not installed");
    else
        ok(same && count == 5000, "five thousand texts are normalised as Python does it");
}

static void test_digits(apr_pool_t *pool)
{
    const char *ascii = "0123456789 +-a";
    ok(eb_utf8_digits(ascii, pool) == ascii, "what is ASCII stays where it is");
    is_str(eb_utf8_digits("\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669", pool),
           "0123456789", "Arabic digits");
    is_str(eb_utf8_digits("Haus \u06F1\u06F2 b, \u0967\uFF15 \u00BD \u0436\u2460", pool),
           "Haus 12 b, 15 \u00BD \u0436\u2460", "digits of others; what is none stays");
    is_str(eb_utf8_digits("\xD9", pool), "\xD9", "half a character stays");
    int digits = 0;
    bool tens = true;
    apr_pool_t *scratch;
    apr_pool_create(&scratch, pool);
    for (apr_uint32_t c = 0x80; c <= 0x10FFFF; c++) {
        char text[5] = {0};
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        eb_utf8_put(text, c);
        const char *plain = eb_utf8_digits(text, scratch);
        bool digit = strlen(plain) == 1;
        tens = tens && (digit ? utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ND &&
                                    *plain == '0' + digits % 10
                              : digits % 10 == 0 && !strcmp(plain, text));
        digits += digit;
        if (c % 4096 == 0)
            apr_pool_clear(scratch);
    }
    ok(tens && digits == 100, "they are decimal digits to Unicode, ten and ten together");
}

static void test_fold(apr_pool_t *pool)
{
    is_str(eb_utf8_fold("M\u00C4RZ Jan\u0301", pool), "marz jan", "small letters without marks");
    is_str(eb_utf8_fold("\u0623\u0628 \u0418\u042E\u041B\u042C", pool),
           "\u0627\u0628 \u0438\u044E\u043B\u044C", "of every script");
    is_str(eb_utf8_fold("\xFF", pool), "\xFF", "what is no text stays");
    is_str(eb_utf8_fold("", pool), "", "nothing of nothing");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_decoder();
    test_encoder();
    test_valid();
    test_cut(pool);
    test_nfc(pool);
    test_fast_path(pool);
    test_every_mark(pool);
    test_python(pool);
    test_fold(pool);
    test_digits(pool);
    return done();
}
