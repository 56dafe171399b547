/* Callbacks: the time comes before the first line's end, the body behind it. Ids are UUIDs in form,
 * each once; and without the secret nothing is let in. */
#include "delivery/fitconnect/callback.h"
#include "fuzz.h"

static void check_ids(const apr_array_header_t *ids)
{
    must(ids->nelts <= EB_CALLBACK_IDS_MAX);
    for (int i = 0; i < ids->nelts; i++) {
        const char *id = APR_ARRAY_IDX(ids, i, const char *);
        must(strlen(id) == 36 && strspn(id, "0123456789abcdef-") == 36);
        for (int j = 0; j < i; j++)
            must(strcmp(id, APR_ARRAY_IDX(ids, j, const char *)) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    apr_pool_t *pool = fuzz_begin();
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    char *timestamp = fuzz_text(data, end ? (size_t)(end - data) : 0);
    eb_callback_t callback = {
        .authentication = timestamp, .timestamp = timestamp, .body = end ? end + 1 : data};
    apr_array_header_t *ids;
    eb_problem_t *problem = NULL;

    callback.len = size - (size_t)((const uint8_t *)callback.body - data);
    must(eb_callback_check(&callback, secret, sizeof secret - 1, apr_time_from_sec(1763769600),
                           &problem, pool) == APR_EACCES &&
         problem);
    if (eb_callback_ids(&ids, &callback, NULL, pool) == APR_SUCCESS)
        check_ids(ids);
    free(timestamp);
    apr_pool_destroy(pool);
    return 0;
}
