/* The file of a package. Its head repeats the job as it was accepted: so one file, and one moment,
 * makes a job, and a job whose own file is lost or broken still has its names.
 *
 *   0..3    "EBP2"
 *   4..7    fingerprint of the key file key, little endian
 *   8..11   length of the job's text, little endian
 *   12..    the job's text, then the package's sealed pieces, without gaps */
#include "job_file.h"
#include "sealed.h"
#include "spool.h"
#include "base/file.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "EBP2"

enum { HEAD_LEN = 12, FACTS_MAX = 64 * 1024 };

static void put_u32(unsigned char *at, apr_uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static apr_uint32_t get_u32(const unsigned char *at)
{
    return at[0] | (apr_uint32_t)at[1] << 8 | (apr_uint32_t)at[2] << 16 | (apr_uint32_t)at[3] << 24;
}

/* Where pieces are written to. */
typedef struct writing_t {
    int fd;
    const eb_place_t *place;
    const char *uuid;
} writing_t;

static apr_status_t keep(void *where, apr_uint32_t index, const void *piece, apr_size_t len,
                         eb_problem_t **problem, apr_pool_t *pool)
{
    const writing_t *w = where;
    apr_status_t rv = eb_file_write(w->fd, piece, len);

    (void)index; /* they come in order */
    return rv ? eb_spool_unwritten(problem, rv, w->place, w->uuid, pool) : APR_SUCCESS;
}

apr_status_t eb_spool_pack(int fd, const eb_outbox_t *box, const eb_place_t *place,
                           const eb_job_t *job, eb_source_t *package, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    writing_t w = {fd, place, job->uuid};
    const char *facts = eb_job_encode(job, pool);
    apr_size_t facts_len = facts ? strlen(facts) : 0;
    apr_uint32_t key_id = eb_keyring_current(box->keys);
    const eb_chunks_t *key;

    if (!facts_len || facts_len > FACTS_MAX)
        return eb_spool_unwritten(problem, APR_EINVAL, place, job->uuid, pool);
    unsigned char *head = apr_palloc(pool, HEAD_LEN + facts_len);
    memcpy(head, MAGIC, 4);
    put_u32(head + 4, key_id);
    put_u32(head + 8, (apr_uint32_t)facts_len);
    memcpy(head + HEAD_LEN, facts, facts_len);
    apr_status_t rv = eb_sealed_key(&key, box->keys, key_id, head, HEAD_LEN + facts_len, pool);
    if (rv)
        return eb_problem_set(problem, EB_P_CRYPTO, rv, NULL, pool, "%s cannot be sealed",
                              job->uuid);
    rv = keep(&w, 0, head, HEAD_LEN + facts_len, problem, pool);
    return rv ? rv : eb_sealed_pour(package, key, keep, &w, problem, pool);
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

apr_status_t eb_spool_key(apr_uint32_t *key_id, int fd)
{
    unsigned char first[HEAD_LEN];
    apr_status_t rv = read_at(fd, first, sizeof first, 0);

    if (!rv && memcmp(first, MAGIC, 4) != 0)
        rv = APR_EINVAL;
    if (!rv)
        *key_id = get_u32(first + 4);
    return rv;
}

/* All that stands before the pieces. APR_EINVAL: this is not the head of a package. */
static apr_status_t read_head(unsigned char **head, apr_size_t *len, int fd, apr_pool_t *pool)
{
    unsigned char first[HEAD_LEN];
    apr_status_t rv = read_at(fd, first, sizeof first, 0);

    if (rv)
        return rv;
    apr_size_t facts_len = get_u32(first + 8);
    if (memcmp(first, MAGIC, 4) != 0 || !facts_len || facts_len > FACTS_MAX)
        return APR_EINVAL;
    *len = HEAD_LEN + facts_len;
    *head = apr_palloc(pool, *len);
    return read_at(fd, *head, *len, 0);
}

static apr_status_t decode_facts(eb_job_t **job, const unsigned char *head, apr_size_t head_len,
                                 const char *uuid, apr_pool_t *pool)
{
    apr_status_t rv = eb_job_decode(job, (const char *)head + HEAD_LEN, head_len - HEAD_LEN, pool);
    return rv || strcmp((*job)->uuid, uuid) != 0 ? APR_EINVAL : APR_SUCCESS;
}

apr_status_t eb_spool_facts(eb_job_t **job, int fd, const char *uuid, apr_pool_t *pool)
{
    unsigned char *head;
    apr_size_t len;
    apr_status_t rv = read_head(&head, &len, fd, pool);

    return rv ? rv : decode_facts(job, head, len, uuid, pool);
}

/* Where pieces are read from. */
typedef struct reading_t {
    int fd;
    off_t start;
    const char *uuid;
} reading_t;

/* What a failure means to a person. APR_EINVAL: not a package, or not a whole one. */
static apr_status_t unreadable(apr_status_t rv, const char *uuid, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    if (APR_STATUS_IS_NOTFOUND(rv))
        return eb_problem_set(problem, EB_P_PACKAGE_KEY, rv, NULL, pool,
                              "The key file lacks the key of package %s", uuid);
    if (rv == APR_EINVAL)
        return eb_problem_set(problem, EB_P_PACKAGE_BROKEN, rv, NULL, pool,
                              "Package %s is not what was sealed", uuid);
    return eb_problem_set(problem, EB_P_SPOOL_READ, rv, NULL, pool, "Package %s cannot be read: %s",
                          uuid, strerror(rv));
}

static apr_status_t fetch(void *where, apr_uint32_t index, void *piece, apr_size_t len,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    const reading_t *r = where;
    apr_status_t rv = read_at(r->fd, piece, len, r->start + (off_t)index * EB_CHUNK_SEALED_LEN);

    return rv ? unreadable(rv, r->uuid, problem, pool) : APR_SUCCESS;
}

static apr_status_t close_file(void *where)
{
    const reading_t *r = where;
    return close(r->fd) ? errno : APR_SUCCESS;
}

/* A held job's package is open, and stays the holder's; another is opened for as long as `pool`. */
static apr_status_t open_file(reading_t *r, const eb_outbox_t *box, const eb_job_t *job,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_hold_t *hold = job->engine;
    eb_spool_name_t name = eb_spool_name(job->uuid, ".package");
    eb_place_t *place;

    if (hold) {
        r->fd = hold->package;
        return APR_SUCCESS;
    }
    apr_status_t rv = eb_place_enter(&place, box, job->authority, false, problem, pool);
    if (rv)
        return rv;
    r->fd = openat(place->queue, name.text, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0)
        return eb_spool_unread(problem, errno, place, job->uuid, pool);
    apr_pool_cleanup_register(pool, r, close_file, apr_pool_cleanup_null);
    return APR_SUCCESS;
}

apr_status_t eb_spool_read(eb_reader_t **package, eb_outbox_t *box, const eb_job_t *job,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    reading_t *r = apr_palloc(pool, sizeof *r);
    const eb_chunks_t *key;
    unsigned char *head;
    apr_size_t head_len;
    eb_job_t *facts;
    struct stat info;

    r->uuid = apr_pstrdup(pool, job->uuid);
    apr_status_t rv = open_file(r, box, job, problem, pool);
    if (rv)
        return rv;
    rv = read_head(&head, &head_len, r->fd, pool);
    if (!rv)
        rv = decode_facts(&facts, head, head_len, r->uuid, pool);
    if (!rv)
        rv = eb_sealed_key(&key, box->keys, get_u32(head + 4), head, head_len, pool);
    if (!rv && fstat(r->fd, &info))
        rv = errno;
    if (rv)
        return unreadable(rv, r->uuid, problem, pool);
    r->start = (off_t)head_len;
    return eb_sealed_open(package, r->uuid, key, (apr_uint64_t)(info.st_size - r->start), fetch, r,
                          problem, pool);
}
