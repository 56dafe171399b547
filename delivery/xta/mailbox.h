/* The way back: what authorities write to the portal waits in its mailbox at the XTA server, is
 * fetched from there, and handed to whoever keeps it. It is taken out of the mailbox when it has
 * been kept, not before: so nothing is lost, and after a failure the same may come again. */
#ifndef EB_XTA_MAILBOX_H
#define EB_XTA_MAILBOX_H

#include "delivery/transport.h"

#define EB_MAIL_MAX (10 * 1000 * 1000) /* bytes of a message; a larger one stays where it is */

typedef struct eb_mail_content_t {
    const char *type, *name, *encoding, *description; /* "" when not said; as strangers write */
    const char *data;
    apr_size_t len;
} eb_mail_content_t;

typedef struct eb_mail_t {
    const char *id;                 /* its message id: the same message has the same one again */
    const char *const *in_reply_to; /* ids of messages of ours, up to a NULL */
    const char *process;            /* our number (Vorgangsnummer) as it was repeated, or "" */
    const char *file_number;        /* the authority's own, or "" */
    const char *author;             /* who writes: "ebb:…" */
    const char *message_type, *schema, *subject;
    bool test;
    const eb_mail_content_t *contents; /* the message first, then its attachments */
    int count;
} eb_mail_t;

typedef struct eb_mailbox_t {
    /* Keeps a message durably; one that is kept already is a success. Any failure leaves it in the
     * mailbox for the next time; APR_NOTFOUND without a problem: it is to stay there, and nothing
     * is wrong with it. The mail lives as long as the call. */
    apr_status_t (*take)(void *baton, const eb_mail_t *mail, eb_problem_t **problem,
                         apr_pool_t *pool);
    void *baton;
} eb_mailbox_t;

/* What is new, one message after another; *taken counts them, those before a failure as well. A
 * message that cannot be read or kept does not keep the others from coming: it stays, and the last
 * such problem is returned. APR_EINTR: `stop` said so. APR_ENOTIMPL, without a problem: the
 * settings name no mailbox. Others may fetch from the same mailbox meanwhile: what they take out is
 * no failure, and what they fetch at the same time is taken twice. */
apr_status_t eb_xta_fetch(int *taken, const eb_transport_t *transport, const eb_mailbox_t *mailbox,
                          const eb_stop_t *stop, eb_problem_t **problem, apr_pool_t *pool);

#endif
