/* EinbuergerungXta name=value …: the three ports of an XTA server, who we are there, who the reader
 * is, and how the message is called. All files are read at start, as root; the network is not asked
 * before the first application leaves. */
#include "xta.h"

#include "certificates.h"
#include "options.h"
#include "output.h"

#define EXAMPLE                                                                                    \
    "management-url=https://gateway.example/management send-url=https://gateway.example/send "     \
    "cert-file=/etc/apache2/einbuergerung/xta.pem service=urn:… scenario=… message-type=…"

#define ROW(name, kind, member)  EB_OPTION(name, kind, eb_xta_output_t, member)
#define SPAN(name, member, most) EB_OPTION_SPAN(name, eb_xta_output_t, member, most)

static const eb_option_t options[] = {
    ROW("management-url", EB_OPTION_HTTPS, settings.management_url),
    ROW("send-url", EB_OPTION_HTTPS, settings.send_url),
    ROW("msgbox-url", EB_OPTION_HTTPS, settings.msgbox_url),
    ROW("cert-file", EB_OPTION_FILE, settings.cert_file),
    ROW("key-file", EB_OPTION_FILE, settings.key_file),
    ROW("ca-file", EB_OPTION_FILE, settings.ca_file),
    ROW("proxy", EB_OPTION_PROXY, settings.proxy),
    ROW("user-agent", EB_OPTION_TEXT, settings.user_agent),
    ROW("author", EB_OPTION_WORD, settings.author.id),
    ROW("author-type", EB_OPTION_WORD, settings.author.type),
    ROW("author-name", EB_OPTION_TEXT, settings.author.name),
    ROW("author-category", EB_OPTION_TEXT, settings.author.category),
    ROW("reader", EB_OPTION_WORD, settings.reader.id),
    ROW("reader-type", EB_OPTION_WORD, settings.reader.type),
    ROW("reader-name", EB_OPTION_TEXT, settings.reader.name),
    ROW("reader-category", EB_OPTION_TEXT, settings.reader.category),
    ROW("service", EB_OPTION_WORD, settings.service),
    ROW("scenario", EB_OPTION_WORD, settings.scenario.code),
    ROW("scenario-list", EB_OPTION_WORD, settings.scenario.list),
    ROW("scenario-version", EB_OPTION_WORD, settings.scenario.version),
    ROW("message-type", EB_OPTION_WORD, settings.message_type.code),
    ROW("message-type-list", EB_OPTION_WORD, settings.message_type.list),
    ROW("message-type-version", EB_OPTION_WORD, settings.message_type.version),
    ROW("payload-schema", EB_OPTION_WORD, settings.payload_schema),
    ROW("subject", EB_OPTION_TEXT, settings.subject),
    ROW("note-first", EB_OPTION_FLAG, settings.note_first),
    ROW("reader-cert-file", EB_OPTION_FILE, settings.reader_cert_file),
    ROW("key-digest", EB_OPTION_WORD, settings.key_digest),
    ROW("size-max", EB_OPTION_SIZE, size_max),
    SPAN("connect-timeout", settings.connect_timeout, 120),
    SPAN("timeout", settings.timeout, 600),
    SPAN("poll", settings.poll, 3600),
    SPAN("msgbox-fetch", fetch, 86400),
    ROW("msgbox-unknown", EB_OPTION_WORD, unknown),
    {.name = NULL},
};

/* Who asks for the list must know its version, too. */
static const char *lacks(cmd_parms *cmd, const eb_xta_settings_t *s)
{
    const struct {
        const char *name, *value;
        bool needed;
    } demands[] = {
        {"management-url=", s->management_url, true},
        {"send-url=", s->send_url, true},
        {"cert-file=", s->cert_file, true},
        {"service=", s->service, true},
        {"scenario=", s->scenario.code, true},
        {"scenario-version=", s->scenario.version, s->scenario.list != NULL},
        {"message-type=", s->message_type.code, true},
        {"message-type-list=", s->message_type.list, true},
        {"message-type-version=", s->message_type.version, true},
    };

    for (apr_size_t i = 0; i < sizeof(demands) / sizeof(demands[0]); i++)
        if (demands[i].needed && demands[i].value == NULL)
            return eb_complain(cmd, EXAMPLE, "%s is missing", demands[i].name);
    return NULL;
}

