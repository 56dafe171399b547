/* The stylesheet's input. Names are XÖV's: hat_kinder is hatKinder. Every element says what it is
 * (`typ`), and codes carry list and name, so that a stylesheet needs no knowledge of the form
 * beyond its element names. What does not apply is left out here: the draft keeps such answers, the
 * authority never sees them. */
#include "message.h"

#include "base/date.h"
#include "base/utf8.h"
#include "form/din91379.h"
#include "form/files.h"

#include <apr_lib.h>
#include <apr_strings.h>

#define OWN_LISTS "urn:mod-einbuergerung:codeliste:"
#define NAME_MAX  255

typedef struct writer_t {
    xmlDocPtr doc;
    eb_context_t c; /* a copy: its entry moves */
    const eb_header_t *header;
    const apr_array_header_t *documents; /* every file that applies */
    apr_status_t status;
    eb_problem_id_t problem; /* the first failure, and the element at fault */
    const char *path;
    apr_pool_t *pool;
} writer_t;

/* XML 1.0, production 2. U+FFFE and U+FFFF are the only characters that UTF-8 has and XML refuses,
 * besides the controls. */
static bool is_xml_text(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    if (!eb_utf8_valid(text, strlen(text)))
        return false;
    for (; *s; s++) {
        if (*s < 0x20 && *s != '\t' && *s != '\n' && *s != '\r')
            return false;
        if (s[0] == 0xEF && s[1] == 0xBF && s[2] >= 0xBE)
            return false;
    }
    return true;
}

static void fail(writer_t *w, apr_status_t status, eb_problem_id_t problem, const char *path)
{
    if (w->status != APR_SUCCESS)
        return;
    w->status = status;
    w->problem = problem;
    w->path = apr_pstrdup(w->pool, path);
}

/* libxml2 makes a node even when it has no memory left for the name or the text of it. */
static bool is_whole(const xmlChar *name, const xmlNode *content, const char *text)
{
    return name && (!text || !*text || (content && content->content));
}

/* Never NULL: after a failure, which is remembered, the parent stands in. */
static xmlNodePtr put(writer_t *w, xmlNodePtr parent, const char *name, const char *text)
{
    if (text && !is_xml_text(text)) {
        fail(w, APR_EINVAL, EB_P_MESSAGE_TEXT, name);
        return parent;
    }
    xmlNodePtr node = xmlNewDocRawNode(w->doc, NULL, (const xmlChar *)name, (const xmlChar *)text);
    if (!node || !is_whole(node->name, node->children, text)) {
        xmlFreeNode(node);
        fail(w, APR_ENOMEM, EB_P_MESSAGE_MEMORY, name);
        return parent;
    }
    return xmlAddChild(parent, node);
}

/* An element of the form, its name without underscores. */
static xmlNodePtr put_node(writer_t *w, xmlNodePtr parent, const eb_node_t *form_node,
                           const char *text)
{
    char name[NAME_MAX + 1];
    int len = 0;

    for (const char *s = form_node->name; *s && len < NAME_MAX; s++) {
        if (*s == '_' && s[1])
            name[len++] = (char)apr_toupper(*++s);
        else
            name[len++] = *s;
    }
    name[len] = '\0';
    return put(w, parent, name, text);
}

static void put_attribute(writer_t *w, xmlNodePtr node, const char *name, const char *value)
{
    if (!is_xml_text(value)) {
        fail(w, APR_EINVAL, EB_P_MESSAGE_TEXT, name);
        return;
    }
    const xmlAttr *attribute = xmlNewProp(node, (const xmlChar *)name, (const xmlChar *)value);
    if (!attribute || !is_whole(attribute->name, attribute->children, value))
        fail(w, APR_ENOMEM, EB_P_MESSAGE_MEMORY, name);
}

static void put_optional(writer_t *w, xmlNodePtr parent, const char *name, const char *text)
{
    if (text && *text)
        put(w, parent, name, text);
}

static void put_party(writer_t *w, xmlNodePtr head, const char *name, const eb_party_t *party)
{
    xmlNodePtr node = put(w, head, name, NULL);

    put_optional(w, node, "verzeichnisdienst", party->directory);
    put_optional(w, node, "kennung", party->id);
    put_optional(w, node, "name", party->name);
    put_optional(w, node, "email", party->mail);
    put_optional(w, node, "telefon", party->phone);
}

