/* How an authority's spool stands, told from what is cheap to see: names in folders, signs, and the
 * new lines of the journal. Nothing is opened that grows with the number of waiting jobs; reading
 * the names of a hundred thousand costs some ten milliseconds, so the result serves for a few
 * seconds.
 *
 * The counts come from the folders, which are synced, and so add up after any crash. The journal is
 * an independent witness: whoever it saw accepted must be in the queue or delivered. It is read
 * first, and the queue before the records, so that a job on its way is never missed; one that is in
 * both is finished. */
#include "journal_tail.h"
#include "spool.h"

#include <apr_errno.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FRESH      apr_time_from_sec(3)
#define FRESH_MORE 20 /* microseconds for each job that waits: two seconds for 100,000 */
#define STAMPS_MAX 1000
#define RACY       apr_time_from_sec(2) /* a later change may not show in the folder's time */

typedef struct look_t {
    apr_time_t at; /* 0 = never */
    eb_outbox_summary_t s;
    apr_pool_t *texts; /* of s; NULL while there never were any */
    eb_journal_tail_t tail;
    apr_time_t done_changed; /* of the folder when it was counted */
    apr_uint64_t done;
    int both; /* had a record and were still in the queue */
} look_t;

struct eb_looks_t {
    apr_pool_t *pool;
    apr_thread_mutex_t *mutex;
    apr_hash_t *by_authority; /* -> look_t */
};

apr_status_t eb_looks_create(eb_looks_t **looks, apr_pool_t *pool)
{
    *looks = apr_palloc(pool, sizeof **looks);
    apr_pool_create(&(*looks)->pool, pool);
    (*looks)->by_authority = apr_hash_make((*looks)->pool);
    return apr_thread_mutex_create(&(*looks)->mutex, APR_THREAD_MUTEX_DEFAULT, (*looks)->pool);
}

static look_t *look_of(eb_looks_t *looks, const char *authority)
{
    look_t *look = apr_hash_get(looks->by_authority, authority, APR_HASH_KEY_STRING);

    if (look)
        return look;
    look = apr_pcalloc(looks->pool, sizeof *look);
    apr_hash_set(looks->by_authority, apr_pstrdup(looks->pool, authority), APR_HASH_KEY_STRING,
                 look);
    return look;
}

static bool fresh(const look_t *look, apr_time_t now)
{
    apr_time_t good = FRESH + (look->s.pending + look->s.held) * FRESH_MORE;
    return look->at && now >= look->at && now < look->at + good;
}

static bool has_suffix(const char *name, const char *suffix)
{
    return strnlen(name, EB_UUID_LEN) == EB_UUID_LEN && strcmp(name + EB_UUID_LEN, suffix) == 0;
}

static void older(apr_time_t *oldest, apr_time_t time)
{
    if (time && (!*oldest || time < *oldest))
        *oldest = time;
}

/* A name as a number, from 64 of its random bits. */
static apr_uint64_t number_of(const char *uuid)
{
    apr_uint64_t first, last;

    memcpy(&first, uuid, sizeof first);
    memcpy(&last, uuid + EB_UUID_LEN - sizeof last, sizeof last);
    return first * 11400714819323198485u ^ last;
}

static int by_number(const void *a, const void *b)
{
    const apr_uint64_t x = *(const apr_uint64_t *)a, y = *(const apr_uint64_t *)b;
    return (x > y) - (x < y);
}

/* What is in the queue, as numbers. The oldest of a long queue is known to the journal, of a short
 * one to the packages themselves. */
static apr_status_t read_queue(apr_array_header_t *names, eb_outbox_summary_t *s,
                               const eb_place_t *place)
{
    struct stat info;
    DIR *stream = eb_spool_stream(place->queue);

    if (!stream)
        return errno;
    for (const struct dirent *entry; (entry = readdir(stream));) {
        if (!has_suffix(entry->d_name, ".package"))
            continue;
        APR_ARRAY_PUSH(names, apr_uint64_t) = number_of(entry->d_name);
        if (names->nelts <= STAMPS_MAX && fstatat(place->queue, entry->d_name, &info, 0) == 0)
            older(&s->oldest, eb_spool_stamp(&info));
    }
    closedir(stream);
    return APR_SUCCESS;
}

static apr_time_t changed(int dir)
{
    struct stat info;
    return fstat(dir, &info) ? 0 : eb_spool_stamp(&info);
}

