/* The job's memory is JSON, as the outbox keeps it. */
#include "parts.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <jansson.h>
#include <stdlib.h>

apr_status_t eb_xta_memory_read(eb_xta_memory_t *memory, const char *text, apr_pool_t *pool)
{
    json_t *json = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *message = NULL, *light = NULL;
    json_int_t yellow = 0, rest = 0;

    *memory = (eb_xta_memory_t){0};
    const bool good =
        json && json_unpack(json, "{s:s, s?s, s?i, s?I, s?I}", "message", &message, "light", &light,
                            "looks", &memory->looks, "yellow", &yellow, "rest", &rest) == 0;
    if (good) {
        memory->message = apr_pstrdup(pool, message);
        memory->light = light ? apr_pstrdup(pool, light) : NULL;
        memory->yellow = yellow;
        memory->rest = rest;
    }
    json_decref(json);
    return good ? APR_SUCCESS : APR_EINVAL;
}

const char *eb_xta_memory_write(const eb_xta_memory_t *memory, apr_pool_t *pool)
{
    json_t *json = json_pack("{s:s, s:i}", "message", memory->message, "looks", memory->looks);

    if (json && memory->light)
        json_object_set_new(json, "light", json_string(memory->light));
    if (json && memory->yellow)
        json_object_set_new(json, "yellow", json_integer(memory->yellow));
    if (json && memory->rest)
        json_object_set_new(json, "rest", json_integer(memory->rest));
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    const char *kept = text ? apr_pstrdup(pool, text) : NULL;
    free(text);
    json_decref(json);
    return kept;
}

apr_status_t eb_xta_view(eb_xta_view_t *view, const char *remote, apr_pool_t *pool)
{
    eb_xta_memory_t memory;
    apr_status_t rv = eb_xta_memory_read(&memory, remote, pool);

    *view = (eb_xta_view_t){memory.message, memory.light};
    return rv;
}
