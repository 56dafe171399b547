/* One profile, four threads, many applications: every thread gets the same bytes, all the time. */
#include "message.h"
#include "tap.h"

#include <apr_atomic.h>
#include <apr_thread_proc.h>

#define THREADS 4
#define ROUNDS  40

static const char *const files[] = {
    "t/message/instances/01-ledige-person.txt",
    "t/message/instances/02-familie-drei-kinder.txt",
    "t/message/instances/09-sehr-umfangreich.txt",
};
#define FILES ((int)(sizeof files / sizeof *files))

typedef struct work_t {
    const bench_t *bench;
    eb_instance_t *in[FILES];
    const char *want[FILES];
    volatile apr_uint32_t different, refused;
} work_t;

/* Every third one is broken on the way, so that error paths run beside good ones. */
static void build_one(work_t *work, int file, bool broken, apr_pool_t *pool)
{
    eb_context_t c = {work->in[file], EB_ROOT, work->bench->now, pool};
    eb_header_t header = message_header_of(work->bench, &c);
    eb_problem_t *problem = NULL;
    const char *xml = NULL;
    apr_size_t len;

    if (broken)
        header.uuid = "none";
    apr_status_t rv =
        eb_message_build(&xml, &len, work->bench->profile, &header, &c, &problem, pool);
    if (broken)
        apr_atomic_add32(&work->refused, rv == APR_EINVAL);
    else if (rv != APR_SUCCESS || strcmp(xml, work->want[file]) != 0)
        apr_atomic_inc32(&work->different);
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *baton)
{
    work_t *work = baton;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        build_one(work, i % FILES, i % 3 == 2, pool);
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    (void)thread;
    return NULL; /* apr_thread_exit would leave AddressSanitizer's marks on the stack */
}

int main(void)
{
    bench_t b;
    work_t work = {&b, {NULL}, {NULL}, 0, 0};
    apr_thread_t *threads[THREADS];
    apr_status_t rv;
    apr_size_t len;

    if (!ok(message_begin(&b, tap_begin()), "form and profile load"))
        return done();
    for (int i = 0; i < FILES; i++) {
        work.in[i] = fixture_load(b.form, files[i], b.pool);
        eb_context_t c = message_context(&b, work.in[i]);
        eb_rules_calculate(work.in[i], &c);
        work.want[i] = message_of(&b, work.in[i], &len);
        ok(work.want[i] != NULL, files[i]);
    }
    for (int i = 0; i < THREADS; i++)
        apr_thread_create(&threads[i], NULL, run, &work, b.pool);
    for (int i = 0; i < THREADS; i++)
        apr_thread_join(&rv, threads[i]);
    is_int(work.different, 0, "all threads made the same messages");
    is_int(work.refused, THREADS * (ROUNDS / 3), "… and refused the same ones");
    return done();
}
