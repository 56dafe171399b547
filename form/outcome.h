/* What a form's answers come to, without anybody keeping them: a form with an eb:outcome is a
 * Quick-Check. Its rules are data like its questions: findings, each with a condition over the
 * instance, the paragraph that it is taken from, a sentence for people and what to do next; lists,
 * such as the documents that this person will need; and one verdict for each way it can end. Loaded
 * and compiled when httpd starts. A finding is an opinion and never a decision: nothing here can
 * keep anybody from an application. */
#ifndef EB_OUTCOME_H
#define EB_OUTCOME_H

#include "xpath.h"

/* In the order in which they count: the last kind among the findings is the verdict. */
typedef enum {
    EB_FINDING_HINT,      /* worth knowing; counts for nothing */
    EB_FINDING_MET,       /* a requirement that is probably met */
    EB_FINDING_CHECK,     /* something that the authority decides in the single case */
    EB_FINDING_UNMET,     /* probably not met at present */
    EB_FINDING_ELSEWHERE, /* another authority, or no naturalisation at all */
    EB_FINDING_KINDS
} eb_finding_kind_t;

typedef struct eb_finding_t eb_finding_t;
typedef struct eb_topic_t eb_topic_t;
typedef struct eb_point_t eb_point_t;
typedef struct eb_advice_t eb_advice_t;

/* A computed value with its label: "Frühestens" – "3. Mai 2027". Not shown when it is empty. */
typedef struct eb_figure_t {
    const char *label;
    eb_expr_t *value;
} eb_figure_t;

struct eb_finding_t {
    const char *id;
    eb_finding_kind_t kind;
    eb_expr_t *condition;
    const char *paragraph;           /* "§ 10 Abs. 1 Satz 1 Nr. 2 StAG"; NULL: none */
    const char *text;                /* a sentence or two, plain text */
    const char *more_html;           /* what to do next, checked XHTML; NULL: nothing */
    const char *from, *until;        /* first and last day of the rule, "2024-06-27"; NULL: open */
    const eb_figure_t *figure;       /* NULL: none */
    const eb_finding_t **instead_of; /* NULL-terminated, or NULL: where this holds, the verdict does
                                        not hear of these */
    int number;                      /* counts through the outcome */
    eb_finding_t *next;
    const char *line;
};

struct eb_topic_t {
    const char *title;
    eb_finding_t *findings;
    eb_topic_t *next;
};

struct eb_point_t {
    eb_expr_t *condition; /* NULL: always */
    const char *text;     /* plain text; with `figure`, NULL */
    const eb_figure_t *figure;
    eb_point_t *next;
};

/* A list with a heading: documents, fees. Not shown when none of its points holds. */
struct eb_advice_t {
    const char *title;
    const char *html; /* checked XHTML above the points, or NULL */
    eb_point_t *points;
    eb_advice_t *next;
};

typedef struct eb_ending_t {
    const char *title;
    const char *html;
} eb_ending_t;

typedef struct eb_outcome_t {
    const char *for_form; /* id of the application that it prepares for */
    const char *law;      /* the state of the law, a sentence */
    const char *from;     /* first day on which these rules were the law, "2025-12-30" */
    const char *intro;    /* checked XHTML: what this is, before the first question */
    eb_ending_t verdicts[EB_FINDING_KINDS]; /* HINT has none */
    eb_topic_t *topics;
    eb_advice_t *advice;
    int findings_count;
} eb_outcome_t;

typedef struct eb_result_t {
    eb_finding_kind_t verdict; /* MET when nothing speaks against it */
    bool *holds;               /* by eb_finding_t.number */
} eb_result_t;

/* Asks every rule; the calculated fields of the instance are to be up to date. */
void eb_outcome_decide(eb_result_t *result, const eb_outcome_t *outcome, const eb_context_t *c);
/* The one after `finding` through all topics; NULL: the first, and at the end. */
const eb_finding_t *eb_outcome_next(const eb_outcome_t *outcome, const eb_finding_t *finding);

#endif
