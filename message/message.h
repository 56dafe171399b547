/* From answers to a standard message: the pruned instance and the header facts become one XML
 * document, an XSLT 1.0 stylesheet maps it, an XSD set checks the result. Stylesheet and XSD are
 * compiled once (read-only afterwards); nothing is fetched from a network. Sources: XÖV-Rahmenwerk,
 * Basisnachricht g2g 1.1; DIN 91379. */
#ifndef EB_MESSAGE_H
#define EB_MESSAGE_H

#include "form/xpath.h"

#include <apr_hash.h>
#include <libxml/tree.h>

typedef struct eb_profile_t eb_profile_t;

/* `xslt` and `xsd` are file names, `catalog` an OASIS catalog or NULL. Nothing but local files is
 * opened; the stylesheet is one file, and runs later without access to any. */
apr_status_t eb_profile_load(eb_profile_t **profile, const char *xslt, const char *xsd,
                             const char *catalog, eb_problem_t **problem, apr_pool_t *pool);

typedef struct eb_party_t { /* leser, autor */
    const char *directory;  /* verzeichnisdienst code, "DVDV" */
    const char *id;         /* "ebb:05711000" */
    const char *name;
    const char *mail, *phone; /* NULL = none */
} eb_party_t;

typedef struct eb_header_t {
    const char *uuid, *number; /* nachrichtenUUID = submission UUID; Vorgangsnummer */
    apr_time_t created;
    eb_party_t reader, author;
    const char *ags; /* of the authority */
    const char *form_version, *form_hash;
    bool test;
    apr_hash_t *sha512; /* of every file that applies: its id -> 128 hex digits; NULL without any */
} eb_header_t;

/* Whether the settings in a header can stand in a message: call it when httpd starts, so that no
 * applicant finds out. Looks at the parties and `ags` only. APR_EINVAL names the text at fault. */
apr_status_t eb_header_check(const eb_header_t *header, eb_problem_t **problem, apr_pool_t *pool);

/* *xml (in the pool) is a validated UTF-8 document. APR_EINVAL with EB_P_MESSAGE_INVALID names
 * element and rule, never the value. */
apr_status_t eb_message_build(const char **xml, apr_size_t *len, const eb_profile_t *profile,
                              const eb_header_t *header, const eb_context_t *c,
                              eb_problem_t **problem, apr_pool_t *pool);

/* The stylesheet's input: <vorgang><kopf>…</kopf><einbuergerungsantrag>…only what applies and is
 * answered…</einbuergerungsantrag></vorgang>, named like the form's root. Every field says its type
 * in `typ` ("datatypeA", "partialDate", "code" …); codes carry listURI, listVersionID and name, and
 * a field with several chosen codes is there once for each. A field of files ("files") has its kind
 * in `art` and an element `datei` for each, numbered as eb_documents_list() does; APR_EINVAL with
 * EB_P_MESSAGE_DIGEST when the header has no digest of one. Calculated fields are taken as they
 * are: run eb_rules_calculate before. Freed with xmlFreeDoc by the caller. */
apr_status_t eb_message_source(xmlDocPtr *doc, const eb_header_t *header, const eb_context_t *c,
                               eb_problem_t **problem, apr_pool_t *pool);

#endif
