/* The start page: what this is, who answers for it, what is needed, what it costs, and what becomes
 * of the data, before the first of them is asked for. */
#include "pages.h"

static void fill_go(eb_buf_t *out, eb_job_t *job)
{
    const eb_step_t *first = job->v->pages->first_step;
    eb_buf_puts(out, job->v->deletion.year || !first ? "aufgaben" : first->id);
}

static void fill_go_label(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, eb_job_text(job, job->v->deletion.year ? EB_T_START_RESUME : EB_T_START_GO));
}

static void fill_privacy(eb_buf_t *out, eb_job_t *job)
{
    if (!job->v->site->privacy_url)
        return;
    eb_buf_puts(out, "<p class='kern-body'><a class='kern-link' href='");
    eb_buf_html(out, job->v->site->privacy_url);
    eb_buf_puts(out, "'>");
    eb_buf_html(out, eb_job_text(job, EB_T_START_PRIVACY_LINK));
    eb_buf_puts(out, "</a></p>");
}

static void language(eb_buf_t *out, const eb_job_t *job, const char *url, eb_text_id_t label)
{
    if (!url)
        return;
    eb_buf_puts(out, "<li><a class='kern-link' href='");
    eb_buf_html(out, url);
    eb_buf_puts(out, "'>");
    eb_buf_html(out, eb_job_text(job, label));
    eb_buf_puts(out, "</a></li>");
}

/* What the authority has to explain the service (§ 4 BITV 2.0); nothing where it names nothing. */
static void fill_languages(eb_buf_t *out, eb_job_t *job)
{
    const eb_site_t *site = job->v->site;
    if (!site->easy_url && !site->sign_url && !site->languages_url)
        return;
    eb_buf_puts(out, "<nav aria-label='");
    eb_buf_html(out, eb_job_text(job, EB_T_START_LANGUAGES));
    eb_buf_puts(out, "'><ul class='kern-list kern-list--horizontal ez-footer'>");
    language(out, job, site->easy_url, EB_T_START_EASY);
    language(out, job, site->sign_url, EB_T_START_SIGN);
    language(out, job, site->languages_url, EB_T_START_OTHER);
    eb_buf_puts(out, "</ul></nav>");
}

static void fill_files(eb_buf_t *out, eb_job_t *job)
{
    if (!job->v->pages->uploads)
        return;
    eb_buf_puts(out, "<p class='kern-body'>");
    eb_buf_html(out, eb_job_text(job, EB_T_START_NEED_FILES));
    eb_buf_puts(out, "</p>");
}

/* Where no draft is open, one may be opened. */
static void fill_resume(eb_buf_t *out, eb_job_t *job)
{
    if (!job->v->deletion.year)
        eb_link(out, job, "fortsetzen", EB_T_TO_RESUME);
}

static void fill_standing(eb_buf_t *out, eb_job_t *job)
{
    eb_link(out, job, "status", EB_T_TO_STATUS);
}

static void fill_quickcheck(eb_buf_t *out, eb_job_t *job)
{
    if (job->v->neighbour && !job->v->deletion.year)
        eb_draw(out, job, EB_L_quickcheck_offer);
}

static void fill_neighbour(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->v->neighbour);
}

/* Above for those who know the page, and behind the last word that a first entry should follow. */
static const char start_button[] = "<p><a class='kern-btn kern-btn--primary' href='{base}/{go}'>"
                                   "<span class='kern-label'>{go_label}</span></a></p>";

static const eb_name_t names[] = {{"go", .fill = fill_go},
                                  {"start_button", .nested = start_button},
                                  {"quickcheck", .fill = fill_quickcheck},
                                  {"neighbour", .fill = fill_neighbour},
                                  {"go_label", .fill = fill_go_label},
                                  {"privacy", .fill = fill_privacy},
                                  {"need_files", .fill = fill_files},
                                  {"languages", .fill = fill_languages},
                                  {"resume", .fill = fill_resume},
                                  {"standing", .fill = fill_standing},
                                  {.name = NULL}};

const eb_layout_t eb_layout_start = {
    "{shell_top}<h1 class='kern-heading-large'>{title}</h1>{languages}"
    "<p class='kern-body kern-body--large'>{START_WHAT}</p>{answers_note}{deletion}"
    "{start_button}{resume}{standing}"
    "{quickcheck}"
    "<h2 class='kern-heading-medium'>{START_WHO}</h2><p class='kern-body'>{START_WHO_TEXT}</p>"
    "<ul class='kern-list kern-list--bullet'><li>{START_WHO_CHILD}</li><li>{START_WHO_ABROAD}</li>"
    "</ul>{receiver}"
    "<h2 class='kern-heading-medium'>{START_NEED}</h2><p class='kern-body'>{START_NEED_TEXT}</p>"
    "<ul class='kern-list kern-list--bullet'><li>{START_NEED_PASS}</li><li>{START_NEED_TITLE}</li>"
    "<li>{START_NEED_FAMILY}</li><li>{START_NEED_WORK}</li><li>{START_NEED_LANGUAGE}</li></ul>"
    "{need_files}"
    "<h2 class='kern-heading-medium'>{START_TIME}</h2><p class='kern-body'>{START_TIME_TEXT}</p>"
    "<p class='kern-body'>{START_TIME_AFTER}</p>"
    "<h2 class='kern-heading-medium'>{START_FEE}</h2><p class='kern-body'>{START_FEE_TEXT}</p>"
    "<h2 class='kern-heading-medium'>{START_PRIVACY}</h2><p class='kern-body'>{START_PRIVACY_TEXT}"
    "</p><p class='kern-body'>{START_COOKIE}</p>{privacy}{start_button}{shell_end}",
    names};

const eb_layout_t eb_layout_quickcheck_offer = {
    "<p class='kern-body'>{CHECK_OFFER} "
    "<a class='kern-link' href='{neighbour}/'>{CHECK_OFFER_GO}</a></p>",
    names};

void eb_page_start(eb_buf_t *out, const eb_view_t *v)
{
    eb_job_t job = eb_job(v, v->pages->form->title);
    job.entrance = true;
    eb_draw(out, &job, EB_L_start);
}
