/* A form that has one of everything the rules and answers must know, loaded from below. */
#ifndef RULES_FORM_H
#define RULES_FORM_H

#include "tap.h"
#include "form/rules.h"

#include <apr_strings.h>

static const char rules_form_xml[] =
    "<eb:form xmlns:eb='urn:mod-einbuergerung:form:1' xmlns:xf='http://www.w3.org/2002/xforms'"
    " xmlns:h='http://www.w3.org/1999/xhtml' id='probe' version='1' xml:lang='de'>"
    "<eb:title>Probe</eb:title><xf:model><xf:instance><probe xmlns=''>"
    "<person><name/><email/><geboren/><nur_jahr/><land/><sprachen/><alter/><initiale/></person>"
    "<ehe><hat/><partner><name/><seit/></partner></ehe>"
    "<kinder><kind><name/><alter/><wohnt_hier/><anschrift/><kurz/></kind></kinder>"
    "<zustimmung/><notiz/><anzahl/>"
    "</probe></xf:instance>"
    "<xf:bind nodeset='person/name' type='eb:datatypeA' required='true()' eb:maxLength='20'>"
    "<xf:constraint value=\"not(contains(., '-'))\"><xf:alert>Ohne Bindestrich.</xf:alert>"
    "</xf:constraint><xf:constraint value='string-length(.) > 1'>"
    "<xf:alert>Zu kurz.</xf:alert></xf:constraint></xf:bind>"
    "<xf:bind nodeset='person/email' type='eb:email' readonly=\"../name = 'Fest'\"/>"
    "<xf:bind nodeset='person/geboren' type='xs:date' required='true()' "
    "constraint='days-from-date(.) &lt;= days-from-date(local-date())'/>"
    "<xf:bind nodeset='person/nur_jahr' type='eb:partialDate'>"
    "<xf:constraint eb:level='warning' value=\"compare(., '1930') >= 0\"><xf:alert>Lange "
    "her.</xf:alert>"
    "</xf:constraint></xf:bind>"
    "<xf:bind nodeset='person/land' type='eb:code' required=\"../name != 'Niemand'\"/>"
    "<xf:bind nodeset='person/sprachen' type='eb:code'/>"
    "<xf:bind nodeset='person/alter' type='xs:integer' calculate='age(../geboren)' "
    "constraint='. &lt; 120'/>"
    "<xf:bind nodeset='person/initiale' calculate='substring(../name, 1, 1)'/>"
    "<xf:bind nodeset='ehe/hat' type='xs:boolean' required='true()'/>"
    "<xf:bind nodeset='ehe/partner' relevant=\"../hat = 'true'\">"
    "<xf:constraint value=\"name != seit\"><xf:alert>Beides gleich.</xf:alert></xf:constraint>"
    "</xf:bind>"
    "<xf:bind nodeset='ehe/partner/name' type='eb:datatypeA' required='true()'/>"
    "<xf:bind nodeset='ehe/partner/seit' type='eb:year' relevant=\"../name != 'Zoë'\"/>"
    "<xf:bind nodeset='kinder' relevant=\"../ehe/hat != ''\">"
    "<xf:constraint value='count(kind) > 0'><xf:alert>Mindestens ein Kind.</xf:alert>"
    "</xf:constraint><xf:constraint eb:level='warning' value='count(kind) &lt; 3'>"
    "<xf:alert>Viele Kinder.</xf:alert></xf:constraint></xf:bind>"
    "<xf:bind nodeset='kinder/kind'><xf:constraint value='count(../kind[name = current()/name]) "
    "&lt; 2'><xf:alert>Zweimal dasselbe Kind.</xf:alert></xf:constraint></xf:bind>"
    "<xf:bind nodeset='kinder/kind/name' type='eb:datatypeA' required='true()'/>"
    "<xf:bind nodeset='kinder/kind/alter' type='xs:nonNegativeInteger' eb:max='30' "
    "constraint='. &lt; /probe/person/alter'/>"
    "<xf:bind nodeset='kinder/kind/wohnt_hier' type='xs:boolean' required='true()'/>"
    "<xf:bind nodeset='kinder/kind/anschrift' type='xs:string' required='true()' "
    "relevant=\"../wohnt_hier = 'false'\"/>"
    "<xf:bind nodeset='kinder/kind/kurz' calculate=\"concat(../name, '/', ../alter)\"/>"
    "<xf:bind nodeset='zustimmung' type='xs:boolean' required='true()'/>"
    "<xf:bind nodeset='anzahl' type='xs:integer' calculate='count(../kinder/kind)'/>"
    "</xf:model>"
    "<eb:section><xf:label>Eins</xf:label>"
    "<eb:step id='hinweis'><xf:label>Hinweis</xf:label><eb:text><h:p>Nur Text.</h:p></eb:text>"
    "</eb:step>"
    "<eb:step id='person'><xf:label>Person</xf:label>"
    "<xf:input ref='person/name'><xf:label>Name</xf:label><xf:alert>Wie heißen Sie?</xf:alert>"
    "</xf:input>"
    "<xf:group><xf:label>Kontakt</xf:label>"
    "<xf:input ref='person/email'><xf:label>E-Mail</xf:label></xf:input></xf:group>"
    "<xf:input ref='person/geboren'><xf:label>Geburtsdatum</xf:label></xf:input>"
    "<xf:input ref='person/nur_jahr'><xf:label>Zugezogen</xf:label></xf:input>"
    "<xf:select1 ref='person/land'><xf:label>In welchem Land?</xf:label>"
    "<xf:item><xf:label>Aland</xf:label><xf:value>a</xf:value></xf:item>"
    "<xf:item><xf:label>Beland</xf:label><xf:value>b</xf:value></xf:item></xf:select1>"
    "<xf:select ref='person/sprachen'><xf:label>Sprachen</xf:label>"
    "<xf:item><xf:label>Deutsch</xf:label><xf:value>de</xf:value></xf:item>"
    "<xf:item><xf:label>Englisch</xf:label><xf:value>en</xf:value></xf:item>"
    "<xf:item><xf:label>Französisch</xf:label><xf:value>fr</xf:value></xf:item></xf:select>"
    "</eb:step>"
    "<eb:step id='ehe'><xf:label>Ehe</xf:label>"
    "<xf:select1 ref='ehe/hat' appearance='full'><xf:label>Verheiratet?</xf:label>"
    "<xf:item><xf:label>Ja</xf:label><xf:value>true</xf:value></xf:item>"
    "<xf:item><xf:label>Nein</xf:label><xf:value>false</xf:value></xf:item></xf:select1></eb:step>"
    "<eb:step id='partner'><xf:label>Partner</xf:label>"
    "<xf:group ref='ehe/partner'><xf:label>Partner oder Partnerin</xf:label>"
    "<xf:input ref='ehe/partner/name'><xf:label>Name</xf:label></xf:input></xf:group></eb:step>"
    "<eb:step id='seit'><xf:label>Seit</xf:label>"
    "<xf:input ref='ehe/partner/seit'><xf:label>Verheiratet seit</xf:label></xf:input></eb:step>"
    "</eb:section><eb:section><xf:label>Zwei</xf:label>"
    "<eb:step id='kinder'><xf:label>Kinder</xf:label>"
    "<xf:repeat nodeset='kinder/kind' eb:max='3'><xf:label>Kind</xf:label>"
    "<eb:add>Noch eins</eb:add><eb:empty>Keins.</eb:empty><eb:entry value='name'/>"
    "<eb:page id='name'><xf:label>Name</xf:label>"
    "<xf:input ref='kinder/kind/name'><xf:label>Name</xf:label></xf:input>"
    "<xf:input ref='kinder/kind/alter'><xf:label>Alter</xf:label></xf:input>"
    "<xf:select1 ref='kinder/kind/wohnt_hier' appearance='full'><xf:label>Wohnt hier?</xf:label>"
    "<xf:item><xf:label>Ja</xf:label><xf:value>true</xf:value></xf:item>"
    "<xf:item><xf:label>Nein</xf:label><xf:value>false</xf:value></xf:item></xf:select1></eb:page>"
    "<eb:page id='anschrift'><xf:label>Anschrift</xf:label>"
    "<xf:textarea ref='kinder/kind/anschrift'><xf:label>Anschrift</xf:label></xf:textarea>"
    "</eb:page></xf:repeat></eb:step>"
    "<eb:step id='ende'><xf:label>Ende</xf:label>"
    "<xf:input ref='zustimmung'><xf:label>Ich stimme zu.</xf:label></xf:input>"
    "<xf:textarea ref='notiz'><xf:label>Notiz</xf:label></xf:textarea></eb:step></eb:section>"
    "</eb:form>";

