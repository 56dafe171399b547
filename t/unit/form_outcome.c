/* The rules of a Quick-Check on a small form: what they come to, from when and until when, and
 * every way in which they can be written wrong. */
#include "form/outcome.h"
#include "tap.h"

#include <apr_strings.h>

static apr_pool_t *pool;

static const char form_text[] =
    "<eb:form xmlns:eb='urn:mod-einbuergerung:form:1' xmlns:xf='http://www.w3.org/2002/xforms'"
    " xmlns:h='http://www.w3.org/1999/xhtml' id='check' version='1' xml:lang='de'>\n" /* 1 */
    "<eb:title>Check</eb:title>\n"
    "<xf:model><xf:instance><check xmlns=''><a/><b/><kinder><kind><n/></kind></kinder></check>\n"
    "</xf:instance></xf:model>\n" /* 4 */
    "<eb:section><xf:label>Fragen</xf:label><eb:step id='eins'><xf:label>Eins</xf:label>\n"
    "<xf:input ref='a'><xf:label>A</xf:label></xf:input>\n" /* 6 */
    "<xf:input ref='b'><xf:label>B</xf:label></xf:input></eb:step></eb:section>\n"
    "<eb:outcome for='antrag' valid-from='2026-01-01'><eb:law>Gesetz</eb:law>\n" /* 8 */
    "<eb:text><h:p>Vorab</h:p></eb:text>\n"
    "<eb:verdict kind='met'><xf:label>Ja</xf:label></eb:verdict>\n" /* 10 */
    "<eb:verdict kind='check'><xf:label>Vielleicht</xf:label></eb:verdict>\n"
    "<eb:verdict kind='unmet'><xf:label>Nein</xf:label></eb:verdict>\n" /* 12 */
    "<eb:verdict kind='elsewhere'><xf:label>Dort</xf:label></eb:verdict>\n"
    "<eb:topic><xf:label>Thema</xf:label>\n" /* 14 */
    "<eb:finding id='A' kind='unmet' paragraph='§ 1' if=\"contains(a, 'A')\"><xf:label>A</xf:label>"
    "<xf:output value='concat(b, 1)'><xf:label>Zahl</xf:label></xf:output></eb:finding>\n"
    "<eb:finding id='B' kind='check' instead-of='A D' if=\"contains(a, 'B')\">" /* 16 */
    "<xf:label>B</xf:label><eb:text><h:p>Tun</h:p></eb:text></eb:finding>\n"
    "</eb:topic><eb:topic><xf:label>Weiteres</xf:label>\n" /* 17 */
    "<eb:finding id='C' kind='hint' if=\"contains(a, 'C')\"><xf:label>C</xf:label></eb:finding>\n"
    "<eb:finding id='D' kind='elsewhere' valid-from='2026-03-01' valid-until='2026-03-31'"
    " if=\"contains(a, 'D')\"><xf:label>D</xf:label></eb:finding></eb:topic>\n" /* 19 */
    "<eb:advice><xf:label>Liste</xf:label><eb:point>Immer</eb:point>\n"
    "<eb:point if=\"b = '1'\">Manchmal</eb:point>\n" /* 21 */
    "<xf:output value='b'><xf:label>B</xf:label></xf:output></eb:advice>\n"
    "</eb:outcome></eb:form>\n";

static const char *edited(const char *old, const char *new)
{
    const char *at = strstr(form_text, old);
    if (!at) {
        printf("# the form has no \"%s\"\n", old);
        return form_text;
    }
    return apr_pstrcat(pool, apr_pstrmemdup(pool, form_text, (apr_size_t)(at - form_text)), new,
                       at + strlen(old), NULL);
}

static eb_form_t *parse(const char *text, eb_problem_t **problem)
{
    eb_form_t *form = NULL;
    *problem = NULL;
    return eb_form_parse(&form, text, strlen(text), "probe.xml", "schemas/form.rng", NULL, problem,
                         pool) == APR_SUCCESS
               ? form
               : NULL;
}

static void is_broken(const char *old, const char *new, int line, const char *phrase)
{
    eb_problem_t *problem;
    bool loaded = parse(edited(old, new), &problem) != NULL;
    if (!ok(!loaded && strstr(problem->what, phrase), phrase))
        printf("# %s\n", loaded ? "loaded" : eb_problem_text(problem, pool));
    if (!loaded)
        is_str(problem->where, apr_psprintf(pool, "probe.xml:%d", line), "at its line");
}

