/* A multipart body is already in memory, and the decoder hands out pieces of what it is fed: so
 * parts need no copy, only their place. */
#include "answer.h"
#include "mime.h"
#include "names.h"
#include "base/utf8.h"
#include "form/xml.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

enum { FAULT_MAX = 200, ID_MAX = 500 };

const xmlNode *eb_xta_child(const xmlNode *parent, const char *ns, const char *name)
{
    for (const xmlNode *n = parent ? parent->children : NULL; n; n = n->next) {
        if (n->type != XML_ELEMENT_NODE || strcmp((const char *)n->name, name) != 0)
            continue;
        if (ns ? n->ns && strcmp((const char *)n->ns->href, ns) == 0 : !n->ns)
            return n;
    }
    return NULL;
}

const char *eb_xta_plain(const char *text, apr_size_t max, apr_pool_t *pool)
{
    char *copy = eb_utf8_cut(text, max, pool);

    for (char *c = copy; *c; c++)
        if (apr_iscntrl((unsigned char)*c))
            *c = ' ';
    return copy;
}

const char *eb_xta_text(const xmlNode *parent, const char *ns, const char *name, apr_size_t max,
                        apr_pool_t *pool)
{
    const xmlNode *n = eb_xta_child(parent, ns, name);

    return n ? eb_xta_plain(eb_xml_text(n, pool), max, pool) : "";
}

typedef struct collector_t {
    apr_array_header_t *parts;
    apr_pool_t *pool;
} collector_t;

static apr_status_t on_begin(void *baton, const eb_mime_part_t *part)
{
    collector_t *c = baton;

    APR_ARRAY_PUSH(c->parts, eb_xta_part_t) =
        (eb_xta_part_t){apr_pstrdup(c->pool, part->id), apr_pstrdup(c->pool, part->type), "", 0};
    return APR_SUCCESS;
}

static apr_status_t on_data(void *baton, const char *data, apr_size_t len)
{
    const collector_t *c = baton;
    eb_xta_part_t *part = &APR_ARRAY_IDX(c->parts, c->parts->nelts - 1, eb_xta_part_t);

    if (!part->len)
        part->data = data;
    if (part->data + part->len != data)
        return APR_EINVAL;
    part->len += len;
    return APR_SUCCESS;
}

static apr_status_t on_end(void *baton)
{
    (void)baton;
    return APR_SUCCESS;
}

/* The root is what `start` names, or the first; it is taken out of the list. */
static apr_status_t take_root(eb_xta_part_t *root, apr_array_header_t *parts, const char *start)
{
    for (int i = 0; i < parts->nelts; i++) {
        eb_xta_part_t *part = &APR_ARRAY_IDX(parts, i, eb_xta_part_t);
        const apr_size_t len = strlen(part->id);
        const bool named = start && strlen(start) == len + 2 && *start == '<' &&
                           strncmp(start + 1, part->id, len) == 0;
        if (start && !named)
            continue;
        *root = *part;
        memmove(part, part + 1, (apr_size_t)(parts->nelts - i - 1) * sizeof *part);
        parts->nelts--;
        return APR_SUCCESS;
    }
    return APR_EINVAL;
}

static apr_status_t split(eb_xta_part_t *root, apr_array_header_t *parts,
                          const eb_mime_type_t *type, const char *body, apr_size_t len,
                          apr_pool_t *pool)
{
    collector_t collector = {parts, pool};
    const eb_mime_sink_t sink = {on_begin, on_data, on_end, &collector};

    if (!type->boundary)
        return APR_EINVAL;
    eb_mime_t *mime = eb_mime_new(type->boundary, &sink, pool);
    apr_status_t rv = eb_mime_feed(mime, body, len);
    if (!rv)
        rv = eb_mime_finish(mime);
    return rv ? rv : take_root(root, parts, type->start);
}

/* The code may be in any of the exceptions, which are all alike. */
static void read_fault(eb_xta_fault_said_t *said, const xmlNode *fault, apr_pool_t *pool)
{
    const xmlNode *code = eb_xta_child(fault, EB_NS_SOAP, "Code");
    const xmlNode *detail = eb_xta_child(fault, EB_NS_SOAP, "Detail");
    const char *value = eb_xta_text(code, EB_NS_SOAP, "Value", FAULT_MAX, pool);
    const char *local = strchr(value, ':');

    *said = (eb_xta_fault_said_t){.sender = !strcmp(local ? local + 1 : value, "Sender")};
    said->text =
        eb_xta_text(eb_xta_child(fault, EB_NS_SOAP, "Reason"), EB_NS_SOAP, "Text", FAULT_MAX, pool);
    for (const xmlNode *n = detail ? detail->children : NULL; n && !said->code; n = n->next) {
        const xmlNode *error = eb_xta_child(n, EB_NS_XTA, "errorCode");
        if (!error)
            continue;
        said->code = eb_xta_text(error, NULL, "code", 20, pool);
        const char *name = eb_xta_text(error, NULL, "name", FAULT_MAX, pool);
        if (*name)
            said->text = name;
    }
}

