/* The loader on a good form, and on the same form broken in one place: every break must be found,
 * at its line, in words that say what is wrong. */
#include "form/form.h"
#include "form/xpath.h"
#include "scratch.h"
#include "tap.h"

#include "base/buf.h"

#define RNG "schemas/form.rng"

static apr_pool_t *pool;
static eb_codelists_t *lists;

static const char form_text[] =
    "<eb:form xmlns:eb='urn:mod-einbuergerung:form:1' xmlns:xf='http://www.w3.org/2002/xforms'"
    " xmlns:h='http://www.w3.org/1999/xhtml' id='probe' version='1' xml:lang='de'>\n" /* 1 */
    "<eb:title> Ein \n Titel </eb:title>\n"                                           /* 2, 3 */
    "<xf:model><xf:instance><probe xmlns=''>\n"                                       /* 4 */
    "<person><name/><ohne/><vornamen/><geboren/><stand/><titel/><alter/><alt/></person>\n"
    "<kinder><kind><name/><anschrift><ort/></anschrift><jahre/></kind></kinder>\n" /* 6 */
    "<angaben><grund/><wege/><betrag/></angaben>\n"
    "</probe></xf:instance>\n" /* 8 */
    "<xf:bind nodeset='person/name' type='eb:datatypeA' required='true()' eb:maxLength='90'/>\n"
    "<xf:bind nodeset='person/ohne' type='xs:boolean' required='true()'/>\n" /* 10 */
    "<xf:bind nodeset='person/vornamen' type='eb:datatypeA' relevant=\"../ohne = 'false'\"/>\n"
    "<xf:bind nodeset='person/geboren' type='eb:partialDate' eb:min='1900'"
    " constraint=\". &lt; '3000'\"/>\n" /* 12 */
    "<xf:bind nodeset='person/stand' type='eb:code' eb:codelist='urn:x:stand'/>\n"
    "<xf:bind nodeset='person/alter' type='xs:integer' calculate='age(../geboren)'/>\n" /* 14 */
    "<xf:bind nodeset='person/alt' type='xs:boolean' calculate='../alter > 60'/>\n"
    "<xf:bind nodeset='kinder' relevant=\"../person/ohne = 'false'\">\n" /* 16 */
    "<xf:constraint value='count(kind) > 0'><xf:alert>Bitte ein Kind.</xf:alert></xf:constraint>\n"
    "</xf:bind>\n" /* 18 */
    "<xf:bind nodeset='kinder/kind/name' type='eb:datatypeA' required='true()'/>\n"
    "<xf:bind nodeset='angaben/betrag' type='eb:amount' eb:max='1000.00'/>\n" /* 20 */
    "</xf:model>\n"
    "<eb:section><xf:label>Person</xf:label>\n" /* 22 */
    "<eb:step id='name'><xf:label>Ihr Name</xf:label>\n"
    "<eb:text><h:p>So wie im <h:strong>Pass</h:strong>.</h:p></eb:text>\n" /* 24 */
    "<xf:input ref='person/name' eb:autocomplete='family-name'><xf:label>Name</xf:label>"
    "<xf:hint>Zum Beispiel: "
    "Berg</xf:hint><xf:help>Hilfe</xf:help><xf:alert>Fehlt.</xf:alert></xf:input>\n"
    "<xf:select1 ref='person/ohne' appearance='full'><xf:label>Nur einen?</xf:label>\n" /* 26 */
    "<xf:item><xf:label>Ja</xf:label><xf:value>true</xf:value></xf:item>\n"
    "<xf:item><xf:label>Nein</xf:label><xf:value>false</xf:value></xf:item></xf:select1>\n" /* 28 */
    "</eb:step>\n"
    "<eb:step id='mehr'><xf:label>Mehr</xf:label>\n" /* 30 */
    "<xf:group ref='person'><xf:label>Gruppe</xf:label>\n"
    "<xf:input ref='person/vornamen'><xf:label>Vornamen</xf:label></xf:input>\n" /* 32 */
    "<xf:input ref='person/geboren'><xf:label>Geboren</xf:label></xf:input></xf:group>\n"
    "<xf:select1 ref='person/stand'><xf:label>Stand</xf:label></xf:select1>\n" /* 34 */
    "<xf:output value='person/alter'><xf:label>Alter</xf:label></xf:output>\n"
    "</eb:step></eb:section>\n" /* 36 */
    "<eb:section><xf:label>Weiteres</xf:label>\n"
    "<eb:step id='kinder'><xf:label>Kinder</xf:label>\n" /* 38 */
    "<eb:text><h:p>Alle Kinder.</h:p></eb:text>\n"
    "<xf:repeat nodeset='kinder/kind' eb:max='3'><xf:label>Kind</xf:label><eb:add>Noch "
    "eins</eb:add>\n"
    "<eb:empty>Keins</eb:empty><eb:entry value='name'/>\n" /* 41 */
    "<eb:page id='eins'><xf:label>Name des Kindes</xf:label>\n"
    "<xf:input ref='kinder/kind/name'><xf:label>Name</xf:label></xf:input></eb:page>\n" /* 43 */
    "<eb:page id='zwei'><xf:label>Wohnort</xf:label>\n"
    "<xf:input ref='kinder/kind/anschrift/ort'><xf:label>Ort</xf:label></xf:input></eb:page>\n" /* 45
                                                                                                 */
    "</xf:repeat></eb:step>\n"
    "<eb:step id='angaben'><xf:label>Angaben</xf:label>\n" /* 47 */
    "<xf:textarea ref='angaben/grund'><xf:label>Grund</xf:label></xf:textarea>\n"
    "<xf:select ref='angaben/wege'><xf:label>Wege</xf:label>\n" /* 49 */
    "<xf:item><xf:label>Post</xf:label><xf:value>post</xf:value></xf:item>\n"
    "<xf:item><xf:label>E-Mail</xf:label><xf:value>mail</xf:value></xf:item></xf:select>\n" /* 51 */
    "<xf:input ref='angaben/betrag'><xf:label>Betrag</xf:label></xf:input>\n"
    "</eb:step></eb:section></eb:form>\n"; /* 53 */

