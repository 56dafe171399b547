/* Compiling: what is refused and with which words, how deep an expression may go, and which nodes
 * it is said to name. */
#include "xpath_family.h"

/* What is refused, and words that its message must hold. */
static void test_errors(apr_pool_t *pool)
{
    static const struct {
        const char *context, *text, *says;
    } cases[] = {
        {"person/alter", "", "character 1: it is empty"},
        {"person/alter", "  ", "it is empty"},
        {"person/alter", "../vornamem = 'x'",
         "character 4: there is no \"vornamem\" below \"person\"; did you mean \"vornamen\"?"},
        {"person/alter", "vornamen", "did you mean \"../vornamen\"?"},
        {"person/alter", "xyz", "\"alter\" is a field and has nothing below it"},
        {"person/alter", "../xyz", "only: familienname vornamen alter wohnort leer"},
        {"person", "'Łódź' = alder",
         "character 10: there is no \"alder\" below \"person\"; did you mean \"alter\"?"},
        {"person/alter", "../../..", "character 7: the root element \"antrag\" has no parent"},
        {"person/alter", "(../.. | .)/..", "the root element \"antrag\" has no parent"},
        {"person/alter", "/person", "begins with \"/antrag\""},
        {"person/alter", "/", "begins with \"/antrag\""},
        {"person/alter", "/antrag/kinder/kind/name", "there is no \"name\" below \"kind\""},
        {"person/alter", "../alter/*", "\"alter\" is a field and has nothing below it"},
        {"person/alter", "parent::antrag",
         "the parent of \"alter\" is \"person\", never \"antrag\""},
        {"person/alter", "self::name", "this is \"alter\", never \"name\""},
        {"person/alter", "@id", "no attributes"},
        {"person/alter", "../attribute::id", "no attributes"},
        {"person/alter", "..//plz", "\"//\" is not available"},
        {"person/alter", "//plz", "\"//\" is not available"},
        {"person/alter", "ancestor::person", "the axis \"ancestor\" is not available"},
        {"person/alter", "text()", "text() is not available"},
        {"person", "node()", "node() is not available"},
        {"person/alter", "xf:if(1, 2, 3)", "no prefix"},
        {"person/alter", "$x", "no variables"},
        {"person/alter", "1 +", "instead of its end"},
        {"person/alter", "1 2", "expected an operator or the end instead of \"2\""},
        {"person/alter", "(1", "expected \")\" instead of its end"},
        {"person/alter", "'abc", "does not end"},
        {"person/alter", "1 # 2", "instead of \"#\""},
        {"person/alter", "../", "expected the name of an element"},
        {"person/alter", "nope()", "there is no function nope()"},
        {"person/alter", "id('x')", "there is no function id()"},
        {"person/alter", "not()", "not() needs more arguments"},
        {"person/alter", "concat('a')", "concat() needs more arguments"},
        {"person/alter", "true(1)", "true() has too many arguments (at most 0)"},
        {"person/alter", "string-length('a', 'b')",
         "string-length() has too many arguments (at most 1)"},
        {"person/alter", "substring('a', 1, 2, 3)",
         "substring() has too many arguments (at most 3)"},
        {"person/alter", "count('x')", "argument 1 of count() must be a path"},
        {"person/alter", "choose(1, 2)", "choose() needs more arguments"},
        {"person/alter", "current(1)", "current() has too many arguments (at most 0)"},
        {"person/alter", "1 | 2", "\"|\" joins paths only"},
        {"person/alter", ". | 2", "\"|\" joins paths only"},
        {"person/alter", "'x'[1]", "only a path can have predicates"},
        {"person/alter", "(1)/x", "only a path can have predicates"},
        {"kinder", "kind[vornamem = 'x']", "below \"kind\"; did you mean \"vornamen\"?"},
        {"kinder", "kind[", "instead of its end"},
        {"kinder", "kind[1", "expected \"]\""},
    };
    eb_form_t *form = sample_form(FAMILY_FORM, pool);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_expr_t *expr;
        eb_problem_t *problem = NULL;
        apr_status_t status =
            eb_expr_compile(&expr, cases[i].text, form, sample_find(form, cases[i].context),
                            "form.xml:7", &problem, pool);
        bool says = status == APR_EINVAL && problem && strstr(problem->what, cases[i].says);
        if (!ok(says, apr_psprintf(pool, "refused: %s", cases[i].text)))
            printf("#   says: %s\n", problem ? problem->what : "nothing");
    }
}

