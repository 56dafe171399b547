/* SetHandler einbuergerung-status: the operator's page, in the form that the query asks for. Who
 * may see it is httpd's authorization, as for server-status. */
#include "visit.h"

#include "status.h"

#include <mod_status.h>

#define HANDLER "einbuergerung-status"
#define REFRESH "30" /* seconds */

typedef enum { HTML, JSON, PROMETHEUS, HEALTH, HEALTH_JSON, FORMS } form_t;

static const struct {
    const char *name, *type;
} forms[FORMS] = {
    [HTML] = {"html", "text/html; charset=utf-8"},
    [JSON] = {"json", "application/json"},
    [PROMETHEUS] = {"prometheus", "text/plain; version=0.0.4; charset=utf-8"},
    [HEALTH] = {"health", "text/plain; charset=utf-8"},
    [HEALTH_JSON] = {"health-json", "application/json"},
};

/* The value of `format` in the query; FORMS for one that there is not. */
static form_t form_asked(request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");
    const char *query = r->args != NULL ? r->args : "";
    const char *name = forms[HTML].name;

    while (*query != '\0') {
        const char *pair = ap_getword(r->pool, &query, '&');
        if (strncmp(pair, "format=", 7) == 0)
            name = pair + 7;
    }
    for (int form = 0; form < FORMS; form++)
        if (strcmp(name, forms[form].name) == 0)
            return form == HEALTH && accept != NULL && strstr(accept, "application/json") != NULL
                       ? HEALTH_JSON
                       : (form_t)form;
    return FORMS;
}

/* Where this vhost serves style sheets: below any of its forms. */
static const char *assets_of(const server_rec *s)
{
    const eb_server_t *server = eb_server_of(s);

    for (int i = 0; i < server->uses->nelts; i++) {
        const eb_form_use_t *use = APR_ARRAY_IDX(server->uses, i, eb_form_use_t *);
        if (use->asset_base != NULL)
            return use->asset_base;
    }
    return NULL;
}

static apr_status_t write_form(eb_buf_t *out, form_t form, const eb_status_t *status,
                               const server_rec *s)
{
    switch (form) {
    case JSON: return eb_status_json(out, status);
    case HEALTH_JSON: return eb_status_health_json(out, status);
    case PROMETHEUS: eb_status_prometheus(out, status); break;
    case HEALTH: eb_status_health(out, status); break;
    default: eb_status_html(out, status, assets_of(s)); break;
    }
    return APR_SUCCESS;
}

static int answer(request_rec *r, form_t form)
{
    eb_status_t status;
    eb_buf_t out;
    bool health = form == HEALTH || form == HEALTH_JSON;

    eb_status_gather(&status, r->request_time, r->pool);
    eb_buf_init(&out, 16 * 1024, r->pool);
    if (write_form(&out, form, &status, r->server) != APR_SUCCESS)
        return HTTP_INTERNAL_SERVER_ERROR;
    if (health && status.reasons->nelts > 0)
        r->status = HTTP_SERVICE_UNAVAILABLE;
    if (form == HTML)
        apr_table_setn(r->headers_out, "Refresh", REFRESH);
    ap_set_content_type(r, forms[form].type);
    ap_set_content_length(r, (apr_off_t)out.len);
    if (!r->header_only)
        ap_rwrite(out.data, (int)out.len, r);
    return OK;
}

static int handle(request_rec *r)
{
    form_t form;

    if (r->handler == NULL || strcmp(r->handler, HANDLER) != 0)
        return DECLINED;
    eb_reply_headers(r, eb_request_is_tls(r));
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    ap_allow_standard_methods(r, REPLACE_ALLOW, M_GET, -1);
    if (r->method_number != M_GET)
        return HTTP_METHOD_NOT_ALLOWED;
    form = form_asked(r);
    return form == FORMS ? HTTP_BAD_REQUEST : answer(r, form);
}

/* --- mod_status --- */

static const struct {
    const char *name, *german;
} lines[] = {
    {"Accepted", "Angenommen"},
    {"Delivered", "Zugestellt"},
    {"Pending", "Unterwegs"},
    {"Held", "Angehalten"},
    {"OldestSeconds", "Ältester wartet seit (Sekunden)"},
};
#define LINES (sizeof(lines) / sizeof(lines[0]))

static void put_lines(request_rec *r, const eb_status_t *status, bool table)
{
    const apr_uint64_t values[LINES] = {
        status->total.accepted, status->total.delivered, (apr_uint64_t)status->total.pending,
        (apr_uint64_t)status->total.held, (apr_uint64_t)apr_time_sec(status->age)};

    for (apr_size_t i = 0; i < LINES; i++)
        if (table)
            ap_rprintf(r, "<dt>%s: %" APR_UINT64_T_FMT "</dt>\n", lines[i].german, values[i]);
        else
            ap_rprintf(r, "Einbuergerung%s: %" APR_UINT64_T_FMT "\n", lines[i].name, values[i]);
}

static int in_server_status(request_rec *r, int flags)
{
    eb_status_t status;

    if (eb_start_of(r->server) == NULL)
        return DECLINED;
    eb_status_gather(&status, r->request_time, r->pool);
    if (flags & AP_STATUS_SHORT) {
        put_lines(r, &status, false);
        ap_rprintf(r, "EinbuergerungReasons: %d\n", status.reasons->nelts);
        return OK;
    }
    ap_rputs("<hr />\n<h2>Einbürgerung</h2>\n<dl>\n", r);
    put_lines(r, &status, true);
    for (int i = 0; i < status.reasons->nelts; i++) {
        const eb_reason_t *reason = &APR_ARRAY_IDX(status.reasons, i, eb_reason_t);
        ap_rprintf(r, "<dt>%s</dt>\n", ap_escape_html(r->pool, eb_reason_german(reason, r->pool)));
    }
    ap_rputs("</dl>\n", r);
    return OK;
}

void eb_status_hooks(void)
{
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
    APR_OPTIONAL_HOOK(ap, status_hook, in_server_status, NULL, NULL, APR_HOOK_MIDDLE);
}
