/* Loading a form from end to end, and finding one's way in a loaded one. */
#include "load.h"

#include <apr_strings.h>
#include <libxml/c14n.h>
#include <openssl/evp.h>
#include <string.h>

#define FORM_BYTES_MAX (4 * 1024 * 1024)

/* Of the canonical form (Canonical XML 1.0 without comments): a remark or another order of
 * attributes does not make it another form. */
static apr_status_t hash_form(eb_loader_t *l, xmlDocPtr doc)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    xmlChar *bytes = NULL;
    int len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 0, &bytes);
    bool good = len >= 0 && EVP_Digest(bytes, (size_t)len, digest, NULL, EVP_sha256(), NULL) == 1;
    xmlFree(bytes);
    if (!good)
        return eb_problem_set(l->problem, EB_P_CRYPTO, APR_EGENERAL, l->form->file, l->pool,
                              "The digest of the form could not be made");
    memcpy(l->form->hash, digest, sizeof(l->form->hash));
    return APR_SUCCESS;
}

static apr_status_t load_head(eb_loader_t *l, const xmlNode *root)
{
    eb_form_t *form = l->form;
    if (!eb_xml_is(root, EB_NS_FORM, "form"))
        return eb_load_fail(l, root,
                            "The root element must be <eb:form xmlns:eb=\"" EB_NS_FORM "\">");
    apr_status_t rv = eb_load_id(&form->id, l, root);
    if (rv == APR_SUCCESS)
        rv = eb_load_attr(&form->version, l, root, "version");
    if (rv == APR_SUCCESS)
        rv = eb_load_text(&form->title, l, root, EB_NS_FORM, "title");
    if (rv == APR_SUCCESS && !form->title)
        return eb_load_fail(l, root, "<form> needs an eb:title");
    return rv;
}

static apr_status_t load_parts(eb_loader_t *l, xmlNode *root)
{
    apr_status_t rv = load_head(l, root);
    if (rv == APR_SUCCESS)
        rv = eb_load_tree(l, root);
    if (rv == APR_SUCCESS)
        rv = eb_load_binds(l, eb_load_child(root, EB_NS_XF, "model"));
    if (rv == APR_SUCCESS)
        rv = eb_load_sections(l, root);
    if (rv == APR_SUCCESS)
        rv = eb_load_check(l);
    return rv == APR_SUCCESS ? eb_load_outcome(l, root) : rv;
}

/* What is the same in all languages is looked at once: grammar and digest. */
static apr_status_t parse(xmlDocPtr *doc, eb_loader_t *l, const char *data, apr_size_t len,
                          const char *rng)
{
    if (len > FORM_BYTES_MAX)
        return eb_problem_set(l->problem, EB_P_FILE_READ, APR_ENOSPC, l->form->file, l->pool,
                              "The form has %" APR_SIZE_T_FMT " bytes; at most %d are read", len,
                              FORM_BYTES_MAX);
    apr_status_t rv = eb_xml_parse(doc, data, len, l->form->file, l->problem, l->scratch);
    if (rv == APR_SUCCESS && rng)
        rv = eb_load_grammar(l, *doc, rng);
    return rv == APR_SUCCESS ? hash_form(l, *doc) : rv;
}

/* The scratch pool stays where there is a problem, which may live in it; it goes with `pool`. */
static void begin(eb_loader_t *l, const char *name)
{
    apr_pool_create(&l->scratch, l->pool);
    l->repeats = apr_hash_make(l->scratch);
    l->bound = apr_hash_make(l->scratch);
    l->form = apr_pcalloc(l->pool, sizeof(*l->form));
    l->form->file = apr_pstrdup(l->pool, name);
    l->form->words = l->words;
}

/* The form again, in another language, from the file that `first` has parsed. */
static apr_status_t load_again(eb_form_t **form, const eb_form_t *first, xmlDocPtr doc,
                               const eb_speech_t *speech, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_loader_t l = {
        .lists = speech->lists, .words = speech->words, .problem = problem, .pool = pool};
    begin(&l, first->file);
    memcpy(l.form->hash, first->hash, sizeof(l.form->hash));
    apr_status_t rv = load_parts(&l, xmlDocGetRootElement(doc));
    if (rv != APR_SUCCESS)
        return rv;
    apr_pool_destroy(l.scratch);
    *form = l.form;
    return APR_SUCCESS;
}