static inline eb_form_t *rules_form(apr_pool_t *pool)
{
    eb_form_t *form = NULL;
    eb_problem_t *problem = NULL;
    if (eb_form_parse(&form, rules_form_xml, strlen(rules_form_xml), "rules_form.h",
                      "schemas/form.rng", NULL, &problem, pool) != APR_SUCCESS) {
        printf("# %s\n", eb_problem_text(problem, pool));
        exit(1);
    }
    return form;
}

/* "kinder/kind[2]/name=Ada" for each line; entries are added as they are named. */
static inline void rules_answer(eb_instance_t *in, const char *lines)
{
    char *last, *text = apr_pstrdup(in->pool, lines);
    for (char *line = apr_strtok(text, "\n", &last); line; line = apr_strtok(NULL, "\n", &last)) {
        char *value = strchr(line, '='), *open = strchr(line, '[');
        int entry = open ? atoi(open + 1) - 1 : EB_ROOT, added;
        *value++ = '\0';
        if (open)
            memmove(open, strchr(open, ']') + 1, strlen(strchr(open, ']')));
        const eb_node_t *field = eb_form_node(in->form, line), *top = field->scope->top;
        while (entry != EB_ROOT && entry >= in->lists[top->slot].count)
            eb_instance_add(in, top, EB_ENTRIES_MAX, &added);
        eb_instance_set(in, field, entry, value);
    }
}

/* 25 November 2026, noon */
static inline eb_context_t rules_context(const eb_instance_t *in, int entry, apr_pool_t *pool)
{
    return (eb_context_t){in, entry, APR_TIME_C(1795604400000000), pool};
}

#endif
