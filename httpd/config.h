/* What the directives say. Each struct has one table of its members, from which its fields, their
 * creation, their merging and their defaults are made. Beside each member stands the directive that
 * set it: NULL there means unset, so that a vhost can set anything back to its default, and a
 * message can name the line. */
#ifndef EB_CONFIG_H
#define EB_CONFIG_H

#include <apr_hash.h>
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>

#include "delivery/transport.h"
#include "message/message.h"
#include "page/page.h"
#include "store/redis.h"
#include "store/scanner.h"

#ifndef EB_SHARE
#define EB_SHARE "/usr/share/mod_einbuergerung"
#endif
#define EB_SPOOL "/var/lib/einbuergerung/spool"

#define EB_MEMBER(type, name, fallback)                                                            \
    type name;                                                                                     \
    const ap_directive_t *name##_at;

typedef struct eb_authority_t eb_authority_t;
typedef struct eb_form_use_t eb_form_use_t;
typedef struct eb_server_t eb_server_t;
struct eb_keys_t;  /* load.h */
struct eb_theme_t; /* assets.h */
struct eb_start_t; /* startup.h */
struct eb_redis_slot_t;
struct eb_depot_t;

typedef struct eb_author_t {
    const char *id, *name; /* NULL = made from authority and ServerName */
} eb_author_t;

/* EinbuergerungVirusScan: what becomes of a file that no scanner has found clean. */
typedef enum {
    EB_SCAN_REQUIRED, /* it is kept, and the application waits */
    EB_SCAN_OPTIONAL, /* it goes as unscanned */
    EB_SCAN_OFF       /* none is asked */
} eb_scan_mode_t;

typedef struct eb_virus_scan_t {
    eb_scan_mode_t mode;
    const char *socket; /* clamd's */
} eb_virus_scan_t;
extern const eb_virus_scan_t eb_virus_scan_default;

/* EinbuergerungOutbox: where accepted applications wait. */
typedef struct eb_outbox_choice_t {
    bool redis; /* in EinbuergerungRedis; else in EinbuergerungSpool */
    int lease;  /* redis: seconds after which another node takes a job over */
} eb_outbox_choice_t;
extern const eb_outbox_choice_t eb_outbox_default;

#define EB_MEBIBYTE    (1024 * 1024)
#define EB_FILE_SIZE   (10 * EB_MEBIBYTE) /* EinbuergerungFileSize */
#define EB_FILES_SIZE  (80 * EB_MEBIBYTE) /* EinbuergerungFilesSize */
#define EB_FILES_COUNT 30                 /* EinbuergerungFilesCount */

/* --- the server: global, and per vhost --- */

/* clang-format off */
#define EB_SERVER_MEMBERS(M)                                                                      \
    M(const char *,               redis_text,  NULL) /* as written: two vhosts share a pool */    \
    M(const eb_redis_address_t *, redis,       NULL)                                              \
    M(const char *,               key_file,    NULL)                                              \
    M(const eb_outbox_choice_t *, outbox,      &eb_outbox_default)                                \
    M(const char *,               spool,       EB_SPOOL)                                          \
    M(const char *,               share,       EB_SHARE)                                          \
    M(int,                        test,        0)                                                 \
    M(const eb_author_t *,        author,      NULL)                                              \
    M(const eb_virus_scan_t *,    virus_scan,  &eb_virus_scan_default)                            \
    M(apr_int64_t,                file_size,   EB_FILE_SIZE)                                      \
    M(apr_int64_t,                files_size,  EB_FILES_SIZE)                                     \
    M(int,                        files_count, EB_FILES_COUNT)                                    \
    M(const apr_array_header_t *, languages,   NULL) /* codes; NULL: the complete ones */         \
    M(apr_hash_t *,               authorities, NULL) /* id -> eb_authority_t */
/* clang-format on */

struct eb_server_t {
    EB_SERVER_MEMBERS(EB_MEMBER)
    const eb_server_t *outer;   /* the main server, seen from a vhost */
    const eb_authority_t *only; /* the authority, where there is exactly one */
    apr_array_header_t *uses;   /* of eb_form_use_t *: EinbuergerungForm lines of this section */

    /* made by startup.c */
    const struct eb_keys_t *keys;
    struct eb_redis_slot_t *redis_slot;
    struct eb_depot_t *depot;
    const eb_scanner_t *scanner; /* NULL: none is asked */
    eb_upload_limits_t limits;
    struct eb_start_t *start; /* of the main server: everything that was loaded */
};

