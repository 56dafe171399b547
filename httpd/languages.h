/* The languages that a service can be had in: the catalogues that are installed, those that a place
 * offers, and the one that a request asks for. */
#ifndef EB_LANGUAGES_H
#define EB_LANGUAGES_H

#include "load.h"

#define EB_LANGUAGES_MAX 64

struct eb_languages_t {
    eb_speech_t *speeches; /* [0]: German */
    int count;
};

/* EinbuergerungLanguages */
const char *eb_languages_directive(cmd_parms *cmd, void *conf, int argc, char *const argv[]);

/* What the directives of all servers name is loaded even when much of it is missing. */
void eb_languages_want(eb_loader_t *loader, const server_rec *main_server);
apr_status_t eb_languages_load(const eb_languages_t **languages, eb_loader_t *loader,
                               const char *share, const eb_codelists_t *lists,
                               eb_problem_t **problem);
/* Those that a form at a place offers, German first, once its pages are made: what the directive
 * says, or else whatever is complete. */
apr_status_t eb_languages_offer(eb_form_use_t *use, const eb_server_t *server,
                                eb_problem_t **problem, apr_pool_t *pool);

/* By its code; NULL: not offered here. */
const eb_tongue_t *eb_tongue_find(const eb_form_use_t *use, const char *code, apr_size_t len);
/* What the browser asks for, by Accept-Language; German when it asks for none that there is. */
const eb_tongue_t *eb_tongue_wanted(const eb_form_use_t *use, const char *accept);

#endif
