/* Keys of FIT-Connect: a good one of each kind is taken, and each single thing that can be wrong
 * with one is found and named. */
#include "delivery/fitconnect/jwk.h"
#include "jose.h"

#include <apr_errno.h>
#include <pthread.h>

#define KID     "787f3a1c-7e35-4a3d-9f0c-8d6a3c9e2b11"
#define VECTORS "../shared/data/fit-connect/vectors/"

static apr_pool_t *pool;
static const char *folder;
static eb_trust_t *roots, *selves;
static apr_time_t now;

static json_t *encryption(const char *certificates)
{
    return jose_jwk(folder, "encryption", certificates, KID, "RSA-OAEP-256", "wrapKey", pool);
}

static void taken(json_t *json, eb_jwk_use_t use, const eb_trust_t *trust, const char *name)
{
    eb_problem_t *problem = NULL;
    eb_jwk_t *jwk = NULL;

    if (!is_int(eb_jwk_check(&jwk, json, KID, use, trust, now, &problem, pool), APR_SUCCESS, name))
        printf("#   %s\n", eb_problem_text(problem, pool));
    json_decref(json);
}

static void refused(json_t *json, const eb_trust_t *trust, apr_time_t at, const char *why,
                    const char *name)
{
    eb_problem_t *problem = NULL;
    eb_jwk_t *jwk = NULL;
    apr_status_t rv = eb_jwk_check(&jwk, json, KID, EB_JWK_ENCRYPT, trust, at, &problem, pool);

    if (!ok(rv == APR_EACCES && !jwk && problem && strstr(problem->what, why), name))
        printf("#   %d %s\n", rv, problem ? problem->what : "(no problem)");
    ok(!ERR_peek_error(), "  and OpenSSL's queue of errors is empty");
    json_decref(json);
}

static void test_good(void)
{
    json_t *json = encryption("encryption below");
    eb_jwk_t *jwk = NULL;

    is_int(eb_jwk_check(&jwk, json, KID, EB_JWK_ENCRYPT, roots, now, NULL, pool), APR_SUCCESS,
           "a key with its chain");
    json_decref(json);
    is_str(jwk->kid, KID, "its kid");
    is_int(jwk->use, EB_JWK_ENCRYPT, "its use");
    is_int(jwk->expires, apr_time_from_sec(2366841600), "until 2045 it is good");
    is_int(EVP_PKEY_get_bits(jwk->key), 4096, "its numbers");
    json_t *again = json_loads(jwk->text, JSON_REJECT_DUPLICATES, NULL);
    ok(json_equal(again, json = encryption("encryption below")), "and its text is what was read");
    json_decref(again);
    json_decref(json);
    taken(encryption("encryption below root"), EB_JWK_ENCRYPT, roots,
          "the root may be in the chain");
    taken(encryption("encryption expired below"), EB_JWK_ENCRYPT, roots,
          "so may what does not help");
    taken(encryption("self-signed"), EB_JWK_ENCRYPT, selves,
          "of the test environment: vouches for itself");
    taken(jose_jwk(folder, "signing", "signing below", KID, "PS512", "verify", pool), EB_JWK_VERIFY,
          roots, "a key that verifies");
}

/* One member of a good key, replaced by JSON; NULL takes it away. */
static const struct {
    const char *member, *value, *why;
} words[] = {
    {"kid", "\"787f3a1c-7e35-4a3d-9f0c-8d6a3c9e2b12\"", "another kid"},
    {"kid", "7", "another kid"},
    {"kid", NULL, "another kid"},
    {"kty", "\"EC\"", "kty"},
    {"kty", NULL, "kty"},
    {"alg", "\"RSA-OAEP\"", "alg is not RSA-OAEP-256"},
    {"alg", "\"PS512\"", "alg is not RSA-OAEP-256"},
    {"alg", "\"rsa-oaep-256\"", "alg is not RSA-OAEP-256"},
    {"alg", NULL, "alg is not RSA-OAEP-256"},
    {"key_ops", "[\"wrapKey\",\"encrypt\"]", "key_ops"},
    {"key_ops", "[\"verify\"]", "key_ops"},
    {"key_ops", "[]", "key_ops"},
    {"key_ops", "\"wrapKey\"", "key_ops"},
    {"key_ops", NULL, "key_ops"},
    {"e", "\"Aw\"", "e is not AQAB"},
    {"e", "\"AAEAAQ\"", "e is not AQAB"},
    {"e", "65537", "e is not AQAB"},
    {"n", "\"\"", "n is no number"},
    {"n", "4711", "n is no number"},
    {"n", NULL, "n is no number"},
    {"n", "\"AQAB\"", "fewer than 4096 bits"},
    {"d", "\"AQAB\"", "private part"},
    {"x5c", "[]", "x5c is no list"},
    {"x5c", "[\"bm8gY2VydGlmaWNhdGU=\"]", "x5c is no list"},
    {"x5c", "[\"\"]", "x5c is no list"},
    {"x5c", "[\"A\"]", "x5c is no list"},
    {"x5c", "[\"====\"]", "x5c is no list"},
    {"x5c", "[4711]", "x5c is no list"},
    {"x5c", "\"MIIF\"", "x5c is no list"},
    {"x5c", NULL, "x5c is no list"},
};

