/* Which keys are in use: shared by `keys` and `doctor`. */
#ifndef EB_CTL_KEYS_H
#define EB_CTL_KEYS_H

#include "config.h"
#include "base/seal.h"

/* An array of objects {file, name, id, first, packages, may_go, why}, one per key of every key file
 * that is configured, and one without a name for each unknown key that packages are sealed under.
 * Problems are printed; the result is an exit code. */
int eb_ctl_keys_survey(json_t **rows, const eb_ctl_t *ctl);
/* keys_new.c: a key on top of that file, or the file; its name is the command's second word or the
 * day. */
apr_status_t eb_ctl_key_new(const char **name, const char *file, const eb_ctl_t *ctl,
                            eb_problem_t **problem);

#endif
