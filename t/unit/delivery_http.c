/* The HTTPS client against a server that misbehaves: whom it speaks to, what it takes for an
 * answer, when it gives up, and that what streams through arrives as it was. */
#include "delivery/http.h"
#include "https.h"

#include <apr_errno.h>

static apr_pool_t *pool;
static const char *dir;
static https_t server;
static eb_problem_t *problem;
static eb_http_answer_t answer;
static eb_http_t *client;

static const char *in(const char *name)
{
    return apr_pstrcat(pool, dir, "/", name, NULL);
}

static eb_http_settings_t settings(void)
{
    return (eb_http_settings_t){.user_agent = "Test/1",
                                .ca_file = in("ca.pem"),
                                .connect_timeout = apr_time_from_sec(60),
                                .timeout = apr_time_from_sec(60)};
}

static eb_http_t *make(const eb_http_settings_t *s)
{
    eb_http_t *made = NULL;

    problem = NULL;
    is_int(eb_http_create(&made, s, &problem, pool), APR_SUCCESS, "a client");
    return made;
}

static const char *url(const char *path)
{
    return apr_psprintf(pool, "https://127.0.0.1:%d%s", server.port, path);
}

static apr_status_t ask(eb_http_t *http, eb_http_request_t request, const eb_stop_t *stop)
{
    problem = NULL;
    if (!request.method)
        request.method = "GET";
    return eb_http_ask(&answer, http, &request, stop, &problem, pool);
}

static apr_status_t get(eb_http_t *http, const char *path)
{
    return ask(http, (eb_http_request_t){.url = url(path)}, NULL);
}

static bool says(eb_problem_id_t id)
{
    return problem && problem->number == id;
}

static void test_answers(void)
{
    const char *body = "a=1&b=2";

    is_int(get(client, "/ok"), APR_SUCCESS, "an answer");
    is_int(answer.status, 200, "its status");
    is_str(answer.body, "GET Test/1 0 0 -", "its body, of a request without one");
    is_str(answer.type, "text/plain", "its type");
    ok(answer.sent && answer.len == strlen(answer.body) && !answer.retry_after, "and so on");
    is_int(ask(client,
               (eb_http_request_t){.method = "POST",
                                   .url = url("/ok"),
                                   .type = "application/x-www-form-urlencoded",
                                   .body = body,
                                   .len = strlen(body)},
               NULL),
           APR_SUCCESS, "a body is sent");
    ok(strncmp(answer.body, "POST Test/1 7 ", 14) == 0, "and arrives");
    is_int(get(client, "/redirect"), APR_SUCCESS, "a redirection");
    is_int(answer.status, 302, "is an answer like any other");
    is_int(get(client, "/later"), APR_SUCCESS, "a server that is busy");
    is_int(apr_time_sec(answer.retry_after), 7, "says until when");
    get(client, "/date");
    ok(answer.retry_after > apr_time_from_sec(900) && answer.retry_after <= apr_time_from_sec(1800),
       "or by a date");
    get(client, "/never");
    is_int(apr_time_sec(answer.retry_after), 3600, "an hour at most");
}

static void test_bounds(void)
{
    is_int(get(client, "/big"), APR_EGENERAL, "an answer of 2 MiB");
    ok(says(EB_P_HTTP_ANSWER) && answer.sent && !answer.status, "is none");
    is_int(
        ask(client, (eb_http_request_t){.url = url("/big"), .answer_max = 4 * 1024 * 1024}, NULL),
        APR_SUCCESS, "unless it was expected");
    is_int(answer.len, 2 * 1024 * 1024, "whole");
    is_int(get(client, "/cut"), APR_ECONNABORTED, "one that is cut off");
    ok(says(EB_P_HTTP_BROKEN) && answer.sent, "is none");
    is_int(get(client, "/ok"), APR_SUCCESS, "and the next is good again");
}