static void put_header(writer_t *w, xmlNodePtr root, const eb_header_t *header)
{
    xmlNodePtr head = put(w, root, "kopf", NULL);

    put_optional(w, head, "uuid", header->uuid);
    put_optional(w, head, "vorgangsnummer", header->number);
    put(w, head, "erstellt", eb_local_iso(header->created, w->pool));
    put_party(w, head, "leser", &header->reader);
    put_party(w, head, "autor", &header->author);
    put_optional(w, head, "ags", header->ags);
    put_optional(w, head, "formularversion", header->form_version);
    put_optional(w, head, "formularhash", header->form_hash);
    put(w, head, "produktversion", EB_VERSION);
    if (header->test)
        put(w, head, "test", "true");
}

/* What a list calls something, for people and in the signs that they read: quotation marks and
 * dashes become those that a message may hold. */
static void put_name(writer_t *w, xmlNodePtr node, const char *name)
{
    put_attribute(w, node, "name", eb_din_mend(name, EB_DIN_C, w->pool));
}

/* Choices that only the form lists are a code list of our own, named after the question. */
static const char *own_list(writer_t *w, const eb_node_t *field)
{
    char *urn = apr_pstrcat(w->pool, OWN_LISTS, field->path, NULL);

    for (char *s = urn; *s; s++) {
        if (*s == '/')
            *s = '.';
    }
    return urn;
}

static void put_code(writer_t *w, xmlNodePtr parent, const eb_node_t *field, const char *code)
{
    const eb_codelist_t *list = field->facets.codes;
    const eb_code_t *row = eb_codelist_code(list, code);
    xmlNodePtr node = put_node(w, parent, field, code);

    put_attribute(w, node, "typ", "code");
    put_attribute(w, node, "listURI", list->urn ? list->urn : own_list(w, field));
    put_attribute(w, node, "listVersionID", list->urn ? list->version : w->c.in->form->version);
    if (row)
        put_name(w, node, row->name);
}

/* The value of xf:select is a list of codes: one element for each. */
static void put_codes(writer_t *w, xmlNodePtr parent, const eb_node_t *field, const char *value)
{
    char *last, *copy = apr_pstrdup(w->pool, value);

    for (char *code = apr_strtok(copy, " ", &last); code; code = apr_strtok(NULL, " ", &last))
        put_code(w, parent, field, code);
}

static const char *const scan_words[] = {[EB_FILE_CLEAN] = "unauffaellig",
                                         [EB_FILE_PENDING] = "ungeprueft",
                                         [EB_FILE_UNSCANNED] = "ungeprueft"};

static void put_file(writer_t *w, xmlNodePtr parent, const eb_document_t *document)
{
    const eb_file_t *file = &document->file;
    apr_hash_t *digests = w->header->sha512;
    const char *digest = digests ? apr_hash_get(digests, file->id, APR_HASH_KEY_STRING) : NULL;

    if (!digest) {
        fail(w, APR_EINVAL, EB_P_MESSAGE_DIGEST, document->node->path);
        return;
    }
    xmlNodePtr node = put(w, parent, "datei", NULL);
    put(w, node, "nummer", apr_itoa(w->pool, document->number));
    put(w, node, "name", file->name);
    put(w, node, "mediatyp", file->type);
    put(w, node, "groesse", apr_psprintf(w->pool, "%" APR_UINT64_T_FMT, file->size));
    put(w, node, "sha512", digest);
    put(w, node, "pruefergebnis", scan_words[file->scan]);
    put(w, node, "anhang", document->safe_name);
}

/* The kind of document is a code like any other, though nobody chose it: the field's own name. */
static void put_files(writer_t *w, xmlNodePtr parent, const eb_node_t *field, const char *value)
{
    eb_files_t files;

    if (eb_files_parse(&files, value, w->pool) != APR_SUCCESS) {
        fail(w, APR_EINVAL, EB_P_MESSAGE_TEXT, field->path);
        return;
    }
    xmlNodePtr node = put_node(w, parent, field, NULL);
    put_attribute(w, node, "typ", "files");
    put_attribute(w, node, "art", field->name);
    put_attribute(w, node, "listURI", OWN_LISTS "dokumentart");
    put_attribute(w, node, "listVersionID", w->c.in->form->version);
    put_name(w, node, field->control->label);
    if (files.later)
        put_attribute(w, node, "nachgereicht", "true");
    for (int i = 0; i < w->documents->nelts; i++) {
        const eb_document_t *document = &APR_ARRAY_IDX(w->documents, i, eb_document_t);
        if (document->node == field && document->entry == w->c.entry)
            put_file(w, node, document);
    }
}

