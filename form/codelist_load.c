/* From schemas/codelists/<name>.xml to a sorted list. The files are ours, but operators may add
 * some of their own: every deviation from schemas/codelist.rng is told with its line. */
#include "codelist_load.h"
#include "xml.h"

#include "base/utf8.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <stdlib.h>
#include <string.h>

#define NS        "urn:mod-einbuergerung:codelist:1"
#define FILES_MAX 1000
#define BYTES_MAX (8 * 1024 * 1024)
#define CODE_MAX  40

typedef struct eb_reader_t {
    eb_codelist_t *list;
    const char *file;
    eb_problem_t **problem;
    apr_pool_t *pool, *scratch;
} eb_reader_t;

typedef struct eb_row_sort_t {
    eb_code_t code;
    const char *key;
} eb_row_sort_t;

static apr_status_t refuse(eb_reader_t *r, const xmlNode *node, const char *what)
{
    return eb_problem_set(r->problem, EB_P_CODELIST, APR_EINVAL,
                          eb_xml_where(r->file, node, r->scratch), r->pool, "%s", what);
}

/* Letters that have no decomposition, yet stand with their base letter in every German index. */
static const struct {
    const char *from, *to;
} folded[] = {{"ø", "o"}, {"đ", "d"}, {"ð", "d"},  {"ł", "l"},  {"ħ", "h"},  {"ı", "i"},
              {"ŧ", "t"}, {"ə", "e"}, {"æ", "ae"}, {"œ", "oe"}, {"þ", "th"}, {"-", " "}};

const char *eb_codelist_key(const char *name, apr_pool_t *pool)
{
    const char *plain = eb_utf8_fold(name, pool);
    char *key = apr_palloc(pool, 2 * strlen(plain) + 1), *out = key;
    for (const char *s = plain; *s;) {
        const char *to = NULL;
        for (size_t i = 0; !to && i < sizeof(folded) / sizeof(folded[0]); i++) {
            apr_size_t n = strlen(folded[i].from);
            if (strncmp(s, folded[i].from, n) == 0) {
                to = folded[i].to;
                s += n;
            }
        }
        if (!to)
            *out++ = *s++;
        while (to && *to)
            *out++ = *to++;
    }
    *out = '\0';
    return key;
}

static int compare_rows(const void *a, const void *b)
{
    const eb_row_sort_t *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    if (order == 0)
        order = strcmp(x->code.name, y->code.name);
    return order ? order : strcmp(x->code.code, y->code.code);
}

/* "true" or "false"; the default when absent. */
static bool truth(bool *value, const xmlNode *node, const char *name, bool otherwise,
                  apr_pool_t *pool)
{
    const char *text = eb_xml_attr(node, NULL, name, pool);
    *value = text ? strcmp(text, "true") == 0 : otherwise;
    return !text || *value || strcmp(text, "false") == 0;
}

static apr_status_t check_attributes(eb_reader_t *r, const xmlNode *node, const char *allowed)
{
    for (const xmlAttr *a = node->properties; a; a = a->next) {
        const char *name = apr_psprintf(r->scratch, " %s ", (const char *)a->name);
        if (a->ns || !strstr(allowed, name))
            return refuse(r, node,
                          apr_psprintf(r->scratch, "Unknown attribute %s of <%s>; known are:%s",
                                       (const char *)a->name, (const char *)node->name, allowed));
    }
    return APR_SUCCESS;
}

