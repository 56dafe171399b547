/* No memory, once: every allocation of libxml2 and libxslt on the way from answers to a message
 * fails in its turn. Then there is a problem and no message, or the very same message. In our own
 * part nothing crashes, and nothing stays allocated; what the libraries do is counted: libxslt may
 * die, and libxml2 2.9 may take a condition for false without a word when it has no memory to find
 * out, which nobody can see from outside.
 *
 * What comes from APR's pools is no part of this: httpd aborts the child when it cannot have that
 * (apr_pool_abort_set), which the outbox survives like any other crash. */
#include "message.h"
#include "tap.h"

#include <apr_errno.h>
#include <libxml/xmlmemory.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXAMPLE "t/message/instances/01-ledige-person.txt"

static int at, seen; /* which allocation fails; 0: none */
static long live;    /* blocks */

static bool lacking(void)
{
    return ++seen == at;
}

static void *get(size_t size)
{
    void *block = lacking() ? NULL : malloc(size);
    live += block != NULL;
    return block;
}

static void *get_again(void *block, size_t size)
{
    void *other = lacking() ? NULL : realloc(block, size);
    live += !block && other;
    return other;
}

static char *copy(const char *text)
{
    char *block = lacking() ? NULL : strdup(text);
    live += block != NULL;
    return block;
}

static void give(void *block)
{
    live -= block != NULL;
    free(block);
}

static void hush(void *baton, const char *format, ...)
{
    (void)baton, (void)format;
}

/* What came of it; with FIRST added, as the exit code of a child: sanitizers have codes as well. */
enum { FIRST = 40 };

#ifdef __SANITIZE_ADDRESS__
enum { SAMPLES = 15 }; /* each death is a long report */
#else
enum { SAMPLES = 150 };
#endif
typedef enum { REFUSED, SAME, PLENTY, DIFFERENT, SILENT, LEAKED, DIED, OUTCOMES } outcome_t;

typedef struct attempt_t {
    const bench_t *bench;
    const eb_instance_t *in;
    const char *want;
} attempt_t;
typedef outcome_t (*body_t)(const attempt_t *a, int n, apr_pool_t *pool);

static outcome_t judge(apr_status_t rv, const eb_problem_t *problem, bool same, long before, int n)
{
    bool met = seen >= n;

    xmlResetLastError(); /* whose texts are copies */
    if (rv)
        return !problem ? SILENT : live != before ? LEAKED : REFUSED;
    return !same ? DIFFERENT : live != before ? LEAKED : met ? SAME : PLENTY;
}

/* All of it: libxml2, libxslt, and the schema. */
static outcome_t build(const attempt_t *a, int n, apr_pool_t *pool)
{
    eb_context_t c = {a->in, EB_ROOT, a->bench->now, pool};
    eb_header_t header = message_header_of(a->bench, &c);
    eb_problem_t *problem = NULL;
    const char *xml = NULL;
    apr_size_t len;
    long before = live;

    at = n;
    seen = 0;
    apr_status_t rv = eb_message_build(&xml, &len, a->bench->profile, &header, &c, &problem, pool);
    at = 0;
    return judge(rv, problem, !rv && strcmp(xml, a->want) == 0, before, n);
}

/* Our own part of it: the stylesheet's input. */
static outcome_t source(const attempt_t *a, int n, apr_pool_t *pool)
{
    eb_context_t c = {a->in, EB_ROOT, a->bench->now, pool};
    eb_header_t header = message_header_of(a->bench, &c);
    eb_problem_t *problem = NULL;
    xmlDocPtr doc = NULL;
    xmlChar *text = NULL;
    int len;
    long before = live;

    at = n;
    seen = 0;
    xmlResetLastError();
    apr_status_t rv = eb_message_source(&doc, &header, &c, &problem, pool);
    at = 0;
    if (!rv)
        xmlDocDumpMemory(doc, &text, &len);
    bool same = text && (!a->want || strcmp((char *)text, a->want) == 0);
    xmlFree(text);
    if (!rv)
        xmlFreeDoc(doc);
    return judge(rv, problem, same, before, n);
}

/* In a child: libxslt cannot do without memory, and dies of it here and there. What it dies of is
 * not accepted yet. */
static outcome_t in_child(const attempt_t *a, int n, apr_pool_t *pool)
{
    int status = 0;

    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(FIRST + (int)build(a, n, pool));
    waitpid(pid, &status, 0);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) - FIRST : DIED;
    return code >= 0 && code < DIED ? (outcome_t)code : DIED;
}

static void test_source(attempt_t a, apr_pool_t *pool)
{
    int counts[OUTCOMES] = {0}, n = 0;
    outcome_t outcome;

    a.want = NULL;
    source(&a, 0, pool);
    do {
        counts[outcome = source(&a, ++n, pool)]++;
    } while (outcome != PLENTY);
    ok(n > 500, "each allocation of the stylesheet's input failed once");
    is_int(counts[DIFFERENT], 0, "never another document");
    is_int(counts[SILENT], 0, "never without a problem");
    is_int(counts[LEAKED], 0, "nothing stays allocated");
    printf("# %d allocations: %d refused, %d did without\n", n - 1, counts[REFUSED], counts[SAME]);
}

/* Some of the many allocations; EB_ALL=1 tries all of them. */
static void test_build(const attempt_t *a, apr_pool_t *pool)
{
    int counts[OUTCOMES] = {0};

    build(a, 0, pool);
    int all = seen, step = getenv("EB_ALL") ? 1 : all / SAMPLES | 1;
    for (int n = 1; n <= all; n += step)
        counts[in_child(a, n, pool)]++;
    ok(all > 1000, "allocations of the whole way failed once");
    is_int(counts[SILENT], 0, "never without a problem");
    ok(counts[REFUSED] > 5 * counts[DIFFERENT], "and as good as never another message");
    printf("# %d of %d allocations: %d refused, %d did without, libxslt died of %d and lost %d, "
           "libxml2 kept quiet about %d\n",
           (all + step - 1) / step, all, counts[REFUSED], counts[SAME], counts[DIED],
           counts[LEAKED], counts[DIFFERENT]);
}

int main(void)
{
    bench_t b;
    apr_size_t len;

    xmlMemSetup(give, get, get_again, copy); /* before anything else of libxml2's */
    xmlSetGenericErrorFunc(NULL, hush);
    if (!ok(message_begin(&b, tap_begin()), "form and profile load"))
        return done();
    eb_instance_t *in = fixture_load(b.form, EXAMPLE, b.pool);
    eb_context_t c = message_context(&b, in);
    eb_rules_calculate(in, &c);
    attempt_t a = {&b, in, message_of(&b, in, &len)};
    test_source(a, b.pool);
    test_build(&a, b.pool);
    return done();
}
