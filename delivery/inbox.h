/* The folder that the transport `directory` delivers into, and the staging folder in it: everything
 * is written there, and becomes visible by being renamed. directory.c has the argument. Failures
 * are errno values. */
#ifndef EB_INBOX_H
#define EB_INBOX_H

#include "package.h"

/* A case's folder, opened; closed with its pool. */
typedef struct eb_inbox_t {
    const char *folder;
    int fd, staging;
} eb_inbox_t;

/* With `create` the staging folder is made where it is missing; without, ENOENT with fd >= 0 says
 * that it is. */
int eb_inbox_open(eb_inbox_t *inbox, const char *folder, bool create, apr_pool_t *pool);
/* Message, documents and mark are in the staging folder on return, and durable; otherwise none of
 * them is. *problem is set when the package failed, and not the folder. */
int eb_inbox_stage(const eb_inbox_t *inbox, const eb_package_t *package, eb_problem_t **problem,
                   apr_pool_t *pool);
bool eb_inbox_marked(const eb_inbox_t *inbox, const char *uuid, apr_pool_t *pool);
/* The staged documents become <folder>/<name>, durably, or have become it before. ENOENT: they are
 * in neither place while the message still waits for them. EEXIST: there is another <name>. */
int eb_inbox_place_documents(const eb_inbox_t *inbox, const char *uuid, const char *name,
                             apr_pool_t *pool);
/* The staged message becomes <folder>/<name>, durably, or has become it before. */
int eb_inbox_place_message(const eb_inbox_t *inbox, const char *uuid, const char *name);
void eb_inbox_unmark(const eb_inbox_t *inbox, const char *uuid, apr_pool_t *pool);

#endif
