/* The multipart decoder: what browsers send, the anomalies that readers of this encoding are known
 * to disagree about, limits, and that it does not matter how a body is cut into pieces. */
#include "form/multipart.h"
#include "base/buf.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>

#define PIECE       (64 * 1024)
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define BYTES(text) (text), sizeof(text) - 1

/* Most bodies here: the boundary is "b". */
#define CD                     "Content-Disposition: form-data; "
#define PART(headers, content) "--b\r\n" headers "\r\n\r\n" content "\r\n"
#define FIELD                  PART(CD "name=\"a\"", "1")
#define LAST                   "--b--\r\n"

typedef struct body_t {
    const char *name, *data;
    apr_size_t len;
    const char *want;
} body_t;

static const eb_multipart_limits_t usual = {
    .parts = 20, .field = 100, .file = 200 * 1000, .total = 500 * 1000};

static apr_pool_t *pool;

/* What the sink was told: {name|filename|type:content} for each part. */
static apr_status_t note_begin(void *baton, const eb_part_t *part)
{
    eb_buf_printf(baton, "{%s|%s|%s:", part->name, part->filename ? part->filename : "-",
                  part->type ? part->type : "-");
    return APR_SUCCESS;
}

static apr_status_t note_data(void *baton, const char *data, apr_size_t len)
{
    eb_buf_add(baton, len ? data : "<nothing>", len ? len : 9);
    return APR_SUCCESS;
}

static apr_status_t note_end(void *baton)
{
    eb_buf_putc(baton, '}');
    return APR_SUCCESS;
}

static const char *outcome(eb_multipart_t *m, apr_status_t rv, apr_pool_t *p)
{
    const char *fault = eb_multipart_fault(m);
    if (rv == APR_SUCCESS)
        return *fault ? "a fault without failure" : "";
    return apr_pstrcat(p,
                       rv == APR_EINVAL   ? "EINVAL"
                       : rv == APR_ENOSPC ? "ENOSPC"
                                          : "?",
                       ": ", fault, NULL);
}

/* The body in pieces: the first of `first` bytes, all others of `others`. Each piece lies in memory
 * of its own size, so that a sanitizer sees a byte read beyond. */
static void decode(eb_buf_t *out, const char *boundary, const eb_multipart_limits_t *limits,
                   const char *body, apr_size_t len, apr_size_t first, apr_size_t others)
{
    eb_multipart_sink_t sink = {note_begin, note_data, note_end, out};
    eb_multipart_t *m = eb_multipart_new(boundary, limits, &sink, out->pool);
    apr_status_t rv = APR_SUCCESS;
    for (apr_size_t at = 0, n = first; at < len && rv == APR_SUCCESS; at += n, n = others) {
        n = n < len - at ? n : len - at;
        char *piece = malloc(n ? n : 1);
        memcpy(piece, body + at, n);
        rv = eb_multipart_feed(m, piece, n);
        free(piece);
    }
    rv = eb_multipart_finish(m);
    eb_buf_puts(out, outcome(m, rv, out->pool));
}

static const char *decoded(const char *boundary, const eb_multipart_limits_t *limits,
                           const char *body, apr_size_t len)
{
    eb_buf_t out;
    eb_buf_init(&out, 256, pool);
    decode(&out, boundary, limits, body, len, len, len);
    return eb_buf_cstr(&out);
}

/* All ways to cut it in two, and byte by byte: the same as in one piece. */
static void is_the_same_however_cut(const char *boundary, const eb_multipart_limits_t *limits,
                                    const char *body, apr_size_t len, const char *name)
{
    eb_buf_t whole;
    int different = 0;
    eb_buf_init(&whole, 256, pool);
    decode(&whole, boundary, limits, body, len, len, len);
    for (apr_size_t cut = 0; cut <= len; cut++) {
        apr_pool_t *p;
        eb_buf_t out;
        apr_pool_create(&p, pool);
        eb_buf_init(&out, 256, p);
        decode(&out, boundary, limits, body, len, cut ? cut : 1, cut ? len : 1);
        different += out.len != whole.len || memcmp(out.data, whole.data, out.len) != 0;
        apr_pool_destroy(p);
    }
    is_int(different, 0, apr_pstrcat(pool, "however cut: ", name, NULL));
}

