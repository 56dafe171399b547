/* The frame is the same for all; what differs is one header element and the body. Prefixes are
 * declared once, at the top, so that names can be written as they are read in the WSDL. */
#include "soap.h"
#include "names.h"
#include "base/ids.h"

#include <apr_errno.h>
#include <apr_strings.h>

#define TOKEN_ID "token"
#define SUBJECT  "Einb\xC3\xBCrgerungsantrag"
#define PARTY    "xoev"

typedef struct call_t {
    eb_writer_t *w;
    eb_soap_t *soap;
    const eb_xta_settings_t *s;
    apr_pool_t *pool;
} call_t;

static apr_status_t no_memory(eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_XTA_REQUEST, APR_ENOMEM, NULL, pool,
                          "A request cannot be written");
}

static void write_addressing(const call_t *call)
{
    eb_writer_t *w = call->w;

    eb_writer_open(w, "wsa:Action");
    eb_writer_attr(w, "s:mustUnderstand", "true");
    eb_writer_text(w, call->soap->action);
    eb_writer_close(w);
    eb_writer_leaf(w, "wsa:MessageID", call->soap->id);
    eb_writer_leaf(w, "wsa:To", call->soap->url);
    eb_writer_open(w, "wsa:ReplyTo");
    eb_writer_leaf(w, "wsa:Address", EB_WSA_ANONYMOUS);
    eb_writer_close(w);
}

/* Up to and with the addressing headers. */
static apr_status_t begin(call_t *call, eb_soap_t *soap, const eb_xta_settings_t *s,
                          const char *action, const char *url, eb_problem_t **problem,
                          apr_pool_t *pool)
{
    char uuid[EB_UUID_LEN + 1];

    *call = (call_t){eb_writer_new(pool), soap, s, pool};
    if (!call->w)
        return no_memory(problem, pool);
    if (eb_uuid_new(uuid))
        return eb_problem_set(problem, EB_P_CRYPTO, APR_EGENERAL, NULL, pool,
                              "Drawing a UUID failed");
    *soap =
        (eb_soap_t){.action = action, .url = url, .id = apr_pstrcat(pool, "urn:uuid:", uuid, NULL)};
    eb_writer_open(call->w, "s:Envelope");
    eb_writer_attr(call->w, "xmlns:s", EB_NS_SOAP);
    eb_writer_attr(call->w, "xmlns:wsa", EB_NS_WSA);
    eb_writer_attr(call->w, "xmlns:xta", EB_NS_XTA);
    eb_writer_attr(call->w, "xmlns:om", EB_NS_META);
    eb_writer_attr(call->w, "xmlns:osci", EB_NS_OSCI);
    eb_writer_open(call->w, "s:Header");
    write_addressing(call);
    return APR_SUCCESS;
}

static apr_status_t end(call_t *call, eb_problem_t **problem)
{
    return eb_writer_done(&call->soap->text, &call->soap->len, call->w)
               ? no_memory(problem, call->pool)
               : APR_SUCCESS;
}

static void write_party(eb_writer_t *w, const char *role, const eb_xta_party_t *party)
{
    eb_writer_open(w, role);
    eb_writer_open(w, "om:Identifier");
    eb_writer_attr(w, "type", party->type ? party->type : PARTY);
    eb_writer_attr(w, "name", party->name);
    eb_writer_attr(w, "category", party->category);
    eb_writer_text(w, party->id);
    eb_writer_close(w);
    eb_writer_close(w);
}

/* The headers of all operations but sendMessage end with who asks. */
static apr_status_t begin_as_author(call_t *call, eb_soap_t *soap, const eb_xta_settings_t *s,
                                    const char *action, const char *url, eb_problem_t **problem,
                                    apr_pool_t *pool)
{
    apr_status_t rv = begin(call, soap, s, action, url, problem, pool);

    if (rv)
        return rv;
    write_party(call->w, "om:Author", &s->author);
    eb_writer_close(call->w);
    eb_writer_open(call->w, "s:Body");
    return APR_SUCCESS;
}

apr_status_t eb_soap_account(eb_soap_t *soap, const eb_xta_settings_t *s, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    call_t call;
    apr_status_t rv =
        begin_as_author(&call, soap, s, EB_ACTION_ACCOUNT, s->management_url, problem, pool);

    return rv ? rv : end(&call, problem);
}

