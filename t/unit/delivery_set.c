/* Event tokens: what CryptX and the vectors have signed is believed when it is about the right
 * thing; nothing else is, and none of a thousand tokens that were tampered with. */
#include "delivery/fitconnect/set.h"
#include "jose.h"

#include <apr_errno.h>

#define VECTORS     "../shared/data/fit-connect/vectors/"
#define SUBMISSION  "ce75a6b8-d72f-4b94-b09e-af6be35bc2ae"
#define CASE        "e89e107e-ed79-40e6-ad34-4e770f9df263"
#define DESTINATION "879ee109-a690-4db8-ab32-424284184d7d"
#define OTHER       "879ee109-a690-4db8-ab32-424284184d7e"
#define SERVICE     "https://test.example/submission-api"
#define EVENTS      "https://schema.fitko.de/fit-connect/events/"
#define ATTACHMENT  "2046f9f1-dc89-4440-9c24-c76a8f40d668"
#define TAGS                                                                                       \
    "{\"metadata\":\"bgBTa59nKvn3sDNi3cO9XQ\",\"data\":\"Z_vm2ZLqDJUEqZnatxVinw\","                \
    "\"attachments\":{\"" ATTACHMENT "\":\"q5P1lMktnKZ62NiC15pA6w\"}}"
#define PAYLOAD "{\"authenticationTags\":" TAGS "}"

static apr_pool_t *pool;
static const char *folder;
static EVP_PKEY *signing, *service, *stranger;
static eb_jwk_t destination_key, service_key;
static json_t *tags;
static const apr_time_t now = APR_TIME_C(1763769600) * APR_USEC_PER_SEC;
static const eb_set_expect_t expect = {SUBMISSION, CASE, DESTINATION, SERVICE};

/* The claims of a token; each part may be replaced. */
typedef struct claims_t {
    const char *issuer, *subject, *transaction, *event, *payload;
    long issued;
} claims_t;

static const claims_t accepted = {DESTINATION,  "submission:" SUBMISSION,
                                  "case:" CASE, EVENTS "accept-submission",
                                  PAYLOAD,      1763769600};

static const char *claims_of(const claims_t *c)
{
    return apr_psprintf(pool,
                        "{\"jti\":\"b0587d1d-6934-4965-9e41-502c5caf25b0\",\"iss\":\"%s\",\"iat\":%"
                        "ld,\"sub\":\"%s\",\"txn\":\"%s\",\"events\":{\"%s\":%s}}",
                        c->issuer, c->issued, c->subject, c->transaction, c->event, c->payload);
}

static const char *header_of(const char *kid)
{
    return apr_psprintf(pool, "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":\"%s\"}", kid);
}

static const eb_jwk_t *key_of(const char *issuer)
{
    return strcmp(issuer, SERVICE) == 0 ? &service_key : &destination_key;
}

/* Signed as it should be by whoever issues it. */
static const char *token_of(const claims_t *c)
{
    const eb_jwk_t *key = key_of(c->issuer);
    return jose_signed(header_of(key->kid), claims_of(c), key == &service_key ? service : signing,
                       "SHA512", 64, pool);
}

static apr_status_t verified(eb_set_t **set, const char *token, const eb_jwk_t *key,
                             const char **id)
{
    eb_problem_t *problem = NULL;
    apr_status_t rv = eb_set_verify(set, token, key, &expect, tags, now, &problem, pool);

    *id = problem ? problem->id : "";
    if (rv && ERR_peek_error())
        printf("# OpenSSL's queue of errors is not empty\n");
    return rv;
}

static void believed(const claims_t *c, eb_event_t event, const char *name)
{
    eb_set_t *set = NULL;
    const char *id;
    if (is_int(verified(&set, token_of(c), key_of(c->issuer), &id), APR_SUCCESS, name))
        is_int(set->event, event, "  it is that event");
    else
        printf("#   %s\n", id);
}

