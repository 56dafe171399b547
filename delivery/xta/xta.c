/* The settings, looked at once and as a whole: whatever would fail with the first application fails
 * at start, with the name of what is wrong. */
#include "xta.h"
#include "parts.h"
#include "base/utf8.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define RESERVE (1000 * 1000) /* for the application beside its documents, and frames */

/* Texts that a request cannot do without, or would not be valid with. */
typedef struct demand_t {
    const char *name, *value;
    bool needed, address; /* https, or else a text */
} demand_t;

static bool text_good(const char *text)
{
    for (const char *c = text; *c; c++)
        if (apr_iscntrl((unsigned char)*c))
            return false;
    return *text && eb_utf8_valid(text, strlen(text));
}

static bool address_good(const char *text)
{
    return strncmp(text, "https://", 8) == 0 && text[8] && !strpbrk(text, " \"<>\\^`{|}#");
}

static apr_status_t refuse(const char *name, const char *what, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_XTA_SETTING, APR_EINVAL, NULL, pool, "%s %s", name, what);
}

static apr_status_t check_texts(const eb_xta_settings_t *s, eb_problem_t **problem,
                                apr_pool_t *pool)
{
    const demand_t demands[] = {
        {"the management address", s->management_url, true, true},
        {"the send address", s->send_url, true, true},
        {"the mailbox address", s->msgbox_url, false, true},
        {"the certificate file", s->cert_file, true, false},
        {"the author's id", s->author.id, true, false},
        {"the author's type", s->author.type, false, false},
        {"the author's name", s->author.name, false, false},
        {"the author's category", s->author.category, false, false},
        {"the reader's id", s->reader.id, true, false},
        {"the reader's type", s->reader.type, false, false},
        {"the reader's name", s->reader.name, false, false},
        {"the reader's category", s->reader.category, false, false},
        {"the service", s->service, true, false},
        {"the business scenario", s->scenario.code, true, false},
        {"the business scenario's list", s->scenario.list, false, false},
        {"the version of the business scenario's list", s->scenario.version, s->scenario.list,
         false},
        {"the message type", s->message_type.code, true, false},
        {"the message type's list", s->message_type.list, true, false},
        {"the version of the message type's list", s->message_type.version, true, false},
        {"the payload schema", s->payload_schema, false, false},
        {"the subject", s->subject, false, false},
    };

    for (size_t i = 0; i < sizeof demands / sizeof *demands; i++) {
        const demand_t *d = &demands[i];
        if (!d->value && d->needed)
            return refuse(d->name, "is missing", problem, pool);
        if (d->value && d->address && !address_good(d->value))
            return refuse(d->name, "is not an https address", problem, pool);
        if (d->value && !d->address && !text_good(d->value))
            return refuse(d->name, "is empty, or has signs that XML cannot hold", problem, pool);
    }
    return APR_SUCCESS;
}

static apr_status_t check(const eb_xta_settings_t *s, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_status_t rv = check_texts(s, problem, pool);

    if (rv)
        return rv;
    if (s->key_digest && strcmp(s->key_digest, "sha1") && strcmp(s->key_digest, "sha256"))
        return refuse("the digest for keys", "is neither sha1 nor sha256", problem, pool);
    if (s->size_max && s->size_max < 2 * RESERVE)
        return refuse("the largest size", "leaves no room for documents", problem, pool);
    return APR_SUCCESS;
}

static void fill_in(eb_xta_settings_t *s)
{
    if (!s->user_agent)
        s->user_agent = "mod_einbuergerung/" EB_VERSION;
    if (!s->key_file)
        s->key_file = s->cert_file;
    if (!s->size_max)
        s->size_max = EB_XTA_SIZE_MAX;
    if (!s->connect_timeout)
        s->connect_timeout = apr_time_from_sec(10);
    if (!s->timeout)
        s->timeout = apr_time_from_sec(60);
    if (!s->poll)
        s->poll = apr_time_from_sec(30);
}

static apr_status_t read_reader(eb_xta_t *xta, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_status_t rv =
        eb_certificates_read(&xta->reader, xta->settings.reader_cert_file, problem, pool);

    for (int i = 0; !rv && i < xta->reader->nelts; i++)
        rv = eb_xmlenc_fit(&APR_ARRAY_IDX(xta->reader, i, eb_certificate_t), problem, pool);
    return rv;
}

/* Of several certificates in our own file, TLS shows the first; the others are its issuers'. */
static apr_status_t read_own(eb_xta_t *xta, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_status_t rv = eb_certificates_read(&xta->own, xta->settings.cert_file, problem, pool);

    if (!rv)
        xta->own->nelts = 1;
    return rv;
}

/* libcurl would look at these not before the first request. */
static apr_status_t check_files(const eb_xta_t *xta, eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_xta_settings_t *s = &xta->settings;
    const eb_certificate_t *own = &APR_ARRAY_IDX(xta->own, 0, eb_certificate_t);
    apr_status_t rv = eb_certificate_key(own, s->key_file, problem, pool);
    apr_array_header_t *roots;

    return rv || !s->ca_file ? rv : eb_certificates_read(&roots, s->ca_file, problem, pool);
}

apr_status_t eb_xta_transport(eb_transport_t **transport, const eb_xta_settings_t *settings,
                              eb_problem_t **problem, apr_pool_t *pool)
{
    eb_xta_t *xta = apr_pcalloc(pool, sizeof *xta);
    apr_status_t rv = check(settings, problem, pool);

    if (rv)
        return rv;
    xta->transport = (eb_transport_t){"xta", eb_xta_step, xta};
    xta->settings = *settings;
    fill_in(&xta->settings);
    xta->sha1 = settings->key_digest && !strcmp(settings->key_digest, "sha1");
    rv = read_own(xta, problem, pool);
    if (!rv && settings->reader_cert_file)
        rv = read_reader(xta, problem, pool);
    const eb_xta_settings_t *s = &xta->settings;
    const eb_http_settings_t http = {.user_agent = s->user_agent,
                                     .ca_file = s->ca_file,
                                     .cert_file = s->cert_file,
                                     .key_file = s->key_file,
                                     .proxy = s->proxy,
                                     .connect_timeout = s->connect_timeout,
                                     .timeout = s->timeout};
    if (!rv)
        rv = eb_http_create(&xta->http, &http, problem, pool);
    if (!rv)
        rv = check_files(xta, problem, pool);
    *transport = &xta->transport;
    return rv;
}

/* Encrypted, contents are in base64. */
apr_uint64_t eb_xta_documents_max(const eb_xta_settings_t *settings)
{
    const apr_uint64_t max = settings->size_max ? settings->size_max : EB_XTA_SIZE_MAX;

    return (settings->reader_cert_file ? max / 4 * 3 : max) - RESERVE;
}