/* The form of what they send, with short contents. */
static const struct {
    const char *name, *content_type;
    body_t body;
} clients[] = {
    {"Firefox",
     "multipart/form-data; boundary=----geckoformboundary1d6a30ba4ac7e1b5b3fd2a7f0f0b9a21",
     {"",
      BYTES("------geckoformboundary1d6a30ba4ac7e1b5b3fd2a7f0f0b9a21\r\n"
            "Content-Disposition: form-data; name=\"familienname\"\r\n\r\nGarcía\r\n"
            "------geckoformboundary1d6a30ba4ac7e1b5b3fd2a7f0f0b9a21\r\n"
            "Content-Disposition: form-data; name=\"pass\"; filename=\"Müller (Kopie).pdf\"\r\n"
            "Content-Type: application/pdf\r\n\r\n%PDF-1.7\n\r\n"
            "------geckoformboundary1d6a30ba4ac7e1b5b3fd2a7f0f0b9a21--\r\n"),
      "{familienname|-|-:García}{pass|Müller (Kopie).pdf|application/pdf:%PDF-1.7\n}"}},
    {"Firefox, formerly",
     "multipart/form-data; boundary=---------------------------9051914041544843365972754266",
     {"",
      BYTES("-----------------------------9051914041544843365972754266\r\n"
            "Content-Disposition: form-data; name=\"a\"\r\n\r\n\r\n"
            "-----------------------------9051914041544843365972754266\r\n"
            "Content-Disposition: form-data; name=\"f\"; filename=\"\"\r\n"
            "Content-Type: application/octet-stream\r\n\r\n\r\n"
            "-----------------------------9051914041544843365972754266--\r\n"),
      "{a|-|-:}{f||application/octet-stream:}"}},
    {"Chrome and Safari",
     "multipart/form-data; boundary=----WebKitFormBoundaryRkZ3LqXn0dT9yB7A",
     {"",
      BYTES("------WebKitFormBoundaryRkZ3LqXn0dT9yB7A\r\n"
            "Content-Disposition: form-data; name=\"text\"\r\n\r\neins\r\nzwei\r\n"
            "------WebKitFormBoundaryRkZ3LqXn0dT9yB7A\r\n"
            "Content-Disposition: form-data; name=\"f\"; filename=\"O'Brien %22x%22.PNG\"\r\n"
            "Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1A\n\r\n"
            "------WebKitFormBoundaryRkZ3LqXn0dT9yB7A--\r\n"),
      "{text|-|-:eins\r\nzwei}{f|O'Brien \"x\".PNG|image/png:\x89PNG\r\n\x1A\n}"}},
    {"Chrome with an empty form",
     "multipart/form-data; boundary=----WebKitFormBoundaryRkZ3LqXn0dT9yB7A",
     {"", BYTES("------WebKitFormBoundaryRkZ3LqXn0dT9yB7A--\r\n"), ""}},
    {"curl",
     "multipart/form-data; boundary=------------------------d74496d66958873e",
     {"",
      BYTES("--------------------------d74496d66958873e\r\n"
            "Content-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
            "--------------------------d74496d66958873e\r\n"
            "Content-Disposition: form-data; name=\"f\"; filename=\"x.jpg\"\r\n"
            "Content-Type: image/jpeg\r\n\r\n\xFF\xD8\r\n"
            "--------------------------d74496d66958873e--\r\n"),
      "{a|-|-:1}{f|x.jpg|image/jpeg:\xFF\xD8}"}},
    {"a client that leaves out the last CRLF",
     "multipart/form-data; boundary=0d4c2d2f3a8b4a43b8a5b4a4b0c5d6e7",
     {"",
      BYTES("--0d4c2d2f3a8b4a43b8a5b4a4b0c5d6e7\r\n"
            "Content-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\nx\r\n"
            "--0d4c2d2f3a8b4a43b8a5b4a4b0c5d6e7--"),
      "{a|a|-:x}"}},
};

