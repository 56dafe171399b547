/* Answers: headers, then the page as one bucket. Headers go into err_headers_out, so that they are
 * also there when httpd itself ends the request with an error. */
#include "visit.h"

#include <util_filter.h>

#define RETRY_AFTER "30"
#define RETRY_TRIES "600" /* EB_TRIES_SPAN */

#define POLICY                                                                                     \
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "                \
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
/* Only pages that take files have a script, which sends them. */
#define POLICY_UPLOADS POLICY "; script-src 'self'; connect-src 'self'"

static const struct {
    const char *name, *value;
} headers[] = {
    {"Content-Security-Policy", POLICY},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"},
};

bool eb_request_is_tls(const request_rec *r)
{
    return strcmp(ap_run_http_scheme(r), "https") == 0;
}

void eb_reply_headers(request_rec *r, bool tls)
{
    for (apr_size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        apr_table_setn(r->err_headers_out, headers[i].name, headers[i].value);
    if (tls)
        apr_table_setn(r->err_headers_out, "Strict-Transport-Security", "max-age=31536000");
}

/* A new nonce each time; without one there is no page. */
static const char *ticket(const eb_visit_t *v)
{
    eb_ticket_t t = {.time = (apr_uint32_t)apr_time_sec(v->now), .digest = v->digest};
    char *text = apr_palloc(v->pool, EB_TICKET_LEN + 1);

    if (eb_random(&t.nonce, sizeof(t.nonce)) != APR_SUCCESS ||
        eb_ticket_make(text, v->server->keys, &t, v->address,
                       v->draft != NULL ? v->draft->secret : "", v->pool) != APR_SUCCESS)
        return "";
    return text;
}

/* In the same language. */
static const char *neighbour(const eb_visit_t *v)
{
    if (v->use->neighbour == NULL || v->tongue == NULL)
        return v->use->neighbour;
    return apr_pstrcat(v->pool, v->use->neighbour, "/", v->tongue->code, NULL);
}

void eb_view_fill(eb_view_t *view, const eb_visit_t *v)
{
    memset(view, 0, sizeof(*view));
    view->pages = v->edition->pages;
    view->site = v->authority->site[eb_server_test(v->server) != 0];
    view->base = v->base;
    view->path = v->path;
    view->tongues = v->use->tongues;
    view->tongues_count = v->use->tongues_count;
    view->asset_base = v->use->asset_base;
    view->in = v->in;
    view->c = v->c;
    view->ticket = ticket(v);
    if (v->draft != NULL && v->draft->version > 0)
        view->deletion = eb_draft_last_day(v->draft);
    view->errors = v->errors;
    view->limits = &v->server->limits;
    view->neighbour = neighbour(v);
    view->stale = v->stale;
    view->ended = v->ended;
    view->sent = v->draft != NULL && v->draft->state == EB_DRAFT_SUBMITTED;
    view->bare = view->sent && v->draft->sent == NULL;
}

/* The page lives as long as the request, and the request as long as its last bucket: no copy. */
static int send_whole(request_rec *r, const char *data, apr_size_t len)
{
    conn_rec *c = r->connection;
    apr_bucket_brigade *out = apr_brigade_create(r->pool, c->bucket_alloc);

    ap_set_content_length(r, (apr_off_t)len);
    if (len > 0)
        APR_BRIGADE_INSERT_TAIL(out, apr_bucket_pool_create(data, len, r->pool, c->bucket_alloc));
    APR_BRIGADE_INSERT_TAIL(out, apr_bucket_eos_create(c->bucket_alloc));
    if (ap_pass_brigade(r->output_filters, out) != APR_SUCCESS && !c->aborted)
        return AP_FILTER_ERROR;
    return OK;
}

int eb_reply_page(eb_visit_t *v, int status, eb_buf_t *page)
{
    request_rec *r = v->r;

    r->status = status;
    ap_set_content_type(r, "text/html; charset=utf-8");
    apr_table_setn(r->headers_out, "Content-Language", eb_words_language(v->edition->form->words));
    if (v->page != NULL && v->page->uploads)
        apr_table_setn(r->err_headers_out, "Content-Security-Policy", POLICY_UPLOADS);
    if (status == HTTP_SERVICE_UNAVAILABLE)
        apr_table_setn(r->headers_out, "Retry-After", RETRY_AFTER);
    if (status == HTTP_TOO_MANY_REQUESTS)
        apr_table_setn(r->headers_out, "Retry-After", RETRY_TRIES);
    return send_whole(r, page->data, page->len);
}

int eb_reply_data(eb_visit_t *v, const char *type, const char *data, apr_size_t len)
{
    ap_set_content_type(v->r, type);
    return send_whole(v->r, data, len);
}

int eb_reply_drawn(eb_visit_t *v, int status, void (*draw)(eb_buf_t *, const eb_view_t *))
{
    eb_view_t view;
    eb_buf_t page;

    eb_view_fill(&view, v);
    eb_buf_init(&page, 16 * 1024, v->pool);
    draw(&page, &view);
    return eb_reply_page(v, status, &page);
}

int eb_reply_notice(eb_visit_t *v, eb_notice_t notice)
{
    eb_view_t view;
    eb_buf_t page;

    eb_view_fill(&view, v);
    eb_buf_init(&page, 8 * 1024, v->pool);
    eb_page_notice(&page, &view, notice);
    return eb_reply_page(v, eb_notice_status(notice), &page);
}

static int empty(eb_visit_t *v, int status, const char *path)
{
    v->r->status = status;
    apr_table_setn(v->r->headers_out, "Location", apr_pstrcat(v->pool, v->base, path, NULL));
    ap_set_content_type(v->r, "text/html; charset=utf-8");
    return send_whole(v->r, NULL, 0);
}

int eb_reply_moved(eb_visit_t *v, const char *path)
{
    return empty(v, HTTP_MOVED_PERMANENTLY, path);
}

int eb_reply_see_other(eb_visit_t *v, const char *path)
{
    return empty(v, HTTP_SEE_OTHER, path);
}

int eb_reply_not_allowed(eb_visit_t *v, const char *allow)
{
    apr_table_setn(v->r->headers_out, "Allow", allow);
    return eb_reply_notice(v, EB_NOTICE_METHOD);
}
