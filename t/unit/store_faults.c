/* Redis is cut off at every single command of a person's work on a draft: before the command, after
 * it, and in the middle of its answer; once, or for so long that a second try fails as well. The
 * person clicks again. Looked at past the cut, after every click: no answer that was acknowledged
 * is lost, no file is named whose bytes are missing, and nothing stays that would never expire. */
#include "store/upload.h"
#include "tap.h"
#include "bytes.h"
#include "cut.h"
#include "scratch.h"

#include <apr_errno.h>

enum { SIZE = 150000, FILES = 8 }; /* three pieces */
typedef enum { EDIT, ATTACH, DETACH } act_t;

static test_redis_t server;
static cut_t cut;
static eb_drafts_t drafts, past; /* through the cut, and past it */
static apr_time_t now;
static int worst; /* clicks that one act took */

typedef struct person_t {
    char secret[EB_DRAFT_SECRET_LEN + 1];
    int acknowledged, tried; /* answers: they count up */
    bool good;
} person_t;

/* What an application says: a number, and the files it names. */
typedef struct answers_t {
    int number, count;
    const char *files[FILES];
} answers_t;

static void expect(person_t *p, bool good, const char *what)
{
    if (!good && p->good)
        printf("# %s: answer %d, command %d, %d times, kind %d\n", what, p->tried, (int)cut.at,
               (int)cut.times, (int)cut.kind);
    p->good = p->good && good;
}

static void say(eb_draft_t *d, const answers_t *a, apr_pool_t *pool)
{
    const char *text = apr_itoa(pool, a->number);

    for (int i = 0; i < a->count; i++)
        text = apr_pstrcat(pool, text, " ", a->files[i], NULL);
    d->answers = text;
    d->answers_len = strlen(text);
    d->files = apr_pmemdup(pool, a->files, sizeof a->files);
    d->files_count = a->count;
}

static answers_t heard(const eb_draft_t *d, apr_pool_t *pool)
{
    char *last, *text = apr_pstrmemdup(pool, d->answers, d->answers_len);
    answers_t a = {.number = atoi(apr_strtok(text, " ", &last))};

    for (char *id; a.count < FILES && (id = apr_strtok(NULL, " ", &last));)
        a.files[a.count++] = id;
    return a;
}

typedef struct compare_t {
    eb_sink_t sink;
    apr_uint64_t got;
    bool same;
} compare_t;

static apr_status_t compare(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **p,
                            apr_pool_t *pool)
{
    compare_t *c = (compare_t *)sink;
    (void)p, (void)pool;
    c->same = c->same && bytes_same(data, 1, c->got, len);
    c->got += len;
    return APR_SUCCESS;
}

static bool whole(const eb_draft_t *d, const char *id, apr_pool_t *pool)
{
    compare_t c = {{compare}, 0, true};
    eb_problem_t *problem = NULL;
    eb_source_t *source = eb_upload_source(&past, d, id, SIZE, pool);

    return !source->pour(source, &c.sink, &problem, pool) && c.same && c.got == SIZE;
}

/* Keys that would stay for ever. */
static int eternal(apr_pool_t *pool)
{
    const char *script = "local n = 0 for _, k in ipairs(redis.call('KEYS', '*')) do "
                         "if redis.call('TTL', k) < 0 then n = n + 1 end end return n";
    return atoi(test_redis_ask(&server, pool, "EVAL %s 0", script));
}

static void inspect(person_t *p, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    eb_draft_t *d;

    expect(p, eternal(pool) == 0, "something never expires");
    if (!*p->secret)
        return;
    apr_status_t rv = eb_draft_load(&d, &past, p->secret, &problem, pool);
    expect(p, !rv, "an acknowledged draft is lost");
    if (rv)
        return;
    answers_t a = heard(d, pool);
    expect(p, a.number >= p->acknowledged && a.number <= p->tried, "an answer is lost");
    for (int i = 0; i < a.count; i++)
        expect(p, whole(d, a.files[i], pool), "a file is named that is not whole");
}

static apr_status_t attach(answers_t *a, const eb_draft_t *d, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    bytes_t file = bytes_made(1, SIZE);
    eb_upload_t *upload;
    apr_status_t rv = eb_upload_begin(&upload, &drafts, d, problem, pool);

    if (!rv)
        rv = file.source.pour(&file.source, &upload->sink, problem, pool);
    if (!rv)
        rv = eb_upload_finish(upload, problem);
    if (rv)
        return rv;
    a->files[a->count++] = upload->id;
    return eb_uploads_keep(&drafts, d, &a->files[a->count - 1], 1, problem, pool);
}

/* Whether a save of which nobody knows was done after all. */
static bool done_after_all(const eb_draft_t *d, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    eb_draft_t *again;

    return !eb_draft_load(&again, &drafts, d->secret, &problem, pool) &&
           again->version == d->version + 1 && again->writer == d->writer;
}

