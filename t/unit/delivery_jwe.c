/* Encryption for FIT-Connect: opened by OpenSSL here, and by CryptX, which shares no line with us.
 * In pieces of every kind, and the same bytes each time. */
#include "delivery/fitconnect/jwe.h"
#include "bytes.h"
#include "jose.h"

#include <apr_errno.h>
#include <openssl/sha.h>

#define KID "787f3a1c-7e35-4a3d-9f0c-8d6a3c9e2b11"

static apr_pool_t *pool;
static const char *folder;
static EVP_PKEY *pair;
static eb_jwk_t jwk;
static const unsigned char secret[33] = "0123456789abcdef0123456789ABCDEF";

static eb_jwe_part_t part_of(const char *name)
{
    eb_jwe_part_t part = {.secret = secret, .part = name, .kid = KID, .cty = "application/xml"};
    if (eb_jwe_wrap(&part.wrapped, &part, &jwk, NULL, pool))
        printf("Bail out! no key is wrapped\n");
    return part;
}

/* The five segments. */
static char **segments(const char *jwe)
{
    char **segment = apr_pcalloc(pool, 6 * sizeof *segment), *at = apr_pstrdup(pool, jwe);

    for (int i = 0; i < 6 && at; i++) {
        segment[i] = at;
        at = strchr(at, '.');
        if (at)
            *at++ = '\0';
    }
    return segment;
}

static apr_size_t decoded(unsigned char **out, const char *text)
{
    apr_size_t len = strlen(text) * 3 / 4;
    *out = apr_pcalloc(pool, len + 1);
    return eb_base64url_decode(*out, len, text, strlen(text)) ? (apr_size_t)-1 : len;
}

static bool unwrap(unsigned char key[32], const char *text)
{
    unsigned char *wrapped, out[512];
    size_t wrapped_len = decoded(&wrapped, text), len = sizeof out;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pair, NULL);
    bool good = EVP_PKEY_decrypt_init(ctx) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1 &&
                EVP_PKEY_decrypt(ctx, out, &len, wrapped, wrapped_len) == 1 && len == 32;

    EVP_PKEY_CTX_free(ctx);
    memcpy(key, out, 32);
    return good;
}

/* The plaintext; NULL when it does not open. */
static unsigned char *opened(apr_size_t *len, const char *jwe)
{
    char **segment = segments(jwe);
    unsigned char key[32], *nonce, *sealed, *tag, *out;
    int n, last;

    if (!segment[4] || segment[5] || !unwrap(key, segment[1]) ||
        decoded(&nonce, segment[2]) != 12 || decoded(&tag, segment[4]) != 16)
        return NULL;
    *len = decoded(&sealed, segment[3]);
    out = apr_pcalloc(pool, *len + 1);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool good = EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), key, nonce, NULL) == 1 &&
                EVP_DecryptUpdate(ctx, NULL, &n, (unsigned char *)segment[0],
                                  (int)strlen(segment[0])) == 1 &&
                EVP_DecryptUpdate(ctx, out, &n, sealed, (int)*len) == 1 &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1 &&
                EVP_DecryptFinal_ex(ctx, out + n, &last) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return good ? out : NULL;
}

static void test_text(void)
{
    eb_jwe_part_t part = part_of("1/data");
    const char *jwe, *tag, *again, *again_tag;
    unsigned char *header, *plain;
    apr_size_t len = 0;

    is_int(eb_jwe_text(&jwe, &tag, &part, "<antrag/>", 9, NULL, pool), APR_SUCCESS,
           "a text is encrypted");
    decoded(&header, segments(jwe)[0]);
    is_str((char *)header,
           "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"" KID
           "\",\"cty\":\"application/xml\"}",
           "its header");
    is_str(segments(jwe)[1], part.wrapped, "the key is the caller's");
    is_str(tag, segments(jwe)[4], "the tag is the fifth part");
    is_int((long long)strlen(tag), EB_JWE_TAG_LEN, "as long as promised");
    is_int((long long)strlen(jwe), (long long)eb_jwe_len(&part, 9), "so is the whole");
    plain = opened(&len, jwe);
    ok(plain && len == 9, "it opens");
    is_str((char *)plain, "<antrag/>", "to what it was");
    eb_jwe_text(&again, &again_tag, &part, "<antrag/>", 9, NULL, pool);
    is_str(again, jwe, "and is the same each time");
}

