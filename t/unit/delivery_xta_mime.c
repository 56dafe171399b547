/* multipart/related as it comes in: the same story however the body is cut, and what is refused. */
#include "delivery/xta/mime.h"
#include "base/buf.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>

#define HEAD "Content-Type: application/xop+xml\r\nContent-ID: <root@x>\r\n\r\n"

static apr_status_t on_begin(void *baton, const eb_mime_part_t *part)
{
    eb_buf_printf(baton, "[%s|%s:", part->id, part->type);
    return APR_SUCCESS;
}

static apr_status_t on_data(void *baton, const char *data, apr_size_t len)
{
    eb_buf_add(baton, data, len);
    return len ? APR_SUCCESS : APR_EGENERAL;
}

static apr_status_t on_end(void *baton)
{
    eb_buf_puts(baton, "]");
    return APR_SUCCESS;
}

/* The story of a body that is fed in two pieces, and then in single bytes. */
static apr_status_t tell(const char **story, const char *body, apr_size_t len, apr_size_t cut,
                         apr_pool_t *pool)
{
    eb_buf_t buf;
    const eb_mime_sink_t sink = {on_begin, on_data, on_end, &buf};
    apr_status_t rv = APR_SUCCESS;

    eb_buf_init(&buf, 256, pool);
    eb_mime_t *mime = eb_mime_new("b=1", &sink, pool);
    if (cut <= len) {
        rv = eb_mime_feed(mime, body, cut);
        if (!rv)
            rv = eb_mime_feed(mime, body + cut, len - cut);
    }
    for (apr_size_t i = 0; cut > len && !rv && i < len; i++)
        rv = eb_mime_feed(mime, body + i, 1);
    if (!rv)
        rv = eb_mime_finish(mime);
    *story = eb_buf_cstr(&buf);
    return rv;
}

/* The story of the whole, when all ways of feeding agree. */
static const char *agreed(apr_status_t *rv, const char *body, apr_size_t len, apr_pool_t *pool)
{
    const char *whole, *story;

    *rv = tell(&whole, body, len, 0, pool);
    for (apr_size_t cut = 1; cut <= len + 1; cut++)
        if (tell(&story, body, len, cut, pool) != *rv || strcmp(story, whole) != 0)
            return "it depends on how it is cut";
    return whole;
}

typedef struct case_t {
    const char *body;
    apr_status_t status;
    const char *story; /* NULL: not of interest */
    const char *name;
} case_t;

static const case_t cases[] = {
    {"--b=1\r\n" HEAD "<a/>\r\n--b=1--", APR_SUCCESS, "[root@x|application/xop+xml:<a/>]",
     "one part"},
    {"\r\n--b=1\r\n" HEAD "<a/>\r\n--b=1--\r\n", APR_SUCCESS, "[root@x|application/xop+xml:<a/>]",
     "behind an empty line"},
    {"pre\r\namble\r\n--b=1 \t\r\n\r\nx\r\n--b=1--epilogue\r\n--b=1\r\n", APR_SUCCESS, "[|:x]",
     "preamble, blanks and epilogue"},
    {"--b=1\r\n\r\na\r\n--b=1\r\nContent-Id:  <c2>  \r\n\r\n\r\n\r\n--b=1--", APR_SUCCESS,
     "[|:a][c2|:\r\n]", "two parts"},
    {"--b=1\r\n\r\n\r\n--b=1--", APR_SUCCESS, "[|:]", "an empty part"},
    {"--b=1\r\n\r\n--b=1--", APR_SUCCESS, "[|:]", "one emptier still"},
    {"--b=1\r\n\r\nx\r\r\n--b=\r\n-\r\n--b=2\n--b=1\r\n--b=1--", APR_SUCCESS,
     "[|:x\r\r\n--b=\r\n-\r\n--b=2\n--b=1]", "what looks like a delimiter"},
    {"--b=1\r\nContent-Type: text/xml;\r\n charset=x\r\nX: y\r\nContent-Transfer-Encoding: BINARY"
     "\r\n\r\nx\r\n--b=1--",
     APR_SUCCESS, "[|text/xml;   charset=x:x]", "a folded header"},
    {"--b=1\r\n\r\nx\r\n--b=1", APR_EINVAL, NULL, "no last delimiter"},
    {"--b=1\r\n\r\nx\r\n--b=1-", APR_EINVAL, NULL, "half of it"},
    {"--b=1\r\n\r\nx\r\n--b=12\r\n", APR_EINVAL, NULL, "a delimiter that goes on"},
    {"--b=1\n\nx\r\n--b=1--", APR_EINVAL, NULL, "lines without CR"},
    {"--b=1\r\nContent-ID: <a>\n\r\nx\r\n--b=1--", APR_EINVAL, NULL, "a header without CR"},
    {"--b=1\r\nnonsense\r\n\r\nx\r\n--b=1--", APR_EINVAL, NULL, "no header"},
    {"--b=1\r\nContent-ID: a\r\n\r\nx\r\n--b=1--", APR_EINVAL, NULL, "an id without brackets"},
    {"--b=1\r\nContent-ID: <a>\r\nContent-ID: <b>\r\n\r\nx\r\n--b=1--", APR_EINVAL, NULL,
     "two ids"},
    {"--b=1\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--b=1--", APR_EINVAL, NULL,
     "encoded once more"},
    {"", APR_EINVAL, NULL, "nothing"},
    {"nothing like it", APR_EINVAL, NULL, "something else"},
};

