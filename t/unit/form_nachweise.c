/* Which documents the real form asks of whom: whole lists for a few people, and what one other
 * answer changes. A document that must be answered, if only by "reiche ich nach", ends in "!". */
#include "tap.h"
#include "antrag.h"

#define KINDS "urn:mod-einbuergerung:codeliste:dokumentart"

/* 25 November 2026, noon in Berlin */
static eb_context_t context(const eb_instance_t *in, apr_pool_t *pool)
{
    return (eb_context_t){in, EB_ROOT, apr_time_from_sec(1795604400), pool};
}

/* "pass!" when it is asked of somebody, "kind[2]/pass" for a child's; NULL when it is not asked. */
static const char *asked(const eb_node_t *document, eb_context_t *c)
{
    static const char *const groups[] = {"kinder/kind/nachweise/", "nachweise/"};
    const char *name = document->path, *group = strstr(name, "miteinbuergerung/");
    const char *end = eb_rules_required(document, c) ? "!" : "";

    if (!eb_rules_relevant(document, c))
        return NULL;
    for (int i = 0; i < 2; i++)
        if (strncmp(name, groups[i], strlen(groups[i])) == 0)
            name += strlen(groups[i]);
    if (group && c->entry != EB_ROOT)
        name = group + strlen("miteinbuergerung/");
    return c->entry == EB_ROOT ? apr_pstrcat(c->pool, name, end, NULL)
                               : apr_psprintf(c->pool, "kind[%d]/%s%s", c->entry + 1, name, end);
}

/* What is asked, document by document, in the order of the form; NULL where it is not. */
static apr_array_header_t *list_of(const eb_instance_t *in, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 64, sizeof(const char *));
    eb_context_t c = context(in, pool);

    for (int i = 0; i < in->form->documents_count; i++) {
        const eb_node_t *document = in->form->documents[i], *top = document->scope->top;
        bool in_entry = top->kind == EB_NODE_REPEAT;
        for (int entry = 0; entry < (in_entry ? in->lists[top->slot].count : 1); entry++) {
            c.entry = in_entry ? entry : EB_ROOT;
            APR_ARRAY_PUSH(list, const char *) = asked(document, &c);
        }
    }
    return list;
}

static const char *joined(const apr_array_header_t *list, apr_pool_t *pool)
{
    const char *text = "";
    for (int i = 0; i < list->nelts; i++) {
        const char *name = APR_ARRAY_IDX(list, i, const char *);
        if (name)
            text = apr_pstrcat(pool, text, *text ? " " : "", name, NULL);
    }
    return text;
}

/* clang-format off */
static const char *const people[][3] = {
    {"a single citizen of the Union", "allein",
     "pass! freizuegigkeit meldebescheinigung geburtsurkunde! lebenslauf! lichtbild sprachnachweis! "
     "einbuergerungstest! schulzeugnis arbeitsvertrag! lohnabrechnungen! krankenversicherung! "
     "rentenversicherungsverlauf! mietvertrag! sonstige"},
    {"a refugee with a family", "familie",
     "reiseausweis! identitaetsnachweis aufenthaltstitel! meldebescheinigung geburtsurkunde! lebenslauf! "
     "lichtbild wehrdienstnachweis eheurkunde! scheidungsurteil! ehegatte/pass! ehegatte/aufenthaltstitel! "
     "ehegatte/miteinbuergerung/geburtsurkunde! ehegatte/miteinbuergerung/lebenslauf! "
     "ehegatte/miteinbuergerung/lichtbild ehegatte/miteinbuergerung/sprachnachweis! "
     "ehegatte/miteinbuergerung/einbuergerungstest! "
     "kind[1]/geburtsurkunde! kind[2]/geburtsurkunde! kind[3]/geburtsurkunde kind[3]/adoptionsurkunde! "
     "kind[1]/sorgerechtsnachweis kind[2]/sorgerechtsnachweis! kind[1]/zustimmung! "
     "kind[1]/pass! kind[2]/pass kind[1]/aufenthaltstitel! kind[2]/aufenthaltstitel! "
     "kind[1]/schulbescheinigung! kind[2]/schulbescheinigung! kind[1]/lichtbild kind[2]/lichtbild "
     "sprachnachweis! einbuergerungstest! schulzeugnis arbeitsvertrag! lohnabrechnungen! "
     "krankenversicherung! rentenversicherungsverlauf! mietvertrag! asylbescheid! sonstige"},
    {"a child of twelve", "kind",
     "pass! freizuegigkeit meldebescheinigung geburtsurkunde! lichtbild vertretung/pass! "
     "vertretung/sorgerechtsnachweis vertretung/zustimmung! schulzeugnis einkommensnachweis "
     "krankenversicherung! mietvertrag! sonstige"},
    {"somebody without a passport, whose partnership was annulled", "ohne-pass",
     "identitaetsnachweis! freizuegigkeit meldebescheinigung geburtsurkunde! lebenslauf! lichtbild eheurkunde "
     "scheidungsurteil! sprachnachweis! einbuergerungstest! schulzeugnis arbeitsvertrag! lohnabrechnungen! "
     "krankenversicherung! rentenversicherungsverlauf! mietvertrag! sonstige"},
    {"a long life", "alles",
     "pass! aufenthaltstitel! meldebescheinigung geburtsurkunde! namensaenderung lebenslauf! lichtbild "
     "wehrdienstnachweis eheurkunde! ehegatte/pass! ehegatte/staatsangehoerigkeitsnachweis hinderungsnachweis "
     "schulzeugnis ausbildungsnachweis studiennachweis arbeitsvertrag! lohnabrechnungen! steuerbescheid! "
     "gewinnermittlung! krankenversicherung! rentenversicherungsverlauf! mietvertrag! leistungsbescheid! "
     "unterhaltsnachweis! fruehere_staatsangehoerigkeit abstammungsnachweis anwerbungsnachweis "
     "auslandsaufenthalt strafurteil! verfahrensnachweis sonstige"},
};