/* Records stay for ever, so they are counted only when there may be new ones. */
static apr_status_t count_done(look_t *look, apr_array_header_t *names, const eb_place_t *place)
{
    apr_time_t change = changed(place->done);

    if (change && change == look->done_changed && change < look->at - RACY && !look->both)
        return APR_SUCCESS;
    DIR *stream = eb_spool_stream(place->done);
    if (!stream)
        return errno;
    qsort(names->elts, (size_t)names->nelts, sizeof(apr_uint64_t), by_number);
    look->done = 0;
    look->both = 0;
    for (const struct dirent *entry; (entry = readdir(stream));) {
        if (!has_suffix(entry->d_name, ".job"))
            continue;
        apr_uint64_t name = number_of(entry->d_name);
        look->done++;
        look->both += names->nelts && bsearch(&name, names->elts, (size_t)names->nelts, sizeof name,
                                              by_number) != NULL;
    }
    closedir(stream);
    look->done_changed = change;
    return APR_SUCCESS;
}

/* Everything that waits counts as pending here. */
static apr_status_t count_jobs(look_t *look, eb_outbox_summary_t *s, const eb_place_t *place,
                               apr_pool_t *pool)
{
    int guess = look->s.pending + look->s.held + 16;
    apr_array_header_t *names = apr_array_make(pool, guess, sizeof(apr_uint64_t));

    apr_status_t rv = read_queue(names, s, place);
    if (!rv)
        rv = count_done(look, names, place);
    s->pending = names->nelts - look->both;
    if (s->pending == 0)
        s->oldest = 0;
    return rv;
}

/* Signs may be newer than the count of the queue. */
static apr_status_t count_held(look_t *look, eb_outbox_summary_t *s, const eb_place_t *place,
                               apr_pool_t *keep, apr_pool_t *pool)
{
    apr_status_t rv = eb_spool_signs(s, place, keep, pool);

    if (s->held > s->pending)
        s->held = s->pending;
    s->pending -= s->held;
    s->delivered = look->done;
    s->accepted = look->done + (apr_uint64_t)(s->pending + s->held);
    s->missing = look->tail.accepted > s->accepted ? look->tail.accepted - s->accepted : 0;
    s->last_success = look->tail.success;
    return rv;
}

static apr_status_t take_look(look_t *look, const eb_looks_t *looks, const eb_place_t *place,
                              apr_pool_t *pool)
{
    eb_outbox_summary_t s = {0};
    apr_pool_t *texts;

    apr_status_t rv = eb_journal_follow(&look->tail, place, pool);
    if (!rv)
        rv = count_jobs(look, &s, place, pool);
    if (rv)
        return rv;
    if (s.pending > STAMPS_MAX)
        older(&s.oldest, eb_journal_oldest(&look->tail, place, pool));
    apr_pool_create(&texts, pool);
    rv = count_held(look, &s, place, texts, pool);
    if (rv)
        return rv;
    if (!look->texts && s.problem_id)
        apr_pool_create(&look->texts, looks->pool);
    if (look->texts)
        apr_pool_clear(look->texts);
    look->s = s;
    if (s.problem_id) {
        look->s.problem_id = apr_pstrdup(look->texts, s.problem_id);
        look->s.problem = apr_pstrdup(look->texts, s.problem);
        look->s.remedy = apr_pstrdup(look->texts, s.remedy);
    }
    return APR_SUCCESS;
}

/* An authority without folders has never had an application. */
static apr_status_t look_again(look_t *look, const eb_outbox_t *box, const char *authority,
                               apr_time_t now, eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_spool_t *spool = box->data;
    eb_place_t *place;

    apr_status_t rv = eb_place_enter(&place, box, authority, false, problem, pool);
    if (APR_STATUS_IS_ENOENT(rv)) {
        look->s = (eb_outbox_summary_t){0};
        return APR_SUCCESS;
    }
    if (rv)
        return rv;
    rv = take_look(look, spool->looks, place, pool);
    if (rv)
        return eb_spool_unread(problem, rv, place, "the folders", pool);
    look->at = now;
    return APR_SUCCESS;
}

static void copy(eb_outbox_summary_t *s, const eb_outbox_summary_t *from, apr_pool_t *pool)
{
    *s = *from;
    s->problem_id = apr_pstrdup(pool, from->problem_id);
    s->problem = apr_pstrdup(pool, from->problem);
    s->remedy = apr_pstrdup(pool, from->remedy);
}

apr_status_t eb_spool_summary(eb_outbox_summary_t *s, eb_outbox_t *box, const char *authority,
                              apr_time_t now, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_looks_t *looks = ((const eb_spool_t *)box->data)->looks;
    apr_status_t rv = APR_SUCCESS;
    apr_pool_t *scratch;

    apr_pool_create(&scratch, pool);
    apr_thread_mutex_lock(looks->mutex);
    look_t *look = look_of(looks, authority);
    if (!fresh(look, now))
        rv = look_again(look, box, authority, now, problem, scratch);
    if (!rv)
        copy(s, &look->s, pool);
    apr_thread_mutex_unlock(looks->mutex);
    if (rv && problem && *problem) /* it was made in the scratch pool */
        eb_problem_set(problem, (*problem)->number, rv, NULL, pool, "%s", (*problem)->what);
    apr_pool_destroy(scratch);
    return rv;
}
