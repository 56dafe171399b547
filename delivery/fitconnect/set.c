/* A token is taken apart in full before anything of it is looked at, and looked at only behind its
 * signature. The algorithm is ours, never the token's: what `alg` says is compared, not obeyed. */
#include "set.h"
#include "base/seal.h"
#include "json.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

enum {
    HEADER_LEN_MAX = 2048, /* of base64url */
    NAME_LEN_MAX = 512,    /* of kid, jti, iss, sub, txn */
    PROBLEMS_MAX = 100,
    AHEAD_MAX = 300 /* seconds that their clock may be before ours */
};

/* No token is older than FIT-Connect, or of another epoch's calendar: 2020 to 9999. */
static const json_int_t issued_min = 1577833200, issued_max = 253402300799;

typedef enum { BY_SERVICE = 1, BY_DESTINATION = 2, BY_EITHER = 3 } issuers_t;

/* The events after the common part of their names, and who may say so. */
static const char event_prefix[] = "https://schema.fitko.de/fit-connect/events/";
static const struct {
    const char *name;
    issuers_t by;
} events[] = {
    [EB_EVENT_CREATED] = {"create-submission", BY_SERVICE},
    [EB_EVENT_SUBMITTED] = {"submit-submission", BY_SERVICE},
    [EB_EVENT_NOTIFIED] = {"notify-submission", BY_SERVICE},
    [EB_EVENT_FORWARDED] = {"forward-submission", BY_EITHER},
    [EB_EVENT_ACCEPTED] = {"accept-submission", BY_DESTINATION},
    [EB_EVENT_REJECTED] = {"reject-submission", BY_EITHER},
    [EB_EVENT_DELETED] = {"delete-submission", BY_SERVICE},
    [EB_EVENT_OTHER] = {NULL, BY_EITHER},
};

typedef struct token_t {
    apr_size_t signed_len; /* header, dot, payload */
    const unsigned char *signature;
    apr_size_t signature_len;
    const char *kid, *jti, *issuer, *subject, *transaction;
    apr_time_t issued;
    eb_event_t event;
    const json_t *payload; /* the event's own object */
} token_t;

/* A text that is there and not too long; NULL otherwise. */
static const char *name_of(const json_t *object, const char *member)
{
    const char *text = eb_json_member(object, member);
    return text && *text && strlen(text) <= NAME_LEN_MAX ? text : NULL;
}

static bool is(const char *text, const char *wanted)
{
    return text && wanted && strcmp(text, wanted) == 0;
}

/* Everything below says what is wrong with a token, or NULL. */

/* What would change the meaning of a token, or bring its own key. */
static const char *header_fault(token_t *token, const json_t *header)
{
    static const char *const strange[] = {"crit", "b64", "zip", "jku", "jwk", "x5u", "x5c"};

    if (!json_is_object(header))
        return "has a header that is no JSON object";
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        if (json_object_get(header, strange[i]))
            return "has a header that changes its meaning or brings its own key";
    if (!is(eb_json_member(header, "typ"), "secevent+jwt"))
        return "is not of the type secevent+jwt";
    if (!is(eb_json_member(header, "alg"), "PS512"))
        return "is not signed with PS512";
    token->kid = name_of(header, "kid");
    return token->kid ? NULL : "does not name its key";
}

static eb_event_t event_of(const char *uri)
{
    apr_size_t prefix = sizeof event_prefix - 1;

    if (strncmp(uri, event_prefix, prefix) == 0)
        for (eb_event_t e = EB_EVENT_CREATED; e < EB_EVENT_OTHER; e++)
            if (strcmp(uri + prefix, events[e].name) == 0)
                return e;
    return EB_EVENT_OTHER;
}

static const char *event_fault(token_t *token, const json_t *all)
{
    void *one = json_object_iter((json_t *)all);

    if (!json_is_object(all) || json_object_size(all) != 1)
        return "does not hold exactly one event";
    token->event = event_of(json_object_iter_key(one));
    token->payload = json_object_iter_value(one);
    return json_is_object(token->payload) ? NULL : "holds an event that is no JSON object";
}