static void test_strangers(void)
{
    eb_http_settings_t s = settings();
    eb_http_t *none;

    is_int(ask(client, (eb_http_request_t){.url = "http://127.0.0.1/"}, NULL), APR_EINVAL,
           "no http without TLS");
    ok(says(EB_P_HTTP_ADDRESS) && !answer.sent, "nothing was sent");
    is_int(ask(client, (eb_http_request_t){.url = "file:///etc/passwd"}, NULL), APR_EINVAL,
           "no file");
    is_int(ask(client, (eb_http_request_t){.url = "https://gibt-es-nicht.invalid/"}, NULL),
           APR_EGENERAL, "a name that nobody has");
    ok(says(EB_P_HTTP_NAME), "is said");
    is_int(ask(client, (eb_http_request_t){.url = "https://127.0.0.1:1/geheim?x=y"}, NULL),
           APR_ECONNREFUSED, "nobody there");
    ok(says(EB_P_HTTP_CONNECT) && !answer.sent && !strstr(problem->what, "geheim"),
       "is said, without the path");
    s.ca_file = in("other.pem");
    is_int(get(make(&s), "/ok"), APR_EACCES, "a certificate of another authority");
    ok(says(EB_P_HTTP_TLS) && !answer.sent, "is not trusted");
    s.ca_file = NULL;
    is_int(get(make(&s), "/ok"), APR_EACCES, "nor by the system");
    is_int(
        ask(client,
            (eb_http_request_t){.url = apr_psprintf(pool, "https://localhost:%d/ok", server.port)},
            NULL),
        APR_EACCES, "nor under another name");
    s.ca_file = in("keine.pem");
    is_int(eb_http_create(&none, &s, &problem, pool), APR_ENOENT, "no such file");
    ok(says(EB_P_HTTP_FILE), "is said at start");
}

static void test_own_certificate(void)
{
    eb_http_settings_t s = settings();

    s.cert_file = in("client.pem");
    s.key_file = in("client.key");
    is_int(get(make(&s), "/ok"), APR_SUCCESS, "with a certificate of our own");
    is_str(answer.body, "GET Test/1 0 0 absender", "which the server has seen");
}

static bool in_time(void *baton)
{
    return ++*(int *)baton >= 16;
}

static void test_waiting(void)
{
    eb_http_settings_t s = settings();
    int asked = 0;
    const eb_stop_t stop = {in_time, &asked};

    is_int(ask(client, (eb_http_request_t){.url = url("/slow")}, &stop), APR_EINTR,
           "waiting can be ended");
    ok(!problem && !answer.status, "which is no problem");
    s.timeout = apr_time_from_sec(1);
    is_int(get(make(&s), "/slow"), APR_TIMEUP, "and ends by itself");
    ok(says(EB_P_HTTP_SLOW), "as a problem");
}

/* ---- streams */

typedef struct rain_t {
    eb_source_t source;
    apr_uint64_t len;
    apr_size_t step;
    apr_status_t fail; /* after all bytes */
    int poured;
} rain_t;

static apr_status_t pour(eb_source_t *source, eb_sink_t *sink, eb_problem_t **p, apr_pool_t *temp)
{
    rain_t *rain = (rain_t *)source;
    char *block = apr_palloc(temp, rain->step);
    apr_status_t rv = APR_SUCCESS;

    rain->poured++;
    for (apr_uint64_t at = 0; at < rain->len && !rv;) {
        apr_size_t n = rain->len - at < rain->step ? (apr_size_t)(rain->len - at) : rain->step;
        for (apr_size_t i = 0; i < n; i++)
            block[i] = (char)((at + i) * 7 >> 3);
        rv = sink->take(sink, block, n, p, temp);
        at += n;
    }
    return rv ? rv : rain->fail;
}

static const char *echo_of(const rain_t *rain, const char *method)
{
    unsigned long sum = 0;

    for (apr_uint64_t at = 0; at < rain->len; at++)
        sum = sum * 31 + (unsigned char)(char)(at * 7 >> 3);
    return apr_psprintf(pool, "%s Test/1 %" APR_UINT64_T_FMT " %lx -", method, rain->len, sum);
}

static apr_status_t put(const char *path, rain_t *rain, apr_uint64_t len, const eb_stop_t *stop)
{
    rain->source.pour = pour;
    return ask(client,
               (eb_http_request_t){.method = "PUT",
                                   .url = url(path),
                                   .type = "application/jose",
                                   .source = &rain->source,
                                   .len = len},
               stop);
}

static void test_streams(void)
{
    static const struct {
        apr_uint64_t len;
        apr_size_t step;
    } cases[] = {{1, 1}, {0, 1}, {1000, 7}, {65536, 65536}, {3000001, 100003}, {3000000, 1000000}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rain_t rain = {.len = cases[i].len, .step = cases[i].step};
        is_int(put("/ok", &rain, rain.len, NULL), APR_SUCCESS, "a stream");
        is_str(answer.body, echo_of(&rain, "PUT"), "arrives as it was");
    }
}

