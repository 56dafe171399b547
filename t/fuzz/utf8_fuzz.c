/* UTF-8: the decoder agrees with utf8proc's, and what NFC gives is valid, normal and stays so. */
#include "base/utf8.h"
#include "fuzz.h"

#include <utf8proc.h>

static bool valid_by_utf8proc(const uint8_t *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t used = utf8proc_iterate(data + at, (utf8proc_ssize_t)(size - at), &c);
        if (used <= 0)
            return false;
        at += (size_t)used;
    }
    return true;
}

static apr_size_t length_by_next(const char *s)
{
    const char *end = s + strlen(s);
    apr_size_t n = 0;
    for (; s < end; n++)
        must(eb_utf8_next(&s, end) != EB_UTF8_BAD);
    return n;
}

static void check_nfc(const char *text, apr_pool_t *pool)
{
    const char *once, *twice;
    utf8proc_uint8_t *want = utf8proc_NFC((const utf8proc_uint8_t *)text);

    must(eb_utf8_length(text) == length_by_next(text));
    must(eb_utf8_nfc(&once, text, pool) == APR_SUCCESS);
    must(eb_utf8_valid(once, strlen(once)));
    must(want && strcmp(once, (const char *)want) == 0);
    must(eb_utf8_nfc(&twice, once, pool) == APR_SUCCESS && twice == once);
    free(want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    char *text = fuzz_text(data, size);

    must(eb_utf8_valid((const char *)data, size) == valid_by_utf8proc(data, size));
    if (eb_utf8_valid(text, strlen(text)))
        check_nfc(text, pool);
    free(text);
    apr_pool_destroy(pool);
    return 0;
}