/* sample; other answers; what that changes */
static const char *const changes[][3] = {
    {"allein", "aufenthalt/titel = 9", "+aufenthaltstitel! -freizuegigkeit"},
    {"allein", "aufenthalt/titel = freizuegg-4a", "+aufenthaltstitel! -freizuegigkeit"},
    {"allein", "aufenthalt/titel = keiner", "-freizuegigkeit"},
    {"allein", "identitaet/hat_ausweis = abgelaufen", "+identitaetsnachweis"},
    {"allein", "identitaet/hat_ausweis = reiseausweis", "-pass! +reiseausweis! +identitaetsnachweis"},
    {"allein", "identitaet/hat_ausweis = keiner", "-pass! +identitaetsnachweis!"},
    {"allein", "person/hat_fruehere_namen = true", "+namensaenderung"},
    {"allein", "wehrdienst/status = offen", ""},
    {"allein", "wehrdienst/status = freiwillig", "+wehrdienstnachweis"},
    {"allein", "person/familienstand = VW; person/hat_fruehere_ehen = true; "
               "fruehere_ehen/fruehere_ehe[1]/beendigungsgrund = 1", "+eheurkunde +sterbeurkunde!"},
    {"allein", "person/familienstand = GS; person/hat_fruehere_ehen = true; "
               "fruehere_ehen/fruehere_ehe[1]/beendigungsgrund = 2", "+eheurkunde +scheidungsurteil!"},
    {"allein", "person/hat_fruehere_ehen = true; fruehere_ehen/fruehere_ehe[1]/beendigungsgrund = 2", ""},
    {"alles", "ehegatte/deutsch_durch = einbuergerung",
     "-ehegatte/staatsangehoerigkeitsnachweis +ehegatte/staatsangehoerigkeitsnachweis!"},
    {"alles", "ehegatte/soll_miteingebuergert = true", ""},
    {"familie", "ehegatte/soll_miteingebuergert = false",
     "-ehegatte/aufenthaltstitel! +ehegatte/aufenthaltstitel -ehegatte/miteinbuergerung/geburtsurkunde! "
     "-ehegatte/miteinbuergerung/lebenslauf! -ehegatte/miteinbuergerung/lichtbild "
     "-ehegatte/miteinbuergerung/sprachnachweis! -ehegatte/miteinbuergerung/einbuergerungstest!"},
    {"familie", "ehegatte/titel = eu", "-ehegatte/aufenthaltstitel!"},
    {"familie", "einkommen/einkunft[1]/person = partner", "+ehegatte/einkommensnachweis"},
    {"familie", "kinder/kind[1]/soll_miteingebuergert = false",
     "-kind[1]/sorgerechtsnachweis -kind[1]/zustimmung! -kind[1]/pass! -kind[1]/aufenthaltstitel! "
     "-kind[1]/schulbescheinigung! -kind[1]/lichtbild"},
    {"familie", "kinder/kind[1]/anderer_elternteil/zustimmung = nein", "-kind[1]/zustimmung!"},
    {"familie", "kinder/kind[1]/bildungseinrichtung_art = keine", "-kind[1]/schulbescheinigung!"},
    {"familie", "kinder/kind[2]/titel = eu", "-kind[2]/aufenthaltstitel!"},
    {"familie", "kinder/kind[2]/geburtsdatum = 2008-11-25",
     "-kind[2]/geburtsurkunde! +kind[2]/geburtsurkunde -kind[2]/sorgerechtsnachweis! -kind[2]/pass "
     "-kind[2]/aufenthaltstitel! -kind[2]/schulbescheinigung! -kind[2]/lichtbild"},
    {"familie", "herkunft/rechtsstellung = keine; aufenthalt/asyl_beantragt = false", "-asylbescheid!"},
    {"allein", "herkunft/rechtsstellung = staatenlos", "+staatenlosigkeit!"},
    {"allein", "staatsangehoerigkeiten/staatsangehoerigkeit[1]/staat = 997", "+staatenlosigkeit"},
    {"allein", "herkunft/rechtsstellung = heimatlos", "+rechtsstellung!"},
    {"kind", "vertretung/gemeinsam = false",
     "-vertretung/sorgerechtsnachweis +vertretung/sorgerechtsnachweis! -vertretung/zustimmung!"},
    {"kind", "vertretung/art = vormundschaft",
     "+vertretung/bestellungsurkunde! -vertretung/sorgerechtsnachweis"},
    {"kind", "vertretung/zweite_person/einverstanden = nein", "-vertretung/zustimmung!"},
    {"kind", "antrag/antragstellung = selbst",
     "-vertretung/pass! -vertretung/sorgerechtsnachweis -vertretung/zustimmung!"},
    {"allein", "sprache/nachweis_art = schulabschluss", "-sprachnachweis! -schulzeugnis +schulzeugnis!"},
    {"allein", "sprache/nachweis_art = folgt", ""},
    {"allein", "sprache/nachweis_art = keiner", "-sprachnachweis! +hinderungsnachweis"},
    {"allein", "sprache/nachweis_art = studium", "-sprachnachweis! +studiennachweis!"},
    {"allein", "test/nachweis_art = ausbildung", "-einbuergerungstest! +ausbildungsnachweis!"},
    {"allein", "test/nachweis_art = ausnahme", "-einbuergerungstest! +hinderungsnachweis"},
    {"allein", "bildung/hat_studium = true", "+studiennachweis"},
    {"allein", "beruf/erwerbsstatus = selbstaendig",
     "-arbeitsvertrag! +arbeitsvertrag -lohnabrechnungen! +steuerbescheid! +gewinnermittlung!"},
    {"allein", "beruf/erwerbsstatus = ausbildung", ""},
    {"allein", "beruf/erwerbsstatus = rente; beruf/hat_beschaeftigungen = false",
     "-arbeitsvertrag! -lohnabrechnungen! +rentenbescheid!"},
    {"allein", "beruf/erwerbsstatus = familie; beruf/hat_beschaeftigungen = false",
     "-arbeitsvertrag! -lohnabrechnungen!"},
    {"allein", "einkommen/einkunft[2]/person = ich; einkommen/einkunft[2]/art = kindergeld",
     "+einkommensnachweis"},
    {"allein", "vorsorge/krankenversicherung = keine", "-krankenversicherung!"},
    {"allein", "vorsorge/rentenversicherung = false", "-rentenversicherungsverlauf!"},
    {"allein", "vorsorge/weitere_altersvorsorge = Betriebsrente", "+altersvorsorge"},
    {"allein", "wohnung/art = eigentum", "-mietvertrag! +eigentumsnachweis!"},
    {"allein", "wohnung/art = angehoerige", "-mietvertrag! +mietvertrag"},
    {"allein", "lebensunterhalt/andere_leistungen = true", "+leistungsbescheid!"},
    {"allein", "straftaten/verfahren_ausland = true", "+verfahrensnachweis"},
};
/* clang-format on */