static void refused(const char *token, const eb_jwk_t *key, const char *wanted, const char *name)
{
    eb_set_t *set = NULL;
    const char *id;
    apr_status_t rv = verified(&set, token, key, &id);
    const bool alarm = strcmp(wanted, "EB0655") == 0;
    ok(alarm ? rv == APR_EMISMATCH && set : rv == APR_EACCES && !set, name);
    is_str(id, wanted, "  for this reason");
}

static void refused_claims(const claims_t *c, const char *wanted, const char *name)
{
    refused(token_of(c), key_of(c->issuer), wanted, name);
}

static void test_claim(void)
{
    eb_set_claim_t claim;
    is_int(eb_set_claim(&claim, token_of(&accepted), NULL, pool), APR_SUCCESS, "a token");
    is_str(claim.kid, destination_key.kid, "claims its key");
    is_str(claim.issuer, DESTINATION, "its issuer");
    is_int(claim.event, EB_EVENT_ACCEPTED, "and its event");
}

static const struct {
    const char *name;
    eb_event_t event;
    bool destination, service;
} who[] = {
    {"create-submission", EB_EVENT_CREATED, false, true},
    {"submit-submission", EB_EVENT_SUBMITTED, false, true},
    {"notify-submission", EB_EVENT_NOTIFIED, false, true},
    {"forward-submission", EB_EVENT_FORWARDED, true, true},
    {"accept-submission", EB_EVENT_ACCEPTED, true, false},
    {"reject-submission", EB_EVENT_REJECTED, true, true},
    {"delete-submission", EB_EVENT_DELETED, false, true},
    {"verspeise-submission", EB_EVENT_OTHER, true, true},
    {"accept-submission2", EB_EVENT_OTHER, true, true},
    {"create-reply", EB_EVENT_OTHER, true, true},
};

/* Each event from both, and from a third one who signs with a right key. */
static void test_who(void)
{
    for (size_t i = 0; i < sizeof who / sizeof *who; i++) {
        claims_t c = accepted;
        c.event = apr_pstrcat(pool, EVENTS, who[i].name, NULL);
        for (int by_service = 0; by_service < 2; by_service++) {
            const char *name = apr_psprintf(pool, "%s by the %s", who[i].name,
                                            by_service ? "service" : "destination");
            c.issuer = by_service ? SERVICE : DESTINATION;
            if (by_service ? who[i].service : who[i].destination)
                believed(&c, who[i].event, name);
            else
                refused_claims(&c, "EB0654", name);
        }
        c.issuer = OTHER;
        refused_claims(&c, "EB0654", apr_psprintf(pool, "%s by somebody else", who[i].name));
    }
}

static void test_about(void)
{
    claims_t c = accepted;

    c.subject = "submission:" OTHER;
    refused_claims(&c, "EB0654", "another submission");
    c.subject = "case:" SUBMISSION;
    refused_claims(&c, "EB0654", "a subject of another kind");
    c.subject = SUBMISSION;
    refused_claims(&c, "EB0654", "a subject of no kind");
    c.subject = "submission:" SUBMISSION "0";
    refused_claims(&c, "EB0654", "a longer subject");
    c.subject = "reply:" SUBMISSION;
    refused_claims(&c, "EB0654", "a reply is not accepted for us");
    c.event = EVENTS "submit-reply";
    believed(&c, EB_EVENT_OTHER, "but replies have events, from which nothing follows");
    c = accepted, c.transaction = "case:" OTHER;
    refused_claims(&c, "EB0654", "another case");
    c = accepted, c.issuer = SERVICE "/";
    refused_claims(&c, "EB0654", "an issuer that only begins like the service");
    c = accepted, c.issued += 300;
    believed(&c, EB_EVENT_ACCEPTED, "a clock five minutes ahead");
    c.issued++;
    refused_claims(&c, "EB0654", "and a second more");
    c.issued = 1577833200;
    believed(&c, EB_EVENT_ACCEPTED, "as old as FIT-Connect");
    c.issued--;
    refused_claims(&c, "EB0653", "older");
    c.issued = 9000000000000000000;
    refused_claims(&c, "EB0653", "beyond all calendars");
}

