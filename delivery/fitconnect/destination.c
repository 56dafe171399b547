/* A destination that does not take an application would reject it days later; so everything that it
 * says about itself is compared first. What does not fit is for a person to settle with the
 * authority, who is told what the destination offers instead. */
#include "destination.h"
#include "api.h"
#include "json.h"
#include "base/buf.h"
#include "base/date.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

enum { OFFER_MAX = 500 };
#define UNTIL ", until "

typedef struct reading_t {
    const json_t *json;
    const eb_fit_want_t *want;
    eb_problem_t **problem;
    apr_pool_t *pool;
} reading_t;

static apr_status_t unfit(const reading_t *r, const char *what)
{
    return eb_problem_set(r->problem, EB_P_FIT_DESTINATION, APR_EINVAL, NULL, r->pool,
                          "Destination %s %s", r->want->destination, what);
}

/* Texts as a list for people: the texts of an array, or a member of its objects. */
static const char *listed(const json_t *array, const char *member, apr_pool_t *pool)
{
    eb_buf_t out;
    size_t i;
    const json_t *item;

    eb_buf_init(&out, 256, pool);
    json_array_foreach((json_t *)array, i, item)
    {
        const char *text = member ? eb_json_member(item, member) : json_string_value(item);
        if (text)
            eb_buf_printf(&out, "%s%s", out.len ? ", " : "", text);
    }
    return out.len ? eb_fit_clean(eb_buf_cstr(&out), OFFER_MAX, pool) : "nothing";
}

static bool has_prefix_of(const json_t *regions, const char *region)
{
    size_t i;
    const json_t *item;

    json_array_foreach((json_t *)regions, i, item)
    {
        const char *offered = json_string_value(item);
        if (offered && strncmp(region, offered, strlen(offered)) == 0)
            return true;
    }
    return false;
}

static const json_t *service_of(const json_t *services, const char *identifier)
{
    size_t i;
    const json_t *item;

    json_array_foreach((json_t *)services, i, item)
    {
        const char *offered = eb_json_member(item, "identifier");
        if (offered && strcmp(offered, identifier) == 0)
            return item;
    }
    return NULL;
}

static bool takes_schema(const json_t *schemas, const eb_fit_want_t *want)
{
    size_t i;
    const json_t *item;

    json_array_foreach((json_t *)schemas, i, item)
    {
        const char *uri = eb_json_member(item, "schemaUri"),
                   *type = eb_json_member(item, "mimeType");
        if (uri && type && strcmp(uri, want->schema) == 0 && strcmp(type, want->mime_type) == 0)
            return true;
    }
    return false;
}

static apr_status_t check_service(const reading_t *r, const json_t *services)
{
    const eb_fit_want_t *want = r->want;
    const json_t *service = service_of(services, want->service);

    if (!service)
        return unfit(r, apr_psprintf(r->pool, "does not offer the service %s, but %s",
                                     want->service, listed(services, "identifier", r->pool)));
    const json_t *regions = json_object_get(service, "regions");
    if (want->region && json_is_array(regions) && !has_prefix_of(regions, want->region))
        return unfit(r, apr_psprintf(r->pool, "does not offer %s in the region %s, but in %s",
                                     want->service, want->region, listed(regions, NULL, r->pool)));
    const json_t *schemas = json_object_get(service, "submissionSchemas");
    if (want->schema && !takes_schema(schemas, want))
        return unfit(r, apr_psprintf(r->pool, "does not take data of schema %s as %s, but %s",
                                     want->schema, want->mime_type,
                                     listed(schemas, "schemaUri", r->pool)));
    return APR_SUCCESS;
}

static bool offers(const json_t *versions, const char *version)
{
    size_t i;
    const json_t *item;

    json_array_foreach((json_t *)versions, i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), version) == 0)
            return true;
    }
    return false;
}

static apr_status_t choose_schema(eb_fit_destination_t *d, const reading_t *r)
{
    const json_t *versions = json_object_get(r->json, "metadataVersions");
    const eb_fit_schema_t *schema;

    for (int i = 0; (schema = eb_fit_schema_at(i)); i++)
        if (offers(versions, schema->version)) {
            d->schema = schema;
            return APR_SUCCESS;
        }
    return unfit(r, apr_psprintf(r->pool, "takes no metadata of version %s, but %s",
                                 eb_fit_schema_at(0)->version, listed(versions, NULL, r->pool)));
}