/* The form with the first `old` made `new`. */
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
    apr_status_t rv =
        eb_form_parse(&form, text, strlen(text), "probe.xml", RNG, lists, problem, pool);
    return rv == APR_SUCCESS ? form : NULL;
}

typedef struct broken_t {
    const char *old, *new;
    int line;
    const char *phrase;
} broken_t;

static void check_broken(const broken_t *b, int count)
{
    for (int i = 0; i < count; i++) {
        eb_problem_t *problem;
        bool loaded = parse(edited(b[i].old, b[i].new), &problem) != NULL;
        const char *where = apr_psprintf(pool, "probe.xml:%d", b[i].line);
        if (!ok(!loaded && strstr(problem->what, b[i].phrase), b[i].phrase))
            printf("# %s\n", loaded ? "loaded" : eb_problem_text(problem, pool));
        if (!loaded)
            is_str(problem->where, where, "at its line");
    }
}

#define CHECK(table) check_broken((table), (int)(sizeof(table) / sizeof((table)[0])))

static void broken_syntax(void)
{
    static const broken_t forms[] = {
        {"</eb:title>", "</eb:titel>", 3, "not well-formed XML: Opening and ending tag mismatch"},
        {"</eb:form>", "", 54, "not well-formed XML"},
        {"<eb:form ", "<!DOCTYPE x>\n<eb:form ", 1, "DOCTYPE"},
        {"Ihr Name", "Ihr &name;", 23, "Entity 'name' not defined"},
        {"<eb:title>", "<eb:titel/><eb:title>", 2, "Did not expect element titel there"},
        {"eb:autocomplete=", "eb:autocmplete=", 25,
         "<input ref=\"person/name\">: Invalid attribute"},
        {"eb:maxLength='90'", "eb:maxLength='90000'", 9, "(maxLength=\"90000\")"},
        {"<eb:step id='mehr'>", "<eb:step id='Me hr'>", 30,
         "id=\"Me hr\" becomes part of an address"},
        {"<eb:step id='mehr'>", "<eb:step>", 30, "<step> needs the attribute id"},
        {"<xf:label>Ihr Name</xf:label>", "", 24, "Did not expect element text there"},
        {"<h:p>So", "<h:p><script/>So", 24, "Did not expect element script there"},
        {"<h:strong>", "<h:strong style='x'>", 24, "Invalid attribute style"},
        {"<eb:add>Noch eins</eb:add>", "", 40, "<repeat> needs eb:add and eb:empty"},
        {"appearance='full'", "appearance='big'", 26, "(appearance=\"big\")"},
        {"<xf:bind nodeset='person/ohne'", "<xf:bind", 10, "<bind> needs the attribute nodeset"},
        {"<xf:label>Wege</xf:label>", "", 49, "Expecting element label, got item"},
        {"<xf:value>post</xf:value>", "<xf:value>a b</xf:value>", 50, "<value>: Error validating"},
        {"version='1'", "", 1, "<form> needs the attribute version"},
        {"<person>", "<person art='x'>", 5, "Invalid attribute art"},
    };
    CHECK(forms);
}

