/* The settings, as they are checked and completed at start, and the transport made of them. */
#include "fit.h"
#include "base/ids.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

/* FITKO names those of the test environment; the others are handed out with the contract. */
static const eb_fitconnect_environment_t environments[] = {
    {"test", "https://auth-testing.fit-connect.fitko.dev/token",
     "https://test.fit-connect.fitko.dev/submission-api", NULL, true},
    {"stage", NULL, NULL, NULL, false},
    {"prod", NULL, NULL, NULL, false},
};

const eb_fitconnect_environment_t *eb_fitconnect_environment(const char *name)
{
    for (size_t i = 0; i < sizeof environments / sizeof *environments; i++)
        if (strcmp(environments[i].name, name) == 0)
            return &environments[i];
    return NULL;
}

static apr_status_t wrong(const char *what, eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_FIT_SETTING, APR_EINVAL, NULL, pool, "%s", what);
}

static bool address_good(const char *url)
{
    apr_size_t len = url ? strlen(url) : 0;

    for (apr_size_t i = 0; i < len; i++)
        if (!apr_isgraph(url[i]) || url[i] == '"' || url[i] == '?' || url[i] == '#')
            return false;
    return len > 9 && strncmp(url, "https://", 8) == 0 && url[len - 1] != '/';
}

static bool region_good(const char *region)
{
    const apr_size_t digits = strlen(region) >= 2 ? strspn(region + 2, "0123456789") : 0;

    return strncmp(region, "DE", 2) == 0 && region[2 + digits] == '\0' && digits <= 12;
}

static bool line_good(const char *text)
{
    for (const char *c = text ? text : ""; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return false;
    return text && *text;
}

/* What is missing or wrong; NULL: nothing. */
static const char *fault(const eb_fitconnect_settings_t *s)
{
    if (!s->destination || !eb_uuid_valid(s->destination))
        return "The destination must be a UUID in lower case";
    if (!line_good(s->client_id) || !s->secret_file)
        return "Client id and secret file are needed";
    if (!address_good(s->token_url) || !address_good(s->submission_url) ||
        !address_good(s->destination_url))
        return "Addresses of token service and API must be https://host/path, without a / at the "
               "end";
    if (!line_good(s->service) || strncmp(s->service, "urn:", 4) != 0 ||
        !line_good(s->service_name))
        return "The service needs its identifier (urn:de:fim:leika:leistung:99…) and a name";
    if (s->region && !region_good(s->region))
        return "A region is DE and up to 12 digits";
    if (strcmp(s->mime_type, "application/xml") != 0 &&
        strcmp(s->mime_type, "application/json") != 0)
        return "Data are application/xml or application/json";
    if (!s->trust)
        return "There is nothing that keys of destinations must lead up to";
    return line_good(s->user_agent) ? NULL : "The name of this client must be one line";
}

static const char *or_else(const char *text, const char *instead)
{
    return text ? text : instead;
}

static void complete(eb_fitconnect_settings_t *s, apr_pool_t *pool)
{
    s->destination_url = or_else(s->destination_url, s->submission_url);
    s->issuer = or_else(s->issuer, s->submission_url);
    s->profile = or_else(s->profile, "v2");
    s->mime_type = or_else(s->mime_type, "application/xml");
    s->product = or_else(s->product, "mod_einbuergerung");
    s->version = or_else(s->version, EB_VERSION);
    s->manufacturer = or_else(s->manufacturer, "mod_einbuergerung");
    s->author = or_else(s->author, s->product);
    if (!s->user_agent)
        s->user_agent = apr_psprintf(pool, "%s/%s", s->product, s->version);
    if (!s->connect_timeout)
        s->connect_timeout = apr_time_from_sec(10);
    if (!s->timeout)
        s->timeout = apr_time_from_sec(60);
    if (!s->poll)
        s->poll = apr_time_from_sec(30);
}

static apr_status_t connect_with(eb_fit_t *fit, eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_fitconnect_settings_t *s = &fit->s;
    const eb_http_settings_t http = {.user_agent = s->user_agent,
                                     .ca_file = s->ca_file,
                                     .proxy = s->proxy,
                                     .connect_timeout = s->connect_timeout,
                                     .timeout = s->timeout};
    apr_status_t rv = eb_fit_tokens_create(&fit->tokens, s->secret_file, problem, pool);

    return rv ? rv : eb_http_create(&fit->http, &http, problem, pool);
}

apr_status_t eb_fitconnect_transport(eb_transport_t **transport,
                                     const eb_fitconnect_settings_t *settings,
                                     eb_problem_t **problem, apr_pool_t *pool)
{
    eb_fit_t *fit = apr_pcalloc(pool, sizeof *fit);

    fit->s = *settings;
    complete(&fit->s, pool);
    fit->profile = eb_fit_profile(fit->s.profile);
    if (!fit->profile)
        return wrong("The generation of the API is v1 or v2", problem, pool);
    const char *what = fault(&fit->s);
    if (what)
        return wrong(what, problem, pool);
    apr_status_t rv = connect_with(fit, problem, pool);
    if (rv)
        return rv;
    fit->transport = (eb_transport_t){.name = "fitconnect", .step = eb_fit_step, .data = fit};
    *transport = &fit->transport;
    return APR_SUCCESS;
}