static const char *claims_fault(token_t *token, const json_t *claims)
{
    const json_t *issued = json_object_get(claims, "iat");
    json_int_t seconds = json_integer_value(issued);

    if (!json_is_object(claims))
        return "has claims that are no JSON object";
    token->jti = name_of(claims, "jti");
    token->issuer = name_of(claims, "iss");
    token->subject = name_of(claims, "sub");
    token->transaction = name_of(claims, "txn");
    if (!token->jti || !token->issuer || !token->subject || !token->transaction)
        return "lacks one of jti, iss, sub and txn";
    if (!json_is_integer(issued) || seconds < issued_min || seconds > issued_max)
        return "has no time in iat";
    token->issued = apr_time_from_sec(seconds);
    return event_fault(token, json_object_get(claims, "events"));
}

/* One segment as JSON; NULL when it is none. */
static const json_t *segment(const char *text, apr_size_t text_len, apr_size_t max,
                             apr_pool_t *pool)
{
    json_t *json;
    apr_size_t len;
    unsigned char *bytes = text_len <= max ? eb_json_bytes(&len, text, text_len, pool) : NULL;

    return bytes && !eb_json_read(&json, bytes, len, max, pool) ? json : NULL;
}

static const char *read_fault(token_t *token, const char *text, apr_pool_t *pool)
{
    apr_size_t len = strnlen(text, EB_SET_LEN_MAX + 1);

    if (len > EB_SET_LEN_MAX)
        return "is longer than 64 KiB";
    const char *first = strchr(text, '.'), *second = first ? strchr(first + 1, '.') : NULL;
    if (!second || strchr(second + 1, '.'))
        return "has not three parts";
    token->signed_len = (apr_size_t)(second - text);
    token->signature = eb_json_bytes(&token->signature_len, second + 1,
                                     (apr_size_t)(text + len - second - 1), pool);
    if (!token->signature)
        return "has a signature that is not base64url";
    const char *fault =
        header_fault(token, segment(text, (apr_size_t)(first - text), HEADER_LEN_MAX, pool));
    return fault ? fault
                 : claims_fault(token, segment(first + 1, (apr_size_t)(second - first - 1),
                                               EB_SET_LEN_MAX, pool));
}

apr_status_t eb_set_claim(eb_set_claim_t *claim, const char *token, eb_problem_t **problem,
                          apr_pool_t *pool)
{
    token_t read;
    const char *fault = read_fault(&read, token, pool);

    if (fault)
        return eb_problem_set(problem, EB_P_FIT_SET, APR_EINVAL, NULL, pool, "A token %s", fault);
    *claim = (eb_set_claim_t){.kid = read.kid, .issuer = read.issuer, .event = read.event};
    return APR_SUCCESS;
}

/* The signature: RSASSA-PSS with SHA-512 throughout and a salt of exactly 64 bytes. */

