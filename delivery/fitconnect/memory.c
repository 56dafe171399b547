/* Texts by a table of names, so that writing and reading cannot differ. */
#include "memory.h"
#include "fitconnect.h"
#include "json.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_LEN_MAX (512 * 1024)

typedef struct text_t {
    const char *name;
    size_t at;
    bool needed;
} text_t;

#define TEXT(name, member, needed)                                                                 \
    {                                                                                              \
        name, offsetof(eb_fit_memory_t, member), needed                                            \
    }
static const text_t texts[] = {
    TEXT("attempt", attempt, true),
    TEXT("destination", destination, true),
    TEXT("kid", kid, true),
    TEXT("submission", submission, true),
    TEXT("case", case_id, true),
    TEXT("ended", ended, false),
    TEXT("metadata", version, true),
    TEXT("schema", schema, true),
    TEXT("mimeType", mime_type, true),
    TEXT("service", service, true),
    TEXT("serviceName", service_name, true),
    TEXT("author", author, true),
    TEXT("product", product, true),
    TEXT("version", product_version, true),
    TEXT("manufacturer", manufacturer, true),
};
enum { TEXTS = sizeof texts / sizeof *texts };

eb_fit_memory_t *eb_fit_memory_new(int attachments, apr_pool_t *pool)
{
    eb_fit_memory_t *memory = apr_pcalloc(pool, sizeof *memory);

    memory->parts_count = EB_FIT_ATTACHMENT + attachments;
    memory->parts = apr_pcalloc(pool, (apr_size_t)memory->parts_count * sizeof *memory->parts);
    memory->noted = apr_array_make(pool, 8, sizeof(const char *));
    return memory;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *parts_of(const eb_fit_memory_t *memory)
{
    json_t *list = json_array();

    for (int i = 0; i < memory->parts_count; i++)
        json_array_append_new(list, json_pack("[o, o]", text_or_null(memory->parts[i].wrapped),
                                              text_or_null(memory->parts[i].tag)));
    return list;
}

static json_t *noted_of(const eb_fit_memory_t *memory)
{
    json_t *list = json_array();

    for (int i = 0; i < memory->noted->nelts; i++)
        json_array_append_new(list, json_string(APR_ARRAY_IDX(memory->noted, i, const char *)));
    return list;
}

const char *eb_fit_memory_text(const eb_fit_memory_t *memory, apr_pool_t *pool)
{
    json_t *json = json_pack(
        "{s:I, s:I, s:i, s:o, s:o}", "announced", (json_int_t)apr_time_sec(memory->announced),
        "submitted", (json_int_t)apr_time_sec(memory->submitted), "restarts", memory->restarts,
        "parts", parts_of(memory), "noted", noted_of(memory));

    for (int i = 0; json && i < TEXTS; i++) {
        const char *text = *(const char *const *)((const char *)memory + texts[i].at);
        if (text)
            json_object_set_new(json, texts[i].name, json_string(text));
    }
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    const char *kept = text ? apr_pstrdup(pool, text) : NULL;
    free(text);
    json_decref(json);
    return kept;
}

static bool read_texts(eb_fit_memory_t *memory, const json_t *json)
{
    for (int i = 0; i < TEXTS; i++) {
        const char *text = eb_json_member(json, texts[i].name);
        if (!text && texts[i].needed)
            return false;
        *(const char **)((char *)memory + texts[i].at) = text;
    }
    return strlen(memory->attempt) == EB_FIT_ATTEMPT_LEN;
}

static bool read_parts(eb_fit_memory_t *memory, const json_t *list)
{
    for (int i = 0; i < memory->parts_count; i++) {
        const json_t *part = json_array_get(list, (size_t)i);
        if (json_array_size(part) != 2)
            return false;
        memory->parts[i].wrapped = json_string_value(json_array_get(part, 0));
        memory->parts[i].tag = json_string_value(json_array_get(part, 1));
    }
    return true;
}

static bool read_numbers(eb_fit_memory_t *memory, const json_t *json)
{
    json_int_t announced, submitted;

    if (json_unpack((json_t *)json, "{s:I, s:I, s:i}", "announced", &announced, "submitted",
                    &submitted, "restarts", &memory->restarts))
        return false;
    memory->announced = apr_time_from_sec(announced);
    memory->submitted = apr_time_from_sec(submitted);
    return true;
}

apr_status_t eb_fit_memory_read(eb_fit_memory_t **memory, const char *text, int attachments,
                                apr_pool_t *pool)
{
    const apr_size_t len = text ? strlen(text) : 0;
    json_t *json;

    if (!text || eb_json_read(&json, text, len, MEMORY_LEN_MAX, pool))
        return APR_EINVAL;
    const json_t *parts = json_object_get(json, "parts"), *noted = json_object_get(json, "noted");
    const int count = (int)json_array_size(parts) - EB_FIT_ATTACHMENT;
    if (count < 0 || (attachments >= 0 && count != attachments))
        return APR_EINVAL;
    eb_fit_memory_t *read = eb_fit_memory_new(count, pool);
    if (!read_texts(read, json) || !read_parts(read, parts) || !read_numbers(read, json))
        return APR_EINVAL;
    for (size_t i = 0; i < json_array_size(noted); i++)
        if (json_is_string(json_array_get(noted, i)))
            eb_fit_note(read, json_string_value(json_array_get(noted, i)), pool);
    *memory = read;
    return APR_SUCCESS;
}

const char *eb_fit_start_text(int restarts, const char *ended, apr_pool_t *pool)
{
    return ended ? apr_psprintf(pool, "{\"restarts\":%d,\"ended\":\"%s\"}", restarts, ended)
                 : apr_psprintf(pool, "{\"restarts\":%d}", restarts);
}

void eb_fit_start_read(int *restarts, const char **ended, const char *text, apr_pool_t *pool)
{
    json_t *json;

    *restarts = 0;
    *ended = NULL;
    if (!text || eb_json_read(&json, text, strlen(text), MEMORY_LEN_MAX, pool))
        return;
    *restarts = (int)json_integer_value(json_object_get(json, "restarts"));
    *ended = eb_json_member(json, "ended");
}

bool eb_fit_noted(const eb_fit_memory_t *memory, const char *what)
{
    for (int i = 0; i < memory->noted->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(memory->noted, i, const char *), what) == 0)
            return true;
    return false;
}

void eb_fit_note(eb_fit_memory_t *memory, const char *what, apr_pool_t *pool)
{
    APR_ARRAY_PUSH(memory->noted, const char *) = apr_pstrdup(pool, what);
}

const char *eb_fit_memory_detail(const eb_fit_memory_t *memory, apr_pool_t *pool)
{
    return apr_psprintf(pool, "submission=%s case=%s", memory->submission, memory->case_id);
}

apr_status_t eb_fitconnect_view(eb_fitconnect_view_t *view, const char *remote, apr_pool_t *pool)
{
    eb_fit_memory_t *memory;

    *view = (eb_fitconnect_view_t){0};
    apr_status_t rv = eb_fit_memory_read(&memory, remote, -1, pool);
    if (!rv)
        *view = (eb_fitconnect_view_t){memory->submission, memory->case_id, memory->destination,
                                       memory->ended && strcmp(memory->ended, "rejected") == 0};
    return rv;
}
