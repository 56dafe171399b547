/* The bulk of a long text by vectors, where the processor has them: inside base64url.c only. */
#ifndef EB_BASE64URL_WIDE_H
#define EB_BASE64URL_WIDE_H

#include <apr.h>

/* How many bytes it has encoded, from the first on: a multiple of three, at most `len`. */
apr_size_t eb_base64url_wide(char *out, const unsigned char *in, apr_size_t len);

#endif
