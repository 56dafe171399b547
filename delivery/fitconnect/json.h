/* JSON as strangers send it: of bounded length and depth, no member twice, nothing behind it. */
#ifndef EB_JSON_H
#define EB_JSON_H

#include <apr_pools.h>
#include <jansson.h>

#define EB_JSON_DEPTH_MAX 16

/* APR_EINVAL: longer than `max`, deeper than EB_JSON_DEPTH_MAX, or no such JSON. Freed with the
 * pool. */
apr_status_t eb_json_read(json_t **json, const void *text, apr_size_t len, apr_size_t max,
                          apr_pool_t *pool);
/* The text of a member, as long as the object lives; NULL when there is none, or it is no text. */
const char *eb_json_member(const json_t *object, const char *name);
/* Hands a value over to the pool: *json itself is returned, NULL stays NULL. */
json_t *eb_json_keep(json_t *json, apr_pool_t *pool);
/* base64url, strictly, into the pool; NULL when it is none. */
unsigned char *eb_json_bytes(apr_size_t *len, const char *text, apr_size_t text_len,
                             apr_pool_t *pool);

#endif
