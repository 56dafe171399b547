/* The error codes of XTA, in one table: what each means, who has to act, and when we ask again. */
#ifndef EB_XTA_FAULT_H
#define EB_XTA_FAULT_H

#include "base/problem.h"

typedef enum {
    EB_CURE_TIME,   /* it passes: try again */
    EB_CURE_CARE,   /* somebody changes something at the server or here: look again after a while */
    EB_CURE_PERSON, /* the message itself is at fault: not before a person says so */
    EB_CURE_NONE    /* nothing is wrong if it answers a repetition */
} eb_xta_cure_t;

typedef struct eb_xta_fault_t {
    int code;
    eb_problem_id_t problem;
    eb_xta_cure_t cure;
    const char *text;
} eb_xta_fault_t;

/* Unknown codes are like the unspecific 9000; NULL stays NULL. */
const eb_xta_fault_t *eb_xta_fault(const char *code);

#endif
