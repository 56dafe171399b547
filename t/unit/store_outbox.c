/* Both engines of the outbox do the same. */
#include "outbox.h"
#include "redis_outbox.h"
#include "base/chunk.h"

/* No job may come free again while a slow machine (or memcheck) takes all of them. */
#define LEASE apr_time_from_sec(3600)

static test_redis_t server;

/* --- a hand in the spool --- */

static const char *file_of(const eb_job_t *job, const char *suffix, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s/spool/%s/queue/%s%s", rig.dir, AUTHORITY, job->uuid, suffix);
}

static const char *slurp(const char *path, apr_pool_t *pool)
{
    char *text = apr_pcalloc(pool, 65536);
    FILE *f = fopen(path, "r");
    if (!f)
        return NULL;
    text[fread(text, 1, 65535, f)] = '\0';
    fclose(f);
    return text;
}

static int spool_waiting(apr_pool_t *pool)
{
    return spool_files(rig.dir, "queue", pool);
}

static int spool_records(apr_pool_t *pool)
{
    return spool_files(rig.dir, "done", pool);
}

static void spool_spoil(const eb_job_t *job, const char *text, apr_pool_t *pool)
{
    const char *file = file_of(job, ".job", pool);
    scratch_write(file, text);
    utimensat(AT_FDCWD, file, (struct timespec[2]){{0}, {0}}, 0);
}

static const char *spool_stored(const eb_job_t *job, apr_pool_t *pool)
{
    return slurp(file_of(job, ".job", pool), pool);
}

static const char *spool_aside(const eb_job_t *job, apr_pool_t *pool)
{
    return slurp(file_of(job, ".job.bad", pool), pool);
}

static void spool_damage(const eb_job_t *job, apr_pool_t *pool)
{
    FILE *f = fopen(file_of(job, ".package", pool), "r+");
    fseek(f, 100000, SEEK_SET);
    int c = fgetc(f);
    fseek(f, 100000, SEEK_SET);
    fputc(c ^ 1, f);
    fclose(f);
}

static void spool_remove(const eb_job_t *job, apr_pool_t *pool)
{
    unlink(file_of(job, ".job", pool));
    unlink(file_of(job, ".job.bad", pool));
    unlink(file_of(job, ".package", pool));
}

static const char *spool_journal(apr_pool_t *pool)
{
    return slurp(apr_psprintf(pool, "%s/spool/%s/journal.log", rig.dir, AUTHORITY), pool);
}

/* --- a hand in Redis --- */

static int redis_waiting(apr_pool_t *pool)
{
    int jobs = redis_outbox_keys(&server, "job:*", pool);
    if (jobs != redis_outbox_keys(&server, "package:*", pool) ||
        jobs != atoi(test_redis_ask(&server, pool, "ZCARD " STOCK "due")) ||
        redis_outbox_keys(&server, "new:*", pool))
        return -1;
    return jobs;
}

static int redis_records(apr_pool_t *pool)
{
    return redis_outbox_keys(&server, "done:*", pool);
}

static void redis_spoil(const eb_job_t *job, const char *text, apr_pool_t *pool)
{
    test_redis_ask(&server, pool, "HSET " STOCK "job:%s job %b", job->uuid, text, strlen(text));
}

static const char *redis_stored(const eb_job_t *job, apr_pool_t *pool)
{
    return test_redis_ask(&server, pool, "HGET " STOCK "job:%s job", job->uuid);
}

static const char *redis_aside(const eb_job_t *job, apr_pool_t *pool)
{
    return test_redis_ask(&server, pool, "HGET " STOCK "job:%s bad", job->uuid);
}

static void redis_damage(const eb_job_t *job, apr_pool_t *pool)
{
    char sealed[EB_CHUNK_SEALED_LEN];
    const char *piece = test_redis_ask(&server, pool, "HGET " STOCK "package:%s 1", job->uuid);
    memcpy(sealed, piece, sizeof sealed);
    sealed[100] ^= 1;
    test_redis_ask(&server, pool, "HSET " STOCK "package:%s 1 %b", job->uuid, sealed,
                   sizeof sealed);
}

static void redis_remove(const eb_job_t *job, apr_pool_t *pool)
{
    test_redis_ask(&server, pool, "UNLINK " STOCK "job:%s " STOCK "package:%s", job->uuid,
                   job->uuid);
    test_redis_ask(&server, pool, "ZREM " STOCK "due %s", job->uuid);
}

/* XRANGE, whose answer is three arrays deep. */
static const char *redis_journal(apr_pool_t *pool)
{
    redisContext *c = test_redis_raw(&server);
    redisReply *all = redisCommand(c, "XRANGE " STOCK "journal - +");
    const char *text = "";
    for (size_t i = 0; i < all->elements; i++)
        text = apr_pstrcat(pool, text, all->element[i]->element[1]->element[1]->str, "\n", NULL);
    freeReplyObject(all);
    redisFree(c);
    return text;
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    const char *dir = scratch_make_fast(pool);
    const eb_keyring_t *keys = scratch_keys(dir, "a", pool);

    rig = (outbox_rig_t){.box = spool_box(dir, keys, pool),
                         .keys = keys,
                         .dir = dir,
                         .now = apr_time_now(),
                         .waiting = spool_waiting,
                         .records = spool_records,
                         .spoil = spool_spoil,
                         .stored = spool_stored,
                         .aside = spool_aside,
                         .damage = spool_damage,
                         .remove = spool_remove,
                         .journal = spool_journal};
    outbox_all(pool);
    if (redis_outbox_start(&server, dir, pool)) {
        rig = (outbox_rig_t){.box = redis_outbox_node(&server, 0, LEASE, keys, pool),
                             .keys = keys,
                             .dir = dir,
                             .now = apr_time_now(),
                             .waiting = redis_waiting,
                             .records = redis_records,
                             .spoil = redis_spoil,
                             .stored = redis_stored,
                             .aside = redis_aside,
                             .damage = redis_damage,
                             .remove = redis_remove,
                             .journal = redis_journal};
        outbox_all(pool);
        test_redis_stop(&server, SIGTERM);
    } else {
        skip(1, "no redis-server");
    }
    scratch_remove(dir);
    return done();
}
