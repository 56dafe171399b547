/* einbuergerungctl: what its commands share. A command looks things up, hands rows to the table
 * (which prints them for people or, with --json, for programs), and returns an exit code. */
#ifndef EB_CTL_H
#define EB_CTL_H

#include "base/problem.h"

#include <apr_tables.h>
#include <apr_time.h>
#include <jansson.h>
#include <stdbool.h>

enum {
    EB_EXIT_GOOD,
    EB_EXIT_WRONG, /* something is wrong with the service, or could not be done */
    EB_EXIT_USAGE,
    EB_EXIT_CONFIG /* the configuration cannot be read */
};

typedef struct eb_config_t eb_config_t; /* config.h */

typedef struct eb_ctl_t {
    apr_pool_t *pool;
    apr_time_t now;
    /* options */
    const char *httpd, *conf, *root, *saved;
    bool json, yes, held, due, all_held, again;
    const char *since, *number;
    bool force; /* init's */
    const char *authority, *name, *host, *mail, *folder, *certificate, *certificate_key, *scan;
    const char *share, *target;
    const char *send_test; /* a file */
    const char **words;    /* behind the command's name */
    int words_count;
    const eb_config_t *config; /* NULL for commands that need none */
} eb_ctl_t;

/* Prints a problem to stderr and returns EB_EXIT_WRONG. */
int eb_ctl_complain(const eb_ctl_t *ctl, const eb_problem_t *problem);
/* Says what was done: a sentence, or with --json {"done": …}. Returns EB_EXIT_GOOD. */
int eb_ctl_done(const eb_ctl_t *ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));
int eb_ctl_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The commands: one file each, or one for a family. */
int eb_ctl_init(eb_ctl_t *ctl);
int eb_ctl_status(eb_ctl_t *ctl);
int eb_ctl_jobs_list(eb_ctl_t *ctl);
int eb_ctl_jobs_show(eb_ctl_t *ctl);
int eb_ctl_jobs_retry(eb_ctl_t *ctl);
int eb_ctl_jobs_hold(eb_ctl_t *ctl);
int eb_ctl_jobs_confirm(eb_ctl_t *ctl);
int eb_ctl_jobs_export(eb_ctl_t *ctl);
int eb_ctl_journal(eb_ctl_t *ctl);
int eb_ctl_keys_new(eb_ctl_t *ctl);
int eb_ctl_keys_check(eb_ctl_t *ctl);
int eb_ctl_keys_rewrap(eb_ctl_t *ctl);
int eb_ctl_form_check(eb_ctl_t *ctl);
int eb_ctl_output_check(eb_ctl_t *ctl);
int eb_ctl_doctor(eb_ctl_t *ctl);

#endif
