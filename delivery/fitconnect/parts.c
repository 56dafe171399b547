/* Content keys and ids come from the package's secret, which nobody else knows, and from what was
 * drawn for this attempt: a repeated step finds them again, another attempt does not. */
#include "parts.h"
#include "json.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

apr_status_t eb_fit_attachment_id(char uuid[EB_UUID_LEN + 1], const eb_fit_memory_t *memory,
                                  const eb_package_t *package, int index)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    char name[EB_FIT_ATTEMPT_LEN + 40];
    unsigned len = 0;

    int n = apr_snprintf(name, sizeof name, "fit-connect id %s/%d", memory->attempt, index);
    if (!HMAC(EVP_sha256(), package->secret, sizeof package->secret, (unsigned char *)name,
              (size_t)n, hash, &len))
        return APR_EGENERAL;
    eb_uuid_from(uuid, hash);
    return APR_SUCCESS;
}

static eb_step_result_t no_crypto(const eb_fit_call_t *call)
{
    eb_problem_set(call->problem, EB_P_CRYPTO, APR_EGENERAL, NULL, call->pool,
                   "OpenSSL computes no HMAC-SHA-256");
    return EB_STEP_WAIT;
}

eb_step_result_t eb_fit_part(eb_jwe_part_t *part, int index, const eb_fit_memory_t *memory,
                             const eb_fit_call_t *call)
{
    const int attachment = index - EB_FIT_ATTACHMENT;
    char uuid[EB_UUID_LEN + 1];
    const char *name = index == EB_FIT_METADATA ? "metadata" : "data";
    const char *type = index == EB_FIT_METADATA ? "application/json" : memory->mime_type;

    if (attachment >= 0) {
        if (eb_fit_attachment_id(uuid, memory, call->package, attachment))
            return no_crypto(call);
        name = uuid;
        type = call->package->attachments[attachment].type;
    }
    *part = (eb_jwe_part_t){.secret = call->package->secret,
                            .part = apr_pstrcat(call->pool, memory->attempt, "/", name, NULL),
                            .kid = memory->kid,
                            .cty = type,
                            .wrapped = memory->parts[index].wrapped};
    return EB_STEP_FORWARD;
}

eb_step_result_t eb_fit_parts_wrap(eb_fit_memory_t *memory, const eb_jwk_t *key,
                                   const eb_fit_call_t *call)
{
    eb_jwe_part_t part;

    for (int i = 0; i < memory->parts_count; i++) {
        eb_step_result_t result = eb_fit_part(&part, i, memory, call);
        if (result != EB_STEP_FORWARD)
            return result;
        if (eb_jwe_wrap(&memory->parts[i].wrapped, &part, key, call->problem, call->pool))
            return EB_STEP_WAIT;
    }
    return EB_STEP_FORWARD;
}

eb_step_result_t eb_fit_part_text(const char **jwe, int index, eb_fit_memory_t *memory,
                                  const char *plain, apr_size_t len, const eb_fit_call_t *call)
{
    eb_fit_part_t *kept = &memory->parts[index];
    eb_jwe_part_t part;
    const char *tag;
    eb_step_result_t result = eb_fit_part(&part, index, memory, call);

    if (result != EB_STEP_FORWARD)
        return result;
    if (eb_jwe_text(jwe, &tag, &part, plain, len, call->problem, call->pool))
        return EB_STEP_WAIT;
    if (kept->tag && strcmp(kept->tag, tag) != 0) {
        eb_problem_set(call->problem, EB_P_FIT_CHANGED, APR_EGENERAL, NULL, call->pool,
                       "The %s of submission %s came out otherwise than before",
                       index == EB_FIT_METADATA ? "metadata" : "data", memory->submission);
        return EB_STEP_HOLD;
    }
    kept->tag = tag;
    return EB_STEP_FORWARD;
}

const json_t *eb_fit_tags(const eb_fit_memory_t *memory, const eb_package_t *package,
                          apr_pool_t *pool)
{
    json_t *attachments = json_object();
    char uuid[EB_UUID_LEN + 1];

    for (int i = 0; i < memory->parts_count; i++)
        if (!memory->parts[i].tag ||
            (i >= EB_FIT_ATTACHMENT &&
             (eb_fit_attachment_id(uuid, memory, package, i - EB_FIT_ATTACHMENT) ||
              json_object_set_new(attachments, uuid, json_string(memory->parts[i].tag))))) {
            json_decref(attachments);
            return NULL;
        }
    return eb_json_keep(json_pack("{s:s, s:s, s:o}", "metadata", memory->parts[EB_FIT_METADATA].tag,
                                  "data", memory->parts[EB_FIT_DATA].tag, "attachments",
                                  attachments),
                        pool);
}
