/* Four threads, one HTTPS client: everybody gets the answer to their own question, over no more
 * lines than there are threads. Four threads, one access token: it is fetched once, however many
 * want it, and a refusal is heard once for all of them. */
#include "delivery/fitconnect/fit.h"
#include "delivery/http_parts.h"
#include "https.h"

#include <apr_atomic.h>
#include <apr_thread_proc.h>
#include <pthread.h>

#define THREADS 4
#define ROUNDS  25

typedef struct work_t {
    https_t server;
    eb_http_t *http;
    eb_fit_t *fit;
    pthread_barrier_t together;
    const char *token[ROUNDS][THREADS];
    volatile apr_uint32_t next, wrong;
    apr_pool_t *pool;
} work_t;

static void run(work_t *work, apr_thread_start_t what)
{
    apr_thread_t *threads[THREADS];
    apr_status_t rv;

    work->next = work->wrong = 0;
    for (int i = 0; i < THREADS; i++)
        apr_thread_create(&threads[i], NULL, what, work, work->pool);
    for (int i = 0; i < THREADS; i++)
        apr_thread_join(&rv, threads[i]);
}

static const char *url(const work_t *work, const char *path, apr_pool_t *pool)
{
    return apr_psprintf(pool, "https://127.0.0.1:%d%s", work->server.port, path);
}

/* Every fifth connection dies behind its answer. */
static bool ask_one(work_t *work, unsigned thread, int round, apr_pool_t *pool)
{
    char *body = apr_psprintf(pool, "%u-%d", thread, round);
    eb_http_request_t request = {.method = "PUT",
                                 .url = url(work, round % 5 == 4 ? "/last" : "/ok", pool),
                                 .type = "text/plain",
                                 .body = body,
                                 .len = strlen(body)};
    eb_http_answer_t answer;
    eb_problem_t *problem = NULL;
    unsigned long sum = 0;

    for (const char *c = body; *c; c++)
        sum = sum * 31 + (unsigned char)*c;
    const char *want =
        apr_psprintf(pool, "PUT Test/1 %" APR_SIZE_T_FMT " %lx -", strlen(body), sum);
    return !eb_http_ask(&answer, work->http, &request, NULL, &problem, pool) &&
           strcmp(answer.body, want) == 0;
}

static void *APR_THREAD_FUNC ask(apr_thread_t *thread, void *baton)
{
    work_t *work = baton;
    const unsigned me = apr_atomic_inc32(&work->next);
    apr_pool_t *pool;

    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    pthread_barrier_wait(&work->together);
    for (int round = 0; round < ROUNDS; round++) {
        if (!ask_one(work, me, round, pool))
            apr_atomic_inc32(&work->wrong);
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    (void)thread;
    return NULL; /* apr_thread_exit would leave AddressSanitizer's marks on the stack */
}

static void test_one_client(work_t *work)
{
    const eb_http_settings_t s = {.user_agent = "Test/1",
                                  .ca_file =
                                      apr_pstrcat(work->pool, work->server.dir, "/ca.pem", NULL),
                                  .connect_timeout = apr_time_from_sec(300),
                                  .timeout = apr_time_from_sec(300)};
    eb_problem_t *problem = NULL;
    int lines = 0;

    is_int(eb_http_create(&work->http, &s, &problem, work->pool), APR_SUCCESS, "one client");
    run(work, ask);
    is_int(work->wrong, 0, "everybody got the answers to their own questions");
    for (const eb_http_line_t *line = work->http->idle; line; line = line->next)
        lines++;
    ok(lines >= 1 && lines <= THREADS, "over as many lines as threads, at most, all given back");
}

/* As if the API had refused the token at once. Who refuses it late must not lose the others the new
 * one. */
static void *APR_THREAD_FUNC want(apr_thread_t *thread, void *baton)
{
    work_t *work = baton;
    const unsigned me = apr_atomic_inc32(&work->next);
    eb_problem_t *problem = NULL;
    eb_fit_call_t call = {.fit = work->fit, .now = apr_time_from_sec(1), .problem = &problem};

    apr_pool_create_unmanaged_ex(&call.pool, NULL, NULL);
    pthread_barrier_wait(&work->together);
    for (int round = 0; round < ROUNDS; round++) {
        const char *token = NULL;
        if (eb_fit_token(&token, &call) != EB_STEP_FORWARD)
            apr_atomic_inc32(&work->wrong);
        work->token[round][me] = token ? strdup(token) : NULL;
        pthread_barrier_wait(&work->together);
        if (token)
            eb_fit_token_drop(&call, token);
    }
    apr_pool_destroy(call.pool);
    (void)thread;
    return NULL;
}

static eb_fit_t *make_fit(const work_t *work, const char *token_path)
{
    const char *secret = apr_pstrcat(work->pool, work->server.dir, "/secret", NULL);
    eb_problem_t *problem = NULL;
    eb_transport_t *transport = NULL;
    eb_trust_t *trust = NULL;

    scratch_write(secret, "geheim\n");
    chmod(secret, 0600);
    eb_trust_load(&trust, NULL, NULL, true, &problem, work->pool);
    const eb_fitconnect_settings_t s = {
        .destination = "879ee109-a690-4db8-ab32-424284184d7d",
        .client_id = "wir",
        .secret_file = secret,
        .token_url = url(work, token_path, work->pool),
        .submission_url = "https://api.example/submission-api",
        .service = "urn:de:fim:leika:leistung:99099002067003",
        .service_name = "Einbürgerung",
        .trust = trust,
        .ca_file = apr_pstrcat(work->pool, work->server.dir, "/ca.pem", NULL)};
    is_int(eb_fitconnect_transport(&transport, &s, &problem, work->pool), APR_SUCCESS,
           "a transport");
    return (eb_fit_t *)transport;
}

static int count_same(const work_t *work)
{
    int same = 0;

    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < THREADS; i++)
            same += work->token[round][i] && work->token[round][0] &&
                    strcmp(work->token[round][i], work->token[round][0]) == 0;
    return same;
}

static void test_one_token(work_t *work)
{
    const unsigned before = *work->server.tokens;

    work->fit = make_fit(work, "/token");
    run(work, want);
    is_int(work->wrong, 0, "everybody got a token");
    is_int(count_same(work), THREADS * ROUNDS, "all the same one, each time");
    is_int(*work->server.tokens - before, ROUNDS, "each was asked for once");
    for (int i = 0; i < THREADS * ROUNDS; i++)
        free((char *)work->token[i / THREADS][i % THREADS]);
}

static void test_one_refusal(work_t *work)
{
    const unsigned before = *work->server.tokens;

    work->fit = make_fit(work, "/no-token");
    run(work, want);
    is_int(work->wrong, THREADS * ROUNDS, "a refusal is everybody's");
    is_int(*work->server.tokens - before, 1, "and was heard once");
}

int main(void)
{
    static work_t work;

    work.pool = tap_begin();
    if (!https_start(&work.server, scratch_make(work.pool), work.pool)) {
        printf("Bail out! no server\n");
        return 1;
    }
    pthread_barrier_init(&work.together, NULL, THREADS);
    test_one_client(&work);
    test_one_token(&work);
    test_one_refusal(&work);
    https_stop(&work.server);
    scratch_remove(work.server.dir);
    return done();
}