static bool is_files(const eb_node_t *field)
{
    return field->control && field->control->kind == EB_CONTROL_UPLOAD;
}

static void put_field(writer_t *w, xmlNodePtr parent, const eb_node_t *field)
{
    const char *value = eb_instance_get(w->c.in, field, w->c.entry);
    const char *type = field->type->name, *colon = strchr(type, ':');

    if (!value)
        return;
    if (is_files(field))
        put_files(w, parent, field, value);
    else if (field->facets.multiple)
        put_codes(w, parent, field, value);
    else if (field->facets.codes)
        put_code(w, parent, field, value);
    else
        put_attribute(w, put_node(w, parent, field, value), "typ", colon ? colon + 1 : type);
}

static void put_children(writer_t *w, xmlNodePtr parent, const eb_node_t *group);

/* A group, or one entry, when anything in it was answered. */
static void put_group(writer_t *w, xmlNodePtr parent, const eb_node_t *group)
{
    xmlNodePtr node = put_node(w, parent, group, NULL);

    put_children(w, node, group);
    if (!node->children && w->status == APR_SUCCESS) { /* else it may be the parent */
        xmlUnlinkNode(node);
        xmlFreeNode(node);
    }
}

static void put_entries(writer_t *w, xmlNodePtr parent, const eb_node_t *repeat)
{
    int count = w->c.in->lists[repeat->slot].count;

    for (int i = 0; i < count; i++) {
        w->c.entry = i;
        if (!repeat->relevant || eb_expr_true(repeat->relevant, &w->c))
            put_group(w, parent, repeat);
    }
    w->c.entry = EB_ROOT;
}

/* Coming from above, a node's own `relevant` decides: its ancestors have been asked already, which
 * eb_rules_relevant would do again for every field. */
static void put_children(writer_t *w, xmlNodePtr parent, const eb_node_t *group)
{
    for (const eb_node_t *n = group->first; n && w->status == APR_SUCCESS; n = n->next) {
        if (n->kind == EB_NODE_REPEAT) {
            put_entries(w, parent, n);
            continue;
        }
        if (n->relevant && !eb_expr_true(n->relevant, &w->c))
            continue;
        if (n->kind == EB_NODE_FIELD)
            put_field(w, parent, n);
        else
            put_group(w, parent, n);
    }
}

static const char *sentence_of(eb_problem_id_t problem)
{
    switch (problem) {
    case EB_P_MESSAGE_DIGEST: return "The answer %s has a file without a digest";
    case EB_P_MESSAGE_MEMORY: return "The element %s was not made";
    default: return "The text of the element %s cannot be written as XML";
    }
}

apr_status_t eb_message_source(xmlDocPtr *doc, const eb_header_t *header, const eb_context_t *c,
                               eb_problem_t **problem, apr_pool_t *pool)
{
    writer_t w = {.doc = xmlNewDoc((const xmlChar *)"1.0"),
                  .c = *c,
                  .header = header,
                  .documents = eb_documents_list(c, true),
                  .pool = pool};
    const eb_node_t *top = c->in->form->root;

    xmlNodePtr root =
        w.doc ? xmlNewDocRawNode(w.doc, NULL, (const xmlChar *)"vorgang", NULL) : NULL;
    if (!root || !root->name || !w.doc->version) {
        xmlFreeNode(root);
        xmlFreeDoc(w.doc);
        return eb_problem_set(problem, EB_P_MESSAGE_MEMORY, APR_ENOMEM, NULL, pool,
                              "The source of a message was not begun");
    }
    xmlDocSetRootElement(w.doc, root);
    w.c.entry = EB_ROOT;
    put_header(&w, root, header);
    put_children(&w, put_node(&w, root, top, NULL), top);
    if (w.status == APR_SUCCESS) {
        *doc = w.doc;
        return APR_SUCCESS;
    }
    xmlFreeDoc(w.doc);
    *doc = NULL;
    return eb_problem_set(problem, w.problem, w.status, NULL, pool, sentence_of(w.problem), w.path);
}
