/* What `init` asks, and the files that come of the answers. */
#ifndef EB_CTL_INIT_H
#define EB_CTL_INIT_H

#include "ctl.h"
#include "put.h"

typedef enum { EB_INIT_NEW, EB_INIT_SAME, EB_INIT_OTHER } eb_init_state_t;

typedef struct eb_init_file_t {
    const char *path; /* below `target` */
    eb_buf_t text;
    eb_owner_t owner;
    eb_init_state_t state;
} eb_init_file_t;

typedef struct eb_init_t {
    const eb_ctl_t *ctl;
    const char *authority, *name, *host, *mail, *folder; /* the answers */
    const char *certificate, *certificate_key, *scan, *share;
    const char *target, *apache, *state, *password; /* "", folders, Redis' password */
    uid_t uid;                                      /* httpd's user and its group, … */
    gid_t gid, redis;                               /* … and Redis' */
    apr_array_header_t *files;                      /* of eb_init_file_t */
} eb_init_t;

/* init_answers.c: from the options, or asked for at stdin. An exit code. */
int eb_init_ask(eb_init_t *init);
/* init_files.c: fills templates in and compares the result with what is there; writes nothing. */
apr_status_t eb_init_plan(eb_init_t *init, eb_problem_t **problem);
/* Makes folders, a key where there is none, and all files that are not yet as they should be. */
apr_status_t eb_init_write(eb_init_t *init, eb_problem_t **problem);

/* The day on which a security.txt expires; 0: it does not say so. */
time_t eb_init_expires(const char *security_txt);

#endif
