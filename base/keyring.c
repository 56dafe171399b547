/* The operator's key file becomes a ring that never changes again, so threads share it without
 * locks. The algorithms are fetched here, once: since OpenSSL 3 asking for them by name in each
 * call costs more than sealing a kilobyte. */
#include "keyring.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <string.h>

enum {
    FILE_MAX = 16384,
    BASE64_LEN = EB_BASE64URL_LEN(EB_KEY_LEN) + 1, /* and the padding */
    MODE_ALLOWED = APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_GREAD
};

/* What the steps of loading share. */
typedef struct loader_t {
    eb_keyring_t *ring;
    const char *file;
    int line;
    eb_problem_t **problem;
    apr_pool_t *pool;
} loader_t;

const eb_file_key_t *eb_keyring_find(const eb_keyring_t *ring, apr_uint32_t key_id)
{
    for (int i = 0; i < ring->count; i++)
        if (ring->keys[i].id == key_id)
            return &ring->keys[i];
    return NULL;
}

apr_uint32_t eb_keyring_current(const eb_keyring_t *ring)
{
    return ring->keys[0].id;
}

bool eb_keyring_has(const eb_keyring_t *ring, apr_uint32_t key_id)
{
    return eb_keyring_find(ring, key_id) != NULL;
}

const char *eb_keyring_name(const eb_keyring_t *ring, int index, apr_uint32_t *key_id)
{
    if (index >= ring->count)
        return NULL;
    *key_id = ring->keys[index].id;
    return ring->keys[index].name;
}

static apr_status_t keyring_cleanup(void *data)
{
    eb_keyring_t *ring = data;
    EVP_CIPHER_free(ring->cipher);
    EVP_MD_free(ring->sha256);
    EVP_MAC_CTX_free(ring->hmac);
    eb_wipe(ring, sizeof *ring);
    return APR_SUCCESS;
}

/* A keyed context is copied by reference to its algorithms, whereas setting a digest by name looks
 * it up under a lock. The zero key is that of HKDF's extract step without salt. */
static EVP_MAC_CTX *hmac_template(void)
{
    static const unsigned char zero[EB_KEY_LEN];
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);

    EVP_MAC_free(mac); /* the context holds it */
    if (ctx && EVP_MAC_init(ctx, zero, sizeof zero, params) == 1)
        return ctx;
    EVP_MAC_CTX_free(ctx);
    return NULL;
}

static apr_status_t fetch_algorithms(loader_t *l)
{
    l->ring->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    l->ring->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    l->ring->hmac = hmac_template();
    if (l->ring->cipher && l->ring->sha256 && l->ring->hmac)
        return APR_SUCCESS;
    ERR_clear_error();
    return eb_problem_set(l->problem, EB_P_CRYPTO, APR_EGENERAL, NULL, l->pool,
                          "OpenSSL offers no %s",
                          !l->ring->cipher   ? "AES-256-GCM"
                          : !l->ring->sha256 ? "SHA-256"
                                             : "HMAC-SHA-256");
}

static apr_status_t syntax_error(loader_t *l, const char *what)
{
    const char *where = apr_psprintf(l->pool, "%s:%d", l->file, l->line);
    return eb_problem_set(l->problem, EB_P_KEYFILE_SYNTAX, APR_EINVAL, where, l->pool, "%s", what);
}

static bool is_name(const char *s, apr_size_t len)
{
    if (len == 0 || len > EB_KEY_NAME_MAX)
        return false;
    for (apr_size_t i = 0; i < len; i++)
        if (!apr_isalnum(s[i]) && !strchr("._-", s[i]))
            return false;
    return true;
}

