/* Signing and judging tickets. The MAC covers the path and the draft's secret, which the ticket
 * itself does not carry. */
#include "ticket.h"

#define MAC_LEN   16
#define FACTS_LEN (EB_TICKET_RAW - MAC_LEN)
#define AHEAD     300 /* seconds another node's clock may be ahead */

static void put(unsigned char *out, apr_uint64_t n, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--, n >>= 8)
        out[i] = (unsigned char)(n & 0xff);
}

static apr_uint64_t get(const unsigned char *in, int bytes)
{
    apr_uint64_t n = 0;

    for (int i = 0; i < bytes; i++)
        n = n << 8 | in[i];
    return n;
}

static apr_status_t sign(unsigned char mac[MAC_LEN], const eb_keys_t *keys, int key,
                         const unsigned char facts[FACTS_LEN], const char *path, const char *secret,
                         apr_pool_t *pool)
{
    apr_size_t path_len = strlen(path) + 1, secret_len = strlen(secret);
    unsigned char *data = apr_palloc(pool, FACTS_LEN + path_len + secret_len);

    memcpy(data, facts, FACTS_LEN);
    memcpy(data + FACTS_LEN, path, path_len);
    memcpy(data + FACTS_LEN + path_len, secret, secret_len);
    return eb_mac(mac, MAC_LEN, keys->ring, keys->tickets[key], data,
                  FACTS_LEN + path_len + secret_len);
}

apr_status_t eb_ticket_make(char out[EB_TICKET_LEN + 1], const eb_keys_t *keys,
                            const eb_ticket_t *ticket, const char *path, const char *secret,
                            apr_pool_t *pool)
{
    unsigned char raw[EB_TICKET_RAW];
    apr_status_t rv;

    put(raw, ticket->time, 4);
    put(raw + 4, ticket->nonce, 8);
    put(raw + 12, ticket->digest, 8);
    rv = sign(raw + FACTS_LEN, keys, 0, raw, path, secret, pool);
    if (rv == APR_SUCCESS)
        eb_base64url(out, raw, sizeof(raw));
    return rv;
}

/* By any key of the file: pages that lie open when the key changes stay good. */
static bool signed_for(const unsigned char raw[EB_TICKET_RAW], const eb_keys_t *keys,
                       const char *path, const char *secret, apr_pool_t *pool)
{
    unsigned char mac[MAC_LEN];

    for (int key = 0; key < keys->tickets_count; key++)
        if (sign(mac, keys, key, raw, path, secret, pool) == APR_SUCCESS &&
            eb_equal_secret(mac, raw + FACTS_LEN, MAC_LEN))
            return true;
    return false;
}

eb_ticket_verdict_t eb_ticket_check(eb_ticket_t *ticket, const eb_keys_t *keys, const char *text,
                                    apr_time_t now, const char *path, const char *secret,
                                    apr_uint64_t birth, apr_pool_t *pool)
{
    unsigned char raw[EB_TICKET_RAW];
    apr_int64_t age;
    bool own;

    if (text == NULL || strlen(text) != EB_TICKET_LEN ||
        eb_base64url_decode(raw, sizeof(raw), text, EB_TICKET_LEN) != APR_SUCCESS)
        return EB_TICKET_FOREIGN;
    ticket->time = (apr_uint32_t)get(raw, 4);
    ticket->nonce = get(raw + 4, 8);
    ticket->digest = get(raw + 12, 8);
    own = signed_for(raw, keys, path, secret, pool);
    if (!own && (*secret == '\0' || !signed_for(raw, keys, path, "", pool)))
        return EB_TICKET_FOREIGN;
    age = (apr_int64_t)apr_time_sec(now) - ticket->time;
    if (age > EB_TICKET_AGE || age < -AHEAD || (!own && ticket->nonce != birth))
        return EB_TICKET_STALE;
    return EB_TICKET_GOOD;
}
