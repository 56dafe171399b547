/* What a server may answer, as text: faults with every code, reports, ids, and what is no answer.
 */
#include "delivery/xta/answer.h"
#include "delivery/xta/fault.h"
#include "delivery/xta/mail.h"
#include "base/utf8.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>

#define SOAP "application/soap+xml; charset=utf-8"
#define BEGIN                                                                                      \
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "                             \
    "xmlns:x=\"http://xoev.de/transport/xta/211\" "                                                \
    "xmlns:a=\"http://www.w3.org/2005/08/addressing\" "                                            \
    "xmlns:m=\"http://www.osci.eu/ws/2014/10/transport\"><s:Body>"
#define END "</s:Body></s:Envelope>"

static apr_status_t read_as(eb_xta_answer_t *answer, const char *type, const char *text,
                            apr_pool_t *pool)
{
    return eb_xta_answer_read(answer, type, text, strlen(text), pool);
}

static apr_status_t read_body(eb_xta_answer_t *answer, const char *body, apr_pool_t *pool)
{
    return read_as(answer, SOAP, apr_pstrcat(pool, BEGIN, body, END, NULL), pool);
}

static void test_faults(apr_pool_t *pool)
{
    static const int codes[] = {9000, 9010, 9011, 9012, 9013, 9014, 9020, 9021,
                                9022, 9023, 9024, 9030, 9031, 9032, 9050, 9051,
                                9052, 9060, 9070, 9080, 9081, 9100, 9101};
    eb_xta_answer_t a;

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const char *code = apr_itoa(pool, codes[i]);
        is_int(read_body(&a,
                         apr_pstrcat(pool,
                                     "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code>"
                                     "<s:Reason><s:Text xml:lang='de'>R</s:Text></s:Reason>"
                                     "<s:Detail><x:AnyException><x:errorCode><code> ",
                                     code,
                                     "\n</code><name>N\xC3\xA4me</name></x:errorCode>"
                                     "</x:AnyException></s:Detail></s:Fault>",
                                     NULL),
                         pool),
               APR_SUCCESS, code);
        ok(a.failed && a.fault.sender && !strcmp(a.fault.text, "N\xC3\xA4me"), "is a fault");
        const eb_xta_fault_t *fault = eb_xta_fault(a.fault.code);
        ok(fault && fault->code == codes[i], "of its own");
        is_int(fault->cure == EB_CURE_TIME, codes[i] / 10 == 903, "only 903x pass by themselves");
    }
    is_int(eb_xta_fault("9999")->code, 9000, "an unknown code is like 9000");
    ok(!eb_xta_fault(NULL), "no code is none");
    read_body(&a, "<s:Fault><s:Code><s:Value>Receiver</s:Value></s:Code></s:Fault>", pool);
    ok(a.failed && !a.fault.code && !a.fault.sender && !*a.fault.text, "a bare fault");
}

static void test_refused(apr_pool_t *pool)
{
    static const char *const bad[] = {
        "",
        "x",
        "<a/>",
        BEGIN,
        BEGIN "</s:Body>",
        "<!DOCTYPE x>" BEGIN END,
        "<!DOCTYPE x [<!ENTITY e \"1\">]>" BEGIN "&e;" END,
        "<Envelope><Body/></Envelope>",
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"/>",
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body/></s:Envelope>",
        BEGIN "\xFF" END};
    eb_xta_answer_t a;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        is_int(read_as(&a, SOAP, bad[i], pool), APR_EINVAL, "no answer");
    is_int(read_as(&a, SOAP, BEGIN END, pool), APR_SUCCESS, "an empty one");
    is_int(read_as(&a, "text/xml", BEGIN END, pool), APR_EINVAL, "of another type");
    is_int(read_as(&a, "", BEGIN END, pool), APR_EINVAL, "of none");
    char *large = apr_palloc(pool, EB_XTA_ROOT_MAX + 2);
    memset(large, ' ', EB_XTA_ROOT_MAX + 1);
    memcpy(large, BEGIN END, strlen(BEGIN END));
    large[EB_XTA_ROOT_MAX] = '\0';
    is_int(read_as(&a, SOAP, large, pool), APR_SUCCESS, "a large one");
    large[EB_XTA_ROOT_MAX] = ' ';
    large[EB_XTA_ROOT_MAX + 1] = '\0';
    is_int(read_as(&a, SOAP, large, pool), APR_EINVAL, "a larger one");
}

static void test_multipart(apr_pool_t *pool)
{
#define TYPE "multipart/related; boundary=b; type=\"application/xop+xml\"; start=\"<r>\""
    eb_xta_answer_t a;

    is_int(read_as(&a, TYPE,
                   "--b\r\nContent-ID: <p>\r\nContent-Type: text/plain\r\n\r\nab\r\r\n\r\n--b\r\n"
                   "Content-ID: <r>\r\n\r\n" BEGIN END "\r\n--b\r\nContent-ID: <q>\r\n\r\n"
                   "\r\n--b--",
                   pool),
           APR_SUCCESS, "in MTOM");
    is_int(a.parts->nelts, 2, "with two parts");
    const eb_xta_part_t *part = &APR_ARRAY_IDX(a.parts, 0, eb_xta_part_t);
    ok(part->len == 5 && !memcmp(part->data, "ab\r\r\n", 5) && !strcmp(part->id, "p"),
       "whose bytes are there");
    is_int(APR_ARRAY_IDX(a.parts, 1, eb_xta_part_t).len, 0, "one of them none");
    is_int(read_as(&a, TYPE, "--b\r\n\r\n" BEGIN END "\r\n--b--", pool), APR_EINVAL,
           "without the root that is named");
    is_int(read_as(&a, "multipart/related; boundary=b", "--b\r\n\r\n" BEGIN END "\r\n--b--", pool),
           APR_SUCCESS, "the first part is the root when none is named");
    is_int(read_as(&a, "multipart/related", "--b\r\n\r\n" BEGIN END "\r\n--b--", pool), APR_EINVAL,
           "no boundary");
}

