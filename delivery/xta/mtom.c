/* The envelope comes first, so that a server may refuse a message before it has read the documents.
 * The boundary is random: that it occurs in a document is as likely as two alike UUIDs. Requests
 * without contents go the same way, since the WSDL's policy makes MTOM a must, not a may. */
#include "mtom.h"
#include "base/ids.h"

#include <apr_errno.h>
#include <apr_strings.h>

#define ROOT_ID "envelope@einbuergerung"

static const char *part_head(const char *boundary, const char *type, const char *id,
                             apr_pool_t *pool)
{
    return apr_pstrcat(pool, "\r\n--", boundary, "\r\nContent-Type: ", type,
                       "\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <", id, ">\r\n\r\n",
                       NULL);
}

apr_status_t eb_mtom_init(eb_mtom_t *mtom, const eb_soap_t *soap, const eb_content_t *contents,
                          int count, apr_pool_t *pool)
{
    char boundary[EB_UUID_LEN + 1];

    if (eb_uuid_new(boundary))
        return APR_EGENERAL;
    mtom->type = apr_psprintf(pool,
                              "multipart/related; type=\"application/xop+xml\"; boundary=\"%s\"; "
                              "start=\"<" ROOT_ID ">\"; start-info=\"application/soap+xml\"; "
                              "action=\"%s\"",
                              boundary, soap->action);
    eb_chain_init(&mtom->body, pool);
    const char *head =
        part_head(boundary, "application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"",
                  ROOT_ID, pool);
    eb_chain_puts(&mtom->body, head + 2);
    eb_chain_add(&mtom->body, soap->text, soap->len);
    for (int i = 0; i < count; i++) {
        eb_chain_puts(&mtom->body, part_head(boundary, contents[i].type, contents[i].id, pool));
        eb_chain_pour(&mtom->body, contents[i].source, contents[i].len);
    }
    eb_chain_puts(&mtom->body, apr_pstrcat(pool, "\r\n--", boundary, "--\r\n", NULL));
    return APR_SUCCESS;
}
