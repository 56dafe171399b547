/* base64url without padding. Strict when decoding, so that each value has exactly one spelling: two
 * spellings of one id would be two keys in the store. */
#include "seal.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void eb_base64url(char *out, const void *in, apr_size_t len)
{
    const unsigned char *p = in;
    apr_uint32_t bits = 0;
    int pending = 0; /* bits not yet written */

    for (apr_size_t i = 0; i < len; i++) {
        bits = bits << 8 | p[i];
        for (pending += 8; pending >= 6; pending -= 6)
            *out++ = alphabet[bits >> (pending - 6) & 0x3F];
    }
    if (pending)
        *out++ = alphabet[bits << (6 - pending) & 0x3F];
    *out = '\0';
}

/* 0..63, or -1. Ranges instead of a table lookup: secrets pass through here, and a cache line must
 * not tell which. */
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
