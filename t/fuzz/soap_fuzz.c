/* Answers of an XTA server: whatever it sends as its Content-Type (the first line) and as a body,
 * reading stays inside, and what is said of it for people is printable. */
#include "delivery/xta/answer.h"
#include "delivery/xta/fault.h"
#include "delivery/xta/mail.h"
#include "base/utf8.h"
#include "fuzz.h"

#include <apr_errno.h>
#include <apr_strings.h>

static void check_text(const char *text)
{
    must(eb_utf8_valid(text, strlen(text)) && strlen(text) < 1000);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        must(*c >= ' ' && *c != 0x7F);
}

/* Contents lie where the bytes are, and nobody reads behind them. */
static void look_at_mail(const eb_xta_answer_t *a, apr_pool_t *pool)
{
    const char *why = NULL;
    eb_mail_t mail;
    unsigned sum = 0;

    if (eb_mail_read(&mail, a, &why, pool)) {
        must(why);
        return;
    }
    must(mail.count > 0 && mail.in_reply_to);
    check_text(mail.id);
    check_text(mail.subject);
    for (int i = 0; i < mail.count; i++)
        for (apr_size_t at = 0; at < mail.contents[i].len; at++)
            sum += (unsigned char)mail.contents[i].data[at];
    must(sum < UINT32_MAX);
}

static void look(const eb_xta_answer_t *a, const char *body, size_t len, apr_pool_t *pool)
{
    eb_xta_service_t service;
    eb_xta_report_t report;
    const char *id;

    for (int i = 0; i < a->parts->nelts; i++) {
        const eb_xta_part_t *part = &APR_ARRAY_IDX(a->parts, i, eb_xta_part_t);
        must(!part->len || (part->data >= body && part->data + part->len <= body + len));
    }
    if (a->failed) {
        check_text(a->fault.text);
        must(!a->fault.code || eb_xta_fault(a->fault.code));
    }
    if (!eb_xta_answer_id(&id, a, pool))
        must(*id && !strpbrk(id, " \t\r\n"));
    if (!eb_xta_answer_report(&report, a, pool))
        must(report.light <= EB_XTA_RED);
    check_text(report.reason);
    check_text(report.message);
    eb_xta_answer_service(&service, a, pool);
    look_at_mail(a, pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    const size_t len = end ? size - (size_t)(end + 1 - data) : 0;
    eb_xta_answer_t answer;

    if (end) {
        char *type = fuzz_text(data, (size_t)(end - data)), *body = malloc(len + 1);
        memcpy(body, end + 1, len);
        body[len] = '\0';
        if (!eb_xta_answer_read(&answer, type, body, len, pool))
            look(&answer, body, len, pool);
        apr_pool_clear(pool);
        free(body);
        free(type);
    }
    apr_pool_destroy(pool);
    return 0;
}
