/* A family for the XPath tests. */
#ifndef XPATH_FAMILY_H
#define XPATH_FAMILY_H

#include "xpath_oracle.h"

#define FAMILY_FORM                                                                                \
    "antrag(person(familienname vornamen alter wohnort(ort plz) leer) kinder(kind*(vornamen "      \
    "alter "                                                                                       \
    "geburt soll_mit)) reisen(anlass reise*(land tage)) kommentar)"

static inline void family_put(eb_instance_t *in, const char *path, int entry, const char *value)
{
    eb_node_t *node = sample_find(in->form, path), *top = node->scope->top;
    for (int added; entry != EB_ROOT && entry >= in->lists[top->slot].count;)
        eb_instance_add(in, top, 20, &added);
    eb_instance_set(in, node, entry, value);
}

static inline eb_instance_t *family(apr_pool_t *pool)
{
    eb_instance_t *in = eb_instance_new(sample_form(FAMILY_FORM, pool), pool);
    family_put(in, "person/familienname", EB_ROOT, "Müller-Łódź");
    family_put(in, "person/vornamen", EB_ROOT, "  Zoë \t Ana ");
    family_put(in, "person/alter", EB_ROOT, "34");
    family_put(in, "person/wohnort/ort", EB_ROOT, "Köln");
    family_put(in, "person/wohnort/plz", EB_ROOT, "05067");
    family_put(in, "kommentar", EB_ROOT, "true");
    family_put(in, "kinder/kind/vornamen", 0, "Ada");
    family_put(in, "kinder/kind/alter", 0, "7");
    family_put(in, "kinder/kind/soll_mit", 0, "true");
    family_put(in, "kinder/kind/vornamen", 1, "Ben");
    family_put(in, "kinder/kind/alter", 1, "12.5");
    family_put(in, "kinder/kind/vornamen", 2, "Cem");
    family_put(in, "kinder/kind/alter", 2, "34");
    family_put(in, "kinder/kind/geburt", 2, "1992-02-29");
    family_put(in, "kinder/kind/soll_mit", 2, "false");
    return in;
}

static inline eb_context_t family_context(eb_instance_t *in, int entry, apr_pool_t *pool)
{
    /* 25 November 2026, 18:30:00.25 UTC: 19:30 in Berlin */
    return (eb_context_t){in, entry, APR_TIME_C(1795631400250000), pool};
}

#endif