static void check_broken(void)
{
    is_broken(" for='antrag'", "", 8, "outcome");
    is_broken("2026-01-01", "2026-13-01", 8, "valid-from=\"2026-13-01\" is no day");
    is_broken("<eb:law>Gesetz</eb:law>", "<eb:law/>", 8, "law of <outcome> is empty");
    is_broken("kind='check'><xf:label>V", "kind='met'><xf:label>V", 11,
              "already a verdict \"met\"");
    is_broken("kind='check'><xf:label>V", "kind='hint'><xf:label>V", 11, "no verdict \"hint\"");
    is_broken("<eb:verdict kind='unmet'><xf:label>Nein</xf:label></eb:verdict>", "", 8,
              "eb:verdict of the kind unmet is missing");
    is_broken("id='B'", "id='A'", 16, "two findings \"A\", the first is at probe.xml:15");
    is_broken("kind='unmet' par", "kind='rot' par", 15, "kind=\"rot\": expected hint,");
    is_broken("'A D'", "'A X'", 16, "no finding \"X\" for \"B\"");
    is_broken("contains(a, 'C')", "contains(x, 'C')", 18, "x");
    is_broken("concat(b, 1)", "concat(b", 15, "concat(b");
    is_broken("b = '1'", "b = ", 21, "b = ");
    is_broken(">Immer<", "> <", 20, "The point is empty");
    is_broken("<xf:label>Thema</xf:label>", "<xf:label> </xf:label>", 14, "label of <topic> is");
    is_broken("valid-until='2026-03-31'", "valid-until='März'", 19,
              "valid-until=\"März\" is no day");
    is_broken(
        "</eb:section>",
        "<eb:step id='k'><xf:label>K</xf:label><xf:repeat nodeset='kinder/kind'><xf:label>K"
        "</xf:label><eb:add>K</eb:add><eb:empty>K</eb:empty><eb:entry value='n'/>"
        "<xf:input ref='kinder/kind/n'><xf:label>N</xf:label></xf:input></xf:repeat></eb:step>"
        "</eb:section>",
        8, "expected neither xf:repeat nor xf:upload");
}

/* "A B: check" for the findings that hold on a day, and the verdict. */
static const char *decide(const eb_form_t *form, const char *a, apr_int64_t now)
{
    static const char *const kinds[] = {"hint", "met", "check", "unmet", "elsewhere"};
    eb_instance_t *in = eb_instance_new(form, pool);
    eb_context_t c = {in, EB_ROOT, apr_time_from_sec(now), pool};
    eb_result_t result;
    const char *text = "";

    eb_instance_set(in, eb_form_node(form, "a"), EB_ROOT, a);
    eb_outcome_decide(&result, form->outcome, &c);
    for (const eb_finding_t *f = NULL; (f = eb_outcome_next(form->outcome, f));)
        if (result.holds[f->number])
            text = apr_pstrcat(pool, text, f->id, " ", NULL);
    return apr_pstrcat(pool, text, kinds[result.verdict], NULL);
}

int main(void)
{
    pool = tap_begin();
    eb_problem_t *problem;
    eb_form_t *form = parse(form_text, &problem);
    const apr_int64_t march = 1773532800; /* 15 March 2026 */

    if (!ok(form != NULL, "the form loads"))
        return 1;
    is_str(decide(form, "", march), "met", "nothing is found: nothing speaks against it");
    is_str(decide(form, "C", march), "C met", "a hint counts for nothing");
    is_str(decide(form, "A", march), "A unmet", "one finding");
    is_str(decide(form, "AB", march), "A B check", "B stands in for A");
    is_str(decide(form, "AD", march), "A D elsewhere", "another authority overrides all");
    is_str(decide(form, "BD", march), "B D check", "unless something stands in for it");
    is_str(decide(form, "D", 1772319599), "met", "a second before the rule");
    is_str(decide(form, "D", 1772319600), "D elsewhere", "from its first day on, in Berlin");
    is_str(decide(form, "D", 1774994399), "D elsewhere", "to its last");
    is_str(decide(form, "D", 1774994400), "met", "and not longer");
    is_str(form->outcome->for_form, "antrag", "which form it prepares for");
    is_str(form->outcome->intro, "<p>Vorab</p>", "prose becomes HTML");
    is_int(form->outcome->findings_count, 4, "all findings are counted");
    check_broken();
    return done();
}