static void broken_instance(void)
{
    static const broken_t forms[] = {
        {"<name/><ohne/>", "<name/><name/><ohne/>", 5, "<name> occurs twice below <person>"},
        {"<titel/>", "<titel.kurz/>", 5, "<titel.kurz> is no name for an element"},
        {"<titel/>", "<_titel/>", 5, "<_titel> is no name for an element"},
        {"nodeset='kinder/kind' eb:max='3'", "nodeset='kinder/kind/name'", 6,
         "repeated, but has no elements"},
        {"</eb:step></eb:section></eb:form>",
         "</eb:step><eb:step id='x'><xf:label>X</xf:label><xf:repeat "
         "nodeset='kinder/kind/anschrift'>"
         "<xf:label>X</xf:label><eb:add>X</eb:add><eb:empty>X</eb:empty><eb:entry value='ort'/>"
         "<xf:input ref='kinder/kind/anschrift/ort'><xf:label>X</xf:label></xf:input></xf:repeat>"
         "</eb:step></eb:section></eb:form>",
         6, "repeats do not nest"},
        {"</eb:step></eb:section></eb:form>",
         "</eb:step><eb:step id='x'><xf:label>X</xf:label><xf:repeat nodeset='kinder/kind'>"
         "<xf:label>X</xf:label><eb:add>X</eb:add><eb:empty>X</eb:empty><eb:entry value='name'/>"
         "<xf:input ref='kinder/kind/jahre'><xf:label>X</xf:label></xf:input></xf:repeat>"
         "</eb:step></eb:section></eb:form>",
         53, "is repeated twice, first at probe.xml:40; to ask more about"},
    };
    CHECK(forms);
}