/* A payload of tags: what the destination and the service may say. */
static void tagged(const char *payload, bool same, const char *name)
{
    claims_t c = accepted;
    c.payload = payload;
    if (same)
        believed(&c, EB_EVENT_ACCEPTED, name);
    else
        refused_claims(&c, "EB0655", name);
}

#define METADATA     "\"metadata\":\"bgBTa59nKvn3sDNi3cO9XQ\""
#define DATA         "\"data\":\"Z_vm2ZLqDJUEqZnatxVinw\""
#define ONE          "\"" ATTACHMENT "\":\"q5P1lMktnKZ62NiC15pA6w\""
#define SAID(inside) "{\"authenticationTags\":{" inside "}}"

static void test_tags(void)
{
    tagged(SAID("\"attachments\":{" ONE "}," DATA "," METADATA), true,
           "the same tags in another order");
    tagged("{}", false, "no tags");
    tagged("{\"authenticationTags\":null}", false, "null for tags");
    tagged("{\"authenticationTags\":[]}", false, "a list of tags");
    tagged(SAID(""), false, "empty tags");
    tagged(SAID(DATA ",\"attachments\":{" ONE "}"), false, "without metadata");
    tagged(SAID(METADATA ",\"attachments\":{" ONE "}"), false, "without data");
    tagged(SAID(METADATA "," DATA), false, "without attachments");
    tagged(SAID(METADATA "," DATA ",\"attachments\":{}"), false, "with none of them");
    tagged(SAID(METADATA "," DATA ",\"attachments\":[\"q5P1lMktnKZ62NiC15pA6w\"]"), false,
           "a list of attachments");
    tagged(SAID(METADATA "," DATA ",\"attachments\":{" ONE ",\"" OTHER
                         "\":\"q5P1lMktnKZ62NiC15pA6w\"}"),
           false, "one too many");
    tagged(SAID(METADATA "," DATA ",\"attachments\":{\"" OTHER "\":\"q5P1lMktnKZ62NiC15pA6w\"}"),
           false, "under another name");
    tagged(
        SAID(METADATA "," DATA ",\"attachments\":{\"" ATTACHMENT "\":\"q5P1lMktnKZ62NiC15pA6g\"}"),
        false, "another attachment");
    tagged(SAID(METADATA ",\"data\":\"Z_vm2ZLqDJUEqZnatxVin\",\"attachments\":{" ONE "}"), false,
           "a sign less");
    tagged(SAID(METADATA ",\"data\":4711,\"attachments\":{" ONE "}"), false, "a number");
    tagged(SAID("\"metadata\":\"Z_vm2ZLqDJUEqZnatxVinw\",\"data\":\"bgBTa59nKvn3sDNi3cO9XQ\","
                "\"attachments\":{" ONE "}"),
           false, "swapped");
    tagged(SAID(METADATA "," DATA ",\"attachments\":{" ONE "},\"mehr\":\"bgBTa59nKvn3sDNi3cO9XQ\""),
           false, "a part that was not sent");

    claims_t c = accepted;
    c.event = EVENTS "submit-submission", c.issuer = SERVICE, c.payload = "{}";
    refused_claims(&c, "EB0655", "submit must name them as well");
    c.event = EVENTS "notify-submission";
    believed(&c, EB_EVENT_NOTIFIED, "notify need not");
    json_t *kept = tags;
    tags = NULL;
    tagged("{}", true, "nothing to compare with");
    tags = json_loads("{" METADATA "," DATA ",\"attachments\":{}}", 0, NULL);
    tagged(SAID(METADATA "," DATA ",\"attachments\":{}"), true, "no attachments");
    tagged(SAID(METADATA "," DATA), true, "may be left out");
    tagged(PAYLOAD, false, "an attachment nobody sent");
    json_decref(tags);
    tags = kept;
}