static void test_words(void)
{
    json_t *good = encryption("encryption below");

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        json_t *json = json_deep_copy(good);
        if (words[i].value)
            json_object_set_new(json, words[i].member,
                                json_loads(words[i].value, JSON_DECODE_ANY, NULL));
        else
            json_object_del(json, words[i].member);
        refused(json, roots, now, words[i].why,
                apr_psprintf(pool, "%s: %s", words[i].member, words[i].value));
    }
    refused(json_array(), roots, now, "no JSON object", "a list");
    refused(json_null(), roots, now, "no JSON object", "nothing");
    json_decref(good);
}

/* n, changed as a text. */
static json_t *with_n(const char *n)
{
    json_t *json = encryption("encryption below");
    json_object_set_new(json, "n", json_string(n));
    return json;
}

static void test_numbers(void)
{
    json_t *good = encryption("encryption below"),
           *other = jose_jwk(folder, "signing", "signing below", KID, "", "", pool);
    const char *n = json_string_value(json_object_get(good, "n")),
               *theirs = json_string_value(json_object_get(other, "n"));
    unsigned char bytes[512];
    char *huge = apr_pcalloc(pool, 3001);

    refused(with_n(theirs), roots, now, "does not hold n and e",
            "n of another key than the certificate's");
    refused(with_n(apr_pstrcat(pool, n, "=", NULL)), roots, now, "n is no number", "padding");
    refused(with_n(apr_pstrcat(pool, "AAAA", n, NULL)), roots, now, "n is no number",
            "zeros before it");
    refused(jose_jwk(folder, "small", "small below", KID, "RSA-OAEP-256", "wrapKey", pool), roots,
            now, "fewer than", "2048 bits");
    is_int(eb_base64url_decode(bytes, 512, n, strlen(n)), APR_SUCCESS, "n has 512 bytes");
    refused(with_n(jose_text(bytes, 511, pool)), roots, now, "fewer than", "a byte less");
    bytes[511] ^= 1;
    refused(with_n(jose_text(bytes, 512, pool)), roots, now, "no modulus", "an even number");
    bytes[511] ^= 3;
    refused(with_n(jose_text(bytes, 512, pool)), roots, now, "does not hold n and e",
            "one bit of it");
    bytes[0] = 0x7F;
    refused(with_n(jose_text(bytes, 512, pool)), roots, now, "fewer than", "4095 bits");
    memset(huge, '_', 3000);
    refused(with_n(huge), roots, now, "n is no number", "more bits than OpenSSL takes");
    json_decref(good);
    json_decref(other);
}

/* x5c of one text. */
static json_t *with_x5c(const char *text)
{
    json_t *json = encryption("encryption below");
    json_array_set_new(json_object_get(json, "x5c"), 0, json_string(text));
    return json;
}

static void test_certificates(void)
{
    json_t *der = jose_certificate(folder, "encryption");
    const char *text = json_string_value(der);
    apr_time_t late = now + apr_time_from_sec(40LL * 365 * 86400);

    refused(encryption("expired below"), roots, now, "expired", "an expired certificate");
    refused(encryption("encryption below"), roots, late, "expired",
            "a certificate that will expire");
    refused(encryption("early below"), roots, now, "not yet valid", "one that begins later");
    refused(encryption("wrong-chain otherca"), roots, now, "not trusted",
            "of another root, which it brings along");
    refused(encryption("wrong-chain below root"), roots, now, "not trusted",
            "of another root, with the right chain behind it");
    refused(encryption("encryption"), roots, now, "not trusted", "the one in between is missing");
    refused(encryption("self-signed"), roots, now, "not trusted",
            "one that vouches for itself, where roots count");
    refused(encryption("self-signed"), selves, late, "expired", "the same, when it has expired");
    refused(encryption("encryption below root"), selves, now, "not trusted",
            "one with a chain, where no root is trusted");
    refused(encryption("signing below"), roots, now, "does not hold n and e", "another key's");
    refused(encryption("below encryption"), roots, now, "does not hold n and e",
            "the chain from its other end");
    refused(encryption("encryption below below below below below below below below"), roots, now,
            "x5c is no list", "nine certificates");
    refused(with_x5c(apr_pstrcat(pool, " ", text, NULL)), roots, now, "x5c is no list",
            "a blank before it");
    refused(with_x5c(apr_pstrcat(pool, "    ", text, NULL)), roots, now, "x5c is no list",
            "four blanks");
    refused(with_x5c(apr_pstrcat(pool, text, "AAAA", NULL)), roots, now, "x5c is no list",
            "bytes behind it");
    refused(with_x5c(apr_pstrmemdup(pool, text, 400)), roots, now, "x5c is no list", "half of it");
    refused(with_x5c(jose_text(text, strlen(text), pool)), roots, now, "x5c is no list",
            "base64 of base64");
    json_decref(der);
}

