/* The whole status as JSON, for scripts and for reconciliation: per authority, what was accepted is
 * what was delivered, is pending and is held. Times are ISO 8601, ages are seconds, and what is not
 * known is null. */
#include "json.h"
#include "output.h"

#include "base/date.h"

static json_t *time_json(apr_time_t time, apr_pool_t *p)
{
    return time == 0 ? json_null() : json_string(eb_local_iso(time, p));
}

static json_t *problem_json(const char *id, const char *what, const char *remedy, apr_time_t at,
                            apr_pool_t *p)
{
    if (id == NULL)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o}", "id", eb_json_text(id, p), "what",
                     eb_json_text(what, p), "remedy", eb_json_text(remedy, p), "at",
                     time_json(at, p));
}

static json_t *fault_json(const eb_problem_t *fault, apr_pool_t *p)
{
    return fault == NULL ? json_null() : problem_json(fault->id, fault->what, fault->remedy, 0, p);
}

static void add_counts(json_t *object, const eb_outbox_summary_t *s, apr_time_t age, apr_pool_t *p)
{
    json_object_set_new(object, "accepted", json_integer((json_int_t)s->accepted));
    json_object_set_new(object, "delivered", json_integer((json_int_t)s->delivered));
    json_object_set_new(object, "pending", json_integer(s->pending));
    json_object_set_new(object, "held", json_integer(s->held));
    json_object_set_new(object, "missing", json_integer((json_int_t)s->missing));
    json_object_set_new(object, "oldest", time_json(s->oldest, p));
    json_object_set_new(object, "oldest_seconds", json_integer(apr_time_sec(age)));
    json_object_set_new(object, "last_success", time_json(s->last_success, p));
}

static json_t *output_json(const eb_status_output_t *output, apr_pool_t *p)
{
    const eb_authority_t *a = output->authority;
    const eb_outbox_summary_t *s = &output->s;
    json_t *json = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "vhost", eb_json_text(output->vhost, p), "authority",
        eb_json_text(a->id, p), "name", eb_json_text(a->name, p), "output",
        eb_json_text(a->kind->name, p), a->kind->place, eb_json_text(a->output, p), "spool",
        eb_json_text(output->depot->folder, p), "unread", fault_json(output->unread, p));

    add_counts(json, s, output->age, p);
    json_object_set_new(json, "problem",
                        problem_json(s->problem_id, s->problem, s->remedy, s->problem_at, p));
    return json;
}

static json_t *spool_json(const eb_status_spool_t *spool, apr_pool_t *p)
{
    return json_pack("{s:o, s:b, s:I, s:I, s:I, s:I}", "folder", eb_json_text(spool->folder, p),
                     "open", spool->open, "free_bytes", (json_int_t)spool->free, "size_bytes",
                     (json_int_t)spool->size, "free_inodes", (json_int_t)spool->inodes_free,
                     "inodes", (json_int_t)spool->inodes);
}

static json_t *redis_json(const eb_status_redis_t *redis, apr_pool_t *p)
{
    const eb_redis_state_t *s = &redis->s;
    json_t *json =
        json_pack("{s:o, s:b, s:b, s:o}", "address", eb_json_text(s->address, p), "outbox",
                  redis->outbox, "reachable", s->connected, "fault", fault_json(s->fault, p));

    if (!s->connected)
        return json;
    json_object_set_new(json, "version", eb_json_text(s->version, p));
    json_object_set_new(json, "role", eb_json_text(s->role, p));
    json_object_set_new(json, "memory_used", json_integer((json_int_t)s->used));
    json_object_set_new(json, "memory_limit", json_integer((json_int_t)s->limit));
    json_object_set_new(json, "eviction", eb_json_text(s->eviction, p));
    json_object_set_new(json, "aof", json_boolean(s->aof));
    json_object_set_new(json, "aof_written", json_boolean(s->aof_written));
    json_object_set_new(json, "replicas", json_integer(s->replicas));
    json_object_set_new(json, "doubt", fault_json(redis->doubt, p));
    return json;
}

static json_t *scanner_json(const eb_status_scanner_t *scanner, apr_pool_t *p)
{
    return json_pack("{s:o, s:b, s:b, s:o}", "socket", eb_json_text(scanner->socket, p), "required",
                     scanner->required, "reachable", scanner->fault == NULL, "fault",
                     fault_json(scanner->fault, p));
}

static json_t *keys_json(const eb_status_keys_t *keys, apr_pool_t *p)
{
    return json_pack("{s:o, s:i, s:o, s:o, s:o}", "file", eb_json_text(keys->file, p), "count",
                     keys->count, "sealing", eb_json_text(keys->sealing, p), "others",
                     eb_json_text(keys->others, p), "sealing_days",
                     keys->days < 0 ? json_null() : json_integer(keys->days));
}

static json_t *certificate_json(const eb_status_certificate_t *c, apr_pool_t *p)
{
    const eb_certificate_use_t *use = c->use;

    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:i, s:b, s:o}", "file",
                     eb_json_text(use->file, p), "role", eb_certificate_role(use->role), "user",
                     eb_json_text(eb_certificate_user(use, p), p), "name",
                     eb_json_text(use->expiry.name, p), "from", time_json(use->expiry.from, p),
                     "until", time_json(use->expiry.until, p), "days", c->days, "valid", c->valid,
                     "fault", fault_json(c->fault, p));
}

static json_t *language_json(const eb_status_language_t *l, apr_pool_t *p)
{
    return json_pack("{s:o, s:s, s:o, s:i, s:i}", "folder", eb_json_text(l->share, p), "language",
                     l->code, "name", eb_json_text(l->name, p), "texts", l->texts, "untranslated",
                     l->missing);
}

#define LIST(json, name, array, type, make)                                                        \
    do {                                                                                           \
        json_t *list = json_array();                                                               \
        for (int i = 0; i < (array)->nelts; i++)                                                   \
            json_array_append_new(list, make(&APR_ARRAY_IDX(array, i, type), status->pool));       \
        json_object_set_new(json, name, list);                                                     \
    } while (0)

apr_status_t eb_status_json(eb_buf_t *out, const eb_status_t *status)
{
    json_t *total = json_object();
    json_t *json = json_pack("{s:s, s:o, s:b, s:o}", "version", EB_VERSION, "time",
                             time_json(status->now, status->pool), "ok",
                             status->reasons->nelts == 0, "reasons", eb_json_reasons(status));

    add_counts(total, &status->total, status->age, status->pool);
    json_object_set_new(json, "total", total);
    LIST(json, "outputs", status->outputs, eb_status_output_t, output_json);
    LIST(json, "spools", status->spools, eb_status_spool_t, spool_json);
    LIST(json, "redis", status->redis, eb_status_redis_t, redis_json);
    LIST(json, "scanners", status->scanners, eb_status_scanner_t, scanner_json);
    LIST(json, "keys", status->keys, eb_status_keys_t, keys_json);
    LIST(json, "certificates", status->certificates, eb_status_certificate_t, certificate_json);
    LIST(json, "languages", status->languages, eb_status_language_t, language_json);
    return eb_json_write(out, json);
}
