/* What an authority puts on every page, prepared once per configuration: its style sheet, the
 * banner of a test installation, its name, and the links that the law wants on every page (§ 5 DDG,
 * Art. 13 GDPR, § 7 BITV 2.0). */
#include "page.h"
#include "texts.h"

#include <apr_strings.h>

static const char *site_head(const eb_site_t *site, apr_pool_t *pool)
{
    eb_buf_t out;
    eb_buf_init(&out, 128, pool);
    if (site->theme_url) {
        eb_buf_puts(&out, "<link rel='stylesheet' href='");
        eb_buf_html(&out, site->theme_url);
        eb_buf_puts(&out, "'/>");
    }
    return eb_buf_cstr(&out);
}

static const char *site_header(const eb_site_t *site, apr_pool_t *pool)
{
    eb_buf_t out;
    eb_buf_init(&out, 256, pool);
    if (site->test) {
        eb_buf_puts(&out, "<p class='kern-body kern-body--bold ez-test'>");
        eb_buf_html(&out, eb_text(EB_T_TEST_BANNER));
        eb_buf_puts(&out, "</p>");
    }
    if (site->name) {
        eb_buf_puts(&out, "<div class='kern-container'><p class='kern-body ez-authority'>");
        eb_buf_html(&out, site->name);
        eb_buf_puts(&out, "</p></div>");
    }
    return eb_buf_cstr(&out);
}

static void footer_link(eb_buf_t *out, const char *url, eb_text_id_t label)
{
    if (!url)
        return;
    eb_buf_puts(out, "<li><a class='kern-link' href='");
    eb_buf_html(out, url);
    eb_buf_puts(out, "'>");
    eb_buf_html(out, eb_text(label));
    eb_buf_puts(out, "</a></li>");
}

/* Where a barrier is reported: beside the accessibility statement, on every page. */
static const char *feedback(const eb_site_t *site, apr_pool_t *pool)
{
    return site->mail ? apr_pstrcat(pool, "mailto:", site->mail,
                                    "?subject=Barriere%20im%20Online-Antrag", NULL)
                      : NULL;
}

static const char *site_footer(const eb_site_t *site, apr_pool_t *pool)
{
    if (!site->imprint_url && !site->privacy_url && !site->accessibility_url && !site->mail)
        return "";
    eb_buf_t out;
    eb_buf_init(&out, 512, pool);
    eb_buf_puts(&out, "<footer class='kern-container'><nav aria-label='");
    eb_buf_html(&out, eb_text(EB_T_LEGAL));
    eb_buf_puts(&out, "'><ul class='kern-list kern-list--horizontal ez-footer'>");
    footer_link(&out, site->imprint_url, EB_T_IMPRINT);
    footer_link(&out, site->privacy_url, EB_T_PRIVACY);
    footer_link(&out, site->accessibility_url, EB_T_ACCESSIBILITY);
    footer_link(&out, feedback(site, pool), EB_T_BARRIER);
    eb_buf_puts(&out, "</ul></nav></footer>");
    return eb_buf_cstr(&out);
}

void eb_site_prepare(eb_site_t *site, apr_pool_t *pool)
{
    site->head = site_head(site, pool);
    site->header = site_header(site, pool);
    site->footer = site_footer(site, pool);
}
