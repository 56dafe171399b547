/* jansson reads 2048 levels deep, by recursion. Nothing here needs more than a handful, so the
 * levels are counted first, in one pass over the bytes. */
#include "json.h"
#include "base/seal.h"

#include <apr_errno.h>
#include <string.h>

/* The deepest level that brackets open. In a text that is no JSON it may be anything. */
static int depth_of(const char *text, apr_size_t len)
{
    int depth = 0, deepest = 0;
    bool quoted = false;

    for (apr_size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted)
            i += c == '\\';
        else if (c == '{' || c == '[')
            deepest = ++depth > deepest ? depth : deepest;
        else if (c == '}' || c == ']')
            depth--;
    }
    return deepest;
}

static apr_status_t release(void *json)
{
    json_decref(json);
    return APR_SUCCESS;
}

json_t *eb_json_keep(json_t *json, apr_pool_t *pool)
{
    if (json)
        apr_pool_cleanup_register(pool, json, release, apr_pool_cleanup_null);
    return json;
}

apr_status_t eb_json_read(json_t **json, const void *text, apr_size_t len, apr_size_t max,
                          apr_pool_t *pool)
{
    if (len > max || depth_of(text, len) > EB_JSON_DEPTH_MAX)
        return APR_EINVAL;
    *json = eb_json_keep(json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL), pool);
    return *json ? APR_SUCCESS : APR_EINVAL;
}

const char *eb_json_member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

unsigned char *eb_json_bytes(apr_size_t *len, const char *text, apr_size_t text_len,
                             apr_pool_t *pool)
{
    apr_size_t n = text_len / 4 * 3 + text_len % 4 * 3 / 4;
    unsigned char *bytes = apr_palloc(pool, n + 1);

    if (eb_base64url_decode(bytes, n, text, text_len))
        return NULL;
    *len = n;
    return bytes;
}
