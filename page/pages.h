/* Inside the page room: what is compiled when httpd starts, and the job that drawing one page is. A
 * page's HTML stands as a string constant beside the code that fills its holes; EB_LAYOUTS lists
 * them all. */
#ifndef EB_PAGES_H
#define EB_PAGES_H

#include "page.h"
#include "choices.h"
#include "template.h"
#include "texts.h"

#include <apr_hash.h>

typedef struct eb_layout_t {
    const char *html;
    const eb_name_t *names; /* besides eb_shell_names */
} eb_layout_t;

/* clang-format off */
#define EB_LAYOUTS(L) \
    L(stale) L(errors) L(error) L(warnings) L(warning_list) \
    L(message) L(deletion) L(receiver) \
    L(start) L(tasks) L(task_section) L(task) L(task_review) L(task_locked) \
    L(step) L(entries) L(entry) L(fixed_entry) L(remove) \
    L(uploads) L(uploads_used) L(file) L(file_up) L(file_read) L(remove_file) \
    L(quickcheck_start) L(quickcheck_step) L(quickcheck_result) L(quickcheck_group) \
    L(quickcheck_advice) L(quickcheck_apply) L(quickcheck_offer) \
    L(summary) L(summary_entry) L(row) L(row_edit) L(list_edit) L(review) L(receipt) L(copy) \
    L(copy_xml) \
    L(discard) L(conflict) L(conflict_row) L(notice) L(open_step) \
    L(field) L(field_line) L(pause) L(pause_code) L(resume) L(ask) L(standing) L(ended) \
    L(paper)
/* clang-format on */

enum {
#define L(name) EB_L_##name,
    EB_LAYOUTS(L)
#undef L
        EB_L_COUNT
};

#define L(name) extern const eb_layout_t eb_layout_##name;
EB_LAYOUTS(L)
#undef L
extern const eb_name_t eb_shell_names[];

typedef enum { EB_NEED_NEVER, EB_NEED_ALWAYS, EB_NEED_ASK } eb_need_t;

/* A control, laid out twice: as it looks, and as it looks with an error. */
typedef struct eb_plan_t eb_plan_t;
struct eb_plan_t {
    const eb_control_t *control;
    const eb_template_t *good, *bad;
    const eb_template_t *fixed; /* readonly: the answer as text; NULL when never readonly */
    const eb_choices_t *choices, *bad_choices;
    eb_need_t need;
    bool always;   /* no `relevant` above it: applies in every application */
    bool readonly; /* ask whether it is */
    eb_plan_t *first, *next;
};

typedef struct eb_page_plan_t {
    eb_plan_t *first;
    bool optional;   /* has a control that may stay empty */
    apr_size_t size; /* bytes of its fixed text */
} eb_page_plan_t;

/* A step's condition: `node` applies (NULL: no condition), and, unless it is plain, one of its
 * questions does. */
typedef struct eb_gate_t {
    const eb_node_t *node;
    bool plain;
} eb_gate_t;

struct eb_pages_t {
    const eb_form_t *form;
    const eb_texts_t *texts; /* in the form's language */
    const eb_template_t *layouts[EB_L_COUNT];
    eb_page_plan_t *plans;         /* by eb_page_t.number */
    eb_gate_t gates[EB_STEPS_MAX]; /* by eb_step_t.number */
    const eb_step_t *first_step;
    bool uploads;                            /* the form asks for documents */
    const struct eb_outcome_plan_t *outcome; /* outcome.h; of a Quick-Check */
};

/* A text field that is no form's: field.c. */
typedef struct eb_field_t {
    const char *id;
    eb_text_id_t label, hint;
    const char *value; /* NULL: empty */
    bool line;         /* fits one, where Enter sends the form */
} eb_field_t;

#define EB_ID_ADD "ez-neu" /* of the button that adds an entry to a list */

/* One page being drawn. Lists set the fields below the line for each of their rows. */
struct eb_job_t {
    const eb_view_t *v;
    eb_context_t c;
    const eb_errors_t *errors; /* NULL: none */
    const char *title;
    const eb_step_t *step;
    const eb_page_t *page;
    const eb_node_t *gate; /* the last one asked, and its answer */
    bool gate_open;
    const char *sends; /* id of its form, where changing the language sends it; else NULL */
    bool entrance;     /* the start page, which stands in search engines */
    void *more;        /* what only this page's holes need */
    const eb_field_t
        *fields; /* the page's; errors without a node name one by its place (`parts`) */
    int fields_count;
    /* ---- */
    const eb_plan_t *plan;
    const eb_control_t *control;
    const char *value;              /* the answer, NULL when there is none */
    const char *day, *month, *year; /* of a date control, as typed */
    const eb_error_t *error;
    bool required;
    const eb_file_t *file;
    const eb_field_t *field;
    int number, count;   /* "Schritt 2 von 9" */
    apr_uint32_t warned; /* eb_rules_warn_mark of the warnings on the page */
};

static inline const char *eb_view_text(const eb_view_t *v, eb_text_id_t id)
{
    return v->pages->texts->text[id];
}

