/* The pages, as HTML. Templates are compiled when httpd starts (labels escaped, code lists laid
 * out); rendering fills the holes of one request into an eb_buf_t. Nothing here knows HTTP: the
 * glue chooses page and status.
 *
 * Paths below the service's base ("/antrag"):
 *   /                     start page            /aufgaben               task list
 *   /<step>               a step's page, or the list of a repeat's entries
 *   /<step>/<n>           first page of entry n (from 1; n = count+1 is a new one)
 *   /<step>/<n>/<page>    another page of it
 *   /<step>/<n>/entfernen confirm and remove an entry
 *   <page of a step>/datei/<id>   confirm and remove an uploaded file
 *   /pruefen  review      /quittung receipt     /loeschen  discard the draft
 *   /kopie  to print      /kopie.xml  the message
 *   /unterbrechen         the code to go on with elsewhere
 *   /fortsetzen           where it is typed     /status    how far an application has got
 *   /-/<file>             style sheets, fonts, script
 */
#ifndef EB_PAGE_H
#define EB_PAGE_H

#include "form/answers.h"
#include "form/files.h"
#include "base/date.h"
#include "texts.h"

typedef struct eb_pages_t eb_pages_t; /* the compiled templates of one form */

/* What a vhost's authority puts on every page; plain text, escaped once by eb_site_prepare(). NULL
 * = not configured. */
typedef struct eb_site_t {
    const char *name;    /* "Stadt Musterstadt, Einbürgerungsbehörde" */
    const char *address; /* one line per '\n' */
    const char *phone, *mail, *hours;
    const char *imprint_url, *privacy_url, *accessibility_url;
    const char *easy_url, *sign_url, *languages_url; /* explanations; see start.c */
    const char *theme_url;                           /* own style sheet, or NULL */
    bool test;        /* a test installation: says so on every page */
    const char *head; /* prepared HTML; see eb_site_prepare() */
} eb_site_t;

/* What may be uploaded; told to people before they try. */
typedef struct eb_upload_limits_t {
    apr_uint64_t file, total; /* bytes */
    int count;                /* files of one application */
} eb_upload_limits_t;

/* "1,2 MB", "340 KB", "12 Byte"; a megabyte has 1024 * 1024. */
const char *eb_size(const eb_pages_t *pages, apr_uint64_t bytes, apr_pool_t *pool);
const char *eb_megabytes(const eb_pages_t *pages, apr_uint64_t bytes, apr_pool_t *pool); /* "1,2" */

/* A language in which the service can be had. */
typedef struct eb_tongue_t {
    const char *code; /* BCP 47: "tr" */
    const char *name; /* as its speakers call it */
    bool rtl;
    const char *base; /* of the same pages in it: "/antrag/tr" */
    int number;       /* the glue's */
} eb_tongue_t;

/* What one request knows. Everything is borrowed for the call. */
typedef struct eb_view_t {
    const eb_pages_t *pages;
    const eb_site_t *site;
    const char *base;           /* "/antrag", "" for the server's root */
    const char *asset_base;     /* "/antrag/-/<hash>" */
    const char *path;           /* of this page below its base: "/person" */
    const eb_tongue_t *tongues; /* what can be chosen; one alone is no choice */
    int tongues_count;
    const eb_instance_t *in; /* never NULL: empty for a new visitor */
    eb_context_t c;          /* c.in == in */
    const char *ticket;      /* goes into the hidden field "_ticket" of every form */
    eb_date_t deletion; /* last day on which the draft exists; year 0 = nothing is stored yet */
    const eb_errors_t *errors;        /* NULL = none; then status 422 */
    const eb_upload_limits_t *limits; /* for pages with uploads */
    const char *neighbour;            /* base of this vhost's Quick-Check; for a Quick-Check, of the
                                         application it prepares for; NULL: none is configured */
    bool ended; /* what was typed belongs to no draft (any more): nothing was stored */
    bool sent;  /* the application is accepted */
    bool bare;  /* … and its message was too large to be kept: /kopie.xml has nothing to give */
    bool stale; /* the page lay open too long, or was opened before the draft: "bitte noch einmal
                   absenden" */
} eb_view_t;

