/* The template engine alone: what is folded when httpd starts, what stays a hole, and which
 * mistakes in a template are found. */
#include "tap.h"
#include "page/template.h"
#include "page/texts.h"

struct eb_job_t {
    const char *value;
};

static void fill_value(eb_buf_t *out, eb_job_t *job)
{
    eb_buf_html(out, job->value);
}

static const eb_name_t inner[] = {{"label", .text = "Name & <Ort>"},
                                  {"mark", .html = "<i>{label}</i>"},
                                  {"box", .nested = "[{label}|{value}]"},
                                  {"value", .fill = fill_value},
                                  {"number", .html = "2"},
                                  {"count", .html = "9"},
                                  {"step_title", .text = "<Titel>"},
                                  {"circle", .nested = "{circle}"},
                                  {.name = NULL}};
static const eb_name_t outer[] = {
    {"label", .text = "verdeckt"}, {"other", .html = "o"}, {.name = NULL}};
static const eb_name_t *const scopes[] = {inner, outer, NULL};

static const char *drawn(const char *html, const char *value, apr_pool_t *pool)
{
    const eb_template_t *t = NULL;
    eb_problem_t *problem = NULL;
    if (eb_template_compile(&t, html, scopes, eb_texts_make(NULL, pool), &problem, pool) !=
        APR_SUCCESS)
        return problem ? problem->what : NULL;
    eb_buf_t out;
    eb_buf_init(&out, 0, pool);
    eb_job_t job = {value};
    eb_template_write(&out, t, &job);
    return eb_buf_cstr(&out);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    is_str(drawn("", "", pool), "", "an empty template");
    is_str(drawn("<p>x</p>", "", pool), "<p>x</p>", "text without names");
    is_str(drawn("{label}", "", pool), "Name &amp; &lt;Ort&gt;", "a fixed text is escaped");
    is_str(drawn("{mark}", "", pool), "<i>{label}</i>", "HTML of a form is not searched for names");
    is_str(drawn("{other}", "", pool), "o", "the second table is asked, too");
    is_str(drawn("a{value}b", "<&'\">", pool), "a&lt;&amp;&#39;&quot;&gt;b", "a hole is filled");
    is_str(drawn("{value}{value}", "x", pool), "xx", "two holes in a row");
    is_str(drawn("{box}{value}", "y", pool), "[Name &amp; &lt;Ort&gt;|y]y", "nested, with a hole");
    is_str(drawn("{BACK}", "", pool), eb_text(EB_T_BACK), "a row of the text table");
    is_str(drawn("{PROGRESS}", "", pool), "Schritt 2 von 9: &lt;Titel&gt;", "names within a text");
    is_str(drawn("a{nobody}", "", pool),
           "The page template asks for {nobody}, which nothing provides", "an unknown name");
    is_str(drawn("{NO_TEXT}", "", pool),
           "The page template asks for {NO_TEXT}, which nothing provides", "an unknown text");
    ok(strstr(drawn("{valu}", "", pool), "{valu}"), "a prefix of a name is no name");
    ok(strstr(drawn("{value", "", pool), "{value}"), "a name that is not closed");
    ok(strstr(drawn("{circle}", "", pool), "{circle}"), "a circle ends");

    const eb_template_t *t;
    const eb_texts_t *texts = eb_texts_make(NULL, pool);
    eb_template_compile(&t, "12{value}345", scopes, texts, NULL, pool);
    is_int((long long)eb_template_size(t), 5, "the size counts the fixed text");
    ok(eb_texts_named(texts, "BACK", 4) == eb_text(EB_T_BACK), "texts have names");
    ok(!eb_texts_named(texts, "BAC", 3) && !eb_texts_named(texts, "BACKS", 5), "only whole names");
    return done();
}
