/* The answer to "please enclose this document": the files that were uploaded for it, in their
 * order, and whether (more of) it will follow later. It is a text like every other answer, of the
 * type eb:files, so that drafts, rules, repeats and pruning need nothing special; the bytes of the
 * files live in the store, under their ids. The text has a line per file (files.c), after a first
 * line "spaeter" where the document is to follow. */
#ifndef EB_FILES_H
#define EB_FILES_H

#include "rules.h"

#define EB_FILES_MAX     60         /* files of one answer, whatever the directives say */
#define EB_FILES_LATER   ".spaeter" /* behind an upload control's param: its box, value "ja" */
#define EB_FILE_ID_LEN   22         /* base64url of 16 random bytes */
#define EB_FILE_NAME_MAX 120        /* characters of a name as shown */

typedef enum {
    EB_FILE_CLEAN,    /* a scanner found nothing */
    EB_FILE_PENDING,  /* the scanner was away: looked at again before the application is sent */
    EB_FILE_UNSCANNED /* no scanner is asked here */
} eb_file_scan_t;

typedef struct eb_file_t {
    const char *id;
    const char *name; /* for people: as uploaded, made harmless by eb_file_name(); never a path */
    const char *type; /* "application/pdf", "image/jpeg", "image/png" */
    apr_uint64_t size;
    eb_file_scan_t scan;
} eb_file_t;

typedef struct eb_files_t {
    bool later; /* "reiche ich nach" */
    eb_file_t *list;
    int count;
} eb_files_t;

/* Of an answer; NULL is none. APR_EINVAL: not what eb_files_text() writes; *files is then none. */
apr_status_t eb_files_parse(eb_files_t *files, const char *value, apr_pool_t *pool);
/* NULL when there is neither a file nor a promise. Each file has an id of its own, one of the three
 * types, a name out of eb_file_name(); at most EB_FILES_MAX. */
const char *eb_files_text(const eb_files_t *files, apr_pool_t *pool);
/* A browser's file name for showing: the part behind the last slash or backslash, in NFC, without
 * control characters and direction marks, at most EB_FILE_NAME_MAX characters with its ending kept;
 * "Datei" when nothing is left. Characters beyond DIN 91379 become '_', since it goes into the
 * message. Always a copy in the pool. */
const char *eb_file_name(const char *typed, apr_pool_t *pool);
const char *eb_file_ending(const eb_file_t *file); /* by its type, without dot: "pdf" */

/* One file of an application. */
typedef struct eb_document_t {
    const eb_node_t *node; /* the field it answers; node->name is the kind of document */
    int entry;
    int number; /* counts from 1 through the whole list */
    eb_file_t file;
    const char *safe_name; /* "03-geburtsurkunde.pdf": for the receiver's file system */
} eb_document_t;

/* Every file in the answers, in the order in which the form asks for them, and for each field in
 * the order of the entries; with `applying` only those of fields that apply (what the message will
 * name). An array of eb_document_t, in c->pool. c->entry does not matter. */
apr_array_header_t *eb_documents_list(const eb_context_t *c, bool applying);
/* Those of `before` that `after` has not: of which the bytes can go, once `after` is stored. */
apr_array_header_t *eb_documents_gone(const apr_array_header_t *before,
                                      const apr_array_header_t *after, apr_pool_t *pool);

#endif
