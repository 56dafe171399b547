/* The inside of the trust, for jwk.c and trust.c only. */
#ifndef EB_TRUST_H
#define EB_TRUST_H

#include "jwk.h"

/* NULL when the chain's first certificate is believed at `now`; otherwise what is wrong, in the
 * pool. The others of the chain may help on the way up. */
const char *eb_trust_fault(const eb_trust_t *trust, STACK_OF(X509) * chain, apr_time_t now,
                           apr_pool_t *pool);

#endif
