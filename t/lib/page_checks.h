/* What is checked of every page there is: well-formed, one h1, nothing inline, forms with their
 * ticket, labels with their fields, and only classes that the pinned KERN or our own sheet has. */
#ifndef PAGE_CHECKS_H
#define PAGE_CHECKS_H

#include "page_fixture.h"

#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_lib.h>

/* Classes seen on any page; checked against KERN at the end. */
static apr_hash_t *classes;

static inline void checks_begin(apr_pool_t *pool)
{
    classes = apr_hash_make(pool);
}

static inline void collect_classes(fixture_t *f)
{
    xmlXPathObjectPtr all = fixture_eval(f, "//@class");
    for (int i = 0; all->nodesetval && i < all->nodesetval->nodeNr; i++) {
        xmlChar *text = xmlNodeGetContent(all->nodesetval->nodeTab[i]);
        char *last, *copy = apr_pstrdup(f->pool, (const char *)text);
        for (char *c = apr_strtok(copy, " ", &last); c; c = apr_strtok(NULL, " ", &last))
            apr_hash_set(classes, c, APR_HASH_KEY_STRING, c);
        xmlFree(text);
    }
    xmlXPathFreeObject(all);
}

static inline void check(fixture_t *f, const char *name)
{
    ok(fixture_read(f), apr_pstrcat(f->pool, name, ": well-formed", NULL));
    if (!f->doc)
        return;
    is_int(page_count(f, "//h1"), 1, "one h1");
    is_int(page_count(f, "//main"), 1, "one main");
    is_int(page_count(f, "//script[not(@src) or node()]|//*[@style]|//@onclick"), 0,
           "nothing inline");
    is_int(page_count(f, "//script"), page_count(f, "//input[@type='file'][@name]") > 0,
           "a script only where files are uploaded");
    is_int(page_count(f, "//*[@id=preceding::*/@id or @id=ancestor::*/@id]"), 0, "no id twice");
    /* asking how far an application has got changes nothing */
    is_int(page_count(f, "//form[@method='post'][@action!='/antrag/status']"),
           page_count(f, "//form/*[1][@name='_ticket'][@value='t1']"),
           "forms begin with their ticket");
    is_int(page_count(f, "//label[not(@for=//@id)]"), 0, "labels have their fields");
    const eb_site_t *site = f->view.site;
    is_int(page_count(f, "//footer//a[contains(@href, 'barrierefreiheit')]"),
           site->accessibility_url != NULL, "the accessibility statement");
    is_int(page_count(f, "//footer//a[contains(@href, '?subject=Barriere')]"), site->mail != NULL,
           "a way to report a barrier");
    collect_classes(f);
}

static inline const char *slurp(const char *path, apr_pool_t *pool)
{
    apr_file_t *file;
    apr_finfo_t info;
    if (apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool) != APR_SUCCESS ||
        apr_file_info_get(&info, APR_FINFO_SIZE, file) != APR_SUCCESS)
        return NULL;
    char *text = apr_palloc(pool, (apr_size_t)info.size + 1);
    apr_size_t len = (apr_size_t)info.size;
    apr_file_read_full(file, text, len, &len);
    text[len] = '\0';
    apr_file_close(file);
    return text;
}

static inline bool has_class(const char *css, const char *class, apr_pool_t *pool)
{
    const char *rule = apr_pstrcat(pool, ".", class, NULL);
    for (const char *s = css; (s = strstr(s, rule)) != NULL; s++) {
        char next = s[strlen(rule)];
        if (!apr_isalnum(next) && next != '-' && next != '_')
            return true;
    }
    return false;
}

static inline void check_classes(apr_pool_t *pool)
{
    const char *kern = slurp("node_modules/@kern-ux/native/dist/kern.css", pool);
    const char *own = slurp("conf/theme/app.css", pool);
    if (!kern)
        skip(1, "node_modules/@kern-ux/native is not installed");
    for (apr_hash_index_t *i = apr_hash_first(pool, classes); i; i = apr_hash_next(i)) {
        const char *class = apr_hash_this_key(i);
        bool ours = !strncmp(class, "ez-", 3);
        if (ours || kern)
            ok(has_class(ours ? own : kern, class, pool), class);
    }
}

#endif