/* Each of these makes another key and another nonce. */
static void test_bound(void)
{
    static unsigned char other_secret[32];
    eb_jwk_t other_jwk = jwk;
    eb_jwe_part_t parts[] = {part_of("1/data"), part_of("2/data"), part_of("1/data"),
                             part_of("1/data"), part_of("1/data")};
    const char *jwe[5], *tag;
    bool different = true;

    parts[2].secret = other_secret;
    parts[3].cty = "application/json";
    parts[4].kid = other_jwk.kid = "ein-anderer-Schluessel";
    for (int i = 0; i < 5; i++) {
        if (i > 1)
            eb_jwe_wrap(&parts[i].wrapped, &parts[i], i == 4 ? &other_jwk : &jwk, NULL, pool);
        eb_jwe_text(&jwe[i], &tag, &parts[i], "derselbe Text", 13, NULL, pool);
        apr_size_t len;
        unsigned char *plain = opened(&len, jwe[i]);
        ok(plain && strcmp((char *)plain, "derselbe Text") == 0, "it opens");
        for (int j = 0; j < i; j++)
            different = different && strcmp(segments(jwe[i])[2], segments(jwe[j])[2]) != 0 &&
                        strcmp(segments(jwe[i])[3], segments(jwe[j])[3]) != 0;
    }
    ok(different, "secret, part, kid and cty each give another nonce and another ciphertext");
    eb_jwe_part_t twice = part_of("1/data");
    ok(strcmp(twice.wrapped, parts[0].wrapped) != 0,
       "a key is never wrapped twice in the same way");
}

static void test_refused(void)
{
    eb_jwe_part_t part = part_of("1/data");
    eb_jwk_t other = jwk;
    eb_problem_t *problem = NULL;
    const char *jwe = NULL, *tag, *wrapped;

    const char *strange[] = {"", "a\"b", "a\\b", "a b", "a\nb", "\xC3\xBC", NULL};
    for (int i = 0; strange[i]; i++) {
        part.cty = strange[i];
        ok(eb_jwe_text(&jwe, &tag, &part, "x", 1, &problem, pool) != APR_SUCCESS && !jwe,
           "a name that cannot stand in a header");
    }
    part = part_of("1/data");
    part.wrapped = NULL;
    ok(eb_jwe_text(&jwe, &tag, &part, "x", 1, &problem, pool) != APR_SUCCESS, "no wrapped key");
    other.kid = "another";
    ok(eb_jwe_wrap(&wrapped, &part, &other, &problem, pool) != APR_SUCCESS,
       "another key than the part's");
    other = jwk;
    other.use = EB_JWK_VERIFY;
    ok(eb_jwe_wrap(&wrapped, &part, &other, &problem, pool) != APR_SUCCESS,
       "a key that is for verifying");
    is_str(problem->id, "EB0104", "a problem of its own");
}

/* A sink that knows what must come: a text in pieces, of which it keeps the largest. */
typedef struct gather_t {
    eb_sink_t sink;
    char *text;
    apr_size_t len, largest, pieces, room;
} gather_t;

static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *p)
{
    gather_t *g = (gather_t *)sink;
    (void)problem, (void)p;
    if (g->len + len > g->room)
        return APR_ENOSPC;
    memcpy(g->text + g->len, data, len);
    g->len += len;
    g->pieces++;
    g->largest = len > g->largest ? len : g->largest;
    return APR_SUCCESS;
}

/* A source in pieces of the seed's choice. */
typedef struct pieces_t {
    eb_source_t source;
    const unsigned char *data;
    apr_size_t len, most;
} pieces_t;

static unsigned seed = 20261126;

static apr_status_t pour_pieces(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                                apr_pool_t *p)
{
    pieces_t *pieces = (pieces_t *)source;
    apr_status_t rv = APR_SUCCESS;

    for (apr_size_t at = 0; at < pieces->len && !rv;) {
        seed = seed * 1664525u + 1013904223u;
        apr_size_t n = (seed >> 8) % (pieces->most + 1);
        n = n < pieces->len - at ? n : pieces->len - at;
        rv = sink->take(sink, pieces->data + at, n, problem, p);
        at += n;
    }
    return rv;
}

static void flows(apr_size_t len, apr_size_t most)
{
    apr_pool_t *own;
    apr_pool_create(&own, pool);
    unsigned char *data = apr_palloc(own, len + 1), *plain;
    eb_jwe_part_t part = part_of(apr_psprintf(own, "1/%" APR_SIZE_T_FMT, len));
    apr_size_t room = (apr_size_t)eb_jwe_len(&part, len), got_len;
    gather_t g = {.sink = {take}, .text = apr_pcalloc(own, room + 1), .room = room}, again = g;
    again.text = apr_pcalloc(own, room + 1);
    bytes_make(data, 1, 0, len);
    pieces_t pieces = {{pour_pieces}, data, len, most};
    eb_jwe_flow_t flow;

    eb_jwe_flow(&flow, &part, &pieces.source);
    bool good = flow.source.pour(&flow.source, &g.sink, NULL, own) == APR_SUCCESS &&
                g.len == room && strcmp(flow.tag, segments(g.text)[4]) == 0;
    pieces.most = most * 3 + 1;
    good = good && flow.source.pour(&flow.source, &again.sink, NULL, own) == APR_SUCCESS &&
           strcmp(g.text, again.text) == 0;
    plain = good ? opened(&got_len, g.text) : NULL;
    good = plain && got_len == len && memcmp(plain, data, len) == 0;
    ok(good,
       apr_psprintf(pool, "%" APR_SIZE_T_FMT " bytes in pieces up to %" APR_SIZE_T_FMT, len, most));
    if (len > 200000)
        ok(g.largest == 131072 && g.pieces <= room / 131072 + 4, "leave in pieces of 128 KiB");
    apr_pool_destroy(own);
}