static void what_clients_send(void)
{
    for (size_t i = 0; i < ROWS(clients); i++) {
        const body_t *body = &clients[i].body;
        const char *boundary = "";
        apr_status_t rv = eb_multipart_boundary(&boundary, clients[i].content_type, pool);
        is_int(rv, APR_SUCCESS, apr_pstrcat(pool, "the boundary of ", clients[i].name, NULL));
        is_str(decoded(boundary, &usual, body->data, body->len), body->want, clients[i].name);
        is_the_same_however_cut(boundary, &usual, body->data, body->len, clients[i].name);
    }
}

static const body_t accepted[] = {
    {"no part at all", BYTES("--b--"), ""},
    {"names of headers and parameters in any case, blanks around values",
     BYTES(PART("CONTENT-disposition:  Form-Data ;Name=\"a\";  FILENAME=\"b\" \r\n"
                "content-type:IMAGE/Png ; x=\"y",
                "1") LAST),
     "{a|b|image/png:1}"},
    {"content that looks like delimiters and is none",
     BYTES(PART(CD "name=\"a\"", "--\r\n--\r\n-b\r\n--c\r--b\n--b\r\r\n\r\n-\r\n--B x--b") LAST),
     "{a|-|-:--\r\n--\r\n-b\r\n--c\r--b\n--b\r\r\n\r\n-\r\n--B x--b}"},
    {"content that ends in line breaks", BYTES(PART(CD "name=\"a\"", "\r\n\r\r\n\r") LAST),
     "{a|-|-:\r\n\r\r\n\r}"},
    {"content that begins with half a delimiter", BYTES(PART(CD "name=\"a\"", "--") LAST),
     "{a|-|-:--}"},
    {"a part like a certificate", BYTES(PART(CD "name=\"a\"", "-----BEGIN X-----\r\n") LAST),
     "{a|-|-:-----BEGIN X-----\r\n}"},
    {"identity encodings",
     BYTES(PART(CD "name=\"a\"\r\nContent-Transfer-Encoding: 8BIT ", "1")
               PART("Content-Transfer-Encoding: binary\r\n" CD "name=\"b\"", "2")
                   PART(CD "name=\"c\"\r\nContent-Transfer-Encoding: 7bit", "3") LAST),
     "{a|-|-:1}{b|-|-:2}{c|-|-:3}"},
    {"backslashes, percent signs, semicolons in names",
     BYTES(PART(CD "filename=\"C:\\s;=\\%0D%0a%2 %\"; name=\"%22%\"", "") LAST),
     "{\"%|C:\\s;=\\%0D%0a%2 %|-:}"},
    {"a first line two bytes longer than the headers before",
     BYTES(FIELD PART(CD "name=\"aaaaa\"\r\nContent-Type: a/b", "2") LAST),
     "{a|-|-:1}{aaaaa|-|a/b:2}"},
    {"a name twice: for the form to judge", BYTES(FIELD FIELD LAST), "{a|-|-:1}{a|-|-:1}"},
};