/* The same key with another sign in the signature of its certificate. */
static json_t *touched(const char *certificates)
{
    json_t *json = encryption(certificates), *list = json_object_get(json, "x5c");
    char *text = apr_pstrdup(pool, json_string_value(json_array_get(list, 0)));
    char *sign = text + strlen(text) - 40;

    *sign = *sign == 'A' ? 'B' : 'A';
    json_array_set_new(list, 0, json_string(text));
    return json;
}

static void test_signature(void)
{
    refused(touched("encryption below"), roots, now, "not trusted",
            "a certificate whose signature was touched");
    refused(touched("self-signed"), selves, now, "not trusted",
            "and one that no longer vouches for itself");
}

static void test_revoked(void)
{
    eb_trust_t *lists = NULL, *half = NULL;
    eb_problem_t *problem = NULL;

    is_int(eb_trust_load(&lists, jose_path(folder, "root.crt", pool),
                         jose_path(folder, "crl.pem", pool), true, &problem, pool),
           APR_SUCCESS, "revocation lists");
    refused(encryption("revoked below"), lists, now, "revoked", "a revoked certificate");
    taken(encryption("encryption below"), EB_JWK_ENCRYPT, lists, "one that is not");
    taken(encryption("self-signed"), EB_JWK_ENCRYPT, lists, "one that nobody can revoke");
    taken(encryption("revoked below"), EB_JWK_ENCRYPT, roots, "without lists nobody knows");
    is_int(eb_trust_load(&half, jose_path(folder, "root.crt", pool),
                         jose_path(folder, "below.crl", pool), false, NULL, pool),
           APR_SUCCESS, "the list of one authority only");
    refused(encryption("encryption below"), half, now, "unable to get certificate CRL",
            "is not enough");
}

/* The root, and behind it a certificate that is none. */
static const char *damaged(void)
{
    char *path = apr_pstrdup(pool, "/tmp/eb-roots-XXXXXX");
    FILE *f = fdopen(mkstemp(path), "w"), *root = jose_open(folder, "root", "crt");

    for (int c; f && (c = fgetc(root)) != EOF;)
        fputc(c, f);
    fclose(root);
    if (!f || fputs("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", f) < 0 ||
        fclose(f))
        printf("Bail out! no file\n");
    return path;
}

static void test_trust(void)
{
    eb_trust_t *trust = NULL;
    eb_problem_t *problem = NULL;
    const char *root = jose_path(folder, "root.crt", pool),
               *key = jose_path(folder, "small.key", pool);

    ok(APR_STATUS_IS_ENOENT(
           eb_trust_load(&trust, "/nowhere/roots.pem", NULL, false, &problem, pool)),
       "no such file");
    is_str(problem->id, "EB0650", "  is a problem of its own");
    is_str(problem->where, "/nowhere/roots.pem", "  that names the file");
    is_int(eb_trust_load(&trust, NULL, NULL, false, &problem, pool), APR_EINVAL, "no file at all");
    is_int(eb_trust_load(&trust, "/dev/null", NULL, true, &problem, pool), APR_EINVAL,
           "an empty file");
    is_int(eb_trust_load(&trust, "Makefile", NULL, true, &problem, pool), APR_EINVAL,
           "another text");
    is_int(eb_trust_load(&trust, key, NULL, true, &problem, pool), APR_EINVAL, "a key");
    const char *file = damaged();
    is_int(eb_trust_load(&trust, file, NULL, true, &problem, pool), APR_EINVAL,
           "a good one and a damaged one");
    unlink(file);
    is_int(eb_trust_load(&trust, root, root, true, &problem, pool), APR_EINVAL,
           "a certificate where lists should be");
    is_int(eb_trust_load(&trust, root, "/nowhere/crl.pem", true, &problem, pool), APR_ENOENT,
           "no such lists");
    ok(!trust && !ERR_peek_error(), "and nothing is left of it");
}

static json_t *set_of(const char *first, const char *second)
{
    return json_pack("{s:[o,o]}", "keys",
                     jose_jwk(folder, "service", "", first, "PS512", "verify", pool),
                     jose_jwk(folder, "signing", "", second, "PS512", "verify", pool));
}

