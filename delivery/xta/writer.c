/* xmlTextWriter with one sticky failure instead of a check at every call, and freed with a pool. */
#include "writer.h"

#include <apr_errno.h>
#include <libxml/tree.h>
#include <libxml/xmlwriter.h>
#include <stdbool.h>

struct eb_writer_t {
    xmlBufferPtr buffer;
    xmlTextWriterPtr writer;
    bool failed;
    apr_pool_t *pool;
};

static apr_status_t clean(void *data)
{
    eb_writer_t *w = data;

    if (w->writer)
        xmlFreeTextWriter(w->writer);
    if (w->buffer)
        xmlBufferFree(w->buffer);
    return APR_SUCCESS;
}

eb_writer_t *eb_writer_new(apr_pool_t *pool)
{
    eb_writer_t *w = apr_pcalloc(pool, sizeof *w);

    w->pool = pool;
    w->buffer = xmlBufferCreate();
    w->writer = w->buffer ? xmlNewTextWriterMemory(w->buffer, 0) : NULL;
    apr_pool_cleanup_register(pool, w, clean, apr_pool_cleanup_null);
    return w->writer ? w : NULL;
}

static void note(eb_writer_t *w, int result)
{
    if (result < 0)
        w->failed = true;
}

void eb_writer_open(eb_writer_t *w, const char *name)
{
    note(w, xmlTextWriterStartElement(w->writer, BAD_CAST name));
}

void eb_writer_attr(eb_writer_t *w, const char *name, const char *value)
{
    if (value)
        note(w, xmlTextWriterWriteAttribute(w->writer, BAD_CAST name, BAD_CAST value));
}

void eb_writer_text(eb_writer_t *w, const char *text)
{
    note(w, xmlTextWriterWriteString(w->writer, BAD_CAST text));
}

void eb_writer_close(eb_writer_t *w)
{
    note(w, xmlTextWriterEndElement(w->writer));
}

void eb_writer_leaf(eb_writer_t *w, const char *name, const char *text)
{
    if (!text)
        return;
    eb_writer_open(w, name);
    eb_writer_text(w, text);
    eb_writer_close(w);
}

/* An empty text ends the start tag. */
apr_size_t eb_writer_place(eb_writer_t *w)
{
    eb_writer_text(w, "");
    note(w, xmlTextWriterFlush(w->writer));
    return (apr_size_t)xmlBufferLength(w->buffer);
}

apr_status_t eb_writer_done(const char **text, apr_size_t *len, eb_writer_t *w)
{
    note(w, xmlTextWriterEndDocument(w->writer));
    note(w, xmlTextWriterFlush(w->writer));
    if (w->failed)
        return APR_ENOMEM;
    *len = (apr_size_t)xmlBufferLength(w->buffer);
    *text = (const char *)xmlBufferContent(w->buffer);
    if (*len && (*text)[*len - 1] == '\n') /* libxml2 ends a document with one */
        --*len;
    return APR_SUCCESS;
}
