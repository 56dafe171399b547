/* A text that grows in a pool: pages, messages and records are written into one, then sent in a
 * single write. */
#ifndef EB_BUF_H
#define EB_BUF_H

#include <apr_pools.h>
#include <string.h>

typedef struct eb_buf_t {
    char *data; /* len bytes; not NUL terminated until eb_buf_cstr() */
    apr_size_t len, size;
    apr_pool_t *pool;
} eb_buf_t;

void eb_buf_init(eb_buf_t *b, apr_size_t size_hint, apr_pool_t *pool);
/* Makes room for n more bytes and returns where they go; the caller then adds to b->len. */
char *eb_buf_reserve(eb_buf_t *b, apr_size_t n);
void eb_buf_add(eb_buf_t *b, const void *data, apr_size_t n);
void eb_buf_puts(eb_buf_t *b, const char *s); /* NULL adds nothing */
void eb_buf_putc(eb_buf_t *b, char c);
void eb_buf_printf(eb_buf_t *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Escapes & < > " ' for HTML text and attribute values in either kind of quotes. NULL adds nothing.
 */
void eb_buf_html(eb_buf_t *b, const char *s);
const char *eb_buf_cstr(eb_buf_t *b); /* NUL terminated, in the pool */

#endif
