/* The compiler walks the text once, appends what is fixed to one string and cuts it wherever a hole
 * is. Offsets become pointers at the end, when the string has stopped moving. */
#include "template.h"
#include "texts.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <stdbool.h>

#define DEPTH_MAX 8 /* names within texts within nested templates; a circle ends here */

typedef struct part_t {
    const char *text;
    apr_size_t len;
    eb_fill_t *fill; /* after the text; NULL in the last part */
} part_t;

struct eb_template_t {
    const part_t *parts;
    int count;
    apr_size_t size;
};

typedef struct compiler_t {
    eb_buf_t text;
    apr_array_header_t *cuts; /* of cut_t */
    const eb_name_t *const *scopes;
    const eb_texts_t *texts;
    eb_problem_t **problem;
    apr_pool_t *pool;
} compiler_t;

typedef struct cut_t {
    apr_size_t at;
    eb_fill_t *fill;
} cut_t;

static apr_status_t compile(compiler_t *c, const char *html, bool escape, int depth);

static const eb_name_t *find(const eb_name_t *const scopes[], const char *name, apr_size_t len)
{
    for (; *scopes; scopes++) {
        for (const eb_name_t *n = *scopes; n->name; n++) {
            if (!strncmp(n->name, name, len) && !n->name[len])
                return n;
        }
    }
    return NULL;
}

static apr_status_t unknown(compiler_t *c, const char *name, apr_size_t len)
{
    return eb_problem_set(c->problem, EB_P_TEMPLATE, APR_EINVAL, NULL, c->pool,
                          "The page template asks for {%.*s}, which nothing provides", (int)len,
                          name);
}

static void cut(compiler_t *c, eb_fill_t *fill)
{
    cut_t *cut = apr_array_push(c->cuts);
    cut->at = c->text.len;
    cut->fill = fill;
}

/* Within a tag: the value of an attribute, which has no language of its own. */
static bool in_tag(const eb_buf_t *text)
{
    apr_size_t at = text->len;
    while (at > 0 && text->data[at - 1] != '<' && text->data[at - 1] != '>')
        at--;
    return at > 0 && text->data[at - 1] == '<';
}

static apr_status_t say(compiler_t *c, const char *text, int depth)
{
    bool mark = eb_words_lacks(c->texts->words, text) && !in_tag(&c->text);
    if (mark)
        eb_buf_puts(&c->text, "<span lang='de' dir='ltr'>");
    apr_status_t rv = compile(c, text, true, depth);
    if (mark)
        eb_buf_puts(&c->text, "</span>");
    return rv;
}

static apr_status_t fold(compiler_t *c, const char *name, apr_size_t len, int depth)
{
    if (depth > DEPTH_MAX)
        return unknown(c, name, len);
    if (apr_isupper(*name)) {
        const char *text = eb_texts_named(c->texts, name, len);
        return text ? say(c, text, depth) : unknown(c, name, len);
    }
    const eb_name_t *n = find(c->scopes, name, len);
    if (!n)
        return unknown(c, name, len);
    if (n->nested)
        return compile(c, n->nested, false, depth);
    if (n->fill)
        cut(c, n->fill);
    else if (n->html)
        eb_buf_puts(&c->text, n->html);
    else
        eb_buf_html(&c->text, n->text);
    return APR_SUCCESS;
}

static void add(compiler_t *c, const char *text, apr_size_t len, bool escape)
{
    if (escape)
        eb_buf_html(&c->text, apr_pstrmemdup(c->text.pool, text, len));
    else
        eb_buf_add(&c->text, text, len);
}

static apr_status_t compile(compiler_t *c, const char *html, bool escape, int depth)
{
    for (const char *open; (open = strchr(html, '{')) != NULL;) {
        const char *close = strchr(open, '}');
        if (!close)
            return unknown(c, open + 1, strlen(open + 1));
        add(c, html, (apr_size_t)(open - html), escape);
        apr_status_t rv = fold(c, open + 1, (apr_size_t)(close - open - 1), depth + 1);
        if (rv != APR_SUCCESS)
            return rv;
        html = close + 1;
    }
    add(c, html, strlen(html), escape);
    return APR_SUCCESS;
}

static eb_template_t *finish(const compiler_t *c)
{
    eb_template_t *t = apr_palloc(c->pool, sizeof(*t));
    const char *text = apr_pstrmemdup(c->pool, c->text.data, c->text.len);
    const cut_t *cuts = (const cut_t *)c->cuts->elts;
    part_t *parts = apr_palloc(c->pool, (apr_size_t)(c->cuts->nelts + 1) * sizeof(*parts));
    apr_size_t at = 0;
    for (int i = 0; i < c->cuts->nelts; i++) {
        parts[i] = (part_t){text + at, cuts[i].at - at, cuts[i].fill};
        at = cuts[i].at;
    }
    parts[c->cuts->nelts] = (part_t){text + at, c->text.len - at, NULL};
    *t = (eb_template_t){parts, c->cuts->nelts + 1, c->text.len};
    return t;
}

apr_status_t eb_template_compile(const eb_template_t **template, const char *html,
                                 const eb_name_t *const scopes[], const eb_texts_t *texts,
                                 eb_problem_t **problem, apr_pool_t *pool)
{
    apr_pool_t *scratch;
    apr_status_t rv = apr_pool_create(&scratch, pool);
    if (rv != APR_SUCCESS)
        return rv;
    compiler_t c = {.cuts = apr_array_make(scratch, 32, sizeof(cut_t)),
                    .scopes = scopes,
                    .texts = texts,
                    .problem = problem,
                    .pool = pool};
    eb_buf_init(&c.text, 4096, scratch);
    rv = compile(&c, html, false, 0);
    if (rv == APR_SUCCESS)
        *template = finish(&c);
    apr_pool_destroy(scratch);
    return rv;
}

void eb_template_write(eb_buf_t *out, const eb_template_t *template, eb_job_t *job)
{
    const part_t *end = template->parts + template->count;
    for (const part_t *p = template->parts; p < end; p++) {
        eb_buf_add(out, p->text, p->len);
        if (p->fill)
            p->fill(out, job);
    }
}

apr_size_t eb_template_size(const eb_template_t *template)
{
    return template->size;
}