/* After ModSecurity's list of anomalies, and beyond. */
static const body_t refused[] = {
    {"an empty body", BYTES(""), "EINVAL: the end before the last delimiter"},
    {"data before", BYTES("x\r\n" FIELD LAST), "EINVAL: something else before the first delimiter"},
    {"a line break before", BYTES("\r\n" FIELD LAST),
     "EINVAL: something else before the first delimiter"},
    {"data after", BYTES(FIELD LAST "x"), "{a|-|-:1}EINVAL: something behind the last delimiter"},
    {"data after, without a line break", BYTES(FIELD "--b--x"),
     "{a|-|-:1}EINVAL: something behind the last delimiter"},
    {"a line break too many", BYTES(FIELD LAST "\r\n"),
     "{a|-|-:1}EINVAL: something behind the last delimiter"},
    {"a part after the last delimiter", BYTES(FIELD LAST FIELD LAST),
     "{a|-|-:1}EINVAL: something behind the last delimiter"},
    {"the beginning of a delimiter after", BYTES(FIELD LAST "--"),
     "{a|-|-:1}EINVAL: something behind the last delimiter"},
    {"half a line break after", BYTES(FIELD "--b--\r"),
     "{a|-|-:1}EINVAL: the end before the last delimiter"},
    {"LF after", BYTES(FIELD "--b--\n"), "{a|-|-:1}EINVAL: something behind the last delimiter"},
    {"blank after", BYTES(FIELD "--b-- \r\n"),
     "{a|-|-:1}EINVAL: something behind the last delimiter"},
    {"no last delimiter", BYTES(FIELD), "{a|-|-:1EINVAL: the end before the last delimiter"},
    {"cut within the last delimiter", BYTES(FIELD "--b-"),
     "{a|-|-:1}EINVAL: the end before the last delimiter"},
    {"cut after a delimiter", BYTES(FIELD "--b\r\n"),
     "{a|-|-:1}EINVAL: the end before the last delimiter"},
    {"cut within headers", BYTES("--b\r\n" CD), "EINVAL: the end before the last delimiter"},
    {"unmatched boundary", BYTES("--c\r\n" CD "name=\"a\"\r\n\r\n1\r\n--c--\r\n"),
     "EINVAL: something else before the first delimiter"},
    {"a boundary in another case", BYTES("--B\r\n" CD "name=\"a\"\r\n\r\n1\r\n--B--\r\n"),
     "EINVAL: something else before the first delimiter"},
    {"a longer boundary", BYTES(FIELD "--bb\r\n" CD "name=\"b\"\r\n\r\n\r\n" LAST),
     "{a|-|-:1}EINVAL: a delimiter's line that goes on"},
    {"a boundary inside a line", BYTES(PART(CD "name=\"a\"", "1--b--")),
     "{a|-|-:1--b--EINVAL: the end before the last delimiter"},
    {"boundary white space", BYTES("--b \r\n" CD "name=\"a\"\r\n\r\n1\r\n" LAST),
     "EINVAL: a blank behind a delimiter"},
    {"a tab behind a later delimiter", BYTES(FIELD "--b\t\r\n" CD "name=\"b\"\r\n\r\n1\r\n" LAST),
     "{a|-|-:1}EINVAL: a blank behind a delimiter"},
    {"a quoted boundary", BYTES("--\"b\"\r\n" CD "name=\"a\"\r\n\r\n1\r\n--\"b\"--\r\n"),
     "EINVAL: something else before the first delimiter"},
    {"one hyphen", BYTES("-b\r\n"), "EINVAL: something else before the first delimiter"},
    {"a delimiter with one hyphen behind it", BYTES(FIELD "--b-\r\n"),
     "{a|-|-:1}EINVAL: a delimiter's line that goes on"},
    {"a delimiter, CR, and no LF", BYTES("--b\rx"), "EINVAL: a delimiter's line that goes on"},
    {"a delimiter where content should begin", BYTES("--b\r\n" CD "name=\"a\"\r\n\r\n" LAST),
     "{a|-|-:EINVAL: a delimiter where content should begin"},
    {"LF lines", BYTES("--b\n" CD "name=\"a\"\n\n1\n--b--\n"),
     "EINVAL: a line that ends without CR"},
    {"LF instead of headers", BYTES("--b\r\n\n1\r\n" LAST), "EINVAL: a line that ends without CR"},
    {"LF in headers", BYTES("--b\r\n" CD "name=\"a\"\n\r\n1\r\n" LAST),
     "EINVAL: a line that ends without CR"},
    {"LF for the empty line", BYTES("--b\r\n" CD "name=\"a\"\r\n\n1\r\n" LAST),
     "EINVAL: a line that ends without CR"},
    {"LF before a delimiter is content", BYTES("--b\r\n" CD "name=\"a\"\r\n\r\n1\n" LAST),
     "{a|-|-:1\n--b--EINVAL: the end before the last delimiter"},
    {"CR lines", BYTES("--b\r\n" CD "name=\"a\"\r\r1\r\n\r\n" LAST),
     "EINVAL: a control character in a header"},
    {"header folding", BYTES(PART(CD "name=\"a\";\r\n filename=\"b\"", "1") LAST),
     "EINVAL: a parameter other than name and filename"},
    {"header folding where a value is complete",
     BYTES(PART(CD "name=\"a\"\r\n ; filename=\"b\"", "1") LAST), "EINVAL: a folded header"},
    {"folding with a tab", BYTES(PART(CD "name=\"a\"\r\n\t\r\nContent-Type: a/b", "1") LAST),
     "EINVAL: a control character in a header"},
    {"a tab in a file name", BYTES(PART(CD "name=\"a\"; filename=\"\t\"", "") LAST),
     "EINVAL: a control character in a header"},
    {"invalid header folding: the first line", BYTES(PART(" " CD "name=\"a\"", "1") LAST),
     "EINVAL: a folded header"},
    {"no headers", BYTES("--b\r\n\r\n1\r\n" LAST), "EINVAL: a part without a name"},
    {"no disposition", BYTES(PART("Content-Type: text/plain", "1") LAST),
     "EINVAL: a part without a name"},
    {"a missing name", BYTES(PART("Content-Disposition: form-data", "1") LAST),
     "EINVAL: a part without a name"},
    {"a file name only", BYTES(PART(CD "filename=\"a\"", "1") LAST),
     "EINVAL: a part without a name"},
    {"an empty name", BYTES(PART(CD "name=\"\"", "1") LAST), "EINVAL: a part without a name"},
    {"a duplicate name", BYTES(PART(CD "name=\"a\"; name=\"b\"", "1") LAST),
     "EINVAL: a parameter given twice"},
    {"a duplicate file name", BYTES(PART(CD "name=\"a\"; filename=\"\"; Filename=\"b\"", "") LAST),
     "EINVAL: a parameter given twice"},
    {"filename*", BYTES(PART(CD "name=\"a\"; filename*=UTF-8''b", "1") LAST),
     "EINVAL: a parameter other than name and filename"},
    {"another parameter", BYTES(PART(CD "name=\"a\"; size=3", "1") LAST),
     "EINVAL: a parameter other than name and filename"},
    {"a missing semicolon", BYTES(PART(CD "name=\"a\" filename=\"b\"", "1") LAST),
     "EINVAL: a missing semicolon"},
    {"a missing semicolon after the first word",
     BYTES(PART("Content-Disposition: form-data name=\"a\"", "1") LAST),
     "EINVAL: a missing semicolon"},
    {"a semicolon too many", BYTES(PART(CD "name=\"a\";", "1") LAST),
     "EINVAL: a parameter other than name and filename"},
    {"no quotes", BYTES(PART(CD "name=a", "1") LAST), "EINVAL: a parameter without quotes"},
    {"invalid quoting: single quotes", BYTES(PART(CD "name='a'", "1") LAST),
     "EINVAL: a parameter without quotes"},
    {"invalid quoting: not closed", BYTES(PART(CD "name=\"a", "1") LAST),
     "EINVAL: a quoted text without an end"},
    {"invalid quoting: more after it", BYTES(PART(CD "name=\"a\"b", "1") LAST),
     "EINVAL: a missing semicolon"},
    {"invalid quoting: a backslash before a quote",
     BYTES(PART(CD "name=\"a\\\"; filename=\"b\"", "1") LAST),
     "EINVAL: a backslash before a quote"},
    {"blanks around an equals sign", BYTES(PART(CD "name = \"a\"", "1") LAST),
     "EINVAL: a parameter other than name and filename"},
    {"another disposition", BYTES(PART("Content-Disposition: attachment; name=\"a\"", "1") LAST),
     "EINVAL: a disposition other than form-data"},
    {"an invalid part: no colon", BYTES(PART("Content-Disposition form-data; name=\"a\"", "") LAST),
     "EINVAL: a header that does not belong there"},
    {"a blank before the colon", BYTES(PART("Content-Disposition : form-data", "") LAST),
     "EINVAL: a header that does not belong there"},
    {"another header", BYTES(PART(CD "name=\"a\"\r\nContent-Length: 1", "1") LAST),
     "EINVAL: a header that does not belong there"},
    {"a header twice", BYTES(PART(CD "name=\"a\"\r\n" CD "filename=\"b\"", "1") LAST),
     "EINVAL: a header given twice"},
    {"base64", BYTES(PART(CD "name=\"a\"\r\nContent-Transfer-Encoding: base64", "MQ==") LAST),
     "EINVAL: a transfer encoding"},
    {"8bit and more", BYTES(PART(CD "name=\"a\"\r\nContent-Transfer-Encoding: 8bit, x", "") LAST),
     "EINVAL: a transfer encoding"},
    {"multipart/mixed", BYTES(PART(CD "name=\"a\"\r\nContent-Type: Multipart/Mixed", "") LAST),
     "EINVAL: a multipart within a part"},
    {"a type without a slash", BYTES(PART(CD "name=\"a\"\r\nContent-Type: text", "") LAST),
     "EINVAL: a malformed content type"},
    {"a type without its second half",
     BYTES(PART(CD "name=\"a\"\r\nContent-Type: text/;", "") LAST),
     "EINVAL: a malformed content type"},
    {"a type with more behind it", BYTES(PART(CD "name=\"a\"\r\nContent-Type: a/b c", "") LAST),
     "EINVAL: a malformed content type"},
    {"an empty type", BYTES(PART(CD "name=\"a\"\r\nContent-Type:", "") LAST),
     "EINVAL: a malformed content type"},
    {"NUL in a name", BYTES(PART(CD "name=\"a\0b\"", "1") LAST),
     "EINVAL: a control character in a header"},
    {"DEL in a file name", BYTES(PART(CD "name=\"a\"; filename=\"\x7F\"", "1") LAST),
     "EINVAL: a control character in a header"},
    {"Latin 1", BYTES(PART(CD "name=\"a\"; filename=\"M\xFCller\"", "1") LAST),
     "EINVAL: a header that is not UTF-8"},
    {"a surrogate", BYTES(PART(CD "name=\"a\"; filename=\"\xED\xA0\x80\"", "1") LAST),
     "EINVAL: a header that is not UTF-8"},
};

