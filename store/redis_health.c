/* What Redis says about itself. An OK means no more than Redis is set up to mean by it: with an
 * append-only file that is synced once a second, or with eviction, or on a replica, it can be
 * forgotten again. Whoever must not lose anything asks here before believing. */
#include "redis_pool.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <string.h>

/* Sections one by one: INFO of several at once came with Redis 7. */
enum { INFO_SERVER, INFO_MEMORY, INFO_PERSISTENCE, INFO_REPLICATION, INFO_COUNT };
static const char *const sections[INFO_COUNT] = {"server", "memory", "persistence", "replication"};

/* The value in the line "name:value"; NULL when there is none. */
static const char *value_of(const redisReply *info, const char *name, apr_pool_t *pool)
{
    const apr_size_t len = strlen(name);

    if (info->type != REDIS_REPLY_STRING)
        return NULL;
    for (const char *line = info->str; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) == 0 && line[len] == ':')
            return apr_pstrmemdup(pool, line + len + 1, strcspn(line + len + 1, "\r\n"));
    }
    return NULL;
}

static bool says(const redisReply *info, const char *name, const char *value, apr_pool_t *pool)
{
    const char *found = value_of(info, name, pool);
    return found && strcmp(found, value) == 0;
}

static apr_uint64_t number_of(const redisReply *info, const char *name, apr_pool_t *pool)
{
    const char *found = value_of(info, name, pool);
    return found ? (apr_uint64_t)apr_atoi64(found) : 0;
}

/* Lines such as "slave0:ip=…,port=…,state=online,offset=…,lag=0". */
static int replicas_in_step(const redisReply *info, apr_pool_t *pool)
{
    int count = 0;

    for (int i = 0;; i++) {
        const char *line = value_of(info, apr_psprintf(pool, "slave%d", i), pool);
        if (!line)
            return count;
        count += strstr(line, "state=online") != NULL;
    }
}

static apr_status_t ask_all(redisReply **replies, eb_redis_t *redis, bool fsync,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t commands[INFO_COUNT + 1] = {0};

    for (int i = 0; i < INFO_COUNT; i++) {
        eb_redis_command_word(&commands[i], "INFO");
        eb_redis_command_word(&commands[i], sections[i]);
    }
    eb_redis_command_word(&commands[INFO_COUNT], "CONFIG");
    eb_redis_command_word(&commands[INFO_COUNT], "GET");
    eb_redis_command_word(&commands[INFO_COUNT], "appendfsync");
    return eb_redis_ask(replies, redis, commands, INFO_COUNT + fsync, problem, pool);
}

void eb_redis_state(eb_redis_state_t *state, eb_redis_t *redis, apr_pool_t *pool)
{
    redisReply *info[INFO_COUNT];
    eb_problem_t *problem = NULL;
    const apr_uint32_t last = apr_atomic_read32(&redis->last);

    *state = (eb_redis_state_t){.address = redis->name};
    state->last_problem = last ? eb_problem_id((eb_problem_id_t)(last - 1)) : NULL;
    state->connected = ask_all(info, redis, false, &problem, pool) == APR_SUCCESS;
    state->fault = problem;
    if (!state->connected)
        return;
    state->version = value_of(info[INFO_SERVER], "redis_version", pool);
    state->used = number_of(info[INFO_MEMORY], "used_memory", pool);
    state->limit = number_of(info[INFO_MEMORY], "maxmemory", pool);
    state->eviction = value_of(info[INFO_MEMORY], "maxmemory_policy", pool);
    state->aof = says(info[INFO_PERSISTENCE], "aof_enabled", "1", pool);
    state->aof_written = says(info[INFO_PERSISTENCE], "aof_last_write_status", "ok", pool);
    state->role = value_of(info[INFO_REPLICATION], "role", pool);
    state->replicas = replicas_in_step(info[INFO_REPLICATION], pool);
}

/* CONFIG GET: ["appendfsync", "always"] */
static const char *fsync_policy(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
                   reply->element[1]->type == REDIS_REPLY_STRING
               ? reply->element[1]->str
               : NULL;
}

/* The number of the first fault; EB_P_COUNT when all is well. `detail` is what Redis said. */
static eb_problem_id_t first_fault(const char **detail, redisReply *const *replies, int replicas,
                                   apr_pool_t *pool)
{
    const char *policy = fsync_policy(replies[INFO_COUNT]);
    const int in_step = replicas_in_step(replies[INFO_REPLICATION], pool);

    for (int i = INFO_MEMORY; i <= INFO_COUNT; i++)
        if (replies[i]->type == REDIS_REPLY_ERROR) {
            *detail = replies[i]->str;
            return EB_P_REDIS_SECRETIVE;
        }
    *detail = "it says that it is a replica";
    if (!says(replies[INFO_REPLICATION], "role", "master", pool))
        return EB_P_REDIS_ROLE;
    *detail = "appendonly is no";
    if (!says(replies[INFO_PERSISTENCE], "aof_enabled", "1", pool))
        return EB_P_REDIS_AOF_OFF;
    *detail = apr_psprintf(pool, "appendfsync is %.40s", policy ? policy : "not told");
    if (!policy || strcmp(policy, "always") != 0)
        return EB_P_REDIS_FSYNC;
    *detail = "aof_last_write_status is not ok";
    if (!says(replies[INFO_PERSISTENCE], "aof_last_write_status", "ok", pool))
        return EB_P_REDIS_AOF_FAILS;
    *detail = "maxmemory-policy is not noeviction";
    if (!says(replies[INFO_MEMORY], "maxmemory_policy", "noeviction", pool))
        return EB_P_REDIS_EVICTS;
    *detail = apr_psprintf(pool, "%d of %d replicas are connected", in_step, replicas);
    return in_step < replicas ? EB_P_REDIS_REPLICAS : EB_P_COUNT;
}

apr_status_t eb_redis_honest(eb_redis_t *redis, int replicas, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    redisReply *replies[INFO_COUNT + 1];
    const char *detail;

    apr_status_t rv = ask_all(replies, redis, true, problem, pool);
    if (rv)
        return rv;
    eb_problem_id_t fault = first_fault(&detail, replies, replicas, pool);
    if (fault == EB_P_COUNT)
        return APR_SUCCESS;
    return eb_problem_set(problem, fault, APR_EGENERAL, NULL, pool, "Redis at %s: %.120s",
                          redis->name, detail);
}
