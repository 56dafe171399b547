/* PNG: as it comes, and with its checksums put right, which no input would have by chance. */
#include "content_fuzz.h"

#include <zlib.h>

static uint32_t number(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void mend(uint8_t *data, size_t size)
{
    for (size_t at = 8; size - at >= 12;) {
        size_t len = number(data + at);
        if (len > size - at - 12)
            return;
        uint32_t crc = (uint32_t)crc32(0, data + at + 4, (uInt)len + 4);
        for (int i = 0; i < 4; i++)
            data[at + 8 + len + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += len + 12;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char end[] = "\0\0\0\0IEND\xAE\x42\x60\x82";
    apr_pool_t *pool = fuzz_begin();
    uint8_t *mended = malloc(size ? size : 1);
    fuzz_content("a.png", "image/png", data, size);
    if (size)
        memcpy(mended, data, size);
    if (size >= 8)
        mend(mended, size);
    verdict_t verdict = fuzz_content("a.png", "image/png", mended, size);
    must(verdict.why || (verdict.kept == size && memcmp(mended + size - 12, end, 12) == 0));
    free(mended);
    apr_pool_destroy(pool);
    return 0;
}
