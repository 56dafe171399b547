/* Which form of a text a number takes: the Plural-Forms expression of a gettext catalogue, which is
 * C's arithmetic over n, compiled once. */
#ifndef EB_PLURAL_H
#define EB_PLURAL_H

#include <apr_pools.h>
#include <stdbool.h>

typedef struct eb_plural_t eb_plural_t;

/* "nplurals=3; plural=(n==1 ? 0 : …);". NULL when it is none. */
eb_plural_t *eb_plural_parse(const char *text, apr_pool_t *pool);
int eb_plural_forms(const eb_plural_t *plural); /* how many there are */
int eb_plural_form(const eb_plural_t *plural, unsigned long n);

#endif
