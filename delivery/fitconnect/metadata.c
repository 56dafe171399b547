/* The metadata: what there is, with hashes of the plain bytes, and who sends it. There is no reply
 * channel: none of those that destinations offer is agreed with the applicant in the form, and
 * without one the authority answers by letter. Built member by member, so that a member that cannot
 * be made fails the whole. */
#include "parts.h"
#include "base/date.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char *sha512_hex(const void *data, apr_size_t len, apr_pool_t *pool)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    size_t size = 0;
    char *hex = apr_palloc(pool, EB_SHA512_HEX_LEN + 1);

    if (!EVP_Q_digest(NULL, "SHA512", NULL, data, len, hash, &size))
        return NULL;
    for (size_t i = 0; i < size; i++)
        apr_snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    return hex;
}

static const char *purpose_of(const eb_attachment_t *attachment)
{
    static const char *const known[] = {"form", "attachment", "report", "data"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (attachment->purpose && strcmp(attachment->purpose, known[i]) == 0)
            return known[i];
    return "attachment";
}

static json_t *attachment_of(const eb_fit_memory_t *memory, const eb_package_t *package, int i)
{
    const eb_attachment_t *a = &package->attachments[i];
    char uuid[EB_UUID_LEN + 1];

    if (eb_fit_attachment_id(uuid, memory, package, i))
        return NULL;
    return json_pack("{s:s, s:{s:s, s:s}, s:s, s:s, s:s}", "attachmentId", uuid, "hash", "type",
                     "sha512", "content", a->sha512, "purpose", purpose_of(a), "mimeType", a->type,
                     "filename", a->name);
}

static json_t *attachments_of(const eb_fit_memory_t *memory, const eb_package_t *package)
{
    json_t *list = json_array();

    for (int i = 0; i < package->attachments_count; i++)
        if (json_array_append_new(list, attachment_of(memory, package, i))) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *structure_of(const eb_fit_memory_t *memory, const eb_package_t *package,
                            apr_pool_t *pool)
{
    const char *hash = sha512_hex(package->message, package->message_len, pool);

    return hash ? json_pack("{s:{s:{s:s, s:s}, s:{s:s, s:s}}, s:o}", "data", "hash", "type",
                            "sha512", "content", hash, "submissionSchema", "schemaUri",
                            memory->schema, "mimeType", memory->mime_type, "attachments",
                            attachments_of(memory, package))
                : NULL;
}

static json_t *author_of(const eb_fit_memory_t *memory)
{
    return json_pack("{s:s, s:{s:s, s:s, s:s}}", "name", memory->author, "product", "name",
                     memory->product, "version", memory->product_version, "manufacturer",
                     memory->manufacturer);
}

static json_t *service_of(const eb_fit_memory_t *memory)
{
    return json_pack("{s:s, s:s}", "identifier", memory->service, "name", memory->service_name);
}

static json_t *metadata_of(const eb_fit_memory_t *memory, const eb_fit_schema_t *schema,
                           const eb_package_t *package, apr_time_t accepted, apr_pool_t *pool)
{
    json_t *json =
        json_pack("{s:s, s:o, s:{s:s, s:s}}", "$schema", schema->uri, "contentStructure",
                  structure_of(memory, package, pool), "additionalReferenceInfo", "senderReference",
                  package->number, "applicationDate", eb_date_iso(eb_local_date(accepted), pool));
    bool bad = !json;

    if (!bad && schema->service)
        bad = json_object_set_new(json, "publicServiceType", service_of(memory)) != 0;
    if (!bad && schema->author)
        bad = json_object_set_new(json, "author", author_of(memory)) != 0;
    if (!bad)
        return json;
    json_decref(json);
    return NULL;
}

apr_status_t eb_fit_metadata(const char **text, const eb_fit_memory_t *memory,
                             const eb_package_t *package, apr_time_t accepted,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_fit_schema_t *schema = eb_fit_schema(memory->version);
    json_t *json = schema ? metadata_of(memory, schema, package, accepted, pool) : NULL;
    char *dumped = json ? json_dumps(json, JSON_COMPACT) : NULL;

    *text = dumped ? apr_pstrdup(pool, dumped) : NULL;
    free(dumped);
    json_decref(json);
    if (*text)
        return APR_SUCCESS;
    return eb_problem_set(problem, EB_P_FIT_MEMORY, APR_EINVAL, NULL, pool,
                          "No metadata of version %s can be made for case %s", memory->version,
                          package->number);
}