static void rows(const body_t *body, size_t count)
{
    for (; count > 0; count--, body++) {
        is_str(decoded("b", &usual, body->data, body->len), body->want, body->name);
        is_the_same_however_cut("b", &usual, body->data, body->len, body->name);
    }
}

static void content_types(void)
{
    static const char seventy[] =
        "0123456789012345678901234567890123456789012345678901234567890123456789";
    static const char *const bad[] = {
        "",
        "multipart/form-data",
        "multipart/form-data;",
        "multipart/form-data; boundary",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"b\"",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data boundary=b",
        "multipart/form-data; boundary=b; charset=utf-8",
        "multipart/form-data; charset=utf-8; boundary=b",
        "multipart/form-data; boundary=b, multipart/form-data; boundary=c",
        "multipart/form-data; boundary=a b",
        "multipart/form-data; boundary=b;",
        "multipart/form-data; boundary=b; boundary=c",
        "multipart/form-data; boundary = b",
        "multipart/form-data; boundary=\xC3\xA4",
        "multipart/form-data; boundary=a\r\nb",
        "multipart/form-data; boundary=a/b",
        "multipart/form-data; boundary*=b",
        "multipart/mixed; boundary=b",
        "multipart/form-datax; boundary=b",
        "application/x-www-form-urlencoded"};
    const char *b = "unset";
    for (size_t i = 0; i < ROWS(bad); i++)
        is_int(eb_multipart_boundary(&b, bad[i], pool), APR_EINVAL,
               apr_psprintf(pool, "bad content type %d", (int)i));
    is_int(eb_multipart_boundary(&b, NULL, pool), APR_EINVAL, "no content type");
    is_str(b, "unset", "no boundary comes of them");
    is_int(eb_multipart_boundary(&b, "MULTIPART/form-data; boundary=b", pool), APR_SUCCESS,
           "in any case");
    is_int(eb_multipart_boundary(&b, "multipart/form-data ;  Boundary=a'+._-Z  ", pool),
           APR_SUCCESS, "with blanks");
    is_str(b, "a'+._-Z", "which are no part of it");
    const char *longest = apr_pstrcat(pool, "multipart/form-data; boundary=", seventy, NULL);
    is_int(eb_multipart_boundary(&b, longest, pool), APR_SUCCESS, "the longest boundary");
    is_str(b, seventy, "whole");
    longest = apr_pstrcat(pool, longest, "x", NULL);
    is_int(eb_multipart_boundary(&b, longest, pool), APR_EINVAL, "one byte more");
}