eb_server_t *eb_server_of(const server_rec *s);
/* By its id: the vhost's own, else the main server's. NULL when there is none. */
eb_authority_t *eb_server_authority(const eb_server_t *server, const char *id);
/* Who a message to this authority comes from: EinbuergerungAuthor, or what stands in for it. */
eb_party_t eb_author_party(const server_rec *s, const eb_authority_t *authority, apr_pool_t *p);

/* --- a section <EinbuergerungAuthority ID> --- */

/* clang-format off */
#define EB_AUTHORITY_MEMBERS(M)                                                                   \
    M(const char *, name,          NULL)                                                          \
    M(const char *, address,       NULL) /* lines, by '\n' */                                     \
    M(const char *, phone,         NULL)                                                          \
    M(const char *, mail,          NULL)                                                          \
    M(const char *, hours,         NULL)                                                          \
    M(const char *, imprint,       NULL)                                                          \
    M(const char *, privacy,       NULL)                                                          \
    M(const char *, accessibility, NULL)                                                          \
    M(const char *, easy,          NULL) /* in Leichte Sprache */                                 \
    M(const char *, sign,          NULL) /* in Deutsche Gebärdensprache */                        \
    M(const char *, languages,     NULL) /* in other languages */                                 \
    M(const char *, reader,        NULL)                                                          \
    M(const char *, output,        NULL) /* where to: a folder, a destination */                  \
    M(struct eb_fit_output_t *, fit, NULL) /* EinbuergerungFitConnect */                          \
    M(struct eb_xta_output_t *, xta, NULL) /* EinbuergerungXta */                                 \
    M(const char *, xslt,          NULL)                                                          \
    M(const char *, xsd,           NULL)                                                          \
    M(const char *, catalog,       NULL)                                                          \
    M(const char *, reply_xsd,     NULL) /* of what it answers */
/* clang-format on */

struct eb_authority_t {
    const char *id;  /* AGS, or ARS */
    const char *ags; /* of 8 digits */
    const ap_directive_t *at;
    EB_AUTHORITY_MEMBERS(EB_MEMBER)
    const ap_directive_t *message_at;    /* EinbuergerungMessage */
    const struct eb_output_kind_t *kind; /* EinbuergerungOutput */

    /* made by startup.c */
    const eb_site_t *site[2]; /* [1]: of a test installation */
    const eb_profile_t *profile;
    eb_transport_t *transport;
    apr_uint64_t carries; /* bytes of documents that the way out takes; 0: any */
    eb_party_t reader_party;
    eb_authority_t *replies;  /* the part of the outbox for its answers; NULL: none are fetched */
    const eb_authority_t *of; /* whose answers; NULL: this is an authority */
};

/* --- a <Location> --- */

/* One EinbuergerungForm line: a form at a place. */
struct eb_form_use_t {
    const char *name; /* as written */
    const char *base; /* "/antrag", "" for the whole server */
    apr_size_t base_len;
    const ap_directive_t *at;
    ap_conf_vector_t *section; /* of the Location it stands in */

    /* made by startup.c */
    const struct eb_edition_t *edition; /* the current one, the earlier ones behind it */
    const struct eb_theme_t *theme;
    const char *asset_base;     /* "/antrag/-/1a2b3c4d" */
    const char *cookie;         /* "eb-<form>" */
    const eb_tongue_t *tongues; /* languages offered here, German first */
    int tongues_count;
    const char *neighbour; /* base of the Quick-Check here, or of the application it is for */
};

#define EB_LOCATION_MEMBERS(M)                                                                     \
    M(eb_form_use_t *, use, NULL)                                                                  \
    M(const char *, authority, NULL) /* EinbuergerungUseAuthority */

typedef struct eb_location_t {
    EB_LOCATION_MEMBERS(EB_MEMBER)
    eb_authority_t *block; /* while a section <EinbuergerungAuthority> is read: that one */
} eb_location_t;

eb_location_t *eb_location_of(const request_rec *r);
const char *eb_where(const ap_directive_t *at, apr_pool_t *p); /* "file:line"; NULL for NULL */

/* The values that count: what was set, else the default of the table: eb_server_spool(c) … */
#define EB_GETTER(type, name, fallback)                                                            \
    static inline type eb_server_##name(const eb_server_t *c)                                      \
    {                                                                                              \
        return c->name##_at != NULL ? c->name : (fallback);                                        \
    }
EB_SERVER_MEMBERS(EB_GETTER)
#undef EB_GETTER

#endif
