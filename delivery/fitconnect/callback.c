/* Authentic first, read afterwards: a stranger's body costs one HMAC and meets no parser. The time
 * is looked at before that, since it is cheaper still and no secret. A callback may be replayed for
 * as long as its time is good; that wakes us once more, and changes nothing. */
#include "callback.h"
#include "base/seal.h"
#include "json.h"

#include <apr_hash.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

enum { MAC_LEN = 64, TIME_LEN_MAX = 12, ID_LEN = 36 };

static apr_status_t refused(eb_problem_t **problem, apr_status_t rv, const char *why,
                            apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_FIT_CALLBACK, rv, NULL, pool, "A callback %s", why);
}

/* Digits and nothing else; -1 otherwise. */
static apr_int64_t seconds_of(const char *timestamp)
{
    apr_size_t len = 0;

    while (len <= TIME_LEN_MAX && apr_isdigit(timestamp[len]))
        len++;
    return len == 0 || len > TIME_LEN_MAX || timestamp[len] ? -1 : apr_atoi64(timestamp);
}

static const char *untimely(const char *timestamp, apr_time_t now)
{
    apr_int64_t sent = timestamp ? seconds_of(timestamp) : -1;
    apr_int64_t age = apr_time_sec(now) - sent;

    if (sent < 0)
        return "has no time of seconds since 1970 in callback-timestamp";
    if (age > EB_CALLBACK_AGE_MAX)
        return "is older than five minutes; it may be a replay, or a clock is wrong";
    return age < -EB_CALLBACK_AHEAD_MAX ? "comes from the future; a clock is wrong" : NULL;
}

static bool mac_of(unsigned char mac[MAC_LEN], EVP_MAC_CTX *ctx, const eb_callback_t *callback,
                   const void *secret, apr_size_t secret_len)
{
    char digest[] = "SHA512";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    const unsigned char *body = callback->body;
    size_t len;

    return ctx && EVP_MAC_init(ctx, secret, secret_len, params) == 1 &&
           EVP_MAC_update(ctx, (const unsigned char *)callback->timestamp,
                          strlen(callback->timestamp)) == 1 &&
           EVP_MAC_update(ctx, (const unsigned char *)".", 1) == 1 &&
           (!callback->len || EVP_MAC_update(ctx, body, callback->len) == 1) &&
           EVP_MAC_final(ctx, mac, &len, MAC_LEN) == 1 && len == MAC_LEN;
}

/* The text is compared, not its bytes: each MAC has exactly one spelling then. */
static bool authentic(const eb_callback_t *callback, const void *secret, apr_size_t secret_len)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char mac[MAC_LEN];
    char hex[2 * MAC_LEN];

    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    bool good = mac_of(mac, ctx, callback, secret, secret_len);
    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(hmac);
    if (!good)
        ERR_clear_error();
    for (int i = 0; good && i < MAC_LEN; i++) {
        hex[2 * i] = digits[mac[i] >> 4];
        hex[2 * i + 1] = digits[mac[i] & 0xF];
    }
    return good && strlen(callback->authentication) == sizeof hex &&
           eb_equal_secret(callback->authentication, hex, sizeof hex);
}

apr_status_t eb_callback_check(const eb_callback_t *callback, const void *secret,
                               apr_size_t secret_len, apr_time_t now, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    const char *late;

    if (secret_len < EB_CALLBACK_SECRET_MIN || secret_len > EB_CALLBACK_SECRET_MAX)
        return refused(problem, APR_EINVAL, "cannot be checked: the secret has not 32 to 512 bytes",
                       pool);
    if (callback->len > EB_CALLBACK_LEN_MAX)
        return refused(problem, APR_EACCES, "is longer than 256 KiB", pool);
    if (!callback->authentication)
        return refused(problem, APR_EACCES, "has no callback-authentication", pool);
    if ((late = untimely(callback->timestamp, now)))
        return refused(problem, APR_EACCES, late, pool);
    return authentic(callback, secret, secret_len)
               ? APR_SUCCESS
               : refused(problem, APR_EACCES, "is not authenticated by the secret", pool);
}

/* Of a UUID's form, in lower case; NULL otherwise. Which version it is does not matter here. */
static const char *id_of(const json_t *value, apr_pool_t *pool)
{
    const char *text = json_string_value(value);

    if (!text || strlen(text) != ID_LEN)
        return NULL;
    char *id = apr_pstrdup(pool, text);
    for (char *c = id; *c; c++) {
        *c = (char)apr_tolower(*c);
        if (*c != '-' && !apr_isdigit(*c) && (*c < 'a' || *c > 'f'))
            return NULL;
    }
    return id;
}

/* Adds those of one list, either of ids or of objects that hold one; false when it is no list. */
static bool gather(apr_array_header_t *ids, apr_hash_t *seen, const json_t *list,
                   const char *member, apr_pool_t *pool)
{
    size_t i;
    const json_t *entry;

    if (!list)
        return true;
    if (!json_is_array(list) || json_array_size(list) > EB_CALLBACK_IDS_MAX)
        return false;
    json_array_foreach(list, i, entry)
    {
        const char *id = id_of(member ? json_object_get(entry, member) : entry, pool);
        if (!id)
            return false;
        if (!apr_hash_get(seen, id, ID_LEN))
            APR_ARRAY_PUSH(ids, const char *) = id;
        apr_hash_set(seen, id, ID_LEN, id);
    }
    return true;
}

apr_status_t eb_callback_ids(apr_array_header_t **ids, const eb_callback_t *callback,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    apr_hash_t *seen = apr_hash_make(pool);
    json_t *body;

    *ids = apr_array_make(pool, 8, sizeof(const char *));
    if (eb_json_read(&body, callback->body, callback->len, EB_CALLBACK_LEN_MAX, pool) ||
        !eb_json_member(body, "type"))
        return refused(problem, APR_EINVAL, "has a body that is no callback's", pool);
    if (!gather(*ids, seen, json_object_get(body, "submissions"), "submissionId", pool) ||
        !gather(*ids, seen, json_object_get(body, "submissionIds"), NULL, pool) ||
        (*ids)->nelts > EB_CALLBACK_IDS_MAX)
        return refused(problem, APR_EINVAL, "names its submissions in a way that is not known",
                       pool);
    return APR_SUCCESS;
}
