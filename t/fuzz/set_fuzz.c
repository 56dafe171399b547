/* Event tokens: a token that claims something has an event and a key's name, whatever else it
 * holds; and none is believed, since nobody has the private half of this key. */
#include "delivery/fitconnect/set.h"
#include "fuzz.h"
#include "fuzz_jwk.h"

/* Made once: its numbers take longer than a token. */
static eb_jwk_t key_named(const char *kid)
{
    static eb_jwk_t *made;
    apr_pool_t *pool;

    if (!made) {
        json_t *keys = json_pack("{s:[o]}", "keys", json_loads(FUZZ_JWK_VERIFY, 0, NULL));
        apr_pool_create(&pool, NULL);
        must(eb_jwk_from_set(&made, keys, "vektor", NULL, pool) == APR_SUCCESS);
        json_decref(keys);
    }
    eb_jwk_t key = *made;
    key.kid = kid;
    return key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const eb_set_expect_t expect = {"s", "c", "d", "https://service.example"};
    apr_pool_t *pool = fuzz_begin();
    char *token = fuzz_text(data, size);
    eb_set_claim_t claim = {.kid = "vektor"};
    eb_set_t *set;

    if (eb_set_claim(&claim, token, NULL, pool) == APR_SUCCESS) {
        must(claim.kid && *claim.kid && claim.issuer && *claim.issuer);
        must(claim.event <= EB_EVENT_OTHER);
    }
    eb_jwk_t key = key_named(claim.kid);
    must(eb_set_verify(&set, token, &key, &expect, NULL, apr_time_from_sec(1763769600), NULL,
                       pool) == APR_EACCES);
    free(token);
    apr_pool_destroy(pool);
    return 0;
}