typedef struct eb_receipt_t { /* receipt page */
    const char *number;       /* Vorgangsnummer */
    apr_time_t accepted;      /* when it was on stable storage */
    const char *code;         /* for the status page, as it is shown */
    const char *url;          /* of the status page, whole */
} eb_receipt_t;

/* A copy to print. */
typedef struct eb_paper_t {
    const char *number;
    apr_time_t time; /* v->sent: when it was accepted; else of the last change */
} eb_paper_t;

/* The page for those who interrupt. */
typedef struct eb_pause_t {
    const char *code; /* as it is shown; NULL: not yet */
    const char *url;  /* where it is typed, whole */
} eb_pause_t;

typedef enum {
    EB_STANDING_RECEIVED,
    EB_STANDING_LATE,    /* received, and longer on its way than usual */
    EB_STANDING_PROBLEM, /* received, and a person must look after it */
    EB_STANDING_HANDED,  /* handed over */
    EB_STANDING_ASTRAY,  /* handed over, and a person must look after it */
    EB_STANDING_ARRIVED  /* the authority has it */
} eb_standing_state_t;

typedef struct eb_answer_t { /* of the authority, that came by itself */
    bool receipt;            /* the application is there; else it has written something */
    apr_time_t at;
} eb_answer_t;

typedef struct eb_standing_t {
    const char *number;
    eb_standing_state_t state;
    apr_time_t accepted, changed;
    const eb_answer_t *answers; /* as they came */
    int answers_count;
} eb_standing_t;

/* The hidden field and the buttons: names that pages and glue share. */
#define EB_FIELD_TICKET "_ticket"
#define EB_BUTTON_NEXT  "_weiter"
#define EB_BUTTON_BACK  "_zurueck"
#define EB_BUTTON_PAUSE "_pause"
#define EB_BUTTON_LANGUAGE                                                                         \
    "_sprache"                         /* sent to the page in another language: stores, and stays  \
                                        */
#define EB_FIELD_CONFIRM "_bestaetigt" /* review: the confirmation box, value "ja" */
#define EB_BUTTON_SHOW   "_anzeigen"   /* the code */
#define EB_BUTTON_LEAVE  "_schliessen" /* forgets the draft in this browser */
#define EB_FIELD_WARNED  "_gesehen"    /* the warnings that a page showed: eb_rules_warn_mark */
#define EB_FIELD_CODE    "code"
#define EB_FIELD_NUMBER  "nummer"
#define EB_BUTTON_UPLOAD "_hochladen" /* stores the chosen files, shows the page again */
#define EB_BUTTON_UP     "_hoch."     /* and a file's id: moves it before its predecessor */

/* A text that the glue says, in the language of the pages. */
const char *eb_pages_text(const eb_pages_t *pages, eb_text_id_t id);

/* In the language of the form. */
apr_status_t eb_pages_compile(eb_pages_t **pages, const eb_form_t *form, eb_problem_t **problem,
                              apr_pool_t *pool);
void eb_site_prepare(eb_site_t *site, apr_pool_t *pool); /* fills head */

void eb_page_start(eb_buf_t *out, const eb_view_t *v);
void eb_page_tasks(eb_buf_t *out, const eb_view_t *v);
/* A page with controls; v->c.entry is the entry or EB_ROOT. */
void eb_page_step(eb_buf_t *out, const eb_view_t *v, const eb_page_t *page);
void eb_page_entries(eb_buf_t *out, const eb_view_t *v,
                     const eb_step_t *step); /* list of a repeat */
void eb_page_remove(eb_buf_t *out, const eb_view_t *v, const eb_step_t *step); /* v->c.entry */
/* Confirm the removal of an uploaded file of this page. */
void eb_page_file(eb_buf_t *out, const eb_view_t *v, const eb_page_t *page,
                  const eb_control_t *control, const eb_file_t *file);