/* n times `c` between two texts */
static const char *repeated(const char *before, char c, int n, const char *after)
{
    char *middle = apr_palloc(pool, (apr_size_t)n + 1);
    memset(middle, c, (apr_size_t)n);
    middle[n] = '\0';
    return apr_pstrcat(pool, before, middle, after, NULL);
}

static void limit(const eb_multipart_limits_t *limits, const char *body, const char *want,
                  const char *name)
{
    const char *got = decoded("b", limits, body, strlen(body));
    apr_size_t n = strlen(want), length = strlen(got);
    is_str(length > n ? got + length - n : got, want, name);
    is_the_same_however_cut("b", limits, body, strlen(body), name);
}

static void limits_of_parts(void)
{
    static const char file[] = PART(CD "name=\"a\"; filename=\"f\"", "123\r\n--\r\n") LAST;
    eb_multipart_limits_t tight = {.parts = 2, .field = 3, .file = 9, .total = 1000};

    limit(&tight, FIELD FIELD LAST, "{a|-|-:1}{a|-|-:1}", "as many parts as allowed");
    limit(&tight, FIELD FIELD FIELD LAST, "{a|-|-:1}{a|-|-:1}ENOSPC: too many parts", "one more");
    limit(&tight, PART(CD "name=\"a\"", "123") LAST, "{a|-|-:123}", "the longest field");
    limit(&tight, PART(CD "name=\"a\"", "1234") LAST, "{a|-|-:123ENOSPC: a field too long",
          "one byte more");
    limit(&tight, file, "{a|f|-:123\r\n--\r\n}", "the longest file");
    tight.file--;
    limit(&tight, file, "{a|f|-:123\r\n--\rENOSPC: a file too long",
          "a file limit exceeded, within something like a delimiter");
    tight.file = 0;
    limit(&tight, PART(CD "name=\"a\"; filename=\"\"", "") LAST, "{a||-:}", "no file is no bytes");
    tight.total = sizeof(FIELD LAST) - 1;
    limit(&tight, FIELD LAST, "{a|-|-:1}", "the longest body");
    tight.total--;
    limit(&tight, FIELD LAST, "{a|-|-:1}ENOSPC: a body too long", "one byte more");
    tight.parts = 0;
    limit(&tight, FIELD LAST, "ENOSPC: too many parts", "no parts allowed");
}

