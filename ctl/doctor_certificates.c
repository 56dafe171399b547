/* Until when certificates are valid. httpd tells of those that it has read, in the configtest just
 * run: the files as they are now. That of a destination's key is in no file: FIT-Connect hands it
 * out for each submission, and the journal has kept its end since the last one. */
#include "doctor.h"
#include "base/expiry.h"
#include "delivery/fitconnect/destination.h"
#include "store/operator.h"

#include <apr_strings.h>
#include <string.h>

static apr_time_t moment(const json_t *told, const char *name)
{
    return apr_time_from_sec(json_integer_value(json_object_get(told, name)));
}

static void look_at(eb_doctor_t *d, const json_t *told)
{
    const char *file = eb_config_text(told, "file"), *name = eb_config_text(told, "name"),
               *user = eb_config_text(told, "user");
    const eb_expiry_t expiry = {name ? name : "",
                                json_is_true(json_object_get(told, "revocations")),
                                moment(told, "from"), moment(told, "until")};
    const int notice = (int)json_integer_value(json_object_get(told, "notice"));
    const char *subject = apr_pstrcat(d->pool, "certificates of ", user ? user : "?", NULL);
    eb_problem_t *problem = NULL;

    switch (eb_expiry_check(&expiry, file, notice, d->ctl->now, &problem, d->pool)) {
    case APR_SUCCESS:
        eb_doctor_good(d, subject, "%s: %s, %d days left", file, expiry.name,
                       eb_expiry_days(&expiry, d->ctl->now));
        break;
    case APR_INCOMPLETE: eb_doctor_found(d, EB_FOUND_LOOK, subject, problem); break;
    default: eb_doctor_found(d, EB_FOUND_WRONG, subject, problem); break;
    }
}

enum { DETAIL_MAX = 400 };

static bool keep_last(char *line, void *detail)
{
    char *fields[EB_JOURNAL_FIELDS];

    if (eb_journal_cut(fields, line) &&
        strcmp(fields[EB_JOURNAL_STEP], eb_job_state_name(EB_JOB_ANNOUNCED)) == 0)
        apr_cpystrn(detail, fields[EB_JOURNAL_DETAIL], DETAIL_MAX);
    return true;
}

static void look_at_destination(eb_doctor_t *d, eb_ctl_authority_t *a)
{
    const char *whose = apr_pstrcat(d->pool, "the destination of ", a->id, NULL);
    const char *subject = apr_pstrcat(d->pool, "certificates of ", a->id, NULL);
    char detail[DETAIL_MAX] = "";
    eb_problem_t *problem = NULL;
    eb_outbox_t *box;
    eb_jwk_t key;

    if (eb_ctl_open(&box, a, false, &problem, d->pool) ||
        box->engine->by_hand->journal(box, a->id, keep_last, detail, &problem, d->pool))
        eb_doctor_unknown(d, subject, "The journal cannot be read");
    else if (!eb_fit_key_noted(&key, detail, d->pool))
        eb_doctor_unknown(d, subject,
                          "No key yet; einbuergerungctl fitconnect check %s asks for it", a->id);
    else if (eb_fit_key_ends(&key, whose, d->ctl->now, &problem, d->pool))
        eb_doctor_found(d, EB_FOUND_LOOK, subject, problem);
    else
        eb_doctor_good(d, subject, "key %s", eb_fit_key_text(&key, d->pool));
}

void eb_doctor_certificates(eb_doctor_t *d)
{
    const apr_array_header_t *all = d->config->authorities;
    apr_size_t i;
    json_t *told;

    json_array_foreach(json_object_get(d->config->json, "certificates"), i, told) look_at(d, told);
    for (int at = 0; at < all->nelts; at++) {
        eb_ctl_authority_t *a = &APR_ARRAY_IDX(all, at, eb_ctl_authority_t);
        if (a->transport && strcmp(a->transport, "fitconnect") == 0)
            look_at_destination(d, a);
    }
}
