/* What every file of this room includes: httpd, our module record, and the one way to the log.
 * (mod_einbuergerung.c does not: its AP_DECLARE_MODULE declares the log module itself.) */
#ifndef EB_GLUE_H
#define EB_GLUE_H

#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

#include "base/problem.h"
#include "config.h"
#include "hooks.h"

extern module AP_MODULE_DECLARE_DATA einbuergerung_module __attribute__((visibility("default")));
APLOG_USE_MODULE(einbuergerung);

/* Writes a problem as one line, "EBnnnn where: what. Remedy.". Levels: error = the operator must
 * act, warning = degraded, info = life cycle, debug = per request. */
void eb_log_request(request_rec *r, int level, const eb_problem_t *problem);
void eb_log_server(server_rec *s, int level, const eb_problem_t *problem);

#endif
