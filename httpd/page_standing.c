/* How far an application has got. Number and code name the submission (store/claim.h), and the
 * outbox says what it knows of that: no cookie, no draft, and nothing kept for it. Asking changes
 * nothing, so there is no ticket either; the receipt's button sends both by itself. A Redis that is
 * away only loses the count of tries: an outbox in a folder answers all the same. */
#include "visit.h"

#include "delivery/replies.h"
#include "page/texts.h"
#include "store/claim.h"

#define USUAL apr_time_from_sec(24 * 60 * 60) /* within which an application is handed over */

/* What was asked. */
typedef struct question_t {
    const char *typed_number, *typed_code;
    char number[EB_NUMBER_LEN + 1], code[EB_CLAIM_LEN + 1];
} question_t;

static int ask(eb_visit_t *v, int status, const question_t *q)
{
    eb_view_t view;
    eb_buf_t page;

    eb_view_fill(&view, v);
    eb_buf_init(&page, 8 * 1024, v->pool);
    eb_page_ask(&page, &view, q->typed_number, q->typed_code);
    return eb_reply_page(v, status, &page);
}

int eb_get_standing(eb_visit_t *v)
{
    question_t q = {0};

    return ask(v, HTTP_OK, &q);
}

static int refuse(eb_visit_t *v, int status, const question_t *q, eb_text_id_t why)
{
    eb_errors_t *errors = eb_errors_new(v->pool);

    eb_errors_add(errors, NULL, EB_ROOT, 0, eb_visit_text(v, why));
    v->errors = errors;
    return ask(v, status, q);
}

static const char *field(const eb_visit_t *v, const char *name)
{
    const char *value = eb_params_get(&v->params, name, NULL);

    return value != NULL ? value : "";
}

static bool read_question(question_t *q, eb_visit_t *v)
{
    eb_errors_t *errors = eb_errors_new(v->pool);
    const char *why;

    q->typed_number = field(v, EB_FIELD_NUMBER);
    q->typed_code = field(v, EB_FIELD_CODE);
    if (!eb_number_read(q->number, q->typed_number))
        eb_errors_add(
            errors, NULL, EB_ROOT, 0,
            eb_visit_text(v, *q->typed_number != '\0' ? EB_T_NUMBER_WRONG : EB_T_NUMBER_EMPTY));
    why = eb_code_wrong(v, q->code, EB_CLAIM_CODE, q->typed_code);
    if (why != NULL)
        eb_errors_add(errors, NULL, EB_ROOT, 1, why);
    v->errors = errors;
    return errors->list->nelts == 0;
}

/* Confirmed means that the receiver has it for certain, whatever the transport. */
static eb_standing_state_t state_of(const eb_job_t *job, apr_time_t now)
{
    switch (job->state) {
    case EB_JOB_PURGED:
    case EB_JOB_CONFIRMED: return EB_STANDING_ARRIVED;
    case EB_JOB_SUBMITTED: return EB_STANDING_HANDED;
    case EB_JOB_HELD:
        return job->before == EB_JOB_SUBMITTED ? EB_STANDING_ASTRAY : EB_STANDING_PROBLEM;
    default: return now > job->accepted + USUAL ? EB_STANDING_LATE : EB_STANDING_RECEIVED;
    }
}

/* What the authority has answered. That it cannot be read just now is no reason to say nothing of
 * the application. */
static void add_answers(eb_standing_t *standing, eb_visit_t *v, const eb_job_t *job)
{
    eb_problem_t *problem = NULL;
    apr_array_header_t *replies;
    eb_answer_t *answers;

    if (v->authority->replies == NULL)
        return;
    if (eb_replies_about(&replies, v->server->depot->box, v->authority->id, job->number, &problem,
                         v->pool) != APR_SUCCESS)
        eb_log_request(v->r, APLOG_ERR, problem);
    answers = apr_palloc(v->pool, replies->nelts * sizeof(*answers) + 1);
    for (int i = 0; i < replies->nelts; i++) {
        const eb_reply_t *reply = &APR_ARRAY_IDX(replies, i, eb_reply_t);

        answers[i] = (eb_answer_t){reply->kind == EB_REPLY_RECEIPT, reply->at};
    }
    standing->answers = answers;
    standing->answers_count = replies->nelts;
}

static int show(eb_visit_t *v, const question_t *q, const eb_job_t *job)
{
    eb_standing_t standing = {q->number, state_of(job, v->now), job->accepted, job->changed, NULL,
                              0};
    eb_view_t view;
    eb_buf_t page;

    add_answers(&standing, v, job);
    eb_view_fill(&view, v);
    eb_buf_init(&page, 8 * 1024, v->pool);
    eb_page_standing(&page, &view, &standing);
    return eb_reply_page(v, HTTP_OK, &page);
}

static apr_status_t find(eb_job_t **job, eb_visit_t *v, const question_t *q)
{
    eb_outbox_t *box = v->server->depot->box;
    char uuid[EB_UUID_LEN + 1];
    eb_problem_t *problem = NULL;
    apr_status_t rv = box == NULL ? APR_EGENERAL : APR_SUCCESS;

    if (rv == APR_SUCCESS)
        rv = eb_claim_uuid(uuid, v->drafts.keys, q->number, q->code);
    if (rv == APR_SUCCESS)
        rv = box->engine->find(job, box, v->authority->id, uuid, &problem, v->pool);
    if (rv != APR_SUCCESS && rv != APR_NOTFOUND)
        eb_log_request(v->r, APLOG_ERR, problem);
    return rv;
}

int eb_post_standing(eb_visit_t *v)
{
    question_t q;
    bool left = true;
    eb_job_t *job;
    int rc = eb_post_read(v);

    if (rc != EB_GO_ON)
        return rc;
    if (!read_question(&q, v))
        return ask(v, HTTP_UNPROCESSABLE_ENTITY, &q);
    if (eb_visit_try(&left, v) == APR_SUCCESS && !left)
        return refuse(v, HTTP_TOO_MANY_REQUESTS, &q, EB_T_TRIES);
    switch (find(&job, v, &q)) {
    case APR_SUCCESS: return show(v, &q, job);
    case APR_NOTFOUND: return refuse(v, HTTP_UNPROCESSABLE_ENTITY, &q, EB_T_STANDING_UNKNOWN);
    default: return refuse(v, HTTP_SERVICE_UNAVAILABLE, &q, EB_T_STANDING_AWAY);
    }
}
