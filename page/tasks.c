/* The task list: every step that belongs to this application, how far it is, and what comes next.
 * The states are found once; the holes only look them up. */
#include "pages.h"

typedef struct tasks_t {
    eb_step_state_t state[EB_STEPS_MAX];
    bool applies[EB_STEPS_MAX];
    int done, count;
    const eb_step_t *next; /* the first that is not done; NULL: ready to be sent */
    const eb_section_t *section;
} tasks_t;

static const tasks_t *tasks_of(const eb_job_t *job)
{
    return job->more;
}

static void look(tasks_t *t, eb_job_t *job)
{
    eb_context_t root = job->c;
    root.entry = EB_ROOT;
    for (const eb_step_t *s = job->v->pages->first_step; s;
         s = eb_step_after(job->v->pages->form, s)) {
        t->applies[s->number] = eb_step_applies(job, s);
        if (!t->applies[s->number])
            continue;
        t->count++;
        t->state[s->number] = eb_rules_step_state(s, &root);
        if (t->state[s->number] == EB_STEP_DONE)
            t->done++;
        else if (!t->next)
            t->next = s;
    }
}

static void fill_section_title(eb_buf_t *out, eb_job_t *job)
{
    eb_say_html(out, job, tasks_of(job)->section->title);
}

void eb_badge(eb_buf_t *out, const eb_job_t *job, eb_step_state_t state)
{
    static const struct {
        const char *kind;
        eb_text_id_t text;
    } badges[] = {[EB_STEP_OPEN] = {"warning", EB_T_STATE_OPEN},
                  [EB_STEP_STARTED] = {"info", EB_T_STATE_STARTED},
                  [EB_STEP_DONE] = {"success", EB_T_STATE_DONE}};
    eb_buf_puts(out, "<span class='kern-badge kern-badge--");
    eb_buf_puts(out, badges[state].kind);
    eb_buf_puts(out, "'><span class='kern-label kern-label--small'>");
    eb_buf_html(out, eb_job_text(job, badges[state].text));
    eb_buf_puts(out, "</span></span>");
}

static void fill_badge(eb_buf_t *out, eb_job_t *job)
{
    eb_badge(out, job, job->step ? tasks_of(job)->state[job->step->number] : EB_STEP_OPEN);
}

static void fill_section_tasks(eb_buf_t *out, eb_job_t *job)
{
    const tasks_t *t = job->more;
    for (job->step = t->section->steps; job->step; job->step = job->step->next) {
        if (!t->applies[job->step->number])
            continue;
        job->number++;
        eb_draw(out, job, EB_L_task);
    }
}

static bool section_applies(const tasks_t *t, const eb_section_t *section)
{
    for (const eb_step_t *s = section->steps; s; s = s->next) {
        if (t->applies[s->number])
            return true;
    }
    return false;
}

static void fill_sections(eb_buf_t *out, eb_job_t *job)
{
    tasks_t t = *tasks_of(job);
    eb_job_t row = *job;
    row.more = &t;
    row.number = 0;
    for (t.section = job->v->pages->form->sections; t.section; t.section = t.section->next) {
        if (section_applies(&t, t.section))
            eb_draw(out, &row, EB_L_task_section);
    }
    job->number = row.number;
}

static void fill_review_task(eb_buf_t *out, eb_job_t *job)
{
    job->number++;
    eb_draw(out, job, tasks_of(job)->next ? EB_L_task_locked : EB_L_task_review);
}

static void fill_next(eb_buf_t *out, eb_job_t *job)
{
    const eb_step_t *next = tasks_of(job)->next;
    eb_buf_puts(out, next ? next->id : "pruefen");
}

static void fill_next_label(eb_buf_t *out, eb_job_t *job)
{
    const tasks_t *t = job->more;
    eb_text_id_t next = t->done ? EB_T_NEXT_OPEN : EB_T_FIRST_OPEN;
    eb_buf_html(out, eb_job_text(job, t->next ? next : EB_T_TO_REVIEW));
}

static void fill_next_title(eb_buf_t *out, eb_job_t *job)
{
    const eb_step_t *next = tasks_of(job)->next;
    eb_say_html(out, job, next ? next->title : eb_job_text(job, EB_T_REVIEW_TASK));
}

