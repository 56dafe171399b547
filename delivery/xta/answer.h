/* What an XTA server answers: an envelope, alone or as the root of a multipart body. It comes from
 * a stranger: bounded, offline, without DOCTYPE. */
#ifndef EB_XTA_ANSWER_H
#define EB_XTA_ANSWER_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <libxml/tree.h>
#include <stdbool.h>

#define EB_XTA_ROOT_MAX (10 * 1000 * 1000) /* bytes of an envelope; libxml2 takes no more text */

typedef struct eb_xta_part_t {
    const char *id, *type;
    const char *data; /* within the body that was read */
    apr_size_t len;
} eb_xta_part_t;

typedef struct eb_xta_fault_said_t {
    const char *code; /* "9030"; NULL: none of XTA's */
    const char *text; /* printable, cut; "" when nothing was said */
    bool sender;      /* SOAP says it is our fault */
} eb_xta_fault_said_t;

typedef struct eb_xta_answer_t {
    const xmlNode *header, *body; /* the elements; header may be NULL */
    bool failed;                  /* it is a fault: */
    eb_xta_fault_said_t fault;
    apr_array_header_t *parts; /* of eb_xta_part_t, beside the root */
} eb_xta_answer_t;

/* `body` must live as long as the answer. APR_EINVAL: it is no SOAP 1.2. */
apr_status_t eb_xta_answer_read(eb_xta_answer_t *answer, const char *content_type, const char *body,
                                apr_size_t len, apr_pool_t *pool);

/* The child elements of a node: the first of a name, or NULL. `ns` NULL: without a namespace. */
const xmlNode *eb_xta_child(const xmlNode *parent, const char *ns, const char *name);
/* What a stranger wrote, for logs and pages: one line without control characters, at most `max`
 * bytes. */
const char *eb_xta_plain(const char *text, apr_size_t max, apr_pool_t *pool);
/* A child's text, likewise; "" when there is none, or no such child. */
const char *eb_xta_text(const xmlNode *parent, const char *ns, const char *name, apr_size_t max,
                        apr_pool_t *pool);

/* Answers in particular; each APR_EINVAL when it is not what the WSDL says. */
apr_status_t eb_xta_answer_id(const char **id, const eb_xta_answer_t *answer, apr_pool_t *pool);

typedef enum { EB_XTA_OPEN, EB_XTA_GREEN, EB_XTA_YELLOW, EB_XTA_RED } eb_xta_light_t;
typedef struct eb_xta_report_t {
    const char *message, *process; /* as we had said them; process may be "" */
    eb_xta_light_t light;
    const char *reason; /* the first error, or warning, with its code; "" */
} eb_xta_report_t;
apr_status_t eb_xta_answer_report(eb_xta_report_t *report, const eb_xta_answer_t *answer,
                                  apr_pool_t *pool);

typedef enum { EB_XTA_UNKNOWN, EB_XTA_OFFERED, EB_XTA_NOT_OFFERED } eb_xta_service_t;
apr_status_t eb_xta_answer_service(eb_xta_service_t *service, const eb_xta_answer_t *answer,
                                   apr_pool_t *pool);

#endif
