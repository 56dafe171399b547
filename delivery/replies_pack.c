/* Strangers name their files as they like. Here they are numbered, in the order of the message, and
 * "metadata.json" says what they were called. */
#include "replies_parts.h"
#include "digest.h"
#include "base/seal.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <jansson.h>
#include <string.h>

#define METADATA "metadata.json"

static apr_status_t add(apr_array_header_t *list, const char *file, const char *type,
                        const char *data, apr_size_t len, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_attachment_t *a = apr_array_push(list);
    bool own;

    *a = (eb_attachment_t){.name = file,
                           .type = type,
                           .purpose = "",
                           .size = len,
                           .source = eb_memory_source(data, len, pool)};
    return eb_attachment_digest(a, &own, problem, pool);
}

static bool is_xml(const char *type)
{
    const apr_size_t len = strcspn(type, "; ");

    return (len == 15 && !strncasecmp(type, "application/xml", len)) ||
           (len == 8 && !strncasecmp(type, "text/xml", len)) ||
           (len > 4 && !strncasecmp(type + len - 4, "+xml", 4));
}

static const char *ending(const char *type)
{
    static const struct {
        const char *type, *ending;
    } known[] = {{"application/pdf", "pdf"},
                 {"text/plain", "txt"},
                 {"image/jpeg", "jpg"},
                 {"image/png", "png"}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strncasecmp(type, known[i].type, strlen(known[i].type)))
            return known[i].ending;
    return is_xml(type) ? "xml" : "bin";
}

/* The first one in XML, wherever the gateway puts it; or else the first of all. */
static int message_of(const eb_mail_t *mail)
{
    for (int i = 0; i < mail->count; i++)
        if (is_xml(mail->contents[i].type))
            return i;
    return 0;
}

/* Strangers' texts are UTF-8, since they come out of XML. */
static json_t *describe(const eb_mail_t *mail, int message, const eb_attachment_t *files)
{
    json_t *contents = json_array(), *replies = json_array();

    for (int i = 0; i < mail->count; i++) {
        const eb_mail_content_t *c = &mail->contents[i];
        json_array_append_new(contents,
                              json_pack("{s:s*, s:s, s:s, s:s}", "file",
                                        i == message ? NULL : (files++)->name, "name", c->name,
                                        "type", c->type, "description", c->description));
    }
    for (const char *const *id = mail->in_reply_to; *id; id++)
        json_array_append_new(replies, json_string(*id));
    return json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o}", "message", mail->id,
                     "in_reply_to", replies, "process", mail->process, "file_number",
                     mail->file_number, "author", mail->author, "message_type", mail->message_type,
                     "schema", mail->schema, "subject", mail->subject, "test", mail->test,
                     "contents", contents);
}

static apr_status_t add_metadata(apr_array_header_t *list, const eb_mail_t *mail, int message,
                                 eb_problem_t **problem, apr_pool_t *pool)
{
    json_t *json = describe(mail, message, (const eb_attachment_t *)list->elts);
    char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
    const char *data = text ? apr_pstrdup(pool, text) : NULL;

    free(text);
    json_decref(json);
    if (!data)
        return eb_problem_set(problem, EB_P_PACKAGE_FORMAT, APR_ENOMEM, NULL, pool,
                              "The metadata of message %s cannot be kept", mail->id);
    return add(list, METADATA, "application/json", data, strlen(data), problem, pool);
}

apr_status_t eb_replies_pack(eb_package_t *package, const eb_job_t *job, const char *authority,
                             const eb_mail_t *mail, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, mail->count + 1, sizeof(eb_attachment_t));
    const int message = message_of(mail);
    apr_status_t rv = APR_SUCCESS;

    for (int i = 0; !rv && i < mail->count; i++) {
        const eb_mail_content_t *c = &mail->contents[i];
        if (i != message)
            rv = add(list, apr_psprintf(pool, "content-%d.%s", i + 1, ending(c->type)), c->type,
                     c->data, c->len, problem, pool);
    }
    if (!rv)
        rv = add_metadata(list, mail, message, problem, pool);
    *package = (eb_package_t){.uuid = job->uuid,
                              .number = job->number,
                              .authority = authority,
                              .schema = mail->schema,
                              .message = mail->contents[message].data,
                              .message_len = mail->contents[message].len,
                              .attachments = (const eb_attachment_t *)list->elts,
                              .attachments_count = list->nelts};
    return rv ? rv : eb_random(package->secret, sizeof package->secret);
}
