/* The result of a Quick-Check. What is missing comes first, what is met last: people read from the
 * top, and want to know what they can do. */
#include "outcome.h"
#include "quickcheck.h"

#include <apr_strings.h>

/* A finding in two pieces; between them stands its figure, which only the request knows. */
typedef struct piece_t {
    const char *head, *tail;
} piece_t;

struct eb_outcome_plan_t {
    piece_t *findings; /* by eb_finding_t.number */
};

typedef struct outcome_t {
    eb_result_t result;
    eb_finding_kind_t kind; /* of the group at hand */
    const eb_advice_t *advice;
} outcome_t;

static const eb_outcome_t *outcome_of(const eb_job_t *job)
{
    return job->v->pages->form->outcome;
}

/* ---- when httpd starts ---- */

typedef struct planner_t {
    const eb_words_t *words;
    const eb_texts_t *texts;
    apr_pool_t *pool;
} planner_t;

static const char *day(const eb_words_t *words, const char *iso, apr_pool_t *pool)
{
    eb_date_t date;
    return eb_date_parse(&date, iso, false) ? eb_say_date(words, date, pool) : iso;
}

static void plan_source(eb_buf_t *out, const eb_finding_t *f, const planner_t *p)
{
    if (!f->paragraph)
        return;
    eb_buf_puts(out, "<p class='kern-body kern-body--small ez-note'>");
    const char *since = p->texts->text[EB_T_CHECK_SINCE];
    if (f->from)
        eb_buf_html(out, eb_words_fill(since, p->pool, "paragraph", f->paragraph, "date",
                                       day(p->words, f->from, p->pool), NULL));
    else
        eb_german_write(out, f->paragraph, p->words);
    eb_buf_puts(out, "</p>");
}

static piece_t plan_finding(const eb_topic_t *topic, const eb_finding_t *f, const planner_t *p)
{
    eb_buf_t head, tail;
    eb_buf_init(&head, 512, p->pool);
    eb_buf_init(&tail, 512, p->pool);
    eb_buf_puts(&head, "<li class='ez-finding'><p class='kern-preline'>");
    eb_buf_html(&head, topic->title);
    eb_buf_puts(&head, "</p><p class='kern-body kern-body--bold'>");
    eb_buf_html(&head, f->text);
    eb_buf_puts(&head, "</p>");
    if (f->more_html) {
        eb_buf_puts(&tail, "<div class='ez-prose'>");
        eb_buf_puts(&tail, f->more_html);
        eb_buf_puts(&tail, "</div>");
    }
    plan_source(&tail, f, p);
    eb_buf_puts(&tail, "</li>");
    return (piece_t){eb_buf_cstr(&head), eb_buf_cstr(&tail)};
}

eb_outcome_plan_t *eb_outcome_plan(const eb_form_t *form, const eb_texts_t *texts, apr_pool_t *pool)
{
    const eb_outcome_t *outcome = form->outcome;
    const planner_t p = {form->words, texts, pool};
    eb_outcome_plan_t *plan = apr_palloc(pool, sizeof(*plan));
    plan->findings = apr_palloc(pool, (apr_size_t)outcome->findings_count * sizeof(piece_t) + 1);
    for (const eb_topic_t *t = outcome->topics; t; t = t->next)
        for (const eb_finding_t *f = t->findings; f; f = f->next)
            plan->findings[f->number] = plan_finding(t, f, &p);
    return plan;
}

/* ---- in a request ---- */

void eb_fill_law(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, outcome_of(job)->law);
}

void eb_fill_law_from(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, day(job->v->pages->form->words, outcome_of(job)->from, job->c.pool));
}

void eb_fill_law_version(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->v->pages->form->version);
}

static void fill_today(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out,
                eb_say_date(job->v->pages->form->words, eb_local_date(job->c.now), job->c.pool));
}

/* ---- the verdict ---- */

static void fill_colour(eb_buf_t *out, eb_job_t *job)
{
    static const char *const colours[EB_FINDING_KINDS] = {[EB_FINDING_HINT] = "info",
                                                          [EB_FINDING_MET] = "success",
                                                          [EB_FINDING_CHECK] = "warning",
                                                          [EB_FINDING_UNMET] = "danger",
                                                          [EB_FINDING_ELSEWHERE] = "info"};
    eb_buf_puts(out, colours[((outcome_t *)job->more)->kind]);
}

static const eb_ending_t *verdict_of(const eb_job_t *job)
{
    return &outcome_of(job)->verdicts[((const outcome_t *)job->more)->result.verdict];
}

static void fill_verdict_title(eb_buf_t *out, eb_job_t *job)
{
    eb_say_html(out, job, verdict_of(job)->title);
}

