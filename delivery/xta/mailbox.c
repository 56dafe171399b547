/* getStatusList says what is new, getMessage brings one of it, and close, which names it, takes it
 * out. The list is asked for again as long as it brings something that was not seen in this round:
 * a message that cannot be read remains new, and must not be read for ever.
 *
 * Another host may do the same at the same time. What it was first to take out is unknown here then
 * (9070), and that is as it should be. */
#include "mailbox.h"
#include "mail.h"
#include "names.h"
#include "parts.h"
#include "form/xml.h"

#include <apr_errno.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

enum { AT_ONCE = 500, ROUNDS_MAX = 1000 };

typedef struct fetch_t {
    const eb_xta_t *xta;
    const eb_mailbox_t *mailbox;
    const eb_stop_t *stop;
    eb_problem_t **problem;
    apr_hash_t *seen;
    int *taken;
    apr_pool_t *pool; /* of the whole round */
} fetch_t;

static apr_status_t failure(eb_step_result_t result, eb_problem_t *const *problem)
{
    if (result == EB_STEP_STOPPED)
        return APR_EINTR;
    return *problem ? (*problem)->status : APR_EGENERAL;
}

/* The id under which the server keeps what it has just told. */
static const char *request_id(const eb_xta_answer_t *answer, apr_pool_t *pool)
{
    const xmlNode *response = eb_xta_child(answer->header, EB_NS_OSCI, "MsgBoxResponse");

    return response ? eb_xml_attr(response, NULL, "MsgBoxRequestID", pool) : NULL;
}

static apr_status_t close_request(const fetch_t *f, const char *request, const char *message,
                                  eb_problem_t **problem, apr_pool_t *pool)
{
    eb_xta_asked_t asked;
    eb_soap_t soap;
    apr_status_t rv = eb_soap_close(&soap, &f->xta->settings, request, message, problem, pool);

    if (rv)
        return rv;
    eb_step_result_t result = eb_xta_ask(&asked, f->xta, &soap, NULL, 0, f->stop, problem, pool);
    return result == EB_STEP_FORWARD ? APR_SUCCESS : failure(result, problem);
}

/* Somebody else has taken it out. */
static apr_status_t unless_gone(apr_status_t rv, eb_problem_t **problem)
{
    if (!rv || !*problem || (*problem)->number != EB_P_XTA_ID_UNKNOWN)
        return rv;
    *problem = NULL;
    return APR_SUCCESS;
}

static apr_status_t unreadable(const char *id, const char *what, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_XTA_MAIL, APR_EINVAL, NULL, pool,
                          "Message %s in the mailbox %s", id, what);
}

static apr_status_t fetch_one(const fetch_t *f, const char *id, eb_problem_t **problem,
                              apr_pool_t *pool)
{
    eb_xta_asked_t asked;
    eb_mail_t mail;
    eb_soap_t soap;
    apr_status_t rv = eb_soap_fetch(&soap, &f->xta->settings, id, problem, pool);

    if (rv)
        return rv;
    soap.answer_max = EB_MAIL_MAX;
    eb_step_result_t result = eb_xta_ask(&asked, f->xta, &soap, NULL, 0, f->stop, problem, pool);
    if (result != EB_STEP_FORWARD)
        return unless_gone(failure(result, problem), problem);
    const char *request = request_id(&asked.answer, pool), *why = NULL;
    if (eb_mail_read(&mail, &asked.answer, &why, pool))
        return unreadable(id, why, problem, pool);
    if (!request || strcmp(mail.id, id) != 0)
        return unreadable(id, "comes as another one", problem, pool);
    rv = f->mailbox->take(f->mailbox->baton, &mail, problem, pool);
    if (rv)
        return rv == APR_NOTFOUND && !*problem ? APR_SUCCESS : rv;
    ++*f->taken;
    return unless_gone(close_request(f, request, id, problem, pool), problem);
}

/* What a list names and this round has not seen; APR_EOF: nothing. */
static apr_status_t list(apr_array_header_t **ids, const fetch_t *f, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    eb_xta_asked_t asked;
    eb_soap_t soap;
    apr_status_t rv = eb_soap_list(&soap, &f->xta->settings, AT_ONCE, problem, pool);

    if (rv)
        return rv;
    soap.answer_max = EB_MAIL_MAX;
    eb_step_result_t result = eb_xta_ask(&asked, f->xta, &soap, NULL, 0, f->stop, problem, pool);
    if (result != EB_STEP_FORWARD)
        return failure(result, problem);
    const xmlNode *all = eb_xta_child(asked.answer.body, EB_NS_OSCI, "MsgStatusList");
    const char *request = request_id(&asked.answer, pool);
    *ids = apr_array_make(pool, AT_ONCE, sizeof(const char *));
    for (const xmlNode *n = all ? all->children : NULL; n; n = n->next) {
        const char *id = eb_mail_id(n, f->pool);
        if (!*id || apr_hash_get(f->seen, id, APR_HASH_KEY_STRING))
            continue;
        apr_hash_set(f->seen, id, APR_HASH_KEY_STRING, "");
        APR_ARRAY_PUSH(*ids, const char *) = id;
    }
    if (!all || !request) {
        eb_xta_odd(&soap, "no list", problem, pool);
        return APR_EINVAL;
    }
    rv = close_request(f, request, NULL, problem, pool);
    return !rv && !(*ids)->nelts ? APR_EOF : rv;
}

/* What went wrong, for the caller: it outlives the round. */
static apr_status_t tell(const fetch_t *f, apr_status_t rv, const eb_problem_t *problem)
{
    if (problem && !APR_STATUS_IS_EINTR(rv))
        eb_problem_set(f->problem, problem->number, rv, NULL, f->pool, "%s", problem->what);
    return rv;
}

/* One list and what it names. A failure of one message is kept, and the next one fetched. */
static apr_status_t fetch_round(const fetch_t *f, apr_status_t *failed, apr_pool_t *pool)
{
    apr_array_header_t *ids = NULL;
    eb_problem_t *problem = NULL;
    apr_pool_t *one;
    apr_status_t rv = list(&ids, f, &problem, pool);

    if (rv)
        return tell(f, rv, problem);
    apr_pool_create(&one, pool);
    for (int i = 0; !APR_STATUS_IS_EINTR(rv) && i < ids->nelts; i++) {
        problem = NULL;
        apr_pool_clear(one);
        rv = fetch_one(f, APR_ARRAY_IDX(ids, i, const char *), &problem, one);
        if (rv)
            *failed = tell(f, rv, problem);
    }
    return APR_STATUS_IS_EINTR(rv) ? rv : APR_SUCCESS;
}

apr_status_t eb_xta_fetch(int *taken, const eb_transport_t *transport, const eb_mailbox_t *mailbox,
                          const eb_stop_t *stop, eb_problem_t **problem, apr_pool_t *pool)
{
    const fetch_t f = {transport->data, mailbox, stop, problem, apr_hash_make(pool), taken, pool};
    apr_status_t rv = APR_SUCCESS, failed = APR_SUCCESS;
    apr_pool_t *round;

    *taken = 0;
    if (!f.xta->settings.msgbox_url)
        return APR_ENOTIMPL;
    apr_pool_create(&round, pool);
    for (int i = 0; !rv && i < ROUNDS_MAX; i++) {
        apr_pool_clear(round);
        rv = fetch_round(&f, &failed, round);
    }
    apr_pool_destroy(round);
    return rv && !APR_STATUS_IS_EOF(rv) ? rv : failed;
}
