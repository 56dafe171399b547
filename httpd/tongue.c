/* The language of a request is the first part of its path, as in "/antrag/tr/person"; without one
 * it is German. So every page has an address in every language, and links stay in theirs. Addresses
 * without a language belong to those who come from outside: they are led on to the one that their
 * draft was last filled in with, or on the start page to the one that their browser asks for. */
#include "visit.h"
#include "languages.h"

void eb_tongue_enter(eb_visit_t *v, const char *path)
{
    apr_size_t len = *path == '/' ? strcspn(path + 1, "/") : 0;

    v->base = v->use->base;
    v->path = path;
    if (v->use->tongues_count > 1 && len > 0)
        v->tongue = eb_tongue_find(v->use, path + 1, len);
    if (v->tongue != NULL) {
        v->base = v->tongue->base;
        v->path = path + 1 + len;
    }
    v->address = apr_pstrcat(v->pool, v->use->base, v->path, NULL);
}

static int lead_to(eb_visit_t *v, const eb_tongue_t *tongue)
{
    if (tongue == NULL || tongue->number == 0)
        return EB_GO_ON;
    v->base = tongue->base;
    return eb_reply_see_other(v, v->path);
}

int eb_tongue_lead(eb_visit_t *v)
{
    const char *noted = v->draft != NULL ? v->draft->language : "";

    if (v->use->tongues_count < 2 || v->tongue != NULL || v->r->method_number != M_GET)
        return EB_GO_ON;
    if (v->draft != NULL)
        return lead_to(v, eb_tongue_find(v->use, noted, strlen(noted)));
    apr_table_mergen(v->r->headers_out, "Vary", "Accept-Language, Cookie");
    return lead_to(v, eb_tongue_wanted(v->use, apr_table_get(v->r->headers_in, "Accept-Language")));
}

static const char *code(const eb_visit_t *v)
{
    return v->tongue != NULL ? v->tongue->code : "";
}

void eb_tongue_note(eb_visit_t *v)
{
    apr_cpystrn(v->draft->language, code(v), sizeof(v->draft->language));
}

bool eb_tongue_noted(const eb_visit_t *v)
{
    return strcmp(v->draft->language, code(v)) == 0;
}
