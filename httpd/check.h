/* Shared by the two files that check a configuration. */
#ifndef EB_CHECK_H
#define EB_CHECK_H

#include "startup.h"

#define EB_PROBLEMS_MAX 10 /* then the rest can wait */

typedef struct eb_check_t {
    eb_start_t *start;
    server_rec *s; /* the vhost that is looked at */
    eb_server_t *server;
    eb_problem_t *problem;
} eb_check_t;

/* check.c */
const char *eb_check_vhost(const server_rec *s, apr_pool_t *p); /* "vhost name (file:line)" */
bool eb_check_report(eb_check_t *c); /* logs and counts c->problem; returns false */
/* The same, with the directive that led to it (or NULL): as its place, or, when another file is at
 * fault, behind it. */
bool eb_check_blame(eb_check_t *c, const ap_directive_t *at);
/* Reports a directive that is not there; returns false. */
bool eb_check_missing(eb_check_t *c, const ap_directive_t *at, const char *directive,
                      const char *example);
/* Makes the vhost ready to receive for an authority, its own or an inherited one. */
bool eb_check_receive(eb_check_t *c, eb_authority_t *a);

/* check_forms.c */
void eb_check_forms(eb_check_t *c);
void eb_check_receiver(eb_check_t *c); /* a form without any authority */

#endif
