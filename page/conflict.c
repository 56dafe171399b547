/* Two windows with the same page, and the question before a draft is deleted: pages on which the
 * applicant decides what is kept. */
#include "pages.h"

#include <apr_strings.h>

typedef struct conflict_t {
    const eb_instance_t *typed;
} conflict_t;

static const char *typed_value(const eb_job_t *job, const eb_node_t *node)
{
    const conflict_t *conflict = job->more;
    return eb_instance_get(conflict->typed, node, job->c.entry);
}

static bool same(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

static bool takes_answer(const eb_job_t *job, const eb_control_t *c)
{
    return c->node && c->node->kind == EB_NODE_FIELD && eb_rules_relevant(c->node, &job->c) &&
           !eb_rules_readonly(c->node, &job->c);
}

static void fill_typed(eb_buf_t *out, eb_job_t *job)
{
    eb_job_t typed = *job;
    typed.value = typed_value(job, job->control->node);
    eb_answer_draw(out, &typed);
}

static void fill_rows(eb_buf_t *out, eb_job_t *job)
{
    const eb_control_t *c = NULL;
    while ((c = eb_control_next(job->page, c)) != NULL) {
        if (!takes_answer(job, c))
            continue;
        job->control = c;
        job->value = eb_instance_get(job->c.in, c->node, job->c.entry);
        if (!same(job->value, typed_value(job, c->node)))
            eb_draw(out, job, EB_L_conflict_row);
    }
}

static void hidden(eb_buf_t *out, const eb_node_t *node, const char *part, const char *value)
{
    eb_buf_puts(out, "<input type='hidden' name='");
    eb_buf_puts(out, node->param);
    eb_buf_puts(out, part);
    eb_buf_puts(out, "' value='");
    eb_buf_html(out, value);
    eb_buf_puts(out, "'/>");
}

static void hidden_date(eb_buf_t *out, const eb_node_t *node, const char *value)
{
    const char *day, *month, *year;
    eb_answers_date_parts(value, &day, &month, &year, out->pool);
    hidden(out, node, ".tag", day);
    hidden(out, node, ".monat", month);
    hidden(out, node, ".jahr", year);
}

static void hidden_words(eb_buf_t *out, const eb_node_t *node, const char *values)
{
    while (*values) {
        apr_size_t len = strcspn(values, " ");
        hidden(out, node, "", apr_pstrmemdup(out->pool, values, len));
        values += len + strspn(values + len, " ");
    }
}

/* Files are in the store by now, in either window's list: only the promise can differ. */
static void hidden_promise(eb_buf_t *out, const eb_node_t *node, const char *value)
{
    eb_files_t files;
    if (eb_files_parse(&files, value, out->pool) == APR_SUCCESS && files.later)
        hidden(out, node, EB_FILES_LATER, "ja");
}

/* What was typed travels along unseen, in the fields the page itself has. */
static void fill_hidden(eb_buf_t *out, eb_job_t *job)
{
    const eb_control_t *c = NULL;
    while ((c = eb_control_next(job->page, c)) != NULL) {
        const char *value = takes_answer(job, c) ? typed_value(job, c->node) : NULL;
        if (!value)
            continue;
        if (c->kind == EB_CONTROL_DATE)
            hidden_date(out, c->node, value);
        else if (c->kind == EB_CONTROL_CHECKBOXES)
            hidden_words(out, c->node, value);
        else if (c->kind == EB_CONTROL_UPLOAD)
            hidden_promise(out, c->node, value);
        else
            hidden(out, c->node, "", value);
    }
}

/* In the way in which the page itself is sent. */
static void fill_enctype(eb_buf_t *out, eb_job_t *job)
{
    if (job->page->uploads)
        eb_buf_puts(out, " enctype='multipart/form-data'");
}

static void fill_discard_text(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_job_text(job, job->v->sent ? EB_T_DISCARD_SENT : EB_T_DISCARD_TEXT));
}

static const eb_name_t names[] = {
    {"rows", .fill = fill_rows},       {"typed", .fill = fill_typed},
    {"hidden", .fill = fill_hidden},   {"discard_text", .fill = fill_discard_text},
    {"enctype", .fill = fill_enctype}, {.name = NULL}};

const eb_layout_t eb_layout_conflict = {
    "{shell_top}<h1 class='kern-heading-large'>{title}</h1>"
    "<p class='kern-body'>{CONFLICT_TEXT}</p>"
    "<div class='kern-table-responsive' tabindex='0' role='region' aria-label='{CONFLICT_TABLE}'>"
    "<table class='kern-table'><thead><tr class='kern-table__row'>"
    "<th class='kern-table__header' scope='col'>{CONFLICT_FIELD}</th>"
    "<th class='kern-table__header' scope='col'>{CONFLICT_STORED}</th>"
    "<th class='kern-table__header' scope='col'>{CONFLICT_TYPED}</th></tr></thead>"
    "<tbody class='kern-table__body'>{rows}</tbody></table></div>"
    "<form method='post' action='{action}'{enctype} novalidate='novalidate' accept-charset='utf-8'>"
    "{ticket}{hidden}<div class='ez-buttons'>"
    "<button class='kern-btn kern-btn--primary' type='submit' name='" EB_BUTTON_NEXT "' value='1'>"
    "<span class='kern-label'>{CONFLICT_SAVE}</span></button>"
    "<a class='kern-btn kern-btn--secondary' href='{action}'>"
    "<span class='kern-label'>{CONFLICT_KEEP}</span></a></div></form>{deletion}{shell_end}",
    names};

const eb_layout_t eb_layout_conflict_row = {
    "<tr class='kern-table__row'><th class='kern-table__cell' scope='row'>{label}</th>"
    "<td class='kern-table__cell'>{answer}</td><td class='kern-table__cell'>{typed}</td></tr>",
    names};

const eb_layout_t eb_layout_discard = {
    "{shell_top}{stale}<h1 class='kern-heading-large'>{title}</h1>"
    "<p class='kern-body'>{discard_text}</p>"
    "<form method='post' action='{base}/loeschen' novalidate='novalidate' accept-charset='utf-8'>"
    "{ticket}<div class='ez-buttons'>"
    "<button class='kern-btn kern-btn--primary' type='submit' name='" EB_BUTTON_NEXT "' value='1'>"
    "<span class='kern-label'>{DISCARD_YES}</span></button>"
    "<a class='kern-btn kern-btn--secondary' href='{base}/aufgaben'>"
    "<span class='kern-label'>{DISCARD_NO}</span></a></div></form>{deletion}{shell_end}",
    names};

void eb_page_conflict(eb_buf_t *out, const eb_view_t *v, const eb_page_t *page,
                      const eb_instance_t *typed)
{
    conflict_t conflict = {typed};
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_CONFLICT_TITLE));
    job.step = page->step;
    job.page = page;
    job.more = &conflict;
    eb_draw(out, &job, EB_L_conflict);
}

void eb_page_discard(eb_buf_t *out, const eb_view_t *v)
{
    eb_job_t job = eb_job(v, eb_view_text(v, EB_T_DISCARD_TITLE));
    eb_draw(out, &job, EB_L_discard);
}