static void test_problems(void)
{
    claims_t c = accepted;
    eb_set_t *set = NULL;
    const char *id;

    c.event = EVENTS "reject-submission";
    c.payload = "{\"problems\":[{\"type\":\"" EVENTS "problems/x\",\"title\":\"Nicht "
                "lesbar\",\"detail\":\"<b>\",\"instance\":\"metadata\"},{\"title\":7},8]}";
    is_int(verified(&set, token_of(&c), &destination_key, &id), APR_SUCCESS, "a rejection");
    is_int(set->problems->nelts, 2, "its problems");
    const eb_set_problem_t *problems = (const eb_set_problem_t *)set->problems->elts;
    is_str(problems[0].type, EVENTS "problems/x", "type");
    is_str(problems[0].title, "Nicht lesbar", "title");
    is_str(problems[0].detail, "<b>", "detail");
    is_str(problems[0].instance, "metadata", "instance");
    is_str(problems[1].title, NULL, "what is no text is nothing");
    ok(set->tags == NULL, "and no tags");
    is_int(set->issued, now, "its time");
    is_str(set->issuer, DESTINATION, "its issuer");
    is_str(set->jti, "b0587d1d-6934-4965-9e41-502c5caf25b0", "its id");
}

/* What a header may not be. `%s` is the kid. */
static const char *const headers[] = {
    "{\"typ\":\"JWT\",\"alg\":\"PS512\",\"kid\":\"%s\"}",
    "{\"alg\":\"PS512\",\"kid\":\"%s\"}",
    "{\"typ\":\"secevent+jwt\",\"kid\":\"%s\"}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS256\",\"kid\":\"%s\"}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"ps512\",\"kid\":\"%s\"}",
    "{\"typ\":\"secevent+jwt\",\"alg\":[\"PS512\"],\"kid\":\"%s\"}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":\"%s\",\"crit\":[\"exp\"],\"exp\":1}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":\"%s\",\"b64\":false}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":\"%s\",\"zip\":\"DEF\"}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":\"%s\",\"jku\":\"https://x.example\"}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":\"%s\",\"jwk\":{}}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":\"%s\",\"x5u\":\"https://x.example\"}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":\"%s\",\"x5c\":[]}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"none\",\"alg\":\"PS512\",\"kid\":\"%s\"}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":[\"%s\"]}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":\"\"}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\"}",
    "{\"typ\":\"secevent+jwt\",\"alg\":\"PS512\",\"kid\":\"%s\"} x",
    "[\"secevent+jwt\",\"PS512\",\"%s\"]",
    "",
};

static const char *const claims[] = {
    "{\"iss\":\"%s\",\"iat\":1763769600,\"sub\":\"s\",\"txn\":\"t\",\"events\":{\"e\":{}}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"sub\":\"s\",\"txn\":\"t\",\"events\":{\"e\":{}}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600.0,\"sub\":\"s\",\"txn\":\"t\",\"events\":{"
    "\"e\":{}}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":\"1763769600\",\"sub\":\"s\",\"txn\":\"t\",\"events\":{"
    "\"e\":{}}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600,\"txn\":\"t\",\"events\":{\"e\":{}}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600,\"sub\":\"s\",\"events\":{\"e\":{}}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600,\"sub\":\"s\",\"txn\":\"t\"}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600,\"sub\":\"s\",\"txn\":\"t\",\"events\":{}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600,\"sub\":\"s\",\"txn\":\"t\",\"events\":{"
    "\"e\":{},\"f\":{}}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600,\"sub\":\"s\",\"txn\":\"t\",\"events\":{"
    "\"e\":{},\"e\":{}}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600,\"sub\":\"s\",\"txn\":\"t\",\"events\":["
    "\"e\"]}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600,\"sub\":\"s\",\"txn\":\"t\",\"events\":{"
    "\"e\":null}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600,\"sub\":\"s\",\"txn\":\"t\",\"txn\":\"t\","
    "\"events\":{\"e\":{}}}",
    "{\"jti\":\"j\",\"iss\":\"%s\",\"iat\":1763769600,\"sub\":\"s\",\"txn\":\"\\u0000\",\"events\":"
    "{\"e\":{}}}",
    "[\"%s\"]",
    "angenommen",
};

/* Signed by the right key, and still no token. */
static void test_strict(void)
{
    eb_set_claim_t claim;
    bool none = true;

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        const char *header = apr_psprintf(pool, headers[i], destination_key.kid);
        const char *token = jose_signed(header, claims_of(&accepted), signing, "SHA512", 64, pool);
        refused(token, &destination_key, "EB0653", header);
        none = none && eb_set_claim(&claim, token, NULL, pool) == APR_EINVAL;
    }
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        const char *text = apr_psprintf(pool, claims[i], DESTINATION);
        const char *token =
            jose_signed(header_of(destination_key.kid), text, signing, "SHA512", 64, pool);
        refused(token, &destination_key, "EB0653", text);
        none = none && eb_set_claim(&claim, token, NULL, pool) == APR_EINVAL;
    }
    ok(none, "and none of them claims anything");
}