/* In base64url's alphabet the strict decoder for ids serves here, too. */
static bool decode_key(unsigned char key[EB_KEY_LEN], char *base64)
{
    if (strlen(base64) != BASE64_LEN || base64[BASE64_LEN - 1] != '=')
        return false;
    for (char *c = base64; *c; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    return eb_base64url_decode(key, EB_KEY_LEN, base64, BASE64_LEN - 1) == APR_SUCCESS;
}

static apr_uint32_t fingerprint(const eb_keyring_t *ring, const unsigned char key[EB_KEY_LEN])
{
    unsigned char hash[32];
    eb_sha256(hash, ring, key, EB_KEY_LEN);
    return (apr_uint32_t)hash[0] << 24 | (apr_uint32_t)hash[1] << 16 | (apr_uint32_t)hash[2] << 8 |
           hash[3];
}

/* One line without its end; blanks around it and between name and key do not matter. */
static apr_status_t read_line(loader_t *l, char *line)
{
    char *name = line + strspn(line, " \t");
    if (!*name || *name == '#')
        return APR_SUCCESS;

    apr_size_t name_len = strcspn(name, " \t");
    char *base64 = name + name_len + strspn(name + name_len, " \t");
    base64[strcspn(base64, " \t")] = '\0';
    if (!is_name(name, name_len))
        return syntax_error(l, "a key's name has 1 to 64 letters, digits or . _ -");
    if (l->ring->count == EB_KEYS_MAX)
        return syntax_error(l, "there are more than 64 keys; remove those that nothing needs");

    eb_file_key_t *key = &l->ring->keys[l->ring->count];
    if (!decode_key(key->bytes, base64))
        return syntax_error(l, "after the name, 44 signs of base64 (32 bytes) are expected");
    apr_cpystrn(key->name, name, name_len + 1);
    key->id = fingerprint(l->ring, key->bytes);
    if (eb_keyring_has(l->ring, key->id))
        return syntax_error(l, "this key stands in the file already");
    l->ring->count++;
    return APR_SUCCESS;
}

static apr_status_t read_lines(loader_t *l, char *text)
{
    for (char *end; *text; text = end) {
        end = text + strcspn(text, "\n");
        if (*end)
            *end++ = '\0';
        text[strcspn(text, "\r")] = '\0';
        l->line++;
        apr_status_t status = read_line(l, text);
        if (status != APR_SUCCESS)
            return status;
    }
    return l->ring->count ? APR_SUCCESS : syntax_error(l, "the file ends without a key");
}

static apr_status_t open_error(loader_t *l, apr_status_t status)
{
    char text[128];
    return eb_problem_set(l->problem, EB_P_KEYFILE_OPEN, status, l->file, l->pool,
                          "the key file cannot be read: %s",
                          apr_strerror(status, text, sizeof text));
}

/* The opened file is examined, not its name, which may point elsewhere a moment later. */
static apr_status_t examine(loader_t *l, apr_file_t *f)
{
    apr_finfo_t info;
    apr_status_t status = apr_file_info_get(&info, APR_FINFO_TYPE | APR_FINFO_PROT, f);
    if (status != APR_SUCCESS)
        return open_error(l, status);
    if (info.filetype != APR_REG)
        return open_error(l, APR_EBADPATH);
    if (info.protection & ~MODE_ALLOWED)
        return eb_problem_set(l->problem, EB_P_KEYFILE_MODE, APR_EACCES, l->file, l->pool,
                              "the file has mode 0%03x; at most 0640 is accepted",
                              (unsigned)info.protection);
    return APR_SUCCESS;
}

static apr_status_t read_text(loader_t *l, char *text, apr_size_t size, apr_file_t *f)
{
    apr_size_t len;
    apr_status_t status = apr_file_read_full(f, text, size, &len);
    if (status == APR_SUCCESS)
        return open_error(l, APR_ENOSPC); /* it filled the buffer: this is no key file */
    if (!APR_STATUS_IS_EOF(status))
        return open_error(l, status);
    text[len] = '\0';
    return APR_SUCCESS;
}

static apr_status_t read_file(loader_t *l, char *text, apr_size_t size)
{
    apr_file_t *f;
    apr_status_t status = apr_file_open(&f, l->file, APR_FOPEN_READ, 0, l->pool);
    if (status != APR_SUCCESS)
        return open_error(l, status);
    status = examine(l, f);
    if (status == APR_SUCCESS)
        status = read_text(l, text, size, f);
    apr_file_close(f);
    return status;
}

apr_status_t eb_keyring_load(eb_keyring_t **ring, const char *file, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    loader_t l = {apr_pcalloc(pool, sizeof(eb_keyring_t)), file, 0, problem, pool};
    char text[FILE_MAX];

    *ring = NULL;
    apr_pool_cleanup_register(pool, l.ring, keyring_cleanup, apr_pool_cleanup_null);
    apr_status_t status = fetch_algorithms(&l);
    if (status == APR_SUCCESS)
        status = read_file(&l, text, sizeof text);
    if (status == APR_SUCCESS)
        status = read_lines(&l, text);
    eb_wipe(text, sizeof text);
    if (status == APR_SUCCESS)
        *ring = l.ring;
    return status;
}
