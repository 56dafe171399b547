/* What somebody declares, and the law that is quoted to them, binds in German only. Where a form
 * says so (eb:binding), other languages keep the German original to stand beside what they say. */
#include "load.h"

#include "base/buf.h"

static void write_line(eb_buf_t *out, const char *tag, const char *text)
{
    eb_buf_printf(out, "<%s>", tag);
    eb_buf_html(out, text);
    eb_buf_printf(out, "</%s>", tag);
}

/* Item by item, as they stand below the label. */
static apr_status_t write_items(eb_buf_t *out, eb_loader_t *l, const xmlNode *xml)
{
    const char *label;
    eb_buf_puts(out, "<ul>");
    for (const xmlNode *x = eb_load_child(xml, EB_NS_XF, "item"); x; x = eb_xml_element(x->next)) {
        if (!eb_xml_is(x, EB_NS_XF, "item"))
            continue;
        apr_status_t rv = eb_load_data(&label, l, x, EB_NS_XF, "label");
        if (rv != APR_SUCCESS)
            return rv;
        write_line(out, "li", label);
    }
    eb_buf_puts(out, "</ul>");
    return APR_SUCCESS;
}

static apr_status_t load_original(eb_loader_t *l, eb_control_t *c, const xmlNode *xml)
{
    const char *label;
    eb_buf_t out;
    apr_status_t rv = eb_load_data(&label, l, xml, EB_NS_XF, "label");
    if (rv != APR_SUCCESS)
        return rv;
    eb_buf_init(&out, 512, l->pool);
    write_line(&out, "p", label);
    if (c->items_count)
        rv = write_items(&out, l, xml);
    c->german_html = eb_buf_cstr(&out);
    return rv;
}

/* Without a translation it is the original that is shown already. */
static bool is_translated(const eb_loader_t *l, int taken, int missing)
{
    int taken_now, missing_now;
    eb_words_counts(l->words, &taken_now, &missing_now);
    return taken_now - taken > missing_now - missing;
}

apr_status_t eb_load_binding(eb_loader_t *l, eb_control_t *c, const xmlNode *xml, int taken,
                             int missing)
{
    eb_words_t *words = l->words;
    if (!eb_xml_attr(xml, EB_NS_FORM, "binding", l->scratch) || !is_translated(l, taken, missing))
        return APR_SUCCESS;
    l->words = NULL;
    apr_status_t rv = c->kind == EB_CONTROL_TEXT ? eb_load_prose(&c->german_html, l, xml, false)
                                                 : load_original(l, c, xml);
    l->words = words;
    return rv;
}
