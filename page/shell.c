/* What surrounds every page: head, header, footer; and the pieces that several pages share, from
 * the error summary to the path of a form. */
#include "pages.h"

#include <apr_strings.h>

void eb_fill_number(eb_buf_t *out, long number)
{
    char digits[24];
    int i = (int)sizeof(digits);
    unsigned long rest = number < 0 ? 0 : (unsigned long)number;
    do {
        digits[--i] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    eb_buf_add(out, digits + i, sizeof(digits) - (apr_size_t)i);
}

static void fill_title(eb_buf_t *out, eb_job_t *job)
{
    eb_say_html(out, job, job->title);
}

static void fill_window(eb_buf_t *out, eb_job_t *job)
{
    if (job->errors)
        eb_buf_html(out, eb_job_text(job, EB_T_ERROR_PREFIX));
    eb_buf_html(out, job->title);
    eb_buf_puts(out, " – ");
    eb_buf_html(out, job->v->pages->form->title);
    if (job->v->site->name) {
        eb_buf_puts(out, " – ");
        eb_buf_html(out, job->v->site->name);
    }
}

static void fill_service(eb_buf_t *out, eb_job_t *job)
{
    eb_say_html(out, job, job->v->pages->form->title);
}

static void fill_base(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->v->base);
}

static void fill_assets(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->v->asset_base);
}

static void fill_ticket(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->v->ticket);
}

static void fill_head(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, job->v->site->head);
}

static void fill_step(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, job->step->id);
}

static void fill_step_title(eb_buf_t *out, eb_job_t *job)
{
    eb_say_html(out, job, job->step->title);
}

void eb_fill_position(eb_buf_t *out, eb_job_t *job)
{
    eb_fill_number(out, job->number);
}

static void fill_count(eb_buf_t *out, eb_job_t *job)
{
    eb_fill_number(out, job->count);
}

static void fill_entry_number(eb_buf_t *out, eb_job_t *job)
{
    eb_fill_number(out, job->c.entry + 1);
}

static void fill_label(eb_buf_t *out, eb_job_t *job)
{
    eb_say_html(out, job, job->control->label);
}

static void fill_intro(eb_buf_t *out, eb_job_t *job)
{
    if (!job->step->intro_html)
        return;
    eb_buf_puts(out, "<div class='ez-prose'>");
    eb_buf_puts(out, job->step->intro_html);
    eb_buf_puts(out, "</div>");
}

static void fill_stale(eb_buf_t *out, eb_job_t *job)
{
    if (job->v->ended)
        eb_draw(out, job, EB_L_ended);
    else if (job->v->stale)
        eb_draw(out, job, EB_L_stale);
}

static void fill_deletion(eb_buf_t *out, eb_job_t *job)
{
    if (job->v->deletion.year)
        eb_draw(out, job, EB_L_deletion);
}

void eb_link(eb_buf_t *out, const eb_job_t *job, const char *path, eb_text_id_t label)
{
    eb_buf_puts(out, "<p class='kern-body'><a class='kern-link' href='");
    eb_buf_html(out, job->v->base);
    eb_buf_putc(out, '/');
    eb_buf_puts(out, path);
    eb_buf_puts(out, "'>");
    eb_say_html(out, job, eb_job_text(job, label));
    eb_buf_puts(out, "</a></p>");
}

void eb_fill_action(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->v->base);
    eb_buf_putc(out, '/');
    eb_buf_puts(out, job->step->id);
    if (!job->step->repeat || job->c.entry == EB_ROOT)
        return;
    eb_buf_putc(out, '/');
    eb_fill_number(out, job->c.entry + 1);
    if (!job->page || job->page == job->step->pages)
        return;
    eb_buf_putc(out, '/');
    eb_buf_puts(out, job->page->id);
}

/* The link leads to the field itself; the fields of a date begin with the day. */
void eb_fill_anchor(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, job->control->node->param);
    if (job->control->kind == EB_CONTROL_DATE)
        eb_buf_puts(out, ".tag");
}

/* An entry that is just being added has no name yet. */
void eb_fill_entry(eb_buf_t *out, eb_job_t *job)
{
    const eb_step_t *step = job->step;
    eb_say_html(out, job, step->entry_name);
    eb_buf_putc(out, ' ');
    eb_fill_number(out, job->c.entry + 1);
    if (!step->entry_label || job->c.entry >= eb_entries_count(job, step))
        return;
    const char *label = eb_expr_string(step->entry_label, &job->c);
    if (!label[strspn(label, " ")])
        return;
    eb_buf_puts(out, ": <bdi>");
    eb_buf_html(out, label);
    eb_buf_puts(out, "</bdi>");
}

