/* Redis as the service meets it: with its address, its user, its commands. */
#include "doctor.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No draft's: its 43 characters are base64url, and there is no '.' in them. */
#define KEY "eb:{einbuergerungctl.doctor}:draft"

enum { SKEW_MAX = 5 };

typedef struct look_t {
    eb_doctor_t *d;
    const char *subject;
    eb_redis_t *redis;
} look_t;

static void split(eb_redis_command_t *command, const char *line, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, line), *state, *word;

    for (word = apr_strtok(copy, " ", &state); word; word = apr_strtok(NULL, " ", &state))
        eb_redis_command_word(command, word);
}

const redisReply *eb_doctor_send(eb_redis_t *redis, const char *line, apr_pool_t *pool)
{
    eb_redis_command_t command = {0};
    redisReply *reply = NULL;

    split(&command, line, pool);
    eb_redis_send(&reply, redis, &command, 1, true, NULL, pool);
    return reply;
}

bool eb_doctor_refused(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOPERM", 6) == 0;
}

static const redisReply *send_line(const look_t *l, const char *line)
{
    return eb_doctor_send(l->redis, line, l->d->pool);
}

/* Together, as the service sends them: a MULTI must not stay open. */
static bool may_transact(const look_t *l)
{
    eb_redis_command_t commands[2] = {0};
    redisReply *replies[2] = {NULL, NULL};

    split(&commands[0], "MULTI", l->d->pool);
    split(&commands[1], "EXEC", l->d->pool);
    eb_redis_send(replies, l->redis, commands, 2, true, NULL, l->d->pool);
    return !eb_doctor_refused(replies[0]) && !eb_doctor_refused(replies[1]);
}

/* What the service sends, to keys that are not there; the one that is made is removed. */
static void look_at_rights(const look_t *l)
{
    static const char *const lines[] = {
        "XREVRANGE " KEY " + - COUNT 1",
        "XADD " KEY " NOMKSTREAM MAXLEN = 1 1-0 d x",
        "HSET " KEY ":f 0 x",
        "EXPIRE " KEY ":f 60",
        "EXPIREAT " KEY ":f 4102444800",
        "HLEN " KEY ":f",
        "HMGET " KEY ":f 0",
        "UNLINK " KEY ":f",
    };
    const char *missing = may_transact(l) ? "" : " MULTI or EXEC";
    apr_pool_t *pool = l->d->pool;

    for (apr_size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (eb_doctor_refused(send_line(l, lines[i])))
            missing = apr_psprintf(pool, "%s %.*s", missing, (int)strcspn(lines[i], " "), lines[i]);
    if (*missing)
        eb_doctor_wrong(l->d, l->subject, EB_P_REDIS_RIGHTS, "The user may not:%s", missing);
    else
        eb_doctor_good(l->d, l->subject, "the user may do what the service does");
}

static void look_at_version(const look_t *l, const eb_redis_state_t *state)
{
    const char *dot = state->version ? strchr(state->version, '.') : NULL;

    if (!dot)
        eb_doctor_unknown(l->d, l->subject, "it does not tell its version");
    else if (atoi(state->version) * 100 + atoi(dot + 1) < 602)
        eb_doctor_wrong(l->d, l->subject, EB_P_REDIS_OLD, "It is version %s", state->version);
    else
        eb_doctor_good(l->d, l->subject, "version %s answers", state->version);
}

static void look_at_fsync(const look_t *l)
{
    const redisReply *reply = send_line(l, "CONFIG GET appendfsync");

    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
        eb_doctor_unknown(l->d, l->subject, "appendfsync may not be asked; it should be always");
    else if (strcmp(reply->element[1]->str, "always") != 0)
        eb_doctor_wrong(l->d, l->subject, EB_P_REDIS_FSYNC, "appendfsync is %s",
                        reply->element[1]->str);
    else
        eb_doctor_good(l->d, l->subject, "every answer is on disk before the next page");
}

static void look_at_safety(const look_t *l, const eb_redis_state_t *state)
{
    if (!state->eviction) {
        eb_doctor_unknown(l->d, l->subject, "INFO may not be asked");
        return;
    }
    if (state->role && strcmp(state->role, "master") != 0)
        eb_doctor_wrong(l->d, l->subject, EB_P_REDIS_ROLE, "Its role is %s", state->role);
    if (strcmp(state->eviction, "noeviction") != 0)
        eb_doctor_wrong(l->d, l->subject, EB_P_REDIS_EVICTS, "maxmemory-policy is %s",
                        state->eviction);
    if (!state->aof)
        eb_doctor_wrong(l->d, l->subject, EB_P_REDIS_AOF_OFF, "appendonly is no");
    else if (!state->aof_written)
        eb_doctor_wrong(l->d, l->subject, EB_P_REDIS_AOF_FAILS, "aof_last_write_status is not ok");
    else
        look_at_fsync(l);
}

static void look_at_clock(const look_t *l)
{
    const redisReply *reply = send_line(l, "TIME");

    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
        eb_doctor_unknown(l->d, l->subject, "its clock may not be asked");
        return;
    }
    long skew = (long)(atoll(reply->element[0]->str) - apr_time_sec(apr_time_now()));
    if (labs(skew) > SKEW_MAX)
        eb_doctor_wrong(l->d, l->subject, EB_P_CLOCK_SKEW, "Redis' clock is %ld seconds %s",
                        labs(skew), skew > 0 ? "ahead" : "behind");
    else
        eb_doctor_good(l->d, l->subject, "clocks agree");
}

/* root connects anywhere; httpd's children do not. */
static bool socket_open(const look_t *l, const eb_redis_address_t *address)
{
    if (!address->path || eb_doctor_may(l->d, address->path, W_OK) <= 0)
        return true;
    if (access(address->path, F_OK))
        return true; /* connecting says it better */
    eb_doctor_wrong(l->d, l->subject, EB_P_REDIS_CONNECT, "httpd's user %s may not write to %s",
                    l->d->config->user ? l->d->config->user : "", address->path);
    return false;
}

static void look_at_redis(eb_doctor_t *d, const json_t *vhost)
{
    const json_t *redis = json_object_get(vhost, "redis");
    eb_redis_address_t *address = apr_pcalloc(d->pool, sizeof *address);
    const char *text = eb_config_text(redis, "address");
    look_t l = {d, apr_pstrcat(d->pool, "Redis ", text ? text : "", NULL), NULL};
    eb_problem_t *problem = NULL;
    eb_redis_state_t state;

    if (eb_config_redis(address, redis, &problem, d->pool)) {
        eb_doctor_found(d, EB_FOUND_WRONG, l.subject, problem);
        return;
    }
    eb_redis_create(&l.redis, address, 2, d->pool);
    eb_redis_state(&state, l.redis, d->pool);
    if (state.fault && state.fault->number != EB_P_REDIS_REFUSED) {
        eb_doctor_found(d, EB_FOUND_WRONG, l.subject, state.fault);
        return;
    }
    socket_open(&l, address);
    look_at_version(&l, &state);
    look_at_safety(&l, &state);
    look_at_rights(&l);
    look_at_clock(&l);
    eb_doctor_editions(d, l.redis, vhost);
}

void eb_doctor_redis(eb_doctor_t *d)
{
    eb_doctor_each(d, "redis", look_at_redis);
}
