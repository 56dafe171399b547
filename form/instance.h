/* The answers of one application. Values are texts in canonical form (or, when an applicant left a
 * page half-way, as typed); NULL is "not answered". A row is an array over the slots of its scope,
 * so that reading an answer is one index. */
#ifndef EB_INSTANCE_H
#define EB_INSTANCE_H

#include "form.h"
#include "base/buf.h"

typedef struct eb_row_t {
    const char **values; /* scope->fields_count */
} eb_row_t;

typedef struct eb_list_t {
    eb_row_t *rows; /* count */
    int count;
} eb_list_t;

typedef struct eb_instance_t {
    const eb_form_t *form;
    eb_row_t root;
    eb_list_t *lists;                     /* form->repeats_count */
    unsigned char seen[EB_STEPS_MAX / 8]; /* steps that the applicant has finished with "weiter" at
                                             least once, a bit each */
    apr_pool_t *pool;
} eb_instance_t;

#define EB_ROOT         (-1)         /* in place of an entry index */
#define EB_INSTANCE_MAX (768 * 1024) /* bytes of an encoded instance */
#define EB_ENTRIES_MAX  200          /* entries of a repeat, whatever its step says */

eb_instance_t *eb_instance_new(const eb_form_t *form, apr_pool_t *pool); /* empty */
/* The row in which the fields of node's scope live; `entry` counts from 0 and is ignored for the
 * root scope. NULL when there is no such entry. */
eb_row_t *eb_instance_row(const eb_instance_t *in, const eb_scope_t *scope, int entry);
const char *eb_instance_get(const eb_instance_t *in, const eb_node_t *field,
                            int entry); /* NULL = not answered */
void eb_instance_set(eb_instance_t *in, const eb_node_t *field, int entry,
                     const char *value); /* keeps the pointer; NULL or "" = unanswered */
apr_status_t eb_instance_add(eb_instance_t *in, const eb_node_t *repeat, int max,
                             int *entry); /* APR_ENOSPC at max; steps that ask more about the
                                             entries are no longer seen */
apr_status_t eb_instance_remove(eb_instance_t *in, const eb_node_t *repeat,
                                int entry); /* APR_NOTFOUND */

bool eb_instance_seen(const eb_instance_t *in, const eb_step_t *step);
void eb_instance_set_seen(eb_instance_t *in, const eb_step_t *step, bool seen);

/* The stored form of a draft: only what is answered, by slot; see instance_codec.c. Decoding copies
 * nothing: values point into `data`, which must outlive the instance. It is strict (APR_EINVAL),
 * though its input was sealed by ourselves. */
void eb_instance_encode(eb_buf_t *out, const eb_instance_t *in);
apr_status_t eb_instance_decode(eb_instance_t **in, const eb_form_t *form, const void *data,
                                apr_size_t len, apr_pool_t *pool);

#endif
