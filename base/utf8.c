/* Strict UTF-8 (RFC 3629): the second byte carries all of the exceptions - overlong forms,
 * surrogates, the end of Unicode -, so one range for it per lead byte decides everything. */
#include "utf8.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>
#include <utf8proc.h>

typedef struct lead_t {
    int tail;                      /* bytes that follow */
    unsigned char payload;         /* bits of the lead byte that belong to the code point */
    unsigned char second_at_least; /* range of the first byte that follows */
    unsigned char second_at_most;
} lead_t;

static bool lead_of(lead_t *lead, unsigned char c)
{
    *lead = (lead_t){.second_at_least = 0x80, .second_at_most = 0xBF};
    if (c < 0xC2 || c > 0xF4)
        return false;
    lead->tail = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    lead->payload = c & (0x3F >> lead->tail);
    switch (c) {
    case 0xE0: lead->second_at_least = 0xA0; break; /* below: overlong */
    case 0xED: lead->second_at_most = 0x9F; break;  /* above: surrogates */
    case 0xF0: lead->second_at_least = 0x90; break; /* below: overlong */
    case 0xF4: lead->second_at_most = 0x8F; break;  /* above: beyond U+10FFFF */
    default: break;
    }
    return true;
}

apr_uint32_t eb_utf8_next(const char **s, const char *end)
{
    const unsigned char *p = (const unsigned char *)*s;
    lead_t lead;

    if (*s >= end)
        return EB_UTF8_BAD;
    if (*p < 0x80) {
        ++*s;
        return *p;
    }
    if (!lead_of(&lead, *p) || end - *s <= lead.tail || p[1] < lead.second_at_least ||
        p[1] > lead.second_at_most)
        return EB_UTF8_BAD;

    apr_uint32_t c = lead.payload;
    for (int i = 1; i <= lead.tail; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return EB_UTF8_BAD;
        c = c << 6 | (p[i] & 0x3F);
    }
    *s += lead.tail + 1;
    return c;
}

/* Past the ASCII that nearly every answer consists of, eight bytes at a time. */
static const char *skip_ascii(const char *s, const char *end)
{
    apr_uint64_t eight;
    for (; end - s >= 8; s += 8) {
        memcpy(&eight, s, 8);
        if (eight & 0x8080808080808080u)
            break;
    }
    while (s < end && !(*s & 0x80))
        s++;
    return s;
}

bool eb_utf8_valid(const char *s, apr_size_t len)
{
    const char *end = s + len;
    while ((s = skip_ascii(s, end)) < end)
        if (eb_utf8_next(&s, end) == EB_UTF8_BAD)
            return false;
    return true;
}

apr_size_t eb_utf8_length(const char *s)
{
    apr_size_t n = 0;
    for (; *s; s++)
        n += (*s & 0xC0) != 0x80;
    return n;
}

int eb_utf8_put(char out[4], apr_uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    int tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    for (int i = tail; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xFF00 >> (tail + 1) & 0xFF) | c);
    return tail + 1;
}

char *eb_utf8_cut(const char *s, apr_size_t max, apr_pool_t *pool)
{
    apr_size_t n = strnlen(s, max);
    while (n > 0 && (s[n] & 0xC0) == 0x80)
        n--;
    return apr_pstrmemdup(pool, s, n);
}

/* True for code points that NFC leaves alone whatever stands around them: no decomposition, no
 * combining class, never the second half of a composition. Only the ranges that applicants use;
 * t/unit/base_utf8.c proves each of them against the whole of Unicode. */
static bool is_stable(apr_uint32_t c)
{
    return c < 0x300 ||                    /* Latin, IPA */
           (c >= 0x400 && c <= 0x482) ||   /* Cyrillic */
           (c >= 0x1E00 && c <= 0x1EFF) || /* Latin additional, Vietnamese */
           (c >= 0x2010 && c <= 0x2027) || /* dashes, quotation marks */
           c == 0x20AC;                    /* euro */
}

static bool needs_nothing(const char *s, const char *end)
{
    while ((s = skip_ascii(s, end)) < end) {
        apr_uint32_t c = eb_utf8_next(&s, end);
        if (c == EB_UTF8_BAD || !is_stable(c))
            return false;
    }
    return true;
}

/* utf8proc's one-call interface would malloc; its two halves work in place, so in the pool. */
static apr_status_t rewrite(char **out, const char *in, apr_size_t len, utf8proc_option_t how,
                            apr_pool_t *pool)
{
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)in;

    utf8proc_ssize_t n = utf8proc_decompose(bytes, (utf8proc_ssize_t)len, NULL, 0, how);
    if (n < 0)
        return APR_EINVAL;
    utf8proc_int32_t *signs = apr_palloc(pool, ((apr_size_t)n + 1) * sizeof *signs);
    n = utf8proc_decompose(bytes, (utf8proc_ssize_t)len, signs, n, how);
    if (n < 0 || utf8proc_reencode(signs, n, how) < 0)
        return APR_EINVAL;
    *out = (char *)signs;
    return APR_SUCCESS;
}

apr_status_t eb_utf8_nfc(const char **out, const char *in, apr_pool_t *pool)
{
    apr_size_t len = strlen(in);
    char *composed;

    *out = in;
    if (needs_nothing(in, in + len))
        return APR_SUCCESS;
    apr_status_t status = rewrite(&composed, in, len, UTF8PROC_STABLE | UTF8PROC_COMPOSE, pool);
    if (status == APR_SUCCESS && strcmp(composed, in) != 0)
        *out = composed;
    return status;
}

const char *eb_utf8_fold(const char *s, apr_pool_t *pool)
{
    const utf8proc_option_t how =
        UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD;
    char *folded;
    return rewrite(&folded, s, strlen(s), how, pool) == APR_SUCCESS ? folded : s;
}

/* The value of a decimal digit that is none of ASCII's; -1: it is none. Unicode keeps each ten
 * together, from the zero on; here are those that people who live in Germany may have on their
 * keyboards. */
static int digit_value(apr_uint32_t c)
{
    static const apr_uint32_t zeros[] = {0x0660, 0x06F0,         /* Arabic, Persian and Urdu */
                                         0x0966, 0x09E6, 0x0A66, /* Devanagari, Bengali, Gurmukhi */
                                         0x0BE6, 0x0E50, 0x1040, /* Tamil, Thai, Burmese */
                                         0x17E0, 0xFF10};        /* Khmer, and of full width */
    for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
        if (c >= zeros[i] && c <= zeros[i] + 9)
            return (int)(c - zeros[i]);
    }
    return -1;
}

const char *eb_utf8_digits(const char *s, apr_pool_t *pool)
{
    const char *end = s + strlen(s), *from = skip_ascii(s, end);
    if (from == end)
        return s;
    char *plain = apr_pstrmemdup(pool, s, (apr_size_t)(end - s)), *to = plain + (from - s);
    while (from < end) {
        const char *at = from;
        apr_uint32_t c = eb_utf8_next(&from, end);
        int value = digit_value(c);
        if (c == EB_UTF8_BAD)
            return s;
        if (value >= 0)
            *to++ = (char)('0' + value);
        else
            while (at < from)
                *to++ = *at++;
    }
    *to = '\0';
    return plain;
}