static void test_flow(void)
{
    static const apr_size_t lens[] = {0,     1,     2,      3,     4,      98303,
                                      98304, 98305, 196608, 65536, 100001, 1048577};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++)
        flows(lens[i], i % 3 == 0 ? 7 : i % 3 == 1 ? 5000 : 65536);
}

static void test_failures(void)
{
    eb_jwe_part_t part = part_of("1/data");
    bytes_t source = {.source = {bytes_pour}, .len = 100000, .failure = APR_EGENERAL, .lacks = 10};
    gather_t g = {.sink = {take}, .text = apr_palloc(pool, 200000), .room = 200000};
    eb_jwe_flow_t flow;

    eb_jwe_flow(&flow, &part, &source.source);
    is_int(flow.source.pour(&flow.source, &g.sink, NULL, pool), APR_EGENERAL,
           "a source that fails");
    is_str(flow.tag, "", "gives no tag");
    source.good = 10;
    g.len = 0;
    is_int(flow.source.pour(&flow.source, &g.sink, NULL, pool), APR_SUCCESS,
           "and may be poured again");
    is_int((long long)strlen(flow.tag), EB_JWE_TAG_LEN, "with its tag");
    for (g.room = 0; g.room < 140000; g.room += 20000) {
        g.len = 0;
        if (!is_int(flow.source.pour(&flow.source, &g.sink, NULL, pool), APR_ENOSPC,
                    "a sink that is full") ||
            *flow.tag)
            break;
    }
}

/* The memory of a pouring does not depend on its length: 64 MB, counted and thrown away. */
static apr_status_t count(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                          apr_pool_t *p)
{
    (void)data, (void)problem, (void)p;
    ((gather_t *)sink)->len += len;
    return APR_SUCCESS;
}

static void test_long(void)
{
    eb_jwe_part_t part = part_of("1/long");
    bytes_t source = {.source = {bytes_pour}, .len = 64u * 1000 * 1000, .good = 1};
    gather_t g = {.sink = {count}};
    eb_jwe_flow_t flow;

    eb_jwe_flow(&flow, &part, &source.source);
    is_int(flow.source.pour(&flow.source, &g.sink, NULL, pool), APR_SUCCESS, "64 MB");
    is_int((long long)g.len, (long long)eb_jwe_len(&part, source.len), "as long as promised");
}

/* CryptX reads what we have written, and the rules of the interface besides. */
static void test_oracle(void)
{
    char path[] = "/tmp/eb-jwe-XXXXXX", hex[129];
    unsigned char *data = apr_palloc(pool, 100000), digest[64];
    eb_jwe_part_t part = part_of("1/oracle");
    const char *jwe, *tag;

    bytes_make(data, 2, 0, 100000);
    eb_jwe_text(&jwe, &tag, &part, data, 100000, NULL, pool);
    SHA512(data, 100000, digest);
    for (int i = 0; i < 64; i++)
        apr_snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    int fd = mkstemp(path);
    bool written = fd >= 0 && write(fd, jwe, strlen(jwe)) == (ssize_t)strlen(jwe);
    close(fd);
    const char *said = jose_asked(
        apr_psprintf(pool,
                     JOSE_PERL "-MDigest::SHA=sha512_hex -e 'open my $f, q(<), q(%s); my $jwe = "
                               "<$f>; my $fault = jwe_fault($jwe, kid => q(" KID
                               "), cty => [q(application/xml)]); my ($plain) = jwe_open($jwe, "
                               "Eb::Zustelldienst::Keys::key(q(%s), "
                               "q(encryption))); print $fault // sha512_hex($plain), qq(\\n)'",
                     path, folder),
        pool);
    unlink(path);
    ok(written, "a JWE in a file");
    is_str(said, hex, "CryptX opens it to the same bytes");
}

int main(void)
{
    pool = tap_begin();
    folder = jose_folder(pool);
    pair = jose_key(folder, "encryption");
    jwk = (eb_jwk_t){.kid = KID, .use = EB_JWK_ENCRYPT, .key = pair};
    test_text();
    test_bound();
    test_refused();
    test_flow();
    test_failures();
    test_long();
    test_oracle();
    EVP_PKEY_free(pair);
    return done();
}
