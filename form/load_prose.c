/* Prose: the few XHTML elements that authors may use, written out once as the HTML that pages will
 * send. Everything else is refused here, so that no page ever has to clean it; translations of it
 * go through the same door. */
#include "load.h"
#include "prose.h"

#include "base/buf.h"

#include <apr_lib.h>
#include <string.h>

typedef enum { NOT_PROSE, INLINE, BLOCK, LIST, VOID } eb_markup_t;

#define DEPTH_MAX 12

typedef struct eb_writer_t {
    eb_loader_t *loader;
    eb_buf_t out;
    bool fresh; /* at the beginning of a line: white space would not be seen */
    int depth;
} eb_writer_t;

static eb_markup_t markup(const xmlNode *x)
{
    static const struct {
        const char *name;
        eb_markup_t kind;
    } known[] = {{"p", BLOCK},  {"h2", BLOCK},      {"ul", LIST},   {"ol", LIST}, {"li", BLOCK},
                 {"a", INLINE}, {"strong", INLINE}, {"em", INLINE}, {"br", VOID}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (eb_xml_is(x, EB_NS_XHTML, known[i].name))
            return known[i].kind;
    }
    return NOT_PROSE;
}

/* https:, mailto:, tel:, a place on the page, or a path on this server. */
static bool good_href(const char *href)
{
    static const char *const schemes[] = {"https://", "mailto:", "tel:"};
    for (const char *c = href; *c; c++) {
        if ((unsigned char)*c <= ' ' || strchr("\\\"<>", *c))
            return false;
    }
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (strncmp(href, schemes[i], strlen(schemes[i])) == 0)
            return true;
    }
    apr_size_t path = strcspn(href, "/?#");
    return *href && strncmp(href, "//", 2) != 0 && !memchr(href, ':', path);
}

/* White space as a browser shows it: a run is one space, none at the beginning of a line. */
static void write_text(eb_writer_t *w, const char *text)
{
    char piece[2] = {0};
    for (; *text; text++) {
        bool space = strchr(" \t\r\n", *text);
        if (space && (w->fresh || w->out.data[w->out.len - 1] == ' '))
            continue;
        piece[0] = space ? ' ' : *text;
        w->fresh = false;
        eb_buf_html(&w->out, piece);
    }
}

/* Around a block: the space before it goes, none is needed after it. */
static void end_line(eb_writer_t *w)
{
    while (w->out.len && w->out.data[w->out.len - 1] == ' ')
        w->out.len--;
    w->fresh = true;
}

static apr_status_t write_children(eb_writer_t *w, const xmlNode *parent, bool wrap);

static apr_status_t check_attributes(eb_writer_t *w, const xmlNode *x, const char **href)
{
    bool link = eb_xml_is(x, EB_NS_XHTML, "a");
    *href = link ? eb_xml_attr(x, NULL, "href", w->loader->scratch) : NULL;
    for (const xmlAttr *a = x->properties; a; a = a->next) {
        if (!link || a->ns || strcmp((const char *)a->name, "href") != 0)
            return eb_load_fail(w->loader, x, "<h:%s> can have no attribute %s",
                                (const char *)x->name, (const char *)a->name);
    }
    if (!link || (*href && good_href(*href)))
        return APR_SUCCESS;
    return eb_load_fail(w->loader, x,
                        "The link \"%s\" is not possible; expected https://…, mailto:…, tel:…, #… "
                        "or a path without host",
                        *href ? *href : "");
}

static void open_tag(eb_writer_t *w, const xmlNode *x, const char *href, bool empty, bool german)
{
    eb_buf_printf(&w->out, "<%s%s", (const char *)x->name,
                  german ? " lang=\"de\" dir=\"ltr\"" : "");
    if (href) {
        eb_buf_puts(&w->out, " href=\"");
        eb_buf_html(&w->out, href);
        eb_buf_putc(&w->out, '"');
    }
    eb_buf_puts(&w->out, empty ? "/>" : ">");
}

static bool has_blocks(const xmlNode *x)
{
    for (const xmlNode *c = x->children; c; c = c->next) {
        eb_markup_t kind = c->type == XML_ELEMENT_NODE ? markup(c) : NOT_PROSE;
        if (kind == BLOCK || kind == LIST)
            return true;
    }
    return false;
}

static apr_status_t write_element(eb_writer_t *w, const xmlNode *x)
{
    const char *href;
    const xmlNode *said = x;
    eb_markup_t kind = markup(x);
    if (kind == NOT_PROSE)
        return eb_load_fail(
            w->loader, x,
            "<%s> cannot stand in prose; known are h:p h:ul h:ol h:li h:strong h:em "
            "h:h2 h:a h:br",
            (const char *)x->name);
    if (w->depth >= DEPTH_MAX)
        return eb_load_fail(w->loader, x, "Prose is nested more than %d deep", DEPTH_MAX);
    apr_status_t rv = check_attributes(w, x, &href);
    if (rv == APR_SUCCESS && kind == BLOCK && !has_blocks(x))
        rv = eb_prose_said(&said, w->loader, x);
    if (rv != APR_SUCCESS)
        return rv;
    if (kind != INLINE)
        end_line(w);
    open_tag(w, x, href, kind == VOID, !said);
    if (kind == VOID)
        return APR_SUCCESS;
    w->depth++;
    rv = write_children(w, said ? said : x, false);
    w->depth--;
    if (kind != INLINE)
        end_line(w);
    eb_buf_printf(&w->out, "</%s>", (const char *)x->name);
    return rv;
}

static bool is_blank(const xmlNode *text)
{
    const char *s = (const char *)text->content;
    return !s || !s[strspn(s, " \t\r\n")];
}

static void set_paragraph(eb_writer_t *w, bool *open, bool wanted)
{
    if (*open == wanted)
        return;
    end_line(w);
    eb_buf_puts(&w->out, wanted ? "<p>" : "</p>");
    *open = wanted;
}

static apr_status_t write_children(eb_writer_t *w, const xmlNode *parent, bool wrap)
{
    bool paragraph = false;
    apr_status_t rv = APR_SUCCESS;
    for (const xmlNode *x = parent->children; x && rv == APR_SUCCESS; x = x->next) {
        bool element = x->type == XML_ELEMENT_NODE, text = x->type == XML_TEXT_NODE;
        bool block = element && (markup(x) == BLOCK || markup(x) == LIST);
        if (wrap && (block || element || (text && !is_blank(x))))
            set_paragraph(w, &paragraph, !block);
        if (element)
            rv = write_element(w, x);
        else if (text && x->content)
            write_text(w, (const char *)x->content);
        else if (x->type != XML_COMMENT_NODE)
            rv = eb_load_fail(w->loader, parent, "Only text and elements can stand in prose");
    }
    set_paragraph(w, &paragraph, false);
    return rv;
}

apr_status_t eb_load_prose(const char **html, eb_loader_t *l, const xmlNode *parent, bool wrap)
{
    eb_writer_t w = {.loader = l, .fresh = true};
    eb_buf_init(&w.out, 512, l->pool);
    const xmlNode *said = parent;
    apr_status_t rv = has_blocks(parent) ? APR_SUCCESS : eb_prose_said(&said, l, parent);
    if (rv == APR_SUCCESS)
        rv = write_children(&w, said ? said : parent, wrap);
    end_line(&w);
    *html = eb_buf_cstr(&w.out);
    if (rv == APR_SUCCESS && !*eb_xml_text(parent, l->scratch))
        return eb_load_fail(l, parent, "<%s> is empty", (const char *)parent->name);
    return rv;
}
