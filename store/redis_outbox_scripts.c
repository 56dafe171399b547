/* Everything that changes a job in Redis, whole, to be read in one go. A script runs undisturbed,
 * and reaches the append-only file and the replicas as one transaction: of each, all or nothing.
 *
 * Whoever works on a job has a lease, and the value of the lease; every change by a worker compares
 * it first. So one whose lease has run out, for whatever reason and however late it notices,
 * changes nothing.
 *
 * Redis refuses a script for want of memory (OOM) only at its first write, and only if that could
 * need room. Accepting is refused so. A job on its way must go on, since only its purge makes room
 * again: therefore `take`, `save` and `purge` begin with a write that needs none. `rewrap` may be
 * refused, too. */
#include "redis_outbox.h"

/* A put whose caller has given up must not take effect any more: hence the deadline, by Redis' own
 * clock. The entry for `due` comes before the job it names. */
#define PUT                                                                                        \
    "local due, job, package, done, new, count, since = unpack(KEYS)\n"                            \
    "local uuid, now, text, head, pieces, deadline = unpack(ARGV)\n"                               \
    "local t = redis.call('TIME')\n"                                                               \
    "if t[1] * 1000000 + t[2] > tonumber(deadline) then return 'late' end\n"                       \
    "if redis.call('EXISTS', job, done) > 0 then return 'there' end\n"                             \
    "if redis.call('HLEN', new) ~= tonumber(pieces) then return 'lost' end\n"                      \
    "redis.call('ZADD', due, now, uuid)\n"                                                         \
    "redis.call('ZADD', since, now, uuid)\n"                                                       \
    "redis.call('RENAME', new, package)\n"                                                         \
    "redis.call('PERSIST', package)\n"                                                             \
    "redis.call('HSET', job, 'job', text, 'head', head, 'since', now)\n"                           \
    "redis.call('HINCRBY', count, 'accepted', 1)\n"                                                \
    "return 'put'\n"

/* The caller chose the UUID from `due` a moment ago: what the choice was for is looked at again. An
 * entry without a job is litter. The lease has a counter in it, for people, and a random part, so
 * that it stays unlike any other even if a fail-over sets the counter back. */
#define TAKE                                                                                       \
    "local due, job, lease, token = unpack(KEYS)\n"                                                \
    "local uuid, now, far, ms, random = unpack(ARGV)\n"                                            \
    "local at = tonumber(redis.call('ZSCORE', due, uuid))\n"                                       \
    "if not at or (at > tonumber(now) and at <= tonumber(far)) then return {'busy'} end\n"         \
    "if redis.call('EXISTS', lease) == 1 then return {'busy'} end\n"                               \
    "if redis.call('EXISTS', job) == 0 then\n"                                                     \
    "    redis.call('ZREM', due, uuid)\n"                                                          \
    "    return {'busy'}\n"                                                                        \
    "end\n"                                                                                        \
    "local state = redis.call('HMGET', job, 'job', 'head', 'since')\n"                             \
    "redis.call('DEL', lease)\n"                                                                   \
    "local value = redis.call('INCR', token) .. '-' .. random\n"                                   \
    "redis.call('SET', lease, value, 'NX', 'PX', ms)\n"                                            \
    "return {'taken', value, state}\n"

/* Each step renews the lease. Without a text the job stays as it is, and only its time changes.
 * What is held, and what has failed and when, is kept for the summary. */
#define SAVE                                                                                       \
    "local due, job, lease, held, failed = unpack(KEYS)\n"                                         \
    "local uuid, mine, ms, at, text, aside, is_held, failed_at = unpack(ARGV)\n"                   \
    "if redis.call('GET', lease) ~= mine then return 'late' end\n"                                 \
    "redis.call('PEXPIRE', lease, ms)\n"                                                           \
    "redis.call('ZADD', due, at, uuid)\n"                                                          \
    "local old = aside == '1' and redis.call('HGET', job, 'job')\n"                                \
    "if old then redis.call('HSET', job, 'bad', old) end\n"                                        \
    "if text ~= '' then redis.call('HSET', job, 'job', text) end\n"                                \
    "redis.call(is_held == '1' and 'SADD' or 'SREM', held, uuid)\n"                                \
    "if failed_at == '' then redis.call('ZREM', failed, uuid)\n"                                   \
    "else redis.call('ZADD', failed, failed_at, uuid) end\n"                                       \
    "return 'saved'\n"

