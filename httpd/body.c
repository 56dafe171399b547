/* A request's body: read whole where it is a small form, with a limit of our own, far below
 * httpd's; handed on piece by piece where it carries files. */
#include "visit.h"

#include <apr_buckets.h>
#include <util_filter.h>

#define PIECE (64 * 1024) /* asked of the connection at a time */

/* Adds a brigade's data to body, which has room for `size` bytes. */
static apr_status_t take(char *body, apr_size_t *len, apr_size_t size, bool *end,
                         apr_bucket_brigade *in)
{
    for (apr_bucket *b = APR_BRIGADE_FIRST(in); b != APR_BRIGADE_SENTINEL(in);
         b = APR_BUCKET_NEXT(b)) {
        const char *data;
        apr_size_t n;
        apr_status_t rv;

        if (APR_BUCKET_IS_EOS(b)) {
            *end = true;
            return APR_SUCCESS;
        }
        if (APR_BUCKET_IS_METADATA(b))
            continue;
        rv = apr_bucket_read(b, &data, &n, APR_BLOCK_READ);
        if (rv != APR_SUCCESS)
            return rv;
        if (n > size - *len)
            return APR_ENOSPC;
        memcpy(body + *len, data, n);
        *len += n;
    }
    return APR_SUCCESS;
}

/* How much room to make: what Content-Length promises, or the most there may be. */
static apr_status_t room(apr_size_t *size, const request_rec *r)
{
    const char *text = apr_table_get(r->headers_in, "Content-Length");
    char *end = NULL;
    apr_off_t length = 0;

    *size = EB_BODY_MAX;
    if (text == NULL)
        return APR_SUCCESS;
    if (apr_strtoff(&length, text, &end, 10) != APR_SUCCESS || *end != '\0' || length < 0)
        return APR_EINVAL;
    if (length > EB_BODY_MAX)
        return APR_ENOSPC;
    *size = (apr_size_t)length;
    return APR_SUCCESS;
}

apr_status_t eb_body_read(char **body, apr_size_t *len, int *status, request_rec *r)
{
    apr_bucket_brigade *in = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    bool end = false;
    apr_size_t size;
    apr_status_t rv = room(&size, r);

    *len = 0;
    *status = HTTP_BAD_REQUEST;
    if (rv != APR_SUCCESS)
        return rv;
    *body = apr_palloc(r->pool, size + 1);
    while (!end) {
        rv = ap_get_brigade(r->input_filters, in, AP_MODE_READBYTES, APR_BLOCK_READ,
                            HUGE_STRING_LEN);
        if (rv != APR_SUCCESS) {
            *status = ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
            return rv;
        }
        rv = take(*body, len, size, &end, in);
        apr_brigade_cleanup(in);
        if (rv != APR_SUCCESS)
            return rv;
    }
    return APR_SUCCESS;
}

/* Hands a brigade's data to `take`. APR_EOF: it was the last. */
static apr_status_t pass(eb_body_take_t *to, void *baton, apr_bucket_brigade *in)
{
    apr_status_t rv = APR_SUCCESS;

    for (apr_bucket *b = APR_BRIGADE_FIRST(in); rv == APR_SUCCESS && b != APR_BRIGADE_SENTINEL(in);
         b = APR_BUCKET_NEXT(b)) {
        const char *data;
        apr_size_t n;

        if (APR_BUCKET_IS_EOS(b))
            return APR_EOF;
        if (APR_BUCKET_IS_METADATA(b))
            continue;
        rv = apr_bucket_read(b, &data, &n, APR_BLOCK_READ);
        if (rv == APR_SUCCESS)
            rv = to(baton, data, n);
    }
    return rv;
}

apr_status_t eb_body_stream(eb_body_take_t *to, void *baton, int *status, request_rec *r)
{
    apr_bucket_brigade *in = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_status_t rv = APR_SUCCESS;

    *status = 0;
    while (rv == APR_SUCCESS) {
        rv = ap_get_brigade(r->input_filters, in, AP_MODE_READBYTES, APR_BLOCK_READ, PIECE);
        if (rv != APR_SUCCESS) {
            *status = ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
            return rv;
        }
        rv = pass(to, baton, in);
        apr_brigade_cleanup(in);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}
