/* Sending an application. The draft says SUBMITTING, and on which host, before the outbox is asked;
 * so whoever finds it later, after a crash of anything, looks into the outbox and knows. Accepting
 * is repeatable by its UUID: two clicks, two threads, or a retry reach one receipt. */
#include "visit.h"

#include "delivery/submission.h"
#include "page/texts.h"
#include "store/upload.h"

#define TRIES      3
#define IN_TRANSIT apr_time_from_sec(60) /* no acceptance takes longer */

static eb_acceptance_t acceptance(const eb_visit_t *v)
{
    return (eb_acceptance_t){v->server->depot->box,
                             v->authority->profile,
                             v->authority->id,
                             v->authority->transport->name,
                             NULL,
                             NULL};
}

static int closed(eb_visit_t *v)
{
    eb_problem_t *problem = NULL;

    eb_problem_set(&problem, EB_P_OUTBOX_CLOSED, APR_EGENERAL, NULL, v->pool,
                   "The outbox %s is not open", v->server->depot->folder);
    eb_log_request(v->r, APLOG_ERR, problem);
    return eb_reply_notice(v, EB_NOTICE_NOT_ACCEPTED);
}

/* The outbox has them by now. */
static void forget_files(eb_visit_t *v)
{
    const apr_array_header_t *all = eb_documents_list(&v->c, false);

    eb_files_forget(v, eb_files_ids(all, v->pool), all->nelts);
}

static eb_header_t header(const eb_visit_t *v, apr_time_t created)
{
    const eb_form_t *form = v->edition->form;
    char *hash = apr_palloc(v->pool, 2 * sizeof(form->hash) + 1);

    ap_bin2hex(form->hash, sizeof(form->hash), hash);
    return (eb_header_t){
        .uuid = v->draft->uuid,
        .number = v->draft->number,
        .created = created,
        .reader = v->authority->reader_party,
        .author = eb_author_party(v->r->server, v->authority, v->pool),
        .ags = v->authority->ags,
        .form_version = form->version,
        .form_hash = hash,
        .test = eb_server_test(v->server) != 0,
    };
}

static apr_array_header_t *enclose(const eb_visit_t *v, const apr_array_header_t *documents)
{
    apr_array_header_t *list = apr_array_make(v->pool, documents->nelts, sizeof(eb_enclosure_t));

    for (int i = 0; i < documents->nelts; i++) {
        const eb_document_t *d = &APR_ARRAY_IDX(documents, i, eb_document_t);
        eb_enclosure_t *e = apr_array_push(list);

        *e = (eb_enclosure_t){
            .id = d->file.id,
            .name = d->safe_name,
            .type = d->file.type,
            .purpose = d->node->name,
            .size = d->file.size,
            .source = eb_upload_source(&v->drafts, v->draft, d->file.id, d->file.size, v->pool)};
    }
    return list;
}

/* The answers as a German form has them: the message is the same whatever language was read. */
static apr_status_t in_german(eb_context_t *c, const eb_visit_t *v)
{
    const eb_edition_t *german = v->edition->in[0];
    eb_instance_t *in;
    eb_buf_t answers;
    apr_status_t rv;

    *c = v->c;
    if (v->edition == german)
        return APR_SUCCESS;
    eb_buf_init(&answers, 4096, v->pool);
    eb_instance_encode(&answers, v->in);
    rv = eb_instance_decode(&in, german->form, answers.data, answers.len, v->pool);
    if (rv != APR_SUCCESS)
        return rv;
    c->in = in;
    eb_rules_calculate(in, c);
    return APR_SUCCESS;
}

/* The message, for its applicant. */
static apr_status_t message(const char **xml, apr_size_t *len, eb_visit_t *v, apr_time_t created,
                            eb_problem_t **problem)
{
    eb_acceptance_t a = acceptance(v);
    eb_header_t h = header(v, created);
    eb_context_t c;
    apr_status_t rv = in_german(&c, v);

    if (rv != APR_SUCCESS)
        return rv;
    return eb_submission_message(xml, len, &a, &h, &c, enclose(v, eb_documents_list(&c, true)),
                                 problem, v->pool);
}

apr_status_t eb_submit_preview(const char **xml, apr_size_t *len, eb_visit_t *v,
                               eb_problem_t **problem)
{
    return message(xml, len, v, v->now, problem);
}

/* What was sent stays with the draft, for a copy. Whoever finds an application accepted that
 * another attempt has sent makes the message again, while the documents are there. */
static void remember(eb_visit_t *v, apr_time_t accepted, const char *xml, apr_size_t len)
{
    eb_problem_t *problem = NULL;

    if (xml == NULL && message(&xml, &len, v, accepted, &problem) != APR_SUCCESS) {
        eb_log_request(v->r, APLOG_WARNING, problem);
        return;
    }
    v->draft->sent = xml;
    v->draft->sent_len = len;
}

