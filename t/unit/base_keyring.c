/* The key file is edited by hand: everything that can go wrong with it is told with file and line,
 * and keys never stay behind in memory. */
#include "base/keyring.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* 32 bytes each: 0..31, 32 times 'A', 32 times 'B'. The first one's SHA-256 begins 630dcd29. */
#define KEY_1 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_A "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
#define KEY_B "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="

static char *path;

static apr_status_t load(eb_keyring_t **ring, const char *text, mode_t mode, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    unlink(path); /* who is not root cannot write over mode 0400 */
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    chmod(path, mode);
    *problem = NULL;
    return eb_keyring_load(ring, path, problem, pool);
}

static void test_good(apr_pool_t *pool)
{
    eb_keyring_t *ring;
    eb_problem_t *problem;

    is_int(load(&ring, "k1 " KEY_1 "\n", 0600, &problem, pool), APR_SUCCESS, "one key");
    is_int(eb_keyring_current(ring), 0x630dcd29, "is named by the hash of its bytes");
    is_int(load(&ring, "# why\n\n  new\t" KEY_A "  \r\n#old\nold " KEY_1, 0640, &problem, pool),
           APR_SUCCESS, "comments, blanks, other line ends, no last line end");
    ok(eb_keyring_current(ring) != 0x630dcd29, "the first key seals");
    ok(eb_keyring_has(ring, 0x630dcd29), "the others are there");
    ok(!eb_keyring_has(ring, 0x630dcd28), "and no more");
    is_int(load(&ring, "k1 " KEY_1 "\n", 0400, &problem, pool), APR_SUCCESS, "mode 0400");
    is_int(eb_keyring_load(&ring, path, NULL, pool), APR_SUCCESS, "without an ear for problems");
}

static void refused(const char *text, mode_t mode, eb_problem_id_t number, const char *where,
                    const char *name, apr_pool_t *pool)
{
    eb_keyring_t *ring = (eb_keyring_t *)&path;
    eb_problem_t *problem;
    apr_status_t status = load(&ring, text, mode, &problem, pool);
    ok(status != APR_SUCCESS && !ring && problem && problem->number == number &&
           problem->status == status,
       apr_psprintf(pool, "refused: %s", name));
    is_str(problem ? problem->where : NULL, apr_pstrcat(pool, path, where, NULL), "  at its place");
    ok(problem && !strstr(eb_problem_text(problem, pool), "QUFB"), "  and no key is shown");
}

static void test_modes(apr_pool_t *pool)
{
    const mode_t modes[] = {0644, 0604, 0660, 0610, 0700, 0606, 0641};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        refused("k1 " KEY_A "\n", modes[i], EB_P_KEYFILE_MODE, "",
                apr_psprintf(pool, "mode %04o", (unsigned)modes[i]), pool);
}

static void test_syntax(apr_pool_t *pool)
{
    const eb_problem_id_t e = EB_P_KEYFILE_SYNTAX;
    char many[8192] = "";

    refused("", 0600, e, ":0", "an empty file", pool);
    refused("# nothing\n\n", 0600, e, ":2", "nothing but comments", pool);
    refused("k1\n", 0600, e, ":1", "no key", pool);
    refused("ok " KEY_A "\n" KEY_B "\n", 0600, e, ":2", "no name", pool);
    refused("k1 QUFBQUFB\n", 0600, e, ":1", "a short key", pool);
    refused("k1 " KEY_A "QQ==\n", 0600, e, ":1", "a long key", pool);
    refused("k1 QUFB!UFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\n", 0600, e, ":1", "no base64", pool);
    refused("k1 QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUF=\n", 0600, e, ":1",
            "bits behind the last byte", pool);
    refused("k1 QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE\n", 0600, e, ":1", "no padding", pool);
    refused("a/b " KEY_A "\n", 0600, e, ":1", "a name with a slash", pool);
    refused("a " KEY_A "\nb " KEY_A "\n", 0600, e, ":2", "the same key twice", pool);

    for (int i = 0; i < EB_KEYS_MAX + 1; i++) {
        unsigned char key[EB_KEY_LEN] = {(unsigned char)i};
        char text[64];
        eb_base64url(text, key, sizeof key);
        sprintf(many + strlen(many), "k%d %s=\n", i, text);
    }
    refused(many, 0600, e, apr_psprintf(pool, ":%d", EB_KEYS_MAX + 1), "too many keys", pool);
    *strstr(many, "k64") = '\0';
    eb_keyring_t *ring;
    eb_problem_t *problem;
    is_int(load(&ring, many, 0600, &problem, pool), APR_SUCCESS, "but as many as there may be");
}

static void test_file(apr_pool_t *pool)
{
    eb_keyring_t *ring;
    eb_problem_t *problem = NULL;
    char *huge = apr_pcalloc(pool, 20001);

    memset(huge, '#', 20000);
    refused(huge, 0600, EB_P_KEYFILE_OPEN, "", "a file too long for keys", pool);
    unlink(path);
    ok(APR_STATUS_IS_ENOENT(eb_keyring_load(&ring, path, &problem, pool)) && problem &&
           problem->number == EB_P_KEYFILE_OPEN,
       "a missing file");
    ok(eb_keyring_load(&ring, "/", &problem, pool) != APR_SUCCESS &&
           problem->number == EB_P_KEYFILE_OPEN,
       "a folder");
}

/* A pool returns its memory to APR's allocator, which does not touch it; so one can look. */
static void test_wipe(apr_pool_t *parent)
{
    apr_pool_t *pool;
    eb_keyring_t *ring;
    eb_problem_t *problem;

    apr_pool_create(&pool, parent);
    load(&ring, "k1 " KEY_A "\n", 0600, &problem, pool);
    const unsigned char *bytes = ring->keys[0].bytes;
    ok(bytes[0] == 'A' && bytes[31] == 'A', "a key in memory");
    apr_pool_destroy(pool);
    bool gone = true;
    for (int i = 0; i < EB_KEY_LEN; i++)
        gone = gone && bytes[i] != 'A';
    ok(gone, "is gone when its pool is");
}

int main(void)
{
    char folder[] = "/tmp/eb-keyring-XXXXXX";
    apr_pool_t *pool = tap_begin();
    path = apr_pstrcat(pool, mkdtemp(folder), "/keys", NULL);
    test_good(pool);
    test_modes(pool);
    test_syntax(pool);
    test_file(pool);
    test_wipe(pool);
    unlink(path);
    rmdir(folder);
    return done();
}