apr_status_t eb_fit_destination_read(eb_fit_destination_t *destination, const json_t *json,
                                     const eb_fit_profile_t *profile, const eb_fit_want_t *want,
                                     eb_problem_t **problem, apr_pool_t *pool)
{
    const reading_t r = {json, want, problem, pool};
    const char *id = eb_json_member(json, "destinationId"),
               *status = eb_json_member(json, "status");

    destination->kid = eb_json_member(json, "encryptionKid");
    if (!id || strcmp(id, want->destination) != 0 || !status)
        return eb_problem_set(problem, EB_P_FIT_ANSWER, APR_EINVAL, NULL, pool,
                              "What the API says about destination %s is about something else",
                              want->destination);
    if (strcmp(status, "active") != 0)
        return unfit(
            &r, apr_psprintf(pool, "is not active, but \"%s\"", eb_fit_clean(status, 40, pool)));
    if (!eb_fit_name_good(destination->kid))
        return unfit(&r, "names no key to encrypt for");
    apr_status_t rv = check_service(&r, json_object_get(json, profile->services));
    return rv ? rv : choose_schema(destination, &r);
}

eb_step_result_t eb_fit_destination(eb_fit_destination_t *destination, const char *schema,
                                    const eb_fit_call_t *call)
{
    const eb_fitconnect_settings_t *s = &call->fit->s;
    const eb_fit_want_t want = {s->destination, s->service, s->region,
                                s->schema ? s->schema : schema, s->mime_type};
    const char *path = apr_psprintf(call->pool, call->fit->profile->destination, s->destination);
    json_t *json;
    eb_step_result_t result =
        eb_fit_get(&json, apr_pstrcat(call->pool, s->submission_url, path, NULL),
                   "the question for the "
                   "destination",
                   false, call);

    if (result != EB_STEP_FORWARD)
        return result;
    if (!eb_fit_destination_read(destination, json, call->fit->profile, &want, call->problem,
                                 call->pool))
        return EB_STEP_FORWARD;
    return (*call->problem)->number == EB_P_FIT_ANSWER ? EB_STEP_WAIT : EB_STEP_HOLD;
}

eb_step_result_t eb_fit_destination_key(eb_jwk_t **key, const char *destination, const char *kid,
                                        eb_jwk_use_t use, bool *unfit, const eb_fit_call_t *call)
{
    const eb_fitconnect_settings_t *s = &call->fit->s;
    const char *path = apr_psprintf(call->pool, call->fit->profile->key, destination, kid);
    json_t *json;
    eb_step_result_t result =
        eb_fit_get(&json, apr_pstrcat(call->pool, s->destination_url, path, NULL),
                   "the question for a key of the destination", false, call);

    if (unfit)
        *unfit = false;
    if (result != EB_STEP_FORWARD)
        return result;
    if (!eb_jwk_check(key, json, kid, use, s->trust, call->now, call->problem, call->pool))
        return EB_STEP_FORWARD;
    if (unfit)
        *unfit = true;
    return EB_STEP_HOLD;
}

static const char *day_of(apr_time_t time, apr_pool_t *pool)
{
    return eb_date_iso(eb_local_date(time), pool);
}

apr_status_t eb_fit_key_ends(const eb_jwk_t *key, const char *whose, apr_time_t now,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    const int days = (int)((key->expires - now) / apr_time_from_sec(86400));

    if (!key->expires || days >= EB_FIT_NOTICE)
        return APR_SUCCESS;
    eb_problem_set(problem, EB_P_FIT_KEY_ENDS, APR_INCOMPLETE, NULL, pool,
                   "The certificate of key %s of %s ends on %s (%d days)", key->kid, whose,
                   day_of(key->expires, pool), days);
    return APR_INCOMPLETE;
}

const char *eb_fit_key_text(const eb_jwk_t *key, apr_pool_t *pool)
{
    return key->expires ? apr_pstrcat(pool, key->kid, UNTIL, day_of(key->expires, pool), NULL)
                        : key->kid;
}

bool eb_fit_key_noted(eb_jwk_t *key, const char *detail, apr_pool_t *pool)
{
    const char *kid = strstr(detail, " key="), *until = kid ? strstr(kid, UNTIL) : NULL;
    eb_date_t date;

    if (!until || !eb_date_parse(&date, until + strlen(UNTIL), false))
        return false;
    kid += strlen(" key=");
    *key = (eb_jwk_t){.kid = apr_pstrmemdup(pool, kid, (apr_size_t)(until - kid)),
                      .expires = eb_local_midnight(date)};
    return true;
}
