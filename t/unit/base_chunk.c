/* Texts in pieces: what is opened here is opened by OpenSSL too, with associated data put together
 * by hand, and no piece passes for another. */
#include "base/chunk.h"
#include "tap.h"
#include "scratch.h"

#include <apr_errno.h>
#include <openssl/evp.h>

enum { FULL = EB_CHUNK_LEN, SEALED = EB_CHUNK_SEALED_LEN };

static eb_chunks_t chunks;
static unsigned char text[4 * FULL], sealed[SEALED], out[SEALED];

/* nonce || ciphertext || tag under AES-256-GCM, without a line of ours. */
static bool oracle_opens(const unsigned char *in, int len, const void *aad, int aad_len,
                         const void *want)
{
    static unsigned char plain[SEALED];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0, tail = 0, text_len = len - 28;
    bool good =
        EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, chunks.key, in) == 1 &&
        EVP_DecryptUpdate(ctx, NULL, &n, aad, aad_len) == 1 &&
        (!text_len || EVP_DecryptUpdate(ctx, plain, &n, in + 12, text_len) == 1) &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, 16, (void *)(in + 12 + text_len)) == 1 &&
        EVP_DecryptFinal_ex(ctx, plain + text_len, &tail) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return good && memcmp(plain, want, text_len) == 0;
}

static apr_status_t reopen(apr_uint32_t index, bool last, apr_size_t plain_len)
{
    return eb_chunk_open(out, &chunks, index, last, sealed, plain_len + EB_SEAL_OVERHEAD);
}

static void test_counts(void)
{
    is_int(eb_chunk_count(0), 1, "nothing is one piece");
    is_int(eb_chunk_count(1), 1, "so is a byte");
    is_int(eb_chunk_count(FULL), 1, "and 64 KiB");
    is_int(eb_chunk_count(FULL + 1), 2, "one more is two");
    is_int(eb_chunk_count(10 * 1024 * 1024), 160, "10 MiB");
    is_int(eb_chunk_count((apr_uint64_t)FULL << 31), (long long)1 << 31, "128 TiB");
}

static void test_oracle(void)
{
    is_int(eb_chunk_seal(sealed, &chunks, 0x01020304, false, text, FULL), APR_SUCCESS,
           "a piece in the middle");
    ok(oracle_opens(sealed, SEALED, "file-1\4\3\2\1\0\0\0\0", 14, text),
       "is AES-256-GCM over what it is, its index and no number");
    is_int(eb_chunk_seal(sealed, &chunks, 255, true, text, 5), APR_SUCCESS, "the last piece");
    ok(oracle_opens(sealed, 5 + 28, "file-1\377\0\0\0\0\1\0\0", 14, text),
       "has the number of all of them");
    is_int(eb_chunk_seal(sealed, &chunks, 0, true, NULL, 0), APR_SUCCESS, "an empty text");
    ok(oracle_opens(sealed, 28, "file-1\0\0\0\0\1\0\0\0", 14, text), "is one piece as well");
    ok(!oracle_opens(sealed, 28, "file-1\0\0\0\0\0\0\0\0", 14, text), "the oracle can say no");
}

static void test_lengths(void)
{
    const apr_size_t lens[] = {0, 1, 15, 16, 17, FULL - 1, FULL};
    bool same = true, short_middle = true;

    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        apr_size_t n = lens[i];
        same = same && !eb_chunk_seal(sealed, &chunks, 3, true, text, n) && !reopen(3, true, n) &&
               memcmp(out, text, n) == 0;
        if (n < FULL)
            short_middle = short_middle &&
                           eb_chunk_seal(sealed, &chunks, 3, false, text, n) == APR_EINVAL &&
                           reopen(3, false, n) == APR_EGENERAL;
    }
    ok(same, "last pieces of all lengths come back");
    ok(short_middle, "only the last may be short");
    is_int(eb_chunk_seal(sealed, &chunks, 0, true, text, FULL + 1), APR_EINVAL, "none may be long");
    is_int(eb_chunk_open(out, &chunks, 0, true, text, SEALED + 1), APR_EGENERAL, "not here either");
    is_int(eb_chunk_seal(sealed, &chunks, APR_UINT32_MAX, true, text, 1), APR_EINVAL,
           "an index without a number after it");
    is_int(eb_chunk_seal(sealed, &chunks, APR_UINT32_MAX - 1, true, text, 1), APR_SUCCESS,
           "the highest index");
    is_int(reopen(APR_UINT32_MAX - 1, true, 1), APR_SUCCESS, "comes back");
}