/* Draws nothing: counts the steps of this application for the holes {number} and {count}. */
static void count_steps(eb_buf_t *out, eb_job_t *job)
{
    (void)out;
    const eb_form_t *form = job->v->pages->form;
    job->number = job->count = 0;
    for (const eb_step_t *s = job->v->pages->first_step; s; s = eb_step_after(form, s)) {
        if (!eb_step_applies(job, s) && s != job->step)
            continue;
        job->count++;
        if (s == job->step)
            job->number = job->count;
    }
}

/* ---- the error summary ---- */

static void fill_error_title(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_say_count(job->v->pages->form->words, job->c.pool, eb_text(EB_T_ERRORS),
                                  eb_text(EB_T_ERRORS_MANY), job->errors->list->nelts));
}

static const eb_page_t *error_page(const eb_job_t *job)
{
    for (const eb_page_t *p = job->step ? job->step->pages : NULL; p; p = p->next) {
        const eb_control_t *c = NULL;
        while ((c = eb_control_next(p, c)) != NULL) {
            if (c->node && c->node == job->error->node)
                return p;
        }
    }
    return NULL;
}

/* The first wrong part of a date; otherwise the field, the first box, or the group itself. */
static void error_anchor(eb_buf_t *out, const eb_job_t *job)
{
    const eb_error_t *error = job->error;
    const eb_node_t *node = error->node;
    eb_buf_putc(out, '#');
    eb_buf_puts(out, node          ? node->param
                     : job->fields ? job->fields[error->parts].id
                                   : EB_FIELD_CONFIRM);
    if (!node || !node->control || node->control->kind != EB_CONTROL_DATE)
        return;
    if (error->parts & 1 || !error->parts)
        eb_buf_puts(out, ".tag");
    else
        eb_buf_puts(out, error->parts & 2 ? ".monat" : ".jahr");
}

/* A question has its own end, in Arabic script another one. */
static bool is_question(const char *label)
{
    apr_size_t len = strlen(label);
    return label[len - 1] == '?' || (len > 2 && !strcmp(label + len - 2, "\u061F"));
}

static void error_text(eb_buf_t *out, eb_job_t *job)
{
    const eb_node_t *node = job->error->node;
    const char *label = node && node->control ? node->control->label : NULL;
    if (label && *label) {
        eb_say_html(out, job, label);
        eb_buf_puts(out, is_question(label) ? " " : ": ");
    }
    eb_say_html(out, job, job->error->text);
}

/* A list lacks an entry: the remedy is the button that adds one. */
static bool error_adds(const eb_job_t *job)
{
    const eb_step_t *step = job->step;
    return job->errors && job->error->entry == EB_ROOT && step && step->repeat && !step->fixed &&
           !job->page && eb_entries_count(job, step) < step->max;
}

/* In a list of entries the fault is on an entry's page; on that page itself the anchor is enough.
 * What has no control is a list, or an entry as a whole. */
static bool error_link(eb_buf_t *out, const eb_job_t *job, eb_job_t *at)
{
    if (job->error->node && !at->page && !error_adds(job))
        return false;
    eb_buf_puts(out, "<a class='kern-link' href='");
    if (at->page && at->page != job->page)
        eb_fill_action(out, at);
    if (!job->error->node || at->page)
        error_anchor(out, job);
    else
        eb_buf_puts(out, "#" EB_ID_ADD);
    eb_buf_puts(out, "'><span>");
    return true;
}

static void fill_error_item(eb_buf_t *out, eb_job_t *job)
{
    eb_job_t at = *job;
    at.page = error_page(job);
    at.c.entry = job->error->entry;
    bool linked = error_link(out, job, &at);
    if (at.page && at.page != job->page && at.c.entry != EB_ROOT) {
        eb_fill_entry(out, &at);
        eb_buf_puts(out, " – ");
    }
    error_text(out, job);
    if (linked)
        eb_buf_puts(out, "</span></a>");
}

static void fill_error_items(eb_buf_t *out, eb_job_t *job)
{
    const eb_error_t *errors = (const eb_error_t *)job->errors->list->elts;
    for (int i = 0; i < job->errors->list->nelts; i++) {
        job->error = &errors[i];
        eb_draw(out, job, EB_L_error);
    }
    job->error = NULL;
}

static void fill_errors(eb_buf_t *out, eb_job_t *job)
{
    if (job->errors)
        eb_draw(out, job, EB_L_errors);
}

static const eb_name_t error_names[] = {{"title", .fill = fill_error_title},
                                        {"items", .fill = fill_error_items},
                                        {"item", .fill = fill_error_item},
                                        {.name = NULL}};

