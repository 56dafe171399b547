/* The rules of a Quick-Check. What they say of themselves is checked here: the ids are unique, the
 * days are days, a rule that stands in place of others names some that there are, and each way in
 * which it can end has its words. */
#include "load.h"
#include "outcome.h"
#include "base/date.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <string.h>

#define FINDINGS_MAX 1000

static const char *const kinds[EB_FINDING_KINDS] = {[EB_FINDING_HINT] = "hint",
                                                    [EB_FINDING_MET] = "met",
                                                    [EB_FINDING_CHECK] = "check",
                                                    [EB_FINDING_UNMET] = "unmet",
                                                    [EB_FINDING_ELSEWHERE] = "elsewhere"};

static apr_status_t load_kind(eb_finding_kind_t *kind, eb_loader_t *l, const xmlNode *xml)
{
    const char *text;
    apr_status_t rv = eb_load_attr(&text, l, xml, "kind");
    for (int i = 0; rv == APR_SUCCESS && i < EB_FINDING_KINDS; i++) {
        *kind = (eb_finding_kind_t)i;
        if (strcmp(text, kinds[i]) == 0)
            return APR_SUCCESS;
    }
    return rv != APR_SUCCESS ? rv
                             : eb_load_fail(l, xml,
                                            "kind=\"%s\": expected hint, met, check, unmet or "
                                            "elsewhere",
                                            text);
}

static apr_status_t load_day(const char **day, eb_loader_t *l, const xmlNode *xml, const char *name)
{
    eb_date_t date;
    *day = eb_xml_attr(xml, NULL, name, l->pool);
    if (!*day || eb_date_parse(&date, *day, false))
        return APR_SUCCESS;
    return eb_load_fail(l, xml, "%s=\"%s\" is no day; expected one like 2024-06-27", name, *day);
}

static apr_status_t load_prose(const char **html, eb_loader_t *l, const xmlNode *parent,
                               const char *name)
{
    const xmlNode *prose = eb_load_child(parent, EB_NS_FORM, name);
    *html = NULL;
    return prose ? eb_load_prose(html, l, prose, false) : APR_SUCCESS;
}

static apr_status_t load_label(const char **label, eb_loader_t *l, const xmlNode *xml)
{
    apr_status_t rv = eb_load_text(label, l, xml, EB_NS_XF, "label");
    if (rv == APR_SUCCESS && !*label)
        return eb_load_fail(l, xml, "<%s> needs an xf:label", (const char *)xml->name);
    return rv;
}

/* xf:output; NULL stays NULL. */
static apr_status_t load_figure(const eb_figure_t **made, eb_loader_t *l, const xmlNode *xml)
{
    const char *value;
    if (!xml)
        return APR_SUCCESS;
    eb_figure_t *figure = apr_pcalloc(l->pool, sizeof(*figure));
    *made = figure;
    apr_status_t rv = load_label(&figure->label, l, xml);
    if (rv == APR_SUCCESS)
        rv = eb_load_attr(&value, l, xml, "value");
    return rv == APR_SUCCESS ? eb_load_expr(&figure->value, l, xml, value, l->form->root) : rv;
}

static apr_status_t load_condition(eb_expr_t **expr, eb_loader_t *l, const xmlNode *xml)
{
    const char *text = eb_xml_attr(xml, NULL, "if", l->pool);
    return text ? eb_load_expr(expr, l, xml, text, l->form->root) : APR_SUCCESS;
}

static const eb_finding_t *find(const eb_outcome_t *outcome, const char *id)
{
    const eb_finding_t *f = NULL;
    while ((f = eb_outcome_next(outcome, f)) && strcmp(f->id, id) != 0)
        continue;
    return f;
}

static apr_status_t load_finding_texts(eb_finding_t *f, eb_loader_t *l, const xmlNode *xml)
{
    f->paragraph = eb_xml_attr(xml, NULL, "paragraph", l->pool);
    apr_status_t rv = load_label(&f->text, l, xml);
    if (rv == APR_SUCCESS)
        rv = load_prose(&f->more_html, l, xml, "text");
    if (rv == APR_SUCCESS)
        rv = load_day(&f->from, l, xml, "valid-from");
    if (rv == APR_SUCCESS)
        rv = load_day(&f->until, l, xml, "valid-until");
    return rv == APR_SUCCESS ? load_figure(&f->figure, l, eb_load_child(xml, EB_NS_XF, "output"))
                             : rv;
}

