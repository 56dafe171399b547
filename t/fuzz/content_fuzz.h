/* The fuzz targets of the content checkers have one shape: a file, cut in different ways, gets one
 * verdict; what is accepted has a type, and is kept up to a place that does not depend on the cuts;
 * what is kept is accepted again, whole. */
#ifndef EB_T_CONTENT_FUZZ_H
#define EB_T_CONTENT_FUZZ_H

#include "content.h"
#include "fuzz.h"

static inline verdict_t fuzz_content(const char *name, const char *type, const uint8_t *data,
                                     size_t size)
{
    verdict_t whole = verdict_in(name, NULL, data, size, size ? size : 1, 0);
    must(same_verdict(whole, verdict_in(name, NULL, data, size, 1, 0)));
    must(same_verdict(whole,
                      verdict_in(name, NULL, data, size, size ? 1 + data[size / 2] % 31 : 1, 1)));
    if (whole.why)
        return whole;
    must(strcmp(whole.type, type) == 0 && whole.kept <= size);
    verdict_t again = verdict_in(name, type, data, whole.kept, whole.kept, 0);
    must(!again.why && again.kept == whole.kept);
    return whole;
}

#endif
