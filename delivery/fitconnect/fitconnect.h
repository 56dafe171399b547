/* FIT-Connect as a transport: the application goes, encrypted for one destination (Zustellpunkt),
 * through the Zustelldienst, and counts as delivered when that destination has signed for it.
 * Source: FITKO, FIT-Connect Submission API 1.1.3 (v1) and its successor v2. */
#ifndef EB_FITCONNECT_H
#define EB_FITCONNECT_H

#include "delivery/transport.h"
#include "jwk.h"

/* Where an environment is. Addresses that FITKO has not published are NULL: they have to be
 * configured. */
typedef struct eb_fitconnect_environment_t {
    const char *name; /* "test", "stage", "prod" */
    const char *token_url, *submission_url, *destination_url;
    bool self_signed; /* keys may vouch for themselves there: eb_trust_load() */
} eb_fitconnect_environment_t;
const eb_fitconnect_environment_t *eb_fitconnect_environment(const char *name); /* or NULL */

/* What NULL or 0 means is said at each member; without such a word it is an error. All texts must
 * live as long as the transport. Addresses are https and have no '/' at their end. */
typedef struct eb_fitconnect_settings_t {
    const char *destination; /* UUID */
    const char *client_id;
    const char *secret_file;     /* one line; at most 0640, like the key file */
    const char *token_url;       /* "https://auth….fitko.dev/token" */
    const char *submission_url;  /* without the version: "https://…/submission-api" */
    const char *destination_url; /* where keys are; NULL: the same */
    const char *issuer;          /* of the Zustelldienst's tokens; NULL: submission_url */
    const char *profile;         /* generation of the API; NULL: "v2" */
    const char *service;         /* "urn:de:fim:leika:leistung:99…" */
    const char *service_name;    /* of it, for people */
    const char *region;          /* "DE05711"; NULL: it is not named */
    const char *schema;          /* of the data; NULL: the message's namespace */
    const char *mime_type;       /* of the data; NULL: application/xml */
    const eb_trust_t *trust;
    const char *ca_file; /* for TLS, PEM; NULL: what the system trusts */
    const char *proxy; /* "http://proxy.example:3128"; NULL: none, whatever the environment says */
    const char *user_agent;                       /* NULL: product/version */
    apr_interval_time_t connect_timeout, timeout; /* 0: 10 s and 60 s */
    apr_interval_time_t poll;                     /* the first look at events again; 0: 30 s */
    const char *author; /* who sends: the operator of this server; NULL: product */
    const char *product, *version, *manufacturer; /* NULL: mod_einbuergerung, its version, … */
} eb_fitconnect_settings_t;

/* Reads the secret file (as root, at start), and nothing from the network. It is used in children
 * only, after the fork. EB_P_FIT_SETTING: what is missing or wrong in the settings. */
apr_status_t eb_fitconnect_transport(eb_transport_t **transport,
                                     const eb_fitconnect_settings_t *settings,
                                     eb_problem_t **problem, apr_pool_t *pool);

/* What the settings lead to, before the first application does: token, destination, key. Each
 * finding is what was found well, in order; the problem, if any, is what comes next.
 * APR_INCOMPLETE: all is well, but the key's certificate ends soon (EB_P_FIT_KEY_ENDS). `schema`:
 * of the message, where the settings name none; NULL: schemas are not compared. */
typedef eb_probe_t eb_fitconnect_finding_t; /* "token", "destination", "key", "schema" */
apr_status_t eb_fitconnect_check(apr_array_header_t *findings, const eb_transport_t *transport,
                                 const char *schema, apr_time_t now, const eb_stop_t *stop,
                                 eb_problem_t **problem, apr_pool_t *pool);

/* What a job of this transport remembers, for the operator's view: NULL members are not known yet.
 * APR_EINVAL: it is not such a memory. */
typedef struct eb_fitconnect_view_t {
    const char *submission, *case_id, *destination;
    bool rejected;
} eb_fitconnect_view_t;
apr_status_t eb_fitconnect_view(eb_fitconnect_view_t *view, const char *remote, apr_pool_t *pool);

#endif
