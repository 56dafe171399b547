/* What the tests and measurements of messages share: the real form, the real profile, and one
 * header with fixed time and ids. */
#ifndef MESSAGE_TEST_H
#define MESSAGE_TEST_H

#include "form/rules.h"
#include "message/profile.h"
#include "fixture.h"

#include <libxml/parser.h>

typedef struct bench_t {
    eb_form_t *form;
    eb_profile_t *profile;
    eb_header_t header;
    apr_time_t now;
    apr_pool_t *pool;
} bench_t;

/* 2026-11-25T12:00:00.123+01:00 */
#define MESSAGE_TIME ((apr_time_t)1795604400123 * 1000)

static inline eb_header_t message_header(const eb_form_t *form)
{
    return (eb_header_t){
        .uuid = "0b6f5b0e-6a3c-4d0e-9a53-0d6f6f5a1c11",
        .number = "EB-2026-7K4M-92QX-3",
        .created = MESSAGE_TIME,
        .reader = {"DVDV", "ebb:05711000", "Stadt Musterstadt, Einbürgerungsbehörde",
                   "einbuergerung@stadt-musterstadt.example", "+49 521 555-0100"},
        .author = {"DVDV", "eip:05711000", "Stadt Musterstadt, Online-Dienst Einbürgerung", NULL,
                   NULL},
        .ags = "05711000",
        .form_version = form->version,
        .form_hash = "000102030405060708090a0b0c0d0e0f",
        .test = true,
    };
}

/* False after saying why. */
static inline bool message_begin(bench_t *b, apr_pool_t *pool)
{
    eb_codelists_t *lists;
    eb_problem_t *problem = NULL;

    b->pool = pool;
    b->now = MESSAGE_TIME;
    apr_status_t rv = eb_codelists_load(&lists, "schemas/codelists", &problem, pool);
    if (rv == APR_SUCCESS)
        rv = eb_form_load(&b->form, "schemas/forms/einbuergerung.xml", "schemas/form.rng", lists,
                          &problem, pool);
    if (rv == APR_SUCCESS)
        rv = eb_profile_load(&b->profile, "schemas/message/einbuergerung.xsl",
                             "schemas/message/einbuergerung.xsd", NULL, &problem, pool);
    if (rv == APR_SUCCESS)
        b->header = message_header(b->form);
    else
        printf("# %s\n", problem ? eb_problem_text(problem, pool) : "no problem was given");
    return rv == APR_SUCCESS;
}

/* The header for one application: with the digests of its files. */
static inline eb_header_t message_header_of(const bench_t *b, const eb_context_t *c)
{
    eb_header_t header = b->header;

    header.sha512 = fixture_digests(c);
    return header;
}

static inline eb_context_t message_context(const bench_t *b, const eb_instance_t *in)
{
    return (eb_context_t){in, EB_ROOT, b->now, b->pool};
}

/* The message of an instance, or NULL after saying why as a TAP comment. */
static inline const char *message_of(const bench_t *b, const eb_instance_t *in, apr_size_t *len)
{
    eb_context_t c = message_context(b, in);
    eb_problem_t *problem = NULL;
    const char *xml = NULL;
    eb_header_t header = message_header_of(b, &c);

    if (eb_message_build(&xml, len, b->profile, &header, &c, &problem, b->pool) == APR_SUCCESS)
        return xml;
    printf("# %s\n", problem ? eb_problem_text(problem, b->pool) : "no problem was given");
    return NULL;
}

#endif
