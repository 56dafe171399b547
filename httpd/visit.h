/* One request to a form: where it points, who sent it, what is stored for them, and the small steps
 * from which the pages' handlers are put together. A step that answers the request itself returns
 * what the handler then returns; EB_GO_ON means that the next step may run. */
#ifndef EB_VISIT_H
#define EB_VISIT_H

#include "startup.h"
#include "ticket.h"
#include "store/draft.h"

#define EB_GO_ON DECLINED

typedef struct eb_visit_t {
    request_rec *r;
    apr_pool_t *pool; /* the request's */
    apr_time_t now;
    bool tls;
    const eb_server_t *server;
    const eb_authority_t *authority;
    const eb_form_use_t *use;
    const eb_edition_t *edition; /* the draft's; for a new visitor the current one */
    const char *cookie;          /* its name */
    const eb_tongue_t *tongue;   /* named in the address; NULL: none, which is German */
    const char *base;            /* with it: "/antrag/tr" */
    const char *path;            /* below that: "/person" */
    eb_drafts_t drafts;

    /* where it points: routes.c */
    const eb_step_t *step;
    const eb_page_t *page; /* NULL: the list of a repeat's entries */
    int entry;             /* EB_ROOT outside of entries */
    bool fresh;            /* the entry is one that is being added */
    const char *file;      /* id of the uploaded file that is meant, or NULL */

    /* who sent it: session.c */
    eb_draft_t *draft;  /* NULL: a new visitor */
    apr_time_t expires; /* of the draft as it was loaded; 0 = new */
    eb_instance_t *in;  /* the answers: stored ones, then with what was typed */
    eb_context_t c;
    bool sending; /* somebody is just sending this draft */

    /* what was sent: body.c, post.c */
    eb_params_t params;
    eb_ticket_t ticket;

    /* for the answer */
    apr_uint64_t digest; /* of the stored answers that the page shows */
    const eb_errors_t *errors;
    bool stale;
    bool ended;          /* what was typed belongs to no draft (any more) */
    const char *address; /* of the page that is shown, whatever its language */
} eb_visit_t;

static inline const char *eb_visit_text(const eb_visit_t *v, eb_text_id_t id)
{
    return eb_pages_text(v->edition->pages, id);
}

/* The form at this place as it is now, in the language of the request. */
static inline const eb_edition_t *eb_visit_current(const eb_visit_t *v)
{
    return v->use->edition->in[v->tongue != NULL ? v->tongue->number : 0];
}

/* --- tongue.c: the language of the answer --- */
/* Takes it from the path below the use's base; fills tongue, base, path and address. */
void eb_tongue_enter(eb_visit_t *v, const char *path);
/* To the same page in the language that this visitor wants, where the address names none: by the
 * draft, or for a new visitor by the browser. EB_GO_ON: it is in that language. */
int eb_tongue_lead(eb_visit_t *v);
void eb_tongue_note(eb_visit_t *v); /* in the draft, with what is stored next */
bool eb_tongue_noted(const eb_visit_t *v);

/* --- session.c: cookie and draft --- */
int eb_visit_load(eb_visit_t *v);    /* a visitor without cookie gets empty answers */
int eb_visit_editing(eb_visit_t *v); /* loads, and goes on unless the draft was sent */
/* The same for a page that was filled in: of a draft that has gone nothing but that is left, so
 * that it can be shown again (`ended`). */
int eb_visit_typing(eb_visit_t *v);
int eb_visit_save(eb_visit_t *v); /* the answers, and the cookie with the first of them */
/* The same without an answer to the request, for a draft that exists: as eb_draft_save(). */
apr_status_t eb_visit_store(eb_visit_t *v, eb_problem_t **problem);
bool eb_visit_changed(const eb_visit_t *v); /* the answers differ from the stored ones */
/* What could not be stored, as a page. */
int eb_visit_not_stored(eb_visit_t *v, apr_status_t rv, const eb_problem_t *problem);
/* The draft again, after somebody else was faster: APR_NOTFOUND when it has gone. */
apr_status_t eb_visit_reload(eb_visit_t *v);
apr_status_t eb_visit_decode(eb_instance_t **in, const eb_visit_t *v); /* what is stored */
void eb_visit_set_cookie(eb_visit_t *v);
void eb_visit_forget_cookie(eb_visit_t *v);

