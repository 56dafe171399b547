/* The doctor's findings: what was looked at, and good, wrong, or not to be told from here. */
#ifndef EB_DOCTOR_H
#define EB_DOCTOR_H

#include "config.h"

typedef struct eb_doctor_t {
    const eb_ctl_t *ctl;
    const eb_config_t *config;
    json_t *found;
    int wrong;
    apr_pool_t *pool;
} eb_doctor_t;

typedef enum { EB_FOUND_WRONG, EB_FOUND_LOOK } eb_found_t; /* LOOK: only a person can tell */

/* `subject` is what was looked at: "spool /var/…". */
void eb_doctor_good(eb_doctor_t *d, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void eb_doctor_unknown(eb_doctor_t *d, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void eb_doctor_found(eb_doctor_t *d, eb_found_t how, const char *subject,
                     const eb_problem_t *problem);
/* The same with a problem made here. */
void eb_doctor_wrong(eb_doctor_t *d, const char *subject, eb_problem_id_t id, const char *format,
                     ...) __attribute__((format(printf, 4, 5)));

/* Calls `look` for each different value of a member of the vhosts. */
void eb_doctor_each(eb_doctor_t *d, const char *member,
                    void (*look)(eb_doctor_t *d, const json_t *vhost));

/* Whether httpd's user may do that: 0, an errno, or -1: not to be found out by this user. */
int eb_doctor_may(const eb_doctor_t *d, const char *path, int mode);

/* doctor_folders.c, doctor_redis.c, doctor_outbox.c, doctor_services.c, doctor_certificates.c */
void eb_doctor_keys(eb_doctor_t *d);
void eb_doctor_spools(eb_doctor_t *d);
void eb_doctor_outputs(eb_doctor_t *d);
void eb_doctor_redis(eb_doctor_t *d);
void eb_doctor_outboxes(eb_doctor_t *d); /* in Redis */
void eb_doctor_scanners(eb_doctor_t *d);
void eb_doctor_left(eb_doctor_t *d);     /* doctor_left.c: in former outboxes */
void eb_doctor_security(eb_doctor_t *d); /* doctor_security.c: security.txt */
void eb_doctor_certificates(eb_doctor_t *d);

/* One command, its words apart by blanks. The reply, also when it is a refusal; NULL without one.
 */
const redisReply *eb_doctor_send(eb_redis_t *redis, const char *line, apr_pool_t *pool);
bool eb_doctor_refused(const redisReply *reply); /* for want of rights */
/* For each form, whether drafts are older than its file. */
void eb_doctor_editions(eb_doctor_t *d, eb_redis_t *redis, const json_t *vhost);

#endif
