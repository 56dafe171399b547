/* The pool has a place for every thread, so nobody ever waits for one, and taking a place needs no
 * lock: it is one compare-and-set, low places first, so that as few connections are open as were
 * ever needed at once. (An apr_reslist would make new members under its lock, half a second of
 * everybody's time when Redis is away, and aborts when a child ends in the middle of a request.)
 *
 * When a connection breaks, the others are as good as broken (Redis was restarted), but each would
 * find out only by failing a request. The generation counter spares them: a failure moves it on,
 * and whoever takes a place with an older connection replaces it first. */
#include "redis_pool.h"

#include <apr_atomic.h>
#include <errno.h>
#include <sys/socket.h>

/* A connection that is still in use belongs to a thread that this cleanup must not disturb; the end
 * of the process closes it. */
static apr_status_t cleanup_redis(void *data)
{
    eb_redis_t *redis = data;

    for (int i = 0; i < redis->max; i++)
        if (apr_atomic_cas32(&redis->conns[i].taken, 1, 0) == 0)
            eb_redis_drop(&redis->conns[i]);
    return APR_SUCCESS;
}

apr_status_t eb_redis_create(eb_redis_t **redis, const eb_redis_address_t *address, int max,
                             apr_pool_t *pchild)
{
    eb_redis_t *made = apr_pcalloc(pchild, sizeof *made);

    made->address = *address;
    made->name = eb_redis_address_text(address, pchild);
    made->max = max;
    made->conns = apr_pcalloc(pchild, max * sizeof *made->conns);
    apr_pool_cleanup_register(pchild, made, cleanup_redis, apr_pool_cleanup_null);
    *redis = made;
    return APR_SUCCESS;
}

void eb_redis_retire(eb_redis_t *redis, const eb_redis_conn_t *conn)
{
    apr_atomic_cas32(&redis->generation, conn->generation + 1, conn->generation);
}

/* Whether an idle connection is still open, as far as this side has been told. Nothing is due to
 * arrive on it, so anything readable means that it is over. */
static bool alive(const redisContext *context)
{
    char byte;
    return recv(context->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

static eb_redis_conn_t *take_place(eb_redis_t *redis)
{
    for (int i = 0; i < redis->max; i++)
        if (apr_atomic_cas32(&redis->conns[i].taken, 1, 0) == 0)
            return &redis->conns[i];
    return NULL;
}

apr_status_t eb_redis_borrow(eb_redis_conn_t **conn, eb_redis_t *redis, bool careful,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_conn_t *place = take_place(redis);

    if (!place)
        return eb_problem_set(problem, EB_P_REDIS_CONNECT, APR_ENOSPC, NULL, pool,
                              "All %d connections to Redis at %s are busy", redis->max,
                              redis->name);
    *conn = place;
    place->fresh = false;
    if (place->context && place->generation == apr_atomic_read32(&redis->generation)) {
        if (!careful || alive(place->context))
            return APR_SUCCESS;
        eb_redis_retire(redis, place);
    }
    apr_status_t rv = eb_redis_connect(place, redis, problem, pool);
    if (rv)
        eb_redis_give_back(place);
    return rv;
}

/* An exchange, unlike a plain store, also publishes what was written to the place before. */
void eb_redis_give_back(eb_redis_conn_t *conn)
{
    apr_atomic_xchg32(&conn->taken, 0);
}
