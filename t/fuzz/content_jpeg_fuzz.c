/* JPEG: what is kept ends with EOI. */
#include "content_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    verdict_t verdict = fuzz_content("a.jpg", "image/jpeg", data, size);
    must(verdict.why || (data[verdict.kept - 2] == 0xFF && data[verdict.kept - 1] == 0xD9));
    apr_pool_destroy(pool);
    return 0;
}
