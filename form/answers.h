/* From a request's parameters to answers of one page: the only door through which applicants' texts
 * come in. Names are taken from the form (allow-list); what is not asked on this page is refused,
 * not ignored. */
#ifndef EB_ANSWERS_H
#define EB_ANSWERS_H

#include "rules.h"
#include "urlencoded.h"

typedef enum {
    EB_ANSWERS_OK,
    EB_ANSWERS_UNKNOWN, /* a parameter that this page does not ask */
    EB_ANSWERS_TWICE    /* a parameter given twice where one is asked */
} eb_answers_verdict_t;

/* Puts the parameters into the instance (typed text is normalised: trimmed, line breaks, NFC,
 * canonical form; what has no canonical form is kept as typed, so that the page can show it again)
 * for every relevant control of `page`. A relevant control without a parameter is unanswered
 * (browsers send nothing for an empty choice). Dates come as name.tag, name.monat, name.jahr; month
 * names are understood. Of an upload there is only its box, name.spaeter (files.h): the files it
 * has are kept. Names beginning with "_" belong to the glue and are skipped. Values live in
 * c->pool. Readonly and irrelevant controls take nothing. *culprit is the parameter's name when the
 * verdict is not OK; the instance is then unchanged. */
eb_answers_verdict_t eb_answers_take(eb_instance_t *in, const eb_page_t *page,
                                     const eb_params_t *params, const eb_context_t *c,
                                     const char **culprit);

/* The same for all pages of a form without repeats, one page after another, so that what an answer
 * makes pointless takes nothing. When the verdict is not OK, the instance has the answers of some
 * pages. */
eb_answers_verdict_t eb_answers_take_all(eb_instance_t *in, const eb_params_t *params,
                                         const eb_context_t *c, const char **culprit);
/* Whether a parameter of this name is asked on the page. */
bool eb_answers_asked(const eb_page_t *page, const char *name);

/* The three fields of a date control for a value, never NULL: for a date "24", "3", "1990" (parts
 * that it leaves out are ""), for what was typed and is none the texts as typed. `value` may be
 * NULL. */
void eb_answers_date_parts(const char *value, const char **day, const char **month,
                           const char **year, apr_pool_t *pool);

/* A 64 bit digest of the page's present answers (FNV-1a; not secret): a page carries the one it was
 * rendered from, so that a second tab's change is noticed where it matters, and nowhere else.
 * Uploads are left out: files that came meanwhile contradict nothing. */
apr_uint64_t eb_answers_digest(const eb_instance_t *in, const eb_page_t *page, int entry);
/* The same of everything in the field's row but its files: two entries that agree in it are the
 * same. 0: there is no such entry. */
apr_uint64_t eb_answers_row_digest(const eb_instance_t *in, const eb_node_t *field, int entry);

#endif
