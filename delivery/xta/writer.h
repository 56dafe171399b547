/* XML as it is written here: by libxml2's writer, element by element, into memory. Texts are
 * escaped by it; what it cannot write is remembered and told at the end. */
#ifndef EB_WRITER_H
#define EB_WRITER_H

#include <apr_pools.h>

typedef struct eb_writer_t eb_writer_t;
/* NULL: no memory. Gone with the pool. */
eb_writer_t *eb_writer_new(apr_pool_t *pool);
void eb_writer_open(eb_writer_t *w, const char *name);                    /* "om:Author" */
void eb_writer_attr(eb_writer_t *w, const char *name, const char *value); /* NULL: none */
void eb_writer_text(eb_writer_t *w, const char *text);
void eb_writer_close(eb_writer_t *w);
/* An element with nothing but a text; NULL: no element. */
void eb_writer_leaf(eb_writer_t *w, const char *name, const char *text);
/* Where in the text the content of the open element would go on. */
apr_size_t eb_writer_place(eb_writer_t *w);
/* Closes whatever is open. The text lives as long as the pool. APR_ENOMEM. */
apr_status_t eb_writer_done(const char **text, apr_size_t *len, eb_writer_t *w);

#endif
