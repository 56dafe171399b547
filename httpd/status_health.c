/* Health, for load balancers and watch-dogs: a word in the first line, then a line per reason. */
#include "status.h"

#include "json.h"

void eb_status_health(eb_buf_t *out, const eb_status_t *status)
{
    eb_buf_puts(out, status->reasons->nelts == 0 ? "ok\n" : "unwell\n");
    for (int i = 0; i < status->reasons->nelts; i++) {
        const eb_reason_t *reason = &APR_ARRAY_IDX(status->reasons, i, eb_reason_t);

        eb_buf_printf(out, "%s: %s\n", eb_reason_name(reason->kind),
                      eb_reason_text(reason, status->pool));
    }
}

json_t *eb_json_reasons(const eb_status_t *status)
{
    json_t *list = json_array();

    for (int i = 0; i < status->reasons->nelts; i++) {
        const eb_reason_t *reason = &APR_ARRAY_IDX(status->reasons, i, eb_reason_t);

        json_array_append_new(
            list, json_pack("{s:s, s:o, s:o}", "reason", eb_reason_name(reason->kind), "subject",
                            eb_json_text(reason->subject, status->pool), "text",
                            eb_json_text(eb_reason_text(reason, status->pool), status->pool)));
    }
    return list;
}

apr_status_t eb_status_health_json(eb_buf_t *out, const eb_status_t *status)
{
    return eb_json_write(out, json_pack("{s:b, s:o}", "ok", status->reasons->nelts == 0, "reasons",
                                        eb_json_reasons(status)));
}