static apr_status_t load_all(eb_form_t **forms, const eb_speech_t *speeches, int count,
                             const char *data, apr_size_t len, const char *name, const char *rng,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    eb_loader_t l = {
        .lists = speeches->lists, .words = speeches->words, .problem = problem, .pool = pool};
    xmlDocPtr doc;
    begin(&l, name);
    apr_status_t rv = parse(&doc, &l, data, len, rng);
    if (rv == APR_SUCCESS)
        rv = load_parts(&l, xmlDocGetRootElement(doc));
    for (int i = 1; i < count && rv == APR_SUCCESS; i++)
        rv = load_again(&forms[i], l.form, doc, &speeches[i], problem, pool);
    if (rv != APR_SUCCESS)
        return rv;
    apr_pool_destroy(l.scratch);
    forms[0] = l.form;
    return APR_SUCCESS;
}

apr_status_t eb_form_parse(eb_form_t **form, const char *data, apr_size_t len, const char *name,
                           const char *rng, const eb_codelists_t *lists, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    const eb_speech_t german = {NULL, lists};
    return load_all(form, &german, 1, data, len, name, rng, problem, pool);
}

apr_status_t eb_form_load(eb_form_t **form, const char *file, const char *rng,
                          const eb_codelists_t *lists, eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_speech_t german = {NULL, lists};
    return eb_form_load_all(form, &german, 1, file, rng, problem, pool);
}

apr_status_t eb_form_load_all(eb_form_t **forms, const eb_speech_t *speeches, int count,
                              const char *file, const char *rng, eb_problem_t **problem,
                              apr_pool_t *pool)
{
    apr_pool_t *bytes;
    const char *data;
    apr_size_t len;
    apr_pool_create(&bytes, pool);
    apr_status_t rv = eb_xml_read(&data, &len, file, FORM_BYTES_MAX, problem, bytes);
    if (rv == APR_SUCCESS)
        rv = load_all(forms, speeches, count, data, len, file, rng, problem, pool);
    if (rv == APR_SUCCESS)
        apr_pool_destroy(bytes); /* otherwise the problem may live there */
    return rv;
}

eb_step_t *eb_form_step(const eb_form_t *form, const char *id)
{
    for (const eb_section_t *section = form->sections; section; section = section->next) {
        for (eb_step_t *step = section->steps; step; step = step->next) {
            if (strcmp(step->id, id) == 0)
                return step;
        }
    }
    return NULL;
}

eb_page_t *eb_step_page(const eb_step_t *step, const char *id)
{
    eb_page_t *page = step->pages;
    while (page && id && strcmp(page->id, id) != 0)
        page = page->next;
    return page;
}

static eb_node_t *child(const eb_node_t *node, const char *name, apr_size_t len)
{
    for (eb_node_t *n = node->first; n; n = n->next) {
        if (strncmp(n->name, name, len) == 0 && !n->name[len])
            return n;
    }
    return NULL;
}

eb_node_t *eb_node_child(const eb_node_t *node, const char *name)
{
    return child(node, name, strlen(name));
}

eb_node_t *eb_form_node(const eb_form_t *form, const char *path)
{
    eb_node_t *node = form->root;
    for (apr_size_t len; node && *path; path += len + (path[len] == '/' && path[len + 1])) {
        len = strcspn(path, "/");
        node = child(node, path, len);
    }
    return node;
}

const eb_control_t *eb_control_next(const eb_page_t *page, const eb_control_t *control)
{
    return control ? control->after : page->controls;
}

const char *eb_control_item_label(const eb_control_t *control, const char *value)
{
    for (int i = 0; i < control->items_count; i++) {
        if (strcmp(control->items[i].value, value) == 0)
            return control->items[i].label;
    }
    const eb_codelist_t *codes = control->node ? control->node->facets.codes : NULL;
    const eb_code_t *code = codes ? eb_codelist_code(codes, value) : NULL;
    return code ? code->name : NULL;
}

const eb_page_t *eb_control_page(const eb_form_t *form, const eb_control_t *wanted)
{
    for (int i = 0; i < form->pages_count; i++)
        for (const eb_control_t *c = NULL; (c = eb_control_next(form->pages[i], c));)
            if (c == wanted)
                return form->pages[i];
    return NULL;
}
