/* Redis as an outbox: whether it keeps what it is told, asked as the service asks before it accepts
 * anything, and whether its user may do what the outbox's scripts do. */
#include "doctor.h"

#include <apr_strings.h>
#include <string.h>

#define KEY "eb:{einbuergerungctl.doctor}:outbox"

/* What the outbox sends, and its scripts call; each key that is made is removed. */
static const char *const lines[] = {
    "EVAL return 0",
    "EVALSHA da39a3ee5e6b4b0d3255bfef95601890afd80709 0",
    "TIME",
    "WAIT 0 0",
    "INCR " KEY,
    "PEXPIRE " KEY " 60000",
    "PTTL " KEY,
    "PERSIST " KEY,
    "EXISTS " KEY,
    "RENAME " KEY " " KEY ":n",
    "DEL " KEY ":n",
    "SET " KEY " x PX 60000",
    "GET " KEY,
    "UNLINK " KEY,
    "HINCRBY " KEY ":h x 1",
    "HGET " KEY ":h x",
    "HSTRLEN " KEY ":h x",
    "UNLINK " KEY ":h",
    "ZADD " KEY ":z 0 x",
    "ZSCORE " KEY ":z x",
    "ZCARD " KEY ":z",
    "ZRANGE " KEY ":z 0 -1",
    "ZREVRANGE " KEY ":z 0 0",
    "ZRANGEBYSCORE " KEY ":z -inf +inf",
    "ZREM " KEY ":z x",
    "SADD " KEY ":s x",
    "SCARD " KEY ":s",
    "SREM " KEY ":s x",
    "XRANGE " KEY ":j - + COUNT 1",
};

static const char *forbidden(eb_redis_t *redis, apr_pool_t *pool)
{
    const char *names = "";

    for (apr_size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (eb_doctor_refused(eb_doctor_send(redis, lines[i], pool)))
            names = apr_psprintf(pool, "%s %.*s", names, (int)strcspn(lines[i], " "), lines[i]);
    }
    return names;
}

static void look_at_outbox(eb_doctor_t *d, const json_t *vhost)
{
    const json_t *told = json_object_get(json_object_get(vhost, "outbox"), "redis");
    eb_redis_address_t *address = apr_pcalloc(d->pool, sizeof *address);
    const char *text = eb_config_text(told, "address");
    const char *subject = apr_pstrcat(d->pool, "outbox in Redis ", text ? text : "", NULL);
    eb_problem_t *problem = NULL;
    eb_redis_t *redis;

    if (!told) /* in folders: doctor_folders.c */
        return;
    if (eb_config_redis(address, told, &problem, d->pool)) {
        eb_doctor_found(d, EB_FOUND_WRONG, subject, problem);
        return;
    }
    eb_redis_create(&redis, address, 1, d->pool);
    if (eb_redis_honest(redis, address->replicas, &problem, d->pool)) {
        eb_doctor_found(d, EB_FOUND_WRONG, subject, problem);
        return;
    }
    const char *names = forbidden(redis, d->pool);
    if (*names)
        eb_doctor_wrong(d, subject, EB_P_REDIS_RIGHTS, "The user may not:%s", names);
    else
        eb_doctor_good(d, subject, "keeps what it is told");
}

void eb_doctor_outboxes(eb_doctor_t *d)
{
    eb_doctor_each(d, "outbox", look_at_outbox);
}