static void fill_verdict_text(eb_buf_t *out, eb_job_t *job)
{
    if (verdict_of(job)->html)
        eb_buf_puts(out, verdict_of(job)->html);
}

/* ---- findings, by kind ---- */

static void draw_figure(eb_buf_t *out, const eb_job_t *job, const eb_figure_t *figure,
                        const char *open, const char *close)
{
    const char *value = figure ? eb_expr_string(figure->value, &job->c) : "";
    if (!*value)
        return;
    eb_buf_puts(out, open);
    eb_say_html(out, job, figure->label);
    eb_buf_puts(out, ": <strong>");
    eb_buf_html(out, value);
    eb_buf_puts(out, "</strong>");
    eb_buf_puts(out, close);
}

static void draw_finding(eb_buf_t *out, const eb_job_t *job, const eb_finding_t *f)
{
    const piece_t *piece = &job->v->pages->outcome->findings[f->number];
    eb_buf_puts(out, piece->head);
    draw_figure(out, job, f->figure, "<p class='kern-body'>", "</p>");
    eb_buf_puts(out, piece->tail);
}

static bool of_kind(const eb_finding_t *f, const outcome_t *o)
{
    return f->kind == o->kind && o->result.holds[f->number];
}

static void fill_findings(eb_buf_t *out, eb_job_t *job)
{
    for (const eb_finding_t *f = NULL; (f = eb_outcome_next(outcome_of(job), f));)
        if (of_kind(f, job->more))
            draw_finding(out, job, f);
}

static void fill_group_title(eb_buf_t *out, eb_job_t *job)
{
    static const eb_text_id_t titles[EB_FINDING_KINDS] = {[EB_FINDING_HINT] = EB_T_CHECK_HINT,
                                                          [EB_FINDING_MET] = EB_T_CHECK_MET,
                                                          [EB_FINDING_CHECK] = EB_T_CHECK_CHECK,
                                                          [EB_FINDING_UNMET] = EB_T_CHECK_UNMET,
                                                          [EB_FINDING_ELSEWHERE] =
                                                              EB_T_CHECK_ELSEWHERE};
    eb_buf_html(out, eb_job_text(job, titles[((outcome_t *)job->more)->kind]));
}

static void fill_groups(eb_buf_t *out, eb_job_t *job)
{
    static const eb_finding_kind_t order[] = {EB_FINDING_ELSEWHERE, EB_FINDING_UNMET,
                                              EB_FINDING_CHECK, EB_FINDING_HINT, EB_FINDING_MET};
    outcome_t *o = job->more;
    for (int i = 0; i < EB_FINDING_KINDS; i++) {
        const eb_finding_t *f = NULL;
        o->kind = order[i];
        while ((f = eb_outcome_next(outcome_of(job), f)) && !of_kind(f, o))
            continue;
        if (f)
            eb_draw(out, job, EB_L_quickcheck_group);
    }
}

/* ---- lists ---- */

static bool point_holds(const eb_point_t *point, const eb_job_t *job)
{
    return !point->condition || eb_expr_true(point->condition, &job->c);
}

static void fill_points(eb_buf_t *out, eb_job_t *job)
{
    for (const eb_point_t *p = ((outcome_t *)job->more)->advice->points; p; p = p->next) {
        if (!p->text || !point_holds(p, job))
            continue;
        eb_buf_puts(out, "<li>");
        eb_say_html(out, job, p->text);
        eb_buf_puts(out, "</li>");
    }
}

static void fill_figures(eb_buf_t *out, eb_job_t *job)
{
    for (const eb_point_t *p = ((outcome_t *)job->more)->advice->points; p; p = p->next)
        if (p->figure && point_holds(p, job))
            draw_figure(out, job, p->figure, "<p class='kern-body'>", "</p>");
}

static void fill_advice_title(eb_buf_t *out, eb_job_t *job)
{
    eb_say_html(out, job, ((outcome_t *)job->more)->advice->title);
}

static void fill_advice_text(eb_buf_t *out, eb_job_t *job)
{
    const char *html = ((outcome_t *)job->more)->advice->html;
    if (!html)
        return;
    eb_buf_puts(out, "<div class='ez-prose'>");
    eb_buf_puts(out, html);
    eb_buf_puts(out, "</div>");
}

static void fill_advice(eb_buf_t *out, eb_job_t *job)
{
    outcome_t *o = job->more;
    for (o->advice = outcome_of(job)->advice; o->advice; o->advice = o->advice->next) {
        const eb_point_t *p = o->advice->points;
        while (p && !(p->text && point_holds(p, job)))
            p = p->next;
        if (p)
            eb_draw(out, job, EB_L_quickcheck_advice);
    }
}

/* ---- what comes next ---- */

