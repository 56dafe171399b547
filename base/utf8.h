/* UTF-8 as it arrives from browsers: checked strictly (no overlong forms, no surrogates, nothing
 * above U+10FFFF) and brought into Normalisation Form C, because the patterns of DIN 91379 list
 * precomposed letters. */
#ifndef EB_UTF8_H
#define EB_UTF8_H

#include <apr_pools.h>
#include <stdbool.h>

#define EB_UTF8_BAD 0xFFFFFFFFu

/* The code point at s, *s moved behind it; EB_UTF8_BAD (and *s unmoved) when the bytes up to `end`
 * are not UTF-8, or none are left. U+0000 is a code point like any other. */
apr_uint32_t eb_utf8_next(const char **s, const char *end);
bool eb_utf8_valid(const char *s, apr_size_t len);
apr_size_t eb_utf8_length(const char *s); /* code points of a valid, NUL terminated text */
int eb_utf8_put(char out[4], apr_uint32_t code_point); /* of Unicode; bytes written, no NUL */
/* A copy of what fits into `max` bytes of a valid, NUL terminated text, and of no half character.
 */
char *eb_utf8_cut(const char *s, apr_size_t max, apr_pool_t *pool);
/* *out is `in` itself when it is ASCII or already NFC, otherwise a copy in the pool. `in` is valid
 * UTF-8. APR_EINVAL when the normaliser refuses it. */
apr_status_t eb_utf8_nfc(const char **out, const char *in, apr_pool_t *pool);
/* The same digits as 0 to 9, whatever script they are of: "\u0661\u06F2" is "12". Itself when there
 * are none. */
const char *eb_utf8_digits(const char *s, apr_pool_t *pool);
/* For comparing: small letters without marks, "M\u00C4RZ" as "marz". Itself where that is not
 * possible. */
const char *eb_utf8_fold(const char *s, apr_pool_t *pool);

#endif