static void broken_binds(void)
{
    static const broken_t forms[] = {
        {"nodeset='person/name'", "nodeset='person/nam'", 9, "there is no \"nam\" below <person>"},
        {"nodeset='person/name'", "nodeset='persn/name'", 9,
         "there is no \"persn/name\" below <probe>"},
        {"nodeset='person/name'", "nodeset=''", 9, "The instance has no \"\""},
        {"nodeset='person/vornamen'", "nodeset='person/name'", 11,
         "type of \"person/name\" is bound twice, first at probe.xml:9"},
        {"</xf:model>", "<xf:bind nodeset='kinder' relevant='true()'/></xf:model>", 21,
         "relevant of \"kinder\" is bound twice, first at probe.xml:16"},
        {"type='eb:datatypeA' required", "type='eb:datatypeX' required", 9,
         "There is no type \"eb:datatypeX\""},
        {"nodeset='kinder' ", "nodeset='kinder' type='xs:string' ", 16, "can have no type"},
        {"nodeset='kinder' ", "nodeset='kinder' required='true()' ", 16, "but not required"},
        {"urn:x:stand", "urn:x:land", 13,
         "no code list urn:x:land; loaded are: urn:x:stand version 1"},
        {"eb:codelist='urn:x:stand'", "eb:codelist='urn:x:stand' eb:codelistVersion='7'", 13,
         "no code list urn:x:stand version 7"},
        {"eb:codelist='urn:x:stand'", "eb:codelistVersion='1'", 13, "needs eb:codelist beside it"},
        {"type='eb:code' eb:codelist='urn:x:stand'", "eb:codelist='urn:x:stand'", 13,
         "needs type=\"eb:code\""},
        {"type='eb:code' eb:codelist='urn:x:stand'", "type='eb:code'", 34, "nothing to choose for"},
        {"type='xs:boolean' required", "type='xs:boolean' eb:maxLength='4' required", 10,
         "are for texts"},
        {"eb:maxLength='90'", "eb:maxLength='3' eb:minLength='4'", 9,
         "eb:minLength 4 is more than"},
        {"eb:min='1900'", "eb:min='1.1.1900'", 12, "is no eb:partialDate"},
        {"eb:max='1000.00'", "eb:max='1000'", 20, "eb:max=\"1000\" is no eb:amount"},
        {"eb:maxLength='90'", "eb:min='5'", 9, "eb:min is for numbers and dates"},
        {"<xf:alert>Bitte ein Kind.</xf:alert>", "<xf:alert> </xf:alert>", 17,
         "alert of <constraint> is empty"},
        {"count(kind)", "count(kid)", 17, "kid"},
        {"relevant=\"../ohne = 'false'\"", "relevant=\"../ohne = \"", 11, "../ohne ="},
        {"age(../geboren)", "../alt", 14,
         "is calculated from \"person/alt\", which comes after it"},
        {"age(../geboren)", ". + 1", 14, "\"person/alter\" is calculated from itself"},
        {"</xf:model>", "<xf:bind nodeset='person/titel' required='true()'/></xf:model>", 21,
         "no control asks for it"},
        {"</xf:model>", "<xf:bind nodeset='person/titel' type='eb:code'/></xf:model>", 21,
         "has neither eb:codelist"},
    };
    CHECK(forms);
}

static void broken_controls(void)
{
    static const broken_t forms[] = {
        {"ref='person/geboren'", "ref='person/geborn'", 33,
         "there is no \"geborn\" below <person>"},
        {"ref='person/geboren'", "ref='person/vornamen'", 33,
         "is asked twice, first at probe.xml:32"},
        {"ref='person/geboren'", "ref='person'", 33, "can ask for a single answer only"},
        {"ref='person/geboren'", "ref='person/alter'", 33, "is calculated; show it with xf:output"},
        {"ref='person/geboren'", "ref='kinder/kind/name'", 33, "can be asked on its pages only"},
        {"<xf:group ref='person'>", "<xf:group ref='person/name'>", 31,
         "is no group of the instance"},
        {"<xf:input ref='kinder/kind/name'>", "<xf:input ref='person/titel'>", 43,
         "but is not below it"},
        {"<xf:label>Geboren</xf:label>", "<xf:label> \n </xf:label>", 33,
         "The label of <input> is empty"},
        {"<xf:hint>Zum Beispiel: Berg</xf:hint>", "<xf:hint/>", 25, "The hint of <input> is empty"},
        {"id='mehr'", "id='name'", 30, "two steps \"name\", the first is at probe.xml:23"},
        {"id='zwei'", "id='eins'", 44, "two pages \"eins\""},
        {"<xf:value>false</xf:value>", "<xf:value>nein</xf:value>", 26,
         "must be \"true\" and \"false\""},
        {"<xf:value>mail</xf:value>", "<xf:value>post</xf:value>", 49,
         "Two items have the value \"post\""},
        {"<xf:select1 ref='person/stand'>",
         "<xf:input ref='person/stand'><xf:label>S</xf:label></xf:input>"
         "<xf:select1 ref='person/titel'>",
         34, "ask for it with xf:select1"},
        {"<xf:textarea ref='angaben/grund'><xf:label>Grund</xf:label></xf:textarea>",
         "<xf:textarea ref='person/titel'><xf:label>X</xf:label></xf:textarea>"
         "<xf:textarea ref='angaben/betrag'><xf:label>X</xf:label></xf:textarea>",
         48, "<textarea> needs type"},
        {"<xf:select1 ref='person/stand'>", "<xf:select1 ref='person/titel'>", 34,
         "<select1> needs type"},
        {"<xf:label>Stand</xf:label>",
         "<xf:label>Stand</xf:label><xf:item><xf:label>X</xf:label><xf:value>XX</xf:value></"
         "xf:item>",
         34, "The item \"XX\" is no code of urn:x:stand version 1"},
        {"relevant=\"../ohne = 'false'\"", "relevant=\"../geboren = ''\"", 32,
         "\"person/vornamen\" is asked depends on \"person/geboren\""},
        {"relevant=\"../ohne = 'false'\"", "relevant=\"../alt = 'true'\"", 32,
         "\"person/vornamen\" is asked depends on \"person/geboren\""},
        {"</xf:model>", "<xf:bind nodeset='angaben' relevant=\"grund = 'x'\"/></xf:model>", 48,
         "on the same page"},
        {"</xf:model>", "<xf:bind nodeset='person' relevant=\"stand = 'LD'\"/></xf:model>", 31,
         "on the same page"},
        {"<eb:text><h:p>Alle",
         "<xf:output value='1'><xf:label>X</xf:label></xf:output><eb:text><h:p>Alle", 39,
         "has only eb:text beside it, not <output>"},
        {"eb:max='3'", "eb:max='2000'", 40, "expected a whole number from 1 to"},
        {"<eb:entry value='name'/>", "<eb:entry value='nam'/>", 41, "nam"},
        {"<h:strong>Pass</h:strong>", "<h:a href='javascript:x'>Pass</h:a>", 24,
         "The link \"javascript:x\""},
        {"<h:strong>Pass</h:strong>", "<h:a href='//evil.example/'>Pass</h:a>", 24, "The link"},
        {"<h:strong>Pass</h:strong>", "<h:a href='http://a.example/'>Pass</h:a>", 24, "The link"},
        {"<h:p>So wie im <h:strong>Pass</h:strong>.</h:p>", "<h:p/>", 24, "<text> is empty"},
    };
    CHECK(forms);
}

