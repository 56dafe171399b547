/* The inside of the XTA transport, for its own files only. */
#ifndef EB_XTA_PARTS_H
#define EB_XTA_PARTS_H

#include "answer.h"
#include "certificate.h"
#include "fault.h"
#include "soap.h"
#include "xta.h"
#include "delivery/http.h"

typedef struct eb_xta_t {
    eb_transport_t transport;
    eb_xta_settings_t settings; /* with what NULL and 0 mean filled in */
    eb_http_t *http;
    apr_array_header_t *own, *reader; /* certificates; reader NULL: contents go in the clear */
    bool sha1;
} eb_xta_t;

/* One question and what came of it. */
typedef struct eb_xta_asked_t {
    eb_xta_answer_t answer;
    const eb_xta_fault_t *fault;     /* the server's, or NULL */
    apr_interval_time_t retry_after; /* 0: nothing was said */
} eb_xta_asked_t;

/* FORWARD: an answer that is no fault. All others but STOPPED have their problem. */
eb_step_result_t eb_xta_ask(eb_xta_asked_t *asked, const eb_xta_t *xta, const eb_soap_t *soap,
                            const eb_content_t *contents, int count, const eb_stop_t *stop,
                            eb_problem_t **problem, apr_pool_t *pool);
/* The answer is not what it should be: WAIT, with EB_P_XTA_ANSWER. */
eb_step_result_t eb_xta_odd(const eb_soap_t *soap, const char *what, eb_problem_t **problem,
                            apr_pool_t *pool);

/* What a job remembers, from `announced` on. */
typedef struct eb_xta_memory_t {
    const char *message; /* its id */
    const char *light;   /* of the last report, or NULL */
    int looks;           /* at reports */
    apr_time_t yellow;   /* since when; 0: it is not */
    apr_time_t rest;     /* held without asking the server until then; 0: it is not */
} eb_xta_memory_t;
#define EB_XTA_FOR_GOOD ((apr_time_t)1 << 62)
/* APR_EINVAL. */
apr_status_t eb_xta_memory_read(eb_xta_memory_t *memory, const char *text, apr_pool_t *pool);
const char *eb_xta_memory_write(const eb_xta_memory_t *memory, apr_pool_t *pool);

eb_step_result_t eb_xta_step(const eb_transport_t *self, eb_job_t *job, const eb_package_t *package,
                             apr_time_t now, const eb_stop_t *stop, eb_problem_t **problem,
                             apr_pool_t *pool);

/* A message on its way out: its contents, encrypted or not, as parts of a body. */
typedef struct eb_xta_letter_t {
    const eb_content_t *contents; /* Message and Attachments */
    int count;
    const eb_content_t *parts; /* what goes into the body: the contents, or one cipher text */
    int parts_count;
    const eb_xmlenc_t *sealed; /* or NULL */
    bool *unread;              /* set when a document cannot be read */
} eb_xta_letter_t;
apr_status_t eb_xta_letter(eb_xta_letter_t *letter, const eb_xta_t *xta,
                           const eb_package_t *package, apr_time_t now, eb_problem_t **problem,
                           apr_pool_t *pool);

#endif
