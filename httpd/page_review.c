/* The review, the confirmation, and the receipt. */
#include "visit.h"

#include "page/texts.h"
#include "store/claim.h"

/* What the applicant looks at is what is sent: any change in between shows the review again. */
static apr_uint64_t answers_digest(const eb_visit_t *v)
{
    const unsigned char *s = v->draft->answers;
    apr_uint64_t hash = 14695981039346656037u;

    for (apr_size_t i = 0; i < v->draft->answers_len; i++)
        hash = (hash ^ s[i]) * 1099511628211u;
    return hash;
}

static int open_review(eb_visit_t *v)
{
    int rc = eb_visit_editing(v);

    if (rc != EB_GO_ON)
        return rc;
    if (v->draft == NULL)
        return eb_reply_notice(v, EB_NOTICE_NO_DRAFT);
    return EB_GO_ON;
}

int eb_get_review(eb_visit_t *v)
{
    bool waiting;
    int rc = open_review(v);

    if (rc == EB_GO_ON)
        rc = eb_scan_pending(v, &waiting);
    if (rc != EB_GO_ON)
        return rc;
    v->digest = answers_digest(v); /* with the news about files */
    if (!eb_way_complete(v))
        return eb_reply_notice(v, EB_NOTICE_INCOMPLETE);
    return eb_reply_drawn(v, HTTP_OK, eb_page_review);
}

/* The box is a decision of its own, and its value is fixed. */
static bool confirmed(eb_visit_t *v)
{
    const char *value = eb_params_get(&v->params, EB_FIELD_CONFIRM, NULL);
    eb_errors_t *errors;

    if (value != NULL && strcmp(value, "ja") == 0)
        return true;
    errors = eb_errors_new(v->pool);
    eb_errors_add(errors, NULL, EB_ROOT, 0, eb_visit_text(v, EB_T_REVIEW_CONFIRM_MISSING));
    v->errors = errors;
    return false;
}

static bool all_valid(eb_visit_t *v)
{
    eb_errors_t *errors = eb_errors_new(v->pool);

    eb_rules_check_all(errors, v->edition->form, &v->c);
    return errors->list->nelts == 0;
}

int eb_post_review(eb_visit_t *v)
{
    eb_ticket_verdict_t verdict;
    bool waiting;
    int rc = eb_post_read(v);

    if (rc == EB_GO_ON)
        rc = eb_visit_load(v);
    if (rc != EB_GO_ON)
        return rc;
    if (v->draft != NULL && v->draft->state == EB_DRAFT_SUBMITTED)
        return eb_reply_see_other(v, "/quittung");
    if (v->draft == NULL)
        return eb_reply_notice(v, EB_NOTICE_NO_DRAFT);
    v->digest = answers_digest(v);
    verdict = eb_post_ticket(v);
    if (verdict == EB_TICKET_FOREIGN)
        return eb_reply_notice(v, EB_NOTICE_FOREIGN);
    if (!eb_way_complete(v) || !all_valid(v))
        return eb_reply_notice(v, EB_NOTICE_INCOMPLETE);
    v->stale = verdict == EB_TICKET_STALE || v->ticket.digest != v->digest;
    if (v->stale || !confirmed(v))
        return eb_reply_drawn(v, HTTP_UNPROCESSABLE_ENTITY, eb_page_review);
    rc = eb_scan_pending(v, &waiting);
    if (rc == EB_GO_ON && waiting)
        return eb_reply_notice(v, EB_NOTICE_SCANNING);
    return rc != EB_GO_ON ? rc : eb_submit_send(v);
}

int eb_get_receipt(eb_visit_t *v)
{
    char code[EB_CLAIM_LEN + 1], shown[EB_CODE_SHOWN(EB_CLAIM_CODE) + 1];
    eb_receipt_t receipt;
    eb_view_t view;
    eb_buf_t page;
    int rc = eb_visit_load(v);

    if (rc != EB_GO_ON)
        return rc;
    if (v->draft == NULL)
        return eb_reply_notice(v, EB_NOTICE_NO_DRAFT);
    if (v->draft->state != EB_DRAFT_SUBMITTED)
        return eb_reply_notice(v, EB_NOTICE_INCOMPLETE);
    if (eb_claim_code(code, v->draft, &v->drafts) != APR_SUCCESS)
        return HTTP_INTERNAL_SERVER_ERROR;
    receipt.number = v->draft->number;
    receipt.accepted = v->draft->accepted;
    eb_code_show(shown, code, EB_CLAIM_CODE);
    receipt.code = shown;
    receipt.url = eb_url(v, "/status");
    eb_view_fill(&view, v);
    eb_buf_init(&page, 32 * 1024, v->pool);
    eb_page_receipt(&page, &view, &receipt);
    return eb_reply_page(v, HTTP_OK, &page);
}