static void test_form(void)
{
    const char *good = token_of(&accepted);
    char *huge = apr_pcalloc(pool, EB_SET_LEN_MAX + 2);

    memset(huge, 'A', EB_SET_LEN_MAX + 1);
    refused("", &destination_key, "EB0653", "nothing");
    refused("..", &destination_key, "EB0653", "two dots");
    refused(huge, &destination_key, "EB0653", "a long text");
    refused(apr_pstrcat(pool, good, "=", NULL), &destination_key, "EB0653", "padding");
    refused(apr_pstrcat(pool, good, ".", NULL), &destination_key, "EB0653", "a fourth part");
    refused(apr_pstrcat(pool, good, "\n", NULL), &destination_key, "EB0653", "a line's end");
    refused(apr_pstrcat(pool, " ", good, NULL), &destination_key, "EB0653", "a blank before it");
    refused(apr_pstrcat(pool, good, "AAAA", NULL), &destination_key, "EB0654",
            "bytes behind the signature");
    refused(apr_pstrmemdup(pool, good, strlen(good) - 3), &destination_key, "EB0654",
            "a signature cut short");
}

static void test_signature(void)
{
    const char *header = header_of(destination_key.kid), *text = claims_of(&accepted);

    refused(jose_signed(header, text, signing, NULL, 0, pool), &destination_key, "EB0654",
            "no signature");
    refused(jose_signed(header, text, signing, "SHA512", -1, pool), &destination_key, "EB0654",
            "RS512's signature");
    refused(jose_signed(header, text, signing, "SHA256", 32, pool), &destination_key, "EB0654",
            "PS256's");
    refused(jose_signed(header, text, signing, "SHA512", 32, pool), &destination_key, "EB0654",
            "a shorter salt");
    refused(jose_signed(header, text, signing, "SHA512", 0, pool), &destination_key, "EB0654",
            "no salt");
    refused(jose_signed(header, text, stranger, "SHA512", 64, pool), &destination_key, "EB0654",
            "a stranger's");
    refused(jose_signed(header, text, service, "SHA512", 64, pool), &destination_key, "EB0654",
            "the service's, in the destination's name");
    refused(token_of(&accepted), &service_key, "EB0654", "a right one, with another key at hand");
    refused(jose_signed(header_of(service_key.kid), text, signing, "SHA512", 64, pool),
            &destination_key, "EB0654", "a right one that names another key");
    eb_jwk_t wrong = destination_key;
    wrong.use = EB_JWK_ENCRYPT;
    refused(token_of(&accepted), &wrong, "EB0654", "a key that is for encrypting");
}

/* A thousand changes of good tokens, from a seed. */

static unsigned seed = 20261126;