static apr_status_t open_draft(eb_draft_t **d, answers_t *a, person_t *p, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    *a = (answers_t){0};
    if (!*p->secret)
        return eb_draft_new(d, &drafts, now, problem, pool);
    apr_status_t rv = eb_draft_load(d, &drafts, p->secret, problem, pool);
    if (!rv)
        *a = heard(*d, pool);
    return rv;
}

/* One request. True: the person is told that it is done. */
static bool click(person_t *p, act_t act, apr_pool_t *pool)
{
    const char *dropped = NULL;
    eb_problem_t *problem = NULL;
    eb_draft_t *d;
    answers_t a;
    apr_status_t rv = open_draft(&d, &a, p, &problem, pool);

    if (rv || a.number == p->tried) {
        expect(p, !rv || problem, "a draft is lost");
        return !rv;
    }
    a.number = p->tried;
    if (act == ATTACH && attach(&a, d, &problem, pool)) {
        expect(p, problem != NULL, "a failure without a problem");
        return false;
    }
    if (act == DETACH) {
        dropped = a.files[0];
        memmove(a.files, a.files + 1, sizeof *a.files * (size_t)--a.count);
    }
    say(d, &a, pool);
    eb_random(&d->writer, sizeof d->writer);
    rv = eb_draft_save(d, &drafts, now, true, &problem, pool);
    expect(p, !rv || problem, "somebody else's fault");
    if (rv && !done_after_all(d, pool))
        return false;
    strcpy(p->secret, d->secret);
    if (dropped)
        eb_uploads_delete(&drafts, d, &dropped, 1, &problem, pool);
    return true;
}

static void act(person_t *p, act_t what, apr_pool_t *parent)
{
    apr_pool_t *pool;
    bool told = false;
    int clicks = 0;

    apr_pool_create(&pool, parent);
    p->tried++;
    while (!told && ++clicks < 10 && p->good) {
        told = click(p, what, pool);
        if (told)
            p->acknowledged = p->tried;
        apr_pool_clear(pool); /* which gives back an upload that was not finished */
        inspect(p, pool);
    }
    expect(p, told, "clicking does not help");
    worst = clicks > worst ? clicks : worst;
    apr_pool_destroy(pool);
}

/* True: the cut was met. */
static bool play(person_t *p, int n, int times, cut_kind_t kind, apr_pool_t *pool)
{
    static const act_t acts[] = {EDIT, EDIT, ATTACH, EDIT, ATTACH, DETACH, EDIT};
    eb_problem_t *problem = NULL;
    eb_draft_t *d;

    *p = (person_t){.good = true};
    now = apr_time_now();
    cut_set(&cut, n, times, kind);
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        act(p, acts[i], pool);
        if (i % 2)
            now += apr_time_from_sec(86400); /* and all expires later */
    }
    if (!eb_draft_load(&d, &past, p->secret, &problem, pool)) {
        answers_t a = heard(d, pool);
        expect(p, a.number == (int)(sizeof acts / sizeof *acts) && a.count == 1, "the end differs");
    }
    test_redis_ask(&server, pool, "FLUSHALL");
    return cut.met > 0;
}

static void test_cut(int times, cut_kind_t kind, const char *name, apr_pool_t *parent)
{
    apr_pool_t *pool;
    person_t p = {.good = true};
    int n = 0;

    worst = 0;
    apr_pool_create(&pool, parent);
    while (play(&p, ++n, times, kind, pool) && p.good)
        apr_pool_clear(pool);
    ok(p.good && n > 40, name);
    printf("# %d commands cut off, at most %d clicks\n", n - 1, worst);
    apr_pool_destroy(pool);
}

int main(void)
{
    apr_pool_t *pool = tap_begin(), *child;
    const char *dir = scratch_make(pool);

    if (!test_redis_start(&server, dir, pool)) {
        skip(1, "redis-server is not installed");
        scratch_remove(dir);
        return done();
    }
    cut_start(&cut, &server, pool);
    drafts = (eb_drafts_t){
        .keys = scratch_keys(dir, "a", pool), .tenant = "a.example", .days = EB_DRAFT_DAYS};
    past = drafts;
    apr_pool_create(&child, pool);
    eb_redis_address_t address = {.path = cut.socket, .connect_ms = 5000, .command_ms = 5000};
    eb_redis_create(&drafts.redis, &address, 2, child);
    address.path = server.socket;
    eb_redis_create(&past.redis, &address, 2, child);
    test_cut(1, CUT_BEFORE, "each command is lost once", pool);
    test_cut(1, CUT_AFTER, "each answer is lost once", pool);
    test_cut(1, CUT_WITHIN, "each answer is cut in half once", pool);
    test_cut(4, CUT_BEFORE, "each command is lost, and the next three", pool);
    test_cut(4, CUT_AFTER, "each answer is lost, and the next three", pool);
    test_cut(4, CUT_WITHIN, "each answer is cut in half, and the next three", pool);
    apr_pool_destroy(child);
    cut_stop(&cut);
    test_redis_stop(&server, SIGKILL);
    scratch_remove(dir);
    return done();
}