/* "path = value; path = value" */
static void lay(eb_instance_t *in, const char *answers)
{
    char *last, *text = apr_pstrdup(in->pool, answers);
    for (char *part = apr_strtok(text, ";", &last); part; part = apr_strtok(NULL, ";", &last)) {
        char *is = strstr(part, " = ");
        *is = '\0';
        antrag_answer(in, antrag_trim(part), antrag_trim(is + 3));
    }
}

/* What was dropped, and what came instead or in addition. */
static const char *difference(const apr_array_header_t *before, const apr_array_header_t *after,
                              apr_pool_t *pool)
{
    const char *text = "";
    for (int i = 0; i < before->nelts && i < after->nelts; i++) {
        const char *was = APR_ARRAY_IDX(before, i, const char *);
        const char *is = APR_ARRAY_IDX(after, i, const char *);
        if (was && is && strcmp(was, is) == 0)
            continue;
        if (was)
            text = apr_pstrcat(pool, text, *text ? " -" : "-", was, NULL);
        if (is)
            text = apr_pstrcat(pool, text, *text ? " +" : "+", is, NULL);
    }
    return text;
}

static void test_changes(const eb_form_t *form, apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        eb_instance_t *in = antrag_sample(form, changes[i][0], pool);
        apr_array_header_t *before = list_of(in, pool);
        lay(in, changes[i][1]);
        is_str(difference(before, list_of(in, pool), pool), changes[i][2],
               apr_pstrcat(pool, changes[i][0], ", ", changes[i][1], NULL));
    }
}

