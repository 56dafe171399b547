/* Thirty-two signs at once, in the vectors of GCC and clang, which are the same for AVX2 and NEON.
 * Three bytes go into each word of 32 bits, high byte first, and part into four values; a value
 * becomes a sign by comparing, so that no address depends on it. Documents of megabytes pass
 * through here on their way to an authority, and at a word of 64 bits a time that costs as much as
 * their encryption. */
#include "base64url_wide.h"

#include <stdbool.h>
#include <string.h>

#if defined __x86_64__
#define WIDE __attribute__((target("avx2")))
static bool able(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}
#elif defined __aarch64__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define WIDE
static bool able(void)
{
    return true;
}
#endif

#ifdef WIDE

enum { HALF = 12, BYTES = 2 * HALF, SIGNS = 32, READ = HALF + 16 };

typedef signed char half_t __attribute__((vector_size(16)));
typedef signed char signs_t __attribute__((vector_size(SIGNS)));
typedef apr_uint32_t words_t __attribute__((vector_size(SIGNS)));

/* The fourth byte of a word is whatever; it is masked away. */
WIDE static inline words_t load(const unsigned char *p)
{
    half_t a, b;

    memcpy(&a, p, sizeof a);
    memcpy(&b, p + HALF, sizeof b);
    return (words_t)__builtin_shufflevector(a, b, 2, 1, 0, 0, 5, 4, 3, 3, 8, 7, 6, 6, 11, 10, 9, 9,
                                            18, 17, 16, 16, 21, 20, 19, 19, 24, 23, 22, 22, 27, 26,
                                            25, 25);
}

/* Four values of six bits from each word, the first in its lowest byte. */
WIDE static inline signs_t spread(words_t w)
{
    return (signs_t)((w >> 18 & 0x3F) | (w >> 4 & 0x3F00) | (w << 10 & 0x3F0000) |
                     (w << 24 & 0x3F000000));
}

/* As signs_of() in base64url.c. */
WIDE static inline signs_t signs_of(signs_t v)
{
    return v + 'A' + ((v > 25) & ('a' - 26 - 'A')) - ((v > 51) & ('a' - 26 - ('0' - 52))) -
           ((v > 61) & ('0' - 52 - ('-' - 62))) + ((v > 62) & ('_' - 63 - ('-' - 62)));
}

WIDE static apr_size_t encode(char *out, const unsigned char *in, apr_size_t len)
{
    apr_size_t done = 0;

    for (; len - done >= READ; done += BYTES, out += SIGNS) {
        signs_t signs = signs_of(spread(load(in + done)));
        memcpy(out, &signs, sizeof signs);
    }
    return done;
}

apr_size_t eb_base64url_wide(char *out, const unsigned char *in, apr_size_t len)
{
    return len >= READ && able() ? encode(out, in, len) : 0;
}

#else

apr_size_t eb_base64url_wide(char *out, const unsigned char *in, apr_size_t len)
{
    (void)out, (void)in, (void)len;
    return 0;
}

#endif