static void limits_of_headers(void)
{
    static const char head[] = "--b\r\n" CD "name=\"";
    static const char file[] = "--b\r\n" CD "name=\"a\"; filename=\"";
    static const char filler[] = "--b\r\n" CD "name=\"a\"\r\nContent-Type: a/b;";
    static const char rest[] = "\"\r\n\r\n\r\n" LAST;
    const int used = (int)sizeof(filler) - 1 - (int)sizeof("--b\r\n") + 1 + 4;

    limit(&usual, repeated(head, 'n', EB_MULTIPART_NAME_MAX, rest), "n|-|-:}", "the longest name");
    limit(&usual, repeated(head, 'n', EB_MULTIPART_NAME_MAX + 1, rest), "ENOSPC: a name too long",
          "one byte more");
    limit(&usual, repeated(file, 'f', EB_MULTIPART_FILENAME_MAX, rest), "f|-:}",
          "the longest file name");
    limit(&usual, repeated(file, 'f', EB_MULTIPART_FILENAME_MAX + 1, rest),
          "ENOSPC: a file name too long", "one byte more");
    limit(&usual, repeated(filler, 'x', EB_HEADERS_MAX - used, "\r\n\r\n\r\n" LAST), "{a|-|a/b:}",
          "the longest header block");
    limit(&usual, repeated(filler, 'x', EB_HEADERS_MAX - used + 1, "\r\n\r\n\r\n" LAST),
          "ENOSPC: headers too long", "one byte more");
    limit(&usual, repeated("--b\r\n", 'x', EB_HEADERS_MAX, ""), "ENOSPC: headers too long",
          "headers without end");
}

/* A sink that fails at its n-th call. */
typedef struct failing_t {
    int calls, fail_at;
} failing_t;

static apr_status_t fail_begin(void *baton, const eb_part_t *part)
{
    failing_t *f = baton;
    (void)part;
    return ++f->calls == f->fail_at ? APR_EGENERAL : APR_SUCCESS;
}

static apr_status_t fail_data(void *baton, const char *data, apr_size_t len)
{
    (void)data;
    (void)len;
    return fail_begin(baton, NULL);
}

