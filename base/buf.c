/* The buffer doubles, so that a page of n bytes costs at most 2 n bytes of its pool and a handful
 * of copies; with a good size hint it costs none. */
#include "buf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum { ROOM_AT_LEAST = 64 };

void eb_buf_init(eb_buf_t *b, apr_size_t size_hint, apr_pool_t *pool)
{
    b->size = size_hint > ROOM_AT_LEAST ? size_hint : ROOM_AT_LEAST;
    b->data = apr_palloc(pool, b->size);
    b->len = 0;
    b->pool = pool;
}

static void grow(eb_buf_t *b, apr_size_t n)
{
    apr_size_t size = b->size * 2;
    if (size - b->len < n)
        size = b->len + n; /* room asked for in advance: all of it, and no more */
    char *data = apr_palloc(b->pool, size);
    memcpy(data, b->data, b->len);
    b->data = data;
    b->size = size;
}

char *eb_buf_reserve(eb_buf_t *b, apr_size_t n)
{
    if (b->size - b->len < n)
        grow(b, n);
    return b->data + b->len;
}

void eb_buf_add(eb_buf_t *b, const void *data, apr_size_t n)
{
    if (!n)
        return;
    memcpy(eb_buf_reserve(b, n), data, n);
    b->len += n;
}

void eb_buf_puts(eb_buf_t *b, const char *s)
{
    if (s)
        eb_buf_add(b, s, strlen(s));
}

void eb_buf_putc(eb_buf_t *b, char c)
{
    *eb_buf_reserve(b, 1) = c;
    b->len++;
}

/* Most texts fit into what is left already; only the others are formatted twice. */
void eb_buf_printf(eb_buf_t *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    apr_size_t room = b->size - b->len;
    int len = vsnprintf(b->data + b->len, room, format, args);
    if (len > 0 && (apr_size_t)len >= room)
        vsnprintf(eb_buf_reserve(b, (apr_size_t)len + 1), (apr_size_t)len + 1, format, again);
    if (len > 0)
        b->len += (apr_size_t)len;
    va_end(again);
    va_end(args);
}

static const char *entity(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    default: return "&#39;";
    }
}

/* Answers rarely hold a special sign: whole runs are copied, not single bytes. */
void eb_buf_html(eb_buf_t *b, const char *s)
{
    static const bool stops[256] = {
        ['\0'] = true, ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true};

    while (s && *s) {
        const char *run = s;
        while (!stops[(unsigned char)*s])
            s++;
        eb_buf_add(b, run, (apr_size_t)(s - run));
        if (*s)
            eb_buf_puts(b, entity(*s++));
    }
}

const char *eb_buf_cstr(eb_buf_t *b)
{
    *eb_buf_reserve(b, 1) = '\0';
    return b->data;
}