/* Three and a half pieces; then every piece is offered at every place, as last and as not. */
static void test_places(apr_pool_t *pool)
{
    enum { COUNT = 4, TAIL = 100 };
    unsigned char *pieces[COUNT];
    bool right = true, wrong = true;

    for (apr_uint32_t i = 0; i < COUNT; i++) {
        pieces[i] = apr_palloc(pool, SEALED);
        eb_chunk_seal(pieces[i], &chunks, i, i == COUNT - 1, text + i * FULL,
                      i == COUNT - 1 ? TAIL : FULL);
    }
    for (apr_uint32_t of = 0; of < COUNT; of++)
        for (apr_uint32_t at = 0; at < COUNT + 1; at++)
            for (int last = 0; last < 2; last++) {
                apr_size_t len = (of == COUNT - 1 ? TAIL : FULL) + EB_SEAL_OVERHEAD;
                bool opens = !eb_chunk_open(out, &chunks, at, last, pieces[of], len);
                if (of == at && last == (of == COUNT - 1))
                    right = right && opens && !memcmp(out, text + of * FULL, len - 28);
                else
                    wrong = wrong && !opens;
            }
    ok(right, "every piece opens at its place");
    ok(wrong, "at no other place, nor as an end that it is not");

    bool cut = true;
    for (apr_size_t len = 0; len < TAIL + EB_SEAL_OVERHEAD; len++)
        cut = cut && eb_chunk_open(out, &chunks, COUNT - 1, true, pieces[COUNT - 1], len) != 0;
    ok(cut, "no cut piece opens");
    bool changed = true;
    for (int bit = 0; bit < (TAIL + EB_SEAL_OVERHEAD) * 8; bit++) {
        pieces[3][bit / 8] ^= (unsigned char)(1 << bit % 8);
        changed = changed && eb_chunk_open(out, &chunks, 3, true, pieces[3], TAIL + 28) != 0;
        pieces[3][bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ok(changed, "nor a changed one");
    memset(out, 'x', TAIL);
    pieces[3][50] ^= 1;
    eb_chunk_open(out, &chunks, 3, true, pieces[3], TAIL + 28);
    ok(!memchr(out, 'x', TAIL) && memcmp(out, text + 3 * FULL, TAIL), "of which nothing comes out");
}

/* A text whose pieces were all full: the last piece of a shorter text must not end a longer one. */
static void test_full_last(void)
{
    eb_chunk_seal(sealed, &chunks, 1, true, text, FULL);
    is_int(reopen(1, true, FULL), APR_SUCCESS, "a full last piece");
    is_int(reopen(1, false, FULL), APR_EGENERAL, "is not one in the middle");
    eb_chunk_seal(sealed, &chunks, 1, false, text, FULL);
    is_int(reopen(1, true, FULL), APR_EGENERAL, "nor the other way round");
}

static void test_other_texts(void)
{
    eb_chunks_t other = chunks;

    eb_chunk_seal(sealed, &chunks, 0, true, text, 9);
    other.bound = "file-2";
    is_int(eb_chunk_open(out, &other, 0, true, sealed, 9 + 28), APR_EGENERAL, "another text");
    other.bound_len = 5;
    is_int(eb_chunk_open(out, &other, 0, true, sealed, 9 + 28), APR_EGENERAL, "a shorter name");
    other = chunks;
    other.key[0] ^= 1;
    is_int(eb_chunk_open(out, &other, 0, true, sealed, 9 + 28), APR_EGENERAL, "another key");
    is_int(reopen(0, true, 9), APR_SUCCESS, "untouched");

    static const char long_name[EB_CHUNK_BOUND_MAX + 1];
    other = chunks;
    other.bound = long_name;
    other.bound_len = EB_CHUNK_BOUND_MAX + 1;
    is_int(eb_chunk_seal(sealed, &other, 0, true, text, 9), APR_EINVAL, "too long a name");
    is_int(eb_chunk_open(out, &other, 0, true, sealed, 9 + 28), APR_EGENERAL, "in both ways");
    other.bound_len = EB_CHUNK_BOUND_MAX;
    is_int(eb_chunk_seal(sealed, &other, 0, true, text, 9), APR_SUCCESS, "as long as it may be");
    is_int(eb_chunk_open(out, &other, 0, true, sealed, 9 + 28), APR_SUCCESS, "comes back");
    other = (eb_chunks_t){.ring = chunks.ring};
    is_int(eb_chunk_seal(sealed, &other, 0, true, text, 9), APR_SUCCESS, "no name at all");
    is_int(eb_chunk_open(out, &other, 0, true, sealed, 9 + 28), APR_SUCCESS, "comes back");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    const char *dir = scratch_make(pool);

    chunks = (eb_chunks_t){.ring = scratch_keys(dir, "a", pool), .bound = "file-1", .bound_len = 6};
    eb_random(chunks.key, sizeof chunks.key);
    eb_random(text, sizeof text);
    test_counts();
    test_oracle();
    test_lengths();
    test_places(pool);
    test_full_last();
    test_other_texts();
    scratch_remove(dir);
    return done();
}
