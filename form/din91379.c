/* Matching against DIN 91379. KoSIT publishes each datatype as a pattern of alternatives, repeated;
 * since a combining mark is never an alternative of its own, taking the longest sequence at each
 * place finds the same texts as the pattern does, without going back. Most of what people type is
 * ASCII: a run of it is passed with one look into a bitmap for each byte, which
 * t/unit/form_din91379.c compares with the ranges. */
#include "din91379.h"
#include "din91379_table.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <string.h>

static bool is_mark(apr_uint32_t c)
{
    return c >= 0x0300 && c <= 0x036F;
}

static bool is_member(apr_uint32_t c, eb_din_t datatype)
{
    int low = 0, high = eb_din_ranges_count - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        if (c < eb_din_ranges[middle].first)
            high = middle - 1;
        else if (c > eb_din_ranges[middle].last)
            low = middle + 1;
        else
            return eb_din_ranges[middle].types & datatype;
    }
    return false;
}

/* Behind the ASCII characters of the datatype that `s` begins with: a bit for each byte, none for
 * NUL and for what is not ASCII. */
static const char *skip_ascii(const char *s, eb_din_t datatype)
{
    static const apr_uint64_t a[4] = {0x0000708100000000, 0x47ffffff07fffffe};
    static const apr_uint64_t b[4] = {0xffffffff00000000, 0x7fffffffffffffff};
    static const apr_uint64_t c[4] = {0xffffffff00002600, 0x7fffffffffffffff};
    const apr_uint64_t *bits = datatype == EB_DIN_A ? a : datatype == EB_DIN_B ? b : c;
    while (bits[(unsigned char)*s >> 6] >> (*s & 63) & 1)
        s++;
    return s;
}

/* Bytes of the sequence that begins at `s` with `base`, 0 when none does. */
static int match_sequence(const char *s, const char *end, apr_uint32_t base)
{
    int low = 0, high = eb_din_sequences_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (eb_din_sequences[middle].points[0] < base)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < eb_din_sequences_count && eb_din_sequences[low].points[0] == base; low++) {
        const apr_uint32_t *points = eb_din_sequences[low].points;
        const char *at = s;
        int i = 0;
        while (i < 3 && points[i] && eb_utf8_next(&at, end) == points[i])
            i++;
        if (i == 3 || !points[i])
            return (int)(at - s);
    }
    return 0;
}

/* Bytes of one character or sequence of the datatype, 0 when there is none. */
static int match(const char *s, const char *end, eb_din_t datatype)
{
    const char *next = s;
    apr_uint32_t c = eb_utf8_next(&next, end);
    const char *after = next;
    if (!is_member(c, datatype))
        return 0;
    return is_mark(eb_utf8_next(&after, end)) ? match_sequence(s, end, c) : (int)(next - s);
}

/* What a person sees as one character: the code point and the marks upon it. */
static int visible_length(const char *s, const char *end)
{
    const char *at = s, *next;
    if (eb_utf8_next(&at, end) == EB_UTF8_BAD)
        return 1;
    for (next = at; next < end; at = next) {
        apr_uint32_t c = eb_utf8_next(&next, end);
        if (!is_mark(c) && !(c >= 0xFE00 && c <= 0xFE0F))
            break;
    }
    return (int)(at - s);
}

const char *eb_din_offender(const char *text, eb_din_t datatype, int *len)
{
    const char *end = text + strlen(text), *s = text, *run = text;
    while ((s = skip_ascii(run, datatype)) < end) {
        if (s > run && ((unsigned char)*s == 0xCC || (unsigned char)*s == 0xCD))
            s--; /* a mark may follow: it belongs to the letter before */
        int n = match(s, end, datatype);
        if (n == 0) {
            *len = visible_length(s, end);
            return s;
        }
        run = s + n;
    }
    return NULL;
}

typedef struct eb_mend_t {
    apr_uint32_t first, last;
    const char *with;
} eb_mend_t;

/* From word processors, PDF files, phones and right-to-left keyboards. */
static const eb_mend_t mends[] = {
    {0x0009, 0x0009, " "},      {0x00A0, 0x00A0, " "},   {0x00AD, 0x00AD, ""},
    {0x02BC, 0x02BC, "\u2019"}, {0x061C, 0x061C, ""},    {0x2000, 0x200A, " "},
    {0x200B, 0x200F, ""},       {0x2010, 0x2015, "-"},   {0x2018, 0x2018, "\u2019"},
    {0x201A, 0x201A, "'"},      {0x201B, 0x201B, "'"},   {0x201C, 0x201F, "\""},
    {0x2022, 0x2022, "-"},      {0x2026, 0x2026, "..."}, {0x202A, 0x202E, ""},
    {0x202F, 0x202F, " "},      {0x2032, 0x2032, "'"},   {0x2033, 0x2033, "\""},
    {0x2039, 0x203A, "'"},      {0x2060, 0x2060, ""},    {0x2066, 0x2069, ""},
    {0x2212, 0x2212, "-"},      {0x3000, 0x3000, " "},   {0xFB00, 0xFB00, "ff"},
    {0xFB01, 0xFB01, "fi"},     {0xFB02, 0xFB02, "fl"},  {0xFEFF, 0xFEFF, ""},
};

/* What to write in place of `c`; NULL when nothing of the datatype is near. */
static const char *mend(apr_uint32_t c, eb_din_t datatype)
{
    int low = 0, high = (int)(sizeof(mends) / sizeof(mends[0])) - 1, len;
    while (low <= high) {
        int middle = (low + high) / 2;
        if (c < mends[middle].first)
            high = middle - 1;
        else if (c > mends[middle].last)
            low = middle + 1;
        else
            return eb_din_offender(mends[middle].with, datatype, &len) ? NULL : mends[middle].with;
    }
    return NULL;
}

const char *eb_din_mend(const char *text, eb_din_t datatype, apr_pool_t *pool)
{
    const char *end = text + strlen(text), *kept = text;
    eb_buf_t out = {0};
    for (const char *s = text, *next; s < end; s = next) {
        next = s;
        apr_uint32_t c = eb_utf8_next(&next, end);
        if (c == EB_UTF8_BAD)
            return text;
        const char *with =
            (c == '\t' || c > 0x7F) && !is_member(c, datatype) ? mend(c, datatype) : NULL;
        if (!with)
            continue;
        if (!out.pool)
            eb_buf_init(&out, (apr_size_t)(end - text) + 16, pool);
        eb_buf_add(&out, kept, (apr_size_t)(s - kept));
        eb_buf_puts(&out, with);
        kept = next;
    }
    if (!out.pool)
        return text;
    eb_buf_add(&out, kept, (apr_size_t)(end - kept));
    return eb_buf_cstr(&out);
}