void eb_page_review(eb_buf_t *out,
                    const eb_view_t *v); /* errors: about the confirmation, node NULL */
/* With a copy of all answers, as long as v->in still has them. */
void eb_page_receipt(eb_buf_t *out, const eb_view_t *v, const eb_receipt_t *receipt);
void eb_page_discard(eb_buf_t *out, const eb_view_t *v);
void eb_page_copy(eb_buf_t *out, const eb_view_t *v, const eb_paper_t *paper);
void eb_page_pause(eb_buf_t *out, const eb_view_t *v, const eb_pause_t *pause);
/* `typed`: the code, or NULL. */
void eb_page_resume(eb_buf_t *out, const eb_view_t *v, const char *typed);
/* errors: parts 0 about the number, 1 about the code. */
void eb_page_ask(eb_buf_t *out, const eb_view_t *v, const char *number, const char *code);
void eb_page_standing(eb_buf_t *out, const eb_view_t *v, const eb_standing_t *standing);
/* Somebody else's change: shows what is stored now beside what was typed, and lets the applicant
 * decide (409). `typed` is an instance. */
void eb_page_conflict(eb_buf_t *out, const eb_view_t *v, const eb_page_t *page,
                      const eb_instance_t *typed);

/* Everything that went wrong, as a page: title, what happened, what to do, a link. */
typedef enum {
    EB_NOTICE_CLOSED,      /* 200 this browser has forgotten the draft, as asked */
    EB_NOTICE_DISCARDED,   /* 200 the draft is deleted, as asked */
    EB_NOTICE_BAD_REQUEST, /* 400 */
    EB_NOTICE_BAD_FIELD,   /* 400 unknown or repeated field */
    EB_NOTICE_FOREIGN, /* 403 the request came from another site, or its ticket is another visitor's
                        */
    EB_NOTICE_NOT_FOUND,       /* 404 no such page */
    EB_NOTICE_DRAFT_GONE,      /* 404 the draft has expired or was deleted */
    EB_NOTICE_NO_DRAFT,        /* 403 the page needs a draft, there is no cookie */
    EB_NOTICE_METHOD,          /* 405 */
    EB_NOTICE_NOT_ASKED,       /* 409 this step does not belong to this application */
    EB_NOTICE_INCOMPLETE,      /* 409 review or submission before everything is answered */
    EB_NOTICE_SUBMITTED,       /* 409 already sent: nothing can be changed */
    EB_NOTICE_OPEN_HERE,       /* 409 a code was typed where another draft is open */
    EB_NOTICE_RACE,            /* 409 another window was saved at the same moment */
    EB_NOTICE_TOO_LARGE,       /* 413 */
    EB_NOTICE_FILES_TOO_LARGE, /* 413 an upload beyond all limits, cut off */
    EB_NOTICE_NO_ROOM,         /* 507 Redis has no room for files: the draft is kept */
    EB_NOTICE_SCANNING,        /* 503 submission waits: files are still to be scanned for malware */
    EB_NOTICE_MEDIA_TYPE,      /* 415 */
    EB_NOTICE_FULL,            /* 409 no more entries than `max` */
    EB_NOTICE_UNAVAILABLE,     /* 503 Redis is away: nothing is lost */
    EB_NOTICE_NOT_ACCEPTED, /* 503 the outbox is full or broken: not sent yet, the draft is kept */
    EB_NOTICE_OTHER_NODE,   /* 503 begun on another server, which is away */
    EB_NOTICE_NOT_SENDABLE, /* 500 the message did not pass its schema: the operator is told, the
                               draft is kept */
    EB_NOTICE_FORM_GONE,    /* 503 the draft's form definition is not installed */
    EB_NOTICE_COUNT
} eb_notice_t;
int eb_notice_status(eb_notice_t notice);
void eb_page_notice(eb_buf_t *out, const eb_view_t *v, eb_notice_t notice);
/* The steps that are not DONE, for EB_NOTICE_INCOMPLETE, are found by the page itself through v. */

#endif