static void test_set(void)
{
    json_t *set = set_of("1-eins", KID), *twice = set_of(KID, KID),
           *strange = set_of("1-eins", KID);
    eb_problem_t *problem = NULL;
    eb_jwk_t *jwk = NULL;

    is_int(eb_jwk_from_set(&jwk, set, KID, &problem, pool), APR_SUCCESS, "a key of a set");
    is_int(jwk->use, EB_JWK_VERIFY, "verifies");
    is_int(jwk->expires, 0, "and has no certificate");
    EVP_PKEY *signing = jose_key(folder, "signing");
    ok(EVP_PKEY_eq(signing, jwk->key) == 1, "it is the one of that kid, not the first one");
    EVP_PKEY_free(signing);
    jwk = NULL;
    is_int(eb_jwk_from_set(&jwk, set, "2-zwei", &problem, pool), APR_EACCES, "no such kid");
    is_int(eb_jwk_from_set(&jwk, twice, KID, &problem, pool), APR_EACCES, "two of one kid");
    json_object_set_new(json_array_get(json_object_get(strange, "keys"), 1), "alg",
                        json_string("RS512"));
    is_int(eb_jwk_from_set(&jwk, strange, KID, &problem, pool), APR_EACCES, "another algorithm");
    json_object_set_new(strange, "keys", json_string(KID));
    is_int(eb_jwk_from_set(&jwk, strange, KID, &problem, pool), APR_EACCES, "no list");
    json_object_del(strange, "keys");
    is_int(eb_jwk_from_set(&jwk, strange, KID, &problem, pool), APR_EACCES, "no set");
    ok(!jwk && strstr(problem->what, KID), "and the problem names the key");
    json_decref(set);
    json_decref(twice);
    json_decref(strange);
}

/* Keys that others have made. */
static void test_vectors(void)
{
    json_t *enc = json_load_file(VECTORS "enc.pub.jwk.json", 0, NULL),
           *sig = json_load_file(VECTORS "sig.pub.jwk.json", 0, NULL);
    json_t *bare = json_load_file(VECTORS "../mock-destination-key.json", 0, NULL);
    eb_jwk_t *jwk;

    if (!enc || !sig || !bare) {
        skip(3, VECTORS " is missing");
        return;
    }
    const char *enc_kid = json_string_value(json_object_get(enc, "kid")),
               *sig_kid = json_string_value(json_object_get(sig, "kid"));
    is_int(eb_jwk_check(&jwk, enc, enc_kid, EB_JWK_ENCRYPT, selves, now, NULL, pool), APR_SUCCESS,
           "a key of the vectors");
    is_int(eb_jwk_check(&jwk, sig, sig_kid, EB_JWK_VERIFY, selves, now, NULL, pool), APR_SUCCESS,
           "and one to verify");
    is_int(
        eb_jwk_check(&jwk, bare, "mock-destination-tier1", EB_JWK_ENCRYPT, selves, now, NULL, pool),
        APR_EACCES, "none without key_ops and x5c");
    json_decref(enc);
    json_decref(sig);
    json_decref(bare);
}

/* One trust, many threads. */
static void *check_often(void *failed)
{
    for (int i = 0; i < 40; i++) {
        apr_pool_t *own;
        eb_jwk_t *jwk;
        apr_pool_create_unmanaged_ex(&own, NULL, NULL);
        json_t *good =
            jose_jwk(folder, "encryption", "encryption below", KID, "RSA-OAEP-256", "wrapKey", own);
        json_t *bad = jose_jwk(folder, "encryption", "wrong-chain below", KID, "RSA-OAEP-256",
                               "wrapKey", own);
        *(int *)failed +=
            eb_jwk_check(&jwk, good, KID, EB_JWK_ENCRYPT, roots, now, NULL, own) != APR_SUCCESS;
        *(int *)failed +=
            eb_jwk_check(&jwk, bad, KID, EB_JWK_ENCRYPT, roots, now, NULL, own) != APR_EACCES;
        json_decref(good);
        json_decref(bad);
        apr_pool_destroy(own);
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[4];
    int failed[4] = {0}, sum = 0;

    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, check_often, &failed[i]);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        sum += failed[i];
    }
    is_int(sum, 0, "four threads share one trust");
}

int main(void)
{
    pool = tap_begin();
    folder = jose_folder(pool);
    now = apr_time_now();
    if (eb_trust_load(&roots, jose_path(folder, "root.crt", pool), NULL, false, NULL, pool) ||
        eb_trust_load(&selves, NULL, NULL, true, NULL, pool))
        return 1;
    test_good();
    test_words();
    test_numbers();
    test_certificates();
    test_signature();
    test_revoked();
    test_trust();
    test_set();
    test_vectors();
    test_threads();
    return done();
}
