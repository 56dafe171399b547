/* The sample forms of t/unit/data/page, drawn, and read back by an oracle of its own: pages are XML
 * besides being HTML, so libxml2's strict parser and its XPath say what is really on them. */
#ifndef PAGE_FIXTURE_H
#define PAGE_FIXTURE_H

#include "tap.h"
#include "page/page.h"

#include <apr_strings.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

typedef struct fixture_t {
    apr_pool_t *pool;
    eb_form_t *form;
    eb_pages_t *pages;
    eb_instance_t *in;
    eb_site_t site;
    eb_view_t view;
    eb_buf_t out;
    xmlDocPtr doc;
} fixture_t;

static inline void fixture_die(const eb_problem_t *problem, apr_pool_t *pool)
{
    printf("Bail out! %s\n", problem ? eb_problem_text(problem, pool) : "no problem given");
    exit(1);
}

static inline void fixture_load(fixture_t *f, const char *form, const char *lists, apr_pool_t *pool)
{
    eb_codelists_t *codelists;
    eb_problem_t *problem = NULL;
    *f = (fixture_t){.pool = pool};
    if (eb_codelists_load(&codelists, lists, &problem, pool) != APR_SUCCESS ||
        eb_form_load(&f->form, form, "schemas/form.rng", codelists, &problem, pool) !=
            APR_SUCCESS ||
        eb_pages_compile(&f->pages, f->form, &problem, pool) != APR_SUCCESS)
        fixture_die(problem, pool);
    f->in = eb_instance_new(f->form, pool);
    f->site = (eb_site_t){.name = "Stadt Musterstadt & Umland",
                          .address = "Musterplatz 1\n12345 Musterstadt",
                          .phone = "+49 1234 567-0",
                          .mail = "einbuergerung@musterstadt.example",
                          .hours = "Montag bis Freitag, 8 bis 12 Uhr",
                          .imprint_url = "https://musterstadt.example/impressum?a=1&b=2",
                          .privacy_url = "https://musterstadt.example/datenschutz",
                          .accessibility_url = "https://musterstadt.example/barrierefreiheit",
                          .easy_url = "/leicht",
                          .languages_url = "/sprachen?a=1&b=2"};
    eb_site_prepare(&f->site, pool);
    f->view = (eb_view_t){.pages = f->pages,
                          .site = &f->site,
                          .base = "/antrag",
                          .asset_base = "/antrag/-/0",
                          .in = f->in,
                          .c = {f->in, EB_ROOT, apr_time_from_sec(1795633200), pool},
                          .ticket = "t1"};
    eb_buf_init(&f->out, 1024, pool);
}

static const eb_upload_limits_t fixture_limits = {10 << 20, 80 << 20, 30};

static inline void fixture_documents(fixture_t *f, apr_pool_t *pool)
{
    fixture_load(f, "t/unit/data/page/dokumente.xml", "t/unit/data/page/codelists", pool);
    f->view.limits = &fixture_limits;
}

static inline void fixture_sample(fixture_t *f, apr_pool_t *pool)
{
    fixture_load(f, "t/unit/data/page/muster.xml", "t/unit/data/page/codelists", pool);
}

static inline void fixture_set(fixture_t *f, const char *path, int entry, const char *value)
{
    const eb_node_t *node = eb_form_node(f->form, path);
    if (!node) {
        printf("Bail out! no node %s\n", path);
        exit(1);
    }
    eb_instance_set(f->in, node, entry, value);
}

/* Before drawing: an empty buffer; after it: the page as a document, NULL when it is not XML. */
static inline eb_buf_t *fixture_out(fixture_t *f)
{
    f->out.len = 0;
    return &f->out;
}

static inline bool fixture_read(fixture_t *f)
{
    if (f->doc)
        xmlFreeDoc(f->doc);
    f->doc = xmlReadMemory(f->out.data, (int)f->out.len, "page", "UTF-8", XML_PARSE_NONET);
    return f->doc != NULL;
}

static inline xmlXPathObjectPtr fixture_eval(fixture_t *f, const char *xpath)
{
    xmlXPathContextPtr c = xmlXPathNewContext(f->doc);
    xmlXPathObjectPtr result = xmlXPathEvalExpression((const xmlChar *)xpath, c);
    xmlXPathFreeContext(c);
    return result;
}

static inline const char *page_string(fixture_t *f, const char *xpath)
{
    xmlXPathObjectPtr result = f->doc ? fixture_eval(f, xpath) : NULL;
    if (!result)
        return "(the page is not well-formed)";
    xmlChar *text = xmlXPathCastToString(result);
    const char *copy = apr_pstrdup(f->pool, (const char *)text);
    xmlFree(text);
    xmlXPathFreeObject(result);
    return copy;
}

static inline int page_count(fixture_t *f, const char *xpath)
{
    xmlXPathObjectPtr result = f->doc ? fixture_eval(f, xpath) : NULL;
    if (!result)
        return -1;
    int count = result->nodesetval ? result->nodesetval->nodeNr : 0;
    xmlXPathFreeObject(result);
    return count;
}

static inline void fixture_end(fixture_t *f)
{
    if (f->doc)
        xmlFreeDoc(f->doc);
    f->doc = NULL;
}

#endif
