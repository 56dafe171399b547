/* One INCR and one EXPIRE, sent together. */
#include "tries.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

/* eb:{t:<22 characters>}, the HMAC of span and place under a key of the key file. */
static apr_status_t name(const char **key, const eb_keyring_t *keys, const void *place,
                         apr_size_t len, apr_time_t now, apr_pool_t *pool)
{
    unsigned char secret[EB_KEY_LEN], mac[16];
    char text[EB_BASE64URL_LEN(sizeof mac) + 1];
    apr_int64_t span = now / EB_TRIES_SPAN;
    unsigned char *data = apr_palloc(pool, sizeof span + len);
    apr_status_t rv = eb_key_derive(secret, keys, eb_keyring_current(keys), "tries", NULL, 0);

    memcpy(data, &span, sizeof span);
    memcpy(data + sizeof span, place, len);
    if (!rv)
        rv = eb_mac(mac, sizeof mac, keys, secret, data, sizeof span + len);
    eb_wipe(secret, sizeof secret);
    if (rv)
        return rv;
    eb_base64url(text, mac, sizeof mac);
    *key = apr_pstrcat(pool, "eb:{t:", text, "}", NULL);
    return APR_SUCCESS;
}

/* It outlives its span, in case clocks differ, and is given its time whenever it is counted. */
apr_status_t eb_tries_count(bool *left, eb_redis_t *redis, const eb_keyring_t *keys,
                            const void *place, apr_size_t len, apr_time_t now,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_command_t commands[2] = {{0}, {0}};
    redisReply *replies[2];
    const char *key;

    apr_status_t rv = name(&key, keys, place, len, now, pool);
    if (rv)
        return eb_problem_set(problem, EB_P_CRYPTO, rv, NULL, pool, "Tries cannot be counted");
    eb_redis_command_word(&commands[0], "INCR");
    eb_redis_command_word(&commands[0], key);
    eb_redis_command_word(&commands[1], "EXPIRE");
    eb_redis_command_word(&commands[1], key);
    eb_redis_command_word(&commands[1], apr_ltoa(pool, (long)apr_time_sec(2 * EB_TRIES_SPAN)));
    rv = eb_redis_send(replies, redis, commands, 2, true, problem, pool);
    if (rv)
        return rv;
    if (replies[0]->type != REDIS_REPLY_INTEGER)
        return eb_redis_misfit(replies[0], "INCR", problem, pool);
    *left = replies[0]->integer <= EB_TRIES_MAX;
    return APR_SUCCESS;
}
