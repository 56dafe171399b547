/* The kinds of output: where an authority's applications go. Each is a row of the table in
 * output.c; what stands behind the kind in EinbuergerungOutput, or in a directive of its own, is
 * the row's business. */
#ifndef EB_OUTPUT_H
#define EB_OUTPUT_H

#include "check.h"
#include "directives.h"

typedef struct eb_output_kind_t {
    const char *name;    /* as in EinbuergerungOutput, jobs and journal */
    const char *example; /* of the directive's value */
    const char *place;   /* what `output` of an authority is, as a name in JSON */
    /* What stands behind the name: NULL, or the complaint. */
    const char *(*read)(cmd_parms *cmd, eb_authority_t *authority, int argc, char *const argv[]);
    /* Makes the transport, and names the place for people in `output`; false: a problem was
     * reported. */
    bool (*open)(eb_check_t *c, eb_authority_t *authority);
    /* Asks the receiver, without sending anything; NULL: there is nobody to ask. APR_INCOMPLETE:
     * the problem is a warning. */
    apr_status_t (*probe)(apr_array_header_t *findings, const eb_authority_t *authority,
                          eb_problem_t **problem, apr_pool_t *p);
    /* Adds those that it needs; NULL: none. */
    void (*certificates)(eb_certificates_t *certificates, const eb_authority_t *authority);
} eb_output_kind_t;

bool eb_output_open(eb_check_t *c, eb_authority_t *authority);
/* "directory /srv/eingang", "fitconnect 7a3f…": for people. */
const char *eb_output_text(const eb_authority_t *authority, apr_pool_t *p);

/* Sends the message in a file, marked as a test, all the way to the receiver: trial.c. */
apr_status_t eb_trial_send(apr_array_header_t *findings, const eb_authority_t *authority,
                           const char *file, eb_problem_t **problem, apr_pool_t *p);

/* NULL for a kind that needs nothing behind its name. */
const char *eb_output_nothing(cmd_parms *cmd, eb_authority_t *authority, int argc,
                              char *const argv[]);

/* fitconnect.c */
bool eb_fitconnect_open(eb_check_t *c, eb_authority_t *authority);
apr_status_t eb_fitconnect_probe(apr_array_header_t *findings, const eb_authority_t *authority,
                                 eb_problem_t **problem, apr_pool_t *p);
void eb_fitconnect_certificates(eb_certificates_t *certificates, const eb_authority_t *authority);

/* xta.c */
bool eb_xta_open(eb_check_t *c, eb_authority_t *authority);
apr_status_t eb_xta_probe(apr_array_header_t *findings, const eb_authority_t *authority,
                          eb_problem_t **problem, apr_pool_t *p);
void eb_xta_certificates(eb_certificates_t *certificates, const eb_authority_t *authority);

#endif