static void test_broken_streams(void)
{
    rain_t rain = {.len = 500000, .step = 4096};
    int asked = 0;
    const eb_stop_t stop = {in_time, &asked};

    rain.fail = APR_ENOSPC;
    is_int(put("/ok", &rain, 500001, NULL), APR_ENOSPC, "a source that fails");
    rain.fail = APR_SUCCESS;
    ok(put("/ok", &rain, 500001, NULL) != APR_SUCCESS && problem, "one that is too short");
    ok(put("/ok", &rain, 499999, NULL) != APR_SUCCESS && problem, "one that is too long");
    is_int(put("/early", &rain, 500000, NULL), APR_SUCCESS, "an answer before the end");
    ok(answer.status == 413 && strcmp(answer.body, "zu viel") == 0, "is one");
    rain.len = 50 * 1000 * 1000; /* more than sockets hold */
    is_int(put("/slow-reader", &rain, rain.len, &stop), APR_EINTR, "a stream can be ended");
}

/* The server hangs up behind an answer that promised more. */
static void test_dead_connection(void)
{
    rain_t rain = {.len = 100000, .step = 4096};
    char body[] = "x";
    int good = 0;

    for (int i = 0; i < 20; i++) {
        good += !get(client, "/last") && answer.status == 200;
        good += !put("/ok", &rain, rain.len, NULL) && answer.status == 200;
        good += !get(client, "/last") && answer.status == 200;
        good += !ask(client,
                     (eb_http_request_t){.method = "PUT",
                                         .url = url("/ok"),
                                         .type = "text/plain",
                                         .body = body,
                                         .len = 1,
                                         .once = true},
                     NULL);
    }
    is_int(good, 80, "a connection that has died harms nobody");
}

/* How often a request arrives whose answer never comes, by a connection that was good before. */
static unsigned arrivals(bool once, eb_source_t *source)
{
    const unsigned before = *server.tokens;

    is_int(get(client, "/ok"), APR_SUCCESS, "a connection");
    ok(ask(client,
           (eb_http_request_t){.method = "PUT",
                               .url = url("/vanish"),
                               .type = "text/plain",
                               .body = source ? NULL : "x",
                               .source = source,
                               .len = 1,
                               .once = once},
           NULL) != APR_SUCCESS &&
           says(EB_P_HTTP_BROKEN) && answer.sent,
       "the answer is lost");
    return *server.tokens - before;
}

static void test_once(void)
{
    eb_source_t *source = eb_memory_source("x", 1, pool);

    is_int(arrivals(true, source), 1, "a source that goes once arrives once");
    is_int(arrivals(true, NULL), 1, "and so do bytes in memory");
    ok(arrivals(false, source) > 1 && arrivals(false, NULL) > 1, "others arrive again");
}

/* Whoever keeps a connection open with a byte now and then keeps nobody. */
static void test_drip(void)
{
    eb_http_settings_t s = settings();

    s.timeout = apr_time_from_sec(1);
    is_int(ask(make(&s),
               (eb_http_request_t){.method = "PUT",
                                   .url = url("/drip"),
                                   .type = "text/plain",
                                   .source = eb_memory_source("x", 1, pool),
                                   .len = 1},
               NULL),
           APR_TIMEUP, "a stream whose answer only drips is given up");
    ok(says(EB_P_HTTP_SLOW), "as too slow");
}

typedef struct drain_t {
    eb_sink_t sink;
    apr_uint64_t len, max;
} drain_t;

static apr_status_t swallow(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **p,
                            apr_pool_t *temp)
{
    drain_t *drain = (drain_t *)sink;

    (void)data, (void)p, (void)temp;
    drain->len += len;
    return drain->len > drain->max ? APR_ENOSPC : APR_SUCCESS;
}

static void test_sinks(void)
{
    drain_t drain = {{swallow}, 0, 1 << 30}, small = {{swallow}, 0, 1000};

    is_int(ask(client, (eb_http_request_t){.url = url("/big"), .into = &drain.sink}, NULL),
           APR_SUCCESS, "an answer into a sink");
    ok(drain.len == 2 * 1024 * 1024 && answer.len == 0, "may be long");
    is_int(ask(client, (eb_http_request_t){.url = url("/big"), .into = &small.sink}, NULL),
           APR_ENOSPC, "the sink's failure comes back");
}

int main(void)
{
    eb_http_settings_t s;

    pool = tap_begin();
    dir = scratch_make(pool);
    if (!https_start(&server, dir, pool)) {
        printf("Bail out! no server\n");
        return 1;
    }
    s = settings();
    client = make(&s);
    is_str(eb_http_host("https://wer:geheim@host.example:444/pfad?x", pool), "host.example:444",
           "an address for people");
    test_answers();
    test_bounds();
    test_strangers();
    test_own_certificate();
    test_waiting();
    test_streams();
    test_broken_streams();
    test_dead_connection();
    test_once();
    test_drip();
    test_sinks();
    https_stop(&server);
    scratch_remove(dir);
    return done();
}
