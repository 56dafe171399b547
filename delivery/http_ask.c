/* One exchange. libcurl pulls, a source pushes: so the exchange runs in small pieces (the multi
 * interface), from within the sink when there is one. The sink lends its bytes to libcurl and lets
 * it work until they are used up, then the source goes on; nothing is copied but into the buffer
 * that TLS encrypts from, and memory does not depend on the length.
 *
 * Every quarter of a second whoever waits is asked whether that must end. */
#include "http_parts.h"
#include "base/buf.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

enum {
    LOOK_MS = 250,
    UPLOAD_BUFFER = 256 * 1024,
    SLOWEST = 1024 /* bytes a second: whoever takes or gives less is as good as silent */
};
#define RETRY_AFTER_MAX apr_time_from_sec(3600)

typedef struct exchange_t {
    eb_sink_t sink; /* for the source */
    eb_http_t *http;
    eb_http_line_t *line;
    const eb_http_request_t *request;
    const eb_stop_t *stop;
    struct curl_slist *headers;
    char error[CURL_ERROR_SIZE];

    const char *bytes; /* lent by the source just now */
    apr_size_t left;
    apr_uint64_t taken; /* by libcurl, of a source */
    bool paused, poured;

    bool done; /* libcurl has finished */
    CURLcode code;

    eb_buf_t body;
    apr_size_t body_max;
    apr_uint64_t body_len;
    bool too_long;
    apr_status_t into_failed;
    eb_problem_t **problem;
    apr_pool_t *pool;
} exchange_t;

static size_t lend(char *out, size_t size, size_t count, void *data)
{
    exchange_t *x = data;
    apr_size_t n = size * count;

    if (!x->left && x->poured)
        return x->taken == x->request->len ? 0 : CURL_READFUNC_ABORT;
    if (!x->left) {
        x->paused = true;
        return CURL_READFUNC_PAUSE;
    }
    if (n > x->left)
        n = x->left;
    memcpy(out, x->bytes, n);
    x->bytes += n;
    x->left -= n;
    x->taken += n;
    return n;
}

static size_t keep(char *data, size_t size, size_t count, void *baton)
{
    exchange_t *x = baton;
    const apr_size_t len = size * count;
    eb_sink_t *into = x->request->into;

    x->body_len += len;
    x->too_long = x->body_max && x->body_len > x->body_max;
    if (x->too_long)
        return 0;
    if (!into) {
        eb_buf_add(&x->body, data, len);
        return len;
    }
    x->into_failed = into->take(into, data, len, x->problem, x->pool);
    return x->into_failed ? 0 : len;
}

static bool asked_to_stop(const exchange_t *x)
{
    return x->stop && x->stop->asked && x->stop->asked(x->stop->baton);
}

static void look_whether_done(exchange_t *x)
{
    int left;

    for (const CURLMsg *m; (m = curl_multi_info_read(x->line->multi, &left));)
        if (m->msg == CURLMSG_DONE) {
            x->done = true;
            x->code = m->data.result;
        }
}

/* Lets libcurl work until it has finished, or, `lent`, until it has used up what it was lent. */
static apr_status_t drive(exchange_t *x, bool lent)
{
    int running;

    while (!x->done && !(lent && !x->left)) {
        if (asked_to_stop(x))
            return APR_EINTR;
        CURLMcode m = curl_multi_perform(x->line->multi, &running);
        if (!m) {
            look_whether_done(x);
            if (!x->done && !(lent && !x->left))
                m = curl_multi_poll(x->line->multi, NULL, 0, LOOK_MS, NULL);
        }
        if (m) {
            x->done = true;
            x->code = CURLE_FAILED_INIT;
        }
    }
    return APR_SUCCESS;
}

static void go_on(exchange_t *x)
{
    if (x->paused)
        curl_easy_pause(x->line->easy, CURLPAUSE_CONT);
    x->paused = false;
}

/* APR_EOF ends the pouring: the server has answered, or is gone. */
static apr_status_t take(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    exchange_t *x = (exchange_t *)sink;

    (void)problem, (void)pool;
    if (x->done)
        return APR_EOF;
    if (!len)
        return APR_SUCCESS;
    if (x->taken == x->request->len)
        return APR_EGENERAL; /* more than was said */
    x->bytes = data;
    x->left = len;
    go_on(x);
    apr_status_t rv = drive(x, true);
    if (!rv && x->left)
        rv = APR_EOF;
    x->left = 0;
    return rv;
}

static apr_status_t transfer(exchange_t *x)
{
    eb_source_t *source = x->request->source;

    if (source) {
        apr_status_t rv = source->pour(source, &x->sink, x->problem, x->pool);
        if (rv && !(APR_STATUS_IS_EOF(rv) && x->done))
            return rv;
        x->poured = true;
        go_on(x);
    }
    return drive(x, false);
}

static long milliseconds(apr_interval_time_t time)
{
    return (long)apr_time_as_msec(time);
}

static void add_header(exchange_t *x, const char *text)
{
    struct curl_slist *longer = curl_slist_append(x->headers, text);

    if (longer)
        x->headers = longer;
}

static void set_headers(exchange_t *x)
{
    const eb_http_request_t *r = x->request;

    add_header(x, "Expect:");
    add_header(x,
               r->type ? apr_pstrcat(x->pool, "Content-Type: ", r->type, NULL) : "Content-Type:");
    if (r->accept)
        add_header(x, apr_pstrcat(x->pool, "Accept: ", r->accept, NULL));
    if (r->bearer)
        add_header(x, apr_pstrcat(x->pool, "Authorization: Bearer ", r->bearer, NULL));
    for (size_t i = 0; i < sizeof r->headers / sizeof *r->headers && r->headers[i]; i++)
        add_header(x, r->headers[i]);
    curl_easy_setopt(x->line->easy, CURLOPT_HTTPHEADER, x->headers);
}

