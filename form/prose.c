/* A line of prose is one text for translators, its inline markup included, written as gettext does
 * when it follows ITS rules: names without prefix, white space made one space. What comes back is
 * parsed, and goes the way of all prose: a translation can say nothing that a form could not. */
#include "prose.h"

#include "base/buf.h"

#include <apr_strings.h>
#include <string.h>

static void write_text(eb_buf_t *out, const char *text)
{
    for (; *text; text++) {
        bool space = strchr(" \t\r\n", *text);
        if (!space)
            eb_buf_putc(out, *text);
        else if (out->len && out->data[out->len - 1] != ' ')
            eb_buf_putc(out, ' ');
    }
}

static void write_inside(eb_buf_t *out, const xmlNode *parent, apr_pool_t *pool)
{
    for (const xmlNode *x = parent->children; x; x = x->next) {
        if (x->type == XML_TEXT_NODE && x->content)
            write_text(out, (const char *)x->content);
        if (x->type != XML_ELEMENT_NODE)
            continue;
        const char *name = (const char *)x->name, *href = eb_xml_attr(x, NULL, "href", pool);
        eb_buf_printf(out, "<%s", name);
        if (href)
            eb_buf_printf(out, " href=\"%s\"", href);
        eb_buf_puts(out, x->children ? ">" : "/>");
        if (!x->children)
            continue;
        write_inside(out, x, pool);
        eb_buf_printf(out, "</%s>", name);
    }
}

static const char *inside(const xmlNode *x, apr_pool_t *pool)
{
    eb_buf_t out;
    eb_buf_init(&out, 512, pool);
    write_inside(&out, x, pool);
    while (out.len && out.data[out.len - 1] == ' ')
        out.len--;
    return eb_buf_cstr(&out);
}

apr_status_t eb_prose_said(const xmlNode **said, eb_loader_t *l, const xmlNode *x)
{
    xmlDocPtr doc;
    *said = x;
    if (!l->words)
        return APR_SUCCESS;
    const char *german = inside(x, l->scratch), *text = eb_words_take(l->words, german);
    *said = NULL;
    if (text == german)
        return APR_SUCCESS;
    text = apr_pstrcat(l->scratch, "<t xmlns=\"" EB_NS_XHTML "\">", text, "</t>", NULL);
    apr_status_t rv =
        eb_xml_parse(&doc, text, strlen(text), eb_words_language(l->words), l->problem, l->scratch);
    if (rv == APR_SUCCESS)
        *said = xmlDocGetRootElement(doc);
    return rv;
}
