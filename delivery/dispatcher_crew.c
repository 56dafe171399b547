/* The crew. One mutex guards everything here; it is never held while a job is under work. The
 * routes to be worked stand in two queues, sound and ailing; a worker takes from the second one
 * while fewer than half of all are at work on such routes. */
#include "crew.h"
#include "base/seal.h"

#include <apr_signal.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>

#define REST_MAX 3                     /* failures: 20 s at most */
#define FUTURE   apr_time_from_sec(60) /* no rest is that long: the clock was set back */

typedef struct post_t post_t;
struct post_t { /* a route, or an errand, and how it does */
    post_t *next;
    const eb_dispatcher_t *d;
    const eb_route_t *route;
    const eb_errand_t *errand; /* or NULL */
    bool given;                /* queued, or at work */
    int failures;
    apr_time_t rest; /* until then */
};

typedef struct line_t {
    post_t *first, **last;
} line_t;

struct eb_crew_t {
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *work, *over;
    apr_thread_t **threads;
    int workers, running;
    int tending; /* workers on ailing routes */
    post_t *posts;
    int count;
    line_t sound, ailing;
    apr_time_t now;
    bool end;
};

static void enqueue(eb_crew_t *crew, post_t *post)
{
    line_t *line = post->failures ? &crew->ailing : &crew->sound;

    post->given = true;
    post->next = NULL;
    *line->last = post;
    line->last = &post->next;
}

static post_t *dequeue(line_t *line)
{
    post_t *post = line->first;

    if (post && !(line->first = post->next))
        line->last = &line->first;
    return post;
}

/* NULL: nothing for now. */
static post_t *next_post(eb_crew_t *crew)
{
    post_t *post = dequeue(&crew->sound);

    if (!post && crew->tending < (crew->workers + 1) / 2)
        post = dequeue(&crew->ailing);
    return post;
}

static void rest(const eb_crew_t *crew, post_t *post)
{
    apr_uint32_t random;

    if (eb_random(&random, sizeof random))
        random = 0x80000000;
    if (post->failures < REST_MAX)
        post->failures++;
    post->rest = crew->now + eb_dispatcher_delay(post->failures, random);
}

static void settle(eb_crew_t *crew, post_t *post, eb_served_t served)
{
    post->given = false;
    if (served == EB_SERVED_AWAY)
        rest(crew, post);
    if (served != EB_SERVED)
        return;
    post->failures = 0;
    enqueue(crew, post);
}

static eb_served_t run(const post_t *post, apr_time_t now, apr_pool_t *pool)
{
    return post->errand ? post->errand->run(post->errand->baton, now, pool)
                        : eb_dispatcher_serve(post->d, post->route, now, NULL, pool);
}

/* With the mutex held, but for the work itself. */
static void serve(eb_crew_t *crew, post_t *post, apr_pool_t *pool)
{
    const bool ails = post->failures > 0;
    const apr_time_t now = crew->now;

    crew->tending += ails;
    apr_thread_mutex_unlock(crew->mutex);
    eb_served_t served = run(post, now, pool);
    apr_pool_clear(pool);
    apr_thread_mutex_lock(crew->mutex);
    crew->tending -= ails;
    settle(crew, post, served);
}

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    eb_crew_t *crew = data;
    apr_pool_t *pool;
    post_t *post;

    (void)thread;
    apr_setup_signal_thread();
    apr_pool_create_unmanaged(&pool);
    apr_thread_mutex_lock(crew->mutex);
    while (!crew->end) {
        post = next_post(crew);
        if (post)
            serve(crew, post, pool);
        else
            apr_thread_cond_wait(crew->work, crew->mutex);
    }
    apr_pool_destroy(pool);
    if (--crew->running == 0)
        apr_thread_cond_signal(crew->over);
    apr_thread_mutex_unlock(crew->mutex);
    return NULL;
}

static void post_all(eb_crew_t *crew, const eb_dispatcher_t *dispatchers, int count,
                     const apr_array_header_t *errands, apr_pool_t *pool)
{
    int posts = errands ? errands->nelts : 0;

    for (int i = 0; i < count; i++)
        posts += dispatchers[i].routes_count;
    crew->posts = apr_pcalloc(pool, (apr_size_t)posts * sizeof *crew->posts + 1);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < dispatchers[i].routes_count; k++)
            crew->posts[crew->count++] =
                (post_t){.d = &dispatchers[i], .route = &dispatchers[i].routes[k]};
    for (int i = 0; errands && i < errands->nelts; i++)
        crew->posts[crew->count++] =
            (post_t){.errand = &APR_ARRAY_IDX(errands, i, const eb_errand_t)};
}

/* Fewer workers than wanted are better than none. */
static apr_status_t start(eb_crew_t *crew, int workers, apr_pool_t *pool)
{
    apr_status_t rv = APR_SUCCESS;

    crew->threads = apr_pcalloc(pool, (apr_size_t)workers * sizeof *crew->threads);
    apr_thread_mutex_lock(crew->mutex);
    while (!rv && crew->workers < workers) {
        rv = apr_thread_create(&crew->threads[crew->workers], NULL, work, crew, pool);
        if (!rv)
            crew->workers++;
    }
    crew->running = crew->workers;
    apr_thread_mutex_unlock(crew->mutex);
    return crew->workers ? APR_SUCCESS : rv;
}

apr_status_t eb_crew_create(eb_crew_t **crew, const eb_dispatcher_t *dispatchers, int count,
                            const apr_array_header_t *errands, int workers, apr_pool_t *pool)
{
    eb_crew_t *made = apr_pcalloc(pool, sizeof *made);

    made->sound.last = &made->sound.first;
    made->ailing.last = &made->ailing.first;
    post_all(made, dispatchers, count, errands, pool);
    apr_status_t rv = apr_thread_mutex_create(&made->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
    if (!rv)
        rv = apr_thread_cond_create(&made->work, pool);
    if (!rv)
        rv = apr_thread_cond_create(&made->over, pool);
    if (!rv)
        rv = start(made, workers, pool);
    *crew = made;
    return rv;
}

void eb_crew_tick(eb_crew_t *crew, apr_time_t now)
{
    apr_thread_mutex_lock(crew->mutex);
    crew->now = now;
    for (int i = 0; i < crew->count; i++) {
        post_t *post = &crew->posts[i];
        if (!post->given && (now >= post->rest || post->rest > now + FUTURE))
            enqueue(crew, post);
    }
    apr_thread_cond_broadcast(crew->work);
    apr_thread_mutex_unlock(crew->mutex);
}

bool eb_crew_end(eb_crew_t *crew, apr_interval_time_t patience)
{
    apr_status_t ignored;

    apr_thread_mutex_lock(crew->mutex);
    crew->end = true;
    apr_thread_cond_broadcast(crew->work);
    for (int i = 0; i < 10 && crew->running; i++)
        apr_thread_cond_timedwait(crew->over, crew->mutex, patience / 10);
    bool ended = crew->running == 0;
    apr_thread_mutex_unlock(crew->mutex);
    for (int i = 0; ended && i < crew->workers; i++)
        apr_thread_join(&ignored, crew->threads[i]);
    return ended;
}
