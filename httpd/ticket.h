/* A ticket is what a page carries in its hidden field: signed, dated, and good for one path and one
 * visitor. It guards against forged requests without a record on the server, and tells what the
 * page was rendered from, so that a second window is noticed. */
#ifndef EB_TICKET_H
#define EB_TICKET_H

#include "load.h"

/* base64url( time 4 ‖ nonce 8 ‖ digest 8 ‖ MAC 16 ), numbers in network order */
#define EB_TICKET_RAW 36
#define EB_TICKET_LEN EB_BASE64URL_LEN(EB_TICKET_RAW)
#define EB_TICKET_AGE (24 * 60 * 60) /* seconds */

typedef struct eb_ticket_t {
    apr_uint32_t time;   /* seconds since 1970 */
    apr_uint64_t nonce;  /* names the rendered page */
    apr_uint64_t digest; /* of the answers it was rendered from */
} eb_ticket_t;

typedef enum {
    EB_TICKET_GOOD,
    EB_TICKET_STALE,  /* genuine, but too old, or made before the draft existed */
    EB_TICKET_FOREIGN /* not ours, not for this path, or another visitor's */
} eb_ticket_verdict_t;

/* `secret` is the draft's, "" for a visitor without one. */
apr_status_t eb_ticket_make(char out[EB_TICKET_LEN + 1], const eb_keys_t *keys,
                            const eb_ticket_t *ticket, const char *path, const char *secret,
                            apr_pool_t *pool);
/* `birth` is the nonce of the page that created the draft: that page may be sent again. */
eb_ticket_verdict_t eb_ticket_check(eb_ticket_t *ticket, const eb_keys_t *keys, const char *text,
                                    apr_time_t now, const char *path, const char *secret,
                                    apr_uint64_t birth, apr_pool_t *pool);

#endif