/* A message too large to stand beside its answers is left out: that it was sent must be noted. */
static apr_status_t save_sent(eb_visit_t *v, eb_problem_t **problem)
{
    apr_status_t rv = eb_draft_save(v->draft, &v->drafts, v->now, false, problem, v->pool);

    if (rv != APR_ENOSPC || v->draft->sent == NULL)
        return rv;
    v->draft->sent = NULL;
    v->draft->sent_len = 0;
    *problem = NULL;
    return eb_draft_save(v->draft, &v->drafts, v->now, false, problem, v->pool);
}

/* The draft is only a note of what the outbox knows: when the note fails, the next visit makes it.
 */
static void mark_sent(eb_visit_t *v, apr_time_t accepted, const char *xml, apr_size_t len)
{
    eb_problem_t *problem = NULL;
    apr_status_t rv = APR_EEXIST;

    for (int i = 0; i < TRIES && rv == APR_EEXIST; i++) {
        if (i > 0 && eb_visit_reload(v) != APR_SUCCESS)
            break;
        if (v->draft->state == EB_DRAFT_SUBMITTED)
            return;
        remember(v, accepted, xml, len);
        v->draft->state = EB_DRAFT_SUBMITTED;
        v->draft->accepted = accepted;
        rv = save_sent(v, &problem);
    }
    if (rv == APR_SUCCESS) {
        forget_files(v);
        return;
    }
    eb_log_request(v->r, APLOG_WARNING, problem);
    eb_problem_set(&problem, EB_P_RECEIPT_LATE, rv, NULL, v->pool, "Case %s is accepted",
                   v->draft->number);
    eb_log_request(v->r, APLOG_WARNING, problem);
}

int eb_submit_resolve(eb_visit_t *v)
{
    eb_acceptance_t a = acceptance(v);
    eb_problem_t *problem = NULL;
    apr_time_t accepted;
    apr_status_t rv;

    if (a.box == NULL)
        return closed(v);
    rv = eb_submission_find(&accepted, &a, v->draft->uuid, &problem, v->pool);
    if (rv == APR_SUCCESS) {
        mark_sent(v, accepted, NULL, 0);
        v->draft->state = EB_DRAFT_SUBMITTED;
        v->draft->accepted = accepted;
        return EB_GO_ON;
    }
    if (rv != APR_NOTFOUND) {
        eb_log_request(v->r, APLOG_ERR, problem);
        return eb_reply_notice(v, EB_NOTICE_UNAVAILABLE);
    }
    if (strcmp(v->draft->node, v->server->depot->node) != 0)
        return eb_reply_notice(v, EB_NOTICE_OTHER_NODE);
    v->sending = v->now - v->draft->accepted < IN_TRANSIT;
    return EB_GO_ON;
}

/* While it is being sent, `accepted` says since when. */
static apr_status_t note_sending(eb_visit_t *v, eb_problem_t **problem)
{
    if (v->draft->state == EB_DRAFT_SUBMITTING)
        return APR_SUCCESS;
    v->draft->state = EB_DRAFT_SUBMITTING;
    v->draft->accepted = v->now;
    v->draft->writer = v->ticket.nonce;
    apr_cpystrn(v->draft->node, v->server->depot->node, sizeof(v->draft->node));
    return eb_draft_save(v->draft, &v->drafts, v->now, false, problem, v->pool);
}

/* Somebody stored between our reading and our note. If it was the same page, sent twice, both send;
 * the outbox takes one. */
static int overtaken(eb_visit_t *v)
{
    if (eb_visit_reload(v) != APR_SUCCESS)
        return eb_reply_notice(v, EB_NOTICE_UNAVAILABLE);
    if (v->draft->state == EB_DRAFT_SUBMITTED)
        return eb_reply_see_other(v, "/quittung");
    if (v->draft->state == EB_DRAFT_SUBMITTING && v->draft->writer == v->ticket.nonce)
        return EB_GO_ON;
    return eb_reply_notice(v, EB_NOTICE_RACE);
}

static int begin(eb_visit_t *v)
{
    eb_problem_t *problem = NULL;
    apr_status_t rv = note_sending(v, &problem);

    if (rv == APR_SUCCESS)
        return EB_GO_ON;
    if (rv == APR_EEXIST)
        return overtaken(v);
    if (rv == APR_NOTFOUND)
        return eb_reply_notice(v, EB_NOTICE_DRAFT_GONE);
    eb_log_request(v->r, APLOG_ERR, problem);
    return eb_reply_notice(v, EB_NOTICE_UNAVAILABLE);
}