apr_status_t eb_xta_answer_read(eb_xta_answer_t *answer, const char *content_type, const char *body,
                                apr_size_t len, apr_pool_t *pool)
{
    eb_mime_type_t type;
    eb_xta_part_t root = {"", "", body, len};
    xmlDocPtr doc;

    *answer = (eb_xta_answer_t){.parts = apr_array_make(pool, 2, sizeof(eb_xta_part_t))};
    if (eb_mime_type_read(&type, content_type, pool))
        return APR_EINVAL;
    if (!strcmp(type.type, "multipart/related")) {
        if (split(&root, answer->parts, &type, body, len, pool))
            return APR_EINVAL;
    } else if (strcmp(type.type, "application/soap+xml") != 0) {
        return APR_EINVAL;
    }
    if (root.len > EB_XTA_ROOT_MAX ||
        eb_xml_parse(&doc, root.data, root.len, "answer", NULL, pool) || !doc->children)
        return APR_EINVAL;
    const xmlNode *envelope = xmlDocGetRootElement(doc);
    if (!envelope || !eb_xml_is(envelope, EB_NS_SOAP, "Envelope"))
        return APR_EINVAL;
    answer->header = eb_xta_child(envelope, EB_NS_SOAP, "Header");
    answer->body = eb_xta_child(envelope, EB_NS_SOAP, "Body");
    const xmlNode *fault = eb_xta_child(answer->body, EB_NS_SOAP, "Fault");
    answer->failed = fault != NULL;
    if (fault)
        read_fault(&answer->fault, fault, pool);
    return answer->body ? APR_SUCCESS : APR_EINVAL;
}

/* Printable, without blanks: it goes into headers of files and of requests. */
static bool id_good(const char *id)
{
    const apr_size_t len = strlen(id);

    for (const char *c = id; *c; c++)
        if (!apr_isgraph(*c))
            return false;
    return len > 0 && len <= ID_MAX;
}

apr_status_t eb_xta_answer_id(const char **id, const eb_xta_answer_t *answer, apr_pool_t *pool)
{
    *id = eb_xta_text(answer->body, EB_NS_WSA, "MessageID", ID_MAX + 1, pool);
    return id_good(*id) ? APR_SUCCESS : APR_EINVAL;
}

static const char *first_reason(const xmlNode *status, const char *list, const char *entry,
                                apr_pool_t *pool)
{
    const xmlNode *record = eb_xta_child(eb_xta_child(status, EB_NS_XTA, list), EB_NS_XTA, entry);

    if (!record)
        return "";
    const char *code =
        eb_xta_text(eb_xta_child(record, EB_NS_XTA, "Code"), NULL, "code", FAULT_MAX, pool);
    return apr_pstrcat(pool, code, *code ? ": " : "",
                       eb_xta_text(record, EB_NS_XTA, "Reason", FAULT_MAX, pool), NULL);
}

apr_status_t eb_xta_answer_report(eb_xta_report_t *report, const eb_xta_answer_t *answer,
                                  apr_pool_t *pool)
{
    const xmlNode *whole = eb_xta_child(answer->body, EB_NS_XTA, "TransportReport");
    const xmlNode *meta = eb_xta_child(whole, EB_NS_META, "MessageMetaData");
    const xmlNode *ids = eb_xta_child(meta, EB_NS_META, "MsgIdentification");
    const xmlNode *status = eb_xta_child(whole, EB_NS_XTA, "MessageStatus");
    const char *light = eb_xta_text(status, EB_NS_XTA, "Status", 8, pool);

    report->message = eb_xta_text(ids, EB_NS_WSA, "MessageID", ID_MAX + 1, pool);
    report->process = eb_xta_text(eb_xta_child(ids, EB_NS_META, "ProcessRef"), EB_NS_META,
                                  "Requester", ID_MAX, pool);
    report->reason = first_reason(status, "ErrorList", "Error", pool);
    if (!*report->reason)
        report->reason = first_reason(status, "WarnList", "Warning", pool);
    if (strlen(light) != 1 || *light < '0' || *light > '3')
        return APR_EINVAL;
    report->light = (eb_xta_light_t)(*light - '0');
    return APR_SUCCESS;
}

apr_status_t eb_xta_answer_service(eb_xta_service_t *service, const eb_xta_answer_t *answer,
                                   apr_pool_t *pool)
{
    const xmlNode *list =
        eb_xta_child(eb_xta_child(answer->body, EB_NS_XTA, "LookupServiceResponse"), EB_NS_XTA,
                     "LookupServiceResultList");
    const xmlNode *result = eb_xta_child(list, EB_NS_XTA, "LookupServiceResult");
    const xmlNode *value = eb_xta_child(result, EB_NS_XTA, "IsServiceAvailableValue");
    const char *available = eb_xta_text(value, EB_NS_XTA, "ServiceIsAvailable", 8, pool);
    const bool yes = !strcmp(available, "true") || !strcmp(available, "1");

    *service = yes ? EB_XTA_OFFERED : *available ? EB_XTA_NOT_OFFERED : EB_XTA_UNKNOWN;
    return list ? APR_SUCCESS : APR_EINVAL;
}
