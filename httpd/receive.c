/* A POST with files. Nothing of it is held but its fields, which are small, and the piece of a file
 * that is just passing. The page's ticket stands before its first file, so that no byte is stored
 * for a request that another site has made up. */
#include "visit.h"

#include "base/utf8.h"
#include "form/multipart.h"

#define PARTS_MAX 400
#define BESIDES   (256 * 1024) /* bytes of a body that are no file's: fields, headers, boundaries */

typedef struct receiver_t {
    eb_visit_t *v;
    eb_errors_t *errors;
    eb_problem_t *problem;
    apr_array_header_t *fields; /* of eb_param_t */
    eb_multipart_t *decoder;
    const char *name; /* of the field at hand; NULL: none */
    eb_buf_t value;
    eb_incoming_t *file; /* the file at hand; NULL: none */
    bool admitted;       /* the ticket was seen and is good */
    bool answered;       /* the rest does not matter any more */
    int rc;
} receiver_t;

bool eb_post_multipart(const eb_visit_t *v)
{
    const char *type = apr_table_get(v->r->headers_in, "Content-Type");

    return type != NULL && strncasecmp(type, "multipart/", 10) == 0;
}

/* Ends the decoding with an answer. */
static apr_status_t answer(receiver_t *r, int rc)
{
    r->answered = true;
    r->rc = rc;
    return APR_EGENERAL;
}

static void publish_fields(receiver_t *r)
{
    r->v->params.list = (const eb_param_t *)r->fields->elts;
    r->v->params.count = r->fields->nelts;
}

/* What any POST must show before it may change something. */
static apr_status_t admit(receiver_t *r)
{
    eb_visit_t *v = r->v;

    if (r->admitted)
        return APR_SUCCESS;
    publish_fields(r);
    switch (eb_post_ticket(v)) {
    case EB_TICKET_FOREIGN: return answer(r, eb_reply_notice(v, EB_NOTICE_FOREIGN));
    case EB_TICKET_STALE:
        v->stale = true;
        return answer(r, eb_step_draw(v, HTTP_UNPROCESSABLE_ENTITY));
    case EB_TICKET_GOOD: break;
    }
    r->admitted = true;
    return APR_SUCCESS;
}

static apr_status_t begin_file(receiver_t *r, const eb_part_t *part)
{
    const eb_control_t *control = eb_files_control(r->v, part->name);
    apr_status_t rv = admit(r);

    if (rv != APR_SUCCESS)
        return rv;
    if (control == NULL)
        return answer(r, eb_reply_notice(r->v, EB_NOTICE_BAD_FIELD));
    return eb_incoming_begin(&r->file, r->v, control, part->filename, part->type, &r->problem);
}

/* An input in which no file was chosen comes as a file without a name. */
static apr_status_t begin(void *baton, const eb_part_t *part)
{
    receiver_t *r = baton;

    r->name = NULL;
    r->file = NULL;
    if (part->filename != NULL)
        return part->filename[0] != '\0' ? begin_file(r, part) : APR_SUCCESS;
    r->name = apr_pstrdup(r->v->pool, part->name);
    eb_buf_init(&r->value, 64, r->v->pool);
    return APR_SUCCESS;
}

static apr_status_t data(void *baton, const char *bytes, apr_size_t len)
{
    receiver_t *r = baton;

    if (r->file != NULL)
        return eb_incoming_take(r->file, bytes, len, &r->problem);
    if (r->name == NULL)
        return APR_EINVAL;
    eb_buf_add(&r->value, bytes, len);
    return APR_SUCCESS;
}

static bool is_text(const char *s, apr_size_t len)
{
    if (!eb_utf8_valid(s, len))
        return false;
    for (apr_size_t i = 0; i < len; i++)
        if (((unsigned char)s[i] < 0x20 && strchr("\t\r\n", s[i]) == NULL) || s[i] == '\0')
            return false;
    return true;
}