apr_status_t eb_soap_new_id(eb_soap_t *soap, const eb_xta_settings_t *s, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    call_t call;
    apr_status_t rv =
        begin_as_author(&call, soap, s, EB_ACTION_ID, s->management_url, problem, pool);

    return rv ? rv : end(&call, problem);
}

apr_status_t eb_soap_lookup(eb_soap_t *soap, const eb_xta_settings_t *s, eb_problem_t **problem,
                            apr_pool_t *pool)
{
    call_t call;
    apr_status_t rv =
        begin_as_author(&call, soap, s, EB_ACTION_LOOKUP, s->management_url, problem, pool);

    if (rv)
        return rv;
    eb_writer_open(call.w, "xta:LookupServiceRequest");
    eb_writer_open(call.w, "xta:LookupServiceRequestList");
    eb_writer_open(call.w, "xta:LookupService");
    write_party(call.w, "om:Reader", &s->reader);
    eb_writer_leaf(call.w, "xta:ServiceType", s->service);
    return end(&call, problem);
}

apr_status_t eb_soap_report(eb_soap_t *soap, const eb_xta_settings_t *s, const char *message,
                            eb_problem_t **problem, apr_pool_t *pool)
{
    call_t call;
    apr_status_t rv =
        begin_as_author(&call, soap, s, EB_ACTION_REPORT, s->management_url, problem, pool);

    if (rv)
        return rv;
    eb_writer_leaf(call.w, "wsa:MessageID", message);
    return end(&call, problem);
}

apr_status_t eb_soap_list(eb_soap_t *soap, const eb_xta_settings_t *s, int at_most,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    call_t call;
    apr_status_t rv = begin_as_author(&call, soap, s, EB_ACTION_LIST, s->msgbox_url, problem, pool);

    if (rv)
        return rv;
    eb_writer_open(call.w, "osci:MsgBoxStatusListRequest");
    eb_writer_attr(call.w, "maxListItems", apr_itoa(pool, at_most));
    eb_writer_attr(call.w, "ListForm", "MessageMetaData");
    eb_writer_open(call.w, "osci:MsgSelector");
    eb_writer_attr(call.w, "newEntry", "true");
    return end(&call, problem);
}

apr_status_t eb_soap_fetch(eb_soap_t *soap, const eb_xta_settings_t *s, const char *message,
                           eb_problem_t **problem, apr_pool_t *pool)
{
    call_t call;
    apr_status_t rv =
        begin_as_author(&call, soap, s, EB_ACTION_FETCH, s->msgbox_url, problem, pool);

    if (rv)
        return rv;
    eb_writer_open(call.w, "osci:MsgBoxFetchRequest");
    eb_writer_open(call.w, "osci:MsgSelector");
    eb_writer_leaf(call.w, "wsa:MessageID", message);
    return end(&call, problem);
}

apr_status_t eb_soap_close(eb_soap_t *soap, const eb_xta_settings_t *s, const char *request,
                           const char *message, eb_problem_t **problem, apr_pool_t *pool)
{
    call_t call;
    apr_status_t rv =
        begin_as_author(&call, soap, s, EB_ACTION_CLOSE, s->msgbox_url, problem, pool);

    if (rv)
        return rv;
    eb_writer_open(call.w, "osci:MsgBoxCloseRequest");
    eb_writer_attr(call.w, "MsgBoxRequestID", request);
    eb_writer_leaf(call.w, "osci:LastMsgReceived", message);
    return end(&call, problem);
}

/* 2026-01-15T08:30:00.000Z */
static const char *instant(apr_time_t time, apr_pool_t *pool)
{
    apr_time_exp_t t;

    apr_time_exp_gmt(&t, time);
    return apr_psprintf(pool, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.tm_year + 1900, t.tm_mon + 1,
                        t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, t.tm_usec / 1000);
}

static void write_identification(eb_writer_t *w, const eb_soap_message_t *m)
{
    eb_writer_open(w, "om:MsgIdentification");
    eb_writer_leaf(w, "wsa:MessageID", m->id);
    eb_writer_open(w, "om:ProcessRef");
    eb_writer_leaf(w, "om:Requester", m->number);
    eb_writer_close(w);
    eb_writer_close(w);
}