static bool verify(EVP_MD_CTX *ctx, const token_t *token, const char *text, EVP_PKEY *key)
{
    EVP_PKEY_CTX *pss;

    return ctx && EVP_DigestVerifyInit_ex(ctx, &pss, "SHA512", NULL, NULL, key, NULL) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(pss, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(pss, RSA_PSS_SALTLEN_DIGEST) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(pss, EVP_sha512()) == 1 &&
           EVP_DigestVerify(ctx, token->signature, token->signature_len,
                            (const unsigned char *)text, token->signed_len) == 1;
}

static const char *signature_fault(const token_t *token, const char *text, const eb_jwk_t *key)
{
    if (key->use != EB_JWK_VERIFY || strcmp(token->kid, key->kid) != 0)
        return "is signed by another key than the one at hand";
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = token->signature_len == (apr_size_t)EVP_PKEY_get_size(key->key) &&
                verify(ctx, token, text, key->key);
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return good ? NULL : "has a signature that is not its key's";
}

/* What it is about, and whether its issuer may say so. */

static bool names(const char *text, const char *kind, const char *id)
{
    apr_size_t len = strlen(kind);
    return id && strncmp(text, kind, len) == 0 && strcmp(text + len, id) == 0;
}

static bool may_say(const token_t *token, const eb_set_expect_t *expect)
{
    issuers_t by = events[token->event].by;
    return (by & BY_SERVICE && is(token->issuer, expect->service)) ||
           (by & BY_DESTINATION && is(token->issuer, expect->destination));
}

static const char *claim_fault(const token_t *token, const eb_set_expect_t *expect, apr_time_t now)
{
    bool reply = token->event == EB_EVENT_OTHER && strncmp(token->subject, "reply:", 6) == 0;

    if (!may_say(token, expect))
        return "comes from an issuer who may not say what it says";
    if (!reply && !names(token->subject, "submission:", expect->submission))
        return "is about another submission";
    if (!names(token->transaction, "case:", expect->case_id))
        return "is about another case";
    return token->issued > now + apr_time_from_sec(AHEAD_MAX) ? "comes from the future" : NULL;
}

/* The tags. */

static bool same_tag(const json_t *a, const json_t *b)
{
    apr_size_t len = json_string_length(a);

    if (!a && !b)
        return true;
    return json_is_string(a) && json_is_string(b) && json_string_length(b) == len &&
           eb_equal_secret(json_string_value(a), json_string_value(b), len);
}

/* No attachments may be an empty object, or none at all. */
static bool same_attachments(json_t *sent, const json_t *told)
{
    const char *id;
    json_t *tag;

    if ((told && !json_is_object(told)) || json_object_size(sent) != json_object_size(told))
        return false;
    json_object_foreach(sent, id, tag) if (!same_tag(tag, json_object_get(told, id))) return false;
    return true;
}

static bool same_tags(const json_t *sent, const json_t *told)
{
    const json_t *data = json_object_get(told, "data");
    const json_t *attachments = json_object_get(told, "attachments");

    return json_is_object(told) &&
           json_object_size(told) == 1u + (data != NULL) + (attachments != NULL) &&
           same_tag(json_object_get(sent, "metadata"), json_object_get(told, "metadata")) &&
           same_tag(json_object_get(sent, "data"), data) &&
           same_attachments(json_object_get(sent, "attachments"), attachments);
}

static apr_array_header_t *problems_of(const json_t *payload, apr_pool_t *pool)
{
    apr_array_header_t *problems = apr_array_make(pool, 4, sizeof(eb_set_problem_t));
    const json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(payload, "problems"), i, entry)
    {
        if (i == PROBLEMS_MAX)
            break;
        if (json_is_object(entry))
            APR_ARRAY_PUSH(problems, eb_set_problem_t) = (eb_set_problem_t){
                .type = eb_json_member(entry, "type"),
                .title = eb_json_member(entry, "title"),
                .detail = eb_json_member(entry, "detail"),
                .instance = eb_json_member(entry, "instance"),
            };
    }
    return problems;
}

static eb_set_t *believed(const token_t *token, apr_pool_t *pool)
{
    eb_set_t *set = apr_palloc(pool, sizeof *set);
    const json_t *tags = json_object_get(token->payload, "authenticationTags");

    *set = (eb_set_t){
        .event = token->event,
        .jti = token->jti,
        .issuer = token->issuer,
        .issued = token->issued,
        .tags = json_is_object(tags) ? tags : NULL,
        .problems = problems_of(token->payload, pool),
    };
    return set;
}

apr_status_t eb_set_verify(eb_set_t **set, const char *text, const eb_jwk_t *key,
                           const eb_set_expect_t *expect, const json_t *tags, apr_time_t now,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    token_t token;
    const char *fault = read_fault(&token, text, pool);

    if (fault)
        return eb_problem_set(problem, EB_P_FIT_SET, APR_EACCES, NULL, pool, "A token %s", fault);
    if ((fault = signature_fault(&token, text, key)) || (fault = claim_fault(&token, expect, now)))
        return eb_problem_set(problem, EB_P_FIT_SET_FORGED, APR_EACCES, NULL, pool, "A token %s",
                              fault);
    bool bound = token.event == EB_EVENT_SUBMITTED || token.event == EB_EVENT_ACCEPTED;
    *set = believed(&token, pool);
    if (tags && bound && !same_tags(tags, (*set)->tags))
        return eb_problem_set(problem, EB_P_FIT_TAGS, APR_EMISMATCH, NULL, pool,
                              "%s names other authentication tags than those that were sent",
                              events[token.event].name);
    return APR_SUCCESS;
}