static apr_status_t load_finding(eb_finding_t *f, eb_loader_t *l, eb_outcome_t *outcome,
                                 const xmlNode *xml)
{
    f->line = eb_load_where(l, xml);
    f->number = outcome->findings_count++;
    if (f->number >= FINDINGS_MAX)
        return eb_load_fail(l, xml, "There are more than %d findings", FINDINGS_MAX);
    apr_status_t rv = eb_load_attr(&f->id, l, xml, "id");
    if (rv == APR_SUCCESS && find(outcome, f->id) != f)
        rv = eb_load_fail(l, xml, "There are two findings \"%s\", the first is at %s", f->id,
                          find(outcome, f->id)->line);
    if (rv == APR_SUCCESS)
        rv = load_kind(&f->kind, l, xml);
    if (rv == APR_SUCCESS)
        rv = load_condition(&f->condition, l, xml);
    if (rv == APR_SUCCESS && !f->condition)
        rv = eb_load_fail(l, xml, "The finding \"%s\" needs the attribute if", f->id);
    return rv == APR_SUCCESS ? load_finding_texts(f, l, xml) : rv;
}

static apr_status_t load_topic(eb_topic_t *topic, eb_loader_t *l, eb_outcome_t *outcome,
                               const xmlNode *xml)
{
    eb_finding_t **link = &topic->findings;
    apr_status_t rv = load_label(&topic->title, l, xml);
    for (xmlNode *x = eb_xml_element(xml->children); x && rv == APR_SUCCESS;
         x = eb_xml_element(x->next)) {
        if (!eb_xml_is(x, EB_NS_FORM, "finding"))
            continue;
        *link = apr_pcalloc(l->pool, sizeof(**link));
        rv = load_finding(*link, l, outcome, x);
        link = &(*link)->next;
    }
    return rv;
}

static apr_status_t load_point(eb_point_t *point, eb_loader_t *l, const xmlNode *xml)
{
    apr_status_t rv = load_condition(&point->condition, l, xml);
    if (rv != APR_SUCCESS)
        return rv;
    if (eb_xml_is(xml, EB_NS_XF, "output"))
        return load_figure(&point->figure, l, xml);
    point->text = eb_words_take(l->words, eb_xml_text(xml, l->pool));
    return *point->text ? APR_SUCCESS : eb_load_fail(l, xml, "The point is empty");
}

static apr_status_t load_advice(eb_advice_t *advice, eb_loader_t *l, const xmlNode *xml)
{
    eb_point_t **link = &advice->points;
    apr_status_t rv = load_label(&advice->title, l, xml);
    if (rv == APR_SUCCESS)
        rv = load_prose(&advice->html, l, xml, "text");
    for (xmlNode *x = eb_xml_element(xml->children); x && rv == APR_SUCCESS;
         x = eb_xml_element(x->next)) {
        if (!eb_xml_is(x, EB_NS_FORM, "point") && !eb_xml_is(x, EB_NS_XF, "output"))
            continue;
        *link = apr_pcalloc(l->pool, sizeof(**link));
        rv = load_point(*link, l, x);
        link = &(*link)->next;
    }
    return rv;
}

static apr_status_t load_verdict(eb_loader_t *l, eb_outcome_t *outcome, const xmlNode *xml)
{
    eb_finding_kind_t kind;
    apr_status_t rv = load_kind(&kind, l, xml);
    if (rv != APR_SUCCESS)
        return rv;
    if (kind == EB_FINDING_HINT || outcome->verdicts[kind].title)
        return eb_load_fail(l, xml, "There is %s verdict \"%s\"",
                            kind == EB_FINDING_HINT ? "no" : "already a", kinds[kind]);
    rv = load_label(&outcome->verdicts[kind].title, l, xml);
    return rv == APR_SUCCESS ? load_prose(&outcome->verdicts[kind].html, l, xml, "text") : rv;
}

typedef struct eb_links_t {
    eb_topic_t **topic;
    eb_advice_t **advice;
} eb_links_t;

static apr_status_t load_part(eb_links_t *links, eb_loader_t *l, eb_outcome_t *outcome,
                              const xmlNode *xml)
{
    apr_status_t rv = APR_SUCCESS;
    if (eb_xml_is(xml, EB_NS_FORM, "verdict"))
        return load_verdict(l, outcome, xml);
    if (eb_xml_is(xml, EB_NS_FORM, "topic")) {
        eb_topic_t *topic = *links->topic = apr_pcalloc(l->pool, sizeof(*topic));
        links->topic = &topic->next;
        rv = load_topic(topic, l, outcome, xml);
    } else if (eb_xml_is(xml, EB_NS_FORM, "advice")) {
        eb_advice_t *advice = *links->advice = apr_pcalloc(l->pool, sizeof(*advice));
        links->advice = &advice->next;
        rv = load_advice(advice, l, xml);
    }
    return rv;
}