static apr_status_t read_code(eb_reader_t *r, const xmlNode *node, eb_code_t *code)
{
    apr_status_t rv = check_attributes(r, node, " value suggested offered ");
    if (rv != APR_SUCCESS)
        return rv;
    code->code = eb_xml_attr(node, NULL, "value", r->pool);
    code->name = eb_xml_text(node, r->pool);
    if (!code->code || !*code->code || strlen(code->code) > CODE_MAX ||
        strpbrk(code->code, " \t\r\n"))
        return refuse(r, node, "<code> needs a value of 1 to 40 bytes without spaces");
    if (!*code->name || xmlFirstElementChild((xmlNode *)node))
        return refuse(r, node, "<code> needs a name: plain text, not empty");
    if (!truth(&code->suggested, node, "suggested", false, r->scratch) ||
        !truth(&code->offered, node, "offered", true, r->scratch))
        return refuse(r, node, "suggested and offered are \"true\" or \"false\"");
    if (code->suggested && !code->offered)
        return refuse(r, node, "A code cannot be suggested and not offered");
    return APR_SUCCESS;
}

static apr_status_t read_codes(eb_reader_t *r, xmlNode *node, bool by_name)
{
    apr_array_header_t *rows = apr_array_make(r->scratch, 64, sizeof(eb_row_sort_t));
    for (; node; node = eb_xml_element(node->next)) {
        eb_row_sort_t *row = apr_array_push(rows);
        if (!eb_xml_is(node, NS, "code"))
            return refuse(r, node, "Expected <code>");
        apr_status_t rv = read_code(r, node, &row->code);
        if (rv != APR_SUCCESS)
            return rv;
        row->key = by_name ? eb_codelist_key(row->code.name, r->scratch) : "";
    }
    if (by_name)
        qsort(rows->elts, (size_t)rows->nelts, sizeof(eb_row_sort_t), compare_rows);
    eb_code_t *codes = apr_palloc(r->pool, (apr_size_t)rows->nelts * sizeof(*codes));
    for (int i = 0; i < rows->nelts; i++)
        codes[i] = APR_ARRAY_IDX(rows, i, eb_row_sort_t).code;
    r->list->codes = codes;
    r->list->count = rows->nelts;
    return APR_SUCCESS;
}

static apr_status_t read_head(eb_reader_t *r, const xmlNode *root, bool *by_name)
{
    apr_status_t rv = check_attributes(r, root, " urn version order ");
    if (rv != APR_SUCCESS)
        return rv;
    const char *order = eb_xml_attr(root, NULL, "order", r->scratch);
    r->list->urn = eb_xml_attr(root, NULL, "urn", r->pool);
    r->list->version = eb_xml_attr(root, NULL, "version", r->pool);
    if (!r->list->urn || strncmp(r->list->urn, "urn:", 4) != 0 || strpbrk(r->list->urn, " \t\r\n"))
        return refuse(r, root,
                      "<codelist> needs a urn, for example "
                      "urn:de:dsmeld:schluesseltabelle:familienstand");
    if (!r->list->version || !*r->list->version || strlen(r->list->version) > CODE_MAX ||
        strpbrk(r->list->version, " \t\r\n"))
        return refuse(r, root, "<codelist> needs a version of 1 to 40 bytes without spaces");
    *by_name = !order || strcmp(order, "name") == 0;
    if (!*by_name && strcmp(order, "given") != 0)
        return refuse(r, root, "order is \"name\" or \"given\"");
    return APR_SUCCESS;
}

static apr_status_t read_list(eb_reader_t *r, xmlNode *root)
{
    bool by_name;
    const char *twice;
    if (!eb_xml_is(root, NS, "codelist"))
        return refuse(r, root, "The root element must be <codelist xmlns=\"" NS "\">");
    apr_status_t rv = read_head(r, root, &by_name);
    if (rv != APR_SUCCESS)
        return rv;
    xmlNode *title = eb_xml_element(root->children);
    if (!title || !eb_xml_is(title, NS, "title") || !*eb_xml_text(title, r->scratch))
        return refuse(r, title ? title : root,
                      "<codelist> begins with a <title> that is not empty");
    r->list->title = eb_xml_text(title, r->pool);
    xmlNode *first = eb_xml_element(title->next);
    if (!first)
        return refuse(r, root, "The list has no <code>");
    rv = read_codes(r, first, by_name);
    if (rv != APR_SUCCESS)
        return rv;
    if (eb_codelist_index(r->list, &twice, r->pool))
        return APR_SUCCESS;
    return refuse(r, root, apr_psprintf(r->scratch, "The code \"%s\" occurs twice", twice));
}