/* --- post.c: what all POSTs have in common --- */
/* Checks where the request comes from, reads and decodes its body. */
int eb_post_read(eb_visit_t *v);
/* The answer to a body that could not be read; `status` from eb_body_…(). */
int eb_post_broken(eb_visit_t *v, apr_status_t rv, int status);
eb_ticket_verdict_t eb_post_ticket(eb_visit_t *v);
bool eb_post_pressed(const eb_visit_t *v, const char *button);
/* The page's stored answers differ from those it was rendered from, by another hand. */
bool eb_post_conflict(const eb_visit_t *v);

/* --- body.c --- */
/* Every byte of a body, as it comes, to `take`; what that returns but
 * APR_SUCCESS ends it. Failures of the connection set *status (0 otherwise). */
typedef apr_status_t eb_body_take_t(void *baton, const char *data, apr_size_t len);
apr_status_t eb_body_stream(eb_body_take_t *take, void *baton, int *status, request_rec *r);
/* The whole body with room for a NUL behind it. APR_ENOSPC: larger than EB_BODY_MAX. */
apr_status_t eb_body_read(char **body, apr_size_t *len, int *status, request_rec *r);
bool eb_origin_ours(const eb_visit_t *v); /* origin.c */

/* --- receive.c: a POST with files --- */
bool eb_post_multipart(const eb_visit_t *v); /* it says that it is one */
/* Fields go to v->params, files, one after another, into store and answers, each of them durably
 * before the next is looked at. The ticket comes before the first file. *errors: one for each file
 * that was refused. */
int eb_receive(eb_visit_t *v, eb_errors_t *errors);

/* --- incoming.c: one file on its way in --- */
typedef struct eb_incoming_t eb_incoming_t;
apr_status_t eb_incoming_begin(eb_incoming_t **file, eb_visit_t *v, const eb_control_t *control,
                               const char *name, const char *type, eb_problem_t **problem);
/* A failure is one of the store. What is wrong with the file is kept for the end. */
apr_status_t eb_incoming_take(eb_incoming_t *file, const char *data, apr_size_t len,
                              eb_problem_t **problem);
/* Puts the file into the answers. A refused file is an error in `errors`, and no failure. */
apr_status_t eb_incoming_finish(eb_incoming_t *file, eb_errors_t *errors, eb_problem_t **problem);
const char *eb_incoming_refusal(eb_visit_t *v, const char *name, const char *why);

/* --- files.c: the uploaded files of the answers --- */
/* Which control of the page asks for files under this name, and may take some now. */
const eb_control_t *eb_files_control(const eb_visit_t *v, const char *param);
/* NULL: there is room for one more of `size` bytes; else a sentence that says what is full. */
const char *eb_files_full(const eb_visit_t *v, apr_uint64_t size);
const char **eb_files_ids(const apr_array_header_t *documents, apr_pool_t *pool);
void eb_files_name(eb_visit_t *v); /* tells the draft which files live with it */
#define EB_FILES_TRIES 60          /* as many windows may upload at the same moment */
/* What is stored by now, in place of what this request began with. False: the draft was sent or has
 * gone, or the entry of v->page is not the same any more. */
bool eb_files_follow(eb_visit_t *v);
/* A file that cannot stay: it goes from answers and store, and its page is shown with the reason.
 */
int eb_files_drop(eb_visit_t *v, const eb_document_t *d, const char *why);
/* Removes stored files whose answers have gone; best effort, they expire anyway. */
void eb_files_forget(eb_visit_t *v, const char *const *ids, int count);

