/* Answers of authorities, kept. An answer is what an application is, the other way round: it is
 * frozen into a package, sealed, lies durably in the outbox, once, and goes when its receiver has
 * it, who is a person here. So each authority has a part of its outbox for them, and whatever
 * lists, counts, exports, confirms or seals anew does that for answers as well. The route that
 * serves this part (eb_replies_transport()) finds out what an answer is:
 *
 *   queued      it has come, and is not looked at yet
 *   announced   it is valid, and about an application that we know; `remote` says what it is
 *   held        a person must read it: a letter, a refusal, or one that is not valid or not ours
 *   confirmed   read, or a receipt, of which nothing but its record need stay */
#ifndef EB_REPLIES_H
#define EB_REPLIES_H

#include "transport.h"
#include "delivery/xta/mailbox.h"
#include "message/reply.h"

/* The part of an authority's outbox: "05711000-replies". */
#define EB_REPLIES_SUFFIX "-replies"
const char *eb_replies_part(const char *authority, apr_pool_t *pool);

/* --- keeping them --- */

/* An authority that may write to a mailbox. */
typedef struct eb_replies_desk_t {
    const char *authority, *part;
    const char *author; /* as it signs: "ebb:05711000" */
    bool test;          /* tests are answered by tests */
    eb_outbox_t *box;
} eb_replies_desk_t;

typedef struct eb_replies_office_t {
    const eb_replies_desk_t *desks; /* one at least: the first keeps what is nobody's */
    int count;
    bool leave; /* what is about none of our applications stays in the mailbox, for another host */
    apr_time_t now;
} eb_replies_office_t;

/* A take() of eb_mailbox_t, whose baton is an office. Several nodes may keep the same message at
 * once: it has one name in an outbox that they share. */
apr_status_t eb_replies_take(void *office, const eb_mail_t *mail, eb_problem_t **problem,
                             apr_pool_t *pool);

/* What moves them on, for eb_dispatcher_serve(). */
void eb_replies_transport(eb_transport_t *transport, const eb_reply_rules_t *rules);

/* --- looking at them --- */

typedef struct eb_reply_t {
    eb_reply_kind_t kind;
    apr_time_t at; /* when it came */
} eb_reply_t;

/* The valid ones about an application, as they came, without what has gone wrong: an array of
 * eb_reply_t. The caller has made sure that it may know. */
apr_status_t eb_replies_about(apr_array_header_t **replies, eb_outbox_t *box, const char *authority,
                              const char *number, eb_problem_t **problem, apr_pool_t *pool);

#endif
