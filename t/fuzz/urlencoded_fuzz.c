/* Bodies and queries: whatever is accepted keeps the limits, is clean text, and comes out again
 * when it is encoded as a browser would. */
#include "form/urlencoded.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "fuzz.h"

#include <apr_errno.h>

static void check_text(const char *text, size_t max)
{
    must(strlen(text) <= max && eb_utf8_valid(text, strlen(text)));
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        must(*c != 0x7F && (*c >= 0x20 || *c == '\t' || *c == '\r' || *c == '\n'));
}

static void encode(eb_buf_t *out, const char *text)
{
    for (; *text; text++)
        eb_buf_printf(out, "%%%02X", (unsigned char)*text);
}

static void check_again(const eb_params_t *params, apr_pool_t *pool)
{
    eb_params_t again;
    eb_buf_t out;
    eb_buf_init(&out, 256, pool);
    for (int i = 0; i < params->count; i++) {
        eb_buf_puts(&out, i ? "&" : "");
        encode(&out, params->list[i].name);
        eb_buf_puts(&out, "=");
        encode(&out, params->list[i].value);
    }
    apr_size_t len = out.len;
    char *body = (char *)eb_buf_cstr(&out);
    if (len > EB_BODY_MAX)
        return;
    must(eb_urlencoded_decode(&again, body, len, pool) == APR_SUCCESS);
    must(again.count == params->count);
    for (int i = 0; i < again.count; i++) {
        must(strcmp(again.list[i].name, params->list[i].name) == 0);
        must(strcmp(again.list[i].value, params->list[i].value) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    char *body = malloc(size + 1); /* the decoder's room for a NUL */
    eb_params_t params;

    if (size)
        memcpy(body, data, size);
    apr_status_t status = eb_urlencoded_decode(&params, body, size, pool);
    must(status == APR_SUCCESS || status == APR_EINVAL || status == APR_ENOSPC);
    must(params.count <= EB_PARAMS_MAX && (status == APR_SUCCESS || params.count == 0));
    for (int i = 0; i < params.count; i++) {
        check_text(params.list[i].name, EB_PARAM_NAME_MAX);
        check_text(params.list[i].value, EB_PARAM_VALUE_MAX);
    }
    check_again(&params, pool);
    free(body);
    apr_pool_destroy(pool);
    return 0;
}
