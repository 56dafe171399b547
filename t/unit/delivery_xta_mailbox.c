/* The way back, from the mailbox of the scripted server: each message arrives with what it says,
 * leaves the mailbox when it has been kept, and one that cannot be read is in nobody's way. */
#include "delivery/xta/mailbox.h"
#include "bytes.h"
#include "xta_server.h"

#include <apr_errno.h>

#define NUMBER "EB-2026-7K4M-92QX-4"
#define LETTER "<m><nachrichtenUUID>6fa459ea-ee8a-4ca4-894e-db77e160355e</nachrichtenUUID></m>"

static xta_server_t *server;
static eb_problem_t *problem;

typedef struct kept_t {
    int count;
    apr_status_t failure; /* of the next */
    eb_mail_t last;
    apr_pool_t *pool;
} kept_t;

static apr_status_t keep(void *baton, const eb_mail_t *mail, eb_problem_t **p, apr_pool_t *pool)
{
    kept_t *kept = baton;
    const apr_status_t failure = kept->failure;

    kept->failure = APR_SUCCESS;
    if (failure)
        return eb_problem_set(p, EB_P_SPOOL_FULL, failure, NULL, pool, "full");
    kept->count++;
    kept->last = *mail;
    kept->last.id = apr_pstrdup(kept->pool, mail->id);
    kept->last.process = apr_pstrdup(kept->pool, mail->process);
    kept->last.author = apr_pstrdup(kept->pool, mail->author);
    kept->last.message_type = apr_pstrdup(kept->pool, mail->message_type);
    kept->last.subject = apr_pstrdup(kept->pool, mail->subject);
    eb_mail_content_t *content = apr_pmemdup(kept->pool, mail->contents, sizeof *content);
    content->data = apr_pstrmemdup(kept->pool, content->data, content->len);
    content->type = apr_pstrdup(kept->pool, content->type);
    kept->last.contents = content;
    const char **replies = apr_pcalloc(kept->pool, 2 * sizeof *replies);
    replies[0] = mail->in_reply_to[0] ? apr_pstrdup(kept->pool, mail->in_reply_to[0]) : NULL;
    kept->last.in_reply_to = replies;
    return APR_SUCCESS;
}

static void tell(const char *line)
{
    is_str(xta_tell(server, line), "ok", line);
}

static apr_status_t fetch(kept_t *kept, const eb_transport_t *t, apr_pool_t *pool)
{
    const eb_mailbox_t mailbox = {keep, kept};
    int taken = -1;

    *kept = (kept_t){.failure = kept->failure, .pool = pool};
    problem = NULL;
    apr_status_t rv = eb_xta_fetch(&taken, t, &mailbox, NULL, &problem, pool);
    is_int(taken, kept->count, "as many were taken as were kept");
    if (problem)
        printf("# %s\n", eb_problem_text(problem, pool));
    return rv;
}

/* A message of ours, that can be answered; its id. */
static const char *sent(const eb_transport_t *t, apr_pool_t *pool)
{
    const eb_package_t package = {.uuid = "6fa459ea-ee8a-4ca4-894e-db77e160355e",
                                  .number = NUMBER,
                                  .authority = "05711000",
                                  .schema = "urn:x",
                                  .message = LETTER,
                                  .message_len = strlen(LETTER)};
    eb_job_t job = {.number = NUMBER, .authority = "05711000", .accepted = apr_time_now()};
    eb_xta_view_t view = {NULL, NULL};

    for (int i = 0; i < 3; i++)
        t->step(t, &job, &package, apr_time_now(), NULL, &problem, pool);
    is_int(job.state, EB_JOB_CONFIRMED, "a message is sent");
    eb_xta_view(&view, job.remote, pool);
    return view.message;
}

