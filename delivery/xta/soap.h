/* Our requests: SOAP 1.2 envelopes with WS-Addressing, as the WSDL of XTA 2.1.1 wants them. */
#ifndef EB_SOAP_H
#define EB_SOAP_H

#include "content.h"
#include "xmlenc.h"
#include "xta.h"

typedef struct eb_soap_t {
    const char *action, *url;
    const char *id; /* of the request */
    const char *text;
    apr_size_t len;
    apr_size_t answer_max; /* 0: as usual */
} eb_soap_t;

/* All of them: APR_ENOMEM, APR_EGENERAL (no random numbers), both with a problem. */
apr_status_t eb_soap_account(eb_soap_t *soap, const eb_xta_settings_t *s, eb_problem_t **problem,
                             apr_pool_t *pool);
apr_status_t eb_soap_lookup(eb_soap_t *soap, const eb_xta_settings_t *s, eb_problem_t **problem,
                            apr_pool_t *pool);
apr_status_t eb_soap_new_id(eb_soap_t *soap, const eb_xta_settings_t *s, eb_problem_t **problem,
                            apr_pool_t *pool);
apr_status_t eb_soap_report(eb_soap_t *soap, const eb_xta_settings_t *s, const char *message,
                            eb_problem_t **problem, apr_pool_t *pool);

/* Of the mailbox: what is new, a message, and that a request is done with; then `message` (NULL:
 * none) has been received. */
apr_status_t eb_soap_list(eb_soap_t *soap, const eb_xta_settings_t *s, int at_most,
                          eb_problem_t **problem, apr_pool_t *pool);
apr_status_t eb_soap_fetch(eb_soap_t *soap, const eb_xta_settings_t *s, const char *message,
                           eb_problem_t **problem, apr_pool_t *pool);
apr_status_t eb_soap_close(eb_soap_t *soap, const eb_xta_settings_t *s, const char *request,
                           const char *message, eb_problem_t **problem, apr_pool_t *pool);

/* What sendMessage says of a message. */
typedef struct eb_soap_message_t {
    const char *id;
    const char *number; /* of the case: what answers may refer to */
    const char *schema;
    apr_time_t made;
    const char *own; /* our certificate, in base64 */
    const eb_content_t *contents;
    int count;
    const eb_xmlenc_t *sealed; /* NULL: in the clear */
    const char *sealed_id;     /* Content-ID of its cipher text */
} eb_soap_message_t;
apr_status_t eb_soap_send(eb_soap_t *soap, const eb_xta_settings_t *s,
                          const eb_soap_message_t *message, eb_problem_t **problem,
                          apr_pool_t *pool);

#endif
