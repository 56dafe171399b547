/* Keys: any JSON, and a good key some of whose members are replaced by it. What is taken is the
 * good one, or holds its very numbers. */
#include "delivery/fitconnect/json.h"
#include "delivery/fitconnect/jwk.h"
#include "fuzz.h"
#include "fuzz_jwk.h"

#define NOW apr_time_from_sec(1800000000)

static void try(json_t *json, const eb_trust_t *trust, apr_pool_t *pool)
{
    eb_jwk_t *jwk = NULL;
    eb_problem_t *problem = NULL;
    const char *kid = json_string_value(json_object_get(json, "kid"));

    kid = kid ? kid : "vektor";
    for (int use = EB_JWK_ENCRYPT; use <= EB_JWK_VERIFY; use++) {
        if (eb_jwk_check(&jwk, json, kid, (eb_jwk_use_t)use, trust, NOW, &problem, pool)) {
            must(problem && problem->what);
            continue;
        }
        must(EVP_PKEY_get_bits(jwk->key) >= EB_JWK_BITS_MIN && jwk->expires > NOW &&
             strcmp(jwk->kid, kid) == 0);
        must(json_object_get(json, "x5c") && jwk->text);
    }
    if (!eb_jwk_from_set(&jwk, json, kid, NULL, pool))
        must(EVP_PKEY_get_bits(jwk->key) >= EB_JWK_BITS_MIN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    eb_trust_t *trust;
    json_t *json;

    must(eb_trust_load(&trust, NULL, NULL, true, NULL, pool) == APR_SUCCESS);
    if (eb_json_read(&json, data, size, EB_JWK_LEN_MAX, pool) == APR_SUCCESS) {
        json_t *good = eb_json_keep(json_loads(FUZZ_JWK_VERIFY, 0, NULL), pool);
        eb_jwk_t *jwk;
        must(eb_jwk_check(&jwk, good, "vektor", EB_JWK_VERIFY, trust, NOW, NULL, pool) ==
             APR_SUCCESS);
        try(json, trust, pool);
        json_object_update(good, json);
        try(good, trust, pool);
    }
    apr_pool_destroy(pool);
    return 0;
}