static inline const char *eb_job_text(const eb_job_t *job, eb_text_id_t id)
{
    return eb_view_text(job->v, id);
}

/* A text of the form or of the pages among tags, in its language. */
static inline void eb_say_html(eb_buf_t *out, const eb_job_t *job, const char *text)
{
    eb_text_write(out, text, job->v->pages->form->words);
}

static inline bool eb_is_translated(const eb_job_t *job, eb_text_id_t id)
{
    return eb_job_text(job, id) != eb_text(id);
}

/* pages.c */
eb_job_t eb_job(const eb_view_t *v, const char *title);
void eb_draw(eb_buf_t *out, eb_job_t *job, int layout);
const eb_step_t *eb_step_after(const eb_form_t *form, const eb_step_t *step); /* NULL: the first */
int eb_entries_count(const eb_job_t *job, const eb_step_t *step);

/* language.c */
void eb_fill_lang(eb_buf_t *out, eb_job_t *job);
void eb_fill_dir(eb_buf_t *out, eb_job_t *job);
void eb_fill_alternates(eb_buf_t *out, eb_job_t *job);
void eb_fill_switcher(eb_buf_t *out, eb_job_t *job);
void eb_fill_answers_note(eb_buf_t *out, eb_job_t *job);
void eb_fill_german_confirm(eb_buf_t *out, eb_job_t *job);

/* site.c */
void eb_fill_header(eb_buf_t *out, eb_job_t *job);
void eb_fill_footer(eb_buf_t *out, eb_job_t *job);

#define EB_ID_FORM   "ez-seite"     /* of a page's form */
#define EB_ID_UPLOAD "ez-hochladen" /* of a page with documents: the script knows it */

/* gates.c */
bool eb_node_always(const eb_node_t *node); /* no `relevant` on it or above it */
eb_gate_t eb_gate_find(const eb_step_t *step);
bool eb_step_applies(eb_job_t *job, const eb_step_t *step);
/* The first page that asks something about the entry c->entry; NULL: none does. */
const eb_page_t *eb_entry_page(const eb_step_t *step, const eb_context_t *c);

/* plan.c */
apr_status_t eb_plan_make(eb_page_plan_t *plan, const eb_page_t *page, const eb_texts_t *texts,
                          apr_hash_t *lists, eb_problem_t **problem, apr_pool_t *pool);
/* controls.c: draws the controls of job->page. */
void eb_controls_draw(eb_buf_t *out, eb_job_t *job);
extern const eb_name_t eb_control_holes[]; /* holes that plan.c may leave in a control */

/* step.c */
void eb_fill_preline(eb_buf_t *out, eb_job_t *job);
void eb_fill_optional_note(eb_buf_t *out, eb_job_t *job);

/* warnings.c: those of a page, of all that a step keeps, of the whole application */
void eb_fill_page_warnings(eb_buf_t *out, eb_job_t *job);
void eb_fill_step_warnings(eb_buf_t *out, eb_job_t *job);
void eb_fill_all_warnings(eb_buf_t *out, eb_job_t *job);
void eb_fill_warned(eb_buf_t *out, eb_job_t *job);

/* files.c: the list of an upload control, its box, its errors; and an answer, for reading. */
void eb_fill_files(eb_buf_t *out, eb_job_t *job);
void eb_fill_later(eb_buf_t *out, eb_job_t *job);
void eb_fill_messages(eb_buf_t *out, eb_job_t *job);
void eb_files_read(eb_buf_t *out, eb_job_t *job);

void eb_fill_max_file(eb_buf_t *out, eb_job_t *job); /* uploads.c */

/* field.c: {fields} */
extern const eb_name_t eb_field_names[];

void eb_time_draw(eb_buf_t *out, const eb_job_t *job,
                  apr_time_t time); /* receipt.c: "22.11.2026, 09:30:00 MEZ" */

void eb_badge(eb_buf_t *out, const eb_job_t *job, eb_step_state_t state); /* tasks.c */

/* answer.c */
void eb_answer_draw(eb_buf_t *out, eb_job_t *job); /* job->control's answer, for reading */

void eb_fill_copy_xml(eb_buf_t *out, eb_job_t *job); /* copy.c: the link to the message */

/* summary.c: all answers; with `edit`, links to change them. */
void eb_summary_draw(eb_buf_t *out, eb_job_t *job, bool edit);

void eb_fill_receiver(eb_buf_t *out, eb_job_t *job); /* receiver.c */

/* shell.c: holes and pieces that several pages share. */
void eb_fill_number(eb_buf_t *out, long number);
/* A paragraph with a link to `path` below the base. */
void eb_link(eb_buf_t *out, const eb_job_t *job, const char *path, eb_text_id_t label);
void eb_fill_action(eb_buf_t *out, eb_job_t *job);   /* path of job's step, entry and page */
void eb_fill_anchor(eb_buf_t *out, eb_job_t *job);   /* id of the control's first field */
void eb_fill_position(eb_buf_t *out, eb_job_t *job); /* job->number */
void eb_fill_entry(eb_buf_t *out, eb_job_t *job);    /* "Kind 2: Ayşe" */

#endif