/* Documents, and entries that another step keeps. */
static void broken_documents(void)
{
#define MODEL_END   "</xf:model>"
#define FORM_END    "</eb:step></eb:section></eb:form>"
#define UPLOAD(ref) "<xf:upload ref='" ref "'><xf:label>X</xf:label></xf:upload>"
#define FIXED(attributes, words, ref)                                                              \
    "</eb:step><eb:step id='x'><xf:label>X</xf:label>"                                             \
    "<xf:repeat nodeset='kinder/kind'" attributes "><xf:label>X</xf:label>" words                  \
    "<eb:entry value='name'/><xf:input ref='" ref "'><xf:label>X</xf:label></xf:input>"            \
    "</xf:repeat>" FORM_END
    static const broken_t forms[] = {
        {"<xf:input ref='person/geboren'>", "<xf:upload ref='person/geboren'>", 33,
         "Opening and ending tag mismatch"},
        {FORM_END, UPLOAD("person/titel") FORM_END, 53,
         "<upload> needs type=\"eb:files\", but \"person/titel\" is of type xs:string"},
        {FORM_END, UPLOAD("person/nix") FORM_END, 53, "there is no \"nix\" below <person>"},
        {FORM_END, UPLOAD("kinder/kind/jahre") FORM_END, 53, "can be asked on its pages only"},
        {FORM_END, "<xf:upload><xf:label>X</xf:label></xf:upload>" FORM_END, 53,
         "<upload> needs the attribute ref"},
        {FORM_END, "<xf:upload ref='person/titel'/>" FORM_END, 53,
         "<upload ref=\"person/titel\">: Expecting an element"},
        {"type='eb:amount' eb:max='1000.00'", "type='eb:files'", 52,
         "\"angaben/betrag\" is of type eb:files: ask for it with xf:upload"},
        {"<xf:bind nodeset='angaben/betrag' type='eb:amount' eb:max='1000.00'/>",
         "<xf:bind nodeset='angaben/grund' type='eb:files'/>", 48, "<textarea> needs type"},
        {"<xf:bind nodeset='angaben/betrag' type='eb:amount' eb:max='1000.00'/>",
         "<xf:bind nodeset='angaben/wege' type='eb:files'/>", 49, "<select> needs type"},
        {"type='eb:amount' eb:max='1000.00'", "type='eb:files' eb:maxLength='9'", 20,
         "are for texts, not for eb:files"},
        {"type='eb:amount' eb:max='1000.00'", "type='eb:files' eb:max='9'", 20,
         "is for numbers and dates"},
        {MODEL_END,
         "<xf:bind nodeset='person/titel' type='eb:files' calculate='../name'/>" MODEL_END, 21,
         "\"person/titel\" is of type eb:files and cannot be calculated"},
        {MODEL_END, "<xf:bind nodeset='person/titel' type='eb:files' required='true()'/>" MODEL_END,
         21, "no control asks for it"},
        {FORM_END, FIXED(" eb:entries='free'", "", "kinder/kind/jahre"), 53, "(entries=\"free\")"},
        {FORM_END, FIXED(" eb:entries='fixed' eb:max='3'", "", "kinder/kind/jahre"), 53,
         "expected no eb:max"},
        {FORM_END,
         FIXED(" eb:entries='fixed'", "<eb:add>X</eb:add><eb:empty>X</eb:empty>",
               "kinder/kind/jahre"),
         53, "expected neither eb:add nor eb:empty"},
        {FORM_END, FIXED(" eb:entries='fixed'", "<eb:empty>X</eb:empty>", "kinder/kind/jahre"), 53,
         "expected neither eb:add nor eb:empty"},
        {FORM_END, FIXED(" eb:entries='fixed'", "", "kinder/kind/name"), 53,
         "\"kinder/kind/name\" is asked twice, first at probe.xml:43"},
        {FORM_END, FIXED(" eb:entries='fixed'", "", "person/titel"), 53, "but is not below it"},
        {"<xf:repeat nodeset='kinder/kind' eb:max='3'>",
         "<xf:repeat nodeset='kinder/kind' eb:entries='fixed'>", 40,
         "expected an xf:repeat over \"kinder/kind\" without it in a step before"},
        {"<eb:empty>Keins</eb:empty>", "", 40, "<repeat> needs eb:add and eb:empty"},
    };
    CHECK(forms);
    eb_problem_t *problem;
    const char *text = edited(FORM_END, FIXED(" eb:entries='fixed'", "", "kinder/kind/jahre"));
    if (!ok(parse(text, &problem), "a step that asks more about the entries"))
        printf("# %s\n", eb_problem_text(problem, pool));
}