const eb_layout_t eb_layout_errors = {
    "<div class='kern-alert kern-alert--danger' id='fehler' role='alert' tabindex='-1'"
    " autofocus='autofocus' aria-labelledby='fehler-titel'>"
    "<div class='kern-alert__header'>"
    "<span class='kern-icon kern-icon--danger' aria-hidden='true'></span>"
    "<h2 class='kern-title' id='fehler-titel'>{title}</h2></div>"
    "<div class='kern-alert__body'><ul class='kern-list kern-list--bullet'>{items}</ul></div>"
    "</div>",
    error_names};

const eb_layout_t eb_layout_error = {"<li>{item}</li>", error_names};

/* ---- the shell ---- */

static const char shell_top[] =
    "<!DOCTYPE html>\n"
    "<html lang='{lang}' dir='{dir}'><head><meta charset='utf-8'/>"
    "<meta name='viewport' content='width=device-width, initial-scale=1'/>"
    "<title>{window}</title>"
    "<link rel='stylesheet' href='{assets}/fonts.css'/>"
    "<link rel='stylesheet' href='{assets}/kern.min.css'/>"
    "<link rel='stylesheet' href='{assets}/app.css'/>{alternates}{head}</head><body>"
    "<a class='kern-link ez-skip' href='#ez-inhalt'>{SKIP}</a>"
    "<header>{header}<div class='kern-container'><div class='ez-header'>"
    "<a class='kern-title ez-service' href='{base}/'>{service}</a>{switcher}</div></div></header>"
    "<main class='kern-container' id='ez-inhalt'><div class='ez-main'>";

static const char shell_end[] = "{main_end}{page_end}";

static const char buttons[] =
    "<div class='ez-buttons'>{button_next}{button_back}{button_pause}</div>";

#define BUTTON(name, look, text)                                                                   \
    "<button class='kern-btn kern-btn--" look "' type='submit' name='" name "' value='1'>"         \
    "<span class='kern-label'>{" text "}</span></button>"

static const char progress[] = "{count_steps}<div class='kern-progress'>"
                               "<label class='kern-label' for='ez-fortschritt'>{PROGRESS}</label>"
                               "<progress id='ez-fortschritt' value='{number}' "
                               "max='{count}'>{PROGRESS_SHORT}</progress></div>";

const eb_name_t eb_shell_names[] = {
    {"shell_top", .nested = shell_top},
    {"shell_end", .nested = shell_end},
    {"main_end", .html = "</div></main>"},
    {"page_end", .nested = "{footer}</body></html>\n"},
    {"buttons", .nested = buttons},
    {"button_next", .nested = BUTTON(EB_BUTTON_NEXT, "primary", "NEXT")},
    {"button_back", .nested = BUTTON(EB_BUTTON_BACK, "secondary", "BACK")},
    {"button_pause", .nested = BUTTON(EB_BUTTON_PAUSE, "tertiary", "PAUSE")},
    {"progress", .nested = progress},
    {"ticket",
     .nested = "<input type='hidden' name='" EB_FIELD_TICKET "' value='{ticket_value}'/>"},
    {"ticket_value", .fill = fill_ticket},
    {"window", .fill = fill_window},
    {"title", .fill = fill_title},
    {"service", .fill = fill_service},
    {"base", .fill = fill_base},
    {"assets", .fill = fill_assets},
    {"head", .fill = fill_head},
    {"header", .fill = eb_fill_header},
    {"footer", .fill = eb_fill_footer},
    {"lang", .fill = eb_fill_lang},
    {"dir", .fill = eb_fill_dir},
    {"alternates", .fill = eb_fill_alternates},
    {"switcher", .fill = eb_fill_switcher},
    {"answers_note", .fill = eb_fill_answers_note},
    {"form_id", .html = EB_ID_FORM},
    {"step", .fill = fill_step},
    {"step_title", .fill = fill_step_title},
    {"action", .fill = eb_fill_action},
    {"intro", .fill = fill_intro},
    {"count_steps", .fill = count_steps},
    {"number", .fill = eb_fill_position},
    {"count", .fill = fill_count},
    {"entry", .fill = eb_fill_entry},
    {"entry_number", .fill = fill_entry_number},
    {"label", .fill = fill_label},
    {"answer", .fill = eb_answer_draw},
    {"receiver", .fill = eb_fill_receiver},
    {"stale", .fill = fill_stale},
    {"errors", .fill = fill_errors},
    {"deletion", .fill = fill_deletion},
    {.name = NULL}};