static void fill_discard(eb_buf_t *out, eb_job_t *job)
{
    if (!job->v->deletion.year)
        return;
    eb_link(out, job, "unterbrechen", EB_T_TO_PAUSE);
    eb_link(out, job, "loeschen", EB_T_DISCARD_LINK);
}

static void fill_done(eb_buf_t *out, eb_job_t *job)
{
    eb_fill_number(out, tasks_of(job)->done);
}

static void fill_all(eb_buf_t *out, eb_job_t *job)
{
    eb_fill_number(out, tasks_of(job)->count);
}

static const eb_name_t names[] = {{"section_title", .fill = fill_section_title},
                                  {"section_tasks", .fill = fill_section_tasks},
                                  {"sections", .fill = fill_sections},
                                  {"review_task", .fill = fill_review_task},
                                  {"badge", .fill = fill_badge},
                                  {"next", .fill = fill_next},
                                  {"next_label", .fill = fill_next_label},
                                  {"next_title", .fill = fill_next_title},
                                  {"discard", .fill = fill_discard},
                                  {"done", .fill = fill_done},
                                  {"all", .fill = fill_all},
                                  {.name = NULL}};

const eb_layout_t eb_layout_tasks = {
    "{shell_top}{stale}<h1 class='kern-heading-large'>{TASKS_TITLE}</h1>"
    "<p class='kern-body'>{TASKS_INTRO}</p>"
    "<div class='kern-progress'>"
    "<label class='kern-label' for='ez-fortschritt'>{TASKS_COUNT}</label>"
    "<progress id='ez-fortschritt' value='{done}' max='{all}'>{TASKS_SHORT}</progress></div>"
    "<div class='ez-next'><a class='kern-btn kern-btn--primary' href='{base}/{next}'>"
    "<span class='kern-label'>{next_label}</span></a><p class='kern-body'>{next_title}</p></div>"
    "{sections}"
    "<div class='kern-task-list'><div class='kern-task-list__header'>"
    "<h2 class='kern-heading-medium'>{REVIEW_SECTION}</h2></div>"
    "<ul class='kern-task-list__list'>{review_task}</ul></div>"
    "{deletion}{discard}{shell_end}",
    names};

const eb_layout_t eb_layout_task_section = {
    "<div class='kern-task-list'><div class='kern-task-list__header'>"
    "<h2 class='kern-heading-medium'>{section_title}</h2></div>"
    "<ul class='kern-task-list__list'>{section_tasks}</ul></div>",
    names};

const eb_layout_t eb_layout_task = {
    "<li class='kern-task-list__item'><div class='kern-task-list__title'>"
    "<a class='kern-link kern-link--stretched kern-task-list__content-wrapper'"
    " href='{base}/{step}' aria-describedby='ez-stand-{step}'>"
    "<span class='kern-number'>{number}</span><span>{step_title}</span></a>"
    "<div class='kern-task-list__status' id='ez-stand-{step}'>{badge}</div></div></li>",
    names};

const eb_layout_t eb_layout_task_review = {
    "<li class='kern-task-list__item'><div class='kern-task-list__title'>"
    "<a class='kern-link kern-link--stretched kern-task-list__content-wrapper'"
    " href='{base}/pruefen' aria-describedby='ez-pruefen'>"
    "<span class='kern-number'>{number}</span><span>{REVIEW_TASK}</span></a>"
    "<div class='kern-task-list__status' id='ez-pruefen'>{badge}</div></div></li>",
    names};

const eb_layout_t eb_layout_task_locked = {
    "<li class='kern-task-list__item'><div class='kern-task-list__title'>"
    "<p class='kern-body kern-task-list__content-wrapper'>"
    "<span class='kern-number'>{number}</span><span>{REVIEW_TASK}</span></p>"
    "<div class='kern-task-list__status'><span class='kern-badge kern-badge--info'>"
    "<span class='kern-label kern-label--small'>{STATE_LOCKED}</span></span></div></div></li>",
    names};

void eb_page_tasks(eb_buf_t *out, const eb_view_t *v)
{
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_TASKS_TITLE));
    tasks_t tasks = {.next = NULL};
    look(&tasks, &job);
    job.more = &tasks;
    eb_buf_reserve(out, (apr_size_t)tasks.count * 700 + 8192);
    eb_draw(out, &job, EB_L_tasks);
}