static apr_status_t load_file(eb_codelist_t *list, const char *folder, const char *name,
                              eb_problem_t **problem, apr_pool_t *pool, apr_pool_t *scratch)
{
    const char *file = apr_pstrcat(scratch, folder, "/", name, NULL), *data;
    eb_reader_t reader = {list, file, problem, pool, scratch};
    apr_size_t len;
    xmlDocPtr doc;
    list->name = apr_pstrmemdup(pool, name, strlen(name) - 4);
    apr_status_t rv = eb_xml_read(&data, &len, file, BYTES_MAX, problem, scratch);
    if (rv == APR_SUCCESS)
        rv = eb_xml_parse(&doc, data, len, file, problem, scratch);
    return rv == APR_SUCCESS ? read_list(&reader, xmlDocGetRootElement(doc)) : rv;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static apr_status_t list_files(apr_array_header_t **names, const char *folder,
                               eb_problem_t **problem, apr_pool_t *pool)
{
    apr_dir_t *dir;
    apr_finfo_t info;
    char why[120];
    apr_status_t rv = apr_dir_open(&dir, folder, pool);
    if (rv != APR_SUCCESS)
        return eb_problem_set(problem, EB_P_FILE_READ, rv, folder, pool,
                              "The folder of code lists cannot be read: %s",
                              apr_strerror(rv, why, sizeof(why)));
    *names = apr_array_make(pool, 32, sizeof(char *));
    while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        const char *dot = strrchr(info.name, '.');
        if (dot && info.name[0] != '.' && strcmp(dot, ".xml") == 0)
            APR_ARRAY_PUSH(*names, const char *) = apr_pstrdup(pool, info.name);
    }
    apr_dir_close(dir);
    qsort((*names)->elts, (size_t)(*names)->nelts, sizeof(char *), compare_names);
    if ((*names)->nelts <= FILES_MAX)
        return APR_SUCCESS;
    return eb_problem_set(problem, EB_P_FILE_READ, APR_ENOSPC, folder, pool,
                          "The folder has %d code lists; at most %d are loaded", (*names)->nelts,
                          FILES_MAX);
}

static apr_status_t load_next(eb_codelists_t *lists, const char *folder, const char *name,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    apr_pool_t *scratch;
    eb_codelist_t *list = &lists->list[lists->count];
    apr_pool_create(&scratch, pool);
    apr_status_t rv = load_file(list, folder, name, problem, pool, scratch);
    if (rv != APR_SUCCESS)
        return rv; /* the problem lives in the scratch pool, which goes with `pool` */
    apr_pool_destroy(scratch);
    const eb_codelist_t *same = eb_codelists_find(lists, list->urn, list->version);
    if (same)
        return eb_problem_set(
            problem, EB_P_CODELIST, APR_EINVAL, apr_psprintf(pool, "%s/%s:1", folder, name), pool,
            "%s version %s is also in %s.xml", list->urn, list->version, same->name);
    lists->count++;
    return APR_SUCCESS;
}

apr_status_t eb_codelists_load(eb_codelists_t **lists, const char *folder, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    apr_array_header_t *names = NULL;
    apr_status_t rv = list_files(&names, folder, problem, pool);
    if (rv != APR_SUCCESS)
        return rv;
    eb_codelists_t *all = apr_pcalloc(pool, sizeof(*all));
    all->list = apr_pcalloc(pool, (apr_size_t)names->nelts * sizeof(eb_codelist_t) + 1);
    for (int i = 0; i < names->nelts; i++) {
        rv = load_next(all, folder, APR_ARRAY_IDX(names, i, const char *), problem, pool);
        if (rv != APR_SUCCESS)
            return rv;
    }
    *lists = all;
    return APR_SUCCESS;
}