/* The published list of kinds says the same as the form. */
static void test_kinds(const eb_form_t *form, apr_pool_t *pool)
{
    eb_codelists_t *lists;
    int unlike = 0, unused = 0;

    eb_codelists_load(&lists, "schemas/codelists", NULL, pool);
    const eb_codelist_t *kinds = eb_codelists_find(lists, KINDS, NULL);
    if (!ok(kinds != NULL, "there is a code list of the kinds of documents"))
        return;
    is_str(kinds->version, form->version, "it has the form's version");
    for (int i = 0; i < form->documents_count; i++) {
        const eb_node_t *document = form->documents[i];
        const eb_code_t *code = eb_codelist_code(kinds, document->name);
        bool like = code && strcmp(code->name, document->control->label) == 0;
        unlike += !like;
        if (!like)
            printf("# %s is not in the list, or not by this label\n", document->path);
    }
    is_int(unlike, 0, "it has every document, by its label");
    for (int i = 0; i < kinds->count; i++) {
        int uses = 0;
        for (int k = 0; k < form->documents_count; k++)
            uses += strcmp(form->documents[k]->name, kinds->codes[i].code) == 0;
        unused += uses == 0;
    }
    is_int(unused, 0, "and no other");
    printf("# %d documents of %d kinds\n", form->documents_count, kinds->count);
}

/* Nobody meets a page that asks nothing. */
static void test_steps(const eb_form_t *form, apr_pool_t *pool)
{
    eb_instance_t *in = antrag_sample(form, "allein", pool);
    eb_context_t c = context(in, pool);
    const char *steps = "";

    for (const eb_section_t *section = form->sections; section; section = section->next)
        for (const eb_step_t *step = section->steps; step; step = step->next)
            if (strncmp(step->id, "nachweise-", 10) == 0 && eb_rules_step_relevant(step, &c))
                steps = apr_pstrcat(pool, steps, *steps ? " " : "", step->id + 10, NULL);
    is_str(steps, "ausweis person sprache bildung arbeit vorsorge wohnung weitere",
           "a single person sees eight steps");
}

static void test_words(const eb_form_t *form)
{
    int silent = 0;

    for (int i = 0; i < form->documents_count; i++) {
        const eb_control_t *control = form->documents[i]->control;
        bool good = control->hint && (!control->alert || strstr(control->alert, "reiche ich nach"));
        silent += !good;
        if (!good)
            printf("# %s\n", form->documents[i]->path);
    }
    is_int(silent, 0, "every document has a hint, and its alert names the way out");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_form_t *form = antrag_form(pool);
    if (!form)
        return 1;
    for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++)
        is_str(joined(list_of(antrag_sample(form, people[i][1], pool), pool), pool), people[i][2],
               people[i][0]);
    test_changes(form, pool);
    test_kinds(form, pool);
    test_steps(form, pool);
    test_words(form);
    return done();
}
