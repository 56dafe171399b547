/* What the form only warns of: a box with links above the answers, on their page, above a list of
 * entries, and once more before the application is sent. Whoever has seen a page's warnings goes on
 * with the same button: the page says in a hidden field which ones it showed. */
#include "pages.h"

static void fill_warning_items(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, job->more);
}

static void fill_go_on(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_job_text(job, job->step ? EB_T_WARNINGS_GO_ON : EB_T_WARNINGS_REVIEW));
}

static void fill_warning(eb_buf_t *out, eb_job_t *job)
{
    eb_say_html(out, job, job->error->text);
}

static const eb_name_t names[] = {{"items", .fill = fill_warning_items},
                                  {"warning", .fill = fill_warning},
                                  {"go_on", .fill = fill_go_on},
                                  {.name = NULL}};

const eb_layout_t eb_layout_warnings = {
    "<div class='kern-alert kern-alert--warning' id='hinweise' role='status'"
    " aria-labelledby='hinweise-titel'><div class='kern-alert__header'>"
    "<span class='kern-icon kern-icon--warning' aria-hidden='true'></span>"
    "<h2 class='kern-title' id='hinweise-titel'>{WARNINGS_TITLE}</h2></div>"
    "<div class='kern-alert__body'><ul class='kern-list kern-list--bullet'>{items}</ul>"
    "<p class='kern-body'>{go_on}</p></div></div>",
    names};

/* About a whole list, seen from elsewhere. */
const eb_layout_t eb_layout_warning_list = {
    "<li><a class='kern-link' href='{base}/{step}'><span>{step_title}: {warning}</span></a></li>",
    names};

static void draw_items(eb_buf_t *out, const eb_job_t *job, const eb_errors_t *warnings, bool away)
{
    eb_job_t item = *job;
    for (int i = 0; i < warnings->list->nelts; i++) {
        item.error = &APR_ARRAY_IDX(warnings->list, i, eb_error_t);
        eb_draw(out, &item, away && !item.error->node->control ? EB_L_warning_list : EB_L_error);
    }
}

static void draw_box(eb_buf_t *out, const eb_job_t *job, eb_buf_t *items)
{
    eb_job_t box = *job;
    box.more = (void *)eb_buf_cstr(items);
    if (*eb_buf_cstr(items))
        eb_draw(out, &box, EB_L_warnings);
}

/* What was typed and not stored is not looked at. */
void eb_fill_page_warnings(eb_buf_t *out, eb_job_t *job)
{
    eb_errors_t *warnings = eb_errors_new(job->c.pool);
    eb_buf_t items;
    if (job->errors || job->v->stale || job->v->ended)
        return;
    eb_rules_warn_page(warnings, job->page, &job->c);
    job->warned = eb_rules_warn_mark(warnings);
    eb_buf_init(&items, 64, job->c.pool);
    draw_items(&items, job, warnings, false);
    draw_box(out, job, &items);
}

void eb_fill_warned(eb_buf_t *out, eb_job_t *job)
{
    if (job->warned)
        eb_buf_printf(out, "<input type='hidden' name='" EB_FIELD_WARNED "' value='%08x'/>",
                      job->warned);
}

static void collect(eb_buf_t *items, eb_job_t *job, bool away)
{
    eb_errors_t *warnings = eb_errors_new(job->c.pool);
    eb_context_t root = job->c;
    root.entry = EB_ROOT;
    eb_rules_warn_step(warnings, job->step, &root);
    draw_items(items, job, warnings, away);
}

void eb_fill_step_warnings(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_t items;
    if (job->errors || job->v->stale || job->v->ended)
        return;
    eb_buf_init(&items, 64, job->c.pool);
    collect(&items, job, false);
    draw_box(out, job, &items);
}

void eb_fill_all_warnings(eb_buf_t *out, eb_job_t *job)
{
    eb_job_t each = *job;
    eb_buf_t items;
    eb_buf_init(&items, 64, job->c.pool);
    for (each.step = job->v->pages->first_step; each.step;
         each.step = eb_step_after(job->v->pages->form, each.step)) {
        if (eb_step_applies(&each, each.step))
            collect(&items, &each, true);
    }
    draw_box(out, job, &items);
}