static void tree(const eb_form_t *form)
{
    is_str(form->title, "Ein Titel", "white space of texts is normalised");
    const eb_node_t *kind = eb_form_node(form, "kinder/kind");
    const eb_node_t *ort = eb_form_node(form, "kinder/kind/anschrift/ort");
    const eb_node_t *name = eb_form_node(form, "person/name");
    is_int(form->scope->fields_count, 11, "fields of the root row");
    is_int(kind->entries->fields_count, 3, "fields of an entry");
    ok(form->repeats_count == 1 && form->repeats[kind->slot] == kind, "the repeat by its slot");
    ok(form->scope->fields[name->slot] == name, "a field by its slot");
    ok(ort->scope == kind->entries && ort->scope->fields[ort->slot] == ort, "a field of an entry");
    is_str(name->param, "person.name", "the name in requests");
    is_str(ort->param, "anschrift.ort", "and within an entry");
    is_str(ort->path, "kinder/kind/anschrift/ort", "the path");
    ok(!eb_form_node(form, "kinder/kind/anschrift/ort/x") && !eb_form_node(form, "kinder/"),
       "a path too long; a slash at the end");
    is_int(form->calculated_count, 2, "calculated fields");
    is_str(name->line, "probe.xml:9", "a node knows its bind");
    is_str(eb_form_node(form, "person/titel")->type->name, "xs:string", "the type without a bind");
    is_str(eb_form_node(form, "angaben/wege")->type->name, "eb:code",
           "a choice of items is a code");
    ok(eb_form_node(form, "angaben/wege")->facets.multiple, "of several");
    is_int(eb_form_node(form, "angaben/wege")->facets.codes->count, 2, "the items as a list");
    is_int(eb_form_node(form, "kinder")->constraints_count, 1, "a group may have a constraint");
    is_str(eb_form_node(form, "person/geboren")->facets.min, "1900", "a limit");
}

