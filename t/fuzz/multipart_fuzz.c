/* Uploads: a body tells the same story in one piece, byte by byte, and in pieces of any size;
 * whatever is accepted keeps the limits, and comes out again when it is encoded as a browser would.
 * The boundary is what the body begins with. */
#include "form/multipart.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "fuzz.h"

#include <apr_errno.h>
#include <apr_strings.h>

static const eb_multipart_limits_t limits = {.parts = 8, .field = 64, .file = 512, .total = 16384};

typedef struct story_t {
    eb_buf_t events;  /* parts and contents */
    eb_buf_t encoded; /* the parts as a browser would send them */
    const char *boundary;
    apr_uint64_t most; /* bytes that the part may have; 0 outside of parts */
    bool within;
    int parts;
} story_t;

static void check_text(const char *text, size_t max)
{
    must(strlen(text) <= max && eb_utf8_valid(text, strlen(text)));
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        must(*c != 0x7F && *c >= 0x20);
}

static void encode(eb_buf_t *out, const char *parameter, const char *text)
{
    eb_buf_printf(out, ";%s=\"", parameter);
    for (; *text; text++)
        if (*text == '"')
            eb_buf_puts(out, "%22");
        else
            eb_buf_putc(out, *text);
    eb_buf_puts(out, "\"");
}

static apr_status_t on_begin(void *baton, const eb_part_t *part)
{
    story_t *story = baton;
    eb_buf_t *out = &story->encoded;
    must(!story->within && ++story->parts <= limits.parts);
    must(*part->name);
    check_text(part->name, EB_MULTIPART_NAME_MAX);
    check_text(part->filename ? part->filename : "", EB_MULTIPART_FILENAME_MAX);
    check_text(part->type ? part->type : "", EB_HEADERS_MAX);

    eb_buf_printf(out, "--%s\r\nContent-Disposition:form-data", story->boundary);
    encode(out, "name", part->name);
    if (part->filename)
        encode(out, "filename", part->filename);
    if (part->type)
        eb_buf_printf(out, "\r\nContent-Type:%s", part->type);
    eb_buf_puts(out, "\r\n\r\n");
    eb_buf_printf(&story->events, "{%s|%s|%s:", part->name, part->filename ? part->filename : "-",
                  part->type ? part->type : "-");
    story->within = true;
    story->most = part->filename ? limits.file : limits.field;
    return APR_SUCCESS;
}

static apr_status_t on_data(void *baton, const char *data, apr_size_t len)
{
    story_t *story = baton;
    must(story->within && len > 0 && len <= story->most);
    story->most -= len;
    eb_buf_add(&story->events, data, len);
    eb_buf_add(&story->encoded, data, len);
    return APR_SUCCESS;
}

static apr_status_t on_end(void *baton)
{
    story_t *story = baton;
    must(story->within);
    story->within = false;
    eb_buf_puts(&story->events, "}");
    eb_buf_puts(&story->encoded, "\r\n");
    return APR_SUCCESS;
}

typedef size_t piece_t(uint32_t *state);

static size_t all(uint32_t *state)
{
    (void)state;
    return SIZE_MAX;
}

static size_t one(uint32_t *state)
{
    (void)state;
    return 1;
}

static size_t some(uint32_t *state)
{
    *state = *state * 1103515245u + 12345u;
    return *state >> 16 & 1 ? *state >> 17 & 3 : *state >> 17 & 127;
}

/* Each piece in memory of its own size, which is gone before the next one comes. */
static apr_status_t decode(story_t *story, const char *boundary, const uint8_t *data, size_t size,
                           piece_t *piece, apr_pool_t *pool)
{
    eb_multipart_sink_t sink = {on_begin, on_data, on_end, story};
    apr_status_t rv = APR_SUCCESS;
    uint32_t state = 2166136261u;

    *story = (story_t){.boundary = boundary};
    eb_buf_init(&story->events, size + 64, pool);
    eb_buf_init(&story->encoded, size + 64, pool);
    eb_multipart_t *m = eb_multipart_new(boundary, &limits, &sink, pool);
    for (size_t i = 0; i < size; i++)
        state = (state ^ data[i]) * 16777619u;
    for (size_t at = 0, n; at < size && rv == APR_SUCCESS; at += n) {
        n = piece(&state);
        n = n < size - at ? n : size - at;
        char *copy = malloc(n ? n : 1);
        memcpy(copy, data + at, n);
        rv = eb_multipart_feed(m, copy, n);
        free(copy);
    }
    must(rv == eb_multipart_finish(m) || rv == APR_SUCCESS);
    rv = eb_multipart_finish(m);
    must(rv == APR_SUCCESS || rv == APR_EINVAL || rv == APR_ENOSPC);
    must((rv == APR_SUCCESS) == !*eb_multipart_fault(m));
    must(rv != APR_SUCCESS || !story->within);
    eb_buf_puts(&story->events, eb_multipart_fault(m));
    eb_buf_printf(&story->encoded, "--%s--\r\n", boundary);
    return rv;
}

/* What the body's first line says, if it may; else "b". */
static const char *boundary_of(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    const char *boundary = "b";
    char *text = fuzz_text(data, size);
    size_t hyphens = strncmp(text, "--", 2) == 0 ? 2 : 0;
    text[strcspn(text, "\r\n")] = '\0';
    const char *type = apr_pstrcat(pool, "multipart/form-data;boundary=", text + hyphens, NULL);
    apr_status_t rv = eb_multipart_boundary(&boundary, type, pool);
    must(rv == APR_SUCCESS || rv == APR_EINVAL);
    must(*boundary && strlen(boundary) <= EB_BOUNDARY_MAX);
    must(!strpbrk(boundary, "\r\n\t \"\\;"));
    free(text);
    return boundary;
}

static bool same(const eb_buf_t *a, const eb_buf_t *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    const char *boundary = boundary_of(data, size, pool);
    story_t whole, bytes, pieces, again;

    apr_status_t rv = decode(&whole, boundary, data, size, all, pool);
    must(decode(&bytes, boundary, data, size, one, pool) == rv);
    must(decode(&pieces, boundary, data, size, some, pool) == rv);
    must(same(&whole.events, &bytes.events) && same(&whole.events, &pieces.events));
    if (rv == APR_SUCCESS && whole.encoded.len <= limits.total) {
        must(decode(&again, boundary, (const uint8_t *)whole.encoded.data, whole.encoded.len, all,
                    pool) == APR_SUCCESS);
        must(same(&again.events, &whole.events));
    }
    apr_pool_destroy(pool);
    return 0;
}
