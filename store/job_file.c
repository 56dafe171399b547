/* Times are microseconds since 1970, so that nothing is rounded on the way. Unknown members are
 * refused by way of the format number: a later version that adds one raises it, and an older one
 * then leaves the file alone instead of dropping what it does not know. */
#include "job_file.h"
#include "base/utf8.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>

#define FORMAT 1

/* A problem may quote a path or a peer, which may be anything; JSON is UTF-8. Losing its umlauts is
 * better than losing the state of a job over them. */
static const char *readable(const char *text, apr_pool_t *pool)
{
    if (!text || eb_utf8_valid(text, strlen(text)))
        return text;
    char *copy = apr_pstrdup(pool, text);
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    return copy;
}

/* "*" in a format leaves a member out when its value is NULL; and, what must not be, when there is
 * no memory for it. */
static json_t *whole(json_t *json, size_t members)
{
    if (json_object_size(json) == members)
        return json;
    json_decref(json);
    return NULL;
}

static json_t *pack_problem(const eb_job_t *job, apr_pool_t *pool)
{
    const char *what = readable(job->problem, pool), *remedy = readable(job->remedy, pool);
    json_t *json =
        json_pack("{s:s, s:s*, s:s*}", "id", job->problem_id, "what", what, "remedy", remedy);

    return whole(json, 1u + (what != NULL) + (remedy != NULL));
}

static json_t *pack(const eb_job_t *job, apr_pool_t *pool)
{
    json_t *problem = job->problem_id ? pack_problem(job, pool) : NULL;
    json_t *json = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:s*, s:o*}", "format",
        FORMAT, "uuid", job->uuid, "number", job->number, "authority", job->authority, "transport",
        job->transport, "state", eb_job_state_name(job->state), "before",
        eb_job_state_name(job->before), "attached", job->attached, "tries", job->tries, "accepted",
        (json_int_t)job->accepted, "due", (json_int_t)job->due, "changed", (json_int_t)job->changed,
        "remote", job->remote, "problem", problem);

    return whole(json, 12u + (job->remote != NULL) + (job->problem_id != NULL));
}

static apr_status_t cleanup_json(void *json)
{
    json_decref(json);
    return APR_SUCCESS;
}

static void keep_json(json_t *json, apr_pool_t *pool)
{
    apr_pool_cleanup_register(pool, json, cleanup_json, apr_pool_cleanup_null);
}

/* Into memory of our own: json_dumps() goes on when it gets no more for what it writes. */
static char *dump(const json_t *json, apr_pool_t *pool)
{
    const size_t flags = JSON_INDENT(1) | JSON_ENSURE_ASCII, len = json_dumpb(json, NULL, 0, flags);
    char *text = apr_palloc(pool, len + 2);

    if (!len || json_dumpb(json, text, len, flags) != len)
        return NULL;
    memcpy(text + len, "\n", 2);
    return text;
}

char *eb_job_encode(const eb_job_t *job, apr_pool_t *pool)
{
    json_t *json = pack(job, pool);
    char *text = json ? dump(json, pool) : NULL;

    json_decref(json);
    return text;
}

static const char *text_of(const json_t *json, const char *name, apr_size_t max)
{
    const json_t *member = json_object_get(json, name);
    if (!json_is_string(member) || json_string_length(member) > max ||
        strlen(json_string_value(member)) != json_string_length(member))
        return NULL;
    return json_string_value(member);
}

static bool take_state(eb_job_state_t *state, const json_t *json, const char *name)
{
    const char *text = text_of(json, name, 16);
    return text && eb_job_state_parse(state, text) == APR_SUCCESS;
}

static bool take_count(int *count, const json_t *json, const char *name)
{
    const json_t *member = json_object_get(json, name);
    json_int_t value = json_integer_value(member);
    *count = (int)value;
    return json_is_integer(member) && value >= 0 && value <= INT_MAX;
}

static bool take_time(apr_time_t *time, const json_t *json, const char *name)
{
    const json_t *member = json_object_get(json, name);
    *time = json_integer_value(member);
    return json_is_integer(member) && *time >= 0;
}

static bool take_names(eb_job_t *job, const json_t *json)
{
    const char *uuid = text_of(json, "uuid", EB_UUID_LEN);
    const char *number = text_of(json, "number", EB_NUMBER_LEN);

    job->authority = text_of(json, "authority", 64);
    job->transport = text_of(json, "transport", 64);
    if (!uuid || !eb_uuid_valid(uuid) || !number || !job->authority || !job->transport)
        return false;
    if (*number && !eb_number_valid(number))
        return false;
    apr_cpystrn(job->uuid, uuid, sizeof job->uuid);
    apr_cpystrn(job->number, number, sizeof job->number);
    return true;
}

/* Members that may be absent, but not be something else. */
static bool take_optional(const char **text, const json_t *json, const char *name)
{
    *text = json_object_get(json, name) ? text_of(json, name, 65536) : "";
    bool good = *text != NULL;
    if (good && !**text)
        *text = NULL;
    return good;
}

static bool take_problem(eb_job_t *job, const json_t *json)
{
    const json_t *problem = json_object_get(json, "problem");
    if (!problem)
        return true;
    return (job->problem_id = text_of(problem, "id", 16)) != NULL &&
           take_optional(&job->problem, problem, "what") &&
           take_optional(&job->remedy, problem, "remedy");
}

apr_status_t eb_job_decode(eb_job_t **job, const char *text, apr_size_t len, apr_pool_t *pool)
{
    eb_job_t *read = apr_pcalloc(pool, sizeof *read);
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    int format;

    if (!json)
        return APR_EINVAL;
    keep_json(json, pool); /* the texts stay in it */
    if (!take_count(&format, json, "format") || format < 1)
        return APR_EINVAL;
    if (format > FORMAT)
        return APR_ENOTIMPL;
    if (!take_names(read, json) || !take_state(&read->state, json, "state") ||
        !take_state(&read->before, json, "before") ||
        !take_count(&read->attached, json, "attached") ||
        !take_count(&read->tries, json, "tries") || !take_time(&read->accepted, json, "accepted") ||
        !take_time(&read->due, json, "due") || !take_time(&read->changed, json, "changed") ||
        !take_optional(&read->remote, json, "remote") || !take_problem(read, json))
        return APR_EINVAL;
    *job = read;
    return APR_SUCCESS;
}
