/* Everything that is loaded once per (re)start and then shared, read-only, by all vhosts that name
 * the same file: key files, code lists, forms with their pages, message profiles, style sheets. */
#ifndef EB_LOAD_H
#define EB_LOAD_H

#include "glue.h"
#include "base/seal.h"
#include "message/reply.h"

typedef struct eb_keys_t {
    eb_keyring_t *ring;
    unsigned char (*tickets)[EB_KEY_LEN]; /* by key of the file: the first signs pages' tickets, all
                                             of them are known */
    int tickets_count;
    const char *file;
} eb_keys_t;

/* One edition of a form. Whoever is filling in an earlier one when the form changes goes on with
 * it: <name>@<anything>.xml beside <name>.xml. */
typedef struct eb_edition_t eb_edition_t;
struct eb_edition_t {
    eb_form_t *form;
    eb_pages_t *pages;
    eb_edition_t *earlier; /* the next of them, in no order; NULL = no more */
    eb_edition_t **in;     /* the same in each language that is loaded; [0]: German */
    int count;
};

typedef struct eb_languages_t eb_languages_t; /* languages.h */

typedef struct eb_asset_t {
    const char *type; /* media type */
    bool gz;          /* <name>.gz lies beside it */
} eb_asset_t;

typedef struct eb_theme_t {
    const char *folder;
    const char *hash;  /* 8 hex digits over all names and contents */
    apr_hash_t *files; /* name -> eb_asset_t */
} eb_theme_t;

typedef struct eb_loader_t {
    apr_pool_t *pool;
    apr_hash_t *keys, *lists, *forms, *profiles, *rules, *themes,
        *languages;     /* by file name or folder */
    apr_hash_t *wanted; /* codes of languages that a directive names */
    bool want_all;      /* some server names none, and so offers all */
} eb_loader_t;

eb_loader_t *eb_loader_new(apr_pool_t *pool);
apr_status_t eb_load_keys(const eb_keys_t **keys, eb_loader_t *loader, const char *file,
                          eb_problem_t **problem);
/* The current edition, with the earlier ones behind it. `name` is a form of `share`, or a file
 * below ServerRoot. */
apr_status_t eb_load_form(const eb_edition_t **form, eb_loader_t *loader, const char *share,
                          const char *name, eb_problem_t **problem);
apr_status_t eb_load_profile(const eb_profile_t **profile, eb_loader_t *loader, const char *xslt,
                             const char *xsd, const char *catalog, eb_problem_t **problem);
apr_status_t eb_load_reply_rules(const eb_reply_rules_t **rules, eb_loader_t *loader,
                                 const char *xsd, const char *catalog, eb_problem_t **problem);
/* theme.c. A theme that cannot be read is empty: pages work without style. */
apr_status_t eb_load_theme(const eb_theme_t **theme, eb_loader_t *loader, const char *share,
                           eb_problem_t **problem);

#endif