static unsigned chance(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static char *part_of(const char *token, int which)
{
    char *copy = apr_pstrdup(pool, token), *last, *part = apr_strtok(copy, ".", &last);
    for (; which > 0; which--)
        part = apr_strtok(NULL, ".", &last);
    return part;
}

static const char *with_part(const char *token, int which, const char *part)
{
    const char *parts[] = {part_of(token, 0), part_of(token, 1), part_of(token, 2)};
    parts[which] = part;
    return apr_pstrcat(pool, parts[0], ".", parts[1], ".", parts[2], NULL);
}

/* The bytes of one part changed, written as base64url again. */
static const char *bytes_changed(const char *token)
{
    int which = (int)chance(3);
    char *part = part_of(token, which);
    apr_size_t len = strlen(part) * 3 / 4, at = chance((unsigned)len);
    unsigned char *bytes = apr_pcalloc(pool, len + 8);

    eb_base64url_decode(bytes, len, part, strlen(part));
    switch (chance(4)) {
    case 0: bytes[at] ^= (unsigned char)(1 << chance(8)); break;
    case 1: bytes[at] ^= (unsigned char)(1 + chance(255)); break;
    case 2: memmove(bytes + at, bytes + at + 1, len-- - at); break;
    default: bytes[len++] = (unsigned char)" \n\0}A"[chance(5)];
    }
    return with_part(token, which, jose_text(bytes, len, pool));
}

static const char *signs_changed(const char *token)
{
    apr_size_t len = strlen(token), at = chance((unsigned)len);
    char *copy = apr_pstrdup(pool, token);
    const char *sign = (const char *[]){"A", ".", "=", " ", "\n", "+", "%"}[chance(7)];

    switch (chance(5)) {
    case 0: copy[at] = (char)(33 + (copy[at] - 33 + 1 + (int)chance(93)) % 94); return copy;
    case 1: return apr_pstrcat(pool, apr_pstrmemdup(pool, token, at), sign, token + at, NULL);
    case 2: return apr_pstrcat(pool, apr_pstrmemdup(pool, token, at), token + at + 1, NULL);
    case 3: return apr_pstrmemdup(pool, token, at);
    default: return token + 1 + at;
    }
}

/* Other contents under the same signature, or signed again by somebody else, or in another way. */
static const char *claims_changed(const char *token)
{
    claims_t c = accepted;
    const char *signature = part_of(token, 2);

    switch (chance(6)) {
    case 0: c.issuer = chance(2) ? OTHER : SERVICE; break;
    case 1: c.subject = "submission:" OTHER; break;
    case 2: c.transaction = "case:" OTHER; break;
    case 3: c.issued += 1 + (long)chance(900); break;
    case 4: c.event = EVENTS "reject-submission"; break;
    default: c.payload = "{}";
    }
    const char *text = claims_of(&c), *kid = chance(8) ? destination_key.kid : service_key.kid;
    if (chance(3))
        return apr_pstrcat(pool, jose_text(header_of(kid), strlen(header_of(kid)), pool), ".",
                           jose_text(text, strlen(text), pool), ".", signature, NULL);
    return jose_signed(header_of(kid), text, chance(2) ? stranger : service, "SHA512", 64, pool);
}

static const char *hmac_of(const char *header, const char *text)
{
    const char *input = apr_pstrcat(pool, jose_text(header, strlen(header), pool), ".",
                                    jose_text(text, strlen(text), pool), NULL);
    unsigned char mac[64], *der = NULL;
    int len = i2d_PUBKEY(signing, &der);

    HMAC(EVP_sha512(), der, len, (const unsigned char *)input, strlen(input), mac, NULL);
    OPENSSL_free(der);
    return apr_pstrcat(pool, input, ".", jose_text(mac, sizeof mac, pool), NULL);
}

static const char *algorithm_changed(void)
{
    const char *names[] = {"none", "RS512", "HS512", "PS384", "ES512", "PS512", ""};
    const char *header =
        apr_psprintf(pool, "{\"typ\":\"secevent+jwt\",\"alg\":\"%s\",\"kid\":\"%s\"}",
                     names[chance(7)], destination_key.kid);
    const char *text = claims_of(&accepted);

    switch (chance(4)) {
    case 0: return jose_signed(header, text, signing, NULL, 0, pool);
    case 1: return jose_signed(header, text, signing, "SHA512", -1, pool);
    case 2: return jose_signed(header, text, stranger, "SHA512", 64, pool);
    default: return hmac_of(header, text);
    }
}

static const char *changed(const char *token)
{
    unsigned way = chance(10);
    return way < 4   ? bytes_changed(token)
           : way < 7 ? signs_changed(token)
           : way < 9 ? claims_changed(token)
                     : algorithm_changed();
}

static void test_mutations(void)
{
    const char *good = token_of(&accepted), *id;
    int tried = 0, taken = 0;
    eb_set_t *set;

    while (tried < 1000) {
        const char *token = changed(good);
        if (strcmp(token, good) == 0)
            continue;
        tried++;
        if (verified(&set, token, &destination_key, &id) == APR_SUCCESS && ++taken)
            printf("# taken: %s\n", token);
    }
    is_int(taken, 0, "none of 1000 changed tokens is believed");
    is_int(verified(&set, good, &destination_key, &id), APR_SUCCESS, "and the good one still is");
}

/* Signed by CryptX. */
static void test_oracle(void)
{
    const char *token = jose_asked(
        apr_psprintf(pool,
                     JOSE_PERL "-e 'print jws_signed(q(%s), q(%s), "
                               "Eb::Zustelldienst::Keys::key(q(%s), q(signing))), qq(\\n)'",
                     header_of(destination_key.kid), claims_of(&accepted), folder),
        pool);
    eb_set_t *set;
    const char *id;

    is_int(token ? verified(&set, token, &destination_key, &id) : APR_EGENERAL, APR_SUCCESS,
           "CryptX signs, we believe");
}

static char *line_of(const char *file)
{
    char *line = apr_pcalloc(pool, 8192);
    FILE *f = fopen(file, "r");
    bool good = f && fgets(line, 8192, f);
    if (f)
        fclose(f);
    line[strcspn(line, "\n")] = '\0';
    return good ? line : NULL;
}

static void test_vectors(void)
{
    json_t *json = json_load_file(VECTORS "sig.pub.jwk.json", 0, NULL);
    eb_trust_t *trust;
    eb_jwk_t *key;
    eb_set_t *set;
    const char *id;

    if (!json) {
        skip(1, VECTORS " is missing");
        return;
    }
    eb_trust_load(&trust, NULL, NULL, true, NULL, pool);
    is_int(eb_jwk_check(&key, json, json_string_value(json_object_get(json, "kid")), EB_JWK_VERIFY,
                        trust, apr_time_now(), NULL, pool),
           APR_SUCCESS, "the key of the vectors");
    is_int(verified(&set, line_of(VECTORS "accept.set.jws"), key, &id), APR_SUCCESS,
           "its accept-submission, with the tags");
    is_int(set->event, EB_EVENT_ACCEPTED, "  is one");
    is_int(verified(&set, line_of(VECTORS "reject.set.jws"), key, &id), APR_SUCCESS,
           "its reject-submission");
    is_int(set->event, EB_EVENT_REJECTED, "  is one");
    is_str(((const eb_set_problem_t *)set->problems->elts)->instance, "metadata",
           "  with its problem");
    json_decref(json);
}

static eb_jwk_t jwk_of(EVP_PKEY *key, const char *kid)
{
    return (eb_jwk_t){.kid = kid, .use = EB_JWK_VERIFY, .key = key};
}

int main(void)
{
    pool = tap_begin();
    folder = jose_folder(pool);
    signing = jose_key(folder, "signing");
    service = jose_key(folder, "service");
    stranger = jose_key(folder, "encryption");
    destination_key = jwk_of(signing, "schluessel-der-behoerde");
    service_key = jwk_of(service, "schluessel-des-dienstes");
    tags = json_loads(TAGS, 0, NULL);
    test_claim();
    test_who();
    test_about();
    test_tags();
    test_problems();
    test_strict();
    test_form();
    test_signature();
    test_mutations();
    test_oracle();
    test_vectors();
    json_decref(tags);
    EVP_PKEY_free(signing);
    EVP_PKEY_free(service);
    EVP_PKEY_free(stranger);
    return done();
}
