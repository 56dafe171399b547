/* No memory, once: every allocation of jansson while a job is written as text, or read from it.
 * Then there is none, or the very same; never a job that lacks something, and nothing stays
 * allocated. hiredis has no such door before 1.0, and APR's pools end the process. */
#include "store/job_file.h"
#include "tap.h"
#include "spool.h"

#include <apr_errno.h>
#include <jansson.h>

static int at, seen;
static long live; /* blocks */

static void *get(size_t size)
{
    void *block = ++seen == at ? NULL : malloc(size);
    live += block != NULL;
    return block;
}

static void give(void *block)
{
    live -= block != NULL;
    free(block);
}

static eb_job_t whole_job(void)
{
    eb_job_t job = spool_job(1795604400123456);

    job.state = EB_JOB_HELD;
    job.before = EB_JOB_SUBMITTED;
    job.remote = "{\"folder\":\"/srv/eingang\",\"file\":\"x.xml\"}";
    job.problem_id = "EB0603";
    job.problem = "A message cannot be written";
    job.remedy = "Make room";
    return job;
}

static void test_encode(apr_pool_t *pool)
{
    eb_job_t job = whole_job();
    const char *want = eb_job_encode(&job, pool), *text = NULL;
    int different = 0, n = 0, refused = 0;
    long before = live;

    do {
        at = ++n, seen = 0;
        text = eb_job_encode(&job, pool);
        refused += !text;
        different += text && strcmp(text, want) != 0;
    } while (seen >= at);
    at = 0;
    ok(n > 20 && refused > 20, "each allocation of writing failed once");
    is_int(different, 0, "never another job");
    is_int(live, before, "nothing stays allocated");
    printf("# %d allocations, %d refused\n", n - 1, refused);
}

static void test_decode(apr_pool_t *parent)
{
    eb_job_t job = whole_job(), *got;
    const char *want = eb_job_encode(&job, parent);
    int different = 0, n = 0, refused = 0;
    long before = live;
    apr_pool_t *pool;

    apr_pool_create(&pool, parent);
    do {
        at = ++n, seen = 0;
        apr_status_t rv = eb_job_decode(&got, want, strlen(want), pool);
        at = seen >= at ? 0 : -1;
        refused += rv != 0;
        different += !rv && (strcmp(got->remote, job.remote) || strcmp(got->remedy, job.remedy));
        apr_pool_clear(pool);
    } while (!at);
    at = 0;
    ok(n > 20 && refused > 20, "each allocation of reading failed once");
    is_int(different, 0, "never another job");
    is_int(live, before, "nothing stays allocated");
    printf("# %d allocations, %d refused\n", n - 1, refused);
}

int main(void)
{
    json_set_alloc_funcs(get, give); /* before anything else of jansson's */
    apr_pool_t *pool = tap_begin();

    test_encode(pool);
    test_decode(pool);
    return done();
}
