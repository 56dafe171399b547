/* JSON, as this room writes it. */
#ifndef EB_JSON_H
#define EB_JSON_H

#include "status.h"

#include <jansson.h>

/* NULL becomes null. Names of files may be anything, JSON is UTF-8: other bytes become '?'. */
json_t *eb_json_text(const char *text, apr_pool_t *p);
/* Writes the document, a line each, and lets go of it; NULL is APR_ENOMEM. */
apr_status_t eb_json_write(eb_buf_t *out, json_t *json);
json_t *eb_json_reasons(const eb_status_t *status); /* status_health.c */

#endif
