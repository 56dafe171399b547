/* Which job is tried next. Looking through a folder costs a stat for each job that waits, so what
 * was seen is kept: a heap of candidates, the one due longest on top, 48 bytes each. It is a hint
 * and nothing more. Each candidate is locked and read again when it is its turn; one that has gone
 * or moved, at another node's or an operator's hand, is passed over or put back where it belongs.
 *
 * The folder is looked through again when no candidate is due: what is new there is due later than
 * what was. A short queue is looked through each time; a long one not sooner than the last look has
 * cost a hundredth of the time since, and not at all for a minute when its folder has not changed.
 */
#include "spool.h"

#include <apr_errno.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <stdlib.h>
#include <string.h>

#define SHORT 1000                  /* jobs */
#define PAUSE 50                    /* microseconds for each job: 5 s for 100,000 */
#define RACY  apr_time_from_sec(2)  /* a later change may not show in the folder's time */
#define STALE apr_time_from_sec(60) /* an operator may set a time stamp and nothing else */
#define SWEEP apr_time_from_sec(3600)

struct eb_queue_t {
    apr_thread_mutex_t *mutex;
    eb_candidate_t *heap;
    int count, room;
    int seen;           /* jobs, at the last look */
    apr_time_t looked;  /* 0 = never */
    apr_time_t changed; /* of the folder then */
    apr_time_t swept;
};

struct eb_queues_t {
    apr_pool_t *pool; /* with memory of its own, so that the mutex guards it, too */
    apr_thread_mutex_t *mutex;
    apr_hash_t *by_authority; /* -> eb_queue_t */
};

apr_status_t eb_queues_create(eb_queues_t **queues, apr_pool_t *pool)
{
    apr_allocator_t *allocator;

    apr_status_t rv = apr_allocator_create(&allocator);
    if (rv)
        return rv;
    *queues = apr_palloc(pool, sizeof **queues);
    apr_pool_create_ex(&(*queues)->pool, pool, NULL, allocator);
    apr_allocator_owner_set(allocator, (*queues)->pool);
    (*queues)->by_authority = apr_hash_make((*queues)->pool);
    return apr_thread_mutex_create(&(*queues)->mutex, APR_THREAD_MUTEX_DEFAULT, (*queues)->pool);
}

static apr_status_t cleanup_heap(void *data)
{
    free(((eb_queue_t *)data)->heap);
    return APR_SUCCESS;
}

static eb_queue_t *create(eb_queues_t *queues, const char *authority)
{
    eb_queue_t *queue = apr_pcalloc(queues->pool, sizeof *queue);

    if (apr_thread_mutex_create(&queue->mutex, APR_THREAD_MUTEX_DEFAULT, queues->pool))
        return NULL;
    apr_pool_cleanup_register(queues->pool, queue, cleanup_heap, apr_pool_cleanup_null);
    apr_hash_set(queues->by_authority, apr_pstrdup(queues->pool, authority), APR_HASH_KEY_STRING,
                 queue);
    return queue;
}

eb_queue_t *eb_queue_of(eb_queues_t *queues, const char *authority)
{
    apr_thread_mutex_lock(queues->mutex);
    eb_queue_t *queue = apr_hash_get(queues->by_authority, authority, APR_HASH_KEY_STRING);
    if (!queue)
        queue = create(queues, authority);
    apr_thread_mutex_unlock(queues->mutex);
    return queue;
}

static bool before(const eb_candidate_t *a, const eb_candidate_t *b)
{
    return a->due != b->due ? a->due < b->due : strcmp(a->uuid, b->uuid) < 0;
}

static apr_status_t push(eb_queue_t *q, const eb_candidate_t *candidate)
{
    if (q->count == q->room) {
        int room = q->room + q->room / 2 + 16;
        eb_candidate_t *heap = realloc(q->heap, (apr_size_t)room * sizeof *heap);
        if (!heap)
            return APR_ENOMEM;
        q->heap = heap;
        q->room = room;
    }
    int i = q->count++;
    for (; i > 0 && before(candidate, &q->heap[(i - 1) / 2]); i = (i - 1) / 2)
        q->heap[i] = q->heap[(i - 1) / 2];
    q->heap[i] = *candidate;
    return APR_SUCCESS;
}

static eb_candidate_t pop(eb_queue_t *q)
{
    eb_candidate_t top = q->heap[0], last = q->heap[--q->count];
    int i = 0, child;

    while ((child = 2 * i + 1) < q->count) {
        if (child + 1 < q->count && before(&q->heap[child + 1], &q->heap[child]))
            child++;
        if (!before(&q->heap[child], &last))
            break;
        q->heap[i] = q->heap[child];
        i = child;
    }
    q->heap[i] = last;
    return top;
}

bool eb_queue_next(eb_candidate_t *candidate, eb_queue_t *queue, apr_time_t now)
{
    apr_thread_mutex_lock(queue->mutex);
    bool due = queue->count && queue->heap[0].due <= now;
    if (due)
        *candidate = pop(queue);
    apr_thread_mutex_unlock(queue->mutex);
    return due;
}

void eb_queue_note(eb_queue_t *queue, const char *uuid, apr_time_t due)
{
    eb_candidate_t candidate = {.due = due};

    apr_cpystrn(candidate.uuid, uuid, sizeof candidate.uuid);
    apr_thread_mutex_lock(queue->mutex);
    push(queue, &candidate); /* without memory, the next look finds it */
    apr_thread_mutex_unlock(queue->mutex);
}

/* What a look sees. */
typedef struct look_t {
    eb_queue_t *queue;
    apr_time_t now;
} look_t;

static apr_status_t see(void *baton, const eb_candidate_t *candidate)
{
    const look_t *look = baton;
    eb_candidate_t seen = *candidate;

    if (eb_spool_due(seen.due, look->now) && seen.due > look->now)
        seen.due = look->now; /* the clock was set back */
    return push(look->queue, &seen);
}

static bool worthwhile(const eb_queue_t *q, apr_time_t changed, apr_time_t now)
{
    if (q->seen <= SHORT || now < q->looked)
        return true;
    if (now < q->looked + (apr_time_t)q->seen * PAUSE)
        return false;
    return changed != q->changed || changed > q->looked - RACY || now > q->looked + STALE;
}

static apr_status_t look(eb_queue_t *q, const eb_place_t *place, apr_time_t now)
{
    struct stat info;

    apr_time_t changed = fstat(place->queue, &info) ? 0 : eb_spool_stamp(&info);
    if (!worthwhile(q, changed, now))
        return APR_SUCCESS;
    q->count = 0;
    apr_status_t rv = eb_spool_scan(place, see, &(look_t){q, now});
    q->seen = q->count;
    q->looked = now;
    q->changed = changed;
    return rv;
}

bool eb_queue_sweeps(eb_queue_t *queue, apr_time_t now)
{
    apr_thread_mutex_lock(queue->mutex);
    bool sweeps = queue->seen <= SHORT || now < queue->swept || now > queue->swept + SWEEP;
    if (sweeps)
        queue->swept = now;
    apr_thread_mutex_unlock(queue->mutex);
    return sweeps;
}

apr_status_t eb_queue_look(eb_queue_t *queue, const eb_place_t *place, apr_time_t now)
{
    apr_thread_mutex_lock(queue->mutex);
    apr_status_t rv = look(queue, place, now);
    apr_thread_mutex_unlock(queue->mutex);
    return rv;
}
