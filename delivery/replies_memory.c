/* JSON, as the memories of other transports. What cannot be read is no memory, and so nothing that
 * was kept before. */
#include "replies_parts.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <jansson.h>
#include <string.h>

const char *eb_replies_memory(const char *message, const char *kind, apr_pool_t *pool)
{
    json_t *json = json_pack("{s:s, s:s*}", "message", message, "kind", kind);
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    const char *memory = text ? apr_pstrdup(pool, text) : NULL;

    free(text);
    json_decref(json);
    return memory;
}

/* A member of the memory; "" when it has none. */
static const char *member(const char *memory, const char *name, apr_pool_t *pool)
{
    json_t *json = memory ? json_loads(memory, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *text = json_string_value(json_object_get(json, name));

    text = text ? apr_pstrdup(pool, text) : "";
    json_decref(json);
    return text;
}

const char *eb_replies_message(const char *memory, apr_pool_t *pool)
{
    return member(memory, "message", pool);
}

bool eb_replies_is(const char *memory, const char *message, apr_pool_t *pool)
{
    return strcmp(eb_replies_message(memory, pool), message) == 0;
}

bool eb_replies_kind(eb_reply_kind_t *kind, const char *memory, apr_pool_t *pool)
{
    return eb_reply_kind_parse(kind, member(memory, "kind", pool)) == APR_SUCCESS;
}
