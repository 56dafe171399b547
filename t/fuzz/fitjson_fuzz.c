/* Answers of the Submission API, and what a job remembers: whatever is read is as it must be, and
 * what is remembered reads as it was written. */
#include "delivery/fitconnect/api.h"
#include "delivery/fitconnect/destination.h"
#include "delivery/fitconnect/events.h"
#include "delivery/fitconnect/json.h"
#include "base/utf8.h"
#include "fuzz.h"

#define SERVICE "urn:de:fim:leika:leistung:99099002067003"

static void check_destination(const json_t *json, apr_pool_t *pool)
{
    const eb_fit_want_t want = {"879ee109-a690-4db8-ab32-424284184d7d", SERVICE, "DE05711",
                                "urn:mod-einbuergerung:nachricht:1", "application/xml"};
    eb_fit_destination_t destination = {0};
    eb_problem_t *problem = NULL;

    if (eb_fit_destination_read(&destination, json, eb_fit_profile("v2"), &want, &problem, pool)) {
        must(problem && eb_utf8_valid(problem->what, strlen(problem->what)));
        must(!strpbrk(problem->what, "\r\n\t"));
        return;
    }
    must(!problem && eb_fit_name_good(destination.kid) && destination.schema);
}

static void check_page(const json_t *json, apr_pool_t *pool)
{
    eb_fit_page_t page;

    if (eb_fit_page_read(&page, json, pool))
        return;
    must(page.total >= 0);
    for (int i = 0; i < page.tokens->nelts; i++)
        must(APR_ARRAY_IDX(page.tokens, i, const char *));
}

static void check_memory(const char *text, apr_pool_t *pool)
{
    eb_fit_memory_t *memory;
    eb_fitconnect_view_t view;
    const char *ended;
    int restarts;

    eb_fit_start_read(&restarts, &ended, text, pool);
    if (eb_fit_memory_read(&memory, text, -1, pool))
        return;
    const char *written = eb_fit_memory_text(memory, pool);
    must(written && !eb_fit_memory_read(&memory, written, -1, pool));
    must(strcmp(written, eb_fit_memory_text(memory, pool)) == 0);
    must(!eb_fitconnect_view(&view, written, pool) && view.submission);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    char *text = fuzz_text(data, size);
    json_t *json;

    const char *clean = eb_fit_clean(text, 40, pool);
    must(strlen(clean) <= 40 && eb_utf8_valid(clean, strlen(clean)));
    if (!eb_json_read(&json, text, strlen(text), 65536, pool)) {
        check_destination(json, pool);
        check_page(json, pool);
    }
    check_memory(text, pool);
    free(text);
    apr_pool_destroy(pool);
    return 0;
}
