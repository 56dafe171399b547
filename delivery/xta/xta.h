/* XTA 2 as a transport: the application goes as one message to an XTA server, the way into the
 * OSCI gateways, which carries it on to the authority. It counts as delivered when the server's
 * transport report is green.
 * Source: KoSIT, XTA Webservice 2.1.1 (WSDL, namespace http://xoev.de/transport/xta/211). */
#ifndef EB_XTA_H
#define EB_XTA_H

#include "delivery/transport.h"

#define EB_XTA_SIZE_MAX (40 * 1000 * 1000)

/* An end of the way: "eip:053340002002" of type "xoev". */
typedef struct eb_xta_party_t {
    const char *id;
    const char *type;     /* NULL: "xoev"; some gateways want "XTA_ID" */
    const char *name;     /* for people; NULL: none */
    const char *category; /* its role, "Einbürgerungsbehörde"; NULL: none */
} eb_xta_party_t;

/* A code of a list: "urn:de:xta:codeliste:business.scenario", "1". */
typedef struct eb_xta_code_t {
    const char *code, *list, *version;
} eb_xta_code_t;

/* What NULL or 0 means is said at each member; without such a word it is an error. All texts must
 * live as long as the transport. Addresses are https, files are PEM. */
typedef struct eb_xta_settings_t {
    const char *management_url, *send_url;
    const char *msgbox_url;           /* NULL: answers are not fetched */
    const char *cert_file, *key_file; /* our own, which the server knows; key NULL: in cert_file */
    const char *ca_file;              /* for TLS; NULL: what the system trusts */
    const char *proxy;                /* NULL: none, whatever the environment says */
    const char *user_agent;           /* NULL: product/version */
    eb_xta_party_t author, reader;
    const char *service;          /* the DVDV's URI: "http://…/….wsdl" */
    eb_xta_code_t scenario;       /* list NULL: an undefined one */
    eb_xta_code_t message_type;   /* all three */
    const char *payload_schema;   /* NULL: the message's namespace */
    const char *subject;          /* the number follows; NULL: "Einbürgerungsantrag" */
    bool test;                    /* marks messages as tests */
    bool note_first;              /* a line of text is Message, and the application the first
                                     Attachment; else the application is Message */
    const char *reader_cert_file; /* contents are encrypted for it, of several for the newest that
                                     is valid; NULL: they are not */
    const char *key_digest;       /* of RSA-OAEP: "sha1" for readers that know no other;
                                     NULL: "sha256" */
    apr_uint64_t size_max;        /* of all contents as they are sent; 0: EB_XTA_SIZE_MAX */
    apr_interval_time_t connect_timeout, timeout; /* 0: 10 s and 60 s */
    apr_interval_time_t poll; /* the first look at the report; 0: 30 s. Doubles to an hour */
} eb_xta_settings_t;

/* Reads the certificates (as root, at start), and nothing from the network. It is used in children
 * only, after the fork. EB_P_XTA_SETTING: what is missing or wrong in the settings;
 * EB_P_XTA_CERTIFICATE: of a certificate. One that is out of date is no reason not to start. */
apr_status_t eb_xta_transport(eb_transport_t **transport, const eb_xta_settings_t *settings,
                              eb_problem_t **problem, apr_pool_t *pool);

/* How many bytes of documents fit into one message, beside an application of a MB: what may be
 * uploaded at most. */
apr_uint64_t eb_xta_documents_max(const eb_xta_settings_t *settings);

/* What the settings lead to, before the first application does. Each finding is what was found
 * well, in order; the problem, if any, is what comes next. */
typedef eb_probe_t eb_xta_finding_t; /* "account", "service", "certificate" */
apr_status_t eb_xta_check(apr_array_header_t *findings, const eb_transport_t *transport,
                          apr_time_t now, const eb_stop_t *stop, eb_problem_t **problem,
                          apr_pool_t *pool);

/* What a job of this transport remembers, for the operator's view: NULL members are not known yet.
 * APR_EINVAL: it is not such a memory. */
typedef struct eb_xta_view_t {
    const char *message; /* its id at the XTA server */
    const char *light;   /* of the last report: "open", "green", "yellow", "red" */
} eb_xta_view_t;
apr_status_t eb_xta_view(eb_xta_view_t *view, const char *remote, apr_pool_t *pool);

#endif
