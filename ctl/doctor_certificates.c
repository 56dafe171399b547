/* Until when certificates are valid. httpd tells of those that it has read, in the configtest just
 * run: the files as they are now. */
#include "doctor.h"
#include "base/expiry.h"

#include <apr_strings.h>

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

void eb_doctor_certificates(eb_doctor_t *d)
{
    apr_size_t i;
    json_t *told;

    json_array_foreach(json_object_get(d->config->json, "certificates"), i, told) look_at(d, told);
}