static void open_code(eb_writer_t *w, const char *name, const eb_xta_code_t *code)
{
    eb_writer_open(w, name);
    eb_writer_attr(w, "listURI", code->list);
    eb_writer_attr(w, "listVersionID", code->version);
}

static void write_qualifier(const call_t *call, const eb_soap_message_t *m)
{
    const eb_xta_settings_t *s = call->s;
    eb_writer_t *w = call->w;

    eb_writer_open(w, "om:Qualifier");
    eb_writer_leaf(
        w, "om:Subject",
        apr_pstrcat(call->pool, s->subject ? s->subject : SUBJECT, " ", m->number, NULL));
    eb_writer_leaf(w, "om:Service", s->service);
    eb_writer_open(w, "om:BusinessScenario");
    if (s->scenario.list) {
        open_code(w, "om:Defined", &s->scenario);
        eb_writer_leaf(w, "code", s->scenario.code);
        eb_writer_close(w);
    } else {
        eb_writer_leaf(w, "om:Undefined", s->scenario.code);
    }
    eb_writer_close(w);
    open_code(w, "om:MessageType", &s->message_type);
    eb_writer_attr(w, "payloadSchema", s->payload_schema ? s->payload_schema : m->schema);
    eb_writer_leaf(w, "code", s->message_type.code);
    eb_writer_close(w);
    eb_writer_close(w);
}

/* In the order of the schema. */
static void write_metadata(const call_t *call, const eb_soap_message_t *m)
{
    eb_writer_t *w = call->w;
    const apr_uint64_t size = eb_contents_len(m->contents, m->count);

    eb_writer_open(w, "om:MessageMetaData");
    eb_writer_attr(w, "TestMsg", call->s->test ? "true" : NULL);
    eb_writer_open(w, "om:DeliveryAttributes");
    eb_writer_leaf(w, "om:Origin", instant(m->made, call->pool));
    eb_writer_close(w);
    eb_writer_open(w, "om:Originators");
    write_party(w, "om:Author", &call->s->author);
    eb_writer_close(w);
    eb_writer_open(w, "om:Destinations");
    write_party(w, "om:Reader", &call->s->reader);
    eb_writer_close(w);
    write_identification(w, m);
    write_qualifier(call, m);
    if (size)
        eb_writer_leaf(w, "om:MsgSize", apr_psprintf(call->pool, "%" APR_UINT64_T_FMT, size));
    eb_writer_close(w);
}

/* The certificate that the server is to look at: the one that contents are encrypted for; else our
 * own, since the WSDL demands the header. */
static void write_token(const call_t *call, const eb_soap_message_t *m)
{
    eb_writer_t *w = call->w;

    eb_writer_open(w, "osci:X509TokenContainer");
    eb_writer_open(w, "osci:X509TokenInfo");
    eb_writer_attr(w, "Id", TOKEN_ID);
    eb_writer_open(w, "ds:X509Data");
    eb_writer_attr(w, "xmlns:ds", EB_NS_DS);
    eb_writer_leaf(w, "ds:X509Certificate", m->sealed ? m->sealed->certificate->base64 : m->own);
    eb_writer_close(w);
    eb_writer_open(w, "osci:TokenApplication");
    eb_writer_leaf(w, "osci:TimeInstant", instant(m->made, call->pool));
    eb_writer_close(w);
    eb_writer_close(w);
    eb_writer_close(w);
}

apr_status_t eb_soap_send(eb_soap_t *soap, const eb_xta_settings_t *s,
                          const eb_soap_message_t *message, eb_problem_t **problem,
                          apr_pool_t *pool)
{
    call_t call;
    apr_status_t rv = begin(&call, soap, s, EB_ACTION_SEND, s->send_url, problem, pool);

    if (rv)
        return rv;
    write_metadata(&call, message);
    write_token(&call, message);
    eb_writer_close(call.w);
    eb_writer_open(call.w, "s:Body");
    eb_writer_open(call.w, "xta:GenericContentContainer");
    if (message->sealed)
        eb_xmlenc_write(call.w, message->sealed, message->sealed_id, pool);
    else
        eb_contents_refer(call.w, message->contents, message->count, pool);
    return end(&call, problem);
}
