/* What a job of this transport remembers from step to step: eb_job_t.remote, JSON. It is kept
 * unsealed, so there is nothing of the application in it, and no secret: a wrapped key opens for
 * the destination only. */
#ifndef EB_FIT_MEMORY_H
#define EB_FIT_MEMORY_H

#include "jwe.h"

#include <apr_tables.h>
#include <apr_time.h>
#include <jansson.h>

#define EB_FIT_ATTEMPT_LEN     16  /* hex digits */
#define EB_FIT_ATTACHMENTS_MAX 200 /* a job's file holds that many wrapped keys */

/* A part of the submission: metadata, data, then the attachments in the package's order. */
enum { EB_FIT_METADATA, EB_FIT_DATA, EB_FIT_ATTACHMENT };
typedef struct eb_fit_part_t {
    const char *wrapped; /* NULL: it is through and will not be sent again */
    const char *tag;     /* NULL: not known yet */
} eb_fit_part_t;

typedef struct eb_fit_memory_t {
    const char *attempt; /* drawn for each announcement; keys and ids hang on it */
    const char *destination, *kid;
    const char *submission, *case_id;
    apr_time_t announced, submitted; /* whole seconds; 0 = not yet */
    int restarts;                    /* new announcements since a person last had a look */
    const char *ended;               /* "rejected", "deleted", "refused"; NULL: it goes on */
    /* What the metadata hang on beside the package: the configuration may change in between. */
    const char *version, *schema, *mime_type, *service, *service_name;
    const char *author, *product, *product_version, *manufacturer;
    eb_fit_part_t *parts;
    int parts_count;
    apr_array_header_t *noted; /* of const char *: events (by hash) and keys in the journal */
} eb_fit_memory_t;

/* An empty one, for a package of so many attachments. */
eb_fit_memory_t *eb_fit_memory_new(int attachments, apr_pool_t *pool);
/* The text for job->remote. NULL: no memory. */
const char *eb_fit_memory_text(const eb_fit_memory_t *memory, apr_pool_t *pool);
/* The reverse. APR_EINVAL: it is not one, or one of another number of attachments (-1: any). */
apr_status_t eb_fit_memory_read(eb_fit_memory_t **memory, const char *text, int attachments,
                                apr_pool_t *pool);

/* Before there is a submission: how often it was begun anew, and why it ended (or NULL). */
const char *eb_fit_start_text(int restarts, const char *ended, apr_pool_t *pool);
void eb_fit_start_read(int *restarts, const char **ended, const char *text, apr_pool_t *pool);

bool eb_fit_noted(const eb_fit_memory_t *memory, const char *what);
void eb_fit_note(eb_fit_memory_t *memory, const char *what, apr_pool_t *pool);

/* "submission=… case=…", for the journal. */
const char *eb_fit_memory_detail(const eb_fit_memory_t *memory, apr_pool_t *pool);

#endif
