/* Cookie headers: a value that comes out stands in the header, could have been set by us, and is
 * found again when it is sent alone. */
#include "base/cookie.h"
#include "fuzz.h"

#include <apr_errno.h>

static void check_value(const char *value, const char *header, apr_pool_t *pool)
{
    const char *again;
    char *alone = malloc(strlen(value) + 6);

    must(strstr(header, value));
    must(!strpbrk(value, " \t\r\n\",;\\\177"));
    sprintf(alone, "eb=%s", value);
    must(eb_cookie_get(&again, alone, "eb", pool) == APR_SUCCESS && strcmp(again, value) == 0);
    free(alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    char *header = fuzz_text(data, size);
    const char *value;

    apr_status_t status = eb_cookie_get(&value, header, "eb", pool);
    must(status == APR_SUCCESS || status == APR_NOTFOUND || status == APR_EINVAL);
    must((status == APR_SUCCESS) == (value != NULL));
    if (value)
        check_value(value, header, pool);
    free(header);
    apr_pool_destroy(pool);
    return 0;
}
