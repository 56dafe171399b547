/* multipart/related from a stranger: in one piece and byte by byte it tells the same story, and
 * what comes out lies within the body. The boundary is what the input begins with. */
#include "delivery/xta/mime.h"
#include "base/buf.h"
#include "fuzz.h"

#include <apr_errno.h>
#include <apr_strings.h>

typedef struct story_t {
    eb_buf_t text;
    bool within;
    int parts;
} story_t;

static apr_status_t on_begin(void *baton, const eb_mime_part_t *part)
{
    story_t *story = baton;

    must(!story->within && ++story->parts <= EB_MIME_PARTS_MAX);
    must(strlen(part->id) + strlen(part->type) < EB_HEADERS_MAX);
    eb_buf_printf(&story->text, "[%s|%s:", part->id, part->type);
    story->within = true;
    return APR_SUCCESS;
}

static apr_status_t on_data(void *baton, const char *data, apr_size_t len)
{
    story_t *story = baton;

    must(story->within && len);
    eb_buf_add(&story->text, data, len);
    return APR_SUCCESS;
}

static apr_status_t on_end(void *baton)
{
    story_t *story = baton;

    must(story->within);
    eb_buf_puts(&story->text, "]");
    story->within = false;
    return APR_SUCCESS;
}

static apr_status_t tell(story_t *story, const char *boundary, const char *body, size_t len,
                         size_t piece, apr_pool_t *pool)
{
    const eb_mime_sink_t sink = {on_begin, on_data, on_end, story};
    apr_status_t rv = APR_SUCCESS;

    *story = (story_t){.within = false};
    eb_buf_init(&story->text, 256, pool);
    eb_mime_t *mime = eb_mime_new(boundary, &sink, pool);
    for (size_t at = 0; !rv && at < len; at += piece)
        rv = eb_mime_feed(mime, body + at, len - at < piece ? len - at : piece);
    return rv ? rv : eb_mime_finish(mime);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    const size_t len = end ? (size_t)(end - data) : 0;
    story_t whole, pieces;

    if (len && len <= EB_BOUNDARY_MAX && !memchr(data, 0, len) && !memchr(data, '\r', len)) {
        char *body = malloc(size - len);
        memcpy(body, end + 1, size - len - 1);
        const char *boundary = apr_pstrmemdup(pool, (const char *)data, len);
        const apr_status_t rv = tell(&whole, boundary, body, size - len - 1, size, pool);
        must(!rv || rv == APR_EINVAL);
        for (size_t piece = 1; piece < 4; piece++) {
            must(tell(&pieces, boundary, body, size - len - 1, piece, pool) == rv);
            must(pieces.text.len == whole.text.len &&
                 !memcmp(pieces.text.data, whole.text.data, whole.text.len));
        }
        free(body);
    }
    apr_pool_destroy(pool);
    return 0;
}
