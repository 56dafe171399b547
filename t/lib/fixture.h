/* Applications as text files, for tests and measurements: one answer a line, UTF-8,
 *
 *     # a comment
 *     person/familienname = Müller
 *     kinder/kind[2]/vornamen = Ayşe
 *     straftaten/erlaeuterung = first line\nsecond line
 *
 * with the path of the form and the canonical value; entries count from 1 and come in order. The
 * same lines drive the journeys by HTTP. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "form/instance.h"

#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many entries of a repeat the form allows. */
static inline int fixture_max(const eb_form_t *form, const eb_node_t *repeat)
{
    for (const eb_section_t *section = form->sections; section; section = section->next) {
        for (const eb_step_t *step = section->steps; step; step = step->next) {
            if (step->repeat == repeat)
                return step->max;
        }
    }
    return 20;
}

/* "kinder/kind[2]/vornamen" -> "kinder/kind/vornamen", and 1 in *entry (EB_ROOT without index). */
static inline char *fixture_path(const char *text, int *entry, apr_pool_t *pool)
{
    const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;

    *entry = EB_ROOT;
    if (!close)
        return apr_pstrdup(pool, text);
    *entry = atoi(open + 1) - 1;
    return apr_psprintf(pool, "%.*s%s", (int)(open - text), text, close + 1);
}

static inline char *fixture_value(const char *text, apr_pool_t *pool)
{
    char *value = apr_pstrdup(pool, text), *out = value;

    for (const char *s = value; *s; s++) {
        bool newline = s[0] == '\\' && s[1] == 'n';
        *out++ = newline ? '\n' : *s;
        s += newline;
    }
    *out = '\0';
    return value;
}

static inline const eb_node_t *fixture_repeat(const eb_node_t *field)
{
    const eb_node_t *n = field;
    while (n && n->kind != EB_NODE_REPEAT)
        n = n->parent;
    return n;
}

/* Puts one answer, adding the next entry when needed. False: no such field, or a gap. */
static inline bool fixture_answer(eb_instance_t *in, const char *path, const char *value)
{
    int entry, added;
    const char *plain = fixture_path(path, &entry, in->pool);
    const eb_node_t *field = eb_form_node(in->form, plain);
    const eb_node_t *repeat = field ? fixture_repeat(field) : NULL;

    if (!field || field->kind != EB_NODE_FIELD || (repeat != NULL) != (entry != EB_ROOT))
        return false;
    if (repeat && entry == in->lists[repeat->slot].count &&
        eb_instance_add(in, repeat, fixture_max(in->form, repeat), &added) != APR_SUCCESS)
        return false;
    if (repeat && (entry < 0 || entry >= in->lists[repeat->slot].count))
        return false;
    eb_instance_set(in, field, entry, fixture_value(value, in->pool));
    return true;
}

/* "path = value", or nothing to do for an empty line or a comment. */
static inline bool fixture_line(eb_instance_t *in, char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    char *equals = strstr(line, " = ");

    if (*line == '#' || *line == '\0')
        return true;
    if (!equals)
        return false;
    *equals = '\0';
    return fixture_answer(in, line, equals + 3);
}

/* NULL after saying, as a TAP comment, which line is wrong. */
static inline eb_instance_t *fixture_load(const eb_form_t *form, const char *file, apr_pool_t *pool)
{
    eb_instance_t *in = eb_instance_new(form, pool);
    FILE *f = fopen(file, "r");
    char *line = NULL;
    size_t size = 0;
    int number = 0;
    bool good = f != NULL;

    while (good && getline(&line, &size, f) != -1) {
        number++;
        good = fixture_line(in, line);
    }
    if (!good)
        printf("# %s:%d: no such field, or an entry out of order\n", file, number);
    free(line);
    if (f)
        fclose(f);
    return good ? in : NULL;
}

#endif
