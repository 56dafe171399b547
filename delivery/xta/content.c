/* For the stream the frame is written as a whole, and cut where contents belong. */
#include "content.h"
#include "names.h"

#include <apr_errno.h>
#include <apr_strings.h>

void eb_xop_include(eb_writer_t *w, const char *id, apr_pool_t *pool)
{
    eb_writer_open(w, "xop:Include");
    eb_writer_attr(w, "xmlns:xop", EB_NS_XOP);
    eb_writer_attr(w, "href", apr_pstrcat(pool, "cid:", id, NULL));
    eb_writer_close(w);
}

/* The start tag of contents[i]. */
static void open_content(eb_writer_t *w, const eb_content_t *contents, int i, apr_pool_t *pool)
{
    const eb_content_t *c = &contents[i];

    eb_writer_open(w, i ? "xta:Attachment" : "xta:Message");
    eb_writer_attr(w, "contentType", c->type);
    eb_writer_attr(w, "encoding", c->encoding);
    eb_writer_attr(w, "filename", c->name);
    eb_writer_attr(w, "contentDescription", c->description);
    eb_writer_attr(w, "size", c->len ? apr_psprintf(pool, "%" APR_UINT64_T_FMT, c->len) : NULL);
}

void eb_contents_refer(eb_writer_t *w, const eb_content_t *contents, int count, apr_pool_t *pool)
{
    eb_writer_open(w, "xta:ContentContainer");
    for (int i = 0; i < count; i++) {
        open_content(w, contents, i, pool);
        eb_xop_include(w, contents[i].id, pool);
        eb_writer_close(w);
    }
    eb_writer_close(w);
}

apr_status_t eb_contents_chain(eb_chain_t *chain, const eb_content_t *contents, int count,
                               apr_pool_t *pool)
{
    eb_writer_t *w = eb_writer_new(pool);
    apr_size_t *places = apr_palloc(pool, ((apr_size_t)count + 1) * sizeof *places), len, from = 0;
    const char *text;

    if (!w)
        return APR_ENOMEM;
    eb_writer_open(w, "xta:ContentContainer");
    eb_writer_attr(w, "xmlns:xta", EB_NS_XTA);
    for (int i = 0; i < count; i++) {
        open_content(w, contents, i, pool);
        places[i] = eb_writer_place(w);
        eb_writer_close(w);
    }
    apr_status_t rv = eb_writer_done(&text, &len, w);
    if (rv)
        return rv;
    eb_chain_init(chain, pool);
    for (int i = 0; i < count; from = places[i++]) {
        eb_chain_add(chain, text + from, places[i] - from);
        eb_chain_pour(chain, eb_base64_source(contents[i].source, pool),
                      eb_base64_len(contents[i].len));
    }
    eb_chain_add(chain, text + from, len - from);
    return APR_SUCCESS;
}

apr_uint64_t eb_contents_len(const eb_content_t *contents, int count)
{
    apr_uint64_t len = 0;

    for (int i = 0; i < count; i++)
        len += contents[i].len;
    return len;
}
