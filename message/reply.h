/* What authorities answer: a message of their standard, checked against its XSD set, and what it
 * is, as far as the names of XÖV tell. */
#ifndef EB_REPLY_H
#define EB_REPLY_H

#include "base/problem.h"

typedef struct eb_reply_rules_t eb_reply_rules_t;

/* `xsd` and `catalog` as for eb_profile_load(). Read-only afterwards, for any thread. */
apr_status_t eb_reply_rules_load(eb_reply_rules_t **rules, const char *xsd, const char *catalog,
                                 eb_problem_t **problem, apr_pool_t *pool);

typedef enum {
    EB_REPLY_RECEIPT, /* the application is there: administration.quittung.0020 */
    EB_REPLY_REFUSAL, /* it cannot be read there: administration.rueckweisung.0010 */
    EB_REPLY_LETTER   /* anything else */
} eb_reply_kind_t;
const char *eb_reply_kind_name(eb_reply_kind_t kind); /* "receipt" … as jobs remember it */
apr_status_t eb_reply_kind_parse(eb_reply_kind_t *kind, const char *name); /* APR_EINVAL */

/* APR_EINVAL, with EB_P_REPLY_INVALID, which quotes nothing but names of elements: it is no XML
 * (document types are none), or not valid. */
apr_status_t eb_reply_read(eb_reply_kind_t *kind, const eb_reply_rules_t *rules, const char *xml,
                           apr_size_t len, eb_problem_t **problem, apr_pool_t *pool);

#endif
