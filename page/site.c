/* What an authority puts on every page: its style sheet, the banner of a test installation, its
 * name, and the links that the law wants on every page (§ 5 DDG, Art. 13 GDPR, § 7 BITV 2.0). */
#include "pages.h"

#include <apr_strings.h>

void eb_site_prepare(eb_site_t *site, apr_pool_t *pool)
{
    eb_buf_t out;
    eb_buf_init(&out, 128, pool);
    if (site->theme_url) {
        eb_buf_puts(&out, "<link rel='stylesheet' href='");
        eb_buf_html(&out, site->theme_url);
        eb_buf_puts(&out, "'/>");
    }
    site->head = eb_buf_cstr(&out);
}

void eb_fill_header(eb_buf_t *out, eb_job_t *job)
{
    const eb_site_t *site = job->v->site;
    if (site->test) {
        eb_buf_puts(out, "<p class='kern-body kern-body--bold ez-test'>");
        eb_buf_html(out, eb_job_text(job, EB_T_TEST_BANNER));
        eb_buf_puts(out, "</p>");
    }
    if (site->name) {
        eb_buf_puts(out, "<div class='kern-container'><p class='kern-body ez-authority'><bdi>");
        eb_buf_html(out, site->name);
        eb_buf_puts(out, "</bdi></p></div>");
    }
}

static void footer_link(eb_buf_t *out, const eb_job_t *job, const char *url, const char *more,
                        eb_text_id_t label)
{
    if (!url)
        return;
    eb_buf_puts(out, "<li><a class='kern-link' href='");
    eb_buf_puts(out, more ? "mailto:" : "");
    eb_buf_html(out, url);
    eb_buf_puts(out, more ? more : "");
    eb_buf_puts(out, "'>");
    eb_buf_html(out, eb_job_text(job, label));
    eb_buf_puts(out, "</a></li>");
}

/* Where a barrier is reported stands beside the accessibility statement; the letter's subject is
 * for the authority. */
void eb_fill_footer(eb_buf_t *out, eb_job_t *job)
{
    const eb_site_t *site = job->v->site;
    if (!site->imprint_url && !site->privacy_url && !site->accessibility_url && !site->mail)
        return;
    eb_buf_puts(out, "<footer class='kern-container'><nav aria-label='");
    eb_buf_html(out, eb_job_text(job, EB_T_LEGAL));
    eb_buf_puts(out, "'><ul class='kern-list kern-list--horizontal ez-footer'>");
    footer_link(out, job, site->imprint_url, NULL, EB_T_IMPRINT);
    footer_link(out, job, site->privacy_url, NULL, EB_T_PRIVACY);
    footer_link(out, job, site->accessibility_url, NULL, EB_T_ACCESSIBILITY);
    footer_link(out, job, site->mail, "?subject=Barriere%20im%20Online-Antrag", EB_T_BARRIER);
    eb_buf_puts(out, "</ul></nav></footer>");
}
