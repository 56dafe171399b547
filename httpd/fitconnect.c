/* EinbuergerungFitConnect name=value …: an environment sets the addresses, options of the same
 * directive change them one by one. All files are read at start, as root; the network is not asked
 * before the first application leaves. */
#include "fitconnect.h"

#include "certificates.h"
#include "options.h"
#include "output.h"

#include "delivery/fitconnect/callback.h"

#define EXAMPLE                                                                                    \
    "environment=test destination=7a3f4e0c-… client=… secret-file=/etc/apache2/einbuergerung/fit"
#define SERVICE      "urn:de:fim:leika:leistung:99099002067003"
#define SERVICE_NAME "Einbürgerung"

#define ROW(name, kind, member)  EB_OPTION(name, kind, eb_fit_output_t, member)
#define SPAN(name, member, most) EB_OPTION_SPAN(name, eb_fit_output_t, member, most)

static const eb_option_t options[] = {
    ROW("environment", EB_OPTION_WORD, environment),
    ROW("destination", EB_OPTION_UUID, settings.destination),
    ROW("client", EB_OPTION_WORD, settings.client_id),
    ROW("secret-file", EB_OPTION_FILE, settings.secret_file),
    ROW("api", EB_OPTION_WORD, settings.profile),
    ROW("token-url", EB_OPTION_HTTPS, settings.token_url),
    ROW("submission-url", EB_OPTION_HTTPS, settings.submission_url),
    ROW("destination-url", EB_OPTION_HTTPS, settings.destination_url),
    ROW("issuer", EB_OPTION_HTTPS, settings.issuer),
    ROW("roots", EB_OPTION_FILE, roots),
    ROW("crl", EB_OPTION_FILE, crl),
    ROW("self-signed", EB_OPTION_FLAG, self_signed),
    ROW("ca-file", EB_OPTION_FILE, settings.ca_file),
    ROW("proxy", EB_OPTION_PROXY, settings.proxy),
    ROW("user-agent", EB_OPTION_TEXT, settings.user_agent),
    ROW("service", EB_OPTION_WORD, settings.service),
    ROW("service-name", EB_OPTION_TEXT, settings.service_name),
    ROW("region", EB_OPTION_WORD, settings.region),
    ROW("schema", EB_OPTION_WORD, settings.schema),
    SPAN("connect-timeout", settings.connect_timeout, 120),
    SPAN("timeout", settings.timeout, 600),
    SPAN("poll", settings.poll, 3600),
    ROW("callback-secret-file", EB_OPTION_SECRET, callback_secret),
    {.name = NULL},
};

/* What the environment knows and no option has set. */
static const char *fill_in(cmd_parms *cmd, eb_fit_output_t *fit)
{
    const eb_fitconnect_environment_t *e;

    if (fit->environment == NULL)
        return NULL;
    e = eb_fitconnect_environment(fit->environment);
    if (e == NULL)
        return eb_complain(cmd, EXAMPLE, "environment=%s is none of test, stage and prod",
                           fit->environment);
    if (fit->self_signed && !e->self_signed)
        return eb_complain(cmd, EXAMPLE,
                           "self-signed keys are for environment=test only; in %s a destination "
                           "has a certificate of the Verwaltungs-PKI",
                           fit->environment);
    if (fit->settings.token_url == NULL)
        fit->settings.token_url = e->token_url;
    if (fit->settings.submission_url == NULL)
        fit->settings.submission_url = e->submission_url;
    if (fit->settings.destination_url == NULL)
        fit->settings.destination_url = e->destination_url;
    return NULL;
}

static const char *lacks(cmd_parms *cmd, const eb_fit_output_t *fit)
{
    const eb_fitconnect_settings_t *s = &fit->settings;
    const char *name = s->destination == NULL      ? "destination="
                       : s->client_id == NULL      ? "client="
                       : s->secret_file == NULL    ? "secret-file="
                       : s->token_url == NULL      ? "token-url="
                       : s->submission_url == NULL ? "submission-url="
                                                   : NULL;

    if (name != NULL)
        return eb_complain(cmd, EXAMPLE, "%s is missing%s", name,
                           fit->environment == NULL ? " (environment= would set the addresses)"
                                                    : "");
    if (fit->roots == NULL && !fit->self_signed)
        return eb_complain(cmd, EXAMPLE,
                           "roots= is missing, the file with the root certificates of the "
                           "Verwaltungs-PKI (or, in the test environment, self-signed)");
    if (fit->callback_secret != NULL && (strlen(fit->callback_secret) < EB_CALLBACK_SECRET_MIN ||
                                         strlen(fit->callback_secret) > EB_CALLBACK_SECRET_MAX))
        return eb_complain(cmd, EXAMPLE,
                           "the secret in callback-secret-file= has %d characters; it must have %d "
                           "to %d",
                           (int)strlen(fit->callback_secret), EB_CALLBACK_SECRET_MIN,
                           EB_CALLBACK_SECRET_MAX);
    return NULL;
}

const char *eb_fitconnect_directive(cmd_parms *cmd, void *conf, int argc, char *const argv[])
{
    eb_authority_t *authority = eb_authority_of(conf);
    eb_fit_output_t *fit = apr_pcalloc(cmd->pool, sizeof(*fit));
    const char *error = eb_authority_misplaced(cmd, conf);

    if (error == NULL)
        error = eb_twice(cmd, authority->fit_at);
    if (error == NULL)
        error = eb_options_read(fit, options, EXAMPLE, cmd, argc, argv);
    if (error == NULL)
        error = fill_in(cmd, fit);
    if (error == NULL)
        error = lacks(cmd, fit);
    if (error != NULL)
        return error;
    EB_SET(authority, fit, fit);
    return NULL;
}

bool eb_fitconnect_open(eb_check_t *c, eb_authority_t *a)
{
    apr_pool_t *p = c->start->pool;
    eb_fitconnect_settings_t *s;
    eb_trust_t *trust;

    if (a->fit == NULL)
        return eb_check_missing(c, a->output_at, "EinbuergerungFitConnect", EXAMPLE);
    s = &a->fit->settings;
    if (s->service == NULL) {
        s->service = SERVICE;
        s->service_name = s->service_name != NULL ? s->service_name : SERVICE_NAME;
    }
    s->author = s->author != NULL ? s->author : eb_author_party(c->s, a, p).name;
    if (eb_trust_load(&trust, a->fit->roots, a->fit->crl, a->fit->self_signed, &c->problem, p) !=
        APR_SUCCESS)
        return eb_check_blame(c, a->fit_at);
    s->trust = trust;
    a->output = s->destination;
    return eb_fitconnect_transport(&a->transport, s, &c->problem, p) == APR_SUCCESS ||
           eb_check_blame(c, a->fit_at);
}

apr_status_t eb_fitconnect_probe(apr_array_header_t *findings, const eb_authority_t *a,
                                 eb_problem_t **problem, apr_pool_t *p)
{
    return eb_fitconnect_check(findings, a->transport, a->fit->settings.schema, apr_time_now(),
                               NULL, problem, p);
}

void eb_fitconnect_certificates(eb_certificates_t *certificates, const eb_authority_t *a)
{
    eb_certificate_add(certificates, EB_CERTIFICATE_TRUST, a->fit->roots, a->id);
    eb_certificate_add(certificates, EB_CERTIFICATE_REVOKED, a->fit->crl, a->id);
    eb_certificate_add(certificates, EB_CERTIFICATE_TRUST, a->fit->settings.ca_file, a->id);
}
