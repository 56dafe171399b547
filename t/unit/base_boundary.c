/* Content between delimiters, against strstr(): texts out of the few signs that a delimiter is made
 * of, in pieces of every length. And headers, up to their empty line. */
#include "base/boundary.h"
#include "base/buf.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>

#define DELIMITER "\r\n--b"

enum { TEXTS = 2000, LENGTH = 40 };

/* What lies before each delimiter and behind the last, in brackets; "!" before one that comes so
 * early that it shares the end of the line before it. */
static const char *expected(const char *text, apr_pool_t *pool)
{
    const char *s = apr_pstrcat(pool, "\r\n", text, NULL), *next;
    eb_buf_t out;

    eb_buf_init(&out, 100, pool);
    for (; (next = strstr(s, DELIMITER)); s = apr_pstrcat(pool, "\r\n", next + 5, NULL)) {
        if (next == s)
            eb_buf_puts(&out, "!");
        else
            eb_buf_printf(&out, "[%.*s]", (int)(next - s - 2), s + 2);
    }
    for (apr_size_t n = 4; n > 0; n--) /* what may yet become a delimiter is not content */
        if (strlen(s) >= n && !strncmp(s + strlen(s) - n, DELIMITER, n)) {
            s = apr_pstrmemdup(pool, s, strlen(s) - n);
            break;
        }
    eb_buf_printf(&out, "[%s", strlen(s) > 2 ? s + 2 : "");
    return eb_buf_cstr(&out);
}

static const char *found(const char *text, apr_size_t piece, apr_pool_t *pool)
{
    const char *content, *const last = text + strlen(text);
    apr_size_t len;
    eb_boundary_t b;
    eb_buf_t out, part;

    eb_buf_init(&out, 100, pool);
    eb_buf_init(&part, 100, pool);
    eb_boundary_init(&b, "b", pool);
    for (const char *s = text; s < last;) {
        const char *end = (apr_size_t)(last - s) < piece ? last : s + piece;
        while (s < end) {
            const bool delimiter = eb_boundary_take(&b, &content, &len, &s, end);
            if (!delimiter) {
                eb_buf_add(&part, content, len);
                continue;
            }
            if (b.implied)
                eb_buf_puts(&out, "!");
            else
                eb_buf_printf(&out, "[%s]", eb_buf_cstr(&part));
            part.len = 0;
            eb_boundary_restart(&b);
        }
    }
    eb_buf_printf(&out, "[%s", eb_buf_cstr(&part));
    return eb_buf_cstr(&out);
}

static void test_content(apr_pool_t *pool)
{
    static const char signs[] = "\r\n--bx";
    apr_pool_t *one;
    int wrong = 0, delimiters = 0;
    char text[LENGTH + 1] = "";

    srand(2046);
    apr_pool_create(&one, pool);
    for (int i = 0; i < TEXTS; i++, apr_pool_clear(one)) {
        apr_size_t n = 0;
        while (n < LENGTH - 5) {
            const char *more = rand() % 3 ? apr_psprintf(one, "%c", signs[rand() % 6]) : DELIMITER;
            memcpy(text + n, more, strlen(more) + 1);
            n += strlen(more);
        }
        const char *want = expected(text, one);
        delimiters += strchr(want, ']') != NULL;
        for (apr_size_t piece = 1; piece <= n; piece++)
            wrong += strcmp(found(text, piece, one), want) != 0;
    }
    is_int(wrong, 0, "the same content as strstr() finds, however it is cut");
    ok(delimiters > TEXTS / 2, "between delimiters");
}

static apr_status_t headers(eb_headers_t *h, const char *text, apr_size_t piece)
{
    const char *const last = text + strlen(text);
    apr_status_t rv = APR_INCOMPLETE;

    h->used = h->line = 0;
    while (text < last && rv == APR_INCOMPLETE) {
        const char *end = (apr_size_t)(last - text) < piece ? last : text + piece;
        while (text < end && rv == APR_INCOMPLETE)
            rv = eb_headers_take(h, &text, end);
    }
    return rv;
}

static void test_headers(apr_pool_t *pool)
{
    char *longest = apr_psprintf(pool, "A: %0*d\r\n\r\n", EB_HEADERS_MAX - 7, 1);
    eb_headers_t h;

    for (apr_size_t piece = 1; piece < 20; piece++) {
        is_int(headers(&h, "A: b\r\nC: d\r\n\r\nrest", piece), APR_SUCCESS, "headers");
        ok(h.used == 14 && !memcmp(h.block, "A: b\r\nC: d\r\n\r\n", 14), "whole, and no more");
        is_int(headers(&h, "\r\n", piece), APR_SUCCESS, "none");
        is_int(headers(&h, "A: b\r\n", piece), APR_INCOMPLETE, "no end");
        is_int(headers(&h, "A: b\n\r\n", piece), APR_EINVAL, "a line without CR");
        is_int(headers(&h, "\n", piece), APR_EINVAL, "an empty one");
        is_int(headers(&h, longest, piece), APR_SUCCESS, "as long as they may be");
        is_int(headers(&h, apr_pstrcat(pool, "x", longest, NULL), piece), APR_ENOSPC, "longer");
    }
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_content(pool);
    test_headers(pool);
    return done();
}
