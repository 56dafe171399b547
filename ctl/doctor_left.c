/* Former outboxes: applications in a spool, or in Redis, from which nothing is delivered any more.
 * httpd itself looks into spools at its start; Redis it does not ask before it serves. */
#include "doctor.h"

#include <apr_strings.h>
#include <string.h>

static void look_at_spool(eb_doctor_t *d, const json_t *left)
{
    const char *folder = eb_config_text(left, "folder"), *id = eb_config_text(left, "authority");
    int count = folder && id ? eb_spool_left(folder, id, d->pool) : 0;

    if (count)
        eb_doctor_wrong(d, apr_pstrcat(d->pool, "spool ", folder, NULL), EB_P_OUTBOX_LEFT,
                        "%d applications for authority %s", count, id);
}

/* What was accepted and not delivered, as the outbox counts it. -1: this Redis does not tell. */
static apr_int64_t undelivered(eb_redis_t *redis, const char *id, apr_pool_t *pool)
{
    const char *line = apr_psprintf(pool, "HMGET eb:{o:%s}:count accepted delivered", id);
    const redisReply *r = eb_doctor_send(redis, line, pool);
    apr_int64_t counts[2] = {0, 0};

    if (!r || r->type != REDIS_REPLY_ARRAY || r->elements != 2)
        return -1;
    for (int i = 0; i < 2; i++)
        if (r->element[i]->type == REDIS_REPLY_STRING)
            counts[i] = apr_atoi64(r->element[i]->str);
    return counts[0] - counts[1];
}

static bool is_in_redis(const apr_array_header_t *list, const char *id)
{
    for (int i = 0; i < list->nelts; i++) {
        const eb_ctl_authority_t *a = &APR_ARRAY_IDX(list, i, eb_ctl_authority_t);
        if (!a->spool && strcmp(a->id, id) == 0)
            return true;
    }
    return false;
}

/* Authorities whose outbox is a spool now, in each Redis that the service knows. */
static void look_at_redis(eb_doctor_t *d, const json_t *vhost)
{
    const json_t *told = json_object_get(vhost, "redis");
    const char *text = eb_config_text(told, "address");
    const char *subject = apr_pstrcat(d->pool, "Redis ", text ? text : "", NULL);
    eb_redis_address_t *address = apr_pcalloc(d->pool, sizeof *address);
    const apr_array_header_t *list = d->config->authorities;
    eb_redis_t *redis;

    if (!told || eb_config_redis(address, told, NULL, d->pool))
        return; /* doctor_redis.c has said so */
    eb_redis_create(&redis, address, 1, d->pool);
    for (int i = 0; i < list->nelts; i++) {
        const eb_ctl_authority_t *a = &APR_ARRAY_IDX(list, i, eb_ctl_authority_t);
        apr_int64_t count = a->spool ? undelivered(redis, a->id, d->pool) : 0;

        if (count < 0) /* away, or refusing: for all of them */
            return;
        if (count > 0 && !is_in_redis(list, a->id))
            eb_doctor_wrong(d, subject, EB_P_OUTBOX_LEFT, "%d applications for authority %s",
                            (int)count, a->id);
    }
}

void eb_doctor_left(eb_doctor_t *d)
{
    apr_size_t i;
    json_t *left;

    json_array_foreach(json_object_get(d->config->json, "left"), i, left) look_at_spool(d, left);
    eb_doctor_each(d, "redis", look_at_redis);
}
