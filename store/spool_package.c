/* The file of a package. Its head repeats the job as it was accepted: so one file, and one moment,
 * makes a job, and a job whose own file is lost or broken still has its names.
 *
 *   0..3    "EBP1"
 *   4..7    fingerprint of the key file key, little endian
 *   8..11   length of the job's text, little endian
 *   12..    the job's text, then the package, sealed; the seal binds all that stands before it */
#include "job_file.h"
#include "spool.h"
#include "base/buf.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PURPOSE "outbox"

enum { HEAD_LEN = 12, FACTS_MAX = 64 * 1024 };
#define PACKAGE_MAX ((apr_size_t)1 << 30)

static void put_u32(unsigned char *at, apr_uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static apr_uint32_t get_u32(const unsigned char *at)
{
    return at[0] | (apr_uint32_t)at[1] << 8 | (apr_uint32_t)at[2] << 16 | (apr_uint32_t)at[3] << 24;
}

apr_status_t eb_spool_seal(const void **file, apr_size_t *file_len, const eb_outbox_t *box,
                           const eb_job_t *job, const void *package, apr_size_t len,
                           apr_pool_t *pool)
{
    const char *facts = eb_job_encode(job, pool);
    apr_uint32_t key_id = eb_keyring_current(box->keys);
    unsigned char key[EB_KEY_LEN];

    if (!facts || len > PACKAGE_MAX - FACTS_MAX)
        return APR_EINVAL;
    apr_size_t facts_len = strlen(facts), aad_len = HEAD_LEN + facts_len;
    unsigned char *out = apr_palloc(pool, aad_len + len + EB_SEAL_OVERHEAD);
    memcpy(out, "EBP1", 4);
    put_u32(out + 4, key_id);
    put_u32(out + 8, (apr_uint32_t)facts_len);
    memcpy(out + HEAD_LEN, facts, facts_len);
    apr_status_t rv = eb_key_derive(key, box->keys, key_id, PURPOSE, NULL, 0);
    if (!rv)
        rv = eb_seal(out + aad_len, box->keys, key, out, aad_len, package, len);
    eb_wipe(key, sizeof key);
    *file = out;
    *file_len = aad_len + len + EB_SEAL_OVERHEAD;
    return rv;
}

/* The length of the facts; 0 when this is not the head of a package. */
static apr_size_t facts_len_of(const unsigned char *head, apr_size_t len)
{
    if (len < HEAD_LEN || memcmp(head, "EBP1", 4) != 0)
        return 0;
    apr_size_t facts_len = get_u32(head + 8);
    return facts_len <= FACTS_MAX ? facts_len : 0;
}

static apr_status_t read_at(int fd, void *out, apr_size_t len, off_t at)
{
    for (apr_size_t have = 0; have < len;) {
        ssize_t n = pread(fd, (char *)out + have, len - have, at + (off_t)have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? errno : APR_EINVAL;
        have += (apr_size_t)n;
    }
    return APR_SUCCESS;
}

static apr_status_t decode_facts(eb_job_t **job, const char *facts, apr_size_t len,
                                 const char *uuid, apr_pool_t *pool)
{
    apr_status_t rv = eb_job_decode(job, facts, len, pool);
    return rv || strcmp((*job)->uuid, uuid) != 0 ? APR_EINVAL : APR_SUCCESS;
}

apr_status_t eb_spool_facts(eb_job_t **job, int fd, const char *uuid, apr_pool_t *pool)
{
    unsigned char head[HEAD_LEN];
    apr_status_t rv = read_at(fd, head, sizeof head, 0);

    if (rv)
        return rv;
    apr_size_t len = facts_len_of(head, sizeof head);
    char *facts = apr_palloc(pool, len + 1);
    rv = len ? read_at(fd, facts, len, HEAD_LEN) : APR_EINVAL;
    return rv ? rv : decode_facts(job, facts, len, uuid, pool);
}

apr_status_t eb_spool_unseal(const void **package, apr_size_t *len, const eb_outbox_t *box,
                             const char *uuid, int fd, apr_pool_t *pool)
{
    unsigned char key[EB_KEY_LEN];
    eb_job_t *job;
    char *file;
    apr_size_t file_len;

    apr_status_t rv = eb_spool_slurp(&file, &file_len, fd, PACKAGE_MAX, pool);
    if (rv)
        return rv;
    const unsigned char *head = (const unsigned char *)file;
    apr_size_t facts_len = facts_len_of(head, file_len), aad_len = HEAD_LEN + facts_len;
    if (!facts_len || file_len < aad_len + EB_SEAL_OVERHEAD)
        return APR_EINVAL;
    rv = decode_facts(&job, file + HEAD_LEN, facts_len, uuid, pool);
    if (!rv)
        rv = eb_key_derive(key, box->keys, get_u32(head + 4), PURPOSE, NULL, 0);
    if (rv)
        return rv;
    unsigned char *out = apr_palloc(pool, file_len - aad_len);
    rv = eb_unseal(out, box->keys, key, head, aad_len, head + aad_len, file_len - aad_len);
    eb_wipe(key, sizeof key);
    *package = out;
    *len = file_len - aad_len - EB_SEAL_OVERHEAD;
    return rv;
}