/* What holds for every exchange. */
static CURLcode set_rules(CURL *easy, const eb_http_t *http)
{
    const eb_http_settings_t *s = &http->settings;
    CURLcode bad = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");

    bad |= curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, s->user_agent);
    bad |= curl_easy_setopt(easy, CURLOPT_PROXY, s->proxy ? s->proxy : "");
    bad |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    bad |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (http->ca.len) {
        bad |= curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &http->ca);
        bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
        bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (http->cert.len) {
        bad |= curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &http->cert);
        bad |= curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &http->key);
    }
    bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(s->connect_timeout));
    return bad;
}

/* A stream may take as long as it flows. */
static CURLcode set_stream(exchange_t *x)
{
    CURL *easy = x->line->easy;
    const long seconds = (long)apr_time_sec(x->http->settings.timeout);
    CURLcode bad = curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);

    bad |= curl_easy_setopt(easy, CURLOPT_READFUNCTION, lend);
    bad |= curl_easy_setopt(easy, CURLOPT_READDATA, x);
    bad |= curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)x->request->len);
    bad |= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
    bad |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST);
    bad |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, seconds ? seconds : 1L);
    return bad;
}

static CURLcode set_body(exchange_t *x)
{
    CURL *easy = x->line->easy;
    const eb_http_request_t *r = x->request;
    CURLcode bad = CURLE_OK;

    if (r->source)
        bad |= set_stream(x);
    else
        bad |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(x->http->settings.timeout));
    if (!r->source && r->body) {
        bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->len);
        bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body);
    }
    return bad | curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
}

static bool prepare(exchange_t *x, bool fresh)
{
    CURL *easy = x->line->easy;
    CURLcode bad;

    curl_easy_reset(easy);
    bad = set_rules(easy, x->http);
    bad |= curl_easy_setopt(easy, CURLOPT_URL, x->request->url);
    bad |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->error);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
    bad |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    bad |= set_body(x);
    set_headers(x);
    return !bad && !curl_multi_add_handle(x->line->multi, easy);
}

static long number_of(CURL *easy, CURLINFO info)
{
    long value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

static void read_answer(eb_http_answer_t *answer, exchange_t *x)
{
    CURL *easy = x->line->easy;
    char *type = NULL;
    curl_off_t seconds = 0;

    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    answer->status = (int)number_of(easy, CURLINFO_RESPONSE_CODE);
    answer->type = type ? apr_pstrdup(x->pool, type) : "";
    answer->len = x->body.len;
    answer->body = eb_buf_cstr(&x->body);
    if (seconds > 0)
        answer->retry_after =
            seconds < apr_time_sec(RETRY_AFTER_MAX) ? apr_time_from_sec(seconds) : RETRY_AFTER_MAX;
}

static apr_status_t conclude(exchange_t *x, apr_status_t rv)
{
    if (!rv && x->into_failed)
        return x->into_failed;
    if (!rv && x->code)
        return eb_http_failed(x->code, x->too_long ? "the answer is too long" : x->error,
                              x->request->url, x->http, x->problem, x->pool);
    if (rv && !APR_STATUS_IS_EINTR(rv) && x->problem && !*x->problem)
        return eb_problem_set(x->problem, EB_P_HTTP_BROKEN, rv, NULL, x->pool,
                              "What was to be sent to %s could not be read",
                              eb_http_host(x->request->url, x->pool));
    return rv;
}

static bool died(CURLcode code)
{
    return code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING ||
           code == CURLE_SEND_FAIL_REWIND;
}

/* *again: the connection died, and nothing came back. An idle one may have been dead before;
 * libcurl notices that, too, and sends again by itself whatever it can rewind. */
static apr_status_t exchange(eb_http_answer_t *answer, bool *again, exchange_t *x, bool fresh)
{
    apr_status_t rv = APR_SUCCESS;

    if (prepare(x, fresh)) {
        rv = transfer(x);
        read_answer(answer, x);
        answer->sent = answer->sent || number_of(x->line->easy, CURLINFO_REQUEST_SIZE) > 0;
    } else {
        x->code = CURLE_FAILED_INIT;
    }
    *again = !rv && !fresh && !x->request->once && died(x->code) && !answer->status;
    curl_multi_remove_handle(x->line->multi, x->line->easy);
    curl_slist_free_all(x->headers);
    if (rv || x->code)
        answer->status = 0;
    return *again ? APR_SUCCESS : conclude(x, rv);
}

apr_status_t eb_http_ask(eb_http_answer_t *answer, eb_http_t *http,
                         const eb_http_request_t *request, const eb_stop_t *stop,
                         eb_problem_t **problem, apr_pool_t *pool)
{
    eb_http_line_t *line = eb_http_line_take(http);
    const apr_size_t max = request->answer_max ? request->answer_max : EB_HTTP_ANSWER_MAX;
    bool fresh = request->once && !request->source, again = true;
    apr_status_t rv = APR_SUCCESS;

    *answer = (eb_http_answer_t){.type = "", .body = ""};
    if (!line)
        return eb_problem_set(problem, EB_P_HTTP_LIBRARY, APR_EGENERAL, NULL, pool,
                              "libcurl makes no handle");
    for (; again; fresh = true) {
        exchange_t x = {.sink.take = take,
                        .http = http,
                        .line = line,
                        .request = request,
                        .stop = stop,
                        .body_max = request->into && !request->answer_max ? 0 : max,
                        .problem = problem,
                        .pool = pool};
        eb_buf_init(&x.body, request->into ? 16 : 4096, pool);
        rv = exchange(answer, &again, &x, fresh);
    }
    eb_http_line_return(http, line);
    return rv;
}
