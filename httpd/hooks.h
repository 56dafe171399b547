/* What the module record names: the functions that make and merge configurations, the directives,
 * and one registering function per topic. */
#ifndef EB_HOOKS_H
#define EB_HOOKS_H

#include <httpd.h>
#include <http_config.h>

void *eb_server_create(apr_pool_t *p, server_rec *s);
void *eb_server_merge(apr_pool_t *p, void *base, void *over);
void *eb_location_create(apr_pool_t *p, char *path);
void *eb_location_merge(apr_pool_t *p, void *base, void *over);
extern const command_rec eb_directives[];

void eb_startup_hooks(void);  /* startup.c: load and check everything, folders */
void eb_child_hooks(void);    /* child.c: connections and spools of a child */
void eb_ticker_hooks(void);   /* ticker.c: delivery in the background */
void eb_asset_hooks(void);    /* assets.c: style sheets and fonts */
void eb_route_hooks(void);    /* routes.c: the content handler */
void eb_callback_hooks(void); /* callback.c: FIT-Connect says that something has happened */
void eb_status_hooks(void);   /* status.c: the operator's page, and a section of server-status */

#endif