static apr_status_t fail_end(void *baton)
{
    return fail_begin(baton, NULL);
}

static void failing_sink(void)
{
    static const char body[] = FIELD FIELD LAST;
    int wrong = 0, n;
    for (n = 1;; n++) {
        failing_t f = {0, n};
        eb_multipart_sink_t sink = {fail_begin, fail_data, fail_end, &f};
        eb_multipart_t *m = eb_multipart_new("b", &usual, &sink, pool);
        if (eb_multipart_feed(m, body, sizeof body - 1) == APR_SUCCESS)
            break;
        wrong += eb_multipart_feed(m, body, 1) != APR_EGENERAL;
        wrong += eb_multipart_finish(m) != APR_EGENERAL;
        wrong += f.calls != n || *eb_multipart_fault(m) != '\0';
    }
    is_int(n, 7, "a sink can fail at each of its six calls");
    is_int(wrong, 0, "and that ends the decoding, with its own status");

    eb_multipart_sink_t sink = {fail_begin, fail_data, fail_end, &(failing_t){0, 0}};
    eb_multipart_t *m = eb_multipart_new("b", &usual, &sink, pool);
    is_int(eb_multipart_feed(m, "x", 1), APR_EINVAL, "a bad body");
    is_int(eb_multipart_feed(m, FIELD LAST, sizeof(FIELD LAST) - 1), APR_EINVAL,
           "does not become a good one");
}

/* Counts calls, and bytes that do not lie in the piece that was fed. */
typedef struct bulk_t {
    const char *piece;
    apr_size_t bytes, elsewhere, calls;
} bulk_t;

static apr_status_t bulk_begin(void *baton, const eb_part_t *part)
{
    (void)baton;
    (void)part;
    return APR_SUCCESS;
}

static apr_status_t bulk_data(void *baton, const char *data, apr_size_t len)
{
    bulk_t *bulk = baton;
    bulk->bytes += len;
    bulk->calls++;
    if (data < bulk->piece || data + len > bulk->piece + PIECE)
        bulk->elsewhere += len;
    return APR_SUCCESS;
}

static apr_status_t bulk_end(void *baton)
{
    (void)baton;
    return APR_SUCCESS;
}

/* Content goes on in slices as large as they came, from where they lie. */
static void large_slices(void)
{
    static const char head[] = "--b\r\n" CD "name=\"a\"; filename=\"f\"\r\n\r\n";
    eb_multipart_limits_t wide = {.parts = 1, .file = 1u << 30, .total = 1u << 30};
    char *piece = apr_palloc(pool, PIECE);
    bulk_t bulk = {.piece = piece};
    eb_multipart_sink_t sink = {bulk_begin, bulk_data, bulk_end, &bulk};
    eb_multipart_t *m = eb_multipart_new("b", &wide, &sink, pool);
    unsigned bits = 1;

    for (int i = 0; i < PIECE; i++)
        piece[i] = (char)((bits = bits * 1103515245u + 12345u) >> 16);
    memcpy(piece + PIECE - 3, "\r\n-", 3); /* held back each time */
    apr_status_t rv = eb_multipart_feed(m, head, sizeof head - 1);
    for (int i = 0; i < 100 && rv == APR_SUCCESS; i++)
        rv = eb_multipart_feed(m, piece, PIECE);
    is_int(rv, APR_SUCCESS, "a hundred pieces");
    is_int((long long)bulk.bytes, 100LL * PIECE - 3, "all bytes but those held back");
    is_int((long long)bulk.elsewhere, 99LL * 3, "only these do not come from the piece itself");
    is_int((long long)bulk.calls, 100 + 99, "in two calls for each piece");
    rv = eb_multipart_feed(m, "-b--", 4);
    is_int(rv, APR_SUCCESS, "the last delimiter, in two pieces");
    is_int(eb_multipart_finish(m), APR_SUCCESS, "the end");
    is_int((long long)bulk.bytes, 100LL * PIECE - 3, "what was held back was the delimiter");
}

int main(void)
{
    pool = tap_begin();
    content_types();
    what_clients_send();
    rows(accepted, ROWS(accepted));
    rows(refused, ROWS(refused));
    limits_of_parts();
    limits_of_headers();
    failing_sink();
    large_slices();
    return done();
}
