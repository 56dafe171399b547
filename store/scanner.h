/* Malware scanners: fed while a file streams in, asked for a verdict at its end. Only a scanner
 * that says so in so many words makes a file clean; everything else that can happen is "unknown".
 * Source: BSI TR-03172-3, A3.8.05; clamd(8), INSTREAM. */
#ifndef EB_SCANNER_H
#define EB_SCANNER_H

#include "base/flow.h"

typedef enum { EB_VERDICT_CLEAN, EB_VERDICT_FOUND, EB_VERDICT_UNKNOWN } eb_verdict_t;

/* One file being scanned; a sink that always takes: a scanner that goes away in the middle is told
 * by the verdict. */
typedef struct eb_scan_t eb_scan_t;
typedef struct eb_scanner_t eb_scanner_t;
struct eb_scan_t {
    eb_sink_t sink;
    const eb_scanner_t *scanner;
};

struct eb_scanner_t {
    const char *name; /* "clamd" */
    /* Never fails: what cannot be begun ends as UNKNOWN. The scan ends with `pool` at the latest.
     */
    eb_scan_t *(*begin)(const eb_scanner_t *self, apr_pool_t *pool);
    /* *problem says why a verdict is UNKNOWN, or what was FOUND (the scanner's name for it). */
    eb_verdict_t (*finish)(eb_scan_t *scan, eb_problem_t **problem, apr_pool_t *pool);
    apr_status_t (*ping)(const eb_scanner_t *self, eb_problem_t **problem, apr_pool_t *pool);
    void *data;
};

/* clamd at a unix socket, with INSTREAM; the scanner's data, read-only. Holds no connection between
 * scans; any number of threads may use it. */
typedef struct eb_clamd_t {
    const char *path;
    int connect_ms, send_ms, verdict_ms; /* to connect, for each send, for the verdict */
} eb_clamd_t;
/* With 1 s, 5 s and 120 s. */
eb_scanner_t *eb_clamd_scanner(const char *path, apr_pool_t *pool);

#endif
