/* The steps of a job, one after another, for steps.c. */
#ifndef EB_FIT_STEPS_H
#define EB_FIT_STEPS_H

#include "fit.h"
#include "memory.h"

/* announce.c: QUEUED. */
eb_step_result_t eb_fit_announce(const eb_fit_call_t *call);
/* send.c: ANNOUNCED and ATTACHED. */
eb_step_result_t eb_fit_attach(eb_fit_memory_t *memory, const eb_fit_call_t *call);
eb_step_result_t eb_fit_submit(eb_fit_memory_t *memory, const eb_fit_call_t *call);
/* A submission that was refused: held until the event log, or a person, says otherwise. */
eb_step_result_t eb_fit_refused(eb_fit_memory_t *memory, const eb_fit_call_t *call);
/* follow.c: SUBMITTED. */
eb_step_result_t eb_fit_follow(eb_fit_memory_t *memory, const eb_fit_call_t *call);
/* The first wait, and longer ones the older the submission is. */
apr_interval_time_t eb_fit_poll_interval(apr_interval_time_t first, apr_interval_time_t age);

/* steps.c: the job remembers, and the journal hears of it. */
void eb_fit_remember(const eb_fit_memory_t *memory, const eb_fit_call_t *call);
/* Another submission, from the beginning; `restarts` of them so far. */
eb_step_result_t eb_fit_restart(const eb_fit_memory_t *memory, int restarts,
                                const eb_fit_call_t *call);
/* Held until a person lets it go; *problem has been set. */
eb_step_result_t eb_fit_end(eb_fit_memory_t *memory, const char *ended, const eb_fit_call_t *call);
/* Whether it was a person who let a held job go, and not the dispatcher that looks again. */
bool eb_fit_released(const eb_fit_call_t *call);
/* Held as before, in the same words. */
eb_step_result_t eb_fit_remain(const eb_fit_call_t *call);

#endif