static void pages(const eb_form_t *form)
{
    const eb_step_t *name = eb_form_step(form, "name"), *kinder = eb_form_step(form, "kinder");
    is_int(form->pages_count, 5, "pages");
    ok(name->pages->step == name && form->pages[name->pages->number] == name->pages,
       "a page by its number");
    is_int(eb_form_step(form, "angaben")->number, 3, "steps count through the sections");
    ok(!eb_form_step(form, "x") && !eb_step_page(kinder, "x"), "absent ones");
    is_str(eb_step_page(kinder, NULL)->id, "eins", "the first page of a repeat");
    is_str(eb_step_page(kinder, "zwei")->title, "Wohnort", "another by its id");
    is_str(name->pages->id, "name", "a page without a name has the step's");
    is_str(kinder->intro_html, "<p>Alle Kinder.</p>", "prose above the list");
    is_int(kinder->max, 3, "most entries");
    is_str(eb_expr_text(kinder->entry_label), "name", "how an entry is called");

    const eb_control_t *c = eb_control_next(name->pages, NULL);
    is_str(c->html, "<p>So wie im <strong>Pass</strong>.</p>", "prose without prefixes");
    c = eb_control_next(name->pages, c);
    ok(c->kind == EB_CONTROL_INPUT && c->node->control == c,
       "a control and its node know each other");
    is_str(c->autocomplete, "family-name", "autocomplete");
    is_str(c->help, "Hilfe", "plain help");
    c = eb_control_next(name->pages, c);
    ok(c->kind == EB_CONTROL_RADIO && c->items_count == 2, "radio buttons");
    ok(!eb_control_next(name->pages, c), "the end");

    static const eb_control_kind_t kinds[] = {EB_CONTROL_GROUP, EB_CONTROL_INPUT, EB_CONTROL_DATE,
                                              EB_CONTROL_SELECT, EB_CONTROL_OUTPUT};
    int same = 0, n = 0;
    const eb_page_t *mehr = eb_form_step(form, "mehr")->pages;
    for (c = eb_control_next(mehr, NULL); c; c = eb_control_next(mehr, c))
        same += n < 5 && c->kind == kinds[n++];
    ok(same == 5 && n == 5, "controls in reading order, into groups");
    const eb_control_t *stand = eb_form_node(form, "person/stand")->control;
    is_str(eb_control_item_label(stand, "LD"), "ledig", "the label of a code");
    is_str(eb_control_item_label(eb_form_node(form, "angaben/wege")->control, "mail"), "E-Mail",
           "of an item");
    is_str(eb_control_item_label(stand, "XX"), NULL, "of nothing");
}

