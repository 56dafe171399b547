/* The buffer under every page: what is added comes out, at every boundary of its growth. */
#include "base/buf.h"
#include "tap.h"

static void test_growth(apr_pool_t *pool)
{
    eb_buf_t b;
    char want[5000];
    bool same = true, inside = true;

    for (size_t i = 0; i < sizeof want; i++)
        want[i] = (char)('a' + i % 26);
    for (size_t first = 0; first < 200; first++) {
        eb_buf_init(&b, 0, pool);
        eb_buf_add(&b, want, first);
        eb_buf_add(&b, want + first, 1000 - first);
        same = same && b.len == 1000 && memcmp(b.data, want, 1000) == 0;
    }
    ok(same, "two pieces of every size");

    eb_buf_init(&b, 1, pool);
    for (size_t i = 0; i < sizeof want; i++) {
        eb_buf_putc(&b, want[i]);
        inside = inside && b.len <= b.size;
    }
    ok(inside, "never beyond the room there is");
    ok(b.len == sizeof want && memcmp(b.data, want, sizeof want) == 0,
       "five thousand single signs");
    ok(b.size < 4 * sizeof want, "no more room than doubling needs");
}

static void test_pieces(apr_pool_t *pool)
{
    eb_buf_t b;
    eb_buf_init(&b, 10, pool);
    is_str(eb_buf_cstr(&b), "", "a new buffer is empty");
    eb_buf_puts(&b, "eins");
    eb_buf_puts(&b, NULL);
    eb_buf_puts(&b, "");
    memcpy(eb_buf_reserve(&b, 4), "zwei", 4);
    b.len += 4;
    is_str(eb_buf_cstr(&b), "einszwei", "puts, NULL, reserve");
    is_int(b.len, 8, "the closing NUL does not count");
    eb_buf_add(&b, "a\0b", 3);
    is_int(b.len, 11, "a NUL is a byte like any other");
}

static void test_printf(apr_pool_t *pool)
{
    eb_buf_t b;
    bool same = true;
    char want[320], text[300];

    for (int n = 0; n < 200; n++) {
        memset(text, 'x', (size_t)n);
        text[n] = '\0';
        eb_buf_init(&b, 64, pool);
        eb_buf_printf(&b, "%s-%d", text, n);
        snprintf(want, sizeof want, "%s-%d", text, n);
        same = same && strcmp(eb_buf_cstr(&b), want) == 0 && b.len == strlen(want);
    }
    ok(same, "formatted texts of every length around the end of the room");
    eb_buf_init(&b, 64, pool);
    eb_buf_printf(&b, "%s", "");
    is_int(b.len, 0, "an empty one");
}

static const char *html(const char *s, apr_pool_t *pool)
{
    eb_buf_t b;
    eb_buf_init(&b, 0, pool);
    eb_buf_html(&b, s);
    return eb_buf_cstr(&b);
}

static void test_html(apr_pool_t *pool)
{
    is_str(html("Tom & \"Jerry\" <'x'>", pool), "Tom &amp; &quot;Jerry&quot; &lt;&#39;x&#39;&gt;",
           "the five signs are escaped");
    is_str(html("Łukasz Öztürk", pool), "Łukasz Öztürk", "letters are not");
    is_str(html("<<", pool), "&lt;&lt;", "nothing between two");
    is_str(html("a>", pool), "a&gt;", "at the end");
    is_str(html("", pool), "", "an empty text");
    is_str(html(NULL, pool), "", "no text");

    char all[256];
    for (int i = 1; i < 256; i++)
        all[i - 1] = (char)i;
    all[255] = '\0';
    const char *out = html(all, pool);
    ok(!strpbrk(out, "<>\"'"), "of all bytes none is left that could end a text or a value");
    is_int((long long)strlen(out), 255 - 5 + 4 + 4 + 5 + 6 + 5, "and none is lost");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_growth(pool);
    test_pieces(pool);
    test_printf(pool);
    test_html(pool);
    return done();
}
