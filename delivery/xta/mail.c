/* Contents are parts of the body (xop:Include), whose bytes stay where they are, or base64 in the
 * envelope. */
#include "mail.h"
#include "names.h"
#include "form/xml.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 500 };

static const char *text_of(const xmlNode *parent, const char *ns, const char *name,
                           apr_pool_t *pool)
{
    return eb_xta_text(parent, ns, name, TEXT_MAX, pool);
}

const char *eb_mail_id(const xmlNode *item, apr_pool_t *pool)
{
    if (eb_xml_is(item, EB_NS_META, "MessageMetaData"))
        item = eb_xta_child(item, EB_NS_META, "MsgIdentification");
    else if (!eb_xml_is(item, EB_NS_OSCI, "MsgAttributes"))
        return "";
    return text_of(item, EB_NS_WSA, "MessageID", pool);
}

static const char *attribute(const xmlNode *node, const char *name, apr_pool_t *pool)
{
    const char *value = eb_xml_attr(node, NULL, name, pool);

    return value ? eb_xta_plain(value, TEXT_MAX, pool) : "";
}

/* "cid:a%40b" names the part "a@b". */
static const eb_xta_part_t *part_of(const eb_xta_answer_t *answer, const char *href,
                                    apr_pool_t *pool)
{
    char *id = apr_pstrdup(pool, href + 4), *out = id;

    for (const char *c = id; *c; c++, out++) {
        unsigned value;
        *out = *c;
        if (*c == '%' && strlen(c) > 2 && sscanf(c + 1, "%2x", &value) == 1 && value) {
            *out = (char)value;
            c += 2;
        }
    }
    *out = '\0';
    for (int i = 0; i < answer->parts->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(answer->parts, i, eb_xta_part_t).id, id))
            return &APR_ARRAY_IDX(answer->parts, i, eb_xta_part_t);
    return NULL;
}

/* Base64 with any white space in it. */
static apr_status_t decode(eb_mail_content_t *content, const xmlNode *node, apr_pool_t *pool)
{
    char *text = (char *)eb_xml_text(node, pool), *out = text;

    for (const char *c = text; *c; c++)
        if (*c != ' ')
            *out++ = *c;
    const apr_size_t len = (apr_size_t)(out - text);
    unsigned char *data = apr_palloc(pool, len / 4 * 3 + 4);
    const int got = len % 4 ? -1 : EVP_DecodeBlock(data, (unsigned char *)text, (int)len);
    if (got < 0)
        return APR_EINVAL;
    content->data = (char *)data;
    content->len = (apr_size_t)got;
    for (apr_size_t i = 1; i <= 2 && i <= len && text[len - i] == '='; i++)
        content->len--;
    return APR_SUCCESS;
}

static apr_status_t read_content(eb_mail_content_t *content, const xmlNode *node,
                                 const eb_xta_answer_t *answer, apr_pool_t *pool)
{
    const xmlNode *include = eb_xta_child(node, EB_NS_XOP, "Include");

    *content = (eb_mail_content_t){.type = attribute(node, "contentType", pool),
                                   .name = attribute(node, "filename", pool),
                                   .encoding = attribute(node, "encoding", pool),
                                   .description = attribute(node, "contentDescription", pool)};
    if (!include)
        return decode(content, node, pool);
    const char *href = attribute(include, "href", pool);
    const eb_xta_part_t *part = strncmp(href, "cid:", 4) ? NULL : part_of(answer, href, pool);
    if (!part)
        return APR_EINVAL;
    content->data = part->data;
    content->len = part->len;
    return APR_SUCCESS;
}

static apr_status_t read_contents(eb_mail_t *mail, const xmlNode *container,
                                  const eb_xta_answer_t *answer, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 4, sizeof(eb_mail_content_t));

    for (xmlNode *n = eb_xml_element(container->children); n; n = eb_xml_element(n->next)) {
        if (!eb_xml_is(n, EB_NS_XTA, list->nelts ? "Attachment" : "Message") ||
            read_content(apr_array_push(list), n, answer, pool))
            return APR_EINVAL;
    }
    mail->contents = (const eb_mail_content_t *)list->elts;
    mail->count = list->nelts;
    return list->nelts ? APR_SUCCESS : APR_EINVAL;
}

static const char *const *replies(const xmlNode *ids, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 2, sizeof(const char *));

    for (const xmlNode *n = ids->children; n; n = n->next)
        if (eb_xml_is(n, EB_NS_META, "In-Reply-To"))
            APR_ARRAY_PUSH(list, const char *) = eb_xta_plain(eb_xml_text(n, pool), TEXT_MAX, pool);
    APR_ARRAY_PUSH(list, const char *) = NULL;
    return (const char *const *)list->elts;
}

static void read_metadata(eb_mail_t *mail, const xmlNode *meta, const xmlNode *ids,
                          apr_pool_t *pool)
{
    const xmlNode *author =
        eb_xta_child(eb_xta_child(meta, EB_NS_META, "Originators"), EB_NS_META, "Author");
    const xmlNode *qualifier = eb_xta_child(meta, EB_NS_META, "Qualifier");
    const xmlNode *type = eb_xta_child(qualifier, EB_NS_META, "MessageType");
    const xmlNode *process = eb_xta_child(ids, EB_NS_META, "ProcessRef");
    const char *test = attribute(meta, "TestMsg", pool);

    mail->id = text_of(ids, EB_NS_WSA, "MessageID", pool);
    mail->in_reply_to = replies(ids, pool);
    mail->process = text_of(process, EB_NS_META, "Requester", pool);
    mail->file_number = text_of(process, EB_NS_META, "Responder", pool);
    mail->author = text_of(author, EB_NS_META, "Identifier", pool);
    mail->message_type = text_of(type, NULL, "code", pool);
    mail->schema = type ? attribute(type, "payloadSchema", pool) : "";
    mail->subject = text_of(qualifier, EB_NS_META, "Subject", pool);
    mail->test = !strcmp(test, "true") || !strcmp(test, "1");
}

apr_status_t eb_mail_read(eb_mail_t *mail, const eb_xta_answer_t *answer, const char **why,
                          apr_pool_t *pool)
{
    const xmlNode *meta = eb_xta_child(answer->header, EB_NS_META, "MessageMetaData");
    const xmlNode *ids = eb_xta_child(meta, EB_NS_META, "MsgIdentification");
    const xmlNode *generic = eb_xta_child(answer->body, EB_NS_XTA, "GenericContentContainer");
    const xmlNode *container = eb_xta_child(generic, EB_NS_XTA, "ContentContainer");

    *mail = (eb_mail_t){.id = ""};
    *why = "has no metadata";
    if (!ids)
        return APR_EINVAL;
    read_metadata(mail, meta, ids, pool);
    *why = "is encrypted, and there is no key for it here";
    if (!container && eb_xta_child(generic, EB_NS_XENC, "EncryptedData"))
        return APR_EINVAL;
    *why = "has contents that cannot be read";
    return container ? read_contents(mail, container, answer, pool) : APR_EINVAL;
}