static void fill_apply(eb_buf_t *out, eb_job_t *job)
{
    if (job->v->neighbour)
        eb_draw(out, job, EB_L_quickcheck_apply);
}

static void fill_neighbour(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->v->neighbour);
}

static void fill_first(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, job->v->pages->first_step->id);
}

static void fill_answers(eb_buf_t *out, eb_job_t *job)
{
    eb_summary_draw(out, job, false);
}

static const eb_name_t names[] = {{"colour", .fill = fill_colour},
                                  {"verdict_title", .fill = fill_verdict_title},
                                  {"verdict_text", .fill = fill_verdict_text},
                                  {"groups", .fill = fill_groups},
                                  {"group_title", .fill = fill_group_title},
                                  {"findings", .fill = fill_findings},
                                  {"advice", .fill = fill_advice},
                                  {"advice_title", .fill = fill_advice_title},
                                  {"advice_text", .fill = fill_advice_text},
                                  {"points", .fill = fill_points},
                                  {"figures", .fill = fill_figures},
                                  {"apply", .fill = fill_apply},
                                  {"neighbour", .fill = fill_neighbour},
                                  {"first", .fill = fill_first},
                                  {"answers", .fill = fill_answers},
                                  {"carried", .fill = eb_fill_carried},
                                  {"today", .fill = fill_today},
                                  {"path", .html = EB_QUICKCHECK_PATH},
                                  {"to", .html = EB_BUTTON_TO},
                                  {"law", .fill = eb_fill_law},
                                  {"law_from", .fill = eb_fill_law_from},
                                  {"law_version", .fill = eb_fill_law_version},
                                  {.name = NULL}};

const eb_layout_t eb_layout_quickcheck_result = {
    "{shell_top}<h1 class='kern-heading-large'>{title}</h1>"
    "<div class='kern-alert kern-alert--{colour}'><div class='kern-alert__header'>"
    "<span class='kern-icon kern-icon--{colour}' aria-hidden='true'></span>"
    "<h2 class='kern-title'>{verdict_title}</h2></div>"
    "<div class='kern-alert__body ez-prose'>{verdict_text}<p>{CHECK_UNBINDING}</p></div></div>"
    "{groups}{advice}<h2 class='kern-heading-medium'>{CHECK_ON}</h2>{apply}{receiver}"
    "<p class='kern-body ez-screen'>{CHECK_PRINT}</p>"
    "<h2 class='kern-heading-medium ez-screen'>{CHECK_ANSWERS}</h2>"
    "<details class='ez-fold ez-screen'>"
    "<summary class='kern-body'>{CHECK_SHOW}</summary><div class='ez-answers'>{answers}</div>"
    "</details>"
    "<form method='post' action='{base}/{path}' id='{form_id}' accept-charset='utf-8'>{carried}"
    "<div class='ez-buttons'><button class='kern-btn kern-btn--secondary' type='submit'"
    " name='{to}' value='{first}'><span class='kern-label'>{CHECK_CHANGE}</span></button></div>"
    "</form><p class='kern-body ez-screen'><a class='kern-link' href='{base}/'>{CHECK_AGAIN}</a>"
    "</p><p class='kern-body kern-body--small ez-note'>{CHECK_LAW} {CHECK_TODAY}</p>{shell_end}",
    names};

const eb_layout_t eb_layout_quickcheck_group = {
    "<section class='ez-findings-group ez-kind-{colour}'>"
    "<h2 class='kern-heading-medium'><span class='kern-icon kern-icon--{colour}'"
    " aria-hidden='true'></span><span>{group_title}</span></h2>"
    "<ul class='ez-findings'>{findings}</ul></section>",
    names};

const eb_layout_t eb_layout_quickcheck_advice = {
    "<section class='ez-advice'><h2 class='kern-heading-medium'>{advice_title}</h2>"
    "<ul class='kern-list kern-list--bullet'>{points}</ul>{figures}{advice_text}</section>",
    names};

const eb_layout_t eb_layout_quickcheck_apply = {
    "<p class='kern-body'>{CHECK_APPLY_TEXT}</p><p class='ez-screen'>"
    "<a class='kern-btn kern-btn--primary' href='{neighbour}/'>"
    "<span class='kern-label'>{CHECK_APPLY}</span></a></p>",
    names};

void eb_page_quickcheck_result(eb_buf_t *out, const eb_view_t *v)
{
    outcome_t o = {.advice = NULL};
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_CHECK_RESULT));
    eb_outcome_decide(&o.result, v->pages->form->outcome, &v->c);
    o.kind = o.result.verdict;
    job.more = &o;
    job.sends = EB_ID_FORM;
    eb_buf_reserve(out, 24 * 1024);
    eb_draw(out, &job, EB_L_quickcheck_result);
}