#define PURGE                                                                                      \
    "local due, job, package, done, lease, count, since, held, failed = unpack(KEYS)\n"            \
    "local uuid, mine, text, seconds, now = unpack(ARGV)\n"                                        \
    "if redis.call('GET', lease) ~= mine then return 'late' end\n"                                 \
    "redis.call('UNLINK', package, job, lease)\n"                                                  \
    "redis.call('SET', done, text, 'EX', seconds)\n"                                               \
    "redis.call('ZREM', due, uuid)\n"                                                              \
    "redis.call('ZREM', since, uuid)\n"                                                            \
    "redis.call('SREM', held, uuid)\n"                                                             \
    "redis.call('ZREM', failed, uuid)\n"                                                           \
    "redis.call('HINCRBY', count, 'delivered', 1)\n"                                               \
    "redis.call('HSET', count, 'last', now)\n"                                                     \
    "return 'purged'\n"

/* Head and pieces belong together, and change together. The HSET comes first: where there is no
 * room, it is refused, and nothing has happened. */
#define REWRAP                                                                                     \
    "local job, package, new, lease = unpack(KEYS)\n"                                              \
    "local mine, head, pieces = unpack(ARGV)\n"                                                    \
    "if redis.call('GET', lease) ~= mine then return 'late' end\n"                                 \
    "if redis.call('HLEN', new) ~= tonumber(pieces) then return 'lost' end\n"                      \
    "redis.call('HSET', job, 'head', head)\n"                                                      \
    "redis.call('RENAME', new, package)\n"                                                         \
    "redis.call('PERSIST', package)\n"                                                             \
    "return 'rewrapped'\n"

/* Who reads a long package for a long time keeps the lease by that, and who has lost it is stopped
 * here. */
#define PIECE                                                                                      \
    "local package, lease = unpack(KEYS)\n"                                                        \
    "local index, mine, ms = unpack(ARGV)\n"                                                       \
    "if redis.call('GET', lease) ~= mine then return 0 end\n"                                      \
    "if redis.call('PTTL', lease) < ms / 2 then redis.call('PEXPIRE', lease, ms) end\n"            \
    "return redis.call('HGET', package, index)\n"

#define RELEASE                                                                                    \
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end\n"               \
    "return 'released'\n"

/* At one moment, so that the figures fit each other. */
#define SUMMARY                                                                                    \
    "local count, due, held, since, failed = unpack(KEYS)\n"                                       \
    "local n = redis.call('HMGET', count, 'accepted', 'delivered', 'last')\n"                      \
    "local oldest = redis.call('ZRANGE', since, 0, 0, 'WITHSCORES')\n"                             \
    "local last = redis.call('ZREVRANGE', failed, 0, 0, 'WITHSCORES')\n"                           \
    "return {n[1] or '0', n[2] or '0', n[3] or '0', redis.call('ZCARD', due) .. '',\n"             \
    "        redis.call('SCARD', held) .. '', oldest[2] or '0', last[2] or '0', last[1] or ''}\n"

const char *const eb_scripts[EB_SCRIPT_COUNT] = {
    [EB_SCRIPT_PUT] = PUT,         [EB_SCRIPT_TAKE] = TAKE,     [EB_SCRIPT_SAVE] = SAVE,
    [EB_SCRIPT_PURGE] = PURGE,     [EB_SCRIPT_PIECE] = PIECE,   [EB_SCRIPT_RELEASE] = RELEASE,
    [EB_SCRIPT_SUMMARY] = SUMMARY, [EB_SCRIPT_REWRAP] = REWRAP,
};