/* Certainly not accepted: the draft may be edited again. Best effort; after a minute it may anyway.
 */
static int refused(eb_visit_t *v, eb_notice_t notice)
{
    eb_problem_t *problem = NULL;

    v->draft->state = EB_DRAFT_EDITING;
    if (eb_draft_save(v->draft, &v->drafts, v->now, false, &problem, v->pool) != APR_SUCCESS)
        eb_log_request(v->r, APLOG_WARNING, problem);
    return eb_reply_notice(v, notice);
}

/* Whether it is accepted all the same: by this attempt, whose answer was lost, or by another click
 * of the same person. Then the receipt is the answer; *rc. */
static apr_status_t ask_outbox(int *rc, eb_visit_t *v, const eb_acceptance_t *a)
{
    eb_problem_t *problem = NULL;
    apr_time_t accepted;
    apr_status_t rv = eb_submission_find(&accepted, a, v->draft->uuid, &problem, v->pool);

    if (rv != APR_SUCCESS) {
        if (rv != APR_NOTFOUND)
            eb_log_request(v->r, APLOG_ERR, problem);
        return rv;
    }
    mark_sent(v, accepted, NULL, 0);
    *rc = eb_reply_see_other(v, "/quittung");
    return APR_SUCCESS;
}

/* The outbox failed, perhaps after the package had become durable: it is asked. Where it cannot
 * tell, the draft stays SUBMITTING, and the next visit asks again. */
static int failed(eb_visit_t *v, const eb_acceptance_t *a)
{
    int rc;

    switch (ask_outbox(&rc, v, a)) {
    case APR_SUCCESS: return rc;
    case APR_NOTFOUND: return refused(v, EB_NOTICE_NOT_ACCEPTED);
    default: return eb_reply_notice(v, EB_NOTICE_NOT_ACCEPTED);
    }
}

/* A document could not be read. Either the outbox has it already, and it was let go after another
 * click had sent the application; or nothing is accepted, and one that has gone or was spoilt is
 * asked for again. Anything else passes. */
static int unreadable(eb_visit_t *v, const eb_acceptance_t *a, const apr_array_header_t *documents,
                      const apr_array_header_t *enclosures, const eb_problem_t *problem)
{
    bool lost = problem->number == EB_P_UPLOAD_GONE || problem->number == EB_P_UPLOAD_RECORD;
    int rc;
    apr_status_t rv = ask_outbox(&rc, v, a);

    if (rv == APR_SUCCESS)
        return rc;
    eb_log_request(v->r, APLOG_ERR, problem);
    if (rv != APR_NOTFOUND)
        return eb_reply_notice(v, EB_NOTICE_NOT_ACCEPTED);
    for (int i = 0; i < enclosures->nelts && lost; i++)
        if (APR_ARRAY_IDX(enclosures, i, eb_enclosure_t).status != APR_SUCCESS)
            return eb_files_drop(v, &APR_ARRAY_IDX(documents, i, eb_document_t),
                                 eb_visit_text(v, EB_T_FILE_GONE));
    return refused(v, EB_NOTICE_UNAVAILABLE);
}

int eb_submit_send(eb_visit_t *v)
{
    eb_acceptance_t a = acceptance(v);
    eb_problem_t *problem = NULL;
    apr_array_header_t *documents, *enclosures;
    const char *xml = NULL;
    apr_size_t len = 0;
    eb_header_t h;
    eb_context_t c;
    apr_time_t accepted;
    apr_status_t rv;
    int rc;

    if (a.box == NULL)
        return closed(v);
    rc = begin(v);
    if (rc != EB_GO_ON)
        return rc;
    a.message = &xml;
    a.message_len = &len;
    h = header(v, v->now);
    if (in_german(&c, v) != APR_SUCCESS)
        return refused(v, EB_NOTICE_FORM_GONE);
    documents = eb_documents_list(&c, true);
    enclosures = enclose(v, documents);
    rv = eb_submission_accept(&accepted, &a, &h, &c, enclosures, &problem, v->pool);
    if (rv != APR_SUCCESS) {
        if (rv == APR_INCOMPLETE)
            return unreadable(v, &a, documents, enclosures, problem);
        eb_log_request(v->r, APLOG_ERR, problem);
        return rv == APR_EINVAL ? refused(v, EB_NOTICE_NOT_SENDABLE) : failed(v, &a);
    }
    if (problem != NULL) /* accepted; only the journal lacks its line */
        eb_log_request(v->r, APLOG_WARNING, problem);
    mark_sent(v, accepted, xml, len);
    return eb_reply_see_other(v, "/quittung");
}
