/* The record: format, key id, the wrapped key, then one sealed body.
 *
 *   0      format (3; 2 had no language)
 *   1..4   fingerprint of the key file key, little endian, as all numbers here
 *   5..64  the draft's own key, sealed under HKDF(key file key || secret, tenant)
 *   65..   body, sealed under the draft's own key
 *
 * The body: state, uuid, number, created, edited, accepted, expires, form hash, birth, writer, the
 * length of what was sent, node and language (each length and text), what was sent, and the answers
 * up to the end; nothing is copied out of it but the facts.
 *
 * Both seals bind the tenant and the name of the Redis key; that of the body binds the version and
 * the head as well, so that no record passes for another, nor for another version of itself. */
#include "draft_codec.h"
#include "base/buf.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

enum {
    FORMAT = 3,
    FORMAT_WITHOUT_LANGUAGE = 2,
    WRAP_AT = 5,
    WRAP_LEN = EB_KEY_LEN + EB_SEAL_OVERHEAD,
    BODY_AT = WRAP_AT + WRAP_LEN,
    TAG_LEN = EB_BASE64URL_LEN(32),                                           /* of the name */
    FACTS_LEN = 1 + EB_UUID_LEN + EB_NUMBER_LEN + 4 * 8 + 16 + 2 * 8 + 4 + 1, /* without node */
    TEXTS_MAX = 64 + 1 + 16                                                   /* node, language */
};

