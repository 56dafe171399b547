/* A package as a letter: which content goes where is a matter of what the gateway wants. */
#include "parts.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

#define NOTE "Einb\xC3\xBCrgerungsantrag"

/* Bytes in memory as a content. */
static eb_content_t in_memory(const char *type, const char *name, const char *data, apr_size_t len,
                              apr_pool_t *pool)
{
    eb_chain_t *chain = apr_palloc(pool, sizeof *chain);

    eb_chain_init(chain, pool);
    eb_chain_add(chain, data, len);
    return (eb_content_t){
        .type = type, .encoding = "UTF-8", .name = name, .len = len, .source = &chain->source};
}

static void fill(eb_xta_letter_t *letter, const eb_xta_t *xta, const eb_package_t *p,
                 apr_pool_t *pool)
{
    eb_content_t *c = apr_pcalloc(pool, ((apr_size_t)p->attachments_count + 2) * sizeof *c);
    const char *note = apr_pstrcat(pool, NOTE, " ", p->number, "\n", NULL);
    int n = 0;

    if (xta->settings.note_first)
        c[n++] = in_memory("text/plain", NULL, note, strlen(note), pool);
    c[n++] = in_memory("application/xml", apr_pstrcat(pool, p->number, ".xml", NULL), p->message,
                       p->message_len, pool);
    for (int i = 0; i < p->attachments_count; i++) {
        const eb_attachment_t *a = &p->attachments[i];
        c[n++] = (eb_content_t){.type = a->type,
                                .name = a->name,
                                .description = a->purpose && *a->purpose ? a->purpose : NULL,
                                .len = a->size,
                                .source = eb_attachment_source(a, letter->unread, pool)};
    }
    for (int i = 0; i < n; i++)
        c[i].id = apr_psprintf(pool, "content%d@einbuergerung", i + 1);
    letter->contents = letter->parts = c;
    letter->count = letter->parts_count = n;
}

static apr_status_t seal(eb_xta_letter_t *letter, const eb_xta_t *xta, apr_time_t now,
                         eb_problem_t **problem, apr_pool_t *pool)
{
    eb_chain_t *plain = apr_palloc(pool, sizeof *plain);
    eb_xmlenc_t *sealed = apr_palloc(pool, sizeof *sealed);
    eb_content_t *part = apr_palloc(pool, sizeof *part);
    const eb_certificate_t *certificate = eb_certificate_at(xta->reader, now, problem, pool);

    if (!certificate)
        return APR_EINVAL;
    if (eb_contents_chain(plain, letter->contents, letter->count, pool))
        return eb_problem_set(problem, EB_P_XTA_REQUEST, APR_ENOMEM, NULL, pool,
                              "A message cannot be written");
    apr_status_t rv =
        eb_xmlenc_init(sealed, certificate, xta->sha1, &plain->source, plain->len, problem, pool);
    *part = (eb_content_t){.type = "application/octet-stream",
                           .id = "sealed@einbuergerung",
                           .len = sealed->len,
                           .source = &sealed->source};
    letter->sealed = sealed;
    letter->parts = part;
    letter->parts_count = 1;
    return rv;
}

apr_status_t eb_xta_letter(eb_xta_letter_t *letter, const eb_xta_t *xta,
                           const eb_package_t *package, apr_time_t now, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    *letter = (eb_xta_letter_t){.unread = apr_pcalloc(pool, sizeof(bool))};
    fill(letter, xta, package, pool);
    apr_status_t rv = xta->reader ? seal(letter, xta, now, problem, pool) : APR_SUCCESS;
    const apr_uint64_t len = eb_contents_len(letter->parts, letter->parts_count);
    if (!rv && len > xta->settings.size_max)
        return eb_problem_set(problem, EB_P_XTA_SIZE, APR_ENOSPC, NULL, pool,
                              "The contents of case %s have %" APR_UINT64_T_FMT
                              " bytes; at most %" APR_UINT64_T_FMT " may be sent",
                              package->number, len, xta->settings.size_max);
    return rv;
}