static void test_cases(apr_pool_t *pool)
{
    apr_status_t rv;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *story = agreed(&rv, cases[i].body, strlen(cases[i].body), pool);
        is_int(rv, cases[i].status, cases[i].name);
        if (cases[i].story)
            is_str(story, cases[i].story, cases[i].name);
        ok(*story != 'i', "however it is cut");
    }
    static const char nul[] = "--b=1\r\nX: \0\r\n\r\nx\r\n--b=1--";
    agreed(&rv, nul, sizeof nul - 1, pool);
    is_int(rv, APR_EINVAL, "a NUL in a header");
}

static void test_limits(apr_pool_t *pool)
{
    const char *story;
    eb_buf_t body;

    eb_buf_init(&body, 10000, pool);
    eb_buf_puts(&body, "--b=1\r\nX: ");
    for (int i = 0; i < EB_HEADERS_MAX - 7; i++)
        eb_buf_putc(&body, 'x');
    eb_buf_puts(&body, "\r\n\r\nx\r\n--b=1--");
    is_int(tell(&story, eb_buf_cstr(&body), body.len, 0, pool), APR_SUCCESS, "long headers");
    body.len = 0;
    eb_buf_puts(&body, "--b=1\r\nX: ");
    for (int i = 0; i < EB_HEADERS_MAX - 6; i++)
        eb_buf_putc(&body, 'x');
    eb_buf_puts(&body, "\r\n\r\nx\r\n--b=1--");
    is_int(tell(&story, eb_buf_cstr(&body), body.len, 0, pool), APR_EINVAL, "longer ones");
    body.len = 0;
    for (int i = 0; i < EB_MIME_PARTS_MAX; i++)
        eb_buf_puts(&body, "\r\n--b=1\r\n\r\n");
    const apr_size_t len = body.len;
    eb_buf_puts(&body, "\r\n--b=1--");
    is_int(tell(&story, eb_buf_cstr(&body), body.len, 0, pool), APR_SUCCESS, "many parts");
    body.len = len;
    eb_buf_puts(&body, "\r\n--b=1\r\n\r\n\r\n--b=1--");
    is_int(tell(&story, eb_buf_cstr(&body), body.len, 0, pool), APR_EINVAL, "one more");
}

static void test_types(apr_pool_t *pool)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "a/b; x",
                                      "a/b; x=",
                                      "a/b; x=\"y",
                                      "a/b x=y",
                                      "a/b; =y",
                                      "a/b; boundary=",
                                      "a/b; boundary=\"\"",
                                      "a/b; x=\"\n\"",
                                      "a/b; x=y z",
                                      "a/b; type=1; type=2"};
    eb_mime_type_t t;

    is_int(eb_mime_type_read(&t,
                             " Multipart/Related ;Type=\"application/xop+xml\"; "
                             "start=\"<a\\\"b>\" ;boundary=b.1;action=\"x;y\";",
                             pool),
           APR_SUCCESS, "a type");
    is_str(t.type, "multipart/related", "its name");
    is_str(t.inner, "application/xop+xml", "its type");
    is_str(t.start, "<a\"b>", "its start");
    is_str(t.boundary, "b.1", "its boundary");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        is_int(eb_mime_type_read(&t, bad[i], pool), APR_EINVAL, bad[i]);
    char *text = apr_psprintf(pool, "a/b; boundary=%071d", 1);
    is_int(eb_mime_type_read(&t, text, pool), APR_EINVAL, "a boundary that is too long");
    text[strlen(text) - 1] = '\0';
    is_int(eb_mime_type_read(&t, text, pool), APR_SUCCESS, "one just not");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_cases(pool);
    test_limits(pool);
    test_types(pool);
    return done();
}
