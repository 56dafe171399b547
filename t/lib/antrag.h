/* The real application form, and whole applications for it: t/unit/data/einbuergerung/NAME.antrag
 * has an answer a line, "kinder/kind[2]/vornamen = Yara", and is laid over the single person of
 * allein.antrag. Documents are written as in fixture.h. */
#ifndef ANTRAG_H
#define ANTRAG_H

#include "form/rules.h"
#include "fixture.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <ctype.h>

#define ANTRAG_FOLDER "t/unit/data/einbuergerung/"

static inline eb_form_t *antrag_form(apr_pool_t *pool)
{
    eb_codelists_t *lists;
    eb_form_t *form = NULL;
    eb_problem_t *problem = NULL;
    apr_status_t rv = eb_codelists_load(&lists, "schemas/codelists", &problem, pool);
    if (!rv)
        rv = eb_form_load(&form, "schemas/forms/einbuergerung.xml", "schemas/form.rng", lists,
                          &problem, pool);
    if (rv)
        printf("Bail out! %s\n", problem ? eb_problem_text(problem, pool) : "no form");
    return rv ? NULL : form;
}

static inline char *antrag_read(const char *file, apr_pool_t *pool)
{
    apr_file_t *f;
    apr_finfo_t info;
    apr_size_t len;
    if (apr_file_open(&f, file, APR_READ, APR_OS_DEFAULT, pool) ||
        apr_file_info_get(&info, APR_FINFO_SIZE, f))
        return NULL;
    char *text = apr_palloc(pool, (apr_size_t)info.size + 1);
    apr_file_read_full(f, text, (apr_size_t)info.size, &len);
    text[len] = '\0';
    apr_file_close(f);
    return text;
}

/* The entry that a path names ("kind[2]": 1), added when it is the next one; EB_ROOT without. */
static inline int antrag_entry(eb_instance_t *in, const char *path)
{
    const char *at = strchr(path, '[');
    if (!at)
        return EB_ROOT;
    eb_node_t *repeat =
        eb_form_node(in->form, apr_pstrmemdup(in->pool, path, (apr_size_t)(at - path)));
    int entry = atoi(at + 1) - 1, added;
    while (repeat && in->lists[repeat->slot].count <= entry)
        if (eb_instance_add(in, repeat, 100, &added))
            break;
    return entry;
}

static inline eb_node_t *antrag_node(const eb_form_t *form, const char *path, apr_pool_t *pool)
{
    const char *from = strchr(path, '['), *to = from ? strchr(from, ']') : NULL;
    if (to)
        path =
            apr_pstrcat(pool, apr_pstrmemdup(pool, path, (apr_size_t)(from - path)), to + 1, NULL);
    return eb_form_node(form, path);
}

/* False, said aloud, for a path that the form does not have. */
static inline bool antrag_answer(eb_instance_t *in, const char *path, const char *value)
{
    eb_node_t *node = antrag_node(in->form, path, in->pool);
    if (!node || node->kind != EB_NODE_FIELD) {
        printf("# no field %s\n", path);
        return false;
    }
    if (*value && strcmp(node->type->name, "eb:files") == 0)
        value = fixture_files(value, path, in->pool);
    eb_instance_set(in, node, antrag_entry(in, path), value);
    return true;
}

static inline char *antrag_trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (char *end = text + strlen(text); end > text && isspace((unsigned char)end[-1]); end--)
        end[-1] = '\0';
    return text;
}

static inline bool antrag_lay(eb_instance_t *in, const char *name)
{
    char *last,
        *text = antrag_read(apr_pstrcat(in->pool, ANTRAG_FOLDER, name, ".antrag", NULL), in->pool);
    bool good = text != NULL;
    for (char *line = text ? apr_strtok(text, "\n", &last) : NULL; line;
         line = apr_strtok(NULL, "\n", &last)) {
        char *is = strchr(line, '=');
        if (*line == '#' || !is)
            continue;
        *is = '\0';
        good &= antrag_answer(in, antrag_trim(line), antrag_trim(is + 1));
    }
    return good;
}

/* NULL when a line of it does not fit the form. */
static inline eb_instance_t *antrag_sample(const eb_form_t *form, const char *name,
                                           apr_pool_t *pool)
{
    eb_instance_t *in = eb_instance_new(form, pool);
    bool good = antrag_lay(in, "allein");
    if (strcmp(name, "allein") != 0)
        good &= antrag_lay(in, name);
    return good ? in : NULL;
}

#endif
