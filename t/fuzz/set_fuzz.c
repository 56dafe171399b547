/* Event tokens: a token that claims something has an event and a key's name, whatever else it
 * holds; and none is believed, since nobody has the private half of this key. */
#include "delivery/fitconnect/set.h"
#include "fuzz.h"
#include "fuzz_jwk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const eb_set_expect_t expect = {"s", "c", "d", "https://service.example"};
    apr_pool_t *pool = fuzz_begin();
    char *token = fuzz_text(data, size);
    eb_set_claim_t claim;
    eb_set_t *set;
    json_t *json = json_loads(FUZZ_JWK_VERIFY, 0, NULL), *keys = json_pack("{s:[o]}", "keys", json);
    eb_jwk_t *key;

    must(eb_jwk_from_set(&key, keys, "vektor", NULL, pool) == APR_SUCCESS);
    if (eb_set_claim(&claim, token, NULL, pool) == APR_SUCCESS) {
        must(claim.kid && *claim.kid && claim.issuer && *claim.issuer);
        must(claim.event <= EB_EVENT_OTHER);
        key->kid = claim.kid;
    }
    must(eb_set_verify(&set, token, key, &expect, NULL, apr_time_from_sec(1763769600), NULL,
                       pool) == APR_EACCES);
    json_decref(keys);
    free(token);
    apr_pool_destroy(pool);
    return 0;
}
