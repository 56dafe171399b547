/* base64url without padding. Strict when decoding, so that each value has exactly one spelling: two
 * spellings of one id would be two keys in the store. Secrets pass through here, and a cache line
 * must not tell which: values become signs by arithmetic, not by tables. Encoding does that for
 * eight signs at once, in the bytes of a word; the bulk of a document goes by wider ones. */
#include "seal.h"
#include "base64url_wide.h"

#include <endian.h>
#include <string.h>

#define EACH(byte) (0x0101010101010101u * (apr_uint64_t)(byte))

static apr_uint64_t load64(const unsigned char *p)
{
    apr_uint64_t word;
    memcpy(&word, p, sizeof word);
    return be64toh(word);
}

static void store64(char *out, apr_uint64_t word)
{
    word = htobe64(word);
    memcpy(out, &word, sizeof word);
}

/* Eight values of six bits from the upper 48 bits of a word, one in each byte: halved three times.
 */
static apr_uint64_t spread(apr_uint64_t word)
{
    word = (word >> 8 & 0x00FFFFFF00000000u) | (word >> 16 & 0x0000000000FFFFFFu);
    word = (word << 4 & 0x0FFF00000FFF0000u) | (word & 0x00000FFF00000FFFu);
    return (word << 2 & 0x3F003F003F003F00u) | (word & 0x003F003F003F003Fu);
}

/* 1 in each byte whose value is at least `least`. */
static apr_uint64_t reached(apr_uint64_t values, int least)
{
    return (values + EACH(128 - least)) >> 7 & EACH(1);
}

/* The alphabet is five ranges; a value that reaches the next one moves on by a constant. A byte may
 * borrow from its neighbour on the way and has paid back at the end. */
static apr_uint64_t signs_of(apr_uint64_t values)
{
    return values + EACH('A') + reached(values, 26) * ('a' - 26 - 'A') -
           reached(values, 52) * ('a' - 26 - ('0' - 52)) -
           reached(values, 62) * ('0' - 52 - ('-' - 62)) +
           reached(values, 63) * ('_' - 63 - ('-' - 62));
}

void eb_base64url(char *out, const void *in, apr_size_t len)
{
    const apr_size_t wide = eb_base64url_wide(out, in, len);
    const unsigned char *p = (const unsigned char *)in + wide;

    out += EB_BASE64URL_LEN(wide);
    len -= wide;
    for (; len >= 8; len -= 6, p += 6, out += 8)
        store64(out, signs_of(spread(load64(p))));
    while (len) {
        unsigned char rest[8] = {0};
        char signs[8];
        apr_size_t n = len < 6 ? len : 6;
        memcpy(rest, p, n);
        store64(signs, signs_of(spread(load64(rest))));
        memcpy(out, signs, EB_BASE64URL_LEN(n));
        out += EB_BASE64URL_LEN(n);
        p += n;
        len -= n;
    }
    *out = '\0';
}

/* 0..63, or -1. */
static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

apr_status_t eb_base64url_decode(void *out, apr_size_t out_len, const char *in, apr_size_t in_len)
{
    unsigned char *p = out;
    apr_uint32_t bits = 0;
    int pending = 0;

    if (in_len != EB_BASE64URL_LEN(out_len))
        return APR_EINVAL;
    for (apr_size_t i = 0; i < in_len; i++) {
        int value = value_of(in[i]);
        if (value < 0)
            return APR_EINVAL;
        bits = bits << 6 | (apr_uint32_t)value;
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            *p++ = (unsigned char)(bits >> pending);
        }
    }
    return bits & ((1u << pending) - 1) ? APR_EINVAL : APR_SUCCESS;
}
