/* The languages of a page: which one it is in, and how to have it in another. Where a page is being
 * filled in, changing the language sends it, so that what was typed is kept; elsewhere it is a
 * link. Every language is named as its speakers call it. */
#include "pages.h"

void eb_fill_lang(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, eb_words_language(job->v->pages->form->words));
}

void eb_fill_dir(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_puts(out, eb_words_rtl(job->v->pages->form->words) ? "rtl" : "ltr");
}

/* Search engines find the same entrance in every language. */
void eb_fill_alternates(eb_buf_t *out, eb_job_t *job)
{
    const eb_view_t *v = job->v;
    for (int i = 0; job->entrance && v->tongues_count > 1 && i < v->tongues_count; i++) {
        eb_buf_puts(out, "<link rel='alternate' hreflang='");
        eb_buf_puts(out, v->tongues[i].code);
        eb_buf_puts(out, "' href='");
        eb_buf_html(out, v->tongues[i].base);
        eb_buf_puts(out, "/'/>");
    }
}

static void open_link(eb_buf_t *out, const eb_job_t *job, const eb_tongue_t *tongue)
{
    eb_buf_puts(out, "<a class='kern-link' href='");
    eb_buf_html(out, tongue->base);
    eb_buf_html(out, job->v->path);
    eb_buf_puts(out, "' hreflang='");
    eb_buf_puts(out, tongue->code);
}

static void open_button(eb_buf_t *out, const eb_job_t *job, const eb_tongue_t *tongue)
{
    eb_buf_puts(out, "<button class='kern-link ez-language' type='submit' name='" EB_BUTTON_LANGUAGE
                     "' value='1' form='");
    eb_buf_puts(out, job->sends);
    eb_buf_puts(out, "' formaction='");
    eb_buf_html(out, tongue->base);
    eb_buf_html(out, job->v->path);
}

static void draw_choice(eb_buf_t *out, const eb_job_t *job, const eb_tongue_t *tongue)
{
    eb_buf_puts(out, "<li>");
    if (job->sends)
        open_button(out, job, tongue);
    else
        open_link(out, job, tongue);
    eb_buf_puts(out, "' lang='");
    eb_buf_puts(out, tongue->code);
    eb_buf_puts(out, tongue->rtl ? "' dir='rtl'>" : "' dir='ltr'>");
    eb_buf_html(out, tongue->name);
    eb_buf_puts(out, job->sends ? "</button></li>" : "</a></li>");
}

/* The word in English, too: it is what people look for on a page that they cannot read. */
void eb_fill_switcher(eb_buf_t *out, eb_job_t *job)
{
    const eb_view_t *v = job->v;
    const eb_words_t *words = v->pages->form->words;
    if (v->tongues_count < 2)
        return;
    eb_buf_puts(out, "<details class='ez-languages ez-screen'><summary class='kern-body'>");
    eb_buf_html(out, eb_job_text(job, EB_T_LANGUAGE));
    if (strncmp(eb_words_language(words), "en", 2) != 0)
        eb_buf_puts(out, " / <span lang='en' dir='ltr'>Language</span>");
    eb_buf_puts(out, ": <bdi>");
    eb_buf_html(out, eb_words_name(words));
    eb_buf_puts(out, "</bdi></summary><ul>");
    for (int i = 0; i < v->tongues_count; i++)
        if (strcmp(v->tongues[i].code, eb_words_language(words)) != 0)
            draw_choice(out, job, &v->tongues[i]);
    eb_buf_puts(out, "</ul></details>");
}

/* What stands in an application is German, or at least in Latin letters. */
void eb_fill_answers_note(eb_buf_t *out, eb_job_t *job)
{
    if (!job->v->pages->form->words)
        return;
    eb_buf_puts(out, "<p class='kern-body ez-note'>");
    eb_buf_html(out, eb_job_text(job, EB_T_LANGUAGE_ANSWERS));
    eb_buf_puts(out, "</p>");
}

/* The German original of a text that has legal effect, to stand beside its translation. */
static void fill_german(eb_buf_t *out, const eb_job_t *job, eb_text_id_t id)
{
    if (!eb_is_translated(job, id))
        return;
    eb_buf_puts(out, "<p class='kern-body ez-german ez-box-more'><span class='ez-note'>");
    eb_buf_html(out, eb_job_text(job, EB_T_BINDING));
    eb_buf_puts(out, "</span><br/><span lang='de' dir='ltr'>");
    eb_buf_html(out, eb_text(id));
    eb_buf_puts(out, "</span></p>");
}

void eb_fill_german_confirm(eb_buf_t *out, eb_job_t *job)
{
    fill_german(out, job, EB_T_REVIEW_CONFIRM);
}