static apr_status_t read_report(eb_xta_report_t *report, const char *status, apr_pool_t *pool)
{
    eb_xta_answer_t a;

    read_body(&a,
              apr_pstrcat(pool,
                          "<x:TransportReport><m:MessageMetaData><m:MsgIdentification>"
                          "<a:MessageID> urn:1 </a:MessageID><m:ProcessRef><m:Requester>EB"
                          "</m:Requester></m:ProcessRef></m:MsgIdentification></m:MessageMetaData>"
                          "<x:MessageStatus>",
                          status, "</x:MessageStatus></x:TransportReport>", NULL),
              pool);
    return eb_xta_answer_report(report, &a, pool);
}

static void test_report(apr_pool_t *pool)
{
    eb_xta_report_t r;

    is_int(read_report(&r, "<x:Status>1</x:Status>", pool), APR_SUCCESS, "a report");
    is_str(r.message, "urn:1", "its message");
    is_str(r.process, "EB", "its process");
    is_int(r.light, EB_XTA_GREEN, "green");
    is_str(r.reason, "", "needs no reason");
    is_int(read_report(&r,
                       "<x:Status>3</x:Status><x:ErrorList><x:Error><x:Code><code>E</code></x:Code>"
                       "<x:Reason>no\nway</x:Reason></x:Error></x:ErrorList>",
                       pool),
           APR_SUCCESS, "another");
    is_int(r.light, EB_XTA_RED, "red");
    is_str(r.reason, "E: no way", "has one");
    is_int(read_report(&r, "<x:Status>4</x:Status>", pool), APR_EINVAL, "no such light");
    is_int(read_report(&r, "<x:Status>10</x:Status>", pool), APR_EINVAL, "nor that");
    is_int(read_report(&r, "", pool), APR_EINVAL, "nor none");
}

static void test_id(apr_pool_t *pool)
{
    static const char *const bad[] = {"", "<a:MessageID/>", "<a:MessageID>a b</a:MessageID>",
                                      "<a:MessageID>\xC3\xA4</a:MessageID>",
                                      "<MessageID>a</MessageID>"};
    eb_xta_answer_t a;
    const char *id;

    read_body(&a, "<a:MessageID>\n urn:de:xta:1 </a:MessageID>", pool);
    is_int(eb_xta_answer_id(&id, &a, pool), APR_SUCCESS, "an id");
    is_str(id, "urn:de:xta:1", "trimmed");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        read_body(&a, bad[i], pool);
        is_int(eb_xta_answer_id(&id, &a, pool), APR_EINVAL, "no id");
    }
    char *text = apr_psprintf(pool, "<a:MessageID>%0501d</a:MessageID>", 1);
    read_body(&a, text, pool);
    is_int(eb_xta_answer_id(&id, &a, pool), APR_EINVAL, "one that is too long");
}

/* 499 signs, and then one of two bytes, over the border at 500. */
static void test_long_texts(apr_pool_t *pool)
{
    const char *text = apr_psprintf(pool, "%0499d\xC3\xBC and more", 1), *why;
    const char *const envelope = apr_pstrcat(
        pool,
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
        "xmlns:x=\"http://xoev.de/transport/xta/211\" "
        "xmlns:a=\"http://www.w3.org/2005/08/addressing\" "
        "xmlns:m=\"http://www.osci.eu/ws/2014/10/transport\"><s:Header><m:MessageMetaData>"
        "<m:Originators><m:Author><m:Identifier>",
        text,
        "</m:Identifier></m:Author>"
        "</m:Originators><m:MsgIdentification><a:MessageID>urn:1</a:MessageID><m:In-Reply-To>",
        text, "</m:In-Reply-To><m:ProcessRef><m:Requester>", text, "</m:Requester><m:Responder>",
        text, "</m:Responder></m:ProcessRef></m:MsgIdentification><m:Qualifier><m:Subject>", text,
        "</m:Subject><m:MessageType payloadSchema=\"", text, "\"><code>", text,
        "</code></m:MessageType></m:Qualifier></m:MessageMetaData></s:Header><s:Body>"
        "<x:GenericContentContainer><x:ContentContainer><x:Message contentType=\"",
        text, "\" filename=\"", text, "\" encoding=\"", text, "\" contentDescription=\"", text,
        "\">YQ==</x:Message></x:ContentContainer></x:GenericContentContainer>" END, NULL);
    eb_xta_answer_t a;
    eb_mail_t m;

    if (!is_int(read_as(&a, SOAP, envelope, pool), APR_SUCCESS, "long texts") ||
        !is_int(eb_mail_read(&m, &a, &why, pool), APR_SUCCESS, "are read"))
        return;
    const eb_mail_content_t *c = m.contents;
    const char *const texts[] = {m.author,  m.in_reply_to[0], m.process,      m.file_number,
                                 m.subject, m.schema,         m.message_type, c->type,
                                 c->name,   c->encoding,      c->description};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ok(strlen(texts[i]) == 499 && eb_utf8_valid(texts[i], 499), "cut before the character");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_faults(pool);
    test_refused(pool);
    test_multipart(pool);
    test_report(pool);
    test_id(pool);
    test_long_texts(pool);
    return done();
}
