/* The flat form of a package. */
#include "delivery/package.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>

static const eb_attachment_t documents[] = {
    {.name = "pass.pdf",
     .type = "application/pdf",
     .purpose = "pass",
     .data = "%PDF\0\xFF",
     .len = 6},
    {.name = "", .type = "image/png", .purpose = "b1", .data = "", .len = 0},
};

static eb_package_t sample(void)
{
    return (eb_package_t){.uuid = "6fa459ea-ee8a-4ca4-894e-db77e160355e",
                          .number = "EB-2026-7K4M-92QX-3",
                          .authority = "05711000",
                          .schema = "urn:x",
                          .message = "<a>\xC3\x96</a>",
                          .message_len = 9,
                          .attachments = documents,
                          .attachments_count = 2};
}

static void test_round_trip(apr_pool_t *pool)
{
    eb_package_t p = sample(), got;
    eb_buf_t b;

    eb_number_new((char *)(p.number = apr_pstrdup(pool, p.number)), 2026);
    eb_buf_init(&b, 0, pool);
    eb_package_write(&b, &p);
    if (!is_int(eb_package_read(&got, b.data, b.len, pool), APR_SUCCESS, "read back"))
        return;
    is_str(got.uuid, p.uuid, "uuid");
    is_str(got.number, p.number, "number");
    is_str(got.authority, p.authority, "authority");
    is_str(got.schema, p.schema, "schema");
    ok(got.message_len == p.message_len && !memcmp(got.message, p.message, p.message_len),
       "message");
    is_str(got.message, p.message, "which ends with a NUL");
    is_int(got.attachments_count, 2, "two documents");
    for (int i = 0; i < 2; i++) {
        const eb_attachment_t *a = &got.attachments[i], *want = &documents[i];
        ok(!strcmp(a->name, want->name) && !strcmp(a->type, want->type) &&
               !strcmp(a->purpose, want->purpose) && a->len == want->len &&
               !memcmp(a->data, want->data, a->len),
           "as they were");
    }
    ok(got.message > b.data && got.message < b.data + b.len, "nothing was copied");

    bool refused = true;
    for (apr_size_t len = 0; len < b.len; len++)
        refused = refused &&
                  eb_package_read(&got, apr_pmemdup(pool, b.data, len), len, pool) == APR_EINVAL;
    ok(refused, "cut anywhere it is refused");
    eb_buf_putc(&b, '\0');
    is_int(eb_package_read(&got, b.data, b.len, pool), APR_EINVAL, "and with one byte more");
}

/* Whatever a byte is changed to, reading stays inside (the sanitizer looks on). */
static void test_changed(apr_pool_t *pool)
{
    eb_package_t p = sample(), got;
    eb_buf_t b;
    int good = 0;

    eb_number_new((char *)(p.number = apr_pstrdup(pool, p.number)), 2026);
    eb_buf_init(&b, 0, pool);
    eb_package_write(&b, &p);
    for (apr_size_t i = 0; i < b.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            char *copy = malloc(b.len);
            memcpy(copy, b.data, b.len);
            copy[i] ^= (char)(1 << bit);
            good += eb_package_read(&got, copy, b.len, pool) == APR_SUCCESS;
            free(copy);
        }
    }
    ok(good > 0, "a changed content is for the seal to find");
    b.data[3] = 2;
    is_int(eb_package_read(&got, b.data, b.len, pool), APR_EINVAL, "a changed format is not");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_round_trip(pool);
    test_changed(pool);
    return done();
}
