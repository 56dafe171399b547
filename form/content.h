/* Is this file what it says, and may it come in? Decided by its bytes, as they stream past, for the
 * three kinds that people and authorities can deal with: PDF, JPEG, PNG. Magic and structure must
 * be right and complete, name and declared type must agree with them. Refused with a sentence for
 * the applicant: other kinds, encrypted PDF, PDF that acts (JavaScript, Launch, embedded files),
 * images beyond a number of pixels, and whatever hides something behind the end of a file. The
 * verdict does not depend on the pieces. Source: BSI TR-03172-3, A3.8.02-.04, .06. */
#ifndef EB_CONTENT_H
#define EB_CONTENT_H

#include <apr_pools.h>

#define EB_CONTENT_ACCEPT ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"
#define EB_CONTENT_PIXELS (100 * 1000 * 1000) /* width times height of an image */

typedef struct eb_content_t eb_content_t;

/* `name` as uploaded; `declared` the part's type without parameters, or NULL. A type that says
 * nothing (empty, application/octet-stream) is taken for none, since some browsers send it.
 * Memory is bounded, whatever is fed: 4 kB, for PDF with object streams 120 kB. */
eb_content_t *eb_content_new(const char *name, const char *declared, apr_pool_t *pool);
/* Bytes of the file, in any pieces. *keep: how many of these belong to it: phones append clips to
 * JPEG files, which are left out. APR_EINVAL: refused, see eb_content_why(). */
apr_status_t eb_content_feed(eb_content_t *content, const void *data, apr_size_t len,
                             apr_size_t *keep);
apr_status_t eb_content_finish(eb_content_t *content);
const char *eb_content_type(const eb_content_t *content); /* "application/pdf" … after finish */
/* A German sentence or two: what is wrong with the file, what to do instead. NULL: nothing. */
const char *eb_content_why(const eb_content_t *content);

#endif