static void prose(void)
{
    static const struct {
        const char *xml, *html;
    } texts[] = {
        {"Nur Text", NULL},
        {"Erst <h:em>das</h:em>,\n dann <h:p>jenes</h:p> <h:p>und</h:p>",
         "<p>Erst <em>das</em>, dann</p><p>jenes</p><p>und</p>"},
        {"<h:ul>\n <h:li> eins </h:li>\n <h:li>zwei <h:strong>drei</h:strong></h:li> </h:ul>",
         "<ul><li>eins</li><li>zwei <strong>drei</strong></li></ul>"},
        {"<h:p>a &lt; b &amp; c<h:br/> d</h:p>", "<p>a &lt; b &amp; c<br/>d</p>"},
        {"<h:p>Siehe <h:a href=\"https://example.org/?a=1&amp;b=2\">dort</h:a>.</h:p>",
         "<p>Siehe <a href=\"https://example.org/?a=1&amp;b=2\">dort</a>.</p>"},
        {"<h:p><h:a href='hilfe/a:b'>1</h:a> <h:a href='#x'>2</h:a></h:p>",
         "<p><a href=\"hilfe/a:b\">1</a> <a href=\"#x\">2</a></p>"},
        {"<!-- no --><h:p>x<!-- no -->y</h:p>", "<p>xy</p>"},
        {"<h:p><![CDATA[<b>]]></h:p>", "<p>&lt;b&gt;</p>"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        eb_problem_t *problem;
        const char *help = apr_pstrcat(pool, "<xf:help>", texts[i].xml, "</xf:help>", NULL);
        eb_form_t *form = parse(edited("<xf:help>Hilfe</xf:help>", help), &problem);
        const eb_node_t *name = form ? eb_form_node(form, "person/name") : NULL;
        is_str(name ? name->control->help_html : problem->what, texts[i].html,
               texts[i].xml[0] ? "prose" : "");
    }
}

static void hashes(const eb_form_t *form)
{
    eb_problem_t *problem;
    const eb_form_t *other = parse(edited("id='mehr'>", "id='mehr' ><!-- a remark -->"), &problem);
    ok(other && memcmp(other->hash, form->hash, 16) == 0, "a remark does not make it another form");
    other = parse(edited("Ihr Name", "Dein Name"), &problem);
    ok(other && memcmp(other->hash, form->hash, 16) != 0, "another word does");
}

/* The example that the documentation shows must be one. */
static void documented(void)
{
    eb_problem_t *problem = NULL;
    eb_form_t *form = NULL;
    char text[65536] = "";
    FILE *f = fopen("conf/forms.md", "rb");
    size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    char *start = strstr(text, "<eb:form"), *end = start ? strstr(start, "```") : NULL;
    if (!ok(end, "conf/forms.md shows a form"))
        return;
    eb_codelists_t *delivered = NULL;
    eb_codelists_load(&delivered, "schemas/codelists", &problem, pool);
    if (!ok(!eb_form_parse(&form, start, (apr_size_t)(end - start), "forms.md", RNG, delivered,
                           &problem, pool),
            "which loads"))
        printf("# %s\n", eb_problem_text(problem, pool));
    if (!ok(!eb_form_load(&form, "schemas/forms/einbuergerung.xml", RNG, delivered, &problem, pool),
            "the delivered form loads"))
        printf("# %s\n", eb_problem_text(problem, pool));
}

static void files(void)
{
    eb_problem_t *problem = NULL;
    eb_form_t *form = NULL;
    ok(eb_form_load(&form, "nowhere.xml", RNG, lists, &problem, pool) != APR_SUCCESS &&
           strcmp(problem->id, "EB0201") == 0 && strcmp(problem->where, "nowhere.xml") == 0,
       "an absent form");
    ok(eb_form_load(&form, "schemas", RNG, lists, &problem, pool) != APR_SUCCESS &&
           strcmp(problem->id, "EB0201") == 0,
       "a folder");
    ok(eb_form_parse(&form, form_text, strlen(form_text), "x", "nowhere.rng", lists, &problem,
                     pool) &&
           strcmp(problem->where, "nowhere.rng") == 0,
       "an absent grammar");
    ok(eb_form_parse(&form, form_text, strlen(form_text), "x", "schemas/forms/einbuergerung.xml",
                     lists, &problem, pool) &&
           strcmp(problem->id, "EB0205") == 0,
       "a grammar that is none");
    ok(eb_form_parse(&form, form_text, strlen(form_text), "x", RNG, NULL, &problem, pool) &&
           strstr(problem->what, "loaded are: none"),
       "no code lists");
    ok(eb_form_parse(&form, form_text, 5 * 1024 * 1024, "x", RNG, lists, &problem, pool) &&
           strstr(problem->what, "at most"),
       "too large");
}

int main(void)
{
    eb_problem_t *problem = NULL;
    pool = tap_begin();
    const char *dir = scratch_make(pool);
    scratch_write(
        apr_pstrcat(pool, dir, "/stand.xml", NULL),
        "<codelist xmlns='urn:mod-einbuergerung:codelist:1' urn='urn:x:stand' version='1'>"
        "<title>Stand</title><code value='LD'>ledig</code></codelist>");
    eb_codelists_load(&lists, dir, &problem, pool);
    scratch_remove(dir);
    eb_form_t *form = parse(form_text, &problem);
    if (!ok(form, "the good form loads")) {
        printf("# %s\n", eb_problem_text(problem, pool));
        return done();
    }
    tree(form);
    pages(form);
    prose();
    hashes(form);
    broken_syntax();
    broken_instance();
    broken_binds();
    broken_controls();
    broken_documents();
    documented();
    files();
    return done();
}