/* "A B" as the findings of these ids. A rule may stand in place of one that comes after it, so that
 * this waits until all are there. */
static apr_status_t link_instead(eb_loader_t *l, const eb_outcome_t *outcome, const xmlNode *xml)
{
    const char *id = eb_xml_attr(xml, NULL, "id", l->scratch);
    char *last, *names = (char *)eb_xml_attr(xml, NULL, "instead-of", l->scratch);
    apr_array_header_t *list = apr_array_make(l->pool, 4, sizeof(const eb_finding_t *));
    for (char *name = names ? apr_strtok(names, " ", &last) : NULL; name;
         name = apr_strtok(NULL, " ", &last)) {
        const eb_finding_t *other = find(outcome, name);
        if (!other)
            return eb_load_fail(l, xml, "There is no finding \"%s\" for \"%s\" to stand in for",
                                name, id);
        APR_ARRAY_PUSH(list, const eb_finding_t *) = other;
    }
    APR_ARRAY_PUSH(list, const eb_finding_t *) = NULL;
    if (names)
        ((eb_finding_t *)find(outcome, id))->instead_of = (const eb_finding_t **)list->elts;
    return APR_SUCCESS;
}

static apr_status_t link_all(eb_loader_t *l, const eb_outcome_t *outcome, const xmlNode *xml)
{
    for (xmlNode *t = eb_xml_element(xml->children); t; t = eb_xml_element(t->next))
        for (xmlNode *x = eb_xml_element(t->children); x; x = eb_xml_element(x->next)) {
            apr_status_t rv =
                eb_xml_is(x, EB_NS_FORM, "finding") ? link_instead(l, outcome, x) : APR_SUCCESS;
            if (rv != APR_SUCCESS)
                return rv;
        }
    return APR_SUCCESS;
}

/* What a form without memory cannot have. */
static apr_status_t check_form(eb_loader_t *l, const xmlNode *xml, const eb_outcome_t *outcome)
{
    const eb_form_t *form = l->form;
    if (form->repeats_count || form->documents_count)
        return eb_load_fail(l, xml,
                            "A form with an eb:outcome keeps nothing: expected neither xf:repeat "
                            "nor xf:upload in it");
    for (int i = EB_FINDING_MET; i < EB_FINDING_KINDS; i++)
        if (!outcome->verdicts[i].title)
            return eb_load_fail(l, xml, "The eb:verdict of the kind %s is missing", kinds[i]);
    return APR_SUCCESS;
}

static apr_status_t load_head(eb_loader_t *l, eb_outcome_t *outcome, const xmlNode *xml)
{
    apr_status_t rv = eb_load_attr(&outcome->for_form, l, xml, "for");
    if (rv == APR_SUCCESS)
        rv = eb_load_attr(&outcome->from, l, xml, "valid-from");
    if (rv == APR_SUCCESS)
        rv = load_day(&outcome->from, l, xml, "valid-from");
    if (rv == APR_SUCCESS)
        rv = eb_load_text(&outcome->law, l, xml, EB_NS_FORM, "law");
    if (rv == APR_SUCCESS && !outcome->law)
        return eb_load_fail(l, xml, "<outcome> needs an eb:law");
    return rv == APR_SUCCESS ? load_prose(&outcome->intro, l, xml, "text") : rv;
}

apr_status_t eb_load_outcome(eb_loader_t *l, xmlNode *form)
{
    xmlNode *xml = eb_load_child(form, EB_NS_FORM, "outcome");
    if (!xml)
        return APR_SUCCESS;
    eb_outcome_t *outcome = apr_pcalloc(l->pool, sizeof(*outcome));
    eb_links_t links = {&outcome->topics, &outcome->advice};
    apr_status_t rv = load_head(l, outcome, xml);
    for (xmlNode *x = eb_xml_element(xml->children); x && rv == APR_SUCCESS;
         x = eb_xml_element(x->next))
        rv = load_part(&links, l, outcome, x);
    if (rv == APR_SUCCESS)
        rv = link_all(l, outcome, xml);
    if (rv == APR_SUCCESS)
        rv = check_form(l, xml, outcome);
    l->form->outcome = outcome;
    return rv;
}