static void put_number(unsigned char *at, apr_uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static apr_uint64_t get_number(const unsigned char *at, int bytes)
{
    apr_uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

/* The secret as bytes, for keys. */
static void secret_bytes(unsigned char bytes[32], const eb_draft_t *draft,
                         const eb_drafts_t *drafts)
{
    eb_sha256(bytes, drafts->keys, draft->secret, EB_DRAFT_SECRET_LEN);
}

/* HMAC under the secret: whoever sees names learns nothing about secrets. */
apr_status_t eb_draft_name(eb_draft_t *draft, const eb_drafts_t *drafts)
{
    static const char label[] = "mod_einbuergerung draft name\n";
    unsigned char secret[32], mac[32];
    char text[sizeof label + 256];

    if (!eb_code_valid(draft->secret, EB_DRAFT_CODE) || strlen(drafts->tenant) > 255)
        return APR_EINVAL;
    int len = apr_snprintf(text, sizeof text, "%s%s", label, drafts->tenant);
    secret_bytes(secret, draft, drafts);
    apr_status_t rv = eb_mac(mac, sizeof mac, drafts->keys, secret, text, len);
    eb_wipe(secret, sizeof secret);
    if (rv)
        return rv;
    memcpy(draft->name, "eb:{", 4);
    eb_base64url(draft->name + 4, mac, sizeof mac);
    memcpy(draft->name + 4 + TAG_LEN, "}:draft", 8);
    return APR_SUCCESS;
}

/* All of a draft's keys carry the same hash tag, so that one transaction may name them in a
 * cluster. */
const char *eb_draft_file_name(const eb_draft_t *draft, const char *id, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%.*s:f:%s", 4 + TAG_LEN + 1, draft->name, id);
}

/* The key that wraps: from the key file's key and the applicant's secret, for this tenant. */
static apr_status_t derive_kek(unsigned char kek[EB_KEY_LEN], const eb_draft_t *draft,
                               apr_uint32_t key_id, const eb_drafts_t *drafts, apr_pool_t *pool)
{
    unsigned char secret[32];

    secret_bytes(secret, draft, drafts);
    apr_status_t rv = eb_key_derive(kek, drafts->keys, key_id,
                                    apr_pstrcat(pool, "draft key\n", drafts->tenant, NULL), secret,
                                    sizeof secret);
    eb_wipe(secret, sizeof secret);
    return rv;
}

apr_status_t eb_draft_wrap(eb_draft_t *draft, const eb_drafts_t *drafts, apr_pool_t *pool)
{
    apr_uint32_t current = eb_keyring_current(drafts->keys);
    unsigned char kek[EB_KEY_LEN];

    if (draft->wrapped && draft->key_id == current)
        return APR_SUCCESS;
    apr_status_t rv = derive_kek(kek, draft, current, drafts, pool);
    if (!rv)
        rv = eb_seal(draft->wrap, drafts->keys, kek, draft->name, EB_DRAFT_NAME_LEN, draft->dek,
                     EB_KEY_LEN);
    eb_wipe(kek, sizeof kek);
    if (rv)
        return rv;
    draft->key_id = current;
    draft->wrapped = true;
    return APR_SUCCESS;
}

static apr_status_t unwrap(eb_draft_t *draft, const eb_drafts_t *drafts, apr_pool_t *pool)
{
    unsigned char kek[EB_KEY_LEN];
    apr_status_t rv = derive_kek(kek, draft, draft->key_id, drafts, pool);

    if (!rv)
        rv = eb_unseal(draft->dek, drafts->keys, kek, draft->name, EB_DRAFT_NAME_LEN, draft->wrap,
                       WRAP_LEN);
    eb_wipe(kek, sizeof kek);
    draft->wrapped = !rv;
    return rv;
}

/* What the body's seal binds: head, version, name, tenant. The name has a fixed length, so that the
 * parts cannot be shifted against one another. */
static const void *body_aad(apr_size_t *len, const unsigned char *record, const char *name,
                            apr_uint64_t version, const eb_drafts_t *drafts, apr_pool_t *pool)
{
    apr_size_t tenant_len = strlen(drafts->tenant);
    unsigned char *aad = apr_palloc(pool, WRAP_AT + 8 + EB_DRAFT_NAME_LEN + tenant_len);

    memcpy(aad, record, WRAP_AT);
    put_number(aad + WRAP_AT, version, 8);
    memcpy(aad + WRAP_AT + 8, name, EB_DRAFT_NAME_LEN);
    memcpy(aad + WRAP_AT + 8 + EB_DRAFT_NAME_LEN, drafts->tenant, tenant_len);
    *len = WRAP_AT + 8 + EB_DRAFT_NAME_LEN + tenant_len;
    return aad;
}

static void put_facts(eb_buf_t *body, const eb_draft_t *draft)
{
    const apr_uint64_t before[] = {draft->created, draft->edited, draft->accepted, draft->expires};
    const apr_uint64_t after[] = {draft->birth, draft->writer};

    eb_buf_putc(body, (char)draft->state);
    eb_buf_add(body, draft->uuid, EB_UUID_LEN);
    eb_buf_add(body, draft->number, EB_NUMBER_LEN);
    unsigned char *at = (unsigned char *)eb_buf_reserve(body, sizeof before);
    for (int i = 0; i < 4; i++)
        put_number(at + 8 * i, before[i], 8);
    body->len += sizeof before;
    eb_buf_add(body, draft->form_hash, sizeof draft->form_hash);
    at = (unsigned char *)eb_buf_reserve(body, sizeof after);
    for (int i = 0; i < 2; i++)
        put_number(at + 8 * i, after[i], 8);
    body->len += sizeof after;
    at = (unsigned char *)eb_buf_reserve(body, 4);
    put_number(at, draft->sent_len, 4);
    body->len += 4;
    eb_buf_putc(body, (char)strlen(draft->node));
    eb_buf_puts(body, draft->node);
    eb_buf_putc(body, (char)strlen(draft->language));
    eb_buf_puts(body, draft->language);
}

apr_status_t eb_draft_encode(const unsigned char **record, apr_size_t *len, const eb_draft_t *draft,
                             apr_uint64_t version, const eb_drafts_t *drafts, apr_pool_t *pool)
{
    eb_buf_t body;
    apr_size_t aad_len;

    const apr_size_t room = EB_DRAFT_MAX - BODY_AT - EB_SEAL_OVERHEAD - FACTS_LEN - TEXTS_MAX;
    if (draft->answers_len > room || draft->sent_len > room - draft->answers_len)
        return APR_ENOSPC;
    eb_buf_init(&body, FACTS_LEN + TEXTS_MAX + draft->sent_len + draft->answers_len, pool);
    put_facts(&body, draft);
    eb_buf_add(&body, draft->sent, draft->sent_len);
    eb_buf_add(&body, draft->answers, draft->answers_len);

    unsigned char *out = apr_palloc(pool, BODY_AT + body.len + EB_SEAL_OVERHEAD);
    out[0] = FORMAT;
    put_number(out + 1, draft->key_id, 4);
    memcpy(out + WRAP_AT, draft->wrap, WRAP_LEN);
    const void *aad = body_aad(&aad_len, out, draft->name, version, drafts, pool);
    *record = out;
    *len = BODY_AT + body.len + EB_SEAL_OVERHEAD;
    return eb_seal(out + BODY_AT, drafts->keys, draft->dek, aad, aad_len, body.data, body.len);
}

static apr_time_t get_time(const unsigned char *at)
{
    return (apr_time_t)get_number(at, 8);
}

typedef struct rest_t { /* of the body, behind the facts */
    const unsigned char *at;
    apr_size_t len;
} rest_t;

/* `len` bytes into a buffer of `size`. */
static bool take_text(char *text, apr_size_t size, apr_size_t len, rest_t *rest)
{
    if (len >= size || len > rest->len)
        return false;
    memcpy(text, rest->at, len);
    text[len] = '\0';
    rest->at += len;
    rest->len -= len;
    return true;
}

static bool take_language(eb_draft_t *draft, rest_t *rest)
{
    if (rest->len == 0)
        return false;
    apr_size_t len = *rest->at++;
    rest->len--;
    return take_text(draft->language, sizeof draft->language, len, rest);
}

/* The facts, and the answers where they stand. False: not the body of a draft. */
static bool take_body(eb_draft_t *draft, const unsigned char *body, apr_size_t len, bool language)
{
    if (len < FACTS_LEN || body[0] > EB_DRAFT_SUBMITTED)
        return false;
    draft->state = (eb_draft_state_t)body[0];
    const unsigned char *at = body + 1;
    memcpy(draft->uuid, at, EB_UUID_LEN);
    at += EB_UUID_LEN;
    memcpy(draft->number, at, EB_NUMBER_LEN);
    at += EB_NUMBER_LEN;
    draft->created = get_time(at);
    draft->edited = get_time(at + 8);
    draft->accepted = get_time(at + 16);
    draft->expires = get_time(at + 24);
    memcpy(draft->form_hash, at + 32, sizeof draft->form_hash);
    at += 32 + sizeof draft->form_hash;
    draft->birth = get_number(at, 8);
    draft->writer = get_number(at + 8, 8);
    apr_size_t sent_len = (apr_size_t)get_number(at + 16, 4);
    rest_t rest = {body + FACTS_LEN, len - FACTS_LEN};
    if (!take_text(draft->node, sizeof draft->node, at[20], &rest) ||
        (language && !take_language(draft, &rest)) || sent_len > rest.len)
        return false;
    draft->sent = sent_len ? rest.at : NULL;
    draft->sent_len = sent_len;
    draft->answers = rest.at + sent_len;
    draft->answers_len = rest.len - sent_len;
    return eb_uuid_valid(draft->uuid) && eb_number_valid(draft->number);
}

apr_status_t eb_draft_decode(eb_draft_t *draft, const void *record, apr_size_t len,
                             const eb_drafts_t *drafts, apr_pool_t *pool)
{
    const unsigned char *in = record;
    apr_size_t aad_len;

    if (len < BODY_AT + EB_SEAL_OVERHEAD || len > EB_DRAFT_MAX ||
        (in[0] != FORMAT && in[0] != FORMAT_WITHOUT_LANGUAGE))
        return APR_EINVAL;
    draft->key_id = (apr_uint32_t)get_number(in + 1, 4);
    memcpy(draft->wrap, in + WRAP_AT, WRAP_LEN);
    apr_status_t rv = unwrap(draft, drafts, pool);
    if (rv)
        return rv;
    apr_size_t body_len = len - BODY_AT - EB_SEAL_OVERHEAD;
    unsigned char *body = apr_palloc(pool, body_len);
    const void *aad = body_aad(&aad_len, in, draft->name, draft->version, drafts, pool);
    rv = eb_unseal(body, drafts->keys, draft->dek, aad, aad_len, in + BODY_AT, len - BODY_AT);
    if (rv)
        return rv;
    return take_body(draft, body, body_len, in[0] == FORMAT) ? APR_SUCCESS : APR_EINVAL;
}
