/* A copy for the applicant (§ 9a Abs. 4 OZG), to print and as the message itself. It comes from the
 * draft, which nobody else can open: before sending it is made from the answers, afterwards it is
 * what was sent, byte for byte. When the draft goes, the copy goes. */
#include "visit.h"

static int open_draft(eb_visit_t *v)
{
    int rc = eb_visit_load(v);

    if (rc == EB_GO_ON && v->draft == NULL)
        return eb_reply_notice(v, EB_NOTICE_NO_DRAFT);
    return rc;
}

int eb_get_copy(eb_visit_t *v)
{
    eb_paper_t paper;
    eb_view_t view;
    eb_buf_t page;
    int rc = open_draft(v);

    if (rc != EB_GO_ON)
        return rc;
    eb_view_fill(&view, v);
    paper = (eb_paper_t){v->draft->number, view.sent ? v->draft->accepted : v->draft->edited};
    eb_buf_init(&page, 32 * 1024, v->pool);
    eb_page_copy(&page, &view, &paper);
    return eb_reply_page(v, HTTP_OK, &page);
}

static bool ready(eb_visit_t *v)
{
    eb_errors_t *errors = eb_errors_new(v->pool);

    if (!eb_way_complete(v))
        return false;
    eb_rules_check_all(errors, v->edition->form, &v->c);
    return errors->list->nelts == 0;
}

static int hand_out(eb_visit_t *v, const char *xml, apr_size_t len)
{
    apr_table_setn(
        v->r->headers_out, "Content-Disposition",
        apr_psprintf(v->pool, "attachment; filename=\"antrag-%s.xml\"", v->draft->number));
    return eb_reply_data(v, "application/xml", xml, len);
}

int eb_get_message(eb_visit_t *v)
{
    eb_problem_t *problem = NULL;
    const char *xml;
    apr_size_t len;
    int rc = open_draft(v);

    if (rc != EB_GO_ON)
        return rc;
    if (v->draft->state == EB_DRAFT_SUBMITTED)
        return v->draft->sent != NULL ? hand_out(v, v->draft->sent, v->draft->sent_len)
                                      : eb_reply_notice(v, EB_NOTICE_NOT_FOUND);
    if (!ready(v))
        return eb_reply_notice(v, EB_NOTICE_INCOMPLETE);
    if (eb_submit_preview(&xml, &len, v, &problem) == APR_SUCCESS)
        return hand_out(v, xml, len);
    eb_log_request(v->r, APLOG_ERR, problem);
    return eb_reply_notice(v, EB_NOTICE_UNAVAILABLE);
}
