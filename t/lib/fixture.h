/* Applications as text files, for tests and measurements: one answer a line, UTF-8,
 *
 *     # a comment
 *     person/familienname = Müller
 *     kinder/kind[2]/vornamen = Ayşe
 *     straftaten/erlaeuterung = first line\nsecond line
 *
 * with the path of the form and the canonical value; entries count from 1 and come in order. The
 * same lines drive the journeys by HTTP.
 *
 * A document is answered by files, with " | " between them, by "spaeter" (it will follow), or by
 * both, "spaeter" last. A file is "datei", its bytes and its name, whose ending says the type (.pdf
 * .jpg .png); "ungeprueft" instead of "datei" is one that no scanner has looked at:
 *
 *     nachweise/lebenslauf = spaeter
 *     nachweise/pass = datei 812334 Pass Seite 1.jpg | datei 70112 Pass Seite 2.jpg
 *
 * Ids and digests of such files are made up, always the same for the same place. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "base/seal.h"
#include "form/files.h"

#include <apr_hash.h>
#include <apr_md5.h>
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

/* One file of the notation; NULL when it is none. `place` tells it from all others. */
static inline bool fixture_file(eb_file_t *file, const char *text, const char *place,
                                apr_pool_t *pool)
{
    static const char *const endings[][2] = {
        {".pdf", "application/pdf"}, {".jpg", "image/jpeg"}, {".png", "image/png"}};
    unsigned char digest[APR_MD5_DIGESTSIZE];
    bool clean = strncmp(text, "datei ", 6) == 0;
    char *name;

    *file = (eb_file_t){.scan = clean ? EB_FILE_CLEAN : EB_FILE_UNSCANNED};
    if (!clean && strncmp(text, "ungeprueft ", 11) != 0)
        return false;
    file->size = (apr_uint64_t)strtoull(text + (clean ? 6 : 11), &name, 10);
    file->name = *name == ' ' ? name + 1 : "";
    for (int i = 0; i < 3; i++) {
        apr_size_t len = strlen(file->name);
        if (len > 4 && strcmp(file->name + len - 4, endings[i][0]) == 0)
            file->type = endings[i][1];
    }
    apr_md5(digest, place, strlen(place));
    char *id = apr_palloc(pool, EB_FILE_ID_LEN + 1);
    eb_base64url(id, digest, sizeof(digest));
    file->id = id;
    return file->type && file->size;
}

/* The canonical text of a document's answer; NULL when the notation is wrong. */
static inline const char *fixture_files(const char *text, const char *path, apr_pool_t *pool)
{
    eb_files_t files = {.list = apr_pcalloc(pool, EB_FILES_MAX * sizeof(eb_file_t))};
    char *rest = apr_pstrdup(pool, text);

    while (rest && files.count < EB_FILES_MAX) {
        char *part = rest, *bar = strstr(rest, " | ");
        const char *place = apr_psprintf(pool, "%s %d", path, files.count);
        rest = bar ? bar + 3 : NULL;
        if (bar)
            *bar = '\0';
        if (strcmp(part, "spaeter") == 0)
            files.later = true;
        else if (fixture_file(&files.list[files.count], part, place, pool))
            files.count++;
        else
            return NULL;
    }
    return eb_files_text(&files, pool);
}

/* A made-up digest for every file of an application: its id, and 128 hexadecimal digits. */
static inline apr_hash_t *fixture_digests(const eb_context_t *c)
{
    apr_hash_t *digests = apr_hash_make(c->pool);
    apr_array_header_t *documents = eb_documents_list(c, false);

    for (int i = 0; i < documents->nelts; i++) {
        const char *id = APR_ARRAY_IDX(documents, i, eb_document_t).file.id;
        unsigned char md5[APR_MD5_DIGESTSIZE];
        char *hex = apr_palloc(c->pool, 129);
        apr_md5(md5, id, strlen(id));
        for (int k = 0; k < 64; k++)
            snprintf(hex + 2 * k, 3, "%02x", md5[k % APR_MD5_DIGESTSIZE]);
        apr_hash_set(digests, id, APR_HASH_KEY_STRING, hex);
    }
    return digests;
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
    bool files = strcmp(field->type->name, "eb:files") == 0;
    value = files ? fixture_files(value, path, in->pool) : fixture_value(value, in->pool);
    eb_instance_set(in, field, entry, value);
    return value != NULL;
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
        printf("# %s:%d: no such field, an entry out of order, or no file\n", file, number);
    free(line);
    if (f)
        fclose(f);
    return good ? in : NULL;
}

#endif
