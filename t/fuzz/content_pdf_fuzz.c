/* PDF: as it comes, and as the content of an object stream, which an input would hardly become by
 * chance. */
#include "content_fuzz.h"

static void as_object_stream(const uint8_t *data, size_t size)
{
    static const char before[] = "%PDF-1.5\n1 0 obj<</Type/ObjStm/N 1/First 4>>stream\n1 0 ";
    static const char after[] = "\nendstream endobj startxref 0\n%%EOF\n";
    size_t len = sizeof(before) - 1 + size + sizeof(after) - 1;
    uint8_t *file = malloc(len);
    memcpy(file, before, sizeof(before) - 1);
    if (size)
        memcpy(file + sizeof(before) - 1, data, size);
    memcpy(file + sizeof(before) - 1 + size, after, sizeof(after) - 1);
    fuzz_content("a.pdf", "application/pdf", file, len);
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    verdict_t verdict = fuzz_content("a.pdf", "application/pdf", data, size);
    must(verdict.why || (verdict.kept == size && memmem(data, size, "%%EOF", 5)));
    as_object_stream(data, size);
    apr_pool_destroy(pool);
    return 0;
}