/* An end of the way is called as in the DVDV, unless its type says otherwise. */
static const char *misnamed(cmd_parms *cmd, const char *name, const eb_xta_party_t *party)
{
    if (party->id == NULL || eb_is_kennung(party->id) ||
        (party->type != NULL && strcmp(party->type, "xoev") != 0))
        return NULL;
    return eb_complain(cmd, EXAMPLE,
                       "%s=%s is not of the form prefix:value; if it is of another kind, %s-type= "
                       "must say so",
                       name, party->id, name);
}

/* What becomes of messages that are about none of our applications. */
static const char *read_unknown(eb_xta_output_t *xta, cmd_parms *cmd)
{
    xta->leave = xta->unknown != NULL && strcmp(xta->unknown, "leave") == 0;
    if (xta->unknown != NULL && !xta->leave && strcmp(xta->unknown, "keep") != 0)
        return eb_complain(cmd, EXAMPLE, "msgbox-unknown=%s is neither keep nor leave",
                           xta->unknown);
    if (xta->settings.msgbox_url == NULL && (xta->unknown != NULL || xta->fetch != 0))
        return eb_complain(cmd, EXAMPLE, "msgbox-fetch= and msgbox-unknown= need msgbox-url=");
    return NULL;
}

const char *eb_xta_directive(cmd_parms *cmd, void *conf, int argc, char *const argv[])
{
    eb_authority_t *authority = eb_authority_of(conf);
    eb_xta_output_t *xta = apr_pcalloc(cmd->pool, sizeof(*xta));
    const char *error = eb_authority_misplaced(cmd, conf);

    if (error == NULL)
        error = eb_twice(cmd, authority->xta_at);
    if (error == NULL)
        error = eb_options_read(xta, options, EXAMPLE, cmd, argc, argv);
    if (error == NULL)
        error = lacks(cmd, &xta->settings);
    if (error == NULL)
        error = misnamed(cmd, "author", &xta->settings.author);
    if (error == NULL)
        error = misnamed(cmd, "reader", &xta->settings.reader);
    if (error == NULL)
        error = read_unknown(xta, cmd);
    if (error != NULL)
        return error;
    xta->settings.size_max = (apr_uint64_t)xta->size_max;
    EB_SET(authority, xta, xta);
    return NULL;
}

/* An end of the way is who it is in the message's header, where nothing else is said. */
static void name_party(eb_xta_party_t *party, const eb_party_t *header)
{
    if (party->id == NULL)
        party->id = header->id;
    if (party->name == NULL)
        party->name = header->name;
}

bool eb_xta_open(eb_check_t *c, eb_authority_t *a)
{
    apr_pool_t *p = c->start->pool;
    const eb_party_t author = eb_author_party(c->s, a, p);
    eb_xta_settings_t *s;

    if (a->xta == NULL)
        return eb_check_missing(c, a->output_at, "EinbuergerungXta", EXAMPLE);
    s = &a->xta->settings;
    name_party(&s->author, &author);
    name_party(&s->reader, &a->reader_party);
    s->test = eb_server_test(c->server) != 0;
    a->output = s->reader.id;
    a->carries = eb_xta_documents_max(s);
    return eb_xta_transport(&a->transport, s, &c->problem, p) == APR_SUCCESS ||
           eb_check_blame(c, a->xta_at);
}

apr_status_t eb_xta_probe(apr_array_header_t *findings, const eb_authority_t *a,
                          eb_problem_t **problem, apr_pool_t *p)
{
    return eb_xta_check(findings, a->transport, apr_time_now(), NULL, problem, p);
}

void eb_xta_certificates(eb_certificates_t *certificates, const eb_authority_t *a)
{
    const eb_xta_settings_t *s = &a->xta->settings;

    eb_certificate_add(certificates, EB_CERTIFICATE_OWN, s->cert_file, a->id);
    eb_certificate_add(certificates, EB_CERTIFICATE_READER, s->reader_cert_file, a->id);
    eb_certificate_add(certificates, EB_CERTIFICATE_TRUST, s->ca_file, a->id);
}