static bool compiles(const char *text, apr_pool_t *pool)
{
    eb_form_t *form = sample_form(FAMILY_FORM, pool);
    eb_expr_t *expr;
    return eb_expr_compile(&expr, text, form, form->root, "x:1", NULL, pool) == APR_SUCCESS;
}

static const char *repeated(const char *first, const char *more, int count, const char *end,
                            apr_pool_t *pool)
{
    eb_buf_t b;
    eb_buf_init(&b, 4096, pool);
    eb_buf_puts(&b, first);
    while (count-- > 0)
        eb_buf_puts(&b, more);
    eb_buf_puts(&b, end);
    return eb_buf_cstr(&b);
}

static void test_limits(apr_pool_t *pool)
{
    ok(compiles(repeated("", "(", 60, repeated("1", ")", 60, "", pool), pool), pool),
       "60 brackets");
    ok(!compiles(repeated("", "(", 70, repeated("1", ")", 70, "", pool), pool), pool),
       "70 brackets");
    ok(compiles(repeated("1", " or 0", 700, "", pool), pool),
       "a long list of alternatives is flat");
    ok(compiles(repeated("1", "+1", 60, "", pool), pool), "a sum of 61");
    ok(!compiles(repeated("1", "+1", 70, "", pool), pool), "a sum of 71 is too deep");
    ok(compiles(repeated("", "-", 3000, "1", pool), pool), "minus signs do not nest");
    ok(compiles(repeated("1", " ", 3999, "", pool), pool), "4000 bytes");
    ok(!compiles(repeated("1", " ", 4000, "", pool), pool), "4001 bytes");
    ok(!compiles(repeated("", "not(", 900, "", pool), pool), "calls nest only so far");
    ok(!compiles(repeated("person", "[person", 500, "", pool), pool), "so do predicates");
    ok(!compiles("\xff\xfe = 1", pool), "bytes that are no UTF-8 are no name");
}

static void note(void *baton, const eb_node_t *node)
{
    eb_buf_t *b = baton;
    eb_buf_puts(b, b->len ? " " : "");
    eb_buf_puts(b, node->path);
}

static void test_nodes(apr_pool_t *pool)
{
    static const char *const cases[][2] = {
        {"../vornamen = 'x'", "person/vornamen"},
        {". = ../alter", "person/alter person/alter"},
        {"count(../../kinder/kind[alter > current()]) > 0",
         "kinder/kind/alter person/alter kinder/kind"},
        {"../../kinder/kind/vornamen | ../leer", "kinder/kind/vornamen person/leer"},
        {"choose(1, ../leer, ../alter)", "person/leer person/alter"},
        {"../wohnort/*", "person/wohnort/ort person/wohnort/plz"},
        {"(../../kinder/kind)[soll_mit = 'x']/geburt",
         "kinder/kind kinder/kind/soll_mit kinder/kind/geburt"},
        {"'x' = 1 + true()", ""},
    };
    eb_form_t *form = sample_form(FAMILY_FORM, pool);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_expr_t *expr = NULL;
        eb_buf_t b;
        eb_buf_init(&b, 64, pool);
        eb_expr_compile(&expr, cases[i][0], form, sample_find(form, "person/alter"), "x:1", NULL,
                        pool);
        eb_expr_nodes(expr, note, &b);
        is_str(eb_buf_cstr(&b), cases[i][1], apr_pstrcat(pool, "nodes of ", cases[i][0], NULL));
        is_str(eb_expr_text(expr), cases[i][0], "its text is as written");
    }
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_errors(pool);
    test_limits(pool);
    test_nodes(pool);
    return done();
}