/* --- scan.c --- */
/* Shows the files that no scanner has seen yet to it again. A file in which malware is found is
 * removed, and its page shown. *waiting: some are still unseen, and may not be sent so. */
int eb_scan_pending(eb_visit_t *v, bool *waiting);

/* --- page_step.c --- */
int eb_step_open(eb_visit_t *v); /* the page belongs to this application */
int eb_step_draw(eb_visit_t *v, int status);

/* --- reply.c --- */
void eb_view_fill(eb_view_t *view, const eb_visit_t *v);
int eb_reply_page(eb_visit_t *v, int status, eb_buf_t *page);
int eb_reply_data(eb_visit_t *v, const char *type, const char *data, apr_size_t len);
int eb_reply_notice(eb_visit_t *v, eb_notice_t notice);
int eb_reply_see_other(eb_visit_t *v, const char *path); /* below the base: "/aufgaben" */
int eb_reply_moved(eb_visit_t *v, const char *path);
int eb_reply_not_allowed(eb_visit_t *v, const char *allow);
void eb_reply_headers(request_rec *r, bool tls); /* the ones that every answer has */
bool eb_request_is_tls(const request_rec *r);
/* For pages that need nothing but the view. */
int eb_reply_drawn(eb_visit_t *v, int status, void (*draw)(eb_buf_t *, const eb_view_t *));

/* --- way.c: what comes before and after a page --- */
const eb_step_t *eb_way_step_after(const eb_form_t *form, const eb_step_t *step);
const char *eb_way_next(const eb_visit_t *v);
const char *eb_way_back(const eb_visit_t *v);
const char *eb_way_here(const eb_visit_t *v); /* of v->page */
bool eb_way_complete(const eb_visit_t *v);    /* every step that applies is done */

/* --- submit.c --- */
/* A draft that is being sent: found in the outbox, it is marked as sent. */
int eb_submit_resolve(eb_visit_t *v);
/* The message as it would be sent now. */
apr_status_t eb_submit_preview(const char **xml, apr_size_t *len, eb_visit_t *v,
                               eb_problem_t **problem);
int eb_submit_send(eb_visit_t *v); /* accepts the application, answers the request */

/* --- page_pause.c --- */
const char *eb_url(const eb_visit_t *v, const char *path); /* whole, of a path below the base */
/* Counts a try of a code from this network; *left: there was one left. */
apr_status_t eb_visit_try(bool *left, eb_visit_t *v);
/* What is wrong with a code as it was typed, for its owner; NULL: nothing, and `code` is it. */
const char *eb_code_wrong(const eb_visit_t *v, char *code, int groups, const char *typed);

/* --- the pages --- */
int eb_quickcheck(eb_visit_t *v, const char *path); /* page_quickcheck.c */
int eb_get_start(eb_visit_t *v);
int eb_get_tasks(eb_visit_t *v);
int eb_get_review(eb_visit_t *v);
int eb_post_review(eb_visit_t *v);
int eb_get_receipt(eb_visit_t *v);
int eb_get_pause(eb_visit_t *v);
int eb_post_pause(eb_visit_t *v);
int eb_get_resume(eb_visit_t *v);
int eb_post_resume(eb_visit_t *v);
int eb_get_standing(eb_visit_t *v);
int eb_post_standing(eb_visit_t *v);
int eb_get_copy(eb_visit_t *v);
int eb_get_message(eb_visit_t *v);
int eb_get_discard(eb_visit_t *v);
int eb_post_discard(eb_visit_t *v);
int eb_get_step(eb_visit_t *v);
int eb_post_step(eb_visit_t *v);
int eb_post_files(eb_visit_t *v); /* a step's page with files */
int eb_get_file(eb_visit_t *v);   /* removes one */
int eb_post_file(eb_visit_t *v);
int eb_get_entries(eb_visit_t *v);
int eb_post_entries(eb_visit_t *v);
int eb_get_remove(eb_visit_t *v);
int eb_post_remove(eb_visit_t *v);

#endif
