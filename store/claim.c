/* Two HMACs in a row: the draft's secret names the code, code and number name the submission. */
#include "claim.h"

#include <string.h>

/* mac = HMAC-SHA-256(SHA-256(secret), label || text) */
static apr_status_t derive(unsigned char mac[32], const eb_keyring_t *ring, const char *secret,
                           const char *label, const char *text)
{
    unsigned char key[32];
    char data[128];

    if (strlen(label) + strlen(text) >= sizeof data)
        return APR_EINVAL;
    strcat(strcpy(data, label), text);
    eb_sha256(key, ring, secret, strlen(secret));
    apr_status_t rv = eb_mac(mac, 32, ring, key, data, strlen(data));
    eb_wipe(key, sizeof key);
    return rv;
}

apr_status_t eb_claim_code(char code[EB_CLAIM_LEN + 1], const eb_draft_t *draft,
                           const eb_drafts_t *drafts)
{
    unsigned char mac[32];
    apr_status_t rv =
        derive(mac, drafts->keys, draft->secret, "mod_einbuergerung status code\n", draft->number);

    if (!rv)
        eb_code_hashed(code, EB_CLAIM_CODE, mac);
    return rv;
}

apr_status_t eb_claim_uuid(char uuid[EB_UUID_LEN + 1], const eb_keyring_t *ring, const char *number,
                           const char *code)
{
    unsigned char mac[32];
    apr_status_t rv = derive(mac, ring, code, "mod_einbuergerung submission\n", number);

    if (!rv)
        eb_uuid_from(uuid, mac);
    return rv;
}