static apr_status_t end_field(receiver_t *r)
{
    eb_param_t *param;

    if (!is_text(r->value.data, r->value.len))
        return APR_EINVAL;
    param = apr_array_push(r->fields);
    param->name = r->name;
    param->value = apr_pstrmemdup(r->v->pool, r->value.data, r->value.len);
    return APR_SUCCESS;
}

static apr_status_t end(void *baton)
{
    receiver_t *r = baton;

    if (r->file != NULL)
        return eb_incoming_finish(r->file, r->errors, &r->problem);
    return r->name != NULL ? end_field(r) : APR_SUCCESS;
}

static apr_status_t feed(void *baton, const char *bytes, apr_size_t len)
{
    receiver_t *r = baton;

    return eb_multipart_feed(r->decoder, bytes, len);
}

/* The store failed, or the encoding is wrong, or a limit was passed. */
static int failed(receiver_t *r, apr_status_t rv)
{
    eb_visit_t *v = r->v;

    if (r->answered)
        return r->rc;
    if (r->problem == NULL && rv == APR_ENOSPC)
        return eb_reply_notice(v, EB_NOTICE_FILES_TOO_LARGE);
    if (r->problem == NULL && rv == APR_EINVAL) {
        eb_problem_set(&r->problem, EB_P_MULTIPART, rv, NULL, v->pool, "A body is refused: %s",
                       eb_multipart_fault(r->decoder));
        eb_log_request(v->r, APLOG_INFO, r->problem);
        return eb_reply_notice(v, EB_NOTICE_BAD_REQUEST);
    }
    if (rv == APR_ENOSPC) {
        eb_log_request(v->r, APLOG_ERR, r->problem);
        return eb_reply_notice(v, EB_NOTICE_NO_ROOM);
    }
    return eb_visit_not_stored(v, rv, r->problem);
}

static eb_multipart_limits_t limits_of(const eb_visit_t *v)
{
    apr_uint64_t total = v->server->limits.total;

    return (eb_multipart_limits_t){
        .parts = PARTS_MAX, .field = EB_PARAM_VALUE_MAX, .file = total, .total = total + BESIDES};
}

/* A body that says it is too long is not read. */
static bool hopeless(const eb_visit_t *v, const eb_multipart_limits_t *limits)
{
    const char *text = apr_table_get(v->r->headers_in, "Content-Length");

    return text != NULL && (apr_uint64_t)apr_atoi64(text) > limits->total;
}

int eb_receive(eb_visit_t *v, eb_errors_t *errors)
{
    receiver_t r = {.v = v, .errors = errors};
    const eb_multipart_sink_t sink = {begin, data, end, &r};
    const eb_multipart_limits_t limits = limits_of(v);
    const char *boundary;
    apr_status_t rv;
    int status;

    if (eb_multipart_boundary(&boundary, apr_table_get(v->r->headers_in, "Content-Type"),
                              v->pool) != APR_SUCCESS ||
        apr_table_get(v->r->headers_in, "Content-Encoding") != NULL)
        return eb_reply_notice(v, EB_NOTICE_MEDIA_TYPE);
    if (hopeless(v, &limits))
        return eb_reply_notice(v, EB_NOTICE_FILES_TOO_LARGE);
    r.fields = apr_array_make(v->pool, 8, sizeof(eb_param_t));
    r.decoder = eb_multipart_new(boundary, &limits, &sink, v->pool);
    rv = eb_body_stream(feed, &r, &status, v->r);
    if (rv != APR_SUCCESS && status != 0)
        return eb_post_broken(v, rv, status);
    if (rv == APR_SUCCESS)
        rv = eb_multipart_finish(r.decoder);
    if (rv == APR_SUCCESS)
        rv = admit(&r);
    if (rv != APR_SUCCESS)
        return failed(&r, rv);
    publish_fields(&r);
    return EB_GO_ON;
}