static void test_answers(const eb_transport_t *t, apr_pool_t *pool)
{
    const char *id = sent(t, pool);
    kept_t kept = {0};

    is_int(fetch(&kept, t, pool), APR_SUCCESS, "an empty mailbox");
    is_int(kept.count, 0, "brings nothing");
    tell("reply receipt");
    is_int(fetch(&kept, t, pool), APR_SUCCESS, "an answer");
    if (!is_int(kept.count, 1, "comes"))
        return;
    is_str(kept.last.in_reply_to[0], id, "to our message");
    is_str(kept.last.process, NUMBER, "about our case");
    is_str(kept.last.author, "ebb:05711000", "from the authority");
    is_str(kept.last.message_type, "0020", "of its type");
    is_str(kept.last.subject,
           "R\xC3\xBC"
           "ckmeldung",
           "with its subject");
    is_str(kept.last.contents[0].type, "application/xml", "in XML");
    ok(strstr(kept.last.contents[0].data, "quittung.0020") &&
           strstr(kept.last.contents[0].data, "</xwas:administration.quittung.0020>"),
       "whole");
    is_str(xta_tell(server, "box"), "0 new, 1 closed", "and leaves the mailbox");
    is_int(fetch(&kept, t, pool), APR_SUCCESS, "again");
    is_int(kept.count, 0, "nothing comes");
    tell("set mtom never");
    tell("reply text");
    fetch(&kept, t, pool);
    is_int(kept.count, 1, "without MTOM it comes as well");
    is_str(kept.last.contents[0].type, "text/plain", "as a text");
    ok(strncmp(kept.last.contents[0].data, "Guten Tag,", 10) == 0, "that can be read");
    tell("reply empty");
    fetch(&kept, t, pool);
    ok(kept.count == 1 && kept.last.contents[0].len == 0, "an empty one");
    tell("set mtom undef");
    tell("reply receipt");
    tell("script list mime-odd");
    tell("script fetch mime-odd");
    tell("script close odd mime-odd");
    is_int(fetch(&kept, t, pool), APR_SUCCESS, "answers that look odd");
    ok(kept.count == 1 && strstr(kept.last.contents[0].data, "quittung.0020>"), "bring one whole");
}

static void test_failures(const eb_transport_t *t, apr_pool_t *pool)
{
    kept_t kept = {0};

    tell("reply receipt 3");
    kept.failure = APR_ENOSPC;
    is_int(fetch(&kept, t, pool), APR_ENOSPC, "one that cannot be kept");
    is_int(kept.count, 2, "is not in the others' way");
    is_int(problem->number, EB_P_SPOOL_FULL, "and tells why");
    is_str(xta_tell(server, "box"), "1 new, 6 closed", "it stays");
    is_int(fetch(&kept, t, pool), APR_SUCCESS, "until the next time");
    is_int(kept.count, 1, "then it comes");

    tell("reply receipt");
    tell("script close ok 503");
    ok(fetch(&kept, t, pool) != APR_SUCCESS, "a lost close");
    is_int(kept.count, 1, "comes after the message was kept");
    is_int(fetch(&kept, t, pool), APR_SUCCESS, "which comes");
    is_int(kept.count, 1, "once more");
    is_str(xta_tell(server, "box"), "0 new, 8 closed", "and is closed");

    tell("reply receipt 2");
    tell("script fetch 9030 ok");
    ok(fetch(&kept, t, pool) != APR_SUCCESS, "a message that cannot be fetched");
    is_int(problem->number, EB_P_XTA_TECHNICAL, "by no fault of ours");
    is_int(kept.count, 1, "does not stop the other");
    fetch(&kept, t, pool);
    is_int(kept.count, 1, "and comes later");
    tell("script list 9011");
    ok(fetch(&kept, t, pool) != APR_SUCCESS, "no list");
    is_int(problem->number, EB_P_XTA_ACCOUNT, "is told");
    is_str(xta_tell(server, "refused"), "none", "no request of ours was wrong");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_transport_t *transport = NULL;
    const char *why;
    kept_t kept = {0};

    server = xta_server(&why, pool);
    if (!server) {
        skip(1, why);
        return done();
    }
    eb_xta_settings_t settings = xta_settings(server);
    is_int(eb_xta_transport(&transport, &settings, &problem, pool), APR_SUCCESS, "a transport");
    test_answers(transport, pool);
    test_failures(transport, pool);
    settings.msgbox_url = NULL;
    eb_xta_transport(&transport, &settings, &problem, pool);
    const eb_mailbox_t mailbox = {keep, &kept};
    int taken;
    is_int(eb_xta_fetch(&taken, transport, &mailbox, NULL, &problem, pool), APR_ENOTIMPL,
           "without a mailbox there is nothing to fetch");
    xta_server_end(server);
    return done();
}
